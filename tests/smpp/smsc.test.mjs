// The pretend carrier as node-smpp, an independent implementation, sees it.
import test from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { Carrier, Esme, binary, smpp } from './smsc-client.mjs';

const PHONE = '+8613800138000';
const words = (pdu) => typeof pdu.short_message === 'string' ? pdu.short_message : pdu.short_message.message ?? '';

// One carrier and, mostly, one ESME for each test; both are gone after it.
function carrierTest(name, options, work) {
	test(name, async () => {
		const carrier = await Carrier.start(...(options.args || []));
		const esmes = [];
		const bind = async (...a) => { const e = await Esme.bind(carrier, ...a); esmes.push(e); return e; };
		try {
			await work(carrier, options.unbound ? bind : await bind(), bind);
		} finally {
			for (const e of esmes) e.socket.destroy();
			assert.equal(await carrier.stop(), 0);
		}
	});
}

carrierTest('bind, enquire_link, unbind in the three modes', { unbound: true }, async (carrier, bind) => {
	for (const mode of ['transmitter', 'receiver', 'transceiver']) {
		const e = await bind(mode);
		assert.equal(e.bound.command_status, 0);
		assert.equal(e.bound.sc_interface_version, 0x34);
		assert.equal((await e.request('enquire_link')).command, 'enquire_link_resp');
		assert.equal((await e.request('bind_transceiver', { system_id: 'huizhi' })).command_status, 5);
		assert.equal((await e.request('unbind')).command, 'unbind_resp');
		await e.closed;
	}
	assert.deepEqual((await carrier.get('sessions')).sessions, []);
});

carrierTest('a wrong name, a wrong password, a submit where none may go', { unbound: true,
	args: ['--system-id', 'huizhi', '--password', 'secret'] }, async (carrier, bind) => {
	assert.equal((await bind('transceiver', { system_id: 'other' })).bound.command_status, 0x0F);
	const e = await bind('transceiver', { password: 'wrong' });
	assert.equal(e.bound.command_status, 0x0E);
	assert.equal((await e.submit({ short_message: 'x' })).command_status, 0x04);
	assert.equal((await e.request('bind_receiver', { system_id: 'huizhi', password: 'secret' })).command_status, 0);
	assert.equal((await e.submit({ short_message: 'x' })).command_status, 0x04);
});

carrierTest('texts in every alphabet arrive as they were written', {}, async (carrier, e) => {
	const cases = [
		{ data_coding: 0, short_message: { message: Buffer.from('00021b6548', 'hex') }, text: '@$€H', encoding: 'gsm7' },
		{ data_coding: 1, short_message: { message: Buffer.from('a@b') }, text: 'a@b', encoding: 'ascii' },
		{ data_coding: 3, short_message: { message: Buffer.from('caf\xe9', 'latin1') }, text: 'café', encoding: 'latin1' },
		{ data_coding: 8, short_message: { message: Buffer.from('😀回执', 'utf16le').swap16() }, text: '😀回执', encoding: 'ucs2' },
		{ data_coding: 8, message_payload: { message: Buffer.from('长'.repeat(200), 'utf16le').swap16() }, text: '长'.repeat(200), encoding: 'ucs2' },
		{ data_coding: 0, short_message: '', text: '', encoding: 'gsm7' },
	];
	for (const { text, encoding, ...fields } of cases) {
		const r = await e.submit(fields);
		assert.equal(r.command_status, 0);
		assert.match(r.message_id, /^\d+$/);
		const [last] = await carrier.texts(PHONE);
		assert.equal(last.text, text);
		assert.equal(last.encoding, encoding);
		assert.equal(last.direction, 'received');
		assert.equal(last.from, '10690001');
	}
});

