// Where a measurement takes place: a private cluster with PostgreSQL's default durable settings, databases made from
// templates so that every run starts from the same rows, the load generator, the daemon.
import { mkdtempSync, rmSync, writeFileSync, chmodSync, readFileSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUREAU, Program, build, deadline, freePort, huizhi, root, run } from '../lib/world.mjs';

export const PG = '/usr/lib/postgresql/15/bin';
export const WARM = 500;
const WAL_FILES = 40;
const LIMIT = 300; // seconds after which one run is given up

export class Place {
	static async start() {
		const p = new Place();
		p.dir = mkdtempSync(join(tmpdir(), 'huizhi-bench.'));
		chmodSync(p.dir, 0o755);
		// BENCH_STATEMENTS=1: pg_stat_statements is loaded, for a profile; figures are a little lower then.
		const settings = process.env.BENCH_STATEMENTS ? ['shared_preload_libraries=pg_stat_statements'] : [];
		const cluster = await run(join(root, 'tools/cluster'), ['start', join(p.dir, 'pg'), ...settings]);
		if (cluster.code !== 0) throw new Error(cluster.stderr);
		p.socket = join(p.dir, 'pg/socket');
		p.publicPort = await freePort();
		p.staffPort = await freePort();
		p.load = new Program(join(build, 'tests/bench/load'), ['127.0.0.1:0'], { stdio: ['pipe', 'pipe', 'pipe'] });
		p.smpp = (await p.load.line(/"listen":"([^"]+)"/))[1];
		p.writeConf('keys');
		await p.must('keygen');
		return p;
	}
	database(name) { return `host=${this.socket} user=huizhi dbname=${name}`; }
	writeConf(database, { ports = [this.publicPort, this.staffPort], more = '', hours = '00:00-24:00' } = {}) {
		this.conf = join(this.dir, `${database}${ports[0] === this.publicPort ? '' : `.${ports[0]}`}.conf`);
		writeFileSync(this.conf, `database = "${this.database(database)}"
keys = "${join(this.dir, 'keys')}"
templates = "${join(root, 'templates')}"
items = "${join(root, 'conf/items')}"
log_level = "warn"
${more}
public { listen = "127.0.0.1:${ports[0]}" }
staff { listen = "127.0.0.1:${ports[1]}" }
link "east" {
	hosts = {"${this.smpp}"}
	system_id = "huizhi"
	password = "secret"
	backoff_min_ms = 50
	backoff_max_ms = 200
}
${BUREAU.replace('00:00-24:00', hours)}`, { mode: 0o600 });
	}
	async must(...args) {
		const r = await huizhi('-c', this.conf, ...args, { timeout: 3600000 });
		if (r.code !== 0) throw new Error(`huizhi ${args.join(' ')} -> ${r.code}\n${r.stdout}${r.stderr}`);
		return r.stdout;
	}
	async sql(database, query) {
		const r = await run(`${PG}/psql`, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', this.database(database), '-f', '-'], { timeout: 3600000, input: query });
		if (r.code !== 0) throw new Error(r.stderr);
		return r.stdout.trim();
	}
	async create(name, template = 'template1') {
		await this.sql('postgres', `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
		// What a copy leaves to write belongs to no measurement.
		await this.sql('postgres', 'CHECKPOINT');
	}
	// Statistics as autovacuum would leave them. Tables without a row stay as they were made.
	async settle(name, tables) { await this.sql(name, `VACUUM (ANALYZE) ${tables}`); }
	// A database that has seen traffic: WARM turns on its first WARM conversations, then statistics. In the first minute
	// of an empty database PostgreSQL plans blindly; that is not what is measured here.
	async warm(name) {
		await this.floor('turns', this.database(name), WARM, 50, 60);
		await this.settle(name, '');
	}
	// The write-ahead log of a server that has been at work: its files lie ready, for each checkpoint keeps those that it no
	// longer needs under new names. A young cluster makes every one anew, 16 MB of zeros that each commit meanwhile waits
	// for. As many as lie between two checkpoints that come by the log's size, with PostgreSQL's own settings.
	async seasoned() {
		await this.sql('postgres', `DO $$ BEGIN FOR i IN 1..${WAL_FILES} LOOP
PERFORM pg_logical_emit_message(false, 'bench', ''); PERFORM pg_switch_wal(); END LOOP; END $$; CHECKPOINT`);
	}
	async drop(name) { await this.sql('postgres', `DROP DATABASE "${name}" WITH (FORCE)`); }
	// An empty database with tables, bureau and items.
	async fresh(name) {
		await this.create(name);
		this.writeConf(name);
		await this.must('init');
	}
	// The daemon on a database, bound to the load generator.
	async daemon(database, options = {}) {
		this.writeConf(database, options);
		const from = this.load.lines.length;
		this.gateway = new Program(join(build, 'huizhid'), ['-c', this.conf], { stdio: ['ignore', 'pipe', 'pipe'] });
		await Promise.race([this.load.line(/"bound"/, { from, seconds: 60 }),
			this.gateway.exited.then((code) => { throw new Error(`the daemon ended (${code})\n${this.gateway.tail()}`); })]);
		return this.gateway;
	}
	// Several daemons on one database, each bound.
	async daemons(database, n, more = '') {
		const first = this.conf;
		this.gateways = [];
		for (let i = 0; i < n; i++) {
			this.writeConf(database, { ports: [await freePort(), await freePort()], more });
			const from = this.load.lines.length, gateway = new Program(join(build, 'huizhid'), ['-c', this.conf], { stdio: ['ignore', 'pipe', 'pipe'] });
			this.gateways.push(gateway);
			await Promise.race([this.load.line(/"bound"/, { from, seconds: 60 }),
				gateway.exited.then((code) => { throw new Error(`a daemon ended (${code})\n${gateway.tail()}`); })]);
		}
		this.conf = first;
	}
	// What a part that failed has left running.
	async rest() {
		for (const stop of [() => this.stopDaemon(), () => this.stopDaemons(), () => this.kannel?.stop()]) await Promise.resolve(stop()).catch(() => {});
	}
	async stopDaemons() {
		await Promise.all((this.gateways ?? []).map((g) => g.end('SIGTERM', 120)));
		this.gateways = undefined;
	}
	// Microseconds of CPU that these programs and PostgreSQL's processes have had.
	cpu(pids) {
		const postmaster = Number(readFileSync(join(this.dir, 'pg/data/postmaster.pid'), 'utf8').split('\n')[0]);
		const threads = (pid) => { try { return readdirSync(`/proc/${pid}/task`).map((t) => `${pid}/task/${t}`); } catch { return []; } };
		const spent = (pid) => threads(pid).reduce((n, t) => { try { return n + Number(readFileSync(`/proc/${t}/schedstat`, 'utf8').split(' ')[0]) / 1000; } catch { return n; } }, 0);
		const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ').filter(Boolean);
		const all = (list) => new Map(list.map((p) => [p, spent(p)]));
		return { programs: all(pids), postgres: all(children), load: all([this.load.child.pid]) };
	}
	// The CPU of one piece of work, in microseconds a unit. What ended meanwhile (a worker of autovacuum) is not in it.
	async spent(pids, units, work) {
		const before = this.cpu(pids), result = await work(), after = this.cpu(pids), n = units(result);
		const more = (k) => [...after[k]].reduce((sum, [pid, us]) => sum + us - (before[k].get(pid) ?? 0), 0);
		return { result, cpu: Object.fromEntries(Object.keys(before).map((k) => [k, more(k) / n])) };
	}
	async stopDaemon() {
		if (!this.gateway) return;
		await this.gateway.end('SIGTERM', 120);
		this.gateway = undefined;
	}
	// One order to the load generator, one answer.
	async order(line) {
		const from = this.load.lines.length;
		this.load.child.stdin.write(`${line}\n`);
		const answer = JSON.parse((await this.load.line(/^\{"(?:turns|messages|error)".*/, { from, seconds: LIMIT * 5 }))[0]);
		if (answer.error) throw new Error(`${answer.error}\n${this.gateway?.tail()}`);
		return answer;
	}
	async floor(...args) {
		const r = await run(join(build, 'tests/bench/floor'), args.map(String), { timeout: LIMIT * 1000 });
		if (r.code !== 0) throw new Error(`floor ${args[0]} -> ${r.code}\n${r.stderr}`);
		return JSON.parse(r.stdout);
	}
	// Peak memory of a running program in MB.
	peak(program = this.gateway) {
		const status = readFileSync(`/proc/${program.child.pid}/status`, 'utf8');
		return Number(status.match(/VmHWM:\s+(\d+) kB/)[1]) / 1024;
	}
	// A command with its seconds and its peak memory in MB, read from /proc while it runs.
	async timed(...args) {
		const began = process.hrtime.bigint();
		const program = new Program(join(build, 'huizhi'), ['-c', this.conf, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
		let peak = 0;
		const look = setInterval(() => { try { peak = Math.max(peak, this.peak(program)); } catch { /* it has just ended */ } }, 20);
		const code = await deadline(program.exited, 3600, `huizhi ${args.join(' ')} did not end`).finally(() => clearInterval(look));
		if (code !== 0) throw new Error(`huizhi ${args.join(' ')} -> ${code}\n${program.tail()}`);
		return { seconds: Number(process.hrtime.bigint() - began) / 1e9, peak, lines: program.lines };
	}
	// Keeps the made-up population as a CSV of so many licences, all due.
	population(file, rows, date) {
		const r = spawnSync('bash', ['-c', 'awk -v date="$1" -v rows="$2" -v due=all -f demo/population.awk >"$3"', 'bash', date, String(rows), file], { cwd: root });
		if (r.status !== 0) throw new Error(String(r.stderr));
	}
	async stop() {
		try {
			await this.stopDaemon();
		} finally {
			this.gateway?.child.kill('SIGKILL');
			for (const g of this.gateways ?? []) g.child.kill('SIGKILL');
			await this.kannel?.stop();
			this.load?.child.kill('SIGTERM');
			await run(join(root, 'tools/cluster'), ['drop', join(this.dir, 'pg')]);
			rmSync(this.dir, { recursive: true, force: true });
		}
	}
}

export const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());

// Seconds of one asynchronous piece of work.
export async function seconds(work) {
	const began = process.hrtime.bigint();
	await work();
	return Number(process.hrtime.bigint() - began) / 1e9;
}
