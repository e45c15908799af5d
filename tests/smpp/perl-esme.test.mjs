// Debian's Net::SMPP as an ESME at our pretend carrier: each bind, texts and receipts, data_sm, query and cancel, refusals,
// unbind from either side. Whatever it would find odd it says on standard error, which must be empty.
import test from 'node:test';
import assert from 'node:assert/strict';
import { PerlPeer, ucs2, words } from '../lib/perl_peer.mjs';
import { Carrier } from './smsc-client.mjs';

const PHONE = '8613800138000', BIND = { system_id: 'huizhi', password: 'secret' };
const TEXT = { source_addr: '10690001', destination_addr: PHONE, dest_addr_ton: 1, dest_addr_npi: 1 };

function peerTest(name, body) {
	test(name, async () => {
		const carrier = await Carrier.start('--system-id', 'huizhi', '--password', 'secret'), peers = [];
		const peer = async () => { const p = await PerlPeer.start('esme', carrier.port); peers.push(p); return p; };
		try {
			await body(carrier, peer);
			for (const p of peers) assert.deepEqual(p.warned, []);
			assert.equal((await carrier.get('stats')).nacks, 0);
		} finally {
			for (const p of peers) await p.stop();
			await carrier.stop();
		}
	});
}

peerTest('a transceiver: texts of both alphabets, long ones, receipts, texts in', async (carrier, peer) => {
	const p = await peer();
	assert.equal((await p.ask('bind_transceiver', BIND)).status, 0);
	const plain = await p.ask('submit_sm', { ...TEXT, short_message: 'Reply Y or N.', registered_delivery: 1 });
	assert.equal(plain.status, 0);
	const receipt = await p.pdu('deliver_sm', (e) => e.receipted_message_id?.startsWith(Buffer.from(plain.message_id).toString('hex')) || e.receipted_message_id === plain.message_id);
	assert.equal(receipt.esm_class, 4);
	assert.match(Buffer.from(receipt.short_message, 'hex').toString('latin1'), new RegExp(`^id:${plain.message_id} .* stat:DELIVRD `));
	p.send('deliver_sm_resp', { seq: receipt.seq, message_id: '' });
	const parts = ['您的证照将于下月到期，', '续办请回复 Y。'];
	for (const [i, part] of parts.entries())
		assert.equal((await p.ask('submit_sm', { ...TEXT, esm_class: 0x40, data_coding: 8, hex: ['short_message'], short_message: `0500037702${`0${i + 1}`}${ucs2(part)}` })).status, 0);
	assert.deepEqual((await carrier.texts(`+${PHONE}`)).map((t) => t.text).reverse(), ['Reply Y or N.', parts.join('')]);
	const data = await p.ask('data_sm', { ...TEXT, data_coding: 8, hex: ['message_payload'], message_payload: ucs2('整条放在参数里'.repeat(20)) });
	assert.equal(data.status, 0);
	assert.equal((await carrier.texts(`+${PHONE}`))[0].text, '整条放在参数里'.repeat(20));
	const said = await carrier.say(`+${PHONE}`, '好的，谢谢', { to: '10690001' });
	const text = await p.pdu('deliver_sm', (e) => e.data_coding === 8);
	assert.deepEqual([words(text.short_message), text.source_addr, text.destination_addr], ['好的，谢谢', PHONE, '10690001']);
	p.send('deliver_sm_resp', { seq: text.seq, message_id: '' });
	await carrier.recorded((e) => e.kind === 'answered' && e.message === said.n && e.status === 0);
	assert.equal((await p.ask('enquire_link')).cmd, 'enquire_link_resp');
	assert.equal((await p.ask('unbind')).cmd, 'unbind_resp');
	await p.next((e) => e.closed, 'the end');
});

peerTest('a transmitter and a receiver', async (carrier, peer) => {
	const tx = await peer(), rx = await peer();
	assert.equal((await tx.ask('bind_transmitter', BIND)).status, 0);
	assert.equal((await rx.ask('bind_receiver', BIND)).status, 0);
	const r = await tx.ask('submit_sm', { ...TEXT, short_message: 'x', registered_delivery: 1 });
	const receipt = await rx.pdu('deliver_sm');
	assert.match(Buffer.from(receipt.short_message, 'hex').toString('latin1'), new RegExp(`^id:${r.message_id} `));
	rx.send('deliver_sm_resp', { seq: receipt.seq, message_id: '' });
	assert.equal((await rx.ask('submit_sm', { ...TEXT, short_message: 'x' })).status, 0x04, 'a receiver sends nothing');
	// The carrier asks them to go.
	await carrier.post('sessions/drop', { how: 'unbind' });
	for (const p of [tx, rx]) {
		p.send('unbind_resp', { seq: (await p.pdu('unbind')).seq });
		await p.next((e) => e.closed, 'the end');
	}
});

peerTest('refusals, and what became of texts', async (carrier, peer) => {
	const stranger = await peer();
	assert.ok([0x0D, 0x0E, 0x0F].includes((await stranger.ask('bind_transceiver', { ...BIND, password: 'wrong' })).status));
	const p = await peer();
	await p.ask('bind_transceiver', BIND);
	await carrier.faults({ throttle: 1 });
	assert.equal((await p.ask('submit_sm', { ...TEXT, short_message: 'x' })).status, 0x58);
	await carrier.faults({ reset: true, 'delivery-delay': 60000 });
	const held = await p.ask('submit_sm', { ...TEXT, short_message: 'held' });
	const query = await p.ask('query_sm', { message_id: held.message_id, source_addr: '10690001' });
	assert.deepEqual([query.status, query.message_id], [0, held.message_id]);
	assert.equal((await p.ask('cancel_sm', { message_id: held.message_id, ...TEXT })).status, 0);
	assert.notEqual((await p.ask('cancel_sm', { message_id: held.message_id, ...TEXT })).status, 0, 'it is gone already');
	// What a refused query_sm answers is not asked here: Net::SMPP reads its body, which a refusal has not.
});