carrierTest('long texts, in parts of three kinds and in any order, become one', {}, async (carrier, e) => {
	const part = (i) => Buffer.from(['一', '二', '三'][i - 1], 'utf16le').swap16();
	const ways = {
		udh8: (i) => ({ esm_class: 0x40, short_message: { udh: Buffer.from([5, 0, 3, 0, 3, i]), message: part(i) } }),
		udh16: (i) => ({ esm_class: 0x40, short_message: { udh: Buffer.from([6, 8, 4, 1, 0, 3, i]), message: part(i) } }),
		sar: (i) => ({ sar_msg_ref_num: 256, sar_total_segments: 3, sar_segment_seqnum: i, short_message: { message: part(i) } }),
	};
	for (const [name, fields] of Object.entries(ways)) {
		const before = (await carrier.texts(PHONE)).length;
		for (const i of [3, 1, 1]) assert.equal((await e.submit({ data_coding: 8, ...fields(i) })).command_status, 0);
		const open = await carrier.get(`phones/${PHONE}/messages`);
		assert.deepEqual(open.unfinished.map((u) => [u.concat, u.have, u.missing]), [[name, 2, [2]]]);
		await e.submit({ data_coding: 8, ...fields(2) });
		const texts = await carrier.texts(PHONE);
		assert.equal(texts.length, before + 1);
		assert.deepEqual([texts[0].text, texts[0].parts], ['一二三', 3]);
	}
});

carrierTest('receipts, in their states', { args: ['--fault', 'receipt-state=+86139*=UNDELIV,+86137*=EXPIRED,+86136*=REJECTD'] },
	async (carrier, e) => {
		for (const [number, state, code] of [['8613800138000', 'DELIVRD', 2], ['8613900138000', 'UNDELIV', 5],
			['8613700138000', 'EXPIRED', 3], ['8613600138000', 'REJECTD', 8]]) {
			const r = await e.submit({ destination_addr: number, registered_delivery: 1, short_message: 'Hello' });
			const d = await e.next('deliver_sm');
			assert.equal(d.esm_class, 4);
			assert.equal(d.source_addr, number);
			assert.equal(d.destination_addr, '10690001');
			assert.equal(d.receipted_message_id, r.message_id);
			assert.equal(d.message_state, code);
			assert.match(words(d), new RegExp(`^id:${r.message_id} sub:001 dlvrd:00[01] submit date:\\d{10} done date:\\d{10} stat:${state} err:\\d{3} Text:Hello$`));
			const [text] = await carrier.texts('+' + number);
			assert.deepEqual([text.state, text.shown], [state, state === 'DELIVRD']);
		}
		// Only failures asked for, and none asked for: the next receipt is the third text's.
		await e.submit({ registered_delivery: 2, short_message: 'a' });
		await e.submit({ registered_delivery: 0, short_message: 'b' });
		const r = await e.submit({ registered_delivery: 1, short_message: 'c' });
		assert.equal((await e.next('deliver_sm')).receipted_message_id, r.message_id);
	});

carrierTest('message ids and receipts in the styles of carriers', {}, async (carrier, e) => {
	const idOf = (d) => /^id:(\S*)/.exec(words(d))?.[1];
	for (const [style, pattern] of [['hex', /^[0-9a-f]+$/], ['HEX', /^[0-9A-F]+$/], ['zeros', /^0{10}\d{10}$/]]) {
		await carrier.faults({ reset: true, 'receipt-delay': 0, 'id-style': style, 'receipt-id': 'other' });
		const r = await e.submit({ registered_delivery: 1, short_message: 'x' });
		assert.match(r.message_id, pattern);
		const d = await e.next('deliver_sm');
		const [a, b] = style === 'zeros' ? [BigInt(r.message_id), BigInt('0x' + idOf(d))] : [BigInt('0x' + r.message_id), BigInt(idOf(d))];
		assert.equal(a, b);
		assert.equal(d.receipted_message_id, idOf(d));
	}
	await carrier.faults({ reset: true, 'receipt-delay': 0, 'receipt-form': 'tlv' });
	await e.submit({ registered_delivery: 1, short_message: 'x' });
	assert.equal(words(await e.next('deliver_sm')), '');
	await carrier.faults({ 'receipt-form': 'text', 'duplicate-receipts': 3 });
	const r = await e.submit({ registered_delivery: 1, short_message: 'x' });
	for (let i = 0; i < 3; i++) {
		const d = await e.next('deliver_sm');
		assert.deepEqual([d.receipted_message_id, idOf(d)], [undefined, r.message_id]);
	}
	await carrier.faults({ reset: true, 'no-receipts': true });
	await e.submit({ registered_delivery: 1, short_message: 'x' });
	await carrier.faults({ reset: true, 'receipt-delay': 0, 'intermediate-receipts': true });
	await e.submit({ registered_delivery: 1, short_message: 'x' });
	assert.match(words(await e.next('deliver_sm')), /stat:ENROUTE/);
	assert.match(words(await e.next('deliver_sm')), /stat:DELIVRD/);
});

