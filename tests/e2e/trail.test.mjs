// The trail under seal: what is altered, missing or inserted is found and named, with the database and with an export and
// the public key alone; keys may change; several writers at once lose nothing.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { World, build, huizhi } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';

let w;
before(async () => {
	w = await World.start({ conf: 'seal_seconds = 0' });
	await remind(w, [holder(1), holder(2)]);
	await w.say(holder(1).e164, 'Y', /核实身份/);
});
after(async () => { await w?.stop(); });

const keys = () => join(w.dir, 'keys');
async function verify(...args) {
	const r = await w.cli('--json', 'trail', 'verify', ...args);
	assert.ok(r.code === 0 || r.code === 1, r.stderr);
	const o = JSON.parse(r.stdout);
	assert.equal(o.good, r.code === 0);
	return o;
}
// What one change by SQL makes of the check, and that undoing it makes all good again.
async function tampered(change, undo) {
	await w.sql(change);
	const o = await verify();
	await w.sql(undo);
	assert.deepEqual((await verify()).faults, []);
	return o.faults;
}

test('what is new is counted as not sealed, then sealed, once', async () => {
	const events = Number(await w.sql('SELECT count(*) FROM trail'));
	assert.ok(events >= 6);
	let o = await verify();
	assert.deepEqual([o.unsealed, o.sealed, o.seals, o.faults.length], [events, 0, 0, 0]);
	assert.deepEqual([(await w.json('trail', 'seal')).events, (await w.json('trail', 'seal')).events], [events, 0]);
	o = await verify();
	assert.deepEqual([o.unsealed, o.sealed, o.seals, o.faults.length], [0, events, 1, 0]);
	assert.equal(o.ends[0].bureau, 'yiyuan');
	assert.match(o.ends[0].head, /^[0-9a-f]{64}$/);
	await w.say(holder(2).e164, 'Y', /核实身份/);
	assert.ok((await verify()).unsealed > 0);
	assert.ok((await w.json('trail', 'seal')).events > 0);
	o = await verify();
	assert.deepEqual([o.unsealed, o.seals], [0, 2]);
});

test('an altered event is named, whatever of it was altered', async () => {
	const [id, at] = (await w.sql("SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM trail WHERE kind = 'consented' LIMIT 1")).split('|');
	await w.sql(`CREATE TABLE kept AS SELECT * FROM trail WHERE id = ${id}`);
	for (const set of ["data = data || '{\"text\": \"N\"}'", "actor = 'staff:mallory'", "kind = 'old_certificate_chosen'",
		'application_id = application_id + 1', 'conversation_id = NULL', "at = at - interval '1 second'"]) {
		const faults = await tampered(`UPDATE trail SET ${set} WHERE id = ${id}`,
			`DELETE FROM trail WHERE id = ${id}; INSERT INTO trail SELECT * FROM kept`);
		// What the change does to the application's way is told apart.
		const own = faults.filter((f) => f.event !== undefined);
		assert.equal(own.length, 1, set);
		assert.deepEqual([own[0].bureau, own[0].event, own[0].at], ['yiyuan', Number(id), at], set);
		assert.match(own[0].fault, /^altered/);
	}
	await w.sql('DROP TABLE kept');
	await w.sql(`UPDATE trail SET actor = 'staff:mallory' WHERE id = ${id}`);
	const r = await w.cli('trail', 'verify');
	await w.sql(`UPDATE trail SET actor = 'citizen' WHERE id = ${id}`);
	assert.equal(r.code, 1);
	assert.match(r.stdout, new RegExp(`bureau yiyuan event ${id} of 20\\d\\d-[^\\n]*\\(seal 1\\): altered since it was sealed`));
});

test('a missing event is named, and one that was inserted, also with an id and a time of long ago', async () => {
	const id = await w.sql("SELECT id FROM trail WHERE kind = 'reminded' ORDER BY id LIMIT 1");
	await w.sql(`CREATE TABLE kept AS SELECT * FROM trail WHERE id = ${id}`);
	let faults = await tampered(`DELETE FROM trail WHERE id = ${id}`, 'INSERT INTO trail SELECT * FROM kept; DROP TABLE kept');
	assert.deepEqual(faults.filter((f) => f.event).map((f) => [f.event, f.fault.slice(0, 7)]), [[Number(id), 'missing']]);
	for (const at of ['now()', "'2020-01-01'"]) {
		faults = await tampered(
			`INSERT INTO trail (bureau_id, id, at, conversation_id, actor, kind) VALUES (1, ${id}, ${at}, 99, 'citizen', 'moved')`,
			"DELETE FROM trail WHERE conversation_id = 99 AND kind = 'moved'");
		assert.deepEqual(faults.map((f) => [f.event, f.fault.slice(0, 8)]), [[Number(id), 'inserted']]);
	}
});

