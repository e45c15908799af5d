// What carriers do wrong, by the pretend carrier's names for it, as node-smpp or a plain socket sees it.
import test from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Carrier, Esme, binary, smpp } from './smsc-client.mjs';

const PHONE = '+8613800138000';
const words = (pdu) => {
	const m = pdu.message_payload ?? pdu.short_message;
	return typeof m === 'string' ? m : m?.message ?? '';
};

// A carrier for each test: what one left unsaid must not come to the next.
let carrier;
test.beforeEach(async () => { carrier = await Carrier.start(); });
const esmes = [];
test.afterEach(async () => {
	await carrier.faults({ reset: true });
	for (const e of esmes.splice(0)) {
		if (e.socket.destroyed || e.gone) continue;
		await e.request('unbind');
		e.socket.destroy();
	}
	assert.equal(await carrier.stop(), 0);
});
const bind = async (...a) => { const e = await Esme.bind(carrier, ...a); e.closed.then(() => { e.gone = true; }); esmes.push(e); return e; };
// Sets switches on a fresh start; receipts come at once.
const play = (o) => carrier.faults({ reset: true, 'receipt-delay': 0, ...o });
const ask = { registered_delivery: 1, short_message: 'Hello' };

// A plain socket: PDUs as octets, for what no library reads.
class Raw {
	static async open(port = carrier.port) {
		const r = new Raw();
		r.octets = Buffer.alloc(0);
		r.waiting = [];
		r.socket = net.connect(port, '127.0.0.1');
		r.socket.on('data', (d) => { r.octets = Buffer.concat([r.octets, d]); r.#wake(); });
		r.socket.on('error', () => {});
		await once(r.socket, 'connect');
		return r;
	}
	#wake() { for (const done of this.waiting.splice(0)) done(); }
	write(pdu) { this.socket.write(pdu.toBuffer()); }
	async next() {
		while (this.octets.length < 4 || this.octets.length < this.octets.readUInt32BE(0))
			await new Promise((done) => this.waiting.push(done));
		const pdu = this.octets.subarray(0, this.octets.readUInt32BE(0));
		this.octets = this.octets.subarray(pdu.length);
		return { pdu, command: pdu.readUInt32BE(4), status: pdu.readUInt32BE(8), sequence: pdu.readUInt32BE(12), body: pdu.subarray(16) };
	}
	// The next PDU of this kind.
	async find(command) {
		for (;;) {
			const p = await this.next();
			if (p.command === command) return p;
		}
	}
	async bind(name = 'raw') {
		this.write(new smpp.PDU('bind_transceiver', { system_id: name, password: 'x', sequence_number: 1 }));
		return this.find(0x80000009);
	}
	submit(fields = {}) {
		this.write(new smpp.PDU('submit_sm', { source_addr: '10690001', destination_addr: '8613800138000', short_message: 'Hello', sequence_number: 7, ...fields }));
	}
	async end() {
		this.write(new smpp.PDU('unbind', { sequence_number: 99 }));
		await this.find(0x80000006);
		this.socket.destroy();
	}
}

test('statuses: any one, a nack with its own or with no sequence, a full window, a rate', async () => {
	const e = await bind();
	for (const status of [0x45, 0x64, 0xff, 0x04, 0x400, 0x4ff, 0xfe]) {
		await play({ refuse: 1, 'refuse-status': status });
		assert.equal((await e.submit(ask)).command_status, status);
	}
	await play({ nack: 1 });
	assert.deepEqual([(await e.submit(ask))].map((r) => [r.command, r.command_status]), [['generic_nack', 3]]);
	await play({ nack: 1, 'nack-status': 2, 'nack-zero': true });
	e.submit(ask);
	const n = await e.next('generic_nack', (p) => p.sequence_number === 0);
	assert.equal(n.command_status, 2);
	await play({ window: 2, delay: 300 });
	const answers = await e.together(() => [1, 2, 3].map(() => e.submit(ask)));
	assert.deepEqual(answers.map((r) => r.command_status), [0, 0, 0x45]);
	await play({ rate: 3, 'no-receipts': true });
	const began = Date.now(), fast = await Promise.all(Array.from({ length: 20 }, () => e.submit(ask)));
	const through = fast.filter((r) => r.command_status === 0).length;
	const seconds = Math.floor((Date.now() - began) / 1000) + 2; // of the clock, that it can have touched
	assert.ok(through >= 3 && through <= 3 * seconds, String(through));
	assert.ok(seconds > 6 || through < 20);
	assert.ok(fast.every((r) => [0, 0x58].includes(r.command_status)));
});

test('responses without a body, with parameters of no table, and PDUs that do not exist', async () => {
	const r = await Raw.open();
	assert.ok((await r.bind()).body.includes(Buffer.from('0210000134', 'hex')));
	await play({ 'empty-response': true });
	r.submit();
	assert.deepEqual([...(await r.find(0x80000004)).body], []);
	await play({ 'odd-tlvs': true, 'unknown-command': true });
	r.submit({ registered_delivery: 1 });
	const answer = await r.find(0x80000004);
	assert.equal(answer.status, 0);
	for (const odd of ['14000003616263', '0423000103', '00050004ffffffff']) assert.ok(answer.body.includes(Buffer.from(odd, 'hex')), odd);
	assert.equal((await r.find(0x0000ffff)).pdu.length, 16);
	const receipt = await r.find(5);
	assert.ok(receipt.body.includes(Buffer.from('02020000', 'hex')));
	r.write(new smpp.PDU('deliver_sm_resp', { sequence_number: receipt.sequence }));
	await play({ 'stray-nul': true, 'receipt-form': 'tlv' });
	r.submit({ registered_delivery: 1 });
	const stray = await r.find(5);
	assert.ok(stray.body.subarray(-6).equals(Buffer.from('042700010200', 'hex')), stray.body.toString('hex'));
	r.write(new smpp.PDU('deliver_sm_resp', { sequence_number: stray.sequence }));
	await r.end();
});

test('binds: no version, still bound after a drop, a body with the refusal, asked to go, asked early', async () => {
	await play({ 'no-interface-version': true });
	let r = await Raw.open();
	assert.ok(!(await r.bind()).body.includes(Buffer.from('02100001', 'hex')));
	await play({ 'already-bound': 100000 });
	r.socket.destroy();
	await carrier.recorded((x) => x.kind === 'close' && x.system_id === 'raw');
	r = await Raw.open();
	assert.equal((await r.bind()).status, 5);
	assert.equal((await r.bind('other')).status, 0);
	await r.end(); // an unbind leaves nothing behind
	r = await Raw.open();
	assert.equal((await r.bind('other')).status, 0);
	await r.end();
	await play({ 'refuse-bind': 0x0d, 'error-body': true });
	r = await Raw.open();
	const refused = await r.bind('third');
	assert.deepEqual([refused.status, refused.body.toString('latin1')], [0x0d, 'huizhi-smsc\0']);
	r.socket.destroy();
	await play({ unbind: 2, 'early-enquire': true, outbind: true });
	r = await Raw.open();
	const out = await r.next();
	assert.deepEqual([out.command, out.body.toString('latin1')], [0x0b, 'huizhi-smsc\0\0']);
	assert.equal((await r.next()).command, 0x15);
	await r.bind('fourth');
	r.submit();
	assert.equal((await r.find(6)).status, 0);
	r.socket.destroy();
});

test('receipts: their esm_class, texts, words, ids and order', async () => {
	const e = await bind();
	const receipt = async (o) => {
		await play(o);
		const r = await e.submit(ask);
		return [r.message_id, await e.next('deliver_sm')];
	};
	const texts = {
		order: /^stat:DELIVRD err:000 done date:\d{10} submit date:\d{10} dlvrd:001 sub:001 id:(\d+) Text:Hello$/,
		short: /^id:(\d+) submit date:\d{10} done date:\d{10} stat:DELIVRD err:000$/,
		seconds: /^id:(\d+) sub:001 dlvrd:001 submit date:\d{12} done date:\d{12} stat:DELIVRD/,
		plus: /^id:(\d+) sub:001 dlvrd:001 submit date:\d{12}\+ done date:\d{12}\+ stat/,
		lower: /^id:(\d+) .* text:Hello$/,
		err4: /^id:(\d+) .* err:0000 Text:Hello$/,
		nul: /^id:(\d+)[\0@]sub:001/, // 0 is a character of the GSM alphabet
		'no-id': /^sub:001 dlvrd:001/,
	};
	for (const [how, pattern] of Object.entries(texts)) {
		const [id, d] = await receipt({ 'receipt-text': how, 'receipt-form': 'text' });
		const found = pattern.exec(words(d));
		assert.ok(found, how + ': ' + words(d));
		if (found[1]) assert.equal(found[1], id);
	}
	for (const word of ['ACKED', 'BUFFRED', 'BUFFERD'])
		assert.ok(words((await receipt({ 'receipt-word': word }))[1]).includes(`stat:${word} `));
	const [, odd] = await receipt({ 'receipt-esm': 0x44, 'receipt-form': 'tlv' }); // it says there is a header, and there is none
	assert.equal(odd.esm_class, 0x44);
	const [upper, other] = await receipt({ 'id-style': 'HEX', 'receipt-id': 'case' });
	assert.equal(other.receipted_message_id, upper.toLowerCase());
	const [short, padded] = await receipt({ 'receipt-id': 'padded' });
	assert.equal(padded.receipted_message_id, '0000' + short);
	const [, first] = await receipt({ 'late-intermediate': true });
	assert.match(words(first), /DELIVRD/);
	assert.match(words(await e.next('deliver_sm')), /ENROUTE/);
});

test('texts of phones: in message_payload, as data_sm, in any order, with one reference, in any coding', async () => {
	const e = await bind();
	e.socket.on('data_sm', (pdu) => e.send(pdu.response()));
	await e.submit({ short_message: 'Hello' });
	await play({ 'mo-payload': true });
	await carrier.say(PHONE, '长'.repeat(100));
	for (const part of [1, 2]) {
		const d = await e.next('deliver_sm');
		assert.equal(d.esm_class, 0x40);
		assert.equal(words({ short_message: d.short_message }), '');
		assert.ok(d.message_payload !== undefined, `part ${part}`);
	}
	await play({ 'mo-data-sm': true });
	await carrier.say(PHONE, 'Hi');
	assert.equal(words(await e.next('data_sm')), 'Hi');
	const order = async (how) => {
		await play({ 'mo-order': how, 'mo-reference': 0 });
		await carrier.say(PHONE, 'x'.repeat(400), { concat: 'sar' });
		const got = [await e.next('deliver_sm'), await e.next('deliver_sm'), await e.next('deliver_sm')];
		assert.deepEqual(got.map((d) => d.sar_msg_ref_num), [0, 0, 0]);
		return got.map((d) => d.sar_segment_seqnum);
	};
	assert.deepEqual(await order('reversed'), [3, 2, 1]);
	assert.deepEqual(await order('last-first'), [3, 1, 2]);
	const raw = await Raw.open();
	await raw.bind('codings');
	raw.submit({ source_addr: '777' });
	for (const [coding, octets] of [[3, 'e9'], [0xf0, '05'], [0xf4, 'e9'], [8, '00e9'], [0x18, '00e9']]) {
		await play({ 'mo-coding': coding });
		await carrier.say(PHONE, 'é', { to: '777' });
		const d = await raw.find(5), at = d.body.length - octets.length / 2;
		assert.deepEqual([d.body[at - 3], d.body.subarray(at).toString('hex')], [coding, octets], String(coding));
		raw.write(new smpp.PDU('deliver_sm_resp', { sequence_number: d.sequence }));
	}
	await raw.end();
});

test('sequence numbers of 32 bits pass through 0', async () => {
	await play({ sequences: 'high' });
	const r = await Raw.open();
	await r.bind('high');
	r.submit({ source_addr: '888' });
	await r.find(0x80000004);
	const seen = [];
	for (let i = 0; i < 20; i++) {
		await carrier.say(PHONE, `n${i}`, { to: '888' });
		const d = await r.find(5);
		seen.push(d.sequence);
		r.socket.write(Buffer.concat([Buffer.from('0000001180000005' + '00000000', 'hex'), d.pdu.subarray(12, 16), Buffer.from([0])]));
		await carrier.recorded((x) => x.kind === 'answered' && x.system_id === 'high' && (x.sequence ?? 0) === d.sequence);
	}
	assert.deepEqual([seen[0], seen[15], seen[16], seen[17]], [0xfffffff0, 0xffffffff, 0, 1]);
	await r.end();
});

test('floods, with sense and without', async () => {
	const before = await Raw.open();
	await before.bind('flooded');
	before.submit({ source_addr: '666' }); // where its texts come from, and floods go to
	await before.find(0x80000004);
	await before.end();
	await play({ flood: 300, malformed: 40, 'deliver-window': 512 });
	const r = await Raw.open();
	await r.bind('flooded');
	const kinds = {};
	for (let texts = 0, odd = 0; texts < 300 || odd < 40;) {
		const p = await r.next();
		if (p.command === 5 && p.body.includes('flood ')) texts++;
		else odd++;
		kinds[p.command] = (kinds[p.command] ?? 0) + 1;
	}
	assert.equal(Object.values(kinds).reduce((a, b) => a + b), 340);
	assert.equal(kinds[0x7fffffff], 4);
	await r.end();
});

test('a carrier that does not read, and one that is silent at night', async () => {
	const e = await bind();
	await play({ deaf: true });
	assert.equal((await carrier.get('sessions')).sessions.find((x) => x.system_id === 'huizhi').deaf, true);
	let answered = false;
	const wait = e.submit(ask).then((r) => { answered = true; return r; });
	await carrier.say(PHONE, 'Still here', { to: '10690001' });
	assert.equal(words(await e.next('deliver_sm')), 'Still here'); // it writes all the same
	assert.equal(answered, false);
	await carrier.faults({ deaf: false });
	assert.equal((await wait).command_status, 0);
	await play({ night: 60 });
	const before = (await carrier.get('stats')).submits;
	e.submit(ask);
	await carrier.recorded((x) => x.kind === 'ignored' && x.note === 'submit_sm');
	const r = await Raw.open();
	r.write(new smpp.PDU('bind_transceiver', { system_id: 'dark', password: 'x', sequence_number: 1 }));
	await carrier.recorded((x) => x.kind === 'ignored' && x.note === 'bind_transceiver');
	await play({});
	assert.equal((await e.request('enquire_link')).command_status, 0);
	assert.equal((await carrier.get('stats')).submits, before);
	r.socket.destroy();
});

test('held texts: asked about, taken back, and then on the phone', async () => {
	const e = await bind();
	await play({ 'delivery-delay': 3600000 });
	const submit = (fields = {}) => e.submit({ ...ask, destination_addr: '8613700137000', ...fields });
	const about = (id, more = {}) => ({ message_id: id, source_addr: '10690001', ...more });
	const a = await submit(), b = await submit({ short_message: 'b' }), c = await submit({ short_message: 'c' });
	assert.deepEqual(await carrier.texts('+8613700137000'), []);
	const q = await e.request('query_sm', about(a.message_id));
	assert.deepEqual([q.command_status, q.message_id, q.message_state, q.final_date ?? ''], [0, a.message_id, 1, '']);
	assert.equal((await e.request('cancel_sm', about(a.message_id, { destination_addr: '8613700137000' }))).command_status, 0);
	assert.match(words(await e.next('deliver_sm')), new RegExp(`^id:${a.message_id} .*stat:DELETED`));
	assert.equal((await e.request('query_sm', about(a.message_id))).message_state, 4);
	assert.equal((await e.request('cancel_sm', about(a.message_id))).command_status, 0x11); // it is gone already
	assert.equal((await e.request('cancel_sm', about('12345'))).command_status, 0x0c);
	assert.equal((await e.request('query_sm', { message_id: a.message_id, source_addr: '999' })).command_status, 0x0c); // not ours
	// All between two addresses.
	assert.equal((await e.request('cancel_sm', about('', { destination_addr: '8613700137000' }))).command_status, 0);
	assert.equal((await e.request('query_sm', about(b.message_id))).message_state, 4);
	assert.equal((await e.request('query_sm', about(c.message_id))).message_state, 4);
	assert.deepEqual((await carrier.texts('+8613700137000')).map((t) => t.shown), [false, false, false]);
	await play({});
	const d = await submit({ short_message: 'd' });
	const done = await e.request('query_sm', about(d.message_id));
	assert.equal(done.message_state, 2);
	assert.equal((await e.request('cancel_sm', about(d.message_id))).command_status, 0x11);
	assert.deepEqual((await carrier.get('record?kind=cancel')).record.map((x) => x.status), [0, 0x11, 0x0c, 0, 0x11]);
});

test('outbind: the carrier calls, the ESME binds on the same connection', async () => {
	const server = net.createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const to = `127.0.0.1:${server.address().port}`, calling = once(server, 'connection');
	assert.equal((await carrier.post('outbind', { to, system_id: 'carrier', password: 'pw' })).status, 200);
	const [socket] = await calling;
	const [out] = await once(socket, 'data');
	assert.equal(out.readUInt32BE(4), 0x0b);
	assert.equal(out.subarray(16).toString('latin1'), 'carrier\0pw\0');
	socket.write(new smpp.PDU('bind_receiver', { system_id: 'called', password: 'x', sequence_number: 3 }).toBuffer());
	const [bound] = await once(socket, 'data');
	assert.deepEqual([bound.readUInt32BE(4), bound.readUInt32BE(8)], [0x80000001, 0]);
	assert.equal((await carrier.post('outbind', { to: 'nowhere', system_id: '', password: '' })).error, 'to is an address with a port');
	socket.destroy();
	server.close();
});

test('--list has every switch once with a sentence, as the manual has it', () => {
	const { stdout } = spawnSync(binary, ['--list'], { encoding: 'utf8' });
	const lines = stdout.trim().split('\n').map((l) => /^([a-z-]+)(=\S+)? {2}(\S.*)$/.exec(l));
	assert.ok(lines.length >= 60 && lines.every(Boolean), stdout);
	assert.equal(new Set(lines.map((m) => m[1])).size, lines.length);
	const manual = readFileSync(new URL('../../man/huizhi-smsc.1', import.meta.url), 'utf8').replaceAll('\\-', '-');
	const section = manual.slice(manual.indexOf('.SH FAULTS'), manual.indexOf('.SH SCRIPTS'));
	const listed = [...section.matchAll(/^\.TP\n\\fB([a-z-]+)\\fR.*\n(.*)$/gm)].map((m) => [m[1], m[2].toLowerCase()]);
	assert.deepEqual(listed, lines.map((m) => [m[1], (m[3].endsWith('.') ? m[3] : m[3] + '.').toLowerCase()]));
});
