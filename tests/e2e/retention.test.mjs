// What bureaus need no longer keep goes: from the tables, from the files of the database, out of the trail without breaking
// its seals; what is not over stays.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { World, BUREAU } from '../lib/world.mjs';
import { application, holder, remind } from '../lib/people.mjs';

let w;
const gone = holder(701, { phone: '13987654701', name: '鲁山鹿鸣早点铺' }), stays = holder(702, { phone: '13987654702', name: '历山松风茶社' });
const STRANGER = '+8613987654799'; // of whom no licence is on file
const WORDS = '旧证在搬家时丢失了请问怎么办';

before(async () => {
	w = await World.start({ conf: 'seal_seconds = 0', bureaus: BUREAU.replace('id = 1', 'id = 1\n\tretention_days = 100\n\tretention_texts_days = 50\n\tretention_records_days = 1000\n\tkeep_days = 0') });
	await remind(w, [gone, stays]);
	for (const h of [gone, stays]) {
		await w.say(h.e164, h === gone ? `${WORDS}鹿` : WORDS);
		await w.say(h.e164, 'N');
	}
	// A month of long ago, with a text and an event in it.
	await w.sql(`CREATE TABLE message_2020_01 PARTITION OF message FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-02-01 00:00:00+00');
		CREATE TABLE trail_2020_01 PARTITION OF trail FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-02-01 00:00:00+00');
		INSERT INTO trail (bureau_id, at, actor, kind) VALUES (1, '2020-01-15', 'system', 'campaign_created');
		INSERT INTO message (bureau_id, id, created_at, phone, kind, text, state) VALUES (1, 1, '2020-01-15', '', 'notice', 'of long ago', 'delivered');
		INSERT INTO trail (bureau_id, at, actor, kind, data) SELECT 1, now() - make_interval(days => d), 'api:register', 'suppressed', jsonb_build_object('phone', '${STRANGER}', 'reason', d) FROM (VALUES (101), (99)) AS a(d)`);
});
after(async () => { await w?.stop(); });

// Files of the cluster that hold these octets; the write-ahead log is another matter.
function filesWith(words) {
	const found = [];
	const walk = (dir) => {
		for (const name of readdirSync(dir)) {
			const path = join(dir, name);
			if (name === 'pg_wal' || name === 'socket' || name === 'log') continue;
			const s = statSync(path);
			if (s.isDirectory()) walk(path);
			else if (s.isFile()) {
				const octets = readFileSync(path);
				for (const word of words) if (octets.includes(word)) found.push(`${path}: ${word}`);
			}
		}
	};
	walk(join(w.dir, 'pg'));
	return found;
}
const verify = async () => { const r = await w.cli('--json', 'trail', 'verify'); return JSON.parse(r.stdout); };
const age = (h, days) => w.sql(`UPDATE conversation SET ended_at = now() - interval '${days} days' WHERE phone = '${h.e164}';
	UPDATE application a SET closed_at = now() - interval '${days} days' FROM holder o WHERE o.id = a.holder_id AND o.phone = '${h.e164}';
	UPDATE licence l SET expires_on = current_date - ${days} FROM holder o WHERE o.id = l.holder_id AND o.phone = '${h.e164}';
	UPDATE holder SET created_at = now() - interval '${days} days' WHERE phone = '${h.e164}'`);

test('nothing goes before its time but months that are over, and whom the trail named so long ago', async () => {
	assert.equal((await application(w, gone)).status, 'declined');
	await w.sql("INSERT INTO link_state (link, daemon, state, since, seen_at) VALUES ('gone', 'd9', 'bound', now() - interval '9 days', now() - interval '8 days'), ('kept', 'd9', 'bound', now(), now() - interval '6 days')");
	const [r, months] = await w.json('retention', 'run');
	assert.deepEqual([r.conversations, r.holders, r.texts, r.events, months.months_dropped], [0, 0, 1, 1, 2]);
	assert.equal(await w.sql("SELECT string_agg(link, ' ') FROM link_state WHERE daemon = 'd9'"), 'kept', 'what daemons said that are long gone');
	assert.equal(await w.sql("SELECT string_agg(coalesce(data->>'phone', 'gone'), ' ' ORDER BY id) FROM trail WHERE kind = 'suppressed'"), `gone ${STRANGER}`);
	assert.equal(await w.sql("SELECT to_regclass('message_2020_01') IS NULL AND to_regclass('trail_2020_01') IS NULL"), 't');
	const o = await verify();
	assert.deepEqual([o.dropped, o.faults.length], [1, 0]);
	await w.sql('CHECKPOINT');
	assert.ok(filesWith(['13987654701']).length > 0, 'what is searched for would be found');
	assert.ok(filesWith([WORDS]).length > 0);
});

