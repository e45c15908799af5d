// People as they are: they stop reminders and come back, have other people's numbers, change the language, answer in words,
// signs and dictated sentences, have two phones, answer for forty licences, and come when the link is over.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Browser, field, firm, idOf, idsOf, importFirms, linkIn, open, prove, remind } from './lib.mjs';

let w;
before(async () => { w = await open('yiyuan'); });
after(async () => { await w?.stop(); });

const shop = (index, more = {}) => firm(index, { bureau: 'yiyuan', item: 'food-business-renewal', name: `沂源第${index}面馆`, ...more });
const suppressed = (f) => w.sql(`SELECT count(*) FROM suppression WHERE phone = '${f.e164}'`);

test('STOP ends reminders, not the notices of one’s own application; START brings them back', async () => {
	const f = shop(1);
	await remind(w, [f]);
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	await w.say(f.e164, '停止', /已开始办理的事项，进展仍会短信告知/);
	assert.equal(await suppressed(f), '1');
	await prove(w, f, verify);
	await w.next(f.e164, /请核对/);
	await w.say(f.e164, 'Y', /旧证/);
	await w.say(f.e164, '1', /新证/);
	await w.say(f.e164, '1', /申请已提交/);
	const id = await idOf(w, f);
	await w.must('application', 'decide', id, 'approve', '--staff', 'a');
	await w.next(f.e164, /已审批通过/);
	// Another licence comes due: no reminder, until they want them again.
	const other = shop(1, { item: 'public-place-hygiene-renewal' });
	other.rows[0].licence_no = other.nos[0] = 'WS-1';
	await w.sql(`UPDATE conversation SET open = false WHERE phone = '${f.e164}'`);
	await importFirms(w, [other]);
	assert.equal((await w.json('scan')).left_out.opted_out, 1);
	await w.say(f.e164, '开始', /已恢复提醒/);
	assert.equal(await suppressed(f), '0');
	assert.equal((await w.json('scan')).reminders, 1);
	await w.next(f.e164, /公共场所卫生许可证延续/);
});

test('a recycled number: NOT ME is told once, and the holder’s new number is reminded by the next import', async () => {
	const f = shop(2);
	await remind(w, [f]);
	await w.say(f.e164, '发错了，不是我', /./);
	if (await suppressed(f) === '0') await w.say(f.e164, '不是我', /不会再发/);
	assert.equal(await field(w, await idOf(w, f), 'status'), 'wrong_number');
	assert.equal((await w.json('scan')).reminders, 0, 'nothing more to that number');
	const later = shop(2, { phone: '13700000002', item: 'public-place-hygiene-renewal' });
	later.rows[0].licence_no = later.nos[0] = 'WS-2';
	await remind(w, [later]);
	assert.match(later.reminder, /公共场所/);
	assert.equal(await w.sql(`SELECT phone FROM holder WHERE name = '${f.name}'`), later.e164, 'one holder, the number of today');
});

test('after NOT ME the same application goes on with the holder’s new number, who sees nothing of the other talk', async () => {
	const f = shop(4);
	await remind(w, [f]);
	const id = await idOf(w, f);
	await w.say(f.e164, '不是我', /不会再发/);
	// The same import again changes nothing; a new number makes it due, and the reminder is the holder's first.
	await importFirms(w, [f]);
	assert.deepEqual([(await w.json('scan')).reminders, await field(w, id, 'status')], [0, 'wrong_number']);
	const now = shop(4, { phone: '13700000004' });
	await importFirms(w, [now]);
	assert.deepEqual(await field(w, id, "status || ' ' || (closed_at IS NULL)"), 'due true');
	assert.equal((await w.json('scan')).reminders, 1);
	await w.next(now.e164, /要续办请回复 Y/);
	assert.equal((await idsOf(w, f)).length, 1, 'the same application');
	const verify = await w.say(now.e164, 'Y', /核实身份/), page = new Browser();
	await page.go(linkIn(verify));
	await page.post({ do: 'check', id1: f.last6 });
	assert.match(page.words, /请核对并提交申请/);
	assert.ok(page.hidden('token'));
	await page.go(`${linkIn(verify)}/trail`);
	assert.equal(page.status, 200);
	const staff = await w.json('trail', 'show', id);
	assert.ok(staff.some((e) => e.kind === 'wrong_number') && staff.some((e) => e.kind === 'due' && e.data.from === 'wrong_number'), 'the bureau sees it all');
	const shown = await w.sql(`SELECT count(*) FROM trail WHERE application_id = ${id}`);
	assert.ok((page.html.match(/<tr|<li/g) || []).length > 2 && !/发错|号码不对|不是持证人|不是本人/.test(page.words), page.words);
	assert.ok(Number(shown) > 5);
	// Whoever has the old number is out of it.
	await w.say(f.e164, 'Y', /没有正在办理的事项/);
	await w.must('trail', 'verify', id);
});

