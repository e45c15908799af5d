// Wendeng: the answer is consent that staff act for the holder, kept as evidence; both ways are the holder's choice, by text,
// by USSD, on the page and on the phone.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { Browser, field, firm, idOf, importFirms, linkIn, open, prove, remind, trailOf } from './lib.mjs';

let w;
// The bureau's own service that pushes by WeChat: it takes what webhooks post.
const pushed = [], service = http.createServer((request, response) => {
	let body = '';
	request.on('data', (d) => { body += d; }).on('end', () => { pushed.push({ signature: request.headers['huizhi-signature'], body }); response.writeHead(204).end(); });
});
before(async () => { w = await open('wendeng', { more: '\twebhook_push = true', conf: 'webhook_allow = {"127.0.0.1"}\n', link: 'backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\tussd_reply_seconds = 5' }); });
after(async () => { service.closeAllConnections(); service.close(); await w?.stop(); });

const shop = (index, more = {}) => firm(index, { bureau: 'wendeng', item: 'food-business-renewal', name: `文登海天${index}菜馆`, address: '文登区龙山路18号', ...more });
const consentOf = async (id) => (await trailOf(w, id)).find((e) => e.kind === 'consented');
const choices = (id) => field(w, id, "old_certificate || ' ' || delivery");

test('by text: consent is evidence of who, which text, when and which words', async () => {
	const f = shop(1);
	await remind(w, [f]);
	assert.match(f.reminder, /^【文登审批】.*即同意由工作人员代办/s);
	const verify = await w.say(f.e164, '好的 同意', /核实身份/);
	const id = await idOf(w, f), c = await consentOf(id);
	assert.equal(c.actor, 'citizen', 'who');
	assert.equal(c.data.text, '好的 同意', 'which words');
	assert.match(c.at, /^\d{4}-\d\d-\d\dT/, 'when');
	const asked = JSON.parse(await w.sql(`SELECT json_build_object('text', text, 'phone', phone, 'wording', wording) FROM message WHERE id = ${c.data.asked}`));
	assert.deepEqual([asked.text, asked.phone, asked.wording], [f.reminder, f.e164, 'reminder'], 'which text');
	assert.match(c.data.asked_hash, /^[0-9a-f]{32}$/);
	assert.ok(Number(await w.sql(`SELECT id FROM inbound WHERE phone = '${f.e164}' AND text = '好的 同意'`)) === c.data.inbound, 'with the record of the answer');
	await prove(w, f, verify);
	await w.next(f.e164, /请核对申请/);
	await w.say(f.e164, 'Y', /旧证怎么交回/);
	await w.say(f.e164, '快递', /新证怎么领/);
	await w.say(f.e164, '窗口', /旧证：快递上门取；新证：到窗口自取/);
	assert.equal(await choices(id), 'courier pick_up');
	// Approved, fetched, and picked up with the code.
	await w.must('application', 'decide', id, 'approve', '--staff', '于洋');
	await w.next(f.e164, /已审批通过/);
	await w.must('application', 'collect', id, '--old', '--staff', '于洋');
	await w.must('application', 'send', id, '--staff', '于洋');
	const code = (await w.next(f.e164, /取件码\d+/)).match(/取件码(\d+)/)[1];
	await w.must('application', 'collect', id, '--code', code, '--staff', '于洋');
	await w.next(f.e164, /办理完成/);
	await w.must('trail', 'verify', id);
});

test('what asks and what answers is kept apart: HELP between them does not become the question', async () => {
	const f = shop(2);
	await remind(w, [f]);
	await w.say(f.e164, '帮助', /人工电话/);
	await w.say(f.e164, 'Y', /核实身份/);
	const c = await consentOf(await idOf(w, f));
	assert.equal(await w.sql(`SELECT text FROM message WHERE id = ${c.data.asked}`), f.reminder);
});

test('both choices on the page', async () => {
	const f = shop(3);
	await remind(w, [f]);
	const verify = await w.say(f.e164, '是', /核实身份/);
	const page = new Browser();
	await page.go(linkIn(verify));
	await page.post({ do: 'check', id1: f.last6 });
	assert.match(page.words, /旧证怎么交回.*新证怎么领取/);
	await page.post({ do: 'apply', old: 'on_site', delivery: 'courier', address: '文登区龙山路18号2楼' });
	assert.match(page.words, /已提交，正在审核/);
	await w.next(f.e164, /旧证：交到窗口；新证：快递寄送/);
	assert.equal(await choices(await idOf(w, f)), 'on_site courier');
	assert.equal(await field(w, await idOf(w, f), 'verified_by'), 'page');
});

