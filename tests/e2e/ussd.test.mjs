// USSD as citizens live it: the real daemon, PostgreSQL, the pretend carrier's phones. The same conversation as by text.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUREAU, World, root } from '../lib/world.mjs';
import { holder, remind, trailKinds } from '../lib/people.mjs';

// How long the network and the gateway wait, in ms, where that is not what a test is about: no machine is as slow as that.
const PATIENT = 60000;
const link = (seconds, way = 'standard') => `backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\tussd_reply_seconds = ${seconds}\n\tussd = "${way}"`;
let w, items;
// The daemon anew, with another section of its link.
async function restart(text, between = () => {}) {
	await w.stopDaemon();
	w.options.link = text;
	w.writeConf();
	await between();
	await w.startDaemon();
}
before(async () => {
	items = mkdtempSync(join(tmpdir(), 'huizhi-items.'));
	cpSync(join(root, 'conf/items'), items, { recursive: true });
	const file = join(items, 'yiyuan.conf'), text = readFileSync(file, 'utf8');
	writeFileSync(file, text.replace('item "food-business-renewal" {', '$&\n\tidentity = {"page", "ussd"}'));
	w = await World.start({ items, link: link(PATIENT / 1000), smsc: ['--fault', `ussd-reply-timeout=${PATIENT}`], bureaus: BUREAU.replace('id = 1\n', 'id = 1\n\tussd_code = "*123#"\n') });
});
after(async () => { await w?.stop(); rmSync(items, { recursive: true, force: true }); });

const stepOf = (h) => w.sql(`SELECT step FROM conversation WHERE phone = '${h.e164}' ORDER BY id DESC LIMIT 1`);
const idOf = async (h) => Number(await w.sql(`SELECT min(a.id) FROM application a JOIN conversation c ON c.bureau_id = a.bureau_id AND c.id = a.conversation_id WHERE c.phone = '${h.e164}'`));
const is = (screen, pattern, state = 'menu') => {
	assert.match(screen.text, pattern);
	assert.equal(screen.state, state, screen.text);
	return screen.text;
};
// Waits for what the daemon does after the citizen was answered.
const until = (query, want) => w.becomes(query, want);

// Holds the conversation's row, so that its turns wait; the result lets it go.
async function hold(h) {
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	const held = new Promise((done) => psql.stdout.once('data', done));
	psql.stdin.write(`BEGIN; SELECT 1 FROM conversation WHERE phone = '${h.e164}' FOR UPDATE;\n`);
	await held;
	return () => new Promise((done) => { psql.on('exit', done); psql.stdin.end('COMMIT;\n'); });
}

