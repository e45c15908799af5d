// A clerk at the command line beside the running daemon: the short code with its tries and lock-out, the link's state, the
// whole trail at the end.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
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
	await w.must('application', 'decide', id, '--approve', '--staff', '陈静');
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
	assert.equal(trail.applications, 4);
	assert.ok(trail.events > 20);
});