test('both choices by USSD, on a phone without a screen to speak of', async () => {
	const f = shop(4);
	await remind(w, [f]);
	const screen = await w.dial(f.e164);
	assert.match(screen.text, /续办即同意由工作人员代办/);
	await w.press(f.e164, '1');
	const verify = await w.next(f.e164, /核实身份/);
	const id = await idOf(w, f), c = await consentOf(id);
	assert.deepEqual([c.data.channel, c.data.text, c.data.answer], ['ussd', '1', 'yes']);
	await w.hangUp(f.e164);
	await prove(w, f, verify);
	await w.next(f.e164, /请核对申请/);
	await w.dial(f.e164);
	await w.press(f.e164, '1');
	await w.press(f.e164, '1');
	const last = await w.press(f.e164, '1');
	assert.match(last.text, /申请已提交/);
	await w.next(f.e164, /旧证：交到窗口；新证：到窗口自取/);
	assert.equal(await choices(id), 'on_site pick_up');
});

test('entered for the holder on the phone: the same steps, the holder’s words, and a text of what was entered', async () => {
	const f = shop(5);
	await remind(w, [f]);
	const id = await idOf(w, f);
	await w.must('application', 'assist', id, '--words', '我同意，你们替我办', '--id', f.last6, '--old', 'courier', '--delivery', 'courier', '--address', '文登区青山路6号3单元', '--staff', '于洋');
	await w.next(f.e164, /申请已提交/);
	await w.next(f.e164, /按您说的代为填报.*旧证：快递上门取；新证：快递寄送.*不是我/s);
	const c = await consentOf(id);
	assert.deepEqual([c.actor, c.data.channel, c.data.words], ['staff:于洋', 'phone', '我同意，你们替我办']);
	assert.equal(await w.sql(`SELECT text FROM message WHERE id = ${c.data.asked}`), f.reminder);
	assert.deepEqual((await trailOf(w, id)).filter((e) => e.application).map((e) => e.kind).filter((k) => !['phoned', 'due', 'reminded'].includes(k)),
		['consented', 'verified', 'confirmed', 'old_certificate_chosen', 'delivery_chosen', 'address_chosen', 'submitted']);
	assert.ok(!JSON.stringify(await trailOf(w, id)).includes('青山路6号3单元'), 'the address is masked in the trail');
	// Somebody who never said so says so.
	await w.say(f.e164, '不是我', /工作人员会核实/);
	assert.ok((await w.json('worklist', 'read')).some((e) => e.phone === f.e164));
});

test('whoever reads out the wrong number is not believed, and nothing is entered', async () => {
	const f = shop(6);
	await remind(w, [f]);
	const id = await idOf(w, f);
	const r = await w.cli('application', 'assist', id, '--words', '同意', '--id', '123456', '--old', 'courier', '--delivery', 'courier', '--staff', '于洋');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /nothing was entered/);
	assert.equal(await field(w, id, 'status'), 'reminded');
	assert.equal((await w.cli('application', 'assist', id, '--id', f.last6, '--old', 'owl', '--delivery', 'courier')).code, 2);
});

