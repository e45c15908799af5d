// Campaigns with real daemons and a real carrier: rate, canary, pause, stop, several daemons, kill -9; nobody gets a
// reminder twice.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUREAU, Program, World, build, freePort, root, run } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';

const Y = ['--bureau', 'yiyuan'];
// A bureau that may send in one minute of the day only, half a day from now.
const minute = new Date(Date.now() + (8 + 12) * 3600000).toISOString().slice(11, 13);
const SHORT = BUREAU.replace('"yiyuan"', '"wenchang"').replace('id = 1', 'id = 2').replace('"10690001"', '"10690002"')
	.replace('"00:00-24:00"', `"${minute}:00-${minute}:01"`);

let w;
before(async () => { w = await World.start({ bureaus: BUREAU + SHORT, link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\treceipt_wait_seconds = 1' }); });
after(async () => { await w?.stop(); });

// n holders of one tag, imported; each campaign of these tests has its own tag.
let index = 300;
async function crowd(tag, n, bureau = 'yiyuan', days = 25) {
	const list = Array.from({ length: n }, () => holder(index++, { tags: tag, days }));
	await w.must('import', 'licences', w.csv(`${tag}.csv`, list.flatMap((h) => h.rows.map((r) => [bureau, ...r.slice(1)]))));
	return list;
}
async function create(tag, ...more) {
	const c = await w.json('campaign', 'create', tag, '--tag', tag, ...more, ...Y);
	return String(c.id);
}
const campaign = (verb, id, ...more) => w.json('campaign', verb, id, ...more, ...Y);
const done = (id, daemon = w.daemon) => daemon.line(new RegExp(`campaign=${id} done`));
const phones = (list) => list.map((h) => `'${h.e164}'`).join(',');
// How often each got a reminder, as the carrier saw it.
async function received(list) {
	const all = await Promise.all(list.map((h) => w.texts(h.e164)));
	return all.map((texts) => texts.filter((t) => t.direction === 'received' && /回复 ?Y/.test(t.text)).length);
}
const until = (check, what) => w.until(check, what);
async function refuses(pattern, ...args) {
	const r = await w.cli('campaign', ...args, ...Y);
	assert.equal(r.code, 1, r.stdout);
	assert.match(r.stderr, pattern);
}

test('a rate is kept: never more texts in a second than it allows, and all arrive', async () => {
	const list = await crowd('速度', 12);
	const id = await create('速度', '--rate', '4');
	const before = await campaign('show', id);
	assert.deepEqual([before.status, before.audience, before.sent, before.rate], ['draft', 12, 0, 4]);
	const asked = Date.now(), told = await campaign('start', id), heard = Date.now();
	assert.equal(told.status, 'running');
	assert.deepEqual(told.warnings, []);
	const seconds = (new Date(told.estimated_end) - asked) / 1000;
	assert.ok(seconds > 0 && seconds < 10 + (heard - asked) / 1000, `12 texts at 4 a second end in ${seconds} s`);
	await done(id);
	assert.deepEqual(await received(list), list.map(() => 1));
	// One text a claim, and a claim each quarter of a second: the times of the database, which gave them out.
	const times = (await w.sql(`SELECT extract(epoch FROM min(created_at)) FROM message_part WHERE phone IN (${phones(list)}) GROUP BY message_id ORDER BY 1`))
		.split('\n').map(Number);
	assert.equal(times.length, 12);
	for (let i = 1; i < times.length; i++) assert.ok(times[i] - times[i - 1] >= 0.249, `texts ${i} and ${i + 1} are ${times[i] - times[i - 1]} s apart`);
	await until(async () => (await campaign('show', id)).delivered === 12, '12 receipts');
	const shown = await campaign('show', id);
	assert.deepEqual([shown.status, shown.audience, shown.queued, shown.sent, shown.failed, shown.estimated_end], ['done', 12, 0, 12, 0, null]);
	assert.ok(shown.ended_at);
	await refuses(/is done; only a draft can be started/, 'start', id);
	await refuses(/is done; only a running one can be paused/, 'pause', id);
	await refuses(/is done; it is over/, 'stop', id);
});

test('a larger rate goes in slices of a tenth', async () => {
	const list = await crowd('切片', 45);
	const id = await create('切片', '--rate', '100');
	await campaign('start', id);
	await done(id);
	assert.deepEqual(await received(list), list.map(() => 1));
	const claims = (await w.sql(`SELECT extract(epoch FROM created_at) || ' ' || count(DISTINCT message_id) FROM message_part WHERE phone IN (${phones(list)}) GROUP BY created_at ORDER BY created_at`))
		.split('\n').map((l) => l.split(' ').map(Number));
	assert.ok(claims.every(([, n]) => n <= 10), JSON.stringify(claims));
	for (let i = 1; i < claims.length; i++) assert.ok(claims[i][0] - claims[i - 1][0] >= 0.099, JSON.stringify(claims));
});

test('a canary is sent and held; resume lets the others go; answers are counted', async () => {
	const list = await crowd('金丝雀', 8);
	const id = await create('金丝雀', '--canary', '3');
	await campaign('start', id);
	await w.daemon.line(new RegExp(`campaign=${id} held after its canary`));
	const held = await until(async () => { const c = await campaign('show', id); return c.delivered === 3 && c; }, 'three receipts');
	assert.deepEqual([held.status, held.audience, held.queued, held.sent], ['canary', 8, 5, 3]);
	assert.match(await w.must('campaign', 'show', id, ...Y), /held after its first 3 texts: 3 delivered, 0 failed, 0 without a receipt yet/);
	await refuses(/is canary; it is held already/, 'pause', id);
	await refuses(/is canary; only a draft can be started/, 'start', id);
	// Those who have the text answer it: the talk goes on, the others still wait.
	const counts = await received(list);
	const first = list.filter((_, i) => counts[i] === 1);
	assert.equal(first.length, 3);
	for (const [h, say, answer] of [[first[0], 'Y', /核实身份/], [first[1], 'N', /不办理/], [first[2], '停止', /不再给您发提醒/]]) {
		await w.next(h.e164);
		await w.say(h.e164, say, answer);
	}
	assert.deepEqual((await received(list)).reduce((a, b) => a + b), 3, 'nothing goes while it is held');
	await campaign('resume', id);
	await done(id);
	assert.deepEqual(await received(list), list.map(() => 1));
	const shown = await campaign('show', id);
	assert.deepEqual([shown.answered, shown.yes, shown.no, shown.stop, shown.not_me], [3, 1, 1, 1, 0]);
	const listed = (await w.json('campaign', 'list', ...Y)).find((c) => String(c.id) === id);
	assert.deepEqual([listed.audience, listed.queued, listed.sent, listed.answered], [8, 0, 8, 3]);
});

test('a pause holds what has not left, and resume sends it, written anew', async () => {
	const list = await crowd('暂停', 60);
	const id = await create('暂停', '--rate', '1');
	await campaign('start', id);
	await until(async () => (await received(list)).reduce((a, b) => a + b) >= 2, 'two texts');
	await campaign('pause', id);
	await refuses(/is paused; only a running one can be paused/, 'pause', id);
	// What had been queued is taken back: its applications are due again, its texts cancelled, the talks not begun.
	await until(async () => await w.sql(`SELECT count(*) FROM outbox WHERE campaign_id = ${id}`) === '0', 'an empty queue');
	const state = (await campaign('show', id));
	assert.equal(state.status, 'paused');
	assert.equal(state.queued + state.sent, 60);
	assert.ok(state.queued > 0, 'something was left');
	assert.equal(Number(await w.sql(`SELECT count(*) FROM application a JOIN conversation c ON c.id = a.conversation_id WHERE c.campaign_id = ${id} AND a.status = 'due'`)), state.queued);
	assert.equal(Number(await w.sql(`SELECT count(*) FROM conversation WHERE campaign_id = ${id} AND step = '' AND deadline_at IS NULL AND open`)), state.queued);
	const given = () => w.sql(`SELECT count(*) FROM message_part WHERE phone IN (${phones(list)})`);
	const before = await given();
	// A reply goes through meanwhile: the pause is the campaign's alone.
	await w.say('+8613899990077', '你好', /没有正在办理的事项/);
	assert.equal((await received(list)).reduce((a, b) => a + b), state.sent);
	assert.equal(await given(), before, 'nothing is given out during the pause');
	await w.sql(`UPDATE campaign SET rate = 1000 WHERE id = ${id}`);
	await campaign('resume', id);
	await refuses(/is running; only a paused one/, 'resume', id);
	await done(id);
	assert.deepEqual(await received(list), list.map(() => 1));
	assert.equal((await w.json('trail', 'verify', ...Y)).good, true);
});

test('stop cancels what has not left; who was not asked is reminded by the next scan, once', async () => {
	const list = await crowd('停止', 60);
	const id = await create('停止', '--rate', '1');
	await campaign('start', id);
	await until(async () => (await received(list)).reduce((a, b) => a + b) >= 1, 'one text');
	const told = await campaign('stop', id);
	assert.equal(told.status, 'stopped');
	assert.ok(told.not_asked >= 1 && told.not_asked <= 59, `${told.not_asked} were not asked`);
	await until(async () => await w.sql(`SELECT ended_at IS NOT NULL FROM campaign WHERE id = ${id}`) === 't', 'the end');
	assert.equal(await w.sql(`SELECT count(*) FROM outbox WHERE campaign_id = ${id}`), '0');
	const ended = Number(await w.sql(`SELECT count(*) FROM conversation WHERE campaign_id = ${id} AND NOT open AND outcome = 'campaign_stopped'`));
	assert.equal(ended, told.not_asked);
	const counts = await received(list);
	assert.equal(counts.filter((n) => n === 0).length, ended, 'who was not asked got nothing');
	assert.equal(await w.sql(`SELECT string_agg(DISTINCT a.status, ',') FROM application a JOIN holder h ON h.id = a.holder_id WHERE h.phone IN (${phones(list.filter((_, i) => counts[i] === 0))})`), 'due');
	await refuses(/is stopped; only a draft can be started/, 'start', id);
	await refuses(/is stopped; only a paused one, or one held after its canary, can be resumed/, 'resume', id);
	await refuses(/is stopped; it is over/, 'stop', id);
	// The talk that had begun goes on.
	const asked = list[counts.indexOf(1)];
	await w.next(asked.e164);
	await w.say(asked.e164, 'Y', /核实身份/);
	await w.must('scan', ...Y);
	for (const h of list.filter((_, i) => counts[i] === 0)) await w.next(h.e164, /要续办请回复 Y/);
	assert.deepEqual(await received(list), list.map(() => 1));
	assert.equal((await w.json('trail', 'verify', ...Y)).good, true);
	// A draft is stopped without a trace.
	const draft = await create('停止');
	assert.equal((await campaign('stop', draft)).not_asked, 0);
	assert.ok((await campaign('show', draft)).ended_at);
});

test('one reminder for an application and step ever: two campaigns and the daily scan at the same time', async () => {
	const list = await crowd('同时', 25);
	const [a, b] = [await create('同时'), await create('同时')];
	const scans = await Promise.all([campaign('start', a), campaign('start', b), w.json('scan', ...Y), w.json('scan', ...Y)]);
	assert.equal(scans.length, 4);
	await done(a);
	await done(b);
	for (const h of list) await w.next(h.e164, /要续办请回复 Y/);
	const c = await create('同时');
	assert.equal((await campaign('show', c)).audience, 0);
	await campaign('start', c);
	await done(c);
	await w.json('scan', ...Y);
	assert.deepEqual(await received(list), list.map(() => 1));
	assert.equal(await w.sql(`SELECT count(*) || ' ' || count(DISTINCT r.application_id) FROM reminder r JOIN application a ON a.id = r.application_id JOIN holder h ON h.id = a.holder_id WHERE h.phone IN (${phones(list)})`), '25 25');
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE kind = 'reminder' AND phone IN (${phones(list)})`), '25');
});

test('two daemons share a rate; one is killed, the other goes on; after a restart nothing comes twice but what was in flight', async () => {
	const list = await crowd('两个', 60);
	const conf2 = join(w.dir, 'second.conf');
	writeFileSync(conf2, readFileSync(w.conf, 'utf8').replaceAll(`127.0.0.1:${w.publicPort}" `, `127.0.0.1:${await freePort()}" `)
		.replaceAll(`127.0.0.1:${w.staffPort}"`, `127.0.0.1:${await freePort()}"`), { mode: 0o600 });
	const second = new Program(join(build, 'huizhid'), ['-c', conf2]);
	let inFlight;
	try {
		await second.line(/link=east.*\bbound\b/);
		const id = await create('两个', '--rate', '20');
		await campaign('start', id);
		await until(async () => (await received(list)).reduce((a, b) => a + b) >= 15, 'fifteen texts');
		await second.end('SIGKILL');
		inFlight = await w.sql(`SELECT phone FROM outbox WHERE campaign_id = ${id} AND lease_owner <> '' ORDER BY phone`);
		await until(async () => (await received(list)).reduce((a, b) => a + b) >= 30, 'thirty texts');
		await w.killDaemon();
		inFlight += `\n${await w.sql(`SELECT phone FROM outbox WHERE campaign_id = ${id} AND lease_owner <> '' ORDER BY phone`)}`;
		await w.startDaemon();
		// Whichever daemon ends it: on a slow machine the last text may have gone before somebody was killed.
		await until(async () => (await campaign('show', id)).status === 'done', 'the end');
	} finally {
		if (second.code === undefined) await second.end('SIGKILL');
	}
	const counts = await received(list);
	assert.ok(counts.every((n) => n >= 1), `everybody got it: ${counts}`);
	const twice = list.filter((_, i) => counts[i] > 1).map((h) => h.e164);
	assert.ok(twice.every((p) => inFlight.includes(p)), `${twice} came twice, in flight were ${inFlight}`);
	assert.ok(counts.every((n) => n <= 2));
	// The rate is of the campaign, whoever sends: no slice (2 texts) sooner than a tenth of a second after the last.
	const claims = (await w.sql(`SELECT extract(epoch FROM created_at) || ' ' || count(DISTINCT message_id) FROM message_part WHERE phone IN (${phones(list)}) GROUP BY created_at ORDER BY created_at`))
		.split('\n').map((l) => l.split(' ').map(Number));
	assert.ok(claims.every(([, n]) => n <= 2), JSON.stringify(claims));
	for (let i = 1; i < claims.length; i++) assert.ok(claims[i][0] - claims[i - 1][0] >= 0.099, JSON.stringify(claims[i]));
});

test('start warns of an end outside the sending hours and after the legal window, and nothing goes at night', async () => {
	await crowd('夜里', 200, 'wenchang', 1);
	const b = ['--bureau', 'wenchang'];
	const id = String((await w.json('campaign', 'create', '夜里', '--tag', '夜里', '--rate', '1', ...b)).id);
	const r = await w.cli('--json', 'campaign', 'start', id, ...b);
	assert.equal(r.code, 0, r.stderr);
	const told = JSON.parse(r.stdout);
	const days = (new Date(told.estimated_end) - Date.now()) / 86400000;
	assert.ok(days > 2.9 && days < 4.1, `200 texts at one a second, a minute a day, end in ${days} days`);
	assert.match(told.warnings[0], /cannot finish inside the sending hours of today \(\d\d:00-\d\d:01\): computed end 20\d\d-/);
	assert.match(told.warnings[1], /^200 licences are past their legal window by the computed end/);
	assert.match(r.stderr, /warning: it cannot finish/);
	await until(async () => await w.sql(`SELECT scanned_at IS NOT NULL FROM campaign WHERE id = ${id}`) === 't', 'the scan');
	const shown = await w.json('campaign', 'show', id, ...b);
	assert.deepEqual([shown.audience, shown.queued, shown.sent, shown.status], [200, 200, 0, 'running']);
	// When an empty campaign of the bureau is done, the daemon has looked after this one too.
	const empty = String((await w.json('campaign', 'create', '空', '--tag', '空', ...b)).id);
	await w.json('campaign', 'start', empty, ...b);
	await done(empty);
	assert.equal(await w.sql(`SELECT count(*) FROM conversation WHERE campaign_id = ${id} AND step = '' AND deadline_at IS NULL`), '200', 'no text is written before it can go');
	assert.equal((await w.json('campaign', 'stop', id, ...b)).not_asked, 200);
});

test('on a terminal show draws how far it is', async () => {
	const [first] = await w.json('campaign', 'list', ...Y);
	const r = await run('script', ['-qec', `${join(build, 'huizhi')} -c ${w.conf} campaign show ${first.id} --bureau yiyuan`, '/dev/null'], { cwd: root });
	assert.equal(r.code, 0, r.stdout);
	assert.match(r.stdout, /\[#{50}\] 100 % {2}60 of 60 texts sent/);
	assert.doesNotMatch(await w.must('campaign', 'show', String(first.id), ...Y), /\[#/);
});
