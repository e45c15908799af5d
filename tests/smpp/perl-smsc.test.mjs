// Debian's Net::SMPP as the carrier of our daemon: bind, long texts, receipts, texts in by deliver_sm and data_sm, refusals,
// enquire_link, unbind from either side. What it would find odd in our PDUs it says on standard error, which must be empty.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { World } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';
import { PerlPeer, ucs2, words } from '../lib/perl_peer.mjs';

let w, p, session, id = 0x1000;
const texts = []; // { phone, text, ids }: whole ones
const parts = new Map();
const refuse = new Map(); // phone -> status

// Takes what our daemon sends and answers it; what it sends otherwise is waited for by the tests.
function answer(e) {
	if (e.cmd === 'enquire_link') p.send('enquire_link_resp', { seq: e.seq }, e.session);
	else if (e.cmd === 'unbind') p.send('unbind_resp', { seq: e.seq }, e.session);
	else if (e.cmd === 'bind_transceiver') {
		session = e.session;
		p.send('bind_transceiver_resp', { seq: e.seq, system_id: 'perl' }, e.session);
	} else if (e.cmd === 'submit_sm') {
		const status = refuse.get(e.destination_addr) || 0, message_id = (id++).toString(16);
		p.send('submit_sm_resp', { seq: e.seq, status, message_id: status ? '' : message_id }, e.session);
		if (status === 0) whole(e, message_id);
	}
	return e.cmd === 'enquire_link';
}
function whole(e, message_id) {
	const udh = e.esm_class & 0x40 ? e.short_message.slice(0, 12) : '', text = words(e.short_message.slice(udh.length));
	assert.equal(e.data_coding, 8);
	if (!udh) { texts.push({ phone: e.destination_addr, text, ids: [message_id] }); return; }
	assert.match(udh, /^050003/);
	const [, reference, total, number] = udh.slice(4).match(/../g).map((x) => parseInt(x, 16)), key = `${e.destination_addr} ${reference} ${total}`;
	const have = parts.get(key) || [];
	have[number - 1] = { text, message_id };
	parts.set(key, have);
	if (have.filter(Boolean).length < total) return;
	parts.delete(key);
	texts.push({ phone: e.destination_addr, text: have.map((x) => x.text).join(''), ids: have.map((x) => x.message_id) });
}
// The next whole text to this phone, each once.
async function next(phone) {
	for (;;) {
		const i = texts.findIndex((t) => t.phone === phone);
		if (i >= 0) return texts.splice(i, 1)[0];
		await p.pdu('submit_sm');
	}
}
const receipt = (phone, message_id, state = 'DELIVRD') => p.ask('deliver_sm', { source_addr: phone, source_addr_ton: 1, source_addr_npi: 1, destination_addr: '10690001', esm_class: 4,
	short_message: `id:${message_id} sub:001 dlvrd:001 submit date:2611212200 done date:2611212201 stat:${state} err:000 text:` }, session);
const until = (query, want) => w.becomes(query, want);

before(async () => {
	p = await PerlPeer.start('smsc');
	p.answer = answer;
	w = await World.start({ carrierPort: p.port, daemon: false, link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 100\n\tenquire_seconds = 1' });
	await w.startDaemon();
});
after(async () => { await w?.stop(); await p?.stop(); });

test('the bind says who we are', async () => {
	const bind = await p.pdu('bind_transceiver');
	assert.deepEqual([bind.system_id, bind.password, bind.system_type, bind.address_range], ['huizhi', 'secret', '', '']);
});

test('a long reminder, its receipts, and the answer in', async () => {
	const h = holder(901), phone = h.e164.slice(1);
	await w.must('import', 'licences', w.csv('one.csv', h.rows));
	await w.must('scan');
	const reminder = await next(phone);
	assert.match(reminder.text, /^【沂源审批】您好.*要续办请回复 Y/s);
	assert.ok(reminder.ids.length >= 2);
	for (const message_id of reminder.ids) assert.equal((await receipt(phone, message_id)).status, 0);
	await until(`SELECT state FROM message WHERE phone = '${h.e164}' AND kind = 'reminder'`, 'delivered');
	assert.equal((await p.ask('deliver_sm', { source_addr: phone, source_addr_ton: 1, destination_addr: '10690001', short_message: 'Y' }, session)).status, 0);
	assert.match((await next(phone)).text, /核实身份/);
	// The same by data_sm, whose text travels in message_payload.
	const data = await p.ask('data_sm', { source_addr: phone, source_addr_ton: 1, destination_addr: '10690001', data_coding: 8, hex: ['message_payload'], message_payload: ucs2('进度') }, session);
	assert.deepEqual([data.cmd, data.status], ['data_sm_resp', 0]);
	assert.match((await next(phone)).text, /等您核实身份/);
	// Two parts of one text, the second first.
	for (const [n, part] of [[2, '了吗'], [1, '请问办到哪一步']])
		assert.equal((await p.ask('deliver_sm', { source_addr: phone, source_addr_ton: 1, destination_addr: '10690001', esm_class: 0x40, data_coding: 8, hex: ['short_message'], short_message: `05000309020${n}${ucs2(part)}` }, session)).status, 0);
	await next(phone);
	await until(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '请问办到哪一步了吗'`, '1');
});

test('a refusal and a text that the phone never got end as what they are', async () => {
	const wrong = holder(902), off = holder(903);
	refuse.set(wrong.e164.slice(1), 0x0B);
	await w.must('import', 'licences', w.csv('two.csv', [...wrong.rows, ...off.rows]));
	await w.must('scan');
	const { ids } = await next(off.e164.slice(1));
	for (const message_id of ids) assert.equal((await receipt(off.e164.slice(1), message_id, 'UNDELIV')).status, 0);
	for (const h of [wrong, off]) await until(`SELECT state FROM message WHERE phone = '${h.e164}'`, 'failed');
	assert.equal((await p.ask('deliver_sm', { source_addr: '8613899999999', destination_addr: '99999', short_message: 'x' }, session)).status, 0x0B, 'a short code that is not ours');
});

test('enquire_link both ways; the carrier unbinds, and we come back', async () => {
	assert.equal((await p.ask('enquire_link', {}, session)).cmd, 'enquire_link_resp');
	const before = session;
	assert.equal((await p.ask('unbind', {}, session)).cmd, 'unbind_resp');
	await p.next((e) => e.closed && e.session === before, 'the end of the session');
	assert.equal((await p.pdu('bind_transceiver')).system_id, 'huizhi');
	assert.notEqual(session, before);
});

test('SIGTERM: unbind, and nothing that Net::SMPP found odd', async () => {
	const ended = w.stopDaemon();
	await p.pdu('unbind');
	assert.equal(await ended, 0);
	assert.deepEqual(p.warned, []);
});