test('a whole renewal in Chinese, from *123# to the receipt, with the identity number typed', async () => {
	const h = holder(901);
	await remind(w, [h]);
	const first = is(await w.dial(h.e164), /^沂源县行政审批服务局：食品经营许可证延续将于.*续办吗/);
	assert.match(first, /\n1 续办\n2 不办\n3 不再提醒$/);
	assert.ok([...first].length <= 80, 'one screen of eighty');
	is(await w.press(h.e164, '1'), /请输入证件号码或信用代码的后6位/);
	const id = await idOf(h);
	const consent = JSON.parse(await w.sql(`SELECT data FROM trail WHERE application_id = ${id} AND kind = 'consented'`));
	assert.deepEqual([consent.channel, consent.text, consent.answer], ['ussd', '1', 'yes'], 'what was pressed, and what it stood for');
	is(await w.press(h.e164, '000000'), /后6位不对/);
	const check = is(await w.press(h.e164, h.last6), /请核对/);
	assert.match(check, new RegExp(h.licences[0]));
	is(await w.press(h.e164, '1'), /旧证怎么交回/);
	is(await w.press(h.e164, '2'), /新证怎么领/);
	is(await w.press(h.e164, '2'), /新证寄到哪里？登记的地址：沂源县/);
	const last = is(await w.press(h.e164, '1'), new RegExp(`申请已提交，编号${id}。.*回执已发短信`), 'over');
	assert.doesNotMatch(last, /\n\d /, 'no menu where nothing is asked');
	await w.next(h.e164, new RegExp(`申请已提交，编号${id}`)); // the receipt, as a text
	assert.equal(await w.sql(`SELECT status || ' ' || verified_by || ' ' || delivery FROM application WHERE id = ${id}`), 'submitted ussd courier');
	const kinds = await trailKinds(w, id);
	for (const k of ['consented', 'verified', 'confirmed', 'old_certificate_chosen', 'delivery_chosen', 'submitted']) assert.ok(kinds.includes(k), `${kinds}`);
	// The number that was typed stands nowhere.
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text LIKE '%${h.last6}%'`), '0');
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '******'`), '2');
	assert.equal(await w.sql(`SELECT count(*) FROM trail WHERE data::text LIKE '%${h.last6}%'`), '0');
	assert.equal(await w.sql(`SELECT count(*) FROM trail t JOIN conversation c ON c.id = t.conversation_id WHERE c.phone = '${h.e164}' AND t.kind = 'identity_refused'`), '1');
	assert.doesNotMatch(w.daemon.tail(1000), new RegExp(h.last6), 'nor in the log');
	// Every screen was said once, none was texted; no link went out, for none was wanted.
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND channel = 'ussd'`), '8');
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND channel = 'sms'`), '2', 'the reminder and the receipt');
	assert.equal(await w.sql(`SELECT reason FROM ussd_session WHERE phone = '${h.e164}' AND ended_at IS NOT NULL`), 'said all');
	// Dialled again: how it stands.
	is(await w.dial(h.e164), /食品经营许可证延续：已提交，审批中/, 'over');
});

test('in English; a long screen has pages; a dropped session goes on at redial, and by text', async () => {
	const h = holder(902, { language: 'en', name: 'Blue Harbour Noodles Ltd' });
	await remind(w, [h]);
	is(await w.dial(h.e164), /Food business licence renewal runs out on/);
	is(await w.press(h.e164, 'help'), /Press the numbers of the menu/);
	let all = '', s = await w.screen(h.e164);
	assert.match(s.text, /\n0 More/);
	while (/0 More/.test(s.text)) { all += s.text; s = await w.press(h.e164, '0'); }
	assert.match(all + s.text, /1 Renew[\s\S]*2 No\b[\s\S]*00 Back/);
	is(await w.press(h.e164, '1'), /last 6 characters/);
	assert.equal((await w.hangUp(h.e164)).state, 'over');
	await until(`SELECT count(*) FROM ussd_session WHERE phone = '${h.e164}' AND ended_at IS NULL`, '0');
	is(await w.dial(h.e164), /last 6 characters/);
	is(await w.press(h.e164, h.last6), /Please check/);
	await w.hangUp(h.e164, 'fail');
	await w.say(h.e164, 'Y', /old certificate/i); // by text, where it stood
	is(await w.dial(h.e164), /How will you return the old certificate/);
	is(await w.press(h.e164, '1'), /new certificate reach you/);
	is(await w.press(h.e164, '1'), /Submitted: number \d+/, 'over');
	await w.next(h.e164, /with us, number/);
	assert.equal(await stepOf(h), 'submitted');
});