carrierTest('a phone writes: alphabets, parts, and the answer shows', {}, async (carrier, e) => {
	const got = [];
	e.answer = (pdu) => { if (pdu.command === 'deliver_sm') got.push(pdu); return pdu.response(); };
	const sent = await carrier.say(PHONE, 'Y €', { to: '10690001' });
	assert.deepEqual([sent.state, sent.parts, sent.encoding], ['QUEUED', 1, 'gsm7']);
	const d = await e.next('deliver_sm');
	assert.deepEqual([d.source_addr, d.source_addr_ton, d.destination_addr, d.data_coding, d.esm_class], ['8613800138000', 1, '10690001', 0, 0]);
	const done = await carrier.get(`messages?after=1&wait=20&changes=1`);
	assert.deepEqual(done.messages.map((m) => [m.n, m.state, m.fresh]), [[sent.n, 'DELIVRD', false]]);

	assert.deepEqual((await carrier.get('messages?after=1&wait=0')).messages, []); // a change is no new text

	for (const concat of ['udh8', 'udh16', 'sar']) {
		const text = '沂'.repeat(66) + '😀' + '源'.repeat(70);
		assert.equal((await carrier.say(PHONE, text, { to: '10690001', concat })).parts, 3);
		const parts = [await e.next('deliver_sm'), await e.next('deliver_sm'), await e.next('deliver_sm')];
		const pieces = parts.map((p, i) => {
			if (concat === 'sar') {
				assert.deepEqual([p.sar_total_segments, p.sar_segment_seqnum, p.esm_class], [3, i + 1, 0]);
			} else {
				const udh = p.short_message.udh[0];
				const h = Buffer.isBuffer(udh) ? [...udh] : [...p.short_message.udh].flatMap((x) => Buffer.isBuffer(x) ? [...x] : [x]);
				assert.deepEqual(h.slice(-2), [3, i + 1]);
				assert.equal(h[0], concat === 'udh8' ? 0 : 8);
			}
			return words(p);
		});
		assert.equal(pieces.join(''), text);
	}
	assert.equal((await carrier.say('+8613800000009', 'hello')).status, 400);
	assert.equal((await carrier.say(PHONE, '执', { to: '1', encoding: 'gsm7' })).status, 400);
});

carrierTest('without "to" a phone answers whoever wrote last', {}, async (carrier, e) => {
	await e.submit({ source_addr: '10690007', short_message: 'Reply Y' });
	await carrier.say(PHONE, 'Y');
	assert.equal((await e.next('deliver_sm')).destination_addr, '10690007');
});

carrierTest('0x64, a timeout and a lost connection bring the same text again; 0 ends it; another status refuses it',
	{ args: ['--fault', 'retry-delay=1', '--fault', 'deliver-timeout=1000'] }, async (carrier, e, bind) => {
		const statuses = [0x64, null, 0];
		e.answer = (pdu) => {
			if (pdu.command !== 'deliver_sm') return pdu.response();
			const status = statuses.shift();
			return status === null ? null : pdu.response({ command_status: status });
		};
		const sent = await carrier.say(PHONE, 'Y', { to: '10690001' });
		for (let i = 0; i < 3; i++) assert.equal(words(await e.next('deliver_sm')), 'Y');
		await carrier.recorded((x) => x.kind === 'answered' && x.message === sent.n && x.status === 0);
		const record = (await carrier.get('record')).record.filter((x) => x.message === sent.n);
		assert.deepEqual(record.map((x) => [x.kind, x.attempt, x.status]), [['mo', undefined, undefined], ['deliver', 1, undefined],
			['answered', 1, 0x64], ['deliver', 2, undefined], ['lost', 2, undefined], ['deliver', 3, undefined], ['answered', 3, 0]]);

		// Unanswered, then the connection goes; the next one under this name gets them, in their order.
		await carrier.faults({ 'deliver-timeout': 'off' });
		e.answer = () => null;
		for (const text of ['1', '2', '3']) await carrier.say(PHONE, text, { to: '10690001' });
		for (let i = 0; i < 3; i++) await e.next('deliver_sm');
		e.socket.destroy();
		await carrier.recorded((x) => x.kind === 'close' && x.session === 1);
		const again = await bind();
		for (const text of ['1', '2', '3']) assert.equal(words(await again.next('deliver_sm')), text);

		again.answer = (pdu) => pdu.response({ command_status: 0x65 });
		const refused = await carrier.say(PHONE, 'bad', { to: '10690001' });
		await again.next('deliver_sm');
		await carrier.recorded((x) => x.kind === 'answered' && x.message === refused.n);
		assert.equal((await carrier.texts(PHONE))[0].state, 'REFUSED');
	});

