// What becomes of texts, as carriers tell it in every way they have: refusals, receipts, ids in other bases, receipts
// before their responses, twice, in between, without an id, never. In the words of staff.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { World } from '../lib/world.mjs';
import { join } from 'node:path';
import { holder } from '../lib/people.mjs';

let w;
before(async () => { w = await World.start({ link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 100\n\tretry_seconds = {0, 0}\n\tquery = true' }); });
after(async () => { await w?.stop(); });

let index = 800;
async function send(list) {
	await w.must('import', 'licences', w.csv(`d${index}.csv`, list.flatMap((h) => h.rows)));
	await w.json('scan');
	return list;
}
const crowd = (n, first = index) => { index = first + n; return Array.from({ length: n }, (_, i) => holder(first + i)); };
const phones = (list) => list.map((h) => `'${h.e164}'`).join(',');
const states = async (list) => (await w.sql(`SELECT string_agg(DISTINCT state, ',') FROM message WHERE kind = 'reminder' AND phone IN (${phones(list)})`));
const until = (check, what) => w.until(check, what);
const become = (list, state) => until(async () => await states(list) === state && await w.sql(`SELECT count(*) FROM text_leaving WHERE phone IN (${phones(list)})`) === '0', `${state}, now ${list.length}`);
const shown = async (h) => (await w.json('message', 'list', '--phone', h.e164)).filter((m) => m.direction === 'out');
const metric = async (name) => Number((await (await fetch(`${w.staffUrl}/metrics`)).text()).match(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)`, 'm'))?.[1]);

test('a number that is refused for good ends on the phone worklist, in words, and is sent once', async () => {
	const [h] = crowd(1);
	await w.faults({ 'invalid-destination': h.e164 });
	await send([h]);
	await become([h], 'failed');
	await w.faults({ reset: true });
	const [m] = await shown(h);
	assert.deepEqual([m.state, m.status], ['failed', 'Not delivered']);
	assert.match(m.error, /invalid destination address \(0x0B\)/);
	const entry = await until(async () => (await w.json('worklist', 'phone')).find((e) => e.phone === h.e164), 'the worklist');
	assert.match(entry.reason, /手机号码.*0x0B|号码.*\(0x0B\)/);
	assert.equal((await w.record('submit')).filter((r) => h.e164.endsWith(r.dest?.slice(-11))).length, m.parts, 'each part once');
	assert.equal(await w.sql(`SELECT step FROM conversation WHERE phone = '${h.e164}'`), 'phone_list');
});

test('trouble of the carrier is tried again a few times, then it is a technical failure and a person phones', async () => {
	const [h] = crowd(1);
	await w.faults({ 'system-error': 1 });
	await send([h]);
	await become([h], 'technical');
	await w.faults({ reset: true });
	const [m] = await shown(h);
	assert.equal(m.status, 'Technical failure');
	assert.equal(Math.max(...m.sendings.map((p) => p.attempt)), 3, 'one attempt and the two of retry_seconds');
	assert.ok(await until(async () => (await w.json('worklist', 'phone')).find((e) => e.phone === h.e164), 'the worklist'));
	assert.equal(await metric('huizhi_texts_again_total'), 2);
	const [later] = crowd(1);
	await send([later]);
	await become([later], 'delivered');
});

test('throttled in the middle of a text: only the parts that were refused go again', async () => {
	const [h] = crowd(1);
	await w.faults({ throttle: 2 });
	await send([h]);
	await become([h], 'delivered');
	await w.faults({ reset: true });
	const accepted = (await w.record('submit')).filter((r) => r.status === 0 && h.e164.endsWith(r.dest?.slice(-11)));
	assert.deepEqual(accepted.map((r) => r.part).sort(), accepted.map((_, i) => i + 1), 'no part twice');
	assert.ok(accepted.length >= 2);
	assert.equal((await w.texts(h.e164)).filter((t) => t.direction === 'received').length, 1);
});

for (const [what, faults] of Object.entries({
	'hexadecimal in the response, decimal in the receipt': { 'id-style': 'hex', 'receipt-id': 'other' },
	'upper case, with the base of the receipt’s text alone another': { 'id-style': 'HEX', 'receipt-id': 'other-text' },
	'zeros in front, receipts twice, an intermediate state first': { 'id-style': 'zeros', 'duplicate-receipts': 2, 'intermediate-receipts': true },
	'receipts before their responses': { 'receipts-before-responses': 40 },
	'receipts before their responses, in the other base': { 'receipts-before-responses': 40, 'id-style': 'hex', 'receipt-id': 'other' },
	'text only': { 'receipt-form': 'text' },
	'optional parameters only': { 'receipt-form': 'tlv' },
	'without its mark in esm_class': { 'receipt-form': 'unmarked' },
	'no id at all': { 'id-style': 'none' },
})) {
	test(`receipts: ${what}`, async () => {
		const list = crowd(3);
		await w.faults({ reset: true, ...faults });
		await send(list);
		await become(list, 'delivered');
		assert.equal(await w.sql(`SELECT count(*) FROM message_part WHERE phone IN (${phones(list)}) AND state <> 'delivered'`), '0', 'each part has its receipt');
		await w.faults({ reset: true });
	});
}

test('what was learnt of a carrier’s ids is still known after a restart', async () => {
	await w.stopDaemon();
	assert.equal(await w.sql("SELECT hex > 0 FROM link_habit WHERE link = 'east'"), 't');
	await w.sql("UPDATE link_habit SET hex = 1000, same = 0, \"decimal\" = 0");
	await w.startDaemon();
	// An id that is a number in either base, and of which the daemon has never seen the response: read by the habit.
	const list = crowd(2);
	await w.faults({ 'id-style': 'hex', 'receipt-id': 'other' });
	await send(list);
	await become(list, 'delivered');
	await w.faults({ reset: true });
});

test('states in between are shown and are no delivery; final ones speak for themselves', async () => {
	const list = crowd(6);
	const [gone, refused, deleted, expired, accepted, unknown] = list;
	await w.faults({ reset: true, 'intermediate-receipts': true, 'receipt-state': `${gone.e164}=UNDELIV,${refused.e164}=REJECTD,${deleted.e164}=DELETED,${expired.e164}=EXPIRED,${accepted.e164}=ACCEPTD,${unknown.e164}=UNKNOWN` });
	await send(list);
	await until(async () => await w.sql(`SELECT count(*) FROM message_part WHERE phone IN (${phones(list)}) AND receipt IN ('UNDELIV', 'REJECTD', 'DELETED', 'EXPIRED', 'ACCEPTD', 'UNKNOWN')`) === '12', 'a receipt for each of two parts');
	const words = async (h) => { const [m] = await shown(h); return `${m.state}: ${m.status}`; };
	assert.equal(await words(gone), 'failed: Not delivered');
	assert.equal(await words(refused), 'failed: Not delivered');
	assert.equal(await words(deleted), 'failed: Not delivered');
	assert.equal(await words(expired), 'expired: Phone not accepting messages right now');
	assert.equal(await words(accepted), 'delivering: Delivering');
	assert.equal(await words(unknown), 'delivering: Delivering');
	const entry = await until(async () => (await w.json('worklist', 'phone')).find((e) => e.phone === expired.e164), 'the worklist');
	assert.match(entry.reason, /手机在运营商保留短信的时间内一直收不到/);
	await w.faults({ reset: true });
	// In Chinese for who works in Chinese, and as a table.
	const r = await w.cli('message', 'list', '--phone', expired.e164, { env: { ...process.env, LC_ALL: 'zh_CN.UTF-8' } });
	assert.match(r.stdout, /手机暂时收不到短信/);
	assert.match(await w.must('message', 'list', '--phone', gone.e164), /Not delivered/);
	assert.ok(await metric('huizhi_receipts_total{state="delivered"}') > 0);
	assert.ok(await metric('huizhi_receipts_total{state="failed"}') > 0);
	assert.ok(await metric('huizhi_receipts_total{state="not final"}') > 0);
});

test('a stopped campaign: the carrier gives back what it still holds; what was delivered stays', async () => {
	const list = crowd(5).map((h) => ({ ...h, rows: h.rows.map((r) => [...r.slice(0, -1), '停']) }));
	await w.must('import', 'licences', w.csv('held.csv', list.flatMap((h) => h.rows)));
	const id = String((await w.json('campaign', 'create', '停', '--tag', '停', '--canary', '1', '--bureau', 'yiyuan')).id);
	await w.faults({ reset: true, 'no-receipts': true });
	await w.must('campaign', 'start', id, '--bureau', 'yiyuan');
	await w.daemon.line(new RegExp(`campaign=${id} held after its canary`));
	const [first] = await until(async () => { const got = (await w.sql(`SELECT m.phone FROM message m JOIN message_part p ON p.message_id = m.id WHERE m.campaign_id = ${id} AND p.state = 'accepted' GROUP BY m.phone, m.parts HAVING count(*) = m.parts`)).split('\n').filter(Boolean); return got.length === 1 && got; }, 'the canary’s text');
	await w.faults({ 'delivery-delay': 600000 });
	await w.must('campaign', 'resume', id, '--bureau', 'yiyuan');
	await until(async () => await w.sql(`SELECT count(DISTINCT p.phone) FROM message_part p WHERE p.phone IN (${phones(list)}) AND p.state = 'accepted'`) === '5' && await w.sql(`SELECT count(*) FROM outbox WHERE campaign_id = ${id}`) === '0', 'five accepted texts');
	await w.must('campaign', 'stop', id, '--bureau', 'yiyuan');
	await until(async () => await w.sql(`SELECT ended_at IS NOT NULL FROM campaign WHERE id = ${id}`) === 't', 'the end');
	const asked = (await w.record('cancel'));
	assert.equal(new Set(asked.map((r) => r.id)).size, asked.length, 'each part is asked for once');
	const state = Object.fromEntries((await w.sql(`SELECT phone || '=' || state FROM message WHERE campaign_id = ${id}`)).split('\n').map((l) => l.split('=')));
	for (const h of list) assert.equal(state[h.e164], h.e164 === first ? 'delivering' : 'cancelled', JSON.stringify(state));
	for (const h of list) assert.equal((await w.texts(h.e164)).filter((t) => t.direction === 'received' && t.state === 'DELIVRD').length, h.e164 === first ? 1 : 0);
	const [m] = await shown(list.find((h) => h.e164 !== first));
	assert.deepEqual([m.status, m.error], ['Cancelled', 'the campaign was stopped; the carrier took it back']);
	// Who has read nothing is as if never asked: the next scan reminds them.
	assert.equal(await w.sql(`SELECT count(*) FROM conversation WHERE campaign_id = ${id} AND NOT open AND outcome = 'campaign_stopped'`), '4');
	await w.faults({ reset: true });
	await w.json('scan');
	for (const h of list) if (h.e164 !== first) await w.next(h.e164, /要续办请回复 Y/);
	assert.equal((await w.json('trail', 'verify')).good, true);
});

test('no receipt comes: the carrier is asked; where it has no answer the text is a technical failure', async () => {
	const list = crowd(2), [answered, silent] = list;
	await w.faults({ reset: true, 'no-receipts': true });
	await send(list);
	await until(async () => await w.sql(`SELECT count(*) FROM message_part WHERE phone IN (${phones(list)}) AND state = 'accepted'`) === '4', 'four accepted parts');
	await w.stopDaemon();
	await w.sql(`UPDATE message SET created_at = created_at - interval '80 hours' WHERE phone IN (${phones(list)})`);
	await w.sql(`UPDATE message_part SET answered_at = answered_at - interval '80 hours', message_at = message_at - interval '80 hours' WHERE phone IN (${phones(list)})`);
	// One was asked about before, and the carrier had nothing to say.
	await w.sql(`UPDATE message_part SET queried_at = now() - interval '10 minutes' WHERE phone IN (${phones([silent])})`);
	await w.startDaemon();
	await become([answered], 'delivered');
	await become([silent], 'technical');
	assert.equal((await w.record('query')).length, 2, 'both parts of one');
	const [m] = await shown(silent);
	assert.deepEqual([m.status, m.error], ['Technical failure', 'no receipt came']);
	assert.ok(!(await w.json('worklist', 'phone')).some((e) => e.phone === silent.e164), 'nobody is phoned for a receipt');
});
