// A whole small world for a test: a private PostgreSQL cluster, the pretend carrier, keys, a configuration, the daemon.
// Everything lies in a temporary folder and is gone after stop(). Nothing here waits for time: it waits for lines, texts
// and exits, each with a deadline that fails the test.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import dgram from 'node:dgram';
import net from 'node:net';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const build = resolve(root, process.env.B || 'build');
// How many seconds a test waits for what must come. It costs nothing when it comes, and a busy machine may take its time.
export const PATIENCE = 150;
const PSQL = '/usr/lib/postgresql/15/bin/psql';

// A process whose output is read line by line; `line(pattern)` waits for one, also if it has come already.
export class Program {
	static alive = new Set();
	constructor(file, args, options = {}) {
		this.name = file.split('/').pop();
		this.lines = [];
		this.waiters = [];
		this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
		Program.alive.add(this);
		this.exited = new Promise((done) => this.child.on('exit', (code, signal) => {
			this.code = code ?? signal;
			Program.alive.delete(this);
			for (const w of this.waiters.splice(0)) w.reject(new Error(`${this.name} ended (${this.code}) before ${w.pattern}\n${this.tail()}`));
			done(this.code);
		}));
		this.child.on('error', (e) => { for (const w of this.waiters.splice(0)) w.reject(e); });
		for (const stream of [this.child.stdout, this.child.stderr]) {
			let rest = '';
			stream.setEncoding('utf8');
			stream.on('data', (chunk) => {
				const parts = (rest + chunk).split('\n');
				rest = parts.pop();
				for (const l of parts) this.#take(l);
			});
		}
	}
	#take(l) {
		this.lines.push(l);
		this.waiters = this.waiters.filter((w) => {
			const m = l.match(w.pattern);
			if (m) w.resolve(m);
			return !m;
		});
	}
	tail(n = 30) { return this.lines.slice(-n).join('\n'); }
	line(pattern, { seconds = PATIENCE, from = 0 } = {}) {
		for (const l of this.lines.slice(from)) { const m = l.match(pattern); if (m) return Promise.resolve(m); }
		if (this.code !== undefined) return Promise.reject(new Error(`${this.name} had ended (${this.code})\n${this.tail()}`));
		return deadline(new Promise((resolve, reject) => this.waiters.push({ pattern, resolve, reject })), seconds,
			() => `${this.name} never said ${pattern}\n${this.tail()}`);
	}
	async end(signal = 'SIGTERM', seconds = PATIENCE) {
		if (this.code === undefined) this.child.kill(signal);
		return deadline(this.exited, seconds, () => `${this.name} did not end after ${signal}\n${this.tail()}`);
	}
}

export function deadline(promise, seconds, why) {
	let timer;
	return Promise.race([promise, new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(typeof why === 'function' ? why() : why)), seconds * 1000);
	})]).finally(() => clearTimeout(timer));
}

export function run(file, args, options = {}) {
	return new Promise((done) => {
		const child = execFile(file, args, { maxBuffer: 1 << 28, timeout: 300000, ...options }, (error, stdout, stderr) =>
			done({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }));
		if (options.input !== undefined) child.stdin.end(options.input);
	});
}

// `huizhi` with these arguments; an object behind them has more for the process: input, env.
export function huizhi(...args) {
	const options = typeof args.at(-1) === 'object' ? args.pop() : {};
	return run(join(build, 'huizhi'), args, { cwd: root, ...options });
}

// A port for a program that is started a moment later. Below the range that the system itself gives out, so that no
// connection of a test beside this one takes it in between; and no such test is given it for as long as this one runs:
// whoever chose it keeps the UDP port of the same number.
export async function freePort() {
	for (let tries = 0; tries < 100; tries++) {
		const port = 12000 + Math.floor(Math.random() * 18000);
		const free = await new Promise((done) => {
			const server = net.createServer().on('error', () => done(false));
			server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
		});
		const mine = free && await new Promise((done) => {
			const sign = dgram.createSocket('udp4').on('error', () => done(false));
			sign.bind({ port, address: '127.0.0.1', exclusive: true }, () => { sign.unref(); done(true); });
		});
		if (mine) return port;
	}
	throw new Error('could not find a free port');
}

export const BUREAU = `bureau "yiyuan" {
	id = 1
	name = "沂源县行政审批服务局"
	signature = "【沂源审批】"
	short_code = "10690001"
	links = {"east"}
	languages = {"zh", "en"}
	send_hours = "00:00-24:00"
	scan_at = ""
	address = "沂源县鲁山路87号政务服务大厅3楼12号窗口"
	telephone = "0533-3241234"
}
`;