test('a seal that is altered or taken away is named', async () => {
	await w.sql('CREATE TABLE kept AS SELECT * FROM trail_seal');
	const undo = 'DELETE FROM trail_seal; INSERT INTO trail_seal SELECT * FROM kept';
	let faults = await tampered('UPDATE trail_seal SET to_id = to_id + 1 WHERE number = 1', undo);
	assert.ok(faults.some((f) => f.seal === 1 && /signature is wrong/.test(f.fault)));
	// The hash of an event, exchanged in the list: the list no longer leads to the head that is signed.
	faults = await tampered("UPDATE trail_seal SET body = overlay(body PLACING '\\x0000' FROM 20) WHERE number = 1", undo);
	assert.ok(faults.some((f) => f.seal === 1 && /was altered: it does not lead to its head/.test(f.fault)));
	faults = await tampered('DELETE FROM trail_seal WHERE number = 1', undo);
	assert.ok(faults.some((f) => f.seal === 1 && /the seal is missing/.test(f.fault)));
	await w.sql('DROP TABLE kept');
});

test('with the export and the public key alone', async () => {
	await w.must('trail', 'seal');
	const file = join(w.dir, 'trail.jsonl');
	await w.must('trail', 'export', file);
	const pub = join(keys(), 'sign.1.pub');
	const offline = (name, key = pub) => huizhi('-c', '/nonexistent', '--json', 'trail', 'verify', '--export', name, '--public-key', key);
	let r = await offline(file);
	assert.equal(r.code, 0, r.stdout + r.stderr);
	const lines = readFileSync(file, 'utf8').trim().split('\n');
	assert.equal(JSON.parse(r.stdout).sealed, lines.filter((l) => l.startsWith('{"event"')).length);
	const at = lines.findIndex((l) => l.includes('consented'));
	const { id } = JSON.parse(lines[at]);
	const changed = join(w.dir, 'changed.jsonl');
	for (const [what, made] of [
		['altered', lines.map((l, i) => (i === at ? l.replace('citizen', 'somebody') : l))],
		['missing', lines.filter((_, i) => i !== at)],
		['inserted', lines.flatMap((l, i) => (i === at ? [l, l] : [l]))],
	]) {
		writeFileSync(changed, made.join('\n') + '\n');
		r = await offline(changed);
		assert.equal(r.code, 1);
		assert.deepEqual(JSON.parse(r.stdout).faults.map((f) => [f.bureau, f.event, f.fault.split(/[ :]/)[0]]), [['1', id, what]]);
	}
	await w.must('keygen', '--rotate');
	r = await offline(file, join(keys(), 'sign.2.pub'));
	assert.match(JSON.parse(r.stdout).faults[0].fault, /key that is not among those given/);
	writeFileSync(changed, '{"nonsense": 1}\n');
	assert.match((await offline(changed)).stderr, /changed\.jsonl:1: this is no line of a trail's export/);
});

test('a newer key signs, older seals stay good, also when the older secret key is gone', async () => {
	await w.say(holder(2).e164, 'STOP');
	await w.must('trail', 'seal');
	assert.equal(await w.sql('SELECT count(DISTINCT public_key) FROM trail_seal'), '2');
	assert.deepEqual((await verify()).faults, []);
	unlinkSync(join(keys(), 'sign.1.key'));
	assert.ok(readdirSync(keys()).includes('sign.1.pub'));
	assert.deepEqual((await verify()).faults, []);
});

test('the end cut off, seals and events together, shows by the head that was noted down', async () => {
	const { ends } = await verify();
	const noted = `${ends[0].seal}:${ends[0].head}`;
	assert.deepEqual((await verify('--expect', noted)).faults, []);
	await w.sql(`CREATE TABLE kept_seal AS SELECT * FROM trail_seal WHERE number = ${ends[0].seal};
		CREATE TABLE kept AS SELECT t.* FROM trail t, kept_seal s WHERE t.id > s.after_id;
		DELETE FROM trail WHERE id IN (SELECT id FROM kept); DELETE FROM trail_seal WHERE number = ${ends[0].seal}`);
	const faults = (await verify('--expect', noted)).faults.filter((f) => f.seal);
	await w.sql('INSERT INTO trail SELECT * FROM kept; INSERT INTO trail_seal SELECT * FROM kept_seal; DROP TABLE kept, kept_seal');
	assert.equal(faults.length, 1);
	assert.match(faults[0].fault, /cut off behind seal/);
	assert.deepEqual((await verify('--expect', noted)).faults, []);
	assert.equal((await w.cli('trail', 'verify', '--expect', '1:xyz')).code, 2);
});

test('an event whose transaction is still open when later ones are sealed is sealed after them, not lost', async () => {
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		const written = new Promise((done) => psql.stdout.once('data', done));
		psql.stdin.write("BEGIN; INSERT INTO trail (bureau_id, at, actor, kind) VALUES (1, now(), 'system', 'campaign_created') RETURNING id;\n");
		await written;
		await w.sql("INSERT INTO trail (bureau_id, at, actor, kind) VALUES (1, now(), 'system', 'campaign_start')");
		// It waits for the open one; that one ends while it does.
		const sealing = w.json('trail', 'seal');
		const looking = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%virtualtransaction = ANY%' AND query NOT LIKE '%pg_stat_activity%'";
		await w.until(async () => await w.sql(looking) !== '0', 'it waits for the writer');
		assert.equal(await w.sql('SELECT count(*) FROM trail_seal WHERE to_id >= (SELECT max(id) FROM trail)'), '0');
		psql.stdin.end('COMMIT;\n');
		assert.equal((await sealing).events, 2);
	} finally {
		psql.kill();
	}
	const o = await verify();
	assert.deepEqual([o.unsealed, o.faults.length], [0, 0]);
});

