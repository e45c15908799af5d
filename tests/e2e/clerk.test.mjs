// A clerk at the command line beside the running daemon: the short code with its tries and lock-out, the link's state, the
// whole trail at the end.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../lib/world.mjs';
import { application, holder, remind } from '../lib/people.mjs';

let w;
before(async () => { w = await World.start(); });
after(async () => { await w?.stop(); });

const codeIn = (text) => text.match(/代码(\d{8})/)[1];
const verify = async (...args) => {
	const r = await w.cli('--json', 'token', 'verify', ...args);
	return { code: r.code, ...JSON.parse(r.stdout) };
};

test('the link is bound, and said so', async () => {
	// The daemon notes it in the database a moment after it is so.
	await w.until(async () => (await w.json('link', 'status'))[0].state === 'bound', 'the status of the link');
	const [l] = await w.json('link', 'status');
	assert.equal(l.link, 'east');
	assert.match(await w.must('link', 'status'), /east +d\d+ +bound +127\.0\.0\.1:\d+/);
});

test('wrong numbers count, the fifth locks, and the right one is then refused too', async () => {
	const h = holder(301);
	await remind(w, [h]);
	const code = codeIn(await w.say(h.e164, 'Y', /核实身份/));
	const looked = await verify(code);
	assert.deepEqual([looked.code, looked.good, looked.form, looked.bureau, looked.step], [0, true, 'code', 'yiyuan', 'verify']);
	assert.equal(looked.applications.length, 1);
	assert.ok(!JSON.stringify(looked).includes(h.last6));

	const none = await verify(code, '--prove', '--id', 'no');
	assert.match(none.result, /last 6/);
	for (let tries = 1; tries <= 5; tries++) {
		const r = await verify(code, '--prove', '--id', 'ZZZZZ9');
		assert.equal(r.code, 1);
		assert.match(r.result, new RegExp(`${tries} of 5 tries used`));
	}
	const locked = await verify(code, '--prove', '--id', h.last6);
	assert.equal(locked.code, 1);
	assert.match(locked.result, /locked/);
	assert.equal((await application(w, h)).status, 'consented');
	const a = await application(w, h);
	const kinds = (await w.json('trail', 'show', String(a.id))).map((e) => e.kind);
	assert.equal(kinds.filter((k) => k === 'identity_refused').length, 4);
	assert.equal(kinds.filter((k) => k === 'identity_locked').length, 1);
});

test('the right number proves identity, in small letters too; the link of the same grant is genuine', async () => {
	const h = holder(302);
	await remind(w, [h]);
	const text = await w.say(h.e164, 'Y', /核实身份/);
	const url = text.match(/http\S+\/r\/[A-Za-z0-9_-]+/)[0];
	const byLink = await verify(url);
	assert.deepEqual([byLink.code, byLink.form, byLink.purpose], [0, 'link', 'renew']);
	const proven = await verify(codeIn(text), '--prove', '--id', h.last6.toLowerCase(), '--staff', '陈静');
	assert.deepEqual([proven.code, proven.identity], [0, 'proven']);
	await w.next(h.e164, /身份已核实/);
	const a = await application(w, h);
	assert.equal(a.status, 'verified');
	const event = (await w.json('trail', 'show', String(a.id))).find((e) => e.kind === 'verified');
	assert.equal(event.actor, 'staff:陈静');
});

test('a clerk who saw the document proves identity by the application alone', async () => {
	const h = holder(303);
	await remind(w, [h]);
	await w.say(h.e164, 'Y', /核实身份/);
	const a = await application(w, h);
	assert.equal((await w.json('application', 'verify', String(a.id), '--staff', '陈静')).told, true);
	await w.next(h.e164, /身份已核实/);
	const r = await w.cli('application', 'verify', String(a.id));
	assert.equal(r.code, 1, 'not twice');
});

// Three answers that nobody understands bring a reminder to the list to phone.
async function misunderstood(n) {
	const h = holder(n);
	await remind(w, [h]);
	for (const text of ['行不行呢', '嗯？', '我再想想']) await w.say(h.e164, text, /./);
	return { h, id: String((await w.json('worklist', 'phone')).find((e) => e.phone === h.e164).id) };
}
const refused = async (pattern, ...args) => {
	const r = await w.cli('worklist', ...args);
	assert.equal(r.code, 1, r.stdout);
	assert.match(r.stderr, pattern);
};

test('what the citizen means is picked without a browser, by the rules of the console', async () => {
	const { h, id } = await misunderstood(305);
	const shown = await w.json('worklist', 'show', id, '--staff', 'li');
	assert.deepEqual([shown.step, shown.open, shown.claimed_by, shown.mine], ['phone_list', true, '', false]);
	assert.ok(shown.messages.some((m) => m.text === '嗯？' && m.direction === 'in'));
	const branch = shown.choices.find((c) => c.target === 'verify').branch;
	assert.match(await w.must('worklist', 'show', id), new RegExp(`< 嗯？[^]*BRANCH[^]*${branch}[^]*huizhi worklist pick ${id} BRANCH --step phone_list`));
	assert.deepEqual(await w.json('worklist', 'next', 'phone', '--staff', 'li').then((e) => [String(e.id), e.mine]), [id, true]);
	await refused(/nothing is left on the list phone/, 'next', 'phone', '--staff', 'wang');
	await refused(/taken by li; claim it with --take-over/, 'pick', id, branch, '--staff', 'wang');
	await refused(/stands at step "phone_list", where this cannot be done/, 'pick', id, branch, '--step', 'verify', '--staff', 'li');
	await refused(/stands at step/, 'pick', id, 'nonsense', '--staff', 'li');
	assert.equal((await w.json('worklist', 'pick', id, branch, '--dry-run', '--staff', 'li')).target, 'verify');
	assert.equal((await w.json('conversation', 'show', h.phone)).step, 'phone_list');
	const done = await w.json('worklist', 'pick', id, branch, '--step', 'phone_list', '--staff', 'li');
	assert.deepEqual([done.result, done.stands_at], ['picked', 'verify']);
	await w.next(h.e164, /核实身份/);
	assert.equal(await w.sql(`SELECT done_by || ' ' || note FROM worklist WHERE id = ${id}`), `staff:li picked ${branch} at phone_list`);
	const event = (await w.json('trail', 'show', String((await application(w, h)).id))).find((e) => e.kind === 'consented');
	assert.deepEqual([event.actor, event.data.channel], ['staff:li', 'staff']);
	assert.equal((await w.json('staff', 'log')).find((e) => e.subject === `entry ${id}` && e.kind === 'entry_done').address, 'command line');
	await refused(/was done already by li/, 'pick', id, branch, '--staff', 'li');
	await refused(/nothing as done .* could be taken back/, 'undo', '--staff', 'li');
});

