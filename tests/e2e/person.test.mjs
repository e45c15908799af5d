// One person: the copy that is theirs, and the erasure that the law allows; the seals stay valid.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, root } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';

let w;
const wang = holder(801, { name: '沂源县王记豆腐坊', phone: '13700000801', licences: 2 }), li = holder(802, { name: '沂源县李记粮油店', phone: '13700000802' });
before(async () => {
	w = await World.start({ conf: 'seal_seconds = 0' });
	await remind(w, [wang, li]);
	await w.say(wang.e164, '请问要带什么材料 Zq7Mark');
});
after(async () => { await w?.stop(); });
// store/personal.txt: {table: {column: class}}
function personal() {
	const tables = {};
	let table;
	for (const line of readFileSync(join(root, 'store/personal.txt'), 'utf8').split('\n')) {
		if (line === '' || line.startsWith('#')) continue;
		const [word, ...columns] = line.split(' - ')[0].trim().split(/\s+/);
		if (!line.startsWith(' ')) { table = tables[word] = {}; continue; }
		for (const c of columns) { assert.equal(table[c], undefined, `${c} twice`); table[c] = word; }
	}
	return tables;
}

// How many rows of each column hold one of these words, as they are or as octets: "table.column" -> rows.
async function holding(tables, words) {
	const sought = words.flatMap((x) => [x, Buffer.from(x).toString('hex')]).map((x) => `('${x}')`);
	const each = Object.entries(tables).flatMap(([t, columns]) => Object.keys(columns).map((c) =>
		`SELECT '${t}.${c}', (SELECT count(*) FROM "${t}" WHERE EXISTS (SELECT FROM w WHERE position(x IN "${c}"::text) > 0))`));
	const rows = await w.sql(`WITH w(x) AS (VALUES ${sought}) SELECT what || '=' || n FROM (${each.join(' UNION ALL ')}) AS f(what, n) WHERE n > 0`);
	return Object.fromEntries(rows.split('\n').filter(Boolean).map((r) => [r.split('=')[0], Number(r.split('=')[1])]));
}
const erase = async (...args) => { const r = await w.cli('--json', 'person', 'erase', ...args); assert.equal(r.code, 0, r.stderr); return JSON.parse(r.stdout); };

