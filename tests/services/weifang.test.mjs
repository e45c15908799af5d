// Weifang: rules compare the data and approve with no person in between; progress at any time; a call-back afterwards.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { field, firm, idOf, importChanges, kindsOf, linkIn, open, prove, remind, trailOf, Browser } from './lib.mjs';
import { day } from '../lib/people.mjs';

const item = 'public-place-hygiene-automatic';
const hotel = (index, facts, more = {}) => firm(index, { bureau: 'weifang', item, name: `潍坊第${index}宾馆`, facts, ...more });
const good = { inspection: 'passed', area: '320' };
let w;
before(async () => { w = await open('weifang'); });
after(async () => { await w?.stop(); });

// By text from the reminder to the last answer before the decision.
async function submit(f, old = '2', delivery = '2') {
	const verify = await w.say(f.e164, '好的', /核实身份/);
	await prove(w, f, verify);
	await w.next(f.e164, /请核对申请/);
	await w.say(f.e164, 'Y', /旧证/);
	await w.say(f.e164, old, /新证/);
	if (delivery === '1') return w.say(f.e164, '1', /申请已提交/);
	await w.say(f.e164, '2', /寄到/);
	return w.say(f.e164, 'Y', /申请已提交/);
}

test('the rules hold: approved with no person in between, the number of the certificate comes back, the reason is stored', async () => {
	const f = hotel(1, good);
	await remind(w, [f]);
	await submit(f);
	const approved = await w.next(f.e164, /已审批通过，新证号鲁潍卫公证字\[\d{4}\]第\d{5}号/);
	const id = await idOf(w, f);
	assert.equal(await field(w, id, 'decided_by'), 'rule');
	assert.match(await field(w, id, 'decision_reason'), /identity proven; .*inspection = passed \(passed\); area <= 500 \(320\)/);
	assert.ok(approved.includes(await field(w, id, 'certificate_no')));
	assert.equal((await w.json('worklist', 'approve')).length, 0, 'nobody was asked to decide');
	assert.ok((await w.json('worklist', 'send')).some((e) => String(e.application) === id), 'somebody prints and sends it');
	const event = (await trailOf(w, id)).find((e) => e.kind === 'approved');
	assert.equal(event.actor, 'rule');
	assert.match(event.data.reason, /area <= 500/);
	await w.must('trail', 'verify', id);
});

test('certificates are numbered one after the other', async () => {
	const f = hotel(2, good);
	await remind(w, [f]);
	await submit(f, '1', '1');
	await w.next(f.e164, /新证号/);
	const numbers = (await w.sql("SELECT certificate_no FROM application WHERE certificate_no <> '' ORDER BY decided_at")).split('\n');
	assert.equal(new Set(numbers).size, numbers.length);
	assert.match(numbers[0], /第00001号$/);
	assert.match(numbers[1], /第00002号$/);
});

for (const [what, facts, why] of [
	['a fact that does not fit', { inspection: 'passed', area: '900' }, /area <= 500 does not hold: it is 900/],
	['a fact that is not on file', { area: '100' }, /inspection is not on file/],
	['a value that is no number', { inspection: 'passed', area: '三百' }, /area <= 500 does not hold/],
])
	test(`${what}: a clerk decides, and sees why`, async () => {
		const f = hotel(Object.keys(facts).length * 100 + Number(facts.area.length) * 10, facts);
		await remind(w, [f]);
		await submit(f, '1', '1');
		const id = await idOf(w, f);
		const entry = await w.until(async () => (await w.json('worklist', 'approve')).find((e) => String(e.application) === id), 'an entry to approve');
		assert.match(entry.reason, why);
		assert.equal(await field(w, id, 'status'), 'submitted');
		assert.ok((await kindsOf(w, id)).includes('left_to_clerk'));
		await w.must('application', 'decide', id, 'approve', '--staff', '李雷');
		await w.next(f.e164, /已审批通过/);
	});

test('a change in the business register since the licence was issued is looked at by a person', async () => {
	const f = hotel(31, good);
	await remind(w, [f]);
	await importChanges(w, [['weifang', '', f.id, day(-5), 'legal_representative', '王五', '赵六']]);
	await submit(f, '1', '1');
	const entry = await w.until(async () => (await w.json('worklist', 'approve')).find((e) => e.phone === f.e164), 'an entry to approve');
	assert.match(entry.reason, /business register has changed/);
});

test('progress by text, by USSD and on the page, at any time', async () => {
	const f = hotel(41, good);
	await remind(w, [f]);
	await w.say(f.e164, '进度', /等您答复/);
	const verify = await w.say(f.e164, 'Y', /核实身份/);
	await w.say(f.e164, 'STATUS', /等您核实身份/);
	const page = new Browser();
	await page.go(linkIn(verify));
	assert.equal(page.status, 200);
	await page.post({ do: 'check', id1: f.last6 });
	await page.post({ do: 'apply', old: 'on_site', delivery: 'courier', address: '潍坊市东风东街88号院2号' });
	await w.next(f.e164, /申请已提交/);
	await w.next(f.e164, /新证号/);
	await w.say(f.e164, '进度', /已通过，正在制证/);
	assert.match((await w.dial(f.e164)).text, /已通过，正在制证/);
	await page.go(linkIn(verify));
	assert.match(page.words, /审核通过/);
	const id = await idOf(w, f);
	await w.must('application', 'send', id, '--tracking', 'EMS-7788', '--staff', '李雷');
	await w.next(f.e164, /EMS-7788/);
	await page.go(linkIn(verify));
	assert.match(page.words, /EMS-7788/);
});

test('the courier has come: the citizen says so, or the days that the item allows pass; then the call-back', async () => {
	const [said, silent] = [hotel(51, good), hotel(52, good)];
	await remind(w, [said, silent]);
	for (const f of [said, silent]) {
		await submit(f);
		await w.next(f.e164, /新证号/);
		await w.must('application', 'send', await idOf(w, f), '--tracking', `EMS${f.last6}`, '--staff', '李雷');
		await w.next(f.e164, /快递单号/);
	}
	await w.say(said.e164, '快递收到了', /已记下新证收到/);
	await w.next(said.e164, /办理完成/);
	await w.next(said.e164, /1 到 5/);
	assert.ok((await kindsOf(w, await idOf(w, said))).includes('said_received'));

	const id = await idOf(w, silent);
	assert.equal(await w.sql(`SELECT kind || ' ' || (due_at > now() + interval '14 days') FROM pending_act WHERE application_id = ${id}`), 'arrive true');
	await w.sql(`UPDATE pending_act SET due_at = now() WHERE application_id = ${id}`);
	await w.next(silent.e164, /办理完成/);
	await w.next(silent.e164, /1 到 5/);
	assert.equal((await trailOf(w, id)).find((e) => e.kind === 'collected').actor, 'clock');

	// A good mark is thanked for; a low one is asked about, and somebody calls back.
	await w.say(said.e164, '⭐️5分', /谢谢您的评价/);
	await w.say(silent.e164, '1分', /不满意|没有让您满意/);
	await w.say(silent.e164, '快递太慢了，等了两个星期', /回访/);
	assert.equal(await field(w, id, "rating || ' ' || rating_reason"), '1 快递太慢了，等了两个星期');
	const call = (await w.json('worklist', 'phone')).find((e) => e.phone === silent.e164);
	assert.equal(call.reason, '快递太慢了，等了两个星期');
	assert.equal(await w.sql(`SELECT outcome FROM conversation WHERE phone = '${silent.e164}'`), 'finished');
});
