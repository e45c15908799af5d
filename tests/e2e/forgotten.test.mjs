// The database goes down, as a crash ends it, before it has written on its own what nobody waits for; the daemon lives on,
// and must not build on what it had read of that.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Sql } from '../lib/sql.mjs';
import { World, root, run } from '../lib/world.mjs';

const PHONE = '+8613700000001';
const settings = ['wal_writer_delay=10s', 'wal_writer_flush_after=1GB', 'autovacuum=off', 'fsync=on'];
let w;
before(async () => {
	w = await World.start({
		// One part after the other, and the carrier takes its time for each: nothing is written behind the first outcome.
		link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\twindow = 1',
		smsc: ['--fault', 'delay=3000', '--fault', 'receipt-delay=5000'],
		pg: settings,
	});
});
after(async () => { await w?.stop(); });

const pg = () => join(w.dir, 'pg');
async function crash() {
	assert.equal((await run(join(root, 'tools/cluster'), ['stop', pg(), '--immediate'])).code, 0);
	const again = await run(join(root, 'tools/cluster'), ['start', pg(), ...settings]);
	assert.equal(again.code, 0, again.stderr);
}

// The first outcome must have reached the disk: the answer's row goes with the second one, and nobody would look for the
// first again.
test('the outcomes of an answer that is known in part survive the end of the database', async () => {
	const parts = `SELECT string_agg(part || state, ' ' ORDER BY part) FROM message_part WHERE phone = '${PHONE}'`;
	await w.text(PHONE, '帮助');
	await w.becomes(`SELECT count(*) > 0 FROM message_part WHERE phone = '${PHONE}'`, 't', 'a part whose outcome is known');
	assert.equal(await w.sql(`SELECT parts FROM message WHERE phone = '${PHONE}'`), '2', 'the answer has two parts');
	await crash();
	await w.becomes(`SELECT state FROM message WHERE phone = '${PHONE}'`, 'delivered', 'state of the answer');
	assert.equal(await w.sql(parts), '1delivered 2delivered');
	assert.equal(await w.sql('SELECT count(*) FROM text_leaving'), '0');
	assert.equal((await w.record('submit')).filter((e) => e.dest === PHONE).length, 2, 'each part went once');
});

// What a server gave of a sequence in a transaction that no disk has seen it gives again. Whether it has forgotten: unless
// another commit came in between.
async function forgets(phone) {
	await w.stopDaemon();
	await w.startDaemon(); // it has no ids yet
	// The next value that is taken is the first one that would have to be written.
	while (await w.sql('SELECT log_cnt FROM row_id') !== '0') await w.sql("SELECT nextval('row_id')");
	const lock = new Sql(w.database);
	try {
		await lock.ask('BEGIN; LOCK TABLE inbound IN EXCLUSIVE MODE');
		await w.text(phone, '帮助');
		await w.becomes("SELECT count(*) FROM pg_locks WHERE relation = 'inbound'::regclass AND NOT granted", '1', 'a turn that has its ids and cannot be stored');
		const took = Number(await w.sql('SELECT last_value FROM row_id'));
		await crash();
		return Number(await w.sql('SELECT last_value FROM row_id')) < took;
	} finally {
		lock.end();
	}
}

test('ids that the database gave and forgot are given to nobody', async () => {
	for (let i = 2, forgot = false; !forgot; i++) {
		assert.ok(i < 8, 'the database does not forget');
		const phone = `+861370000000${i}`;
		forgot = await forgets(phone);
		await w.becomes(`SELECT state FROM message WHERE phone = '${phone}'`, 'delivered', 'state of the answer');
		const [most, next] = (await w.sql("SELECT greatest((SELECT max(id) FROM inbound), (SELECT max(id) FROM message)), nextval('row_id')")).split('|').map(Number);
		assert.ok(most < next, `id ${most} is stored, and ${next} will be given`);
	}
});
