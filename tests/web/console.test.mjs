// The staff console in real Chromium: signing in, what each role may do, an application from approval to the citizen's hands,
// worklists, and that nothing of it works from outside.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decent, open, start } from '../lib/browser.mjs';
import { settle } from '../lib/citizens.mjs';
import { PASSWORD, act, addStaff, cookieOf, signIn } from '../lib/console.mjs';
import { submit } from '../lib/visits.mjs';

describe('the staff console', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 4 }, (_, i) => ({ name: `<b onclick=alert(1)>沂源${i}</b>"'` })));
		await addStaff(world, { zhou: 'clerk,approver', wu: 'clerk' });
		for (const [i, c] of people.entries()) await submit(world, browser, c, { delivery: i === 1 ? 'courier' : 'pick_up' });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, options);

	test('nothing without signing in, and wrong passwords are told', async () => {
		for (const path of ['/', '/applications', '/applications/1', '/worklists/approve', `/phones/${people[0].phone}`]) {
			const r = await fetch(world.staffUrl + path, { redirect: 'manual' });
			assert.equal(r.status, 303, path);
			assert.equal(r.headers.get('location'), '/sign-in');
		}
		for (const [locale, lang] of [['zh-CN', 'zh'], ['en-GB', 'en']]) {
			const page = await open(browser, { locale });
			await page.goto(`${world.staffUrl}/sign-in`);
			await decent(page, lang);
			for (const [name, password] of [['zhou', 'wrong'], ['nobody', PASSWORD], ['zhou', `${PASSWORD} `]]) {
				await page.fill('#name', name);
				await page.fill('#password', password);
				await page.click('form.card button');
				assert.equal(await page.locator('[role=alert]').innerText(), lang === 'zh' ? '用户名或密码不对。' : 'The user name or the password is wrong.');
			}
			await page.context().close();
		}
		// A cookie somebody wrote himself is no session.
		const forged = await fetch(`${world.staffUrl}/`, { redirect: 'manual', headers: { Cookie: `hzs=1.9999999999.${'A'.repeat(43)}.emhvdQ` } });
		assert.equal(forged.status, 303);
	});

	test('every page is decent in both languages, on a phone and a desk', async () => {
		for (const [locale, lang, width] of [['zh-CN', 'zh', 360], ['en-GB', 'en', 1280]]) {
			const page = await enters('zhou', { locale, width });
			for (const path of ['/', '/applications', '/applications?status=submitted', `/applications/${people[0].id}`, '/worklists/approve',
				'/worklists/phone', `/phones/${people[0].phone}`]) {
				assert.equal((await page.goto(world.staffUrl + path)).status(), 200, path);
				await decent(page, lang);
				assert.ok(!(await page.content()).includes('<b onclick'), `${path} lets markup through`);
			}
			for (const path of ['/applications/999', '/applications/x', '/worklists/none', '/phones/hello', '/none'])
				assert.equal((await page.goto(world.staffUrl + path)).status(), 404, path);
			await page.goto(`${world.staffUrl}/`);
			assert.match(await page.locator('main').innerText(), lang === 'zh' ? /4\s*要审核的/ : /4\s*To approve/);
			await page.context().close();
		}
	});

	test('approved, ready, picked up with the code; the citizen hears each time', async () => {
		const [c] = people;
		const page = await enters('zhou');
		await page.goto(`${world.staffUrl}/worklists/approve`);
		await page.click(`a[href="/applications/${c.id}"]`);
		await act(page, 'approve');
		assert.match(await page.locator('[role=status]').innerText(), /已通过/);
		await world.next(c.phone, /已审批通过/);
		await act(page, 'ready');
		const code = (await world.next(c.phone, /取件码/)).match(/取件码(\d{6})/)[1];
		assert.ok(!(await page.content()).includes(code), 'only the citizen has the code');
		// The citizen's own page says the same, to who has proven who it is.
		const own = await open(browser);
		await own.goto(c.link);
		assert.ok(!(await own.content()).includes(code), 'not before the check');
		await own.fill('#id1', c.tail);
		await own.click('form.card button');
		await own.waitForSelector('.way');
		assert.match(await own.locator('.big').innerText(), new RegExp(code));
		assert.match(await own.locator('.next').innerText(), /身份证件/);
		await decent(own, 'zh');
		await own.context().close();
		await page.fill('#code', code === '000000' ? '000001' : '000000');
		await act(page, 'collect');
		assert.equal(await page.locator('[role=alert]').count(), 1, 'a wrong code is refused');
		await decent(page, 'zh');
		await page.fill('#code', code);
		await act(page, 'collect');
		assert.match(await page.locator('.status').innerText(), /已办结/);
		await world.next(c.phone, /办理完成/);
		await world.next(c.phone, /1 到 5/);
		await world.say(c.phone, '5', /谢谢/);
		await page.reload();
		assert.match(await page.locator('main').innerText(), /5 \/ 5/);
		assert.equal(await world.sql(`SELECT string_agg(DISTINCT actor, ' ') FROM trail WHERE application_id = ${c.id} AND kind IN ('approved', 'ready', 'collected')`), 'staff:zhou');
		await page.context().close();
	});

	test('rejected with its reason; sent with its number', async () => {
		const [, sent, rejected] = people;
		const page = await enters('zhou', { script: true });
		await page.goto(`${world.staffUrl}/applications/${rejected.id}`);
		await page.click('summary');
		await page.fill('#reason', '照片 <模糊> & 缺页');
		await act(page, 'reject');
		assert.match(await world.next(rejected.phone), /照片 <模糊> & 缺页/);
		assert.match(await page.locator('main').innerText(), /照片 <模糊> & 缺页/);
		await decent(page, 'zh');
		await page.goto(`${world.staffUrl}/applications/${sent.id}`);
		await act(page, 'approve');
		await world.next(sent.phone);
		await page.fill('#tracking', 'SF1234567890');
		await act(page, 'send');
		assert.match(await world.next(sent.phone), /SF1234567890/);
		assert.equal(await world.sql(`SELECT status || ' ' || tracking_no FROM application WHERE id = ${sent.id}`), 'sent SF1234567890');
		await page.context().close();
	});

	test('a clerk may send and receive, not decide', async () => {
		const c = people[3];
		const page = await enters('wu');
		await page.goto(`${world.staffUrl}/applications/${c.id}`);
		assert.equal(await page.locator('input[name=act][value=approve]').count(), 0);
		const token = await page.locator('input[name=token]').first().getAttribute('value');
		const cookie = await cookieOf(page);
		const post = (fields, headers = {}) => fetch(`${world.staffUrl}/applications/${c.id}`, { method: 'POST', redirect: 'manual',
			body: new URLSearchParams({ token, ...fields }), headers: { Cookie: cookie, ...headers } });
		assert.equal((await post({ act: 'approve' })).status, 403);
		assert.equal((await post({ act: 'old_received', token: 'x'.repeat(43) })).status, 403);
		assert.equal((await post({ act: 'old_received' }, { Cookie: cookie.replace(/hz=[^;]*/, `hz=${'A'.repeat(22)}`) })).status, 403);
		assert.equal((await post({ act: 'old_received' }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
		assert.equal((await post({ act: 'burn' })).status, 404);
		assert.equal(await world.sql(`SELECT status || coalesce(old_received_at::text, '') FROM application WHERE id = ${c.id}`), 'submitted');
		await act(page, 'old_received');
		assert.equal(await world.sql(`SELECT old_received_at IS NOT NULL FROM application WHERE id = ${c.id}`), 't');
		// An entry of a worklist is done, by name.
		await world.sql(`INSERT INTO worklist (bureau_id, list, phone, reason) VALUES (1, 'phone', '${c.phone}', 'asked <b>twice</b>')`);
		await page.goto(`${world.staffUrl}/worklists/phone`);
		assert.match(await page.locator('table').innerText(), /asked <b>twice<\/b>/);
		await page.check('tr:has-text("twice") input');
		await page.click('.bulk button[value=done]');
		assert.equal(await world.sql(`SELECT done_by FROM worklist WHERE reason LIKE 'asked%'`), 'staff:wu');
		// An account that is closed is out at once; so is one that signs out.
		await world.sql("UPDATE staff SET disabled_at = now() WHERE name = 'wu'");
		await page.goto(`${world.staffUrl}/`);
		assert.match(page.url(), /\/sign-in/);
		const other = await enters('zhou');
		await other.click('.menu form button');
		await other.waitForURL(/\/sign-in/);
		await other.goto(`${world.staffUrl}/`);
		assert.match(other.url(), /\/sign-in/);
		await page.context().close();
		await other.context().close();
	});

	test('health, readiness and figures need nobody', async () => {
		assert.equal(await (await fetch(`${world.staffUrl}/healthz`)).text(), 'ok\n');
		const ready = await fetch(`${world.staffUrl}/readyz`);
		assert.equal(ready.status, 200);
		const state = await ready.json();
		assert.equal(state.ready, true);
		assert.deepEqual(state.links.map((l) => [l.link, l.state]), [['east', 'bound']]);
		const text = await (await fetch(`${world.staffUrl}/metrics`)).text();
		const seen = new Set();
		for (const line of text.trimEnd().split('\n')) {
			const m = line.match(/^(?:# (HELP|TYPE) (\w+) .+|(\w+)(\{\w+="[^"]*"(,\w+="[^"]*")*\})? \d+)$/);
			assert.ok(m, `not in the text format: ${line}`);
			if (m[1] === 'HELP') { assert.ok(!seen.has(m[2]), `${m[2]} twice`); seen.add(m[2]); }
			if (m[3]) assert.ok(seen.has(m[3]), `${m[3]} without HELP`);
		}
		assert.match(text, /huizhi_link_bound\{link="east"\} 1/);
		assert.match(text, /huizhi_page_proven_total 5/);
		// Without the carrier it says so.
		await world.carrier.end('SIGTERM');
		await world.daemon.line(/link=east.* state=waiting/);
		const lost = await fetch(`${world.staffUrl}/readyz`);
		assert.equal(lost.status, 503);
		assert.equal((await lost.json()).ready, false);
		assert.match(await (await fetch(`${world.staffUrl}/metrics`)).text(), /huizhi_link_bound\{link="east"\} 0/);
	});
});