test('answered by hand without a browser; a talk that has gone on since is left in peace', async () => {
	const { h, id } = await misunderstood(306);
	await refused(/has 7 parts, and 4 are allowed/, 'answer', id, '长'.repeat(430));
	await refused(/the text is empty/, 'answer', id, ' \u3000 ');
	writeFileSync(join(w.dir, 'gbk.txt'), Buffer.from([0xc4, 0xfa, 0xba, 0xc3]));
	await refused(/gbk\.txt: the text is not UTF-8/, 'answer', id, '--file', join(w.dir, 'gbk.txt'));
	assert.match(await w.must('worklist', 'answer', id, '您好，请带身份证到窗口。', '--dry-run'), /【沂源审批】您好，请带身份证到窗口。\n\d+ characters, ucs2, 1 part/);
	const kept = await w.json('worklist', 'answer', id, '您好，请带身份证到窗口。', '--open', '--staff', '陈静');
	assert.deepEqual([kept.result, kept.parts, kept.stands_at, kept.closes], ['answered', 1, 'phone_list', false]);
	assert.equal(await w.next(h.e164, /窗口/), '【沂源审批】您好，请带身份证到窗口。');
	assert.equal(await w.sql(`SELECT claimed_by || ' ' || said FROM worklist WHERE id = ${id} AND done_at IS NULL`), 'staff:陈静 done');
	// What the daemon finds too late: the talk stands elsewhere by now.
	const before = await w.sql('SELECT count(*) FROM message');
	await w.sql(`INSERT INTO outside_event (bureau_id, conversation_id, phone, name, actor, desk) SELECT 1, conversation_id, '${h.e164}', 'answered', 'staff:li',
		'{"entry": ${id}, "step": "verify", "note": "answered by hand", "closes": true, "address": "command line", "by_hand": "太晚"}' FROM worklist WHERE id = ${id}`);
	await w.until(async () => await w.sql(`SELECT said FROM worklist WHERE id = ${id} AND done_at IS NULL`) === 'moved', 'the entry hears of it');
	assert.deepEqual([await w.sql('SELECT count(*) FROM message'), await w.sql('SELECT count(*) FROM outside_event')], [before, '0']);
	await w.must('worklist', 'answer', id, '请回复 Y 或 N。', '--staff', '陈静');
	await w.next(h.e164, /Y 或 N/);
	assert.equal(await w.sql(`SELECT done_by FROM worklist WHERE id = ${id}`), 'staff:陈静');
});

test('to the end: the conversation reads as on the phone, and the trail of everybody is whole', async () => {
	const h = holder(304);
	await remind(w, [h]);
	const text = await w.say(h.e164, 'Y', /核实身份/);
	await w.must('token', 'verify', codeIn(text), '--prove', '--id', h.last6);
	await w.next(h.e164, /身份已核实/);
	await w.say(h.e164, 'Y', /旧证怎么交回/);
	await w.say(h.e164, '1', /新证怎么领/);
	await w.say(h.e164, '1', /申请已提交/);
	const id = String((await application(w, h)).id);
	await w.must('application', 'collect', id, '--old', '--staff', '陈静');
	assert.deepEqual((await w.json('worklist', 'act', 'approve', '--all', '--staff', '陈静')).done.length, 1);
	await w.next(h.e164, /已审批通过/);
	await w.must('application', 'send', id, '--staff', '陈静');
	const pickup = (await w.next(h.e164, /取件码/)).match(/取件码\D*(\d{6})/)[1];
	await w.must('application', 'collect', id, '--code', pickup, '--staff', '陈静');
	await w.next(h.e164, /办理完成/);
	await w.next(h.e164, /1 到 5/);
	await w.say(h.e164, '4', /谢谢/);

	const c = await w.json('conversation', 'show', h.phone);
	assert.equal(c.open, false);
	assert.equal(c.outcome, 'finished');
	assert.deepEqual(c.messages.filter((m) => m.direction === 'in').map((m) => m.text), ['Y', 'Y', '1', '1', '4']);
	assert.ok(c.messages.filter((m) => m.direction === 'out').length >= 8);
	assert.match(await w.must('conversation', 'show', h.phone), /< Y\n/);

	const trail = await w.json('trail', 'verify');
	assert.deepEqual(trail.faults, []);
	assert.equal(trail.good, true);
	assert.equal(trail.applications, 6);
	assert.ok(trail.events > 20);
});
