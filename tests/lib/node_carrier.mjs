// A carrier made of node-smpp inside the test: it can send what no phone of the pretend carrier types, octet by octet.
import { createRequire } from 'node:module';
import { PATIENCE, deadline } from './world.mjs';

const smpp = createRequire(import.meta.url)('smpp');

export class NodeCarrier {
	static start() {
		const c = new NodeCarrier();
		c.texts = []; // {phone, text}, whole ones, in the order of their last parts
		c.submits = []; // {source: [ton, npi, address], phone, data_coding, udh, text} of every part
		c.waiters = [];
		c.sessions = new Set();
		c.bound = new Promise((done) => { c.onBound = done; });
		c.server = smpp.createServer((s) => c.#session(s));
		return new Promise((done, fail) => {
			c.server.on('error', fail);
			c.server.listen(0, '127.0.0.1', () => { c.port = c.server.address().port; done(c); });
		});
	}
	#session(s) {
		const parts = new Map();
		this.sessions.add(s);
		s.on('error', () => {});
		s.on('close', () => this.sessions.delete(s));
		s.on('bind_transceiver', (pdu) => { s.send(pdu.response({ system_id: 'node' })); this.session = s; this.onBound(); });
		s.on('enquire_link', (pdu) => s.send(pdu.response()));
		s.on('unbind', (pdu) => { s.send(pdu.response()); s.close(); });
		s.on('submit_sm', (pdu) => {
			s.send(pdu.response({ message_id: String(pdu.sequence_number) }));
			const m = pdu.message_payload ?? pdu.short_message;
			const text = String(m?.message ?? m);
			this.submits.push({ source: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr], phone: pdu.destination_addr, data_coding: pdu.data_coding, whole: pdu.message_payload !== undefined, udh: (m?.udh ?? []).map((e) => Buffer.from(e).toString('hex')), text });
			const concat = m?.udh?.find((e) => e[0] === 0);
			if (!concat) return this.#text(pdu.destination_addr, text);
			const [, , reference, total, number] = Buffer.from(concat);
			const key = `${pdu.destination_addr} ${reference}`;
			const have = parts.get(key) || [];
			have[number - 1] = text;
			parts.set(key, have);
			if (have.filter((p) => p !== undefined).length === total) { parts.delete(key); this.#text(pdu.destination_addr, have.join('')); }
		});
	}
	#text(phone, text) {
		this.texts.push({ phone, text });
		this.waiters.splice(0).forEach((w) => w());
	}
	// Sends a text as these fields say; the status of its response.
	deliver(fields) {
		return deadline(new Promise((done) => this.session.deliver_sm(fields, (pdu) => done(pdu.command_status))), PATIENCE, 'deliver_sm was never answered');
	}
	// The next text to this phone, each once.
	async next(phone, seconds = PATIENCE) {
		const take = () => { const i = this.texts.findIndex((t) => t.phone === phone); return i < 0 ? undefined : this.texts.splice(i, 1)[0].text; };
		const until = Date.now() + seconds * 1000;
		for (;;) {
			const text = take();
			if (text !== undefined) return text;
			await deadline(new Promise((done) => this.waiters.push(done)), Math.max(0.001, (until - Date.now()) / 1000), `${phone} got no text`);
		}
	}
	stop() {
		for (const s of this.sessions) s.destroy();
		return new Promise((done) => this.server.close(done));
	}
}
