// USSD of the pretend carrier, each way of carrying it, as node-smpp, an independent implementation, sees it.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Carrier, Esme } from './smsc-client.mjs';

const PHONE = '+8613800138000', BARE = '8613800138000';
// What node-smpp makes of the three parameters: numbers, buffers or texts.
const number = (v) => Buffer.isBuffer(v) ? v.readUIntBE(0, v.length) : v;
const words = (pdu) => {
	const m = pdu.message_payload ?? pdu.short_message;
	return typeof m === 'string' ? m : m?.message ?? '';
};

const carrier = await Carrier.start();
const esme = await Esme.bind(carrier);
esme.answer = () => null;
esme.socket.on('pdu', (pdu) => {
	if (['deliver_sm', 'data_sm', 'enquire_link'].includes(pdu.command)) esme.socket.send(pdu.response());
});
test.after(async () => {
	esme.socket.destroy();
	assert.equal(await carrier.stop(), 0);
});

// node-smpp takes the operation as a number and its_session_info as octets.
const op = (n) => ({ ussd_service_op: n });
const info = (n) => n === undefined ? {} : { its_session_info: Buffer.from([n >> 8, n & 255]) };
const say = (text, fields, command = 'submit_sm') => esme.request(command, { service_type: 'USSD', source_addr: '123',
	destination_addr: BARE, dest_addr_ton: 1, dest_addr_npi: 1,
	...(command === 'data_sm' ? { message_payload: { message: Buffer.from(text) } } : { short_message: { message: Buffer.from(text) } }),
	...fields });
const screen = () => carrier.get(`phones/${encodeURIComponent(PHONE)}/ussd`);
const phone = (what, body = {}) => carrier.post(`phones/${encodeURIComponent(PHONE)}/${what}`, body);
const comes = (command = 'deliver_sm') => esme.next(command, (p) => p.ussd_service_op !== undefined);

async function begin(profile, more = {}) {
	await phone('hangup').catch(() => null);
	esme.pdus.length = 0;
	await carrier.faults({ reset: true, 'receipt-delay': 1, 'ussd-profile': profile, ...more });
}

async function dialled(command) {
	assert.equal((await phone('dial', { code: '*123#' })).state, 'asked');
	const d = await comes(command);
	assert.deepEqual([d.service_type, d.source_addr, number(d.ussd_service_op)], ['USSD', BARE, 1]);
	return d;
}

async function shows(text, state) {
	const s = await screen();
	assert.deepEqual([s.text, s.state], [text, state]);
	return s;
}

test('standard: dialled, a menu, an answer, the end; bit 0 ends it', async () => {
	await begin('standard');
	const d = await dialled(), session = number(d.its_session_info);
	assert.deepEqual([d.destination_addr, words(d), session & 0xff], ['123', '*123#', 0]);
	assert.equal((await say('1 Yes', { ...op(2), ...info(session) })).command_status, 0);
	await shows('1 Yes', 'menu');
	assert.equal((await phone('answer', { text: '1' })).state, 'asked');
	const a = await comes();
	assert.deepEqual([number(a.ussd_service_op), words(a), number(a.its_session_info)], [18, '1', session + 2]);
	assert.equal((await say('Done', { ...op(17), ...info(session) })).command_status, 0x45); // 17 needs bit 0
	assert.equal((await say('Done', { ...op(17), ...info(session + 3) })).command_status, 0);
	assert.equal((await shows('Done', 'over')).reason, 'ended by the service');
	assert.equal((await say('late', { ...op(2), ...info(session) })).command_status, 0x45);
	await shows('Done', 'over');
});

test('standard: hung up, failed and timed out reach the ESME with bit 0', async () => {
	await begin('standard');
	for (const how of ['hang-up', 'fail', 'reject']) {
		const session = number((await dialled()).its_session_info);
		await say('?', { ...op(2), ...info(session) });
		assert.equal((await phone('hangup', { how })).state, 'over');
		const a = await comes();
		assert.deepEqual([number(a.ussd_service_op), words(a), number(a.its_session_info) & 1], [18, '', 1]);
	}
	await carrier.faults({ 'ussd-reply-timeout': 1 });
	await dialled();
	assert.equal(number((await comes()).its_session_info) & 1, 1);
	assert.equal((await screen()).reason, 'the service did not answer in time');
	await carrier.faults({ 'ussd-reply-timeout': 10000, 'ussd-idle-timeout': 1 });
	const session = number((await dialled()).its_session_info);
	await say('?', { ...op(2), ...info(session) });
	assert.equal(number((await comes()).its_session_info) & 1, 1);
	assert.equal((await screen()).reason, 'the phone did not answer in time');
	await carrier.faults({ 'ussd-idle-timeout': 180000, 'ussd-network-end': 1, 'ussd-silent-end': true });
	const last = number((await dialled()).its_session_info);
	await say('?', { ...op(2), ...info(last) });
	assert.equal((await phone('answer', { text: '1' })).reason, 'ended by the network');
	assert.equal((await say('late', { ...op(2), ...info(last) })).command_status, 0x45);
	assert.deepEqual(esme.pdus.filter((p) => p.command === 'deliver_sm'), []); // nobody told it
});

