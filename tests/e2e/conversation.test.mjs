// The whole conversation as a citizen and a clerk live it: by text alone, with every answer checked against the database.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { World } from '../lib/world.mjs';
import { holder, remind, trailKinds } from '../lib/people.mjs';

let w;
before(async () => { w = await World.start(); });
after(async () => { await w?.stop(); });

const status = (h) => w.sql(`SELECT a.status FROM application a JOIN conversation c ON c.bureau_id = a.bureau_id AND c.id = a.conversation_id WHERE c.phone = '${h.e164}' ORDER BY a.id`);
const idOf = async (h) => Number(await w.sql(`SELECT min(a.id) FROM application a JOIN conversation c ON c.bureau_id = a.bureau_id AND c.id = a.conversation_id WHERE c.phone = '${h.e164}'`));
const codeIn = (text) => text.match(/代码(\d{8})/)[1];

async function prove(h, verifyText) {
	await w.must('token', 'verify', codeIn(verifyText), '--prove', '--id', h.last6, '--staff', '陈静');
	return w.next(h.e164, /身份已核实/);
}

test('by text alone, from the reminder to the rating', async () => {
	const h = holder(101);
	await remind(w, [h]);
	assert.match(h.reminder, /^【沂源审批】您好.这里是沂源县行政审批服务局/);
	assert.doesNotMatch(h.reminder, /http/, 'no link before the citizen has replied');
	assert.doesNotMatch(h.reminder, new RegExp(h.licences[0]), 'no licence number before identity is proven');
	const verify = await w.say(h.e164, '好的 谢谢', /核实身份/);
	assert.match(verify, /http:\/\/127\.0\.0\.1:\d+\/r\/[A-Za-z0-9_-]+/);
	assert.equal(await status(h), 'consented');
	const confirm = await prove(h, verify);
	assert.match(confirm, new RegExp(h.licences[0]));
	assert.doesNotMatch(confirm, /历山路15号/, 'the address is masked in a text');
	await w.say(h.e164, 'Y', /旧证怎么交回/);
	await w.say(h.e164, '2', /新证怎么领/);
	await w.say(h.e164, '2', /登记的地址/);
	const submitted = await w.say(h.e164, 'Y', /申请已提交/);
	const id = await idOf(h);
	assert.match(submitted, new RegExp(`编号${id}`));
	assert.equal(await status(h), 'submitted');

	const waiting = await w.json('worklist', 'approve');
	assert.ok(waiting.some((e) => e.application === id || e.application_id === id), JSON.stringify(waiting));
	await w.must('application', 'decide', String(id), 'approve', '--staff', '陈静');
	await w.next(h.e164, /已审批通过/);
	await w.must('application', 'send', String(id), '--tracking', 'SF13999', '--staff', '陈静');
	await w.next(h.e164, /SF13999/);
	await w.must('application', 'collect', String(id), '--staff', '陈静');
	await w.next(h.e164, /办理完成/);
	await w.next(h.e164, /1 到 5/);
	await w.say(h.e164, '5分', /谢谢您的评价/);
	assert.equal(await w.sql(`SELECT status || ' ' || rating FROM application WHERE id = ${id}`), 'collected 5');
	assert.equal(await w.sql(`SELECT open || ' ' || outcome FROM conversation WHERE phone = '${h.e164}'`), 'false finished');
	const kinds = await trailKinds(w, id);
	for (const k of ['reminded', 'consented', 'verified', 'confirmed', 'old_certificate_chosen', 'delivery_chosen', 'submitted', 'rated'])
		assert.ok(kinds.includes(k), `the trail lacks ${k}: ${kinds}`);
	assert.ok(kinds.some((k) => /approved/.test(k)) && kinds.some((k) => /sent/.test(k)) && kinds.some((k) => /collected/.test(k)), String(kinds));
	const evidence = JSON.parse(await w.sql(`SELECT data FROM trail WHERE application_id = ${id} AND kind = 'consented'`));
	assert.equal(evidence.text, '好的 谢谢', 'the consent is kept in the citizen’s own words');
	assert.ok(evidence.inbound > 0);
});

