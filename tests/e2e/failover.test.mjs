// Two PostgreSQL clusters with synchronous streaming replication. The primary is killed while citizens talk, the standby is
// promoted, and the daemon finds it by its connection string; every text that the carrier was told is stored is there.
import test from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World, root, run } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';

const BIN = '/usr/lib/postgresql/15/bin';
const owner = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', 'env', 'HOME=/var/lib/postgresql'] : ['env'];
const asOwner = async (...command) => {
	const r = await run(owner[0], [...owner.slice(1), ...command], { cwd: '/' });
	if (r.code !== 0) throw new Error(`${command.join(' ')}: ${r.stderr}${r.stdout}`);
	return r.stdout;
};

test('the primary is killed, the standby promoted: the daemon finds it, and nothing acknowledged is lost', async () => {
	// The standby's folder first, for the daemon's connection string names both hosts from its start.
	const dir = mkdtempSync(join(tmpdir(), 'huizhi-standby.'));
	chmodSync(dir, 0o755);
	const second = join(dir, 'pg');
	let w;
	try {
		w = await World.start({ daemon: false, smsc: ['--fault', 'retry-delay=100'], link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\treceipt_wait_seconds = 2' });
		const first = join(w.dir, 'pg');
		// The standby is a copy of the primary, taken over its socket by the cluster's owner, and follows it from then on.
		await run('install', process.getuid() === 0 ? ['-d', '-o', 'postgres', '-g', 'postgres', second, join(second, 'socket')] : ['-d', second, join(second, 'socket')]);
		await asOwner(`${BIN}/pg_basebackup`, '-h', join(first, 'socket'), '-U', 'huizhi', '-D', join(second, 'data'), '-R', '-X', 'stream', '-c', 'fast',
			'-C', '-S', 'second', '-d', `host=${join(first, 'socket')} user=huizhi application_name=second`);
		const standby = await run(join(root, 'tools/cluster'), ['start', second]);
		assert.equal(standby.code, 0, standby.stderr);
		await w.sql("ALTER SYSTEM SET synchronous_standby_names = 'second'");
		await w.sql('SELECT pg_reload_conf()');
		for (let state; (state = await w.sql("SELECT coalesce(max(sync_state), '') FROM pg_stat_replication")) !== 'sync';) assert.ok(['', 'async'].includes(state), state);

		w.database = `host=${join(first, 'socket')},${join(second, 'socket')} user=huizhi dbname=huizhi target_session_attrs=read-write`;
		w.writeConf();
		await w.startDaemon();
		const people = Array.from({ length: 30 }, (_, i) => holder(500 + i));
		await remind(w, people);
		// Everybody answers, and asks on while the primary dies: no two texts of a phone are alike.
		// A Y that is put off when the primary dies may come again behind a question that came after it: then that is answered first.
		const waiting = people.map(async (h) => { await w.text(h.e164, 'Y'); while (!/核实身份/.test(await w.next(h.e164))); });
		await Promise.race(waiting);
		let dead = false, n = 0;
		const asking = (async () => { while (!dead) await w.text(people[n % people.length].e164, `进度${' '.repeat(1 + n++ / people.length)}`); })();
		await run(join(root, 'tools/cluster'), ['stop', first, '--immediate']);
		await w.daemon.line(/database connection=turn lost/);
		dead = true;
		await asking;
		await asOwner(`${BIN}/pg_ctl`, '-D', join(second, 'data'), '-w', 'promote');
		await Promise.all(waiting);
		// And the talk goes on against the new primary, which the same connection string leads to.
		await w.text(people[0].e164, '帮助');
		await w.next(people[0].e164, /./s);
		const said = new Map((await w.record('mo')).map((e) => [e.message, e]));
		let answered;
		await w.until(async () => {
			answered = (await w.record('answered')).filter((e) => e.message && e.status === 0);
			return new Set(answered.map((e) => e.message)).size === said.size;
		}, () => `${said.size} texts, ${answered.length} taken`);
		const stored = new Set((await w.sql("SELECT phone || ' ' || text || '|' FROM inbound")).split('\n'));
		for (const e of answered) assert.ok(stored.has(`${said.get(e.message).source} ${said.get(e.message).text}|`), `acknowledged, and not in the new primary: ${JSON.stringify(said.get(e.message))}`);
		assert.equal(await w.sql('SELECT count(*) FROM inbound'), String(said.size), 'each once');
		assert.equal(JSON.parse(await w.must('--json', 'trail', 'verify')).good, true);
		assert.equal(await w.sql('SELECT pg_is_in_recovery()'), 'f');
	} finally {
		await w?.stop();
		await run(join(root, 'tools/cluster'), ['drop', second]);
		rmSync(dir, { recursive: true, force: true });
	}
});
