// Yiyuan, the alarm clock: 7,507 licences of 6,356 firms on file, 1,793 of them due at 1,326 firms; tags choose the words and
// the audience; several licences in one talk; a signature on the page that is bound to what was shown.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, field, firm, idOf, linkIn, open, remind, trailOf } from './lib.mjs';
import { creditCode } from '../lib/world.mjs';
import { day } from '../lib/people.mjs';

let w;
before(async () => { w = await open('yiyuan'); });
after(async () => { await w?.stop(); });

const items = ['food-business-renewal', 'public-place-hygiene-renewal', 'school-licence-renewal', 'performing-troupe-renewal'];
const shop = (index, more = {}) => firm(index, { bureau: 'yiyuan', item: items[0], name: `沂源第${index}面馆`, ...more });

test('tags choose the words', async () => {
	const [one, plain, both] = [shop(1, { tags: '餐饮;个体工商户' }), shop(2, { tags: '餐饮' }), shop(3, { tags: '个体工商户', licences: 2 })];
	await remind(w, [one, plain, both]);
	assert.match(one.reminder, /您店里的证照.*不用跑腿/);
	assert.match(plain.reminder, /您的证照将于/);
	assert.match(both.reminder, /您店里有2件证照快到期/);
	const english = shop(4, { tags: '个体工商户', language: 'en' });
	await remind(w, [english]);
	assert.match(english.reminder, /licence of your shop/);
});

test('several licences on one phone in one talk: Y 1 3', async () => {
	const f = shop(11, { licences: 3 });
	await remind(w, [f]);
	await w.say(f.e164, 'Ｙ １、３', /核实身份/);
	const states = await w.sql(`SELECT string_agg(a.status, ' ' ORDER BY l.licence_no) FROM application a JOIN licence l ON l.id = a.licence_id WHERE l.licence_no IN (${f.nos.map((n) => `'${n}'`)})`);
	assert.equal(states, 'consented reminded consented');
});

test('the reminder days of the item: 30, 7, then the phone; each only while no answer has come', async () => {
	const f = shop(21, { days: 28 });
	await remind(w, [f]);
	const due = () => w.sql(`SELECT (deadline_at AT TIME ZONE 'Asia/Shanghai')::date FROM conversation WHERE phone = '${f.e164}'`);
	const wake = () => w.sql(`UPDATE conversation SET deadline_at = now(), wake_at = now() WHERE phone = '${f.e164}' AND open`);
	assert.equal(await due(), day(21), 'the next one seven days before the last day');
	await w.sql(`UPDATE licence SET expires_on = '${day(7)}' WHERE licence_no = '${f.nos[0]}'`);
	await wake();
	await w.next(f.e164, /还有7天/);
	assert.equal(await due(), day(4), 'then the phone, three days before');
	await w.sql(`UPDATE licence SET expires_on = '${day(3)}' WHERE licence_no = '${f.nos[0]}'`);
	await wake();
	await w.next(f.e164, /给您打电话/);
	assert.ok((await w.json('worklist', 'phone')).some((e) => e.phone === f.e164));
	const answered = shop(22, { days: 28 });
	await remind(w, [answered]);
	await w.say(answered.e164, 'Y', /核实身份/);
	assert.notEqual(await w.sql(`SELECT (deadline_at AT TIME ZONE 'Asia/Shanghai')::date FROM conversation WHERE phone = '${answered.e164}'`), day(21), 'who has answered is not reminded of it');
});

test('signed on the page: bound to what was shown, its hash in the text, checked by anybody with the key', async () => {
	const f = shop(31);
	await remind(w, [f]);
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	const page = new Browser(), choices = { do: 'apply', old: 'courier', delivery: 'courier', address: '沂源县鲁山路88号3楼' };
	await page.go(linkIn(verify));
	await page.post({ do: 'check', id1: f.last6 });
	const shown = page.hidden('shown');
	assert.match(shown, /^[0-9a-f]{64}$/);
	// What is on file changes between the look and the signature: nothing is signed that was not seen.
	await w.sql(`UPDATE holder SET name = '沂源第31新面馆' WHERE phone = '${f.e164}'`);
	await page.post({ ...choices, shown });
	assert.equal(page.status, 422);
	assert.match(page.words, /登记的内容有了变化/);
	assert.match(page.words, /沂源第31新面馆/);
	assert.equal(await w.sql('SELECT count(*) FROM signature'), '0');
	await page.post({ ...choices, shown: page.hidden('shown') });
	const submitted = await w.next(f.e164, /签名摘要[0-9a-f]{4} [0-9a-f]{4}/);
	const id = await idOf(w, f);
	const [signature] = await w.json('signature', 'verify', id);
	assert.equal(signature.good, true);
	assert.ok(submitted.includes(signature.short), 'the text has the hash of what was signed');
	const document = JSON.parse(signature.document);
	assert.deepEqual([document.applications[0].licence_no, document.applications[0].holder, document.delivery, document.send_to], [f.nos[0], '沂源第31新面馆', 'courier', '沂源县鲁山路88号3楼']);
	assert.equal((await trailOf(w, id)).find((e) => e.kind === 'confirmed').data.signed, signature.short);
	assert.doesNotMatch(await w.sql('SELECT encode(document, \'escape\') FROM signature'), /鲁山路|沂源第31/, 'sealed at rest');
	// Altered afterwards, in whatever field: it is found.
	await w.sql("UPDATE signature SET signed_at = signed_at + interval '1 second'");
	const late = await w.cli('signature', 'verify', id);
	assert.equal(late.code, 1);
	assert.match(late.stdout, /altered/);
	await w.sql("UPDATE signature SET signed_at = signed_at - interval '1 second', document = decode('00', 'hex')");
	assert.equal((await w.cli('signature', 'verify', id)).code, 1);
});

