// Personal fields at rest and their keys: rotated, sealed anew, and the old key gone.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { unlinkSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PATIENCE, World, build } from '../lib/world.mjs';
import { application, holder, remind } from '../lib/people.mjs';

let w;
const people = [1, 2, 3].map((i) => holder(i));
before(async () => {
	w = await World.start();
	await remind(w, people);
	// An address of one's own on an application, and a change with both values.
	await w.sql(`UPDATE application SET address = (SELECT address FROM holder LIMIT 1)`);
	await w.sql(`INSERT INTO register_change (bureau_id, holder_id, changed_on, field, old_value, new_value, value_hash)
		SELECT 1, id, '2026-01-01', 'address', address, address, '\\x00' FROM holder`);
});
after(async () => { await w?.stop(); });
const status = async () => { const r = await w.cli('--json', 'keys', 'status'); return { code: r.code, ...JSON.parse(r.stdout) }; };

test('the newest key seals what is new, reseal brings the rest under it, and then the old one may go', async () => {
	assert.match(readFileSync(`/proc/${w.daemon.child.pid}/limits`, 'utf8'), /Max core file size +0 /, 'no memory with what is open in it on the disk');
	let s = await status();
	assert.deepEqual(s.keys, [{ key: 1, values: 15, newest: true, removable: false }]);
	await w.must('keygen', '--rotate');
	s = await status();
	assert.deepEqual(s.keys.map((k) => [k.key, k.values, k.removable]), [[2, 0, false], [1, 15, false]]);
	const r = await w.json('keys', 'reseal');
	assert.deepEqual([r.rows, r.unreadable, r.lost], [9, 0, 0]);
	assert.deepEqual(r.keys.map((k) => [k.key, k.values, k.removable]), [[2, 15, false], [1, 0, true]]);
	assert.equal((await w.json('keys', 'reseal')).rows, 0);
	const old = join(w.dir, 'keys/seal.1.key'), copy = readFileSync(old);
	unlinkSync(old);
	assert.equal((await status()).code, 0);
	const a = await application(w, people[1]);
	assert.equal((await w.json('application', 'show', String(a.id))).address, people[0].address);
	writeFileSync(old, copy, { mode: 0o600 });
});

test('a value whose key is missing is counted, and nothing is overwritten', async () => {
	await w.must('keygen', '--rotate');
	const key = join(w.dir, 'keys/seal.2.key'), copy = readFileSync(key);
	unlinkSync(key);
	let s = await status();
	assert.deepEqual([s.code, s.lost], [1, 15]);
	assert.deepEqual(s.missing.map((m) => [m.key, m.field, m.values]), [[2, 'application.address', 3], [2, 'holder.address', 3], [2, 'holder.id_number', 3],
		[2, 'register_change.new_value', 3], [2, 'register_change.old_value', 3]]);
	assert.match((await w.cli('keys', 'status')).stdout, /seal\.2\.key is not in the folder: 3 values of holder\.id_number at yiyuan cannot be opened/);
	const r = await w.cli('--json', 'keys', 'reseal');
	assert.equal(r.code, 1);
	assert.equal(JSON.parse(r.stdout).unreadable, 15);
	writeFileSync(key, copy, { mode: 0o600 });
	const told = await w.cli('keys', 'status');
	assert.ok(!told.stdout.includes('seal.2.key is not in the folder'));
	s = await status();
	assert.deepEqual([s.code, s.lost], [0, 0]);
	assert.match(await w.must('keys', 'status'), /seal\.2\.key seals 15 values; it must stay: run huizhi keys reseal/);
});

test('a reseal that is killed in the middle leaves every value whole under one key or the other; two at once end it', async () => {
	await w.sql(`INSERT INTO holder (bureau_id, identity_hash, name, language, id_number, address) SELECT 1, convert_to('n' || n, 'UTF8'), '第' || n || '店', 'zh', h.id_number, h.address
		FROM generate_series(1, 1200) n, (SELECT id_number, address FROM holder LIMIT 1) h`);
	const values = async (key) => (await status()).keys.find((k) => k.key === key)?.values ?? 0;
	const newest = (await status()).keys[0].key + 1;
	await w.must('keygen', '--rotate');
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		const held = new Promise((done) => psql.stdout.once('data', done));
		psql.stdin.write('BEGIN; SELECT id FROM holder ORDER BY id DESC LIMIT 1 FOR UPDATE;\n');
		await held;
		const reseal = spawn(join(build, 'huizhi'), ['-c', w.conf, 'keys', 'reseal'], { stdio: 'ignore' });
		const gone = new Promise((done) => reseal.once('exit', (code, signal) => done(signal)));
		for (const end = Date.now() + PATIENCE * 1000; (await w.sql("SELECT count(*) FROM pg_locks WHERE NOT granted")) === '0';) assert.ok(Date.now() < end);
		reseal.kill('SIGKILL');
		assert.equal(await gone, 'SIGKILL');
		assert.ok(await values(newest) >= 2000 && await values(newest) < 2400, 'some are under the new key, some are not');
		psql.stdin.end('ROLLBACK;\n');
		await new Promise((done) => psql.on('exit', done));
	} finally {
		psql.kill();
	}
	const both = await Promise.all([w.json('keys', 'reseal'), w.json('keys', 'reseal')]);
	assert.deepEqual(both.map((r) => [r.unreadable, r.lost]), [[0, 0], [0, 0]]);
	assert.deepEqual((await status()).keys.map((k) => [k.values > 0, k.removable]).slice(0, 2), [[true, false], [false, true]]);
	// What is open in memory is in no log and no trail.
	const log = w.daemon.lines.join('\n'), trail = await w.sql('SELECT string_agg(data::text, chr(10)) FROM trail');
	assert.ok(log.includes('huizhid') && trail.includes('licence_no'));
	for (const p of people) for (const word of [p.id, p.address, p.e164]) assert.deepEqual([log.includes(word), trail.includes(word)], [false, false], word);
	// Every value opens to what it was.
	const { holders } = JSON.parse(await w.must('person', 'export', people[2].phone));
	assert.deepEqual([holders[0].id_number, holders[0].address], [people[2].id, people[2].address]);
	assert.equal(await w.sql(`SELECT count(*) FROM holder WHERE get_byte(id_number, 1) * 256 + get_byte(id_number, 2) <> ${newest} OR get_byte(address, 1) * 256 + get_byte(address, 2) <> ${newest}`), '0');
});