test('the link is texted from inside the session when it is asked for; five wrong numbers lock', async () => {
	const h = holder(903);
	await remind(w, [h]);
	await w.dial(h.e164);
	is(await w.press(h.e164, '1'), /后6位/);
	is(await w.press(h.e164, '1'), /已发到您的短信/);
	const link = await w.next(h.e164, /核实身份/);
	assert.match(link, /http:\/\/127\.0\.0\.1:\d+\/r\/[A-Za-z0-9_-]+/);
	for (let i = 0; i < 4; i++) is(await w.press(h.e164, `00000${i}`), /后6位不对/);
	is(await w.press(h.e164, '000009'), /试错的次数太多/);
	await w.next(h.e164, /核实身份/); // another way in
	is(await w.press(h.e164, h.last6), /试错的次数太多/); // though it is right
	assert.equal(await stepOf(h), 'verify');
	assert.ok(await w.sql(`SELECT max(g.locked_until) > now() FROM access_grant g JOIN conversation c ON c.id = g.conversation_id WHERE c.phone = '${h.e164}'`) === 't', 'the page is locked too');
	assert.equal(await w.sql(`SELECT count(*) FROM trail t JOIN conversation c ON c.id = t.conversation_id WHERE c.phone = '${h.e164}' AND t.kind = 'identity_locked'`), '1');
	// What happens outside during the session is texted.
	await w.hangUp(h.e164);
});

test('where the item does not allow it, identity is not asked in the session: the link is texted', async () => {
	const h = holder(904, { item: 'school-licence-renewal', days: 60 });
	await remind(w, [h]);
	await w.dial(h.e164);
	const s = is(await w.press(h.e164, '1'), /链接和8位代码已发到您的短信/);
	assert.doesNotMatch(s, /后6位/);
	const code = (await w.next(h.e164, /核实身份/)).match(/代码(\d{8})/)[1];
	await w.must('token', 'verify', code, '--prove', '--id', h.last6, '--staff', '陈静');
	await w.next(h.e164, /身份已核实/); // a clerk's event goes by text, also while a session is open
	is(await w.press(h.e164, '1'), /旧证怎么交回/); // the menu of where the talk stands now: "1 无误"
});

test('a phone with nothing open gets the menu for visitors; another session never sees its pages', async () => {
	const phone = '+8613899990901';
	is(await w.dial(phone), /请选择：\n1 查进度\n2 核验短信真伪\n3 帮助和电话\n4 English/);
	is(await w.press(phone, '2'), /请输入短信里的8位代码/);
	is(await w.press(phone, '00000000'), /不是我们发的/);
	is(await w.press(phone, '4'), /English from now on/);
	is(await w.press(phone, '1'), /Nothing waits for your answer/);
	await w.hangUp(phone);
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${phone}' AND channel = 'sms'`), '0', 'nobody is texted unasked');
});

test('an input that the carrier delivers twice is one answer', async () => {
	const h = holder(905);
	await remind(w, [h]);
	await w.faults({ redeliver: 3 });
	is(await w.dial(h.e164), /续办吗/);
	is(await w.press(h.e164, '1'), /后6位/);
	await w.faults({ redeliver: 1 });
	await w.hangUp(h.e164);
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '1'`), '1');
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND channel = 'ussd'`), '2');
});

