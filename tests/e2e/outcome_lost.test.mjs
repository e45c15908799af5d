// The database goes down, as a crash ends it, between the outcomes of one answer's two parts, before it has written on its
// own what nobody waits for; the daemon lives on. The first outcome must have reached the disk: the answer's row goes with
// the second one, and nobody would look for the first again.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { World, root, run } from '../lib/world.mjs';

const PHONE = '+8613700000001';
let w;
before(async () => {
	w = await World.start({
		// One part after the other, and the carrier takes its time for each: nothing is written behind the first outcome.
		link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\twindow = 1',
		smsc: ['--fault', 'delay=3000', '--fault', 'receipt-delay=5000'],
		pg: ['wal_writer_delay=10s', 'wal_writer_flush_after=1GB', 'autovacuum=off', 'fsync=on'],
	});
});
after(async () => { await w?.stop(); });

test('the outcomes of an answer that is known in part survive the end of the database', async () => {
	const pg = join(w.dir, 'pg'), parts = `SELECT string_agg(part || state, ' ' ORDER BY part) FROM message_part WHERE phone = '${PHONE}'`;
	await w.text(PHONE, '帮助');
	await w.becomes(`SELECT count(*) > 0 FROM message_part WHERE phone = '${PHONE}'`, 't', 'a part whose outcome is known');
	assert.equal(await w.sql(`SELECT parts FROM message WHERE phone = '${PHONE}'`), '2', 'the answer has two parts');
	assert.equal((await run(join(root, 'tools/cluster'), ['stop', pg, '--immediate'])).code, 0);
	const again = await run(join(root, 'tools/cluster'), ['start', pg, 'fsync=on', 'wal_writer_delay=10s', 'autovacuum=off']);
	assert.equal(again.code, 0, again.stderr);
	await w.becomes(`SELECT state FROM message WHERE phone = '${PHONE}'`, 'delivered', 'state of the answer');
	assert.equal(await w.sql(parts), '1delivered 2delivered');
	assert.equal(await w.sql('SELECT count(*) FROM text_leaving'), '0');
	assert.equal((await w.record('submit')).filter((e) => e.dest === PHONE).length, 2, 'each part went once');
});