carrierTest('several ESMEs, each with its codes; texts wait for one that is away', { unbound: true }, async (carrier, bind) => {
	await carrier.say(PHONE, 'first', { to: '10690001' }); // nobody is there at all
	const a = await bind('transceiver', { system_id: 'a' });
	assert.equal(words(await a.next('deliver_sm')), 'first');
	const b = await bind('transceiver', { system_id: 'b' });
	await a.submit({ source_addr: '10690001', short_message: 'x' });
	await b.submit({ source_addr: '10690002', short_message: 'x' });
	await carrier.say(PHONE, 'to b', { to: '10690002' });
	await carrier.say(PHONE, 'to a', { to: '1069000188' });
	await carrier.say(PHONE, 'to b too', { to: '1069000299' });
	assert.equal(words(await b.next('deliver_sm')), 'to b');
	assert.equal(words(await a.next('deliver_sm')), 'to a');
	assert.equal(words(await b.next('deliver_sm')), 'to b too');
	await b.leave();
	await carrier.recorded((x) => x.kind === 'close' && x.system_id === 'b');
	await carrier.say(PHONE, 'later', { to: '10690002' });
	assert.equal((await carrier.get('sessions')).queues.find((q) => q.system_id === 'b').waiting, 1);
	const b2 = await bind('transmitter', { system_id: 'b' });
	assert.equal((await b2.submit({ source_addr: '10690002', short_message: 'x' })).command_status, 0);
	const b3 = await bind('receiver', { system_id: 'b' });
	assert.equal(words(await b3.next('deliver_sm')), 'later');
});

carrierTest('refusals: every nth, and numbers that do not exist', {}, async (carrier, e) => {
	const statuses = async (n) => { const s = []; for (let i = 0; i < n; i++) s.push((await e.submit({ short_message: 'x' })).command_status); return s; };
	await carrier.faults({ throttle: 3 });
	assert.deepEqual(await statuses(6), [0, 0, 0x58, 0, 0, 0x58]);
	await carrier.faults({ reset: true, 'queue-full': 2 });
	assert.deepEqual(await statuses(4), [0, 0x14, 0, 0x14]);
	await carrier.faults({ reset: true, 'system-error': 2, 'error-body': true });
	assert.deepEqual(await statuses(2), [0, 8]);
	await carrier.faults({ reset: true, 'invalid-destination': '+861380013*' });
	assert.deepEqual(await statuses(1), [0x0B]);
	assert.equal((await e.submit({ destination_addr: '8613900000000', short_message: 'x' })).command_status, 0);
	const stats = await carrier.get('stats');
	assert.deepEqual([stats.submits, stats.accepted, stats.refused], [14, 8, 6]);
	assert.equal((await carrier.texts(PHONE)).length, 7);
	assert.equal((await carrier.faults({ throttel: 3 })).status, 400);
	assert.equal((await carrier.get('faults'))['invalid-destination'], '+861380013*');
});

