// Wenchang: clerks phone, with a script and a code by which the holder can tell that the call is genuine; and "credit and
// pledge": issued first, checked afterwards.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Browser, field, firm, idOf, kindsOf, linkIn, open, prove, remind, trailOf } from './lib.mjs';
import { day } from '../lib/people.mjs';

let w;
before(async () => { w = await open('wenchang'); });
after(async () => { await w?.stop(); });

const nurse = (index, more = {}) => firm(index, { bureau: 'wenchang', item: 'nurse-registration-renewal', name: '符海燕', ...more });
const builder = (index, more = {}) => firm(index, { bureau: 'wenchang', item: 'construction-permit-pledge', name: `文昌第${index}建设有限公司`, ...more });
const onPhoneList = async (f) => (await w.json('worklist', 'phone')).find((e) => e.phone === f.e164);

// As if the holder had been silent until the day to phone.
async function silentUntilPhoned(f) {
	await w.sql(`UPDATE licence SET expires_on = current_date + 2 WHERE licence_no = '${f.nos[0]}'`);
	await w.sql(`UPDATE conversation SET deadline_at = now(), wake_at = now() WHERE phone = '${f.e164}' AND open`);
	await w.next(f.e164, /给您打电话/);
	return onPhoneList(f);
}

test('silent until the day to phone: a clerk reads a script, the holder checks the call by text and on the page', async () => {
	const f = nurse(1);
	await remind(w, [f]);
	const entry = await silentUntilPhoned(f);
	assert.ok(entry, 'on the list to phone');
	const call = await w.json('phone', 'script', String(entry.id), '--staff', '林红');
	assert.equal(call.phone, f.e164);
	assert.match(call.script, /我是文昌市行政审批服务局的林红/);
	assert.match(call.script, /护士执业证延续/);
	assert.match(call.script, new RegExp(call.code));
	assert.doesNotMatch(call.script, /符海燕/, 'the name is masked: whoever picks up may be somebody else');

	// "Is this really the bureau?" From the phone that was called, from any other, and on the page.
	await w.say(f.e164, `核验 ${call.code}`, /工作人员林红打电话时报给您的，电话是真的/);
	await w.say('+8613800009999', `CHECK ${call.code}`, /林红/);
	await w.say(f.e164, '核验 00000001', /不是我们发给您的/);
	const page = new Browser();
	await page.go(w.publicUrl);
	await page.post({ code: call.code });
	assert.match(page.words, /这个电话是真的.*林红/);
	await page.go(w.publicUrl);
	await page.post({ code: '00000001' });
	assert.match(page.words, /没有找到这个代码/);
	assert.equal(await w.sql(`SELECT count(*) FROM call_code WHERE encode(code_hash, 'hex') LIKE '%${call.code}%'`), '0', 'the code itself is not kept');
});

test('what came of a call: nobody there three times is a visit; the clerk is told when to call next', async () => {
	const f = nurse(2);
	await remind(w, [f]);
	const entry = await silentUntilPhoned(f);
	for (const [tries, kept] of [[1, 'no_answer'], [2, 'no_answer'], [3, 'visit']]) {
		const r = await w.json('phone', 'result', String(entry.id), 'no_answer', '--staff', '林红');
		assert.equal(r.result, kept);
		assert.equal(r.tries, tries);
		assert.ok(r.due_on > day(0), `the next call is after today: ${r.due_on}`);
	}
	const on = day(5);
	assert.equal((await w.json('phone', 'result', String(entry.id), 'call_again', '--on', on, '--staff', '林红')).due_on, on);
	assert.equal((await w.cli('phone', 'result', String(entry.id), 'agreed', '--staff', '林红')).code, 2, 'consent needs the holder’s words');
	await w.must('phone', 'result', String(entry.id), 'declined', '--words', '不做护士了', '--staff', '林红');
	await w.next(f.e164, /这次不办理/);
	assert.equal(await field(w, await idOf(w, f), 'status'), 'declined');
	assert.ok(!(await onPhoneList(f)));
	assert.equal((await w.cli('phone', 'result', String(entry.id), 'spoken')).code, 1, 'closed once');
});

