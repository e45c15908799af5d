// A carrier inside the test that cuts its connection after a given octet, and knows afterwards what it has taken and what
// was answered. `in` is what it writes to the gateway, `out` what the gateway writes. One deliver_sm at a time; what was
// not answered with 0 comes again on the next connection, as carriers do.
import net from 'node:net';

const BIND = 0x09, SUBMIT = 0x04, DELIVER = 0x05, ENQUIRE = 0x15, UNBIND = 0x06, RESPONSE = 0x80000000;

function pdu(command, status, sequence, body = Buffer.alloc(0)) {
	const head = Buffer.alloc(16);
	[16 + body.length, command, status, sequence].forEach((v, i) => head.writeUInt32BE(v >>> 0, 4 * i));
	return Buffer.concat([head, body]);
}
const cstring = (s) => Buffer.from(`${s}\0`, 'latin1');

function deliverBody({ source, dest, esm = 0, coding = 0, octets }) {
	return Buffer.concat([cstring(''), Buffer.from([1, 1]), cstring(source.replace('+', '')), Buffer.from([0, 1]), cstring(dest),
		Buffer.from([esm, 0, 0]), cstring(''), cstring(''), Buffer.from([0, 0, coding, 0, octets.length]), octets]);
}

function readSubmit(body) {
	let at = 0;
	const text = () => { const end = body.indexOf(0, at), s = body.toString('latin1', at, end); at = end + 1; return s; };
	text();
	at += 2;
	const source = text();
	at += 2;
	const dest = text(), esm = body[at];
	at += 3;
	text();
	text();
	at += 4;
	const octets = body.subarray(at + 1, at + 1 + body[at]);
	const udh = esm & 0x40 && octets[0] === 5 ? { reference: octets[3], parts: octets[4], part: octets[5] } : { reference: 0, parts: 1, part: 1 };
	return { source, dest: `+${dest}`, ...udh };
}