test('a landline and a missing number come to the list to phone, with the script', async () => {
	const landline = shop(7, { phone: '0631-8455555' }), none = shop(8, { phone: '' });
	await importFirms(w, [landline, none]);
	await w.json('scan');
	const list = await w.json('worklist', 'phone');
	const entry = list.find((e) => e.phone === '+866318455555' || e.landline === '+866318455555');
	assert.ok(entry, JSON.stringify(list));
	const call = await w.json('phone', 'script', String(entry.id), '--staff', '于洋');
	assert.match(call.script, /食品经营许可证延续/);
	assert.equal(list.filter((e) => e.reason === 'no mobile number').length, 2);
	assert.ok(list.every((e) => !String(e.phone).startsWith('#')));

	// On the landline: what is said opens the talk, and goes into it as for everybody else. No text goes anywhere.
	const [id, other] = [await idOf(w, landline), await idOf(w, none)], messages = await w.sql('SELECT count(*) FROM message');
	await w.must('phone', 'result', String(entry.id), 'agreed', '--words', '要办，你们办吧', '--staff', '于洋');
	await w.until(async () => await field(w, id, 'status') === 'consented', 'the consent');
	await w.must('application', 'assist', id, '--id', landline.last6, '--old', 'on_site', '--delivery', 'pick_up', '--staff', '于洋');
	await w.until(async () => await field(w, id, 'status') === 'submitted', 'the application');
	assert.deepEqual([(await consentOf(id)).data.words, (await consentOf(id)).data.channel], ['要办，你们办吧', 'phone']);
	// At the counter, of whom nobody knows a number: one entry does it, with the words and the number that proves who it is.
	const wrong = await w.cli('application', 'assist', other, '--words', '我要办', '--id', '123456', '--old', 'on_site', '--delivery', 'pick_up');
	assert.deepEqual([wrong.code, await field(w, other, 'conversation_id')], [1, '']);
	const silent = await w.cli('application', 'assist', other, '--id', none.last6, '--old', 'on_site', '--delivery', 'pick_up');
	assert.match(silent.stderr, /has not begun: --words/);
	assert.match(await w.must('application', 'assist', other, '--words', '我要办', '--id', none.last6, '--old', 'on_site', '--delivery', 'pick_up', '--staff', '于洋'), /no mobile number is known/);
	await w.until(async () => await field(w, other, 'status') === 'submitted', 'the other application');
	// What is decided a person tells; who has been told is off the list.
	await w.must('application', 'decide', other, 'reject', '--reason', '缺健康证', '--staff', 'a');
	await w.until(async () => (await w.json('worklist', 'phone')).some((e) => /to be told: .*缺健康证/s.test(e.reason)), 'somebody tells');
	assert.equal(await w.sql('SELECT count(*) FROM message'), messages);
});

test('entered before a reminder went out: the talk is with the phone on file, which gets the text of what was entered', async () => {
	const f = shop(9);
	await remind(w, [f]);
	await w.sql(`UPDATE conversation SET open = false, outcome = 'sent_again', ended_at = now(), deadline_at = NULL WHERE phone = '${f.e164}'`);
	const id = await idOf(w, f);
	await w.must('application', 'assist', id, '--words', '同意', '--id', f.last6, '--old', 'on_site', '--delivery', 'pick_up', '--staff', '于洋');
	await w.next(f.e164, /申请已提交/);
	await w.next(f.e164, /按您说的代为填报/);
	assert.equal(await field(w, id, 'status'), 'submitted');
	assert.match((await w.cli('application', 'assist', '999999', '--words', '同意', '--id', f.last6, '--old', 'on_site', '--delivery', 'pick_up')).stderr, /there is no application 999999/);
});

test('pushed by WeChat beside the text: a service of the bureau is told whom to bring which words, signed', async () => {
	await new Promise((done) => service.listen(0, '127.0.0.1', done));
	const hook = await w.json('webhook', 'add', `http://127.0.0.1:${service.address().port}/`, '--events', 'application.reminded,application.consented', '--staff', '于洋');
	const f = shop(20, { licences: 2 });
	await remind(w, [f]);
	const ids = (await w.sql(`SELECT a.id FROM application a JOIN licence l ON l.id = a.licence_id WHERE l.licence_no IN (${f.nos.map((n) => `'${n}'`)})`)).split('\n').map(Number);
	const of = (type) => pushed.map((p) => ({ ...p, event: JSON.parse(p.body) })).filter((p) => p.event.type === type && ids.includes(p.event.application.id));
	await w.until(() => of('application.reminded').length === 2, 'both reminders');
	for (const p of of('application.reminded')) {
		assert.deepEqual([p.event.push.phone, p.event.push.text, p.event.push.language], [f.e164, f.reminder, 'zh']);
		const [, t, mac] = p.signature.match(/^t=(\d+),v1=([0-9a-f]{64})$/);
		assert.equal(mac, createHmac('sha256', hook.secret).update(`${t}.${p.body}`).digest('hex'));
	}
	assert.equal(new Set(of('application.reminded').map((p) => p.event.push.message)).size, 1, 'one message, brought once');
	// The answer comes by text as ever; nothing else that is posted names a person.
	await w.say(f.e164, 'Y', /核实身份/);
	await w.until(() => of('application.consented').length === 2, 'the consent');
	for (const p of of('application.consented')) assert.ok(!('push' in p.event) && !p.body.includes(f.e164) && !p.body.includes(f.name));
});