test('agreed on the phone and entered on the phone: the same steps, the words as evidence, a text that says what was entered', async () => {
	const f = nurse(3);
	await remind(w, [f]);
	const entry = await silentUntilPhoned(f);
	await w.must('phone', 'result', String(entry.id), 'agreed', '--words', '好，你们帮我办吧', '--staff', '林红');
	const id = await idOf(w, f);
	const wrong = await w.cli('application', 'assist', id, '--id', '000000', '--old', 'courier', '--delivery', 'courier', '--staff', '林红');
	assert.equal(wrong.code, 1);
	await w.must('application', 'assist', id, '--id', f.last6, '--old', 'courier', '--delivery', 'courier', '--staff', '林红');
	await w.next(f.e164, /申请已提交/);
	await w.next(f.e164, /代为填报：护士执业证延续.*快递上门取.*快递寄送/);
	const trail = await trailOf(w, id), consent = trail.find((e) => e.kind === 'consented');
	assert.equal(consent.actor, 'staff:林红');
	assert.equal(consent.data.words, '好，你们帮我办吧');
	assert.equal(consent.data.channel, 'phone');
	assert.deepEqual(['verified', 'confirmed', 'old_certificate_chosen', 'delivery_chosen', 'submitted'].filter((k) => !trail.some((e) => e.kind === k)), []);
	assert.equal(await field(w, id, 'verified_by'), 'staff:林红');
	// The old certificate is fetched at the door, and the new one goes the next day.
	await w.must('application', 'collect', id, '--old', '--staff', '林红');
	await w.must('application', 'decide', id, 'approve', '--staff', '林红');
	await w.next(f.e164, /已审批通过/);
	await w.must('application', 'send', id, '--tracking', 'HN1', '--staff', '林红');
	await w.next(f.e164, /HN1/);
});

test('a wrong number, heard on the phone, is not reminded again', async () => {
	const f = nurse(4);
	await remind(w, [f]);
	const entry = await silentUntilPhoned(f);
	await w.must('phone', 'result', String(entry.id), 'wrong_number', '--staff', '林红');
	await w.next(f.e164, /不会再发/);
	assert.equal(await w.sql(`SELECT reason FROM suppression WHERE phone = '${f.e164}'`), 'not_me');
});

// To the question of the pledge, by text.
async function untilPledge(f) {
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	await prove(w, f, verify, '林红');
	await w.next(f.e164, /请核对申请/);
	await w.say(f.e164, 'Y', /旧证/);
	await w.say(f.e164, '1', /新证/);
	return w.say(f.e164, '1', /告知承诺/);
}

test('on a pledge: issued at once, checked by its day, kept; the pledge and its text are evidence', async () => {
	const f = builder(11);
	await remind(w, [f]);
	const asked = await untilPledge(f);
	assert.match(asked, /符合条件.*接受核查.*记入信用记录/);
	await w.say(f.e164, '我承诺', /申请已提交/);
	const issued = await w.next(f.e164, /已凭您的承诺先行发证/);
	const id = await idOf(w, f);
	assert.match(issued, /琼文施字\d{4}第00001号/);
	assert.match(issued, /\d{4}-\d\d-\d\d前核查/);
	assert.equal(await field(w, id, 'decided_by'), 'pledge');
	const pledged = (await trailOf(w, id)).find((e) => e.kind === 'pledged');
	assert.equal(pledged.data.text, '我承诺');
	assert.ok(asked.includes(await w.sql(`SELECT text FROM message WHERE id = ${pledged.data.asked}`)), 'which text was answered');
	assert.match(pledged.data.asked_hash, /^[0-9a-f]{32}$/);
	const due = await field(w, id, 'check_due_on');
	assert.equal(due, day(30));
	assert.equal((await w.json('worklist', 'check')).find((e) => String(e.application) === id).due_on, due);

	// In the holder's hands, and still not over: the check comes first.
	await w.must('application', 'send', id, '--staff', '林红');
	const ready = await w.next(f.e164, /取件码/);
	await w.must('application', 'collect', id, '--code', ready.match(/取件码(\d+)/)[1], '--staff', '林红');
	await w.next(f.e164, /办理完成/);
	await w.must('application', 'check', id, 'passed', '--staff', '林红');
	await w.next(f.e164, /核查已通过/);
	await w.next(f.e164, /1 到 5/);
	assert.equal((await w.cli('application', 'check', id, 'passed')).code, 1, 'checked once');
	await w.must('trail', 'verify', id);
});

