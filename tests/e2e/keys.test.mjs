// Personal fields at rest and their keys: rotated, sealed anew, and the old key gone.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { unlinkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../lib/world.mjs';
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