test('in English, with pick-up at the counter and a new address never asked', async () => {
	const h = holder(102, { language: 'en', name: 'Blue Harbour Noodles Ltd' });
	await remind(w, [h]);
	const verify = await w.say(h.e164, 'yes please', /open http/);
	const code = verify.match(/code (\d{8})/)[1];
	await w.must('token', 'verify', code, '--prove', '--id', h.last6, '--staff', 'chen');
	await w.next(h.e164, /Identity checked/);
	await w.say(h.e164, 'Y.', /old certificate/i);
	await w.say(h.e164, '1', /new certificate/i);
	await w.say(h.e164, '1', /with us, number/);
	const id = String(await idOf(h));
	await w.must('application', 'decide', id, 'approve', '--staff', 'chen');
	await w.next(h.e164, /approved/i);
	await w.must('application', 'send', id, '--staff', 'chen');
	const ready = await w.next(h.e164, /code/i);
	const pickup = ready.match(/\b(\d{4,10})\b/)[1];
	const wrong = await w.cli('application', 'collect', id, '--code', '000000', '--staff', 'chen');
	assert.equal(wrong.code, 1, 'a wrong pick-up code is refused');
	await w.must('application', 'collect', id, '--code', pickup, '--staff', 'chen');
	await w.next(h.e164, /complete|collected|done/i);
	await w.next(h.e164, /1.*5/);
	await w.say(h.e164, '4', /thank/i);
	assert.equal(await w.sql(`SELECT rating FROM application WHERE id = ${id}`), '4');
});

test('three licences on one phone: Y 1 3 takes two and leaves one for its next day', async () => {
	const h = holder(103, { licences: 3 });
	await remind(w, [h]);
	assert.match(h.reminder, /3件证照/);
	await w.say(h.e164, 'Y 1 3', /核实身份/);
	assert.equal(await w.sql(`SELECT string_agg(a.number || a.status || coalesce(a.conversation_id::text <> '', false), ' ' ORDER BY a.number) FROM application a JOIN holder h ON h.id = a.holder_id WHERE h.phone = '${h.e164}'`),
		'1consentedtrue 2remindedfalse 3consentedtrue');
});

test('a refusal says why; the talk ends with the rating', async () => {
	const h = holder(104);
	await remind(w, [h]);
	const verify = await w.say(h.e164, '是', /核实身份/);
	await prove(h, verify);
	await w.say(h.e164, 'Y', /旧证/);
	await w.say(h.e164, '1', /新证/);
	await w.say(h.e164, '1', /申请已提交/);
	const id = String(await idOf(h));
	const none = await w.cli('application', 'decide', id, 'reject', '--staff', 'chen');
	assert.notEqual(none.code, 0, 'a refusal needs a reason');
	await w.must('application', 'decide', id, 'reject', '--reason', '经营场所已变更', '--staff', 'chen');
	await w.next(h.e164, /经营场所已变更/);
	const again = await w.cli('application', 'decide', id, 'approve', '--staff', 'chen');
	assert.equal(again.code, 1, 'decided once');
	assert.match(again.stderr, new RegExp(id));
});

