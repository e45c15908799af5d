// The lists that wait for a person: whose an entry is, what is done with several at once and undone, answering by hand and
// picking what a citizen means, each in a real browser against the real conversation.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decent, enter, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { act, addStaff, alert, cookieOf, signIn, told } from '../lib/console.mjs';
import { submit } from '../lib/visits.mjs';

describe('worklists', { timeout: 300000 }, () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 4 }, (_, i) => ({ name: `<i>沂源${i}</i>小吃店` })));
		await addStaff(world, { zhou: 'send,approve', wu: 'send', eye: 'look' });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, options);
	const entryOf = (phone, list) => world.sql(`SELECT id FROM worklist WHERE phone = '${phone}' AND list = '${list}' AND done_at IS NULL`);

	// Two answers that nobody understands bring a talk that asks for a confirmation to a clerk.
	async function misunderstood(c) {
		await invite(world, c);
		await world.say(c.phone, '<b>什么</b>？', /./);
		await world.say(c.phone, '天气不错', /./);
		await world.say(c.phone, '唉', /./);
		return entryOf(c.phone, 'read');
	}

	test('one clerk at a time, taken over in the open; who only looks sees no number', async () => {
		const [c] = people, id = await misunderstood(c), path = `${world.staffUrl}/entries/${id}`;
		const zhou = await enters('zhou', { locale: 'en-GB', width: 1280 }), wu = await enters('wu', { locale: 'zh-CN' }), eye = await enters('eye', { locale: 'en-GB' });
		await zhou.goto(`${world.staffUrl}/worklists/read`);
		await decent(zhou, 'en');
		assert.ok(!(await zhou.content()).includes(c.phone), 'lists hide numbers');
		await zhou.click('td.go a');
		await decent(zhou, 'en');
		assert.ok(!(await zhou.content()).includes('<b>什么'), 'escaped');
		assert.match(await zhou.locator('.phone').innerText(), /<b>什么<\/b>？[\s\S]*not understood/);
		assert.equal(await zhou.locator('textarea').count(), 0, 'nothing before it is taken');
		await act(zhou, 'claim');
		assert.match(await told(zhou), /yours for half an hour/);
		assert.match(await zhou.locator('a[href^="tel:"]').innerText(), /\+861380010000/);
		await decent(zhou, 'en');
		await wu.goto(path);
		await decent(wu, 'zh');
		assert.ok(!(await wu.content()).includes(c.phone));
		assert.equal(await wu.locator('textarea').count(), 0);
		await act(wu, 'take_over');
		assert.match(await told(wu), /归您办理/);
		await zhou.fill('#text', 'too late');
		await act(zhou, 'answer');
		assert.match(await alert(zhou), /Somebody else is at it/);
		assert.equal(await world.sql("SELECT detail FROM staff_event WHERE kind = 'entry_taken_over'"), 'read, from zhou');
		// A claim ends by itself.
		await world.sql(`UPDATE worklist SET claimed_until = now() WHERE id = ${id}`);
		await zhou.goto(path);
		await act(zhou, 'claim');
		assert.match(await told(zhou), /yours/);
		await act(zhou, 'release');
		assert.equal(await world.sql(`SELECT claimed_by FROM worklist WHERE id = ${id}`), '');
		// Looking is looking.
		await eye.goto(path);
		assert.ok(!(await eye.content()).includes(c.phone));
		assert.equal(await eye.locator('main form').count(), 0);
		const token = await eye.locator('.menu input[name=token]').getAttribute('value'), cookie = await cookieOf(eye);
		for (const to of [path, `${world.staffUrl}/worklists/read`]) {
			const r = await fetch(to, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, act: 'claim', entry: id }), headers: { Cookie: cookie } });
			assert.equal(r.status, 403);
		}
		for (const p of [zhou, wu, eye]) await p.context().close();
	});

	test('answered by hand, in the conversation, with the signature; it is in the trail', async () => {
		const [c] = people, id = await entryOf(c.phone, 'read');
		const page = await enters('wu', { locale: 'en-GB' });
		await page.goto(`${world.staffUrl}/entries/${id}`);
		await act(page, 'claim');
		await page.fill('#text', '长'.repeat(400));
		await act(page, 'answer');
		assert.match(await alert(page), /too long/);
		assert.equal((await page.inputValue('#text')).length, 400, 'what was typed stays');
		await page.fill('#text', '您好，请带身份证到窗口 <12>。');
		await act(page, 'answer');
		assert.match(await told(page), /on its way/);
		assert.equal(await world.next(c.phone, /窗口/), '【沂源审批】您好，请带身份证到窗口 <12>。');
		assert.equal(await world.sql(`SELECT done_by FROM worklist WHERE id = ${id}`), 'staff:wu');
		assert.equal(await world.sql("SELECT actor || ' ' || (data->>'text') FROM trail WHERE kind = 'answered'"), 'staff:wu 您好，请带身份证到窗口 <12>。');
		assert.match(await page.locator('.phone').innerText(), /written by staff/);
		// The talk goes on where it was.
		assert.match(await world.say(c.phone, 'Y', /./), /\/r\//);
		await page.context().close();
	});

	test('what the citizen means is picked; the talk goes on by it, and only once', async () => {
		const c = people[1];
		await world.next(c.phone);
		for (const text of ['行不行呢', '嗯？', '我再想想']) await world.say(c.phone, text, /./);
		const id = await entryOf(c.phone, 'phone');
		const zhou = await enters('zhou', { script: true }), second = await enters('zhou');
		await zhou.goto(`${world.staffUrl}/entries/${id}`);
		await act(zhou, 'claim');
		await second.goto(`${world.staffUrl}/entries/${id}`);
		// By keyboard alone.
		const button = zhou.locator('.picks button', { hasText: '愿意办理' });
		await button.focus();
		await enter(zhou);
		assert.match(await told(zhou), /对话已继续/);
		assert.equal(await zhou.locator('form:has(input[value=undo])').count(), 0, 'a step is not undone');
		assert.match(await world.next(c.phone, /./), /\/r\//);
		const proof = JSON.parse(await world.sql(`SELECT t.data FROM trail t JOIN application a ON a.id = t.application_id JOIN conversation v ON v.id = a.conversation_id
			WHERE t.kind = 'consented' AND t.actor = 'staff:zhou' AND v.phone = '${c.phone}'`));
		assert.equal(proof.channel, 'staff');
		await second.locator('.picks button').first().click();
		assert.match(await second.locator('[role=alert]').innerText(), /已经办完/);
		assert.equal(await world.sql(`SELECT step FROM conversation WHERE phone = '${c.phone}'`), 'verify');
		for (const p of [zhou, second]) await p.context().close();
	});

	test('several at once: taken, done, undone; what another has stays his', async () => {
		await world.sql(`INSERT INTO worklist (bureau_id, list, phone, reason, due_on) SELECT 1, 'check', '+86139' || lpad(n::text, 8, '0'), 'issued on a pledge', current_date + n / 40
			FROM generate_series(1, 120) n`);
		const wu = await enters('wu', { locale: 'en-GB', width: 1280 }), zhou = await enters('zhou', { locale: 'zh-CN' });
		await wu.goto(`${world.staffUrl}/worklists/check`);
		assert.equal(await wu.locator('tbody tr').count(), 50);
		const seen = new Set();
		for (;;) {
			for (const v of await wu.$$eval('input[name=entry]', (all) => all.map((e) => e.value))) { assert.ok(!seen.has(v)); seen.add(v); }
			if (await wu.locator('a.button:has-text("next")').count() === 0) break;
			await wu.click('a.button:has-text("next")');
		}
		assert.equal(seen.size, 120, 'every one, each once');
		await wu.goto(`${world.staffUrl}/worklists/check`);
		for (let i = 0; i < 3; i++) await wu.locator('input[name=entry]').nth(i).check();
		await wu.click('.bulk button[value=claim]');
		assert.match(await told(wu), /3 are yours/);
		await zhou.goto(`${world.staffUrl}/worklists/check`);
		for (let i = 2; i < 5; i++) await zhou.locator('input[name=entry]').nth(i).check();
		await zhou.click('.bulk button[value=done]');
		assert.match(await told(zhou), /已办完 2 条。 未办：1/);
		await decent(zhou, 'zh');
		assert.equal(await world.sql("SELECT count(*) FROM worklist WHERE list = 'check' AND done_by = 'staff:zhou'"), '2');
		await zhou.click('form:has(input[value=undo]) button');
		assert.match(await told(zhou), /2 条恢复待办/);
		assert.equal(await world.sql("SELECT count(*) FROM worklist WHERE list = 'check' AND done_at IS NULL"), '120');
		// Not after ten minutes, and not another's.
		await zhou.locator('input[name=entry]').nth(4).check();
		await zhou.click('.bulk button[value=done]');
		await world.sql("UPDATE worklist SET done_at = done_at - interval '11 minutes' WHERE done_by = 'staff:zhou' AND list = 'check'");
		const batch = await world.sql("SELECT (extract(epoch FROM done_at) * 1000000)::bigint FROM worklist WHERE done_by = 'staff:zhou' AND list = 'check'");
		await zhou.$eval('form:has(input[value=undo]) input[name=batch]', (e, b) => { e.value = b; }, batch);
		await zhou.click('form:has(input[value=undo]) button');
		assert.match(await told(zhou), /^0 条/);
		await wu.goto(`${world.staffUrl}/worklists/check?who=mine`);
		assert.equal(await wu.locator('input[name=entry]').count(), 3);
		await wu.goto(`${world.staffUrl}/worklists/check?who=free&due=1`);
		assert.equal(await wu.locator('input[name=entry]').count(), 35, 'due today, three of them are not free and one is done');
		await wu.goto(`${world.staffUrl}/worklists/check?item=none`);
		assert.match(await wu.locator('table').innerText(), /Nothing waits here/);
		for (const after of ['x', '.', 'infinity.', '2026-13-45.1', "2026-01-01'--.1", `${'9'.repeat(40)}.1`, '0000-00-00.0'])
			assert.equal((await wu.goto(`${world.staffUrl}/worklists/check?after=${encodeURIComponent(after)}`)).status(), 200, after);
		await wu.context().close();
		await zhou.context().close();
	});

	test('several approved at once, each as by itself', async () => {
		const two = people.slice(2);
		for (const c of two) await submit(world, browser, c);
		const wu = await enters('wu'), zhou = await enters('zhou', { locale: 'en-GB' });
		await wu.goto(`${world.staffUrl}/worklists/approve`);
		assert.equal(await wu.locator('button[value=approve]').count(), 0, 'not who may not decide');
		await zhou.goto(`${world.staffUrl}/worklists/approve`);
		for (const box of await zhou.locator('input[name=entry]').all()) await box.check();
		await zhou.click('.bulk button[value=approve]');
		assert.match(await told(zhou), /2 approved/);
		assert.equal(await zhou.locator('form:has(input[value=undo])').count(), 0, 'a decision is not undone');
		for (const c of two) await world.next(c.phone, /已审批通过/);
		await wu.goto(`${world.staffUrl}/worklists/send`);
		for (const box of await wu.locator('input[name=entry]').all()) await box.check();
		await wu.click('.bulk button[value=ready]');
		assert.match(await told(wu), /已备好 2 件/);
		for (const c of two) await world.next(c.phone, /取件码/);
		assert.equal(await world.sql("SELECT string_agg(DISTINCT pickup_code, '') ~ '^[0-9]{6}([0-9]{6})?$' FROM application WHERE status = 'ready'"), 't');
		await wu.context().close();
		await zhou.context().close();
	});

	test('the command line takes, gives back and closes with a note', async () => {
		const id = await world.sql("SELECT min(id) FROM worklist WHERE list = 'check' AND done_at IS NULL AND claimed_by = ''");
		assert.equal((await world.json('worklist', 'claim', id, '--staff', 'li')).by, 'staff:li');
		const held = await world.cli('worklist', 'claim', id, '--staff', 'wang');
		assert.equal(held.code, 1);
		assert.match(held.stderr, /taken by staff:li; --take-over/);
		assert.match((await world.cli('worklist', 'done', id, '--staff', 'wang')).stderr, /taken by staff:li/);
		await world.must('worklist', 'claim', id, '--staff', 'wang', '--take-over');
		assert.match((await world.cli('worklist', 'release', id, '--staff', 'li')).stderr, /is not li's/);
		await world.must('worklist', 'release', id, '--staff', 'wang');
		assert.equal((await world.json('worklist', 'done', id, '--staff', 'li', '--note', '电话已通知')).result, 'done');
		assert.equal(await world.sql(`SELECT note FROM worklist WHERE id = ${id}`), '电话已通知');
		assert.match((await world.cli('worklist', 'done', id, '--staff', 'li')).stderr, /done already by staff:li/);
	});
});