// A fixed seed: the same 6,356 firms each time. Those that are due have 467 further licences, which are due too; the rest
// lies outside its windows. The numbers are those that Yiyuan has published.
function population() {
	let seed = 20240711;
	const random = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return Math.floor(seed / 4294967296 * n); };
	const FIRMS = 6356, LICENCES = 7507, DUE_FIRMS = 1326, DUE = 1793, rows = [];
	const add = (i, n, due) => {
		const item = items[n % items.length], days = due ? 8 + random(20) : 400 + random(900);
		const phone = `1570${String(1000000 + i).slice(-7)}`;
		rows.push(['yiyuan', item, `YY${String(i).padStart(5, '0')}${n}`, `沂源县第${i}户`, phone, 'zh', day(days - 1460), day(days), creditCode(`92370323MA5${String(i).padStart(6, '0')}`), '', i % 3 ? '' : '个体工商户']);
	};
	for (let i = 0; i < FIRMS; i++) add(i, 0, i < DUE_FIRMS);
	for (let k = 0; k < DUE - DUE_FIRMS; k++) add(k % DUE_FIRMS, 1, true);
	for (let i = DUE_FIRMS; rows.length < LICENCES; i++) add(i, 1, false);
	return { rows, FIRMS, LICENCES, DUE_FIRMS, DUE };
}

test('the alarm clock: 7,507 licences of 6,356 firms; 1,793 reminders to 1,326 firms, once', async () => {
	const p = population(), file = join(w.dir, 'yiyuan.csv');
	writeFileSync(file, `bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags\n${p.rows.map((r) => r.join(',')).join('\n')}\n`);
	const before = Number(await w.sql('SELECT count(*) FROM licence'));
	const imported = await w.json('import', 'licences', file);
	assert.deepEqual([imported.new, imported.refused], [p.LICENCES, 0], JSON.stringify(imported));
	assert.equal(Number(await w.sql('SELECT count(*) FROM licence')) - before, p.LICENCES);
	assert.equal(await w.sql("SELECT count(*) FROM holder WHERE phone LIKE '+861570%'"), String(p.FIRMS));
	const tagged = await w.json('scan', '--tag', '个体工商户', '--dry-run');
	const planned = await w.json('scan', '--dry-run');
	assert.ok(tagged.conversations < planned.conversations && tagged.conversations > 0, 'a tag chooses the audience');
	const scanned = await w.json('scan');
	assert.equal(scanned.reminders, p.DUE);
	assert.equal(scanned.conversations, p.DUE_FIRMS);
	const again = await w.json('scan');
	assert.equal(again.reminders, 0, 'one reminder each, ever');
	await w.becomes("SELECT count(*) FROM message WHERE phone LIKE '+861570%' AND state = 'delivered'", String(p.DUE_FIRMS), 'texts delivered', 200);
	assert.equal(await w.sql("SELECT count(*) - count(DISTINCT phone) FROM message WHERE phone LIKE '+861570%'"), '0', 'one text for each firm, however many licences');
	assert.equal(await w.sql("SELECT count(*) FROM message WHERE phone LIKE '+861570%' AND text LIKE '%您店里%'"), String(Math.ceil(p.DUE_FIRMS / 3)));
	// What the bureau publishes is what the carrier has taken: each firm that the report counts has its text there, once.
	const [r] = await w.json('report'), others = Number(await w.sql("SELECT count(DISTINCT a.holder_id) FROM application a JOIN holder h ON h.id = a.holder_id WHERE a.reminded_at IS NOT NULL AND h.phone NOT LIKE '+861570%'"));
	assert.deepEqual([r.licences, r.reminded_holders - others], [before + p.LICENCES, p.DUE_FIRMS]);
	const taken = (await w.record('submit')).filter((e) => e.status === 0 && /^\+?861570/.test(e.dest)).map((e) => e.dest);
	assert.equal(new Set(taken).size, p.DUE_FIRMS);
});