export class CuttingCarrier {
	// cuts: for each connection in turn {in: n} or {out: n}: cut after so many octets behind the bind; then none.
	static start(cuts = []) {
		const c = new CuttingCarrier();
		c.cuts = cuts;
		c.connections = 0;
		c.taken = []; // every submit_sm that came whole: {dest, part, parts, reference, connection}
		c.queue = []; // deliver_sm that wait for their answer, the first may be written
		c.delivered = []; // those that were answered with 0: {kind, phone}
		c.armed = null;
		c.open = true;
		c.waiters = [];
		c.nextId = 1000;
		c.server = net.createServer((s) => c.#connected(s));
		return new Promise((done, fail) => {
			c.server.on('error', fail);
			c.server.listen(0, '127.0.0.1', () => { c.port = c.server.address().port; done(c); });
		});
	}
	#event() { this.waiters.splice(0).forEach((w) => w()); }
	// The next thing that happens here.
	event() { return new Promise((done) => this.waiters.push(done)); }
	// Cuts the present connection: counted from now. The promise is the cut (true), or what `otherwise` brings (false).
	arm(cut) {
		this.armed = { in: Infinity, out: Infinity, ...cut };
		return new Promise((done) => { this.armed.cut = () => done(true); this.armed.spare = () => done(false); });
	}
	disarm() { const a = this.armed; this.armed = null; a?.spare(); }
	get bound() { return this.socket !== undefined && this.isBound; }
	get idle() { return this.bound && this.queue.length === 0; }
	#connected(socket) {
		if (!this.open) { socket.destroy(); return; }
		this.socket?.destroy();
		this.socket = socket;
		this.isBound = false;
		this.sequence = 0;
		this.written = false;
		this.connections++;
		let rest = Buffer.alloc(0);
		socket.setNoDelay(true);
		socket.on('error', () => {});
		socket.on('close', () => { if (this.socket === socket) { this.socket = undefined; this.#event(); } });
		socket.on('data', (data) => {
			if (this.socket !== socket) return;
			let last = false;
			if (this.isBound && this.armed) {
				last = data.length >= this.armed.out;
				if (last) data = data.subarray(0, this.armed.out);
				this.armed.out -= data.length;
			}
			rest = Buffer.concat([rest, data]);
			while (rest.length >= 16 && rest.length >= rest.readUInt32BE(0)) {
				const len = rest.readUInt32BE(0), one = rest.subarray(0, len);
				rest = rest.subarray(len);
				// Of what came whole before the cut nothing is answered: the answer is what was cut.
				this.#take(one, last);
			}
			if (last) this.#cut();
			this.#event();
		});
	}
	#cut() {
		const a = this.armed, s = this.socket;
		this.armed = null;
		this.socket = undefined;
		s?.destroy();
		a?.cut();
		this.#event();
	}
	#write(buffer) {
		const s = this.socket;
		if (s === undefined) return;
		if (this.isBound && this.armed && buffer.length >= this.armed.in) {
			const some = buffer.subarray(0, this.armed.in);
			if (some.length === 0) { this.#cut(); return; }
			const a = this.armed;
			this.armed = null;
			this.socket = undefined;
			s.end(some, () => { s.destroy(); a.cut(); this.#event(); });
			return;
		}
		if (this.isBound && this.armed) this.armed.in -= buffer.length;
		s.write(buffer);
	}
	#take(one, silent) {
		const command = one.readUInt32BE(4), sequence = one.readUInt32BE(12);
		if (command === BIND) {
			this.socket.write(pdu((RESPONSE | BIND) >>> 0, 0, sequence, cstring('cuts')));
			const next = this.cuts.shift();
			if (next) this.armed = { in: Infinity, out: Infinity, cut() {}, spare() {}, ...next };
			this.isBound = true;
			this.#deliver();
		} else if (command === ENQUIRE || command === UNBIND) {
			this.#write(pdu((RESPONSE | command) >>> 0, 0, sequence));
		} else if (command === SUBMIT) {
			const m = readSubmit(one.subarray(16)), id = String(this.nextId++);
			this.taken.push({ ...m, connection: this.connections });
			this.queue.push({ kind: 'receipt', phone: m.dest, part: m.part, body: deliverBody({ source: m.dest, dest: m.source, esm: 4,
				octets: Buffer.from(`id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:`) }) });
			if (silent) return;
			this.#write(pdu((RESPONSE | SUBMIT) >>> 0, 0, sequence, cstring(id)));
			this.#deliver();
		} else if (command === ((RESPONSE | DELIVER) >>> 0) && this.written && sequence === this.sequence) {
			this.written = false;
			if (one.readUInt32BE(8) === 0) {
				const { kind, phone, part } = this.queue.shift();
				this.delivered.push({ kind, phone, part });
			}
			if (!silent) this.#deliver();
		}
	}
	#deliver() {
		if (!this.bound || this.written || this.queue.length === 0) return;
		this.written = true;
		this.#write(pdu(DELIVER, 0, ++this.sequence, this.queue[0].body));
	}
	// A phone writes.
	text(phone, dest, text) {
		const octets = Buffer.from(text, 'utf16le').swap16();
		this.queue.push({ kind: 'text', phone, body: deliverBody({ source: phone, dest, coding: 8, octets }) });
		this.#deliver();
	}
	// How often each part of a text to this phone came whole.
	counts(phone) {
		const n = {};
		for (const t of this.taken) if (t.dest === phone) n[t.part] = (n[t.part] || 0) + 1;
		return n;
	}
	// Whether the phone has at least one text with all its parts.
	whole(phone) {
		const mine = this.taken.filter((t) => t.dest === phone);
		return mine.some((t) => new Set(mine.filter((o) => o.reference === t.reference).map((o) => o.part)).size === t.parts);
	}
	stop() {
		this.open = false;
		this.socket?.destroy();
		return new Promise((done) => this.server.close(done));
	}
}
