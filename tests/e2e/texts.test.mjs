// What citizens' texts look like on the wire, octet by octet from a carrier made of node-smpp, and what is kept of them:
// parts in any order and coding, characters torn between parts, texts that never become whole, 8-bit data. And what goes
// out: plain signs where a bureau wants them, national tables where a link has them.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World, BUREAU, root } from '../lib/world.mjs';
import { NodeCarrier } from '../lib/node_carrier.mjs';

const smpp = createRequire(import.meta.url)('smpp');
const coder = smpp.gsmCoder ?? createRequire(import.meta.url)('smpp/lib/defs').gsmCoder;

// The English texts of this test's templates: one with typographic signs, one that is Turkish.
const CURLY = 'You have “nothing” under way – that’s all… For help come to our counter or phone us, we shall be glad to help you.';
const PLAIN = 'You have "nothing" under way - that\'s all... For help come to our counter or phone us, we shall be glad to help you.';
const TURKISH = 'Güneş ışığı bugün İstanbul\'da; şu anda sürmekte olan bir işleminiz yok. Yardım için bize gelin ya da telefon edin. Teşekkürler.';
const ENGLISH = BUREAU.replace('{"east"}', '{"node"}').replace('{"zh", "en"}', '{"en", "zh"}').replace('【沂源审批】', 'Yiyuan: ');

let w, node, cutter, templates;
before(async () => {
	node = await NodeCarrier.start();
	cutter = await NodeCarrier.start(); // cuts long texts itself
	templates = mkdtempSync(join(tmpdir(), 'huizhi-templates.'));
	cpSync(join(root, 'templates'), templates, { recursive: true });
	const file = join(templates, 'common.en.txt'), text = readFileSync(file, 'utf8');
	writeFileSync(file, text.replace(/^You have nothing under way with us.*$/m, CURLY).replace(/^(\[help.*\]\n).*$/m, `$1${TURKISH}`));
	w = await World.start({
		templates,
		bureaus: ENGLISH.replace('{\n', '{\n\tsubstitutions = {"typographic"}\n') +
			ENGLISH.replace('{\n', '{\n\tsender = "Yiyuan City"\n').replace('yiyuan', 'asis').replace('id = 1', 'id = 2').replace('10690001', '10690002') +
			ENGLISH.replace('yiyuan', 'whole').replace('id = 1', 'id = 3').replace('10690001', '10690003').replace('{"node"}', '{"cutter"}'),
		conf: `link "node" {\n\thosts = {"127.0.0.1:${node.port}"}\n\tsystem_id = "huizhi"\n\tpassword = "secret"\n\tbackoff_min_ms = 50\n\tbackoff_max_ms = 200\n\tdata_codings = {"15=utf8"}\n\tnational_shift = {"turkish"}\n}
link "cutter" {\n\thosts = {"127.0.0.1:${cutter.port}"}\n\tsystem_id = "huizhi"\n\tpassword = "secret"\n\tlong_text = "payload"\n}`,
	});
	await Promise.all([node.bound, cutter.bound]);
});
after(async () => { await w?.stop(); await node?.stop(); await cutter?.stop(); if (templates) rmSync(templates, { recursive: true }); });

let number = 0;
const phone = () => `+861393000${String(++number).padStart(4, '0')}`;
const send = (from, octets, more = {}) => node.deliver({ source_addr_ton: 1, source_addr_npi: 1, source_addr: from.slice(1),
	destination_addr: '10690001', short_message: Buffer.isBuffer(octets) ? octets : Buffer.from(octets, 'latin1'), ...more });
const utf16 = (s) => Buffer.from(s, 'utf16le').swap16();
// Part n of total, behind an 8-bit or a 16-bit concatenation header; more: further information elements.
const part = (from, reference, total, n, octets, more = {}) => {
	const wide = reference > 255 || more.wide, elements = more.elements ?? [];
	const udh = [...(wide ? [8, 4, reference >> 8, reference & 255, total, n] : [0, 3, reference, total, n]), ...elements];
	return send(from, Buffer.concat([Buffer.from([udh.length, ...udh]), Buffer.from(octets)]), { esm_class: 0x40, data_coding: more.data_coding ?? 0, destination_addr: more.to ?? '10690001' });
};
const kept = (p) => w.sql(`SELECT coalesce(string_agg(text, ' | ' ORDER BY received_at), '') FROM inbound WHERE phone = '${p}'`);
const waiting = (p) => w.sql(`SELECT count(*) FROM inbound_part WHERE phone = '${p}' AND state = 'waiting'`);
const told = (p) => w.sql(`SELECT coalesce(string_agg(list || ': ' || reason, ' | ' ORDER BY id), '') FROM worklist WHERE phone = '${p}'`);
const whole = async (p, want) => {
	assert.ok(await node.next(p.slice(1)), 'answered');
	assert.equal(await kept(p), want);
	assert.equal(await waiting(p), '0');
};
// As if the parts had come that long ago; the sweep finds them by itself.
const overdue = async (p) => {
	const from = w.daemon.lines.length;
	await w.sql(`UPDATE inbound_part SET received_at = now() - interval '61 minutes' WHERE phone = '${p}'`);
	await w.daemon.line(new RegExp(`phone=${p.slice(0, 6).replace('+', '\\+')}.*worklist`), { from }).catch((e) => { throw new Error(`${e.message}`); });
};

