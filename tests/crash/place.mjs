// A world that may be hurt: the daemon is started again whenever it is gone, the database can be stopped as a crash
// would stop it, and the carrier writes its whole record to a file. Everything random comes from one seed.
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Carrier } from '../lib/carrier.mjs';
import { Program, World, build, deadline, root, run } from '../lib/world.mjs';

// mulberry32: small, seeded, good enough to choose instants with.
export function random(seed) {
	let a = seed >>> 0;
	const next = () => {
		a = (a + 0x6D2B79F5) | 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	return { next, below: (n) => Math.floor(next() * n), one: (list) => list[Math.floor(next() * list.length)] };
}

const CLUSTER = ['fsync=on', 'synchronous_commit=on', 'checkpoint_timeout=30'];

export class Place {
	// options: those of World, and west: lines of a second link's section, to a carrier of its own. Every run of the
	// daemon is kept in `runs`.
	static async start(options = {}) {
		const p = new Place();
		p.folder = mkdtempSync(join(tmpdir(), 'huizhi-crash.'));
		p.recordFile = join(p.folder, 'record');
		p.runs = [];
		p.wanted = true;
		try {
			const smsc = (file) => ['--record', file, '--keep', '100000', '--quiet', ...(options.smsc || [])];
			let conf = options.conf || '';
			if (options.west !== undefined) {
				p.west = await Carrier.start({ args: smsc(`${p.recordFile}.west`) });
				conf += `\nlink "west" {\n\thosts = {"127.0.0.1:${p.west.port}"}\n\tsystem_id = "huizhi"\n\tpassword = "secret"\n\t${options.west}\n}`;
			}
			p.world = await World.start({ ...options, conf, daemon: false, pg: CLUSTER, smsc: smsc(p.recordFile) });
			p.urls = [p.world.carrierUrl, ...(p.west ? [p.west.url] : [])];
			p.world.carrier.exited.then((code) => { if (p.wanted) console.error(`the carrier ended (${code})\n${p.world.carrier.tail()}`); });
			await p.startDaemon();
		} catch (e) {
			await p.stop();
			throw e;
		}
		return p;
	}
	// The daemon, and again whenever it ends without being told to: one that finds no database at its start ends.
	async startDaemon({ bound = true } = {}) {
		const daemon = new Program(join(build, 'huizhid'), ['-c', this.world.conf]);
		this.runs.push(daemon);
		this.world.daemon = daemon;
		daemon.exited.then(() => {
			if (daemon.killed || !this.wanted || this.world.daemon !== daemon) return;
			this.wentAway = (this.wentAway || 0) + 1;
			this.again = setTimeout(() => this.startDaemon({ bound: false }), 100);
		});
		if (bound) await daemon.line(/link=east.*\bbound\b/);
	}
	async kill() {
		clearTimeout(this.again);
		const daemon = this.world.daemon;
		daemon.killed = true;
		await daemon.end('SIGKILL');
	}
	async stopDatabase() { await run(join(root, 'tools/cluster'), ['stop', join(this.world.dir, 'pg'), '--immediate']); }
	async startDatabase() {
		const r = await run(join(root, 'tools/cluster'), ['start', join(this.world.dir, 'pg'), 'fsync=off', ...CLUSTER]);
		if (r.code !== 0) throw new Error(r.stderr);
	}
	cut() { return this.world.drop(); }
	// One request to a carrier: 0 is the world's own, 1 the second one.
	async ask(path, { carrier = 0, body } = {}) {
		const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
		const r = await (await fetch(this.urls[carrier] + path, options)).json();
		if (r.error) throw new Error(`the carrier says to ${path}: ${r.error}`);
		return r;
	}
	// How much the carrier has recorded.
	async recorded() { return (await this.ask('/stats')).record_cursor; }
	// Waits until the carrier has been given n texts more, or two seconds have passed.
	async submitted(n) {
		const end = Date.now() + 2000;
		for (let after = await this.recorded(); n > 0 && Date.now() < end;) {
			const r = await this.ask(`/record?after=${after}&wait=1&kind=submit&limit=${n}`);
			after = r.next;
			n -= r.record.length;
		}
	}
	// What the carriers have recorded, in the order of time; what they number for themselves is told apart.
	// Line by line, for a long storm has more of them than a string holds; of what was put off again and again only
	// the first and the latest tries are kept: of a receipt too, which the carrier repeats while the database is away.
	async record() {
		const list = [], tries = new Map();
		for (const [i] of this.urls.entries()) {
			const input = createReadStream(i === 0 ? this.recordFile : `${this.recordFile}.west`);
			for await (const line of createInterface({ input, crlfDelay: Infinity })) {
				if (line === '') continue;
				const e = JSON.parse(line);
				for (const key of ['message', 'session', 'id']) if (e[key] !== undefined) e[key] = `${i}/${e[key]}`;
				// A receipt has the id of its part alone.
				const of = e.message ?? e.id;
				if (of !== undefined && (e.kind === 'deliver' || e.kind === 'lost' || (e.kind === 'answered' && e.status === 0x64))) {
					const have = tries.get(of) || { n: 0, last: [] };
					tries.set(of, have);
					if (++have.n > 10) {
						have.last[have.n % 6] = { ...e, carrier: i };
						continue;
					}
				}
				list.push({ ...e, carrier: i });
			}
		}
		for (const { last } of tries.values()) list.push(...last.filter(Boolean));
		return list.sort((a, b) => a.time_us - b.time_us);
	}
	// Rows of a query as objects.
	async rows(query) {
		const out = await this.world.sql(`SELECT coalesce(json_agg(r), '[]') FROM (${query}) r`);
		return JSON.parse(out);
	}
	// Looks again whenever the carrier has recorded something more, or once a second. Gives up when what is left has been
	// the same for so many seconds, or has changed for longer than `most`.
	async until(check, what, seconds = 120, most = 1800) {
		const began = Date.now();
		for (let cursor = 0, last = '', since = began; ;) {
			const left = await check();
			if (left === '') return;
			if (left !== last) [last, since] = [left, Date.now()];
			if (Date.now() > since + seconds * 1000 || Date.now() > began + most * 1000) throw new Error(`${what} never: ${left}\n${this.world.daemon.tail()}`);
			const before = cursor;
			cursor = await this.recorded();
			if (cursor === before) await this.ask(`/record?after=${cursor}&wait=1&limit=1`);
		}
	}
	// The daemon's memory in MB: VmRSS now, VmHWM at its most.
	memory(what = 'VmRSS') {
		return Math.round(Number(readFileSync(`/proc/${this.world.daemon.child.pid}/status`, 'utf8').match(new RegExp(`${what}:\\s+(\\d+)`))[1]) / 1024);
	}
	// What the daemons said that an operator would have to look at.
	complaints() {
		return this.runs.flatMap((d) => d.lines.filter((l) => /level=error|AddressSanitizer|runtime error|assert/i.test(l)));
	}
	async stop() {
		this.wanted = false;
		clearTimeout(this.again);
		await this.world?.stop();
		await this.west?.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

export { deadline };
