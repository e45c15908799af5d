// The database is full, and the database is away, while citizens write: the carrier is told to come again (0x64), the
// daemon's memory stays where it was, and everything goes on by itself; each text is stored once and answered.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World, root, run } from '../lib/world.mjs';

let w, dir, flag;
before(async () => {
	dir = mkdtempSync(join(tmpdir(), 'huizhi-full.'));
	chmodSync(dir, 0o755);
	flag = join(dir, 'full');
	const library = join(dir, 'full.so');
	const made = await run('cc', ['-O1', '-shared', '-fPIC', '-o', library, join(root, 'tests/lib/full.c'), '-ldl']);
	assert.equal(made.code, 0, made.stderr);
	// Only the server shall have it, and the server is started here.
	Object.assign(process.env, { LD_PRELOAD: library, HUIZHI_FULL: flag });
	try {
		w = await World.start({ daemon: false, smsc: ['--fault', 'retry-delay=300', '--keep', '10000', '--quiet'], pg: ['autovacuum=off'] });
	} finally {
		delete process.env.LD_PRELOAD;
		delete process.env.HUIZHI_FULL;
	}
	await w.startDaemon();
});
after(async () => { await w?.stop(); rmSync(dir, { recursive: true, force: true }); });

const memory = () => Number(readFileSync(`/proc/${w.daemon.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;
const phone = (i) => `+86139${String(i).padStart(8, '0')}`;
const stats = async () => (await fetch(`${w.carrierUrl}/stats`)).json();

// Texts of many phones while the store cannot take them, until so many were put off; then it can, and all are answered.
async function putOff(t, name, { hinder, relieve, texts, putOffs }) {
	const before = memory(), from = (await stats()).record_cursor, first = Number(await w.sql('SELECT count(*) FROM inbound'));
	await hinder();
	let said = 0, later = 0, peak = before;
	for (let cursor = from; later < putOffs || said < texts;) {
		// A few at a time: what is in the daemon's hands at once is bounded by the carrier's window, not by us.
		if (said < texts) await Promise.all(Array.from({ length: 50 }, () => w.text(phone(said), `${name} ${said++}`)));
		const r = await (await fetch(`${w.carrierUrl}/record?after=${cursor}&wait=5&kind=answered&limit=1000`)).json();
		cursor = r.next;
		later += r.record.filter((e) => e.message && e.status === 0x64).length;
		const wrong = r.record.find((e) => e.message && ![0, 0x64].includes(e.status));
		assert.equal(wrong, undefined, JSON.stringify(wrong));
		peak = Math.max(peak, memory());
	}
	await relieve();
	let waiting, outbox;
	await w.until(async () => {
		({ waiting } = (await (await fetch(`${w.carrierUrl}/sessions`)).json()).queues[0]);
		outbox = waiting === 0 ? await w.sql('SELECT count(*) FROM text_leaving') : '';
		return outbox === '0';
	}, () => `${waiting} deliver_sm wait, ${outbox} texts to be sent`);
	assert.equal(Number(await w.sql('SELECT count(*) FROM inbound')) - first, said, 'each text is stored once');
	assert.equal(await w.sql(`SELECT count(DISTINCT text) FROM inbound WHERE text LIKE '${name} %' AND error = ''`), String(said));
	const answered = new Set((await w.record('submit')).filter((e) => e.status === 0).map((e) => e.dest));
	for (let i = 0; i < said; i++) assert.ok(answered.has(phone(i)), `${phone(i)} has no answer`);
	t.diagnostic(`${name}: ${said} texts, ${later} times put off; VmRSS ${before.toFixed(1)} MB before, ${peak.toFixed(1)} MB at most`);
	assert.ok(peak - before < 32, `${peak - before} MB more`);
	assert.ok(w.daemon.code === undefined, 'the daemon lives');
}

test('a full disk', async (t) => {
	await putOff(t, 'full', { texts: 800, putOffs: 300, hinder: () => writeFileSync(flag, ''), relieve: () => rmSync(flag) });
	assert.ok(w.daemon.lines.some((l) => /No space left on device/.test(l)), 'the log has the cause in words');
});

test('the database is away', async (t) => {
	const pg = join(w.dir, 'pg');
	await putOff(t, 'away', { texts: 800, putOffs: 2000, hinder: () => run(join(root, 'tools/cluster'), ['stop', pg, '--immediate']),
		relieve: () => run(join(root, 'tools/cluster'), ['start', pg, 'fsync=off', 'autovacuum=off']) });
});

test('a commit that was stored and never answered is marked so as soon as the database is back', async () => {
	const pg = join(w.dir, 'pg'), who = phone(99999);
	await w.sql("CREATE TABLE marks (id bigint, session text); CREATE FUNCTION marked() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO marks VALUES (NEW.id, NEW.session); RETURN NULL; END$$; CREATE TRIGGER marked AFTER UPDATE OF session ON inbound FOR EACH ROW EXECUTE FUNCTION marked()");
	// Nobody is this standby: what is committed is on the disk, and whoever committed it is not told.
	await w.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	await w.sql('SELECT pg_reload_conf()');
	await w.until(async () => await w.sql('SHOW synchronous_standby_names') === 'nobody');
	await w.text(who, 'stored and never answered');
	await w.until(async () => await w.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name <> 'psql'") !== '0');
	await w.sql('ALTER SYSTEM RESET synchronous_standby_names');
	await run(join(root, 'tools/cluster'), ['stop', pg, '--immediate']);
	await run(join(root, 'tools/cluster'), ['start', pg, 'fsync=off', 'autovacuum=off']);
	await w.next(who, /./s);
	const marks = (await w.sql(`SELECT m.session FROM marks m JOIN inbound i USING (id) WHERE i.phone = '${who}'`)).split('\n');
	assert.equal(marks[0], '?', 'marked, before it came again');
	assert.ok(marks.length >= 2 && marks.at(-1) !== '?', `then of the bind that it came again on: ${marks}`);
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${who}'`), '1');
});
