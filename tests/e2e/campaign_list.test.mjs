// A list as the audience: what is wrong with it, what it is, who is left out, what it costs; a second person; a set time;
// the report; sending again to those whom the carrier could not reach.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUREAU, World, run } from '../lib/world.mjs';
import { day, holder } from '../lib/people.mjs';

let w;
const CONF = BUREAU.replace('send_hours', 'part_cost = "0.045"\n\ttwo_person_over = 20\n\tsend_hours');
before(async () => { w = await World.start({ bureaus: CONF }); });
after(async () => { await w?.stop(); });

const HEAD = 'item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags';
const rowsOf = (list) => list.flatMap((h) => h.rows.map((r) => r.slice(1).join(',')));
function file(name, lines) {
	const path = join(w.dir, name);
	writeFileSync(path, lines.map((l) => `${l}\r\n`).join(''));
	return path;
}
const campaign = (verb, id, ...more) => w.json('campaign', verb, String(id), ...more);
const done = (id) => w.daemon.line(new RegExp(`campaign=${id} done`));
async function refuses(pattern, ...args) {
	const r = await w.cli('campaign', ...args);
	assert.equal(r.code, 1, r.stdout);
	assert.match(r.stderr, pattern);
}
const people = Array.from({ length: 12 }, (_, i) => holder(500 + i, { days: 60, language: i % 3 === 0 ? 'en' : 'zh' }));
let first;

test('a list is checked by row and column, summed up, and its good rows can go', async () => {
	const lines = [HEAD, ...rowsOf(people)];
	lines[2] = lines[2].replace(people[1].phone, '1380');
	lines[4] = lines[4].replace(people[3].phone, '0533-3241234');
	lines[6] = lines[6].replace(`,${people[5].phone},`, ',,');
	const r = await w.cli('--json', 'campaign', 'create', '名单', '--file', file('名单.csv', lines));
	assert.equal(r.code, 1, 'there are bad rows');
	first = JSON.parse(r.stdout);
	assert.deepEqual([first.status, first.audience, first.upload.rows, first.upload.good, first.upload.bad], ['draft', 9, 12, 9, 3]);
	assert.deepEqual(first.upload.sums, [{ column: 'phone', wrong: 2, empty: 1 }]);
	assert.deepEqual(first.upload.faults.map((f) => [f.row, f.column]), [[3, 'phone'], [5, 'phone'], [7, 'phone']]);
	// Sixty days before: inside the window, though no reminder day has come. What it costs adds up.
	const p = first.preview;
	assert.equal(p.audience, 9);
	assert.deepEqual(p.texts.map((t) => [t.language, t.phones]).sort(), [['en', 3], ['zh', 6]]);
	assert.equal(p.parts, p.texts.reduce((n, t) => n + t.phones * t.parts, 0));
	assert.equal(p.cost, p.parts * 45000);
	const zh = p.texts.find((t) => t.language === 'zh');
	assert.match(zh.text, /^【沂源审批】您好.*还有60天/s);
	const en = p.texts.find((t) => t.language === 'en');
	assert.deepEqual(en.alphabet, 'ucs2');
	assert.ok(en.cut > 0 && en.fewer_parts === en.parts - 1);
	const text = await w.must('campaign', 'preview', String(first.id));
	assert.match(text, /9 phones get a text, \d+ parts in all, \d+\.\d+ CNY/);
	await refuses(/this is a workbook/, 'create', '簿', '--file', file('book.csv', ['PK\u0003\u0004']));
	await refuses(/a list needs item, licence_no/, 'create', '头', '--file', file('head.csv', ['甲,乙', '1,2']));
});