test('a surrogate pair torn between two parts', async () => {
	const p = phone(), all = utf16('好的😀谢谢');
	assert.equal(await part(p, 7, 2, 2, all.subarray(6), { data_coding: 8 }), 0);
	assert.equal(await kept(p), '');
	assert.equal(await part(p, 7, 2, 1, all.subarray(0, 6), { data_coding: 8 }), 0);
	await whole(p, '好的😀谢谢');
});

test('an escape pair torn between two parts; reference 0; 16-bit references', async () => {
	const p = phone();
	await part(p, 0, 2, 1, 'costs 5 \x1B', { wide: true });
	await part(p, 0, 2, 2, 'e or not', { wide: true });
	await whole(p, 'costs 5 € or not');
});

test('parts in different codings, and an empty one', async () => {
	const p = phone();
	await part(p, 300, 4, 4, Buffer.from('是'), { data_coding: 15 });
	await part(p, 300, 4, 2, '', {});
	await part(p, 300, 4, 1, 'Yes ');
	await part(p, 300, 4, 3, utf16('好'), { data_coding: 8 });
	await whole(p, 'Yes 好是');
});

test('every part twice is one text, and answered each time', async () => {
	const p = phone();
	for (const n of [1, 1, 3, 3, 2]) assert.equal(await part(p, 9, 3, n, `${n}`), 0);
	await whole(p, '123');
	// The carrier did not hear the answer to one of them: no new text begins with it.
	assert.equal(await part(p, 9, 3, 2, '2'), 0);
	assert.equal(await waiting(p), '0');
	// A phone that does not count sends its next text with the same reference.
	for (const n of [1, 2, 3]) assert.equal(await part(p, 9, 3, n, `${n}${n}`), 0);
	await whole(p, '123 | 112233');
});

test('parts belong together when source, destination, reference, total and kind are the same', async () => {
	const p = phone(), q = phone();
	await part(p, 9, 2, 1, 'a');
	await part(q, 9, 2, 2, 'another phone');
	await part(p, 9, 2, 2, 'another short code', { to: '10690002' });
	await part(p, 8, 2, 2, 'another reference');
	await part(p, 9, 3, 2, 'another total');
	await part(p, 9, 2, 2, 'another kind', { wide: true });
	await send(p, 'the third kind', { sar_msg_ref_num: 9, sar_total_segments: 2, sar_segment_seqnum: 2 });
	assert.deepEqual([await waiting(p), await waiting(q), await kept(p)], ['6', '1', '']);
	await part(p, 9, 2, 2, 'b');
	assert.ok(await node.next(p.slice(1)), 'answered');
	assert.equal(await kept(p), 'ab');
	assert.equal(await waiting(p), '5');
});

test('sar_* parameters, and a header inside message_payload', async () => {
	const p = phone();
	const sar = (n, text) => send(p, text, { sar_msg_ref_num: 4711, sar_total_segments: 2, sar_segment_seqnum: n });
	await sar(2, 'world');
	await sar(1, 'hello ');
	await whole(p, 'hello world');
	const payload = (n, text) => send(p, '', { esm_class: 0x40, message_payload: Buffer.concat([Buffer.from([5, 0, 3, 200, 2, n]), Buffer.from(text)]) });
	await payload(1, 'in the ');
	await payload(2, 'payload');
	await whole(p, 'hello world | in the payload');
});

test('a text that misses a part goes to the worklist with what is there, once', async () => {
	const p = phone();
	await part(p, 33, 3, 1, 'My address is ');
	await part(p, 33, 3, 3, 'house 4');
	await overdue(p);
	assert.equal(await kept(p), 'My address is […]house 4');
	assert.equal(await told(p), 'read: part 2 of 3 of a long text never came');
	assert.equal(await waiting(p), '0');
	// Its place is free: the next text with this reference is whole by itself.
	for (const n of [1, 2, 3]) await part(p, 33, 3, n, `${n}`);
	await whole(p, 'My address is […]house 4 | 123');
});

test('a part where another text\'s part waits: the older text is kept for a clerk, the new one becomes whole', async () => {
	const p = phone();
	await part(p, 5, 2, 1, 'first text, never ');
	await part(p, 5, 2, 1, 'second text, ');
	await part(p, 5, 2, 2, 'whole');
	await whole(p, 'first text, never […] | second text, whole');
	assert.equal(await told(p), 'read: part 2 of 2 of a long text never came');
});

test('8-bit data is never taken for an answer, and its octets are kept', async () => {
	const p = phone();
	assert.equal(await send(p, 'Y\x01\xFF', { data_coding: 4 }), 0);
	await whole(p, '[8-bit data: 59 01 ff]');
	await part(p, 77, 2, 1, 'Yes ');
	await part(p, 77, 2, 2, '\x0B\x16', { data_coding: 0xF5 });
	await whole(p, '[8-bit data: 59 01 ff] | Yes [8-bit data: 0b 16]');
});