carrierTest('responses late, out of order, torn and merged; receipts ahead of them', {}, async (carrier, e) => {
	const order = async (n) => {
		const got = [];
		await e.together(() => Array.from({ length: n }, (_, i) => e.submit({ short_message: String(i) }).then((r) => { assert.equal(r.command_status, 0); got.push(i); })));
		return got;
	};
	await carrier.faults({ reorder: 4 });
	assert.deepEqual(await order(8), [3, 2, 1, 0, 7, 6, 5, 4]);
	assert.deepEqual(await order(3), [2, 1, 0]); // a group that stays incomplete
	await carrier.faults({ reset: true, 'split-writes': true });
	let chunks = 0;
	const counting = net.connect(carrier.port, '127.0.0.1');
	for (let i = 1; i <= 20; i++) {
		let left = 16;
		counting.write(new smpp.PDU('enquire_link', { sequence_number: i }).toBuffer());
		while (left > 0) { left -= (await once(counting, 'data'))[0].length; chunks++; }
	}
	counting.destroy();
	assert.ok(chunks > 20, `${chunks} pieces`);
	assert.deepEqual(await order(3), [0, 1, 2]);
	await carrier.faults({ reset: true, 'merged-writes': 30 });
	assert.deepEqual(await order(3), [0, 1, 2]);
	await carrier.faults({ reset: true, delay: 30 });
	const asked = performance.now();
	assert.deepEqual(await order(3), [0, 1, 2]);
	assert.ok(performance.now() - asked >= 20); // its clock may have been read a little before ours
	await carrier.faults({ reset: true, 'receipts-before-responses': true });
	const events = [];
	e.answer = (pdu) => { if (pdu.command === 'deliver_sm') events.push(pdu.receipted_message_id); return pdu.response(); };
	const r = await e.submit({ registered_delivery: 1, short_message: 'x' });
	assert.deepEqual(events, [r.message_id]);
	await carrier.faults({ reset: true, congestion: 95 });
	assert.equal((await e.submit({ short_message: 'x' })).congestion_state, 95);
});

carrierTest('connections that end badly', { unbound: true }, async (carrier, bind) => {
	const texts = async () => (await carrier.texts(PHONE)).length;
	let e = await bind();
	await carrier.faults({ drop: 3 }); // bind, one submit, and the next one is the end
	assert.equal((await e.submit({ short_message: 'x' })).command_status, 0);
	e.submit({ short_message: 'lost' });
	await e.closed;
	assert.equal(await texts(), 1);

	await carrier.faults({ reset: true, 'drop-unanswered': 2 });
	e = await bind();
	await e.submit({ short_message: 'a' });
	e.submit({ short_message: 'taken, not answered' });
	await e.closed;
	assert.equal((await carrier.texts(PHONE))[0].text, 'taken, not answered');

	// In the middle of a PDU: 5 octets of the bind's response.
	await carrier.faults({ reset: true, 'drop-bytes': 5 });
	const raw = net.connect(carrier.port, '127.0.0.1');
	const seen = [];
	raw.on('data', (d) => seen.push(d));
	raw.write(new smpp.PDU('bind_transceiver', { system_id: 'huizhi', sequence_number: 1 }).toBuffer());
	await once(raw, 'close');
	assert.equal(Buffer.concat(seen).length, 5);

	await carrier.faults({ reset: true });
	e = await bind();
	assert.equal((await carrier.post('sessions/drop', { system_id: 'nobody' })).dropped, 0);
	assert.equal((await carrier.post('sessions/drop', { how: 'unbind' })).dropped, 1);
	await e.next('unbind');
	await e.closed;
	e = await bind();
	assert.equal((await carrier.post('sessions/drop', {})).dropped, 1);
	await e.closed;

	await carrier.faults({ 'refuse-bind': true });
	assert.equal((await bind()).bound.command_status, 0x0D);
});

carrierTest('silence, and texts that are taken without a word', {}, async (carrier, e, bind) => {
	await carrier.faults({ 'silent-submits': true });
	e.submit({ short_message: 'taken' });
	await carrier.recorded((x) => x.kind === 'submit' && x.note === 'not answered: silent');
	assert.equal((await carrier.texts(PHONE))[0].text, 'taken');
	await carrier.faults({ reset: true, silence: true });
	e.submit({ short_message: 'thrown away' });
	e.request('enquire_link');
	// bind, two submits, enquire_link: all of them read before the silence ends
	while ((await carrier.get('sessions')).sessions[0].received < 4);
	await carrier.faults({ reset: true });
	const other = await bind('transceiver', { system_id: 'other' });
	await other.submit({ destination_addr: '8613800138001', short_message: 'heard' });
	assert.equal((await carrier.texts(PHONE)).length, 1);
});