export class World {
	static alive = new Set();
	// options: link (extra lines of the link section), bureaus (text), conf (extra top lines), smsc (arguments), daemon: false
	static async start(options = {}) {
		const w = new World();
		w.options = options;
		w.dir = mkdtempSync(join(tmpdir(), 'huizhi-world.'));
		chmodSync(w.dir, 0o755);
		World.alive.add(w);
		try {
			await w.#start();
		} catch (e) {
			await w.stop();
			throw e;
		}
		return w;
	}
	async #start() {
		const o = this.options;
		const cluster = await run(join(root, 'tools/cluster'), ['start', join(this.dir, 'pg'), 'fsync=off', ...(o.pg || [])]);
		if (cluster.code !== 0) throw new Error(cluster.stderr);
		this.database = cluster.stdout.trim();
		await this.startCarrier();
		this.publicPort = await freePort();
		this.staffPort = await freePort();
		this.publicUrl = `http://127.0.0.1:${this.publicPort}`;
		this.staffUrl = `http://127.0.0.1:${this.staffPort}`;
		this.conf = join(this.dir, 'huizhi.conf');
		this.writeConf();
		await this.must('keygen');
		await this.must('init');
		if (o.daemon !== false) await this.startDaemon();
	}
	writeConf() {
		const o = this.options;
		writeFileSync(this.conf, `database = "${this.database}"
keys = "${join(this.dir, 'keys')}"
templates = "${o.templates || join(root, 'templates')}"
items = "${o.items || join(root, 'conf/items')}"
${o.conf || ''}
public { listen = "127.0.0.1:${this.publicPort}"  url = "${o.publicUrl || this.publicUrl}" }
staff { listen = "127.0.0.1:${this.staffPort}" }
link "east" {
	hosts = {"127.0.0.1:${o.carrierPort || this.smppPort}"}
	system_id = "huizhi"
	password = "secret"
	${o.link || 'backoff_min_ms = 50\n\tbackoff_max_ms = 200'}
}
${o.bureaus || BUREAU}`, { mode: 0o600 });
	}
	async startCarrier(port = 0) {
		this.carrier = new Program(join(build, 'huizhi-smsc'), ['--smpp', `127.0.0.1:${port}`, '--http', '127.0.0.1:0', '--system-id',
			'huizhi', '--password', 'secret', '--seed', '1', ...(this.options.smsc || [])]);
		this.smppPort = Number((await this.carrier.line(/^smpp 127\.0\.0\.1:(\d+)/))[1]);
		this.carrierUrl = (await this.carrier.line(/^http (http:\S+?)\/?$/))[1];
		this.cursors = new Map();
	}
	async startDaemon({ bound = true } = {}) {
		this.daemon = new Program(join(build, 'huizhid'), ['-c', this.conf]);
		await this.daemon.line(/huizhid version=\S+ started/);
		if (bound) await this.daemon.line(/link=east.*\bbound\b/);
		return this.daemon;
	}
	async killDaemon() { await this.daemon.end('SIGKILL'); }
	async stopDaemon() { return this.daemon.end('SIGTERM'); }

	// ---- the command line and the database
	cli(...args) { return huizhi('-c', this.conf, ...args); }
	async must(...args) {
		const r = await this.cli(...args);
		if (r.code !== 0) throw new Error(`huizhi ${args.filter((a) => typeof a !== 'object').join(' ')} -> ${r.code}\n${r.stdout}${r.stderr}`);
		return r.stdout;
	}
	async json(...args) { return JSON.parse(await this.must('--json', ...args)); }
	async sql(query) {
		const r = await run(PSQL, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', this.database, '-c', query]);
		if (r.code !== 0) throw new Error(r.stderr);
		return r.stdout.trim();
	}
	async sqlFile(file) {
		const r = await run(PSQL, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', this.database, '-f', file]);
		if (r.code !== 0) throw new Error(r.stderr);
	}
	csv(name, rows) {
		const file = join(this.dir, name);
		writeFileSync(file, 'bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags\n' +
			rows.map((r) => r.join(',')).join('\n') + '\n');
		return file;
	}

	// ---- the carrier's phones
	async #fetch(path, options) {
		const r = await fetch(this.carrierUrl + path, options);
		if (!r.ok) throw new Error(`${path} -> ${r.status} ${await r.text()}`);
		return r.json();
	}
	text(phone, text, more = {}) {
		return this.#fetch(`/phones/${encodeURIComponent(phone)}/send`, { method: 'POST', body: JSON.stringify({ text, to: '10690001', ...more }) });
	}
	faults(set) { return this.#fetch('/faults', { method: 'POST', body: JSON.stringify(set) }); }
	drop() { return this.#fetch('/sessions/drop', { method: 'POST', body: '{}' }); }
	// The carrier's own record, whole or of one kind.
	async record(kind = '') {
		const all = [];
		for (let after = 0;;) {
			const r = await this.#fetch(`/record?after=${after}&limit=1000${kind ? `&kind=${kind}` : ''}`);
			all.push(...r.record);
			if (r.record.length === 0 || r.next === after) return all;
			after = r.next;
		}
	}
	async texts(phone) { return (await this.#fetch(`/phones/${encodeURIComponent(phone)}/messages?limit=1000`)).messages.reverse(); }
	// The next text that this phone receives, in order, each once; it must match.
	async next(phone, pattern = /./s, seconds = PATIENCE) {
		const until = Date.now() + seconds * 1000;
		let after = this.cursors.get(phone) || 0;
		for (;;) {
			const wait = Math.max(1, Math.min(20, Math.ceil((until - Date.now()) / 1000)));
			const r = await this.#fetch(`/messages?after=${after}&wait=${wait}&limit=1&direction=received&phone=${encodeURIComponent(phone)}`);
			after = r.next;
			if (r.messages.length > 0) {
				this.cursors.set(phone, after);
				const { text } = r.messages[0];
				if (!pattern.test(text)) throw new Error(`${phone} got «${text}», not ${pattern}`);
				return text;
			}
			if (Date.now() >= until) throw new Error(`${phone} got no text that matches ${pattern}\n${this.daemon?.tail()}`);
		}
	}
	// Sends and waits for the answer.
	async say(phone, text, pattern) {
		await this.text(phone, text);
		return this.next(phone, pattern);
	}

	// ---- what comes to be behind the scenes: no assertion on how long that takes
	// Looks again whenever the carrier has recorded something more or the daemon has said something, and in between after a
	// moment that grows to a second; gives what it finds. `also` promises whatever else may have changed it.
	async until(look, why, { seconds = PATIENCE, also = () => undefined } = {}) {
		for (let cursor = 0, moment = 0.1, end = Date.now() + seconds * 1000; ; moment = Math.min(1, 2 * moment)) {
			const said = this.daemon?.lines.length, event = also(), found = await look();
			if (found) return found;
			if (Date.now() > end) throw new Error(`it never came: ${typeof why === 'function' ? why() : why}\n${this.daemon?.tail()}`);
			const before = cursor;
			cursor = (await this.#fetch('/stats')).record_cursor;
			if (cursor !== before) continue;
			const poll = new AbortController();
			const more = [this.#fetch(`/record?after=${cursor}&wait=1&limit=1`, { signal: poll.signal }).catch((e) => { if (e.name !== 'AbortError') throw e; })];
			if (this.daemon?.code === undefined && this.daemon) more.push(this.daemon.line(/^/, { from: said, seconds: moment }).catch(() => {}));
			if (event) more.push(event);
			await Promise.race(more);
			poll.abort();
		}
	}
	// Waits until a query gives this.
	async becomes(query, want, why = query, seconds = PATIENCE) {
		let is;
		await this.until(async () => (is = await this.sql(query)) === want, () => `${why}: ${is}, not ${want}`, { seconds });
	}

	// ---- a phone's USSD: each waits until the network has shown something new, and gives what the screen says then
	async #ussd(phone, what, body) {
		const path = `/phones/${encodeURIComponent(phone)}`;
		let s = await this.#fetch(`${path}/${what}`, { method: 'POST', body: JSON.stringify(body) });
		for (const until = Date.now() + PATIENCE * 1000; s.state === 'asked';) {
			if (Date.now() > until) throw new Error(`${phone} sees nothing after ${what} ${JSON.stringify(body)}\n${this.daemon?.tail()}`);
			s = await this.#fetch(`${path}/ussd?after=${s.version}&wait=5`);
		}
		return s;
	}
	dial(phone, code = '*123#') { return this.#ussd(phone, 'dial', { code }); }
	press(phone, text) { return this.#ussd(phone, 'answer', { text }); }
	hangUp(phone, how = 'hang-up') { return this.#ussd(phone, 'hangup', { how }); }
	screen(phone) { return this.#fetch(`/phones/${encodeURIComponent(phone)}/ussd`); }
	// Waits until the screen is in this state, such as a menu that is pushed.
	async shown(phone, state) {
		let s = await this.screen(phone);
		for (const until = Date.now() + PATIENCE * 1000; s.state !== state;) {
			if (Date.now() > until) throw new Error(`${phone} is at ${s.state}, not ${state}\n${this.daemon?.tail()}`);
			s = await this.#fetch(`/phones/${encodeURIComponent(phone)}/ussd?after=${s.version}&wait=5`);
		}
		return s;
	}

	async stop() {
		const errors = [];
		World.alive.delete(this);
		for (const p of [this.daemon, this.carrier]) if (p && p.code === undefined) await p.end('SIGTERM').catch((e) => { errors.push(e); p.child.kill('SIGKILL'); });
		await run(join(root, 'tools/cluster'), ['drop', join(this.dir, 'pg')]);
		rmSync(this.dir, { recursive: true, force: true });
		if (errors.length > 0) throw errors[0];
	}
}

// An 18-character unified social credit code or identity number with its check digit right, from 17 characters.
export function creditCode(first17) {
	const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
	let sum = 0;
	[...first17].forEach((c, i) => { sum += alphabet.indexOf(c) * (3 ** i % 31); });
	return first17 + alphabet[(31 - sum % 31) % 31];
}

// The cookies of an answer, one a text; node 18 gives them joined.
export function cookiesOf(headers) {
	if (headers.getSetCookie) return headers.getSetCookie();
	const joined = headers.get('set-cookie');
	return joined ? joined.split(/, (?=[^;,=]+=)/) : [];
}
