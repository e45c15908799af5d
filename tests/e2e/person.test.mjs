// One person: the copy that is theirs, and the erasure that the law allows; the seals stay valid.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { World } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';

let w;
const wang = holder(801, { name: '沂源县王记豆腐坊', phone: '13700000801', licences: 2 }), li = holder(802, { name: '沂源县李记粮油店', phone: '13700000802' });
before(async () => {
	w = await World.start({ conf: 'seal_seconds = 0' });
	await remind(w, [wang, li]);
	await w.say(wang.e164, '请问要带什么材料');
});
after(async () => { await w?.stop(); });
const erase = async (...args) => { const r = await w.cli('--json', 'person', 'erase', ...args); assert.equal(r.code, 0, r.stderr); return JSON.parse(r.stdout); };

test('the copy holds everything of that person and nothing of another, found by phone or by number', async () => {
	for (const word of [wang.phone, wang.id, wang.id.toLowerCase()]) {
		const o = JSON.parse(await w.must('person', 'export', word, '--staff', 'zhou'));
		assert.deepEqual(o.holders.map((h) => [h.name, h.phone, h.id_number, h.address]), [[wang.name, wang.e164, wang.id, wang.address]]);
		assert.deepEqual(o.licences.map((l) => l.licence_no).sort(), [...wang.licences].sort());
		assert.equal(o.applications.length, 2);
		assert.ok(o.texts.some((t) => t.direction === 'in' && t.text === '请问要带什么材料'));
		assert.ok(o.texts.some((t) => t.direction === 'out'));
		assert.ok(o.trail.some((t) => t.kind === 'due') && o.trail.some((t) => t.kind === 'reminded'));
		const all = JSON.stringify(o);
		for (const foreign of [li.id, li.phone, li.name, '_sealed']) assert.ok(!all.includes(foreign), foreign);
	}
	assert.equal(await w.sql("SELECT string_agg(DISTINCT actor, ',') || count(*) FROM trail WHERE kind = 'person_exported'"), 'staff:zhou3');
	let r = await w.cli('person', 'export', '13712345678');
	assert.deepEqual([r.code, /nothing is kept of/.test(r.stderr)], [1, true]);
	r = await w.cli('person', 'export', 'hello');
	assert.match(r.stderr, /neither a telephone number nor an identity number/);
});

test('what is under way stays, and why is said', async () => {
	const o = await erase(wang.phone, '--reason', '2026-17');
	assert.ok(o.stays.some((s) => s.what === 'conversation' && /under way/.test(s.why)));
	assert.ok(o.stays.some((s) => s.what === 'holder' && /under way/.test(s.why)));
	assert.deepEqual([o.erased.conversations, o.erased.texts], [0, 0]);
	assert.equal(await w.sql(`SELECT name FROM holder WHERE phone = '${wang.e164}'`), wang.name);
	assert.equal((await w.cli('person', 'erase', wang.phone)).code, 2, 'not without a reason');
});

test('what is over goes; the valid licence keeps its name until it runs out; another person keeps everything', async () => {
	await w.say(wang.e164, 'N');
	const dry = await erase(wang.id, '--dry-run');
	assert.equal(dry.erased.conversations, 0);
	assert.match(dry.conversations, /^\{\d+\}$/);
	const o = await erase(wang.id, '--reason', '2026-18', '--staff', 'zhou');
	assert.equal(o.erased.conversations, 1);
	assert.equal(o.erased.applications, 2);
	assert.ok(o.erased.texts >= 4 && o.erased.events > 0, JSON.stringify(o.erased));
	assert.ok(o.stays.some((s) => s.what === 'holder' && /licence is valid/.test(s.why)));
	assert.equal(await w.sql(`SELECT count(*) FROM holder WHERE name = '${wang.name}' AND phone IS NULL AND address IS NULL AND id_number IS NOT NULL`), '1');
	for (const table of ['message', 'message_part', 'inbound', 'conversation', 'worklist', 'holder', 'outbox'])
		assert.equal(await w.sql(`SELECT count(*) FROM ${table} WHERE phone = '${wang.e164}'`), '0', table);
	assert.equal(await w.sql("SELECT count(*) FROM inbound WHERE text LIKE '%材料%'"), '0');
	assert.equal(await w.sql(`SELECT count(*) > 0 AND bool_and(text <> '') FROM message WHERE phone = '${li.e164}'`), 't');
	assert.equal(await w.sql("SELECT count(*) FROM trail WHERE data::text LIKE '%材料%'"), '0');

	// When the licence has run out, the rest goes too.
	await w.sql(`UPDATE licence l SET expires_on = current_date - 1 FROM holder h WHERE h.id = l.holder_id AND h.name = '${wang.name}'`);
	assert.equal((await erase(wang.id, '--reason', '2026-19')).erased.holders, 1);
	assert.equal(await w.sql(`SELECT count(*) FROM holder WHERE name = '${wang.name}'`), '0');
	assert.equal((await w.cli('person', 'export', wang.id)).code, 1);
	const orders = await w.json('retention', 'orders');
	assert.deepEqual(orders.map((x) => [x.kind, x.reason]).reverse(), [['erasure', '2026-17'], ['erasure', '2026-18'], ['erasure', '2026-19']]);
	assert.equal(orders[1].actor, 'staff:zhou');
	const v = await w.json('trail', 'verify');
	assert.deepEqual(v.faults, []);
	assert.ok(v.redacted >= o.erased.events);
});

test('a file that the law has the bureau keep stays for its days', async () => {
	await w.say(li.e164, 'N');
	w.options.bureaus = undefined;
	const { readFileSync, writeFileSync } = await import('node:fs');
	writeFileSync(w.conf, readFileSync(w.conf, 'utf8').replace('id = 1', 'id = 1\n\tkeep_days = 30'), { mode: 0o600 });
	let o = await erase(li.phone, '--reason', '2026-20');
	assert.equal(o.erased.conversations, 0);
	assert.ok(o.stays.some((s) => /keep_days/.test(s.why)));
	await w.sql("UPDATE application SET closed_at = now() - interval '31 days' WHERE closed_at IS NOT NULL");
	o = await erase(li.phone, '--reason', '2026-21');
	assert.equal(o.erased.conversations, 1);
});