carrierTest('lengths that lie', {}, async (carrier) => {
	for (const [fault, length] of [['wrong-length', 7], ['huge-length', 0x7FFFFFFF]]) {
		await carrier.faults({ reset: true, [fault]: 1 });
		const raw = net.connect(carrier.port, '127.0.0.1');
		let seen = Buffer.alloc(0), heard = () => {};
		raw.on('data', (d) => { seen = Buffer.concat([seen, d]); heard(); });
		const until = async (n) => { while (seen.length < n) await new Promise((done) => { heard = done; }); };
		raw.write(new smpp.PDU('bind_transceiver', { system_id: 'huizhi', sequence_number: 1 }).toBuffer());
		await until(16);
		const bind = seen.readUInt32BE(0);
		raw.write(new smpp.PDU('submit_sm', { source_addr: '1', destination_addr: '8613800138000', short_message: 'x', sequence_number: 2 }).toBuffer());
		await until(bind + 16);
		assert.equal(seen.readUInt32BE(bind), length);
		assert.equal(seen.readUInt32BE(bind + 4), 0x80000004);
		raw.destroy();
	}
});

carrierTest('bad PDUs get a generic_nack, and a lost frame the end', { unbound: true }, async (carrier) => {
	const exchange = async (octets) => {
		const raw = net.connect(carrier.port, '127.0.0.1');
		const seen = [];
		raw.on('data', (d) => { seen.push(d); if (octets.length) raw.end(); });
		raw.write(Buffer.from(octets, 'hex'));
		await once(raw, 'close');
		return Buffer.concat(seen).toString('hex');
	};
	// An unknown command; a length below the header's and one past every bound, both with sequence 0 in the answer.
	assert.equal(await exchange('00000010' + '00000099' + '00000000' + '00000007'), '00000010' + '80000000' + '00000003' + '00000007');
	assert.equal(await exchange('0000000f' + '00000004' + '00000000' + '00000007'), '00000010' + '80000000' + '00000002' + '00000000');
	assert.equal(await exchange('7fffffff' + '00000004' + '00000000' + '00000007'), '00000010' + '80000000' + '00000002' + '00000000');
	// A bind cut short, a submit before any bind: answered in kind.
	assert.equal((await exchange('00000011' + '00000009' + '00000000' + '00000001' + '41')).slice(8, 24), '80000009' + '0000000f');
	assert.equal((await exchange('00000010' + '00000004' + '00000000' + '00000001')).slice(8, 24), '80000004' + '00000004');
	assert.equal((await carrier.get('stats')).nacks, 3);
});

carrierTest('one octet at a time is understood', {}, async (carrier) => {
	const raw = net.connect({ port: carrier.port, host: '127.0.0.1', noDelay: true });
	const octets = Buffer.concat([
		new smpp.PDU('bind_transceiver', { system_id: 'slow', sequence_number: 1 }).toBuffer(),
		new smpp.PDU('submit_sm', { source_addr: '1', destination_addr: '8613800138000', short_message: 'slow', sequence_number: 2 }).toBuffer(),
	]);
	for (const o of octets) await new Promise((done) => raw.write(Buffer.from([o]), done));
	const got = await carrier.get('messages?wait=20');
	assert.equal(got.messages[0].text, 'slow');
	raw.destroy();
});

carrierTest('every text of a phone twice', { args: ['--fault', 'redeliver'] }, async (carrier, e) => {
	const sent = await carrier.say(PHONE, 'Y', { to: '10690001' });
	const a = await e.next('deliver_sm'), b = await e.next('deliver_sm');
	assert.deepEqual([words(a), words(b)], ['Y', 'Y']);
	assert.notEqual(a.sequence_number, b.sequence_number);
	await carrier.recorded((x) => x.kind === 'answered' && x.message === sent.n);
	assert.equal((await carrier.texts(PHONE))[0].state, 'DELIVRD');
});