// The turn is stepped when the link is up again, or while it is down: then its question is texted.
for (const [state, index, want] of [['bound', 911, '1|1'], ['waiting', 912, '0|1']])
	test(`an input whose answer was lost with the connection is stepped once, and its question comes once: ${state}`, async () => {
		const h = holder(index);
		await remind(w, [h]);
		is(await w.dial(h.e164), /续办吗/);
		const release = await hold(h);
		const pressed = w.press(h.e164, '1').catch((e) => e);
		await until(`SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%conversation%'`, 't');
		const from = w.daemon.lines.length;
		if (state === 'waiting') await w.faults({ 'refuse-bind': 8 }); // it stays down until the turn is stepped
		await w.drop();
		await w.daemon.line(new RegExp(`link=east.* state=${state} `), { from });
		await release();
		await until(`SELECT step FROM conversation WHERE phone = '${h.e164}'`, 'verify');
		await w.faults({ 'refuse-bind': 0 });
		await w.daemon.line(/link=east.* state=bound /, { from });
		await w.hangUp(h.e164).catch(() => {});
		await pressed;
		is(await w.dial(h.e164), /后6位/); // and whatever was delivered again before this has been answered
		await w.hangUp(h.e164);
		assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '1'`), '1');
		const said = await w.sql(`SELECT count(*) FILTER (WHERE channel = 'ussd'), count(*) FILTER (WHERE wording = 'verify') FROM message WHERE phone = '${h.e164}' AND reply_to IN (SELECT id FROM inbound WHERE text = '1')`);
		assert.equal(said, want, 'said on a screen, and said at all');
		if (state === 'waiting') await w.next(h.e164, /核实身份/);
	});

test('no text goes into a session that the network has ended; its question is texted', async () => {
	const h = holder(906);
	await remind(w, [h]);
	await w.faults({ 'ussd-silent-end': true });
	is(await w.dial(h.e164), /续办吗/);
	const release = await hold(h);
	const pressed = w.press(h.e164, '1').catch((e) => e);
	await until(`SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%conversation%'`, 't');
	await w.hangUp(h.e164); // and nobody tells us
	await release();
	await w.faults({ 'ussd-silent-end': false });
	await w.next(h.e164, /核实身份/);
	assert.equal((await pressed).state, 'over');
	await until(`SELECT string_agg(state, ' ' ORDER BY id) FROM message WHERE phone = '${h.e164}' AND channel = 'ussd'`, 'delivered failed');
	assert.equal(await w.sql(`SELECT max(attempt) FROM message_part WHERE phone = '${h.e164}'`), '1', 'a screen has one attempt');
	assert.equal(await w.sql(`SELECT count(*) FROM outbox WHERE phone = '${h.e164}' AND channel = 'ussd'`), '0');
});

test('a screen is never sent a second time, refused or cut off: its question is texted', async () => {
	await w.must('link', 'log', 'east', 'on');
	for (const [index, fault] of [[931, 'system-error'], [932, 'drop-unanswered']]) {
		const h = holder(index), from = w.daemon.lines.length;
		await remind(w, [h]);
		await w.faults({ [fault]: 1, 'ussd-reply-timeout': 2000 });
		await w.dial(h.e164);
		await w.daemon.line(new RegExp(`wire=out submit_sm .*dest="\\*\\*\\*0${index}".* ussd_service_op=2 `), { from });
		await w.faults({ [fault]: 0, 'ussd-reply-timeout': PATIENT });
		await w.next(h.e164, /要续办请回复 Y/);
		const screens = w.daemon.lines.slice(from).filter((l) => l.includes(`***0${index}`) && / wire=out .* ussd_service_op=/.test(l));
		assert.equal(screens.length, 1, screens.join('\n'));
	}
	await w.must('link', 'log', 'east', 'off');
});

