// Digits behind the short code: an answer names the text that it answers, and two bureaus share one short code.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { BUREAU, World } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';

const OTHER = BUREAU.replace('"yiyuan"', '"wenchang"').replace('id = 1', 'id = 2').replace('沂源县行政审批服务局', '文昌市行政审批服务局').replace('【沂源审批】', '【文昌审批】');
let w;
before(async () => { w = await World.start({ bureaus: BUREAU + OTHER, link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 100\n\tsuffix_digits = 4' }); });
after(async () => { await w?.stop(); });

const h = holder(901);
// What came to the phone, with the address it came from; each once.
let seen = 0;
async function next(pattern) {
	const t = await w.until(async () => (await w.texts(h.e164)).filter((m) => m.direction === 'received')[seen], `a text that matches ${pattern}`);
	seen++;
	assert.match(t.text, pattern);
	return t;
}
const addressOf = (t) => t.from;
const remind = async (bureau, rows) => {
	await w.must('import', 'licences', w.csv(`${bureau}${seen}.csv`, rows.map((r) => [bureau, ...r.slice(1)])));
	await w.json('scan', '--bureau', bureau);
	return next(/要续办请回复 Y/);
};

test('two bureaus with one short code talk with one phone, each under an address of its own', async () => {
	const one = await remind('yiyuan', h.rows), two = await remind('wenchang', h.rows);
	const [a, b] = [addressOf(one), addressOf(two)];
	assert.match(one.text, /沂源审批/);
	assert.match(two.text, /文昌审批/);
	for (const address of [a, b]) assert.match(address, /^10690001\d{4}$/);
	assert.notEqual(a, b);
	await w.text(h.e164, '进度', { to: b });
	assert.match((await next(/等您答复/)).text, /文昌审批/);
	await w.text(h.e164, 'Y', { to: a });
	const verify = await next(/核实身份/);
	assert.match(verify.text, /沂源审批/);
	assert.equal(addressOf(verify), a, 'a talk keeps its address');
	assert.equal(await w.sql(`SELECT string_agg(bureau_id || step, ' ' ORDER BY bureau_id) FROM conversation WHERE phone = '${h.e164}'`), '1verify 2reminded');
	// The receipts of both found their parts, though they share a short code.
	await w.becomes(`SELECT count(*) FROM message_part WHERE phone = '${h.e164}' AND state <> 'delivered'`, '0');
	assert.equal(await w.sql('SELECT count(*) FROM receipt_early'), '0');
});

test('an answer to a text of a talk that is over does not move the one that is open', async () => {
	const was = addressOf((await w.texts(h.e164)).find((t) => t.direction === 'received' && /文昌审批/.test(t.text)));
	await w.text(h.e164, 'N', { to: was });
	await next(/这次不办理/);
	const more = holder(902);
	more.rows = more.rows.map((r) => { const row = [...r]; row[4] = h.phone; return row; });
	const again = await remind('wenchang', more.rows);
	assert.notEqual(addressOf(again), was);
	await w.text(h.e164, 'Y', { to: was });
	assert.match((await next(/没有正在办理的事项/)).text, /文昌审批/);
	assert.equal(await w.sql(`SELECT step FROM conversation WHERE bureau_id = 2 AND phone = '${h.e164}' AND open`), 'reminded');
	await w.text(h.e164, 'Y', { to: addressOf(again) });
	await next(/核实身份/);
});

test('an answer without digits goes on as ever', async () => {
	await w.text(h.e164, '进度', { to: '10690001' });
	assert.match((await next(/./s)).text, /沂源审批/, 'the first bureau of the configuration');
	assert.equal(await w.sql("SELECT i.bureau_id || ' ' || c.step FROM inbound i JOIN conversation c ON c.bureau_id = i.bureau_id AND c.id = i.conversation_id WHERE i.short_code = '10690001'"), '1 verify');
});
