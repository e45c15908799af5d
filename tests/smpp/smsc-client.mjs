// What the tests of the pretend carrier share: starting it, asking its API, and node-smpp as an ESME that remembers.
import { createRequire } from 'node:module';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const smpp = createRequire(import.meta.url)('smpp');
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = join(resolve(root, process.env.B || 'build'), 'huizhi-smsc');

export class Carrier {
	// Starts a carrier on free ports; reads where it listens from its first two lines.
	static async start(...args) {
		const c = new Carrier();
		c.child = spawn(binary, ['--smpp', '127.0.0.1:0', '--http', '127.0.0.1:0', '--seed', '1', '--quiet',
			'--receipt-delay', '1', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
		c.exited = once(c.child, 'exit');
		const lines = createInterface({ input: c.child.stdout })[Symbol.asyncIterator]();
		c.port = Number(/^smpp 127\.0\.0\.1:(\d+)$/.exec((await lines.next()).value)[1]);
		c.url = /^http (http:.*\/)$/.exec((await lines.next()).value)[1];
		return c;
	}
	async stop() {
		this.child.kill('SIGTERM');
		const [code] = await this.exited;
		return code;
	}
	async get(path) {
		const answer = await fetch(new URL(path, this.url));
		return answer.json();
	}
	async post(path, body) {
		const answer = await fetch(new URL(path, this.url), {
			method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body),
		});
		return { status: answer.status, ...(await answer.json()) };
	}
	faults(o) { return this.post('faults', o); }
	say(phone, text, more = {}) { return this.post(`phones/${phone}/send`, { text, ...more }); }
	async texts(phone) { return (await this.get(`phones/${phone}/messages`)).messages; }
	// Waits for entries of the record until one fits.
	async recorded(fits, after = 0) {
		for (;;) {
			const got = await this.get(`record?after=${after}&wait=20`);
			const e = got.record.find(fits);
			if (e) return e;
			if (got.next === after) throw new Error('the record never had it');
			after = got.next;
		}
	}
}

// An ESME. Every PDU that comes and that nobody answers otherwise is kept; next(name) takes the oldest of a kind, or waits.
export class Esme {
	constructor(port) {
		this.pdus = [];
		this.waiting = [];
		this.answer = (pdu) => pdu.response();
		this.socket = smpp.connect({ host: '127.0.0.1', port });
		this.socket.on('pdu', (pdu) => this.#take(pdu));
		this.socket.on('error', () => {});
		this.closed = new Promise((done) => this.socket.on('close', done));
	}
	#take(pdu) {
		if (['deliver_sm', 'enquire_link', 'unbind'].includes(pdu.command)) {
			const reply = this.answer(pdu);
			if (reply) this.socket.send(reply);
		}
		const i = this.waiting.findIndex((w) => w.fits(pdu));
		if (i >= 0) this.waiting.splice(i, 1)[0].done(pdu);
		else this.pdus.push(pdu);
	}
	next(command, fits = () => true) {
		const wanted = (p) => p.command === command && fits(p);
		const i = this.pdus.findIndex(wanted);
		if (i >= 0) return Promise.resolve(this.pdus.splice(i, 1)[0]);
		return new Promise((done) => this.waiting.push({ fits: wanted, done }));
	}
	send(pdu) { return new Promise((done) => this.socket.send(pdu, done)); }
	request(command, fields = {}) { return this.send(new smpp.PDU(command, fields)); }
	static async bind(carrier, mode = 'transceiver', fields = {}) {
		const e = new Esme(carrier.port);
		await once(e.socket, 'connect');
		e.bound = await e.request(`bind_${mode}`, { system_id: 'huizhi', password: 'secret', ...fields });
		return e;
	}
	submit(fields) {
		return this.request('submit_sm', { source_addr: '10690001', destination_addr: '8613800138000', dest_addr_ton: 1,
			dest_addr_npi: 1, ...fields });
	}
	// Requests that leave in one write: the carrier reads them in one go, however slow the machine is.
	together(work) {
		this.socket.socket.cork();
		try {
			return Promise.all(work());
		} finally {
			this.socket.socket.uncork();
		}
	}
	async leave() {
		this.socket.close();
		await this.closed;
	}
}