// node-smpp has the three Latin tables of its own: what it writes is read, place by place.
test('national tables as another implementation has them', async () => {
	const texts = [[1, 'Güneş ışığı, İstanbul ğĞşŞçÇ€ {}'], [3, 'São João à noite, ãõâêôÁÍÓÚ{}~|']];
	for (const [language, text] of texts) {
		const p = phone(), octets = coder.encode(text, language);
		await send(p, Buffer.concat([Buffer.from([6, 0x24, 1, language, 0x25, 1, language]), octets]), { esm_class: 0x40 });
		await whole(p, text);
	}
	const p = phone();
	await send(p, Buffer.concat([Buffer.from([3, 0x24, 1, 2]), coder.encode('Sí, ¿cuándo? ÁÍÓÚ áíóú ç ñ', 2)]), { esm_class: 0x40 });
	await whole(p, 'Sí, ¿cuándo? ÁÍÓÚ áíóú ç ñ');
});

const sent = (p) => node.submits.filter((m) => m.phone === p.slice(1));

test('typographic signs go out plain where the bureau says so, and as they are where it does not', async () => {
	const p = phone();
	await send(p, 'hello');
	assert.equal(await node.next(p.slice(1)), `Yiyuan: ${PLAIN}`);
	assert.deepEqual(sent(p).map((m) => m.data_coding), [0], 'one part, in the GSM alphabet');
	assert.equal(await w.sql(`SELECT text FROM message WHERE phone = '${p}'`), `Yiyuan: ${PLAIN}`, 'what is kept is what was sent');
	const q = phone();
	await send(q, 'hello', { destination_addr: '10690002' });
	assert.equal(await node.next(q.slice(1)), `Yiyuan: ${CURLY}`);
	assert.deepEqual(sent(q).map((m) => m.data_coding), [8, 8]);
	assert.deepEqual(sent(p)[0].source, [0, 1, '10690001']);
	assert.deepEqual(sent(q)[0].source, [5, 0, 'Yiyuan City'], 'a name as this bureau has one');
});

test('a national table goes out where it saves a part, and another implementation reads it', async () => {
	const p = phone();
	await send(p, 'HELP');
	assert.equal(await node.next(p.slice(1)), `Yiyuan: ${TURKISH}`);
	assert.deepEqual(sent(p).map((m) => [m.data_coding, m.udh]), [[0, ['250101']]]);
	assert.equal(await w.sql(`SELECT parts FROM message WHERE phone = '${p}'`), '1');
});

test('a carrier that cuts long texts itself gets them whole', async () => {
	const p = phone();
	assert.equal(await cutter.deliver({ source_addr_ton: 1, source_addr_npi: 1, source_addr: p.slice(1), destination_addr: '10690003', short_message: Buffer.from('HELP') }), 0);
	assert.equal(await cutter.next(p.slice(1)), `Yiyuan: ${TURKISH}`);
	assert.deepEqual(cutter.submits.filter((m) => m.phone === p.slice(1)).map((m) => [m.whole, m.data_coding, m.udh]), [[true, 8, []]], 'one PDU without a header');
	assert.equal(await w.sql(`SELECT parts FROM message WHERE phone = '${p}'`), '1');
	assert.equal(await w.sql(`SELECT string_agg(part || ' ' || state, ', ') FROM message_part WHERE phone = '${p}'`), '1 accepted');
	assert.equal(await w.sql(`SELECT count(*) FROM text_leaving WHERE phone = '${p}'`), '0');
});

test('an author is told what single signs cost, for a bureau as it is set up', async () => {
	const file = join(templates, 'visitor.dlg');
	const of = async (...args) => (await w.json('dialog', 'check', file, '--costs', ...args))[0].texts.find((t) => t.text === 'nothing_open' && t.language === 'en' && t.form === 'sms');
	const any = await of();
	assert.match(any.note, /“ U\+201C \(line 21\), ” U\+201D \(line 21\), – U\+2013 \(line 21\), ’ U\+2019 \(line 21\), … U\+2026 \(line 21\): 2 parts instead of 1; 1 with substitutions$/);
	assert.deepEqual(any.outside_gsm[0], { character: '“', code: 'U+201C', line: 21 });
	assert.match((await of('--bureau', 'yiyuan')).note, /2 parts instead of 1; 1 with the bureau's substitutions$/);
	assert.match((await of('--bureau', 'asis')).note, /2 parts instead of 1; nothing that the bureau has set helps$/);
	const turkish = (await w.json('dialog', 'check', file, '--costs', '--bureau', 'asis'))[0].texts.find((t) => t.text === 'help' && t.language === 'en' && t.form === 'sms');
	assert.match(turkish.note, /; 1 with the turkish tables of its link$/);
	const r = await w.cli('dialog', 'check', file, '--costs', '--bureau', 'nobody');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /no bureau "nobody"/);
});