carrierTest('a silent connection is asked, then closed', { args: ['--fault', 'enquire-link=1'] }, async (carrier, e) => {
	await e.next('enquire_link');
	e.answer = () => null;
	await e.closed;
	await carrier.recorded((x) => x.kind === 'close' && x.note === 'silent for too long');
});

test('scripted phones answer; a broken script names its line', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'smsc-script.'));
	writeFileSync(join(dir, 'people'), '# those who answer\nphone +86138* when "回复Y" reply "Y" after 5 ms reply "2" after 5\nphone +86139* receipt UNDELIV\n');
	writeFileSync(join(dir, 'broken'), 'phone * when "a" reply "b"\nphone * says "b"\n');
	const bad = spawnSync(binary, ['--script', join(dir, 'broken')], { encoding: 'utf8' });
	assert.equal(bad.status, 1);
	assert.match(bad.stderr, /broken:2: the number is followed by when or receipt/);
	const record = join(dir, 'record.jsonl');
	const carrier = await Carrier.start('--script', join(dir, 'people'), '--record', record);
	const e = await Esme.bind(carrier);
	const fields = { data_coding: 8, short_message: { message: Buffer.from('请回复Y。', 'utf16le').swap16() } };
	await e.submit({ ...fields, destination_addr: '8613900000000' });
	await e.submit(fields);
	assert.equal(words(await e.next('deliver_sm')), 'Y');
	assert.equal(words(await e.next('deliver_sm')), '2');
	assert.equal((await carrier.texts('+8613900000000'))[0].state, 'UNDELIV');
	assert.equal((await carrier.post('script', 'phone * when "x" say')).status, 400);
	assert.equal((await carrier.post('script', 'phone * when "x" reply "z"')).rules, 1);
	await e.submit({ destination_addr: '8613900000000', short_message: 'x' });
	assert.equal(words(await e.next('deliver_sm')), 'z');
	await carrier.recorded((x) => x.kind === 'answered' && x.message === 6);
	const asked = (await carrier.get('record')).record;
	e.socket.destroy();
	assert.equal(await carrier.stop(), 0);
	const written = readFileSync(record, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
	assert.deepEqual(written.slice(0, asked.length), asked);
	assert.equal(written.filter((x) => x.kind === 'submit').length, 3);
	rmSync(dir, { recursive: true });
});

carrierTest('long polls and streams tell what happens, to those who filter too', {}, async (carrier, e) => {
	const wait = carrier.get(`messages?after=0&wait=20&phone=%2B8613800138001&direction=received`);
	const stream = await fetch(new URL('events', carrier.url));
	const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
	await e.submit({ short_message: 'another phone' });
	await e.submit({ destination_addr: '8613800138001', short_message: 'this phone' });
	assert.deepEqual((await wait).messages.map((m) => m.text), ['this phone']);
	let told = '';
	while (!told.includes('this phone')) told += (await reader.read()).value;
	assert.match(told, /id: 1\ndata: \{.*another phone.*\}\n\nid: 2\ndata: \{.*this phone.*\}\n\n/);
	await reader.cancel();
	// Nothing new: an empty answer when the time is up, with the same cursor.
	assert.deepEqual(await carrier.get('messages?after=2&wait=0'), { next: 2, missed: 0, messages: [] });
	assert.deepEqual((await carrier.get('phones?q=00138001')).phones.map((p) => p.phone), ['+8613800138001']);
	const page = await carrier.get('phones?limit=1');
	assert.deepEqual([page.more, page.phones[0].phone], [true, '+8613800138001']);
	assert.equal((await carrier.get('phones?limit=1&after=%2B8613800138001')).phones[0].phone, PHONE);
});