test('a sealer that is killed in the middle leaves nothing half; of several at once each event is sealed by one', async () => {
	await w.sql("INSERT INTO trail (bureau_id, at, actor, kind, data) SELECT 1, now(), 'system', 'campaign_created', jsonb_build_object('n', n) FROM generate_series(1, 3500) n");
	const seals = async () => Number(await w.sql('SELECT count(*) FROM trail_seal'));
	const until = (query) => w.until(async () => await w.sql(query) !== '0', query);
	const before = await seals();
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		const held = new Promise((done) => psql.stdout.once('data', done));
		psql.stdin.write("BEGIN; LOCK TABLE trail_seal IN SHARE MODE; SELECT 1;\n");
		await held;
		const sealer = spawn(join(build, 'huizhi'), ['-c', w.conf, 'trail', 'seal'], { stdio: 'ignore' });
		const gone = new Promise((done) => sealer.once('exit', (code, signal) => done(signal)));
		await until("SELECT count(*) FROM pg_locks WHERE relation = 'trail_seal'::regclass AND NOT granted");
		// It has the lock of the bureau's sealer and waits to write: another one does nothing, and says so.
		assert.match(await w.must('trail', 'seal'), /another process is sealing/);
		sealer.kill('SIGKILL');
		assert.equal(await gone, 'SIGKILL');
		psql.stdin.end('COMMIT;\n');
		await new Promise((done) => psql.on('exit', done));
	} finally {
		psql.kill();
	}
	await until("SELECT (count(*) = 0)::int FROM pg_locks WHERE locktype = 'advisory' AND classid = 728334");
	assert.equal(await seals(), before, 'nothing half');
	const done = await Promise.all([1, 2, 3].map(() => w.json('trail', 'seal')));
	await w.json('trail', 'seal');
	assert.equal(await seals(), before + 4);
	assert.equal(Math.max(...done.map((d) => d.events)), 3500);
	const o = await verify();
	assert.deepEqual([o.unsealed, o.faults], [0, []]);
});

test('the daemon seals by itself', async () => {
	await w.say(holder(1).e164, 'STOP');
	const [before, upto] = (await w.sql('SELECT (SELECT max(number) FROM trail_seal), (SELECT max(id) FROM trail)')).split('|');
	w.options.conf = 'seal_seconds = 1';
	w.writeConf();
	w.daemon.child.kill('SIGHUP');
	const sealed = `SELECT count(*) FROM trail_seal WHERE number > ${before} AND to_id >= ${upto}`;
	await w.until(async () => await w.sql(sealed) !== '0', 'the next seal');
	assert.deepEqual((await verify()).faults, []);
});