test('the language is switched in the middle of the talk, and stays', async () => {
	const f = shop(3);
	await remind(w, [f]);
	await w.say(f.e164, 'ENGLISH', /Reply Y/);
	const verify = await w.say(f.e164, 'yes', /open http/);
	await prove(w, f, verify);
	await w.next(f.e164, /Identity checked/);
	await w.say(f.e164, '中文', /请核对/);
	await w.say(f.e164, '没错', /旧证/);
});

for (const [i, answer] of ['好的 谢谢', '可以', '同意', 'ｙ', 'Ｙ。', '１', '👌 好的', 'OK', 'yes please', '是的', '好的，谢谢您！', 'Y.'].entries())
	test(`«${answer}» is a yes`, async () => {
		const f = shop(100 + i);
		await remind(w, [f]);
		await w.say(f.e164, answer, /核实身份/);
	});

test('a dictated sentence is understood, or asked about again; never taken for the wrong answer', async () => {
	const f = shop(120);
	await remind(w, [f]);
	const id = await idOf(w, f);
	await w.say(f.e164, '嗯那个我不太清楚这个要不要办你们能不能说清楚一点', /没看懂/);
	assert.equal(await field(w, id, 'status'), 'reminded');
	await w.say(f.e164, '不同意', /这次不办理/);
	assert.equal(await field(w, id, 'status'), 'declined');
});

test('two phones of one holder: the second one learns nothing and moves nothing, until identity is proven by it', async () => {
	const f = shop(130), second = '+8613600000130';
	await remind(w, [f]);
	await w.say(second, 'Y', /没有正在办理的事项/);
	assert.equal(await field(w, await idOf(w, f), 'status'), 'reminded');
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	await w.say(second, `核验 ${verify.match(/代码(\d{8})/)[1]}`, /真实有效/);
	// The short code can be typed anywhere; the number is asked for all the same.
	const page = new Browser();
	await page.go(w.publicUrl);
	await page.post({ code: verify.match(/代码(\d{8})/)[1] });
	assert.match(page.words, /请先确认是您本人/);
	assert.doesNotMatch(page.words, new RegExp(f.name));
});

test('a firm’s clerk answers for forty licences: one text, one proof, forty applications', async () => {
	const f = shop(140, { licences: 40, name: '沂源鲁村连锁超市有限公司' });
	const scanned = await remind(w, [f]);
	assert.equal(scanned.reminders, 40);
	assert.match(f.reminder, /您有40件证照/);
	assert.match(f.reminder, /另有36件/);
	const verify = await w.say(f.e164, 'Y 1-38、40', /核实身份/);
	await prove(w, f, verify);
	await w.next(f.e164, /请核对39件申请/);
	await w.say(f.e164, 'Y', /旧证/);
	await w.say(f.e164, '2', /新证/);
	await w.say(f.e164, '1', /39件申请已提交/);
	assert.equal(await w.sql(`SELECT count(*) FROM application WHERE status = 'submitted' AND id IN (${await idsOf(w, f)})`), '39');
	assert.equal((await w.json('worklist', 'approve')).filter((e) => e.phone === f.e164).length, 39);
});

test('the link is over: the page says what to do, and a Y brings a new one', async () => {
	const f = shop(150);
	await remind(w, [f]);
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	await w.sql(`UPDATE access_grant SET expires_at = now() - interval '1 minute', code_expires_at = now() - interval '1 minute'`);
	const page = new Browser();
	await page.go(linkIn(verify));
	assert.equal(page.status, 410);
	assert.match(page.words, /网址已过期.*回复 Y/);
	const again = await w.say(f.e164, 'Y', /核实身份/);
	assert.notEqual(linkIn(again), linkIn(verify));
	await page.go(linkIn(again));
	assert.equal(page.status, 200);
	await page.post({ do: 'check', id1: f.last6 });
	assert.match(page.words, /请核对并提交申请/);
});