test('standard: pushed menus and notes, several phones at once', async () => {
	await begin('standard');
	assert.equal((await say('Yes?', op(2))).command_status, 0);
	assert.equal((await shows('Yes?', 'menu')).pushed, true);
	assert.equal((await say('Again?', op(2))).command_status, 0x45); // the phone is in a session
	await phone('answer', { text: 'Y' });
	const a = await comes(), session = number(a.its_session_info);
	assert.deepEqual([number(a.ussd_service_op), words(a)], [18, 'Y']);
	// Another phone in the meantime.
	await carrier.post('phones/+8613800138001/dial', { code: '*123#' });
	const other = await comes();
	assert.notEqual(number(other.its_session_info) >> 8, session >> 8);
	assert.equal((await say('No', { ...op(2), ...info(number(other.its_session_info)) })).command_status, 0x45); // not this phone's
	assert.equal((await say('Thanks', { ...op(3), ...info(session | 1) })).command_status, 0);
	await shows('Thanks', 'over');
	assert.equal((await say('A note', op(3))).command_status, 0);
	await shows('A note', 'note');
	await phone('answer', { text: '' });
	assert.equal(number((await comes()).ussd_service_op), 19);
	await carrier.post('phones/+8613800138001/hangup', {});
	assert.equal(number((await comes()).its_session_info) & 1, 1);
});

test('tata: only operation 2, bit 0 ends; fifteen bits name the session', async () => {
	await begin('tata');
	const session = number((await dialled()).its_session_info);
	assert.equal(session & 1, 0);
	assert.equal((await say('x', { ...op(17), ...info(session | 1) })).command_status, 0x45);
	assert.equal((await say('1 Yes', { ...op(2), ...info(session) })).command_status, 0);
	await phone('answer', { text: '1' });
	assert.equal(number((await comes()).its_session_info), session);
	assert.equal((await say('Done', { ...op(2), ...info(session | 1) })).command_status, 0);
	await shows('Done', 'over');
});

test('6d: the code in the address, 17 and bit 0, 0x81 when the citizen hangs up', async () => {
	await begin('6d');
	const d = await dialled(), session = number(d.its_session_info);
	assert.deepEqual([d.destination_addr, words(d)], ['*123#', '']);
	assert.equal((await say('x', { ...op(17), ...info(session) })).command_status, 0x45);
	await say('1 Yes', { ...op(2), ...info(session) });
	await phone('hangup');
	const a = await comes();
	assert.deepEqual([number(a.ussd_service_op), number(a.its_session_info)], [0x81, session]);
});

test('mica: user_message_reference, 0x81', async () => {
	await begin('mica');
	const d = await dialled(), reference = { user_message_reference: d.user_message_reference };
	assert.equal(d.its_session_info, undefined);
	assert.equal((await say('1', { ...op(2), user_message_reference: d.user_message_reference + 1 })).command_status, 0x45);
	assert.equal((await say('1 Yes', { ...op(2), ...reference })).command_status, 0);
	await phone('answer', { text: '1' });
	assert.equal((await comes()).user_message_reference, d.user_message_reference);
	assert.equal((await say('More?', { ...op(2), ...reference })).command_status, 0);
	await phone('hangup');
	assert.equal(number((await comes()).ussd_service_op), 0x81);
});

test('smpp+: 128 to 131 and 146; no data_sm', async () => {
	await begin('smpp+');
	const d = await dialled(), reference = { user_message_reference: d.user_message_reference };
	assert.equal((await say('x', { ...op(2), ...reference }, 'data_sm')).command_status, 3);
	assert.equal((await say('Last?', { ...op(130), ...reference })).command_status, 0);
	await phone('answer', { text: '1' });
	assert.equal(number((await comes()).ussd_service_op), 146);
	const e = await dialled();
	assert.equal((await say('', { ...op(128), user_message_reference: e.user_message_reference })).command_status, 0);
	assert.equal((await screen()).state, 'over');
	const f = await dialled();
	await say('?', { ...op(2), user_message_reference: f.user_message_reference });
	await phone('hangup');
	assert.equal(number((await comes()).ussd_service_op), 129);
	assert.equal((await say('A note', op(131))).command_status, 0); // no reference: a push
	await shows('A note', 'note');
	await phone('answer', { text: '' });
	assert.equal(number((await comes()).ussd_service_op), 19);
});