test('N, STOP, NOT ME, HELP, STATUS, CHECK and what nobody can read', async () => {
	const [no, stop, notme, lost] = [holder(111), holder(112), holder(113), holder(114)];
	await remind(w, [no, stop, notme, lost]);
	await w.say(no.e164, '不办', /这次不办理/);
	assert.equal(await status(no), 'declined');
	await w.say(stop.e164, '停止', /不再给您发提醒/);
	assert.equal(await status(stop), 'stopped');
	assert.equal(await w.sql(`SELECT reason FROM suppression WHERE phone = '${stop.e164}'`), 'opt_out');
	await w.say(notme.e164, '不是我', /不会再发/);
	assert.equal(await status(notme), 'wrong_number');
	await w.say(lost.e164, '帮助', /人工电话/);
	await w.say(lost.e164, '进度', /等您答复/);
	await w.say(lost.e164, '核验 00000000', /不是我们发给您的/);
	await w.say(lost.e164, '🌧️🌧️', /没看懂/);
	await w.say(lost.e164, '啥呀', /没看懂/);
	await w.say(lost.e164, '听不懂', /给您打电话/);
	assert.ok((await w.json('worklist', 'phone')).some((e) => e.phone === lost.e164));
	const verify = await w.say(lost.e164, 'Y', /核实身份/);
	await w.say('+8613899990000', `核验 ${codeIn(verify)}`, /真实有效/);
	assert.ok(!(await w.json('worklist', 'phone')).some((e) => e.phone === lost.e164), 'who answers need not be phoned');
	await w.say('+8613899990001', '你好', /没有正在办理的事项/);
	// A language once asked for stays, also for a phone of nobody on file, and for what is begun with it later.
	await w.say('+8613899990001', 'ENGLISH', /English/);
	await w.say('+8613899990001', '你好', /nothing under way/);
	const later = holder(115, { phone: '13899990001' });
	await remind(w, [later]);
	assert.match(later.reminder, /Reply Y/);
});

test('a long answer in three parts, in any order, is one text', async () => {
	const h = holder(121);
	await remind(w, [h]);
	const verify = await w.say(h.e164, 'Y', /核实身份/);
	await prove(h, verify);
	await w.say(h.e164, 'Y', /旧证/);
	await w.say(h.e164, '1', /新证/);
	await w.say(h.e164, '快递', /登记的地址/);
	const address = '山东省淄博市沂源县' + '悦庄镇青龙山路东段'.repeat(16) + '88号';
	for (const concat of ['udh16']) await w.text(h.e164, address, { concat });
	await w.next(h.e164, /申请已提交|记下了/);
	const n = Number(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '${address}'`));
	assert.equal(n, 1);
	assert.equal(await w.sql(`SELECT count(*) FROM inbound_part WHERE phone = '${h.e164}' AND state = 'waiting'`), '0');
	assert.ok(!(await w.sql(`SELECT slots FROM conversation WHERE phone = '${h.e164}'`)).includes('青龙山路东段青龙'), 'the conversation keeps the masked address only');
	assert.equal(await w.sql("SELECT count(*) FROM trail WHERE data::text LIKE '%青龙山路东段%'"), '0', 'nor does the trail tell it');
	assert.equal(await w.sql(`SELECT address IS NOT NULL FROM application WHERE id = ${await idOf(h)}`), 't');
});

test('a text that the carrier delivers twice is answered twice and stepped once', async () => {
	const h = holder(131);
	await remind(w, [h]);
	await w.faults({ redeliver: 2 });
	await w.say(h.e164, 'Y', /核实身份/);
	await w.faults({ redeliver: 1 });
	await w.say(h.e164, '帮助', /人工电话/);
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = 'Y'`), '1');
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND wording = 'verify'`), '1');
});

test('receipts mark every part, and every message reaches a true state', async () => {
	const h = holder(141);
	await remind(w, [h]);
	await w.say(h.e164, 'Y', /核实身份/);
	await w.becomes(`SELECT string_agg(DISTINCT state, ',') FROM message WHERE phone = '${h.e164}'`, 'delivered');
	assert.equal(await w.sql(`SELECT count(*) FROM message_part p JOIN message m ON m.id = p.message_id WHERE m.phone = '${h.e164}' AND p.state <> 'delivered'`), '0');
	assert.equal(await w.sql(`SELECT count(*) FROM text_leaving WHERE phone = '${h.e164}'`), '0');
});