test('the day of the check is a working day', async () => {
	const on = (today, days, more = "'{}', '{}'") => w.sql(`SELECT workday_within('${today}', ${days}, '{sat,sun}', ${more})`);
	// 2026-11-22 is a Sunday.
	assert.equal(await on('2026-11-22', 5), '2026-11-27');
	assert.equal(await on('2026-11-22', 6), '2026-11-27', 'a Saturday: the Friday before');
	assert.equal(await on('2026-11-22', 6, "'{2026-11-27}', '{}'"), '2026-11-26', 'a holiday');
	assert.equal(await on('2026-11-22', 6, "'{}', '{2026-11-28}'"), '2026-11-28', 'a Saturday that is worked');
	assert.equal(await on('2026-11-27', 1), '2026-11-30', 'nothing is worked within: the first day after');
	// As it is told, and as the list has it.
	const f = builder(15);
	await remind(w, [f]);
	await w.sql(`UPDATE bureau SET holidays = ARRAY['${day(30)}'::date, '${day(29)}'::date]`);
	await untilPledge(f);
	await w.say(f.e164, '我承诺', /申请已提交/);
	assert.ok((await w.next(f.e164, /已凭您的承诺先行发证/)).includes(`${day(28)}前核查`));
	await w.sql("UPDATE bureau SET holidays = '{}'");
	const id = await idOf(w, f);
	assert.equal(await field(w, id, 'check_due_on'), day(28));
	assert.equal((await w.json('worklist', 'check')).find((e) => String(e.application) === id).due_on, day(28));
});

test('a pledge that was not kept marks the record, the firm is told; the next pledge is looked at by a person', async () => {
	const f = builder(12, { licences: 1 });
	await remind(w, [f]);
	await untilPledge(f);
	await w.say(f.e164, 'Y', /申请已提交/);
	await w.next(f.e164, /先行发证/);
	const id = await idOf(w, f);
	assert.equal((await w.cli('application', 'check', id, 'failed')).code, 2, 'a failure needs a reason');
	await w.must('application', 'check', id, 'failed', '--reason', '现场与承诺不符', '--staff', '林红');
	await w.next(f.e164, /没有通过，原因：现场与承诺不符.*信用记录/);
	assert.equal(await w.sql(`SELECT m.reason || ' ' || m.marked_by FROM credit_mark m WHERE application_id = ${id}`), '现场与承诺不符 staff:林红');
	assert.equal(await field(w, id, 'check_result'), 'failed');
	await w.sql(`UPDATE conversation SET open = false WHERE phone = '${f.e164}'`);

	const again = firm(12, { bureau: 'wenchang', item: 'construction-permit-pledge', name: f.name });
	again.rows[0].licence_no = again.nos[0] = 'SG-SECOND';
	await remind(w, [again]);
	await untilPledge(again);
	await w.say(f.e164, 'Y', /申请已提交/);
	const second = await idOf(w, again);
	await w.until(async () => (await w.json('worklist', 'approve')).some((e) => String(e.application) === second && /pledge of the holder was not kept/.test(e.reason)), 'an entry to approve');
	assert.equal(await field(w, second, 'status'), 'submitted');
});

test('no pledge: the ordinary way, a clerk decides', async () => {
	const f = builder(13);
	await remind(w, [f]);
	await untilPledge(f);
	await w.say(f.e164, 'N', /按普通程序审批/);
	await w.next(f.e164, /申请已提交/);
	const id = await idOf(w, f);
	await w.until(async () => (await w.json('worklist', 'approve')).some((e) => String(e.application) === id && /no pledge was made/.test(e.reason)), 'an entry to approve');
	assert.ok(!(await kindsOf(w, id)).includes('pledged'));
});

test('the pledge on the page, in the words of the text', async () => {
	const f = builder(14);
	await remind(w, [f]);
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	const page = new Browser();
	await page.go(linkIn(verify));
	await page.post({ do: 'check', id1: f.last6 });
	await page.post({ do: 'apply', old: 'on_site', delivery: 'pick_up' });
	assert.match(page.words, /告知承诺.*接受核查.*记入信用记录/);
	await page.post({ do: 'agree' });
	await w.next(f.e164, /申请已提交/);
	await w.next(f.e164, /先行发证/);
	const pledged = (await trailOf(w, await idOf(w, f))).find((e) => e.kind === 'pledged');
	assert.equal(pledged.data.channel, 'page');
});