test('glo: data_sm with message_payload, receipted_message_id, 65 to 68', async () => {
	await begin('glo');
	const d = await dialled('data_sm'), id = { receipted_message_id: d.receipted_message_id };
	assert.equal(words(d), '*123#');
	assert.equal((await say('x', { ...op(2), ...id })).command_status, 3);
	assert.equal((await say('1 Yes', { ...op(2), ...id }, 'data_sm')).command_status, 0);
	await shows('1 Yes', 'menu');
	for (const [how, code] of [['hang-up', 65], ['fail', 66], ['reject', 67]]) {
		await phone('hangup', { how });
		assert.equal(number((await comes('data_sm')).ussd_service_op), code);
		const e = await dialled('data_sm');
		await say('?', { ...op(2), receipted_message_id: e.receipted_message_id }, 'data_sm');
		if (how === 'reject') {
			await phone('answer', { text: '1' });
			await comes('data_sm');
			assert.equal((await say('', { ...op(68), receipted_message_id: e.receipted_message_id }, 'data_sm')).command_status, 0);
			assert.equal((await screen()).state, 'over');
		}
	}
});

test('huawei: nothing names the session', async () => {
	await begin('huawei');
	const d = await dialled();
	assert.deepEqual([d.its_session_info, d.user_message_reference, d.receipted_message_id], [undefined, undefined, undefined]);
	assert.equal((await say('1 Yes', op(2))).command_status, 0);
	await phone('answer', { text: '1' });
	assert.equal(words(await comes()), '1');
	assert.equal((await say('Done', op(17))).command_status, 0);
	await shows('Done', 'over');
});

test('screens: 182 and 80, Chinese, waiting for the next one, faults of the request', async () => {
	await begin('standard');
	const session = number((await dialled()).its_session_info);
	const wide = (s) => ({ data_coding: 8, short_message: { message: Buffer.from(s, 'utf16le').swap16() } });
	assert.equal((await say('x'.repeat(183), { ...op(2), ...info(session) })).command_status, 1);
	assert.equal((await say('', { ...op(2), ...info(session), ...wide('一'.repeat(81)) })).command_status, 1);
	const { version } = await screen();
	const waiting = carrier.get(`phones/${encodeURIComponent(PHONE)}/ussd?after=${version}&wait=20`);
	assert.equal((await say('', { ...op(2), ...info(session), ...wide('您好 ' + '一'.repeat(77)) })).command_status, 0);
	const s = await waiting;
	assert.deepEqual([s.state, s.length], ['menu', 80]);
	assert.equal((await phone('answer', { text: '一'.repeat(71) })).status, 400);
	assert.equal((await phone('dial', { code: '123' })).status, 400);
	assert.equal((await phone('dial', { code: 5 })).status, 400);
	assert.equal((await phone('hangup', { how: 'nicely' })).status, 400);
	assert.equal((await phone('hangup')).state, 'over');
	assert.equal((await phone('hangup')).status, 400);
	assert.equal((await phone('answer', { text: '1' })).status, 400);
	assert.equal((await carrier.get('phones/+8613999999999/ussd')).state, 'none');
	const moves = (await carrier.get('record?kind=ussd')).record.slice(-3).map((e) => [e.note, e.state]);
	assert.deepEqual(moves, [['dial', 'asked'], ['menu', 'menu'], ['hang-up', 'over']]);
});

test('an ESME that refuses a move ends the session', async () => {
	await begin('standard');
	esme.socket.removeAllListeners('pdu');
	esme.socket.on('pdu', (pdu) => {
		if (pdu.command === 'deliver_sm') esme.socket.send(pdu.response({ command_status: 0xc4 }));
	});
	await phone('dial', { code: '*123#' });
	const { record } = await carrier.get('record?kind=ussd'), { version } = await screen();
	assert.ok(record.length > 0);
	const s = version && (await screen()).state === 'over' ? await screen() :
		await carrier.get(`phones/${encodeURIComponent(PHONE)}/ussd?after=${version}&wait=20`);
	assert.deepEqual([s.state, s.reason], ['over', 'the service refused it with 0xC4']);
});