test('the corrected list in GB18030 with Chinese names of its columns takes its place; sent once, it is not sent again', async () => {
	const chinese = ['事项,证照编号,持证人,手机号,语言,发证日期,有效期至,统一社会信用代码,地址,标签', ...rowsOf(people)];
	const utf8 = file('改好.csv', chinese), gb = join(w.dir, '国标.csv');
	writeFileSync(gb, (await run('iconv', ['-f', 'UTF-8', '-t', 'GB18030', utf8], { encoding: 'buffer' })).stdout);
	const list = await campaign('audience', first.id, '--file', gb);
	assert.deepEqual([list.encoding, list.good, list.bad, list.preview.audience], ['GB18030', 12, 0, 12]);
	await campaign('start', first.id, '--staff', 'zhou');
	await done(first.id);
	for (const h of people) await w.next(h.e164, h.language === 'zh' ? /要续办请回复 Y/ : /Reply Y to go ahead/);
	// The same rows in another order, another encoding, under another name.
	const again = await w.cli('campaign', 'create', '又', '--file', file('another-name.csv', [chinese[0], ...chinese.slice(1).reverse()]));
	assert.equal(again.code, 1);
	assert.match(again.stderr, new RegExp(`sent already, with campaign ${first.id} \\(名单\\)`));
	const { id } = (await w.json('campaign', 'list'))[0];
	await refuses(/cannot be started: its list was sent before/, 'start', String(id));
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE kind = 'reminder'`), '12');
});

test('a short list names licences on file; a report has a row a phone and adds up', async () => {
	const r = await w.cli('--json', 'campaign', 'create', '短', '--file', file('short.csv', ['licence_no', ...people.slice(0, 3).map((h) => h.licences[0]), 'NONE-1']));
	const c = JSON.parse(r.stdout);
	assert.deepEqual(c.upload.faults.map((f) => [f.row, f.column, f.value]), [[5, 'licence_no', 'NONE-1']]);
	// They talk already: nobody would get it twice.
	assert.deepEqual([c.audience, c.preview.left_out.already_open], [0, 3]);
	const out = join(w.dir, 'report.csv');
	await w.must('campaign', 'report', String(first.id), '--out', out);
	const text = readFileSync(out, 'utf8');
	assert.equal(text[0], '\ufeff');
	const [head, ...rows] = text.slice(1).trim().split('\r\n').map((l) => l.split(','));
	assert.equal(head.join(), 'phone,holder,language,items,licences,state,words,parts,at,link,answer,error');
	assert.deepEqual(rows.map((x) => x[0]), people.map((h) => h.e164));
	const shown = await campaign('show', first.id), json = await campaign('report', first.id);
	assert.equal(json.length, 12);
	assert.equal(rows.reduce((n, x) => n + Number(x[7]), 0), shown.parts_sent);
});

test('sent again only to those whom the carrier could not reach, and nobody has two reminders of a step', async () => {
	const list = Array.from({ length: 6 }, (_, i) => holder(600 + i, { tags: '重发' }));
	const [dead, refused] = list;
	await w.must('import', 'licences', w.csv('again.csv', list.flatMap((h) => h.rows)));
	await w.faults({ 'receipt-state': `${dead.e164}=UNDELIV`, 'invalid-destination': refused.e164 });
	const c = await w.json('campaign', 'create', '重发', '--tag', '重发');
	await campaign('start', c.id);
	await done(c.id);
	for (const h of list.slice(2)) await w.next(h.e164);
	await w.until(async () => (await campaign('show', c.id)).failed === 2, 'two that failed');
	await w.until(async () => await w.sql(`SELECT count(*) FROM outside_event`) === '0', 'the talks know');
	await w.faults({ reset: true });
	const again = await campaign('resend', c.id);
	assert.deepEqual([again.status, again.audience, again.resend_of, again.listed], ['draft', 2, c.id, true]);
	assert.equal(await w.sql(`SELECT count(*) FROM worklist WHERE list = 'phone' AND done_at IS NULL`), '2', 'counting changes nothing');
	await campaign('start', again.id);
	await done(again.id);
	for (const h of [dead, refused]) await w.next(h.e164, /要续办请回复 Y/);
	assert.equal(await w.sql(`SELECT count(*) || ' ' || count(DISTINCT (application_id, step)) FROM reminder r JOIN application a ON a.id = r.application_id JOIN holder h ON h.id = a.holder_id WHERE h.phone IN ('${dead.e164}', '${refused.e164}')`), '2 2');
	assert.equal(await w.sql(`SELECT count(*) FROM worklist WHERE list = 'phone' AND done_at IS NULL`), '0', 'nobody need phone them now');
	await refuses(/nobody's text .* failed/, 'resend', String(again.id));
	assert.equal((await w.json('trail', 'verify')).good, true);
});

test('more than the bureau allows one person waits for a second one; a set time is kept', async () => {
	const list = Array.from({ length: 25 }, (_, i) => holder(700 + i, { tags: '两人' }));
	await w.must('import', 'licences', w.csv('two.csv', list.flatMap((h) => h.rows)));
	const c = await w.json('campaign', 'create', '两人', '--tag', '两人');
	assert.equal((await campaign('start', c.id, '--staff', 'zhou')).status, 'waiting');
	await refuses(/is waiting for a second person; staff:zhou has asked/, 'start', String(c.id), '--staff', 'zhou');
	const tomorrow = `${day(1)} 09:30`;
	const told = await campaign('start', c.id, '--staff', 'wu', '--at', tomorrow);
	assert.equal(told.status, 'scheduled');
	const shown = await campaign('show', c.id);
	assert.deepEqual([shown.asked_by, shown.started_by, shown.start_at], ['staff:zhou', 'staff:wu', `${day(1)}T01:30:00Z`]);
	assert.equal(await w.sql(`SELECT count(*) FROM conversation WHERE campaign_id = ${c.id}`), '0');
	// Its time has come.
	await w.sql(`UPDATE campaign SET start_at = now() WHERE id = ${c.id}`);
	await done(c.id);
	assert.equal((await campaign('show', c.id)).sent, 25);
});

test('a bureau on trial: only the phones of its team are reminded, and it shows who was left out; then everybody else', async () => {
	const list = Array.from({ length: 4 }, (_, i) => holder(800 + i, { tags: '试行' })), [one, two, third, fourth] = list;
	await w.must('import', 'licences', w.csv('trial.csv', list.flatMap((h) => h.rows)));
	const bureaus = async (text) => {
		w.options.bureaus = text;
		w.writeConf();
		const from = w.daemon.lines.length;
		w.daemon.child.kill('SIGHUP');
		await w.daemon.line(/configuration read again/, { from });
	};
	const reminders = async () => Promise.all(list.map(async (h) => (await w.texts(h.e164)).filter((t) => t.direction === 'received' && /要续办请回复 Y/.test(t.text)).length));
	const tagged = ['scan', '--tag', '试行'];
	// As the team writes its numbers: with and without the country.
	await bureaus(CONF.replace('send_hours', `trial_phones = {"${one.phone}", "+86${two.phone}"}\n\tsend_hours`));
	const planned = await w.json(...tagged, '--dry-run');
	assert.deepEqual([planned.reminders, planned.left_out.trial], [2, 2]);
	assert.match(await w.must(...tagged, '--dry-run'), /2\s+not a phone of the team \(the bureau is on trial\)|not a phone of the team \(the bureau is on trial\)\W+2/);
	const c = await w.json('campaign', 'create', '试行', '--tag', '试行'), preview = await campaign('preview', c.id);
	assert.deepEqual([c.audience, preview.audience, preview.left_out.trial], [2, 2, 2]);
	await campaign('start', c.id);
	await done(c.id);
	for (const h of [one, two]) await w.next(h.e164, /要续办请回复 Y/);
	assert.deepEqual([(await w.json(...tagged)).reminders, await reminders()], [0, [1, 1, 0, 0]]);
	assert.equal(await w.sql(`SELECT count(*) FROM conversation WHERE phone IN ('${third.e164}', '${fourth.e164}')`), '0', 'no talk has begun with anybody else');
	// Whoever writes is answered, on trial or not.
	await w.say(one.e164, 'Y', /核实身份/);
	await w.say(third.e164, '你好', /没有正在办理的事项/);
	// The trial is over: the others, once; the team not again.
	await bureaus(CONF);
	const rest = await w.json(...tagged);
	assert.deepEqual([rest.reminders, rest.left_out.trial], [2, 0]);
	for (const h of [third, fourth]) await w.next(h.e164, /要续办请回复 Y/);
	assert.deepEqual(await reminders(), [1, 1, 1, 1]);
});