test('what is over goes, and is in no file of the database after it was written anew', async () => {
	await w.sql('ANALYZE');
	await age(gone, 101);
	// What is of no talk: old and new, each twice.
	const [old, young] = [101, 99].map((d) => `now() - interval '${d} days'`), P = `'${STRANGER}'`;
	await w.sql([old, young].map((at, i) => `INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) VALUES (1, ${800001 + i}, ${at}, 'east', '', 0, ${P}, '1', '', '');
		INSERT INTO message (bureau_id, id, created_at, phone, kind, text, state) VALUES (1, ${800011 + i}, ${at}, ${P}, 'notice', '', 'delivered');
		INSERT INTO worklist (bureau_id, list, phone, reason, note, done_at) VALUES (1, 'read', ${P}, ${P}, ${P}, ${at});
		INSERT INTO call_code (bureau_id, code_hash, phone, staff, expires_at) VALUES (1, '', ${P}, 'zhou', ${at});
		INSERT INTO staff_event (bureau_id, at, name, kind, subject) VALUES (1, ${at}, 'zhou', 'phone_seen', 'phone ' || ${P});
		INSERT INTO phone_language (bureau_id, phone, language, since) VALUES (1, ${P} || ${i}, 'zh', ${at});
		INSERT INTO campaign (bureau_id, name, on_date, status, created_by, ended_at, upload, preview) VALUES (1, 'k', current_date, 'done', 'zhou', ${at}, jsonb_build_object('faults', ${P}), jsonb_build_object('texts', ${P}))`).join(';'));
	await w.sql(`INSERT INTO phone_language (bureau_id, phone, language, since) VALUES (1, '${stays.e164}', 'zh', ${old})`);
	const strays = ['inbound.phone', 'message.phone', 'worklist.phone', 'worklist.reason', 'worklist.note', 'call_code.phone', 'staff_event.subject',
		'phone_language.phone', 'campaign.upload::text', 'campaign.preview::text'].map((c) => { const [t, column] = c.split('.'); return `(SELECT count(*) FROM ${t} WHERE position(${P} IN ${column}) > 0)`; });
	assert.equal(await w.sql(`SELECT ${strays.join(" || ' ' || ")}`), strays.map(() => '2').join(' '));
	const talk = await w.sql(`SELECT conversation_id FROM message WHERE phone = '${gone.e164}' ORDER BY id LIMIT 1`);
	const said = () => w.sql(`SELECT count(*) FILTER (WHERE text <> '') || ' ' || count(*) FILTER (WHERE phone <> '') || ' ' || (count(*) > 2) FROM (SELECT text, phone FROM message WHERE conversation_id = ${talk}
		UNION ALL SELECT text, phone FROM inbound WHERE conversation_id = ${talk}) AS t`);
	assert.match(await said(), /^([1-9]\d*) \1 true$/);
	const [r] = await w.json('retention', 'run', '--rewrite');
	assert.equal(r.conversations, 1);
	assert.equal(r.applications, 1);
	assert.equal(r.holders, 1);
	assert.ok(r.texts >= 5 && r.events > 0, JSON.stringify(r));
	await w.sql('CHECKPOINT');
	assert.equal(await said(), '0 0 true', 'its rows are there and say nothing');
	assert.deepEqual(filesWith(['13987654701', '鲁山鹿鸣早点铺', `${WORDS}鹿`]), []);
	assert.equal(await w.sql(`SELECT ${strays.join(" || ' ' || ")}`), strays.map(() => '1').join(' '));
	assert.equal(await w.sql(`SELECT count(*) FROM phone_language WHERE phone = '${stays.e164}'`), '1', 'of a holder on file');
	// The same words of somebody whose time has not come are there.
	assert.ok(filesWith([WORDS]).length > 0);
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE text = '${WORDS}'`), '1');
	assert.equal(await w.sql("SELECT count(*) FROM holder WHERE name = '' AND phone IS NULL AND id_number IS NULL AND address IS NULL"), '1');
	const [again] = await w.json('retention', 'run');
	assert.deepEqual([again.conversations, again.holders, again.texts, again.events], [0, 0, 0, 0]);
});

test('the seals stay valid, and the order is named', async () => {
	const o = await verify();
	assert.deepEqual(o.faults, []);
	assert.ok(o.redacted > 0);
	const orders = await w.json('retention', 'orders');
	assert.deepEqual(orders.map((x) => [x.kind, x.actor, x.result.conversations]), [['retention', 'system', 1], ['retention', 'system', 0], ['retention', 'system', 0]]);
	assert.equal(await w.sql(`SELECT count(*) FROM trail WHERE data->>'redacted' = '${orders[0].id}'`), String(o.redacted - 1));
	assert.deepEqual(orders.map((x) => x.result.events), [o.redacted - 1, 0, 1]);
	assert.equal(await w.sql("SELECT count(*) FROM trail WHERE kind = 'redaction_ordered'"), '3');
});

test('what only looks redacted does not pass: changed afterwards, or without a signed order', async () => {
	const id = await w.sql("SELECT id FROM trail WHERE data ? 'redacted' LIMIT 1");
	const was = await w.sql(`SELECT data FROM trail WHERE id = ${id}`);
	await w.sql(`UPDATE trail SET data = data || '{"from": "approved"}' WHERE id = ${id}`);
	let faults = (await verify()).faults.filter((f) => f.event);
	assert.deepEqual(faults.map((f) => f.event), [Number(id)]);
	assert.match(faults[0].fault, /altered after order \d+ redacted it/);
	await w.sql(`UPDATE trail SET data = '${was}' WHERE id = ${id}`);
	const other = await w.sql("SELECT id FROM trail WHERE data ? 'text' LIMIT 1");
	const kept = await w.sql(`SELECT data FROM trail WHERE id = ${other}`);
	await w.sql(`UPDATE trail SET data = '{"redacted": 1}' WHERE id = ${other}`);
	faults = (await verify()).faults.filter((f) => f.event);
	assert.deepEqual(faults.map((f) => [f.event, f.fault]), [[Number(other), 'altered since it was sealed']]);
	await w.sql(`UPDATE trail SET data = $$${kept}$$ WHERE id = ${other}`);
	await w.sql("UPDATE trail_redaction SET body = overlay(body PLACING '\\x0102' FROM 12)");
	assert.ok((await verify()).faults.some((f) => /redaction by order \d+ is not signed/.test(f.fault)));
	await w.sql("UPDATE trail_redaction SET signature = signature");
});

test('the words of texts go earlier where the bureau wants it', async () => {
	await w.sql(`INSERT INTO message (bureau_id, id, created_at, phone, kind, text, state) VALUES
		(1, 900000001, now() - interval '51 days', '+8613911113333', 'notice', 'of last month', 'delivered'),
		(1, 900000002, now() - interval '49 days', '+8613911113333', 'notice', 'of this month', 'delivered')`);
	const [r] = await w.json('retention', 'run');
	assert.equal(r.texts, 1);
	assert.equal(await w.sql("SELECT string_agg(text, '|' ORDER BY id) FROM message WHERE id > 900000000"), '|of this month');
});

test('months that are in use stay until the next time; a drop that nobody signed hides nothing', async () => {
	await w.sql(`CREATE TABLE message_2020_02 PARTITION OF message FOR VALUES FROM ('2020-02-01 00:00:00+00') TO ('2020-03-01 00:00:00+00')`);
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		const held = new Promise((done) => psql.stdout.once('data', done));
		psql.stdin.write('BEGIN; SELECT count(*) FROM message;\n');
		await held;
		assert.deepEqual((await w.json('retention', 'run'))[1], { months_dropped: 0, months_busy: 1 });
		psql.stdin.end('COMMIT;\n');
		await new Promise((done) => psql.on('exit', done));
	} finally {
		psql.kill();
	}
	assert.deepEqual((await w.json('retention', 'run'))[1], { months_dropped: 1, months_busy: 0 });
	await w.sql("DELETE FROM trail WHERE id = (SELECT min(id) FROM trail); UPDATE trail_drop SET before = now()");
	const { faults } = await verify();
	assert.ok(faults.some((f) => /order \d+ to drop what is old is not signed/.test(f.fault)));
	assert.ok(faults.some((f) => f.event && /^missing/.test(f.fault)));
});