test('the copy holds everything of that person and nothing of another, found by phone or by number', async () => {
	for (const word of [wang.phone, wang.id, wang.id.toLowerCase()]) {
		const o = JSON.parse(await w.must('person', 'export', word, '--staff', 'zhou'));
		assert.deepEqual(o.holders.map((h) => [h.name, h.phone, h.id_number, h.address]), [[wang.name, wang.e164, wang.id, wang.address]]);
		assert.deepEqual(o.licences.map((l) => l.licence_no).sort(), [...wang.licences].sort());
		assert.equal(o.applications.length, 2);
		assert.ok(o.texts.some((t) => t.direction === 'in' && t.text === '请问要带什么材料 Zq7Mark'));
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

test('every column of every table is said to hold something of a person, or nothing', async () => {
	const told = personal(), there = {};
	for (const line of (await w.sql(`SELECT c.table_name || ' ' || c.column_name FROM information_schema.columns c JOIN pg_class k
		ON k.oid = to_regclass(c.table_name) WHERE c.table_schema = 'public' AND k.relkind IN ('r', 'p') AND NOT k.relispartition`)).split('\n')) {
		const [table, column] = line.split(' ');
		(there[table] ??= []).push(column);
	}
	for (const [table, columns] of Object.entries(there)) {
		assert.ok(told[table], `store/personal.txt does not speak of the table ${table}`);
		assert.deepEqual(Object.keys(told[table]).sort(), columns.sort(), `store/personal.txt and the table ${table}`);
	}
	assert.deepEqual(Object.keys(told).filter((t) => !there[t]), []);
	const classes = ['none', 'person', 'words', 'sealed', 'hash', 'copy', 'stays', 'staff'];
	for (const columns of Object.values(told)) for (const c of Object.values(columns)) assert.ok(classes.includes(c), c);
});

test('what is under way stays, and why is said', async () => {
	const o = await erase(wang.phone, '--reason', '2026-17');
	assert.ok(o.stays.some((s) => s.what === 'conversation' && /under way/.test(s.why)));
	assert.ok(o.stays.some((s) => s.what === 'holder' && /under way/.test(s.why)));
	assert.deepEqual([o.erased.conversations, o.erased.texts], [0, 0]);
	assert.equal(await w.sql(`SELECT name FROM holder WHERE phone = '${wang.e164}'`), wang.name);
	assert.equal((await w.cli('person', 'erase', wang.phone)).code, 2, 'not without a reason');
});

// Something of Wang in everything that can hold it, also where it is of no talk and where the number was another one.
async function everywhere() {
	const [talk, licence, h] = (await w.sql(`SELECT c.id, l.id, c.holder_id FROM conversation c JOIN licence l ON l.holder_id = c.holder_id WHERE c.phone = '${wang.e164}' LIMIT 1`)).split('|');
	const [app] = (await w.sql(`SELECT id FROM application WHERE conversation_id = ${talk} ORDER BY id`)).split('\n');
	const P = `'${wang.e164}'`;
	await w.sql(`INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, open, ended_at) VALUES (1, 900006, '+8613700000899', ${h}, 'zh', 'renewal', false, now());
		INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, conversation_id, status, closed_at) SELECT 1, id, holder_id, item_code, 'expiry:2019-01-01', 900006, 'declined', now() FROM licence WHERE id = ${licence};
		INSERT INTO trail (bureau_id, at, application_id, conversation_id, actor, kind, data) SELECT 1, now(), id, 900006, 'system', e.kind, e.data::jsonb FROM application,
			(VALUES (1, 'due', '{}'), (2, 'reminded', '{"from": "due"}'), (3, 'declined', '{"from": "reminded"}')) AS e(n, kind, data) WHERE conversation_id = 900006 ORDER BY e.n;
		INSERT INTO phone_language (bureau_id, phone, language) VALUES (1, ${P}, 'zh');
		INSERT INTO suppression (bureau_id, phone, reason) VALUES (1, ${P}, 'opt_out');
		INSERT INTO inbound_part (bureau_id, link, phone, short_code, kind, reference, total, part, data) VALUES (1, 'east', ${P}, '10690001', 'udh8', 7, 2, 1, convert_to('Zq7Mark', 'UTF8'));
		INSERT INTO receipt_early (bureau_id, link, carrier_key, phone, state) VALUES (1, 'east', 'none such', ${P}, 'DELIVRD');
		INSERT INTO call_code (bureau_id, code_hash, phone, staff, expires_at) VALUES (1, '\\x00', ${P}, 'zhou', now());
		INSERT INTO ussd_session (bureau_id, id, link, session, phone, conversation_id, said, ended_at) VALUES (1, 900001, 'east', '1', ${P}, ${talk}, 'Zq7Mark', now()), (1, 900002, 'east', '2', ${P}, NULL, '', now());
		INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) VALUES (1, 900003, now(), 'east', '', 0, ${P}, '10690001', 'Zq7Mark of no talk', '\\x00');
		INSERT INTO message (bureau_id, id, created_at, conversation_id, phone, kind, text, state, error) VALUES (1, 900004, now(), NULL, ${P}, 'notice', 'Zq7Mark of no talk', 'failed', 'Zq7Mark'),
			(1, 900005, now(), 900006, '+8613700000899', 'notice', 'Zq7Mark to a phone of old', 'delivered', '');
		INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state) VALUES (1, 900004, 1, 1, 'east', ${P}, 'failed'), (1, 900005, 1, 1, 'east', '+8613700000899', 'delivered');
		INSERT INTO worklist (bureau_id, list, application_id, conversation_id, phone, reason, note) VALUES (1, 'phone', ${app}, ${talk}, ${P}, 'Zq7Mark', 'Zq7Mark note'), (1, 'read', NULL, NULL, ${P}, 'Zq7Mark', 'Zq7Mark note');
		INSERT INTO staff_event (bureau_id, name, kind, subject) VALUES (1, 'zhou', 'phone_seen', 'phone ' || ${P});
		INSERT INTO webhook (bureau_id, url, events, secret, since_id, created_by, removed_at) VALUES (1, 'https://other.example', '{*}', '\\x00', 0, 'zhou', now());
		INSERT INTO webhook_delivery (bureau_id, webhook_id, event, body, state, ended_at) SELECT 1, id, 'message.failed', jsonb_build_object('phone', ${P}, 'conversation', ${talk}, 'data', jsonb_build_object('reason', 'Zq7Mark')), 'dead', now() FROM webhook;
		INSERT INTO api_request (bureau_id, key_name, request, hash, status, answer) VALUES (1, 'register', 'k1', '\\x00', 200, '{"phone": "${wang.phone}", "holder": "Zq7Mark"}');
		INSERT INTO campaign (bureau_id, name, on_date, status, created_by, upload, preview) VALUES (1, 'k', current_date, 'done', 'zhou',
			'{"rows": 1, "faults": [{"row": 2, "column": "phone", "value": "${wang.phone}", "text": "Zq7Mark"}]}', '{"texts": [{"text": "Zq7Mark ${wang.licences[0]}"}]}');
		INSERT INTO register_change (bureau_id, holder_id, changed_on, field, new_value, value_hash) SELECT 1, id, current_date, 'address', address, '\\x00' FROM holder WHERE id = ${h};
		INSERT INTO signature (bureau_id, conversation_id, grant_id, hash, document, signed_at, signature) SELECT 1, ${talk}, 1, '\\x00', id_number || '\\x00', now(), '\\x00' FROM holder WHERE id = ${h};
		INSERT INTO credit_mark (bureau_id, holder_id, application_id, reason, marked_by, lifted_at) VALUES (1, ${h}, ${app}, 'Zq7Mark', 'zhou', now());
		INSERT INTO trail (bureau_id, at, actor, kind, data) VALUES (1, now(), 'api:register', 'suppressed', jsonb_build_object('phone', ${P}, 'reason', 'Zq7Mark'));
		UPDATE licence SET facts = '{"area": "Zq7Mark"}' WHERE id = ${licence};
		UPDATE holder SET landline = ${P}, tags = '{Zq7Mark}' WHERE id = ${h};
		UPDATE conversation SET slots = '{"note": "Zq7Mark"}' WHERE id = ${talk};
		UPDATE application SET decision_reason = 'Zq7Mark', rating_reason = 'Zq7Mark', tracking_no = 'Zq7Mark', pickup_code = 'Zq7Mark', verified_by = 'platform:Zq7Mark' WHERE id = ${app}`);
}

test('what is over goes; the valid licence keeps its name until it runs out; another person keeps everything', async () => {
	await w.say(wang.e164, 'N');
	await everywhere();
	const tables = personal(), goes = ['person', 'words', 'copy'], mine = [wang.e164, wang.phone, 'Zq7Mark', wang.name];
	const before = await holding(tables, mine);
	for (const [table, columns] of Object.entries(tables))
		for (const [column, kind] of Object.entries(columns))
			if (goes.includes(kind) && !['outbox', 'outside_event'].includes(table)) assert.ok(before[`${table}.${column}`] > 0, `nothing of theirs is in ${table}.${column}`);
	const sealed = (await w.sql(`SELECT encode(id_number, 'hex') || '\n' || encode(address, 'hex') FROM holder WHERE name = '${wang.name}'
		UNION ALL SELECT encode(new_value, 'hex') FROM register_change UNION ALL SELECT encode(document, 'hex') FROM signature`)).split('\n');
	assert.equal(sealed.length, 4);
	const o0 = JSON.parse(await w.must('person', 'export', wang.phone));
	assert.deepEqual(['worklist', 'ussd_sessions', 'calls', 'languages', 'told', 'looks', 'changes', 'signatures', 'credit_marks'].filter((k) => o0[k].length === 0), []);
	assert.ok(o0.worklist.some((x) => x.note === 'Zq7Mark note') && o0.trail.some((x) => x.data.phone === wang.e164) && o0.texts.some((t) => t.text === 'Zq7Mark to a phone of old'));
	const dry = await erase(wang.id, '--dry-run');
	assert.equal(dry.erased.conversations, 0);
	assert.match(dry.conversations, /^\{\d+,900006\}$/);
	const o = await erase(wang.id, '--reason', '2026-18', '--staff', 'zhou');
	assert.equal(o.erased.conversations, 2);
	assert.equal(o.erased.applications, 3);
	assert.ok(o.erased.texts >= 4 && o.erased.events > 0, JSON.stringify(o.erased));
	assert.ok(o.stays.some((s) => s.what === 'holder' && /licence is valid/.test(s.why)));
	assert.equal(await w.sql(`SELECT count(*) FROM holder WHERE name = '${wang.name}' AND phone IS NULL AND landline IS NULL AND address IS NULL AND id_number IS NOT NULL`), '1');
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
	const stays = Object.keys(await holding(tables, [...mine, ...sealed, '13700000899']));
	assert.deepEqual(stays.filter((x) => { const [t, c] = x.split('.'); return tables[t][c] !== 'stays'; }), [], 'nothing of theirs is left but what is said to stay');
	assert.deepEqual(stays, ['suppression.phone']);
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
	writeFileSync(w.conf, readFileSync(w.conf, 'utf8').replace('id = 1', 'id = 1\n\tkeep_days = 30'), { mode: 0o600 });
	let o = await erase(li.phone, '--reason', '2026-20');
	assert.equal(o.erased.conversations, 0);
	assert.ok(o.stays.some((s) => /keep_days/.test(s.why)));
	await w.sql("UPDATE application SET closed_at = now() - interval '31 days' WHERE closed_at IS NOT NULL");
	o = await erase(li.phone, '--reason', '2026-21');
	assert.equal(o.erased.conversations, 1);
});

test('a phone of nobody on file is somebody too; what has not left yet stays until it has', async () => {
	const stranger = '+8613700000877';
	await w.say(stranger, 'Zq8Stranger');
	const o = JSON.parse(await w.must('person', 'export', stranger));
	assert.deepEqual([o.holders.length, o.texts.some((t) => t.text === 'Zq8Stranger')], [0, true]);
	const tables = personal();
	assert.ok((await holding(tables, ['Zq8Stranger']))['inbound.text'] > 0);
	await erase(stranger, '--reason', '2026-22');
	assert.deepEqual(await holding(tables, ['Zq8Stranger', stranger]), {});
	assert.equal((await w.cli('person', 'export', stranger)).code, 1);

	const zhao = holder(803, { name: '沂源县赵记包子铺', phone: '13700000803' });
	await remind(w, [zhao]);
	await w.say(zhao.e164, 'N');
	await w.sql(`UPDATE application SET closed_at = now() - interval '31 days' WHERE closed_at IS NOT NULL;
		INSERT INTO outbox (bureau_id, message_id, message_at, conversation_id, phone, link, priority, kind, not_before) SELECT 1, 1, now(), id, phone, 'east', 1, 'notice', now() + interval '1 day' FROM conversation WHERE phone = '${zhao.e164}'`);
	let e = await erase(zhao.phone, '--reason', '2026-23');
	assert.equal(e.erased.conversations, 0);
	assert.ok(e.stays.some((s) => s.what === 'conversation' && /has not left yet/.test(s.why)));
	await w.sql('DELETE FROM outbox');
	e = await erase(zhao.phone, '--reason', '2026-24');
	assert.equal(e.erased.conversations, 1, JSON.stringify(e));
	assert.deepEqual((await w.json('trail', 'verify')).faults, []);
});