test('killed between the commit and the screen, the daemon texts the question when it is back', async () => {
	const h = holder(908);
	await remind(w, [h]);
	is(await w.dial(h.e164), /续办吗/);
	await w.faults({ delay: 60000 }); // the screen is written, and nobody says what became of it
	const pressed = w.press(h.e164, '1').catch((e) => e);
	await until(`SELECT step FROM conversation WHERE phone = '${h.e164}'`, 'verify');
	await w.killDaemon();
	await w.faults({ delay: 0 });
	await w.startDaemon();
	await w.next(h.e164, /核实身份/);
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND channel = 'ussd'`), '2', 'no screen is said twice');
	await pressed;
	await w.hangUp(h.e164).catch(() => {});
});

test('a session outlives a restart: its answer is found though the code it was dialled with is nobody\'s by then', async () => {
	const h = holder(941), bureaus = w.options.bureaus;
	await remind(w, [h]);
	is(await w.dial(h.e164), /续办吗/);
	try {
		await w.stopDaemon();
		w.options.bureaus = bureaus.replace('*123#', '*124#');
		w.writeConf();
		await w.startDaemon();
		is(await w.press(h.e164, '1'), /后6位/);
		assert.equal(await w.sql(`SELECT count(*) || ' ' || max(inputs) FROM ussd_session WHERE phone = '${h.e164}'`), '1 1', 'it is the same session');
		await w.hangUp(h.e164);
	} finally {
		w.options.bureaus = bureaus;
		w.writeConf();
		await w.stopDaemon();
		await w.startDaemon();
	}
});

test('a clerk pushes the question to the phone, and the answer goes on in the same conversation', async () => {
	const h = holder(909);
	await remind(w, [h]);
	const id = String(await idOf(h));
	const told = await w.must('application', 'ask', id, '--ussd', '--staff', '陈静');
	assert.match(told, /question of step reminded goes to \+86/);
	const s = await w.shown(h.e164, 'menu');
	assert.equal(s.pushed, true);
	is(s, /续办吗[\s\S]*1 续办/);
	is(await w.press(h.e164, '1'), /后6位/);
	is(await w.press(h.e164, h.last6), /请核对/);
	is(await w.press(h.e164, '2'), /已转给工作人员/);
	await w.hangUp(h.e164);
	assert.equal(await stepOf(h), 'clerk');
	assert.equal(await w.sql(`SELECT pushed::text || ' ' || inputs FROM ussd_session WHERE phone = '${h.e164}'`), 'true 4', 'one session: three answers and its end');
	const nothing = await w.cli('application', 'ask', '999999', '--ussd');
	assert.deepEqual([nothing.code, /there is no application 999999/.test(nothing.stderr)], [1, true]);
	const how = await w.cli('application', 'ask', id);
	assert.equal(how.code, 2);
});

// Two limits: the network's own, which ends the session while the turn waits, and ours, which sees that it would.
for (const [who, network] of [['the network', 1000], ['the gateway', PATIENT]]) {
	test(`an answer that would be late becomes a text: ${who} says so`, async () => {
		const h = holder(who === 'the network' ? 907 : 910);
		await remind(w, [h]);
		if (network === PATIENT) await restart(link(8));
		is(await w.dial(h.e164), /续办吗/);
		const release = await hold(h);
		await w.faults({ 'ussd-reply-timeout': network });
		const pressed = w.press(h.e164, '1').catch((e) => e);
		await (network < PATIENT ? w.shown(h.e164, 'over') : until(`SELECT now() - max(query_start) > interval '8 seconds' FROM pg_stat_activity WHERE wait_event_type = 'Lock'`, 't'));
		await release();
		await w.next(h.e164, /核实身份/);
		await w.hangUp(h.e164).catch(() => {});
		const over = await pressed;
		assert.equal(over.state, 'over');
		await w.faults({ 'ussd-reply-timeout': PATIENT });
		assert.equal(await stepOf(h), 'verify', 'the answer itself counts');
		assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND channel = 'ussd'`), '1', 'no screen was made');
		is(await w.dial(h.e164), /后6位/);
		await w.hangUp(h.e164);
	});
}

// The carriers' ways of carrying it, each with the same talk; the daemon is told which by its configuration.
test('the same talk in every carrier\u2019s way', async () => {
	let n = 920;
	for (const way of ['tata', '6d', 'mica', 'smpp+', 'glo', 'huawei']) {
		await restart(link(PATIENT / 1000, way), () => w.faults({ 'ussd-profile': way }));
		const h = holder(n++);
		await remind(w, [h]);
		is(await w.dial(h.e164), /续办吗/);
		is(await w.press(h.e164, '1'), /后6位/);
		is(await w.press(h.e164, h.last6), /请核对/);
		is(await w.press(h.e164, '1'), /旧证/);
		await w.hangUp(h.e164);
		is(await w.dial(h.e164), /旧证/);
		is(await w.press(h.e164, '1'), /新证/);
		is(await w.press(h.e164, '1'), /申请已提交/, 'over');
		await w.next(h.e164, /申请已提交/);
		assert.equal(await stepOf(h), 'submitted', way);
	}
});