carrierTest('hostile requests are refused, and the carrier stays', {}, async (carrier) => {
	for (const [path, body, status] of [['faults', '{', 400], ['faults', '[]', 400], ['faults', '{"throttle":[]}', 400],
		['faults', '['.repeat(100000), 400], [`phones/${PHONE}/send`, '{"text":5}', 400], [`phones/${PHONE}/send`, '{}', 400],
		[`phones/${PHONE}/send`, '{"text":"a","to":"1","concat":"x"}', 400], ['phones/%00/send', '{}', 404], ['phones/a%20b/send', '{}', 400],
		['sessions/drop', '{"how":"kick"}', 400], ['messages', '{}', 405], ['nothing', '{}', 404]])
		assert.equal((await fetch(new URL(path, carrier.url), { method: 'POST', body })).status, status, path + body.slice(0, 40));
	for (const path of ['messages?after=-1', 'messages?after=x', 'messages?limit=100000', 'phones?after=1', 'record?after=1e9', 'messages?direction=up'])
		assert.equal((await fetch(new URL(path, carrier.url))).status, 400, path);
	const foreign = await fetch(new URL(`phones/${PHONE}/send`, carrier.url), { method: 'POST', headers: { Origin: 'http://evil.example' }, body: '{"text":"a","to":"1"}' });
	assert.equal(foreign.status, 403);
	assert.equal((await fetch(new URL('script', carrier.url), { method: 'POST', body: 'x'.repeat(1 << 20) }).catch(() => ({ status: 413 }))).status, 413);

	// A second request on a connection whose first one waits is served after it; and one that goes away leaves nothing.
	const { port } = new URL(carrier.url);
	const raw = net.connect(port, '127.0.0.1');
	let seen = '';
	raw.on('data', (d) => { seen += d; if ((seen.match(/HTTP\/1\.1 200/g) || []).length === 2) raw.end(); });
	raw.write('GET /messages?after=0&wait=1 HTTP/1.1\r\nHost: x\r\n\r\n');
	while ((await carrier.get('stats')).waiting < 1);
	await new Promise((done) => raw.write('GET /stats HTTP/1.1\r\nHost: x\r\n\r\n', done));
	await once(raw, 'close');
	assert.match(seen, /"messages":\[\][\s\S]*"submits":0/);
	const gone = net.connect(port, '127.0.0.1');
	gone.write('GET /messages?after=0&wait=20 HTTP/1.1\r\nHost: x\r\n\r\n');
	while ((await carrier.get('stats')).waiting < 1);
	gone.destroy();
	await carrier.get('messages?after=0&wait=1'); // one that stays comes back; the one that left is long forgotten
	assert.equal((await carrier.get('stats')).waiting, 0);
	await carrier.say(PHONE, 'x', { to: '1' });
	assert.equal((await carrier.texts(PHONE)).length, 1);
});

test('the command line says what is wrong', () => {
	for (const [args, status, pattern] of [[['--help'], 0, /receipts-before-responses/], [['--version'], 0, /^huizhi-smsc \d/],
		[['--fault', 'nonsense'], 2, /there is no fault "nonsense"/], [['--seed', 'x'], 2, /--seed is a number/],
		[['--smpp', '127.0.0.1'], 1, /--smpp 127\.0\.0\.1: could not listen/], [['--script', '/nonexistent'], 1, /could not open the script/],
		[['--record', '/nonexistent/x'], 1, /could not open the record/], [['extra'], 2, /unexpected "extra"/], [['--bogus'], 2, /--help/]]) {
		const got = spawnSync(binary, args, { encoding: 'utf8' });
		assert.equal(got.status, status, args.join(' '));
		assert.match(got.stdout + got.stderr, pattern);
	}
});

test('the manual page has every option and every switch that --help has', () => {
	const { stdout } = spawnSync(binary, ['--help'], { encoding: 'utf8' });
	const manual = readFileSync(new URL('../../man/huizhi-smsc.1', import.meta.url), 'utf8').replaceAll('\\-', '-');
	const [options, faults] = stdout.split('Faults and habits');
	const names = [...options.matchAll(/^ {2}(--[a-z-]+)/gm), ...faults.matchAll(/^ {2}([a-z-]+)/gm)].map((m) => m[1]);
	assert.ok(names.length > 40, names.join(' '));
	assert.deepEqual(names.filter((n) => !new RegExp(`${n}(?![a-z-])`).test(manual)), []);
	// A switch stands there with its sentence.
	for (const [, name, sentence] of faults.matchAll(/^ {2}([a-z-]+).*\n {6}(.*)$/gm))
		assert.ok(manual.toLowerCase().includes(sentence.toLowerCase()), name);
});
