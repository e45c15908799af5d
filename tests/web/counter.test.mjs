// The page of one application, masked by role, and the counter: what a clerk reads in large letters for each kind of code,
// and that handing over is recorded once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, decent, enter, open, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { act, addStaff, cookieOf, signIn } from '../lib/console.mjs';
import { modulesOfSvg, readQr } from '../lib/qr.mjs';
import { submit } from '../lib/visits.mjs';

describe('the application and the counter', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, [...['甲', '乙', '丙', '丁'].map((n) => ({ name: `沂源<b>${n}</b>家常菜馆` })),
			...['一', '二'].map((n) => ({ name: `沂源第${n}建设公司`, item: 'construction-permit-pledge' }))]);
		await addStaff(world, { zhou: 'send,approve', wu: 'send', eye: 'look' });
		for (const [i, c] of people.slice(0, 4).entries()) await submit(world, browser, c, { delivery: i === 1 ? 'courier' : 'pick_up' });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, options);
	// As a scanner does: the text, then Enter.
	async function scan(page, text) {
		await page.goto(`${world.staffUrl}/counter`);
		// The page gives the field its focus by itself, a moment after it is there; what is typed before that goes nowhere.
		await page.waitForSelector('#code:focus');
		await page.keyboard.type(text);
		assert.equal(await page.inputValue('#code'), text);
		await enter(page);
		return page.locator('.verdict .say').first().innerText();
	}

	test('one page has it all, masked; looking closer is noted', async () => {
		const [c] = people, path = `${world.staffUrl}/applications/${c.id}`;
		const zhou = await enters('zhou', { locale: 'en-GB', width: 1280, script: true }), eye = await enters('eye');
		for (const [page, lang] of [[zhou, 'en'], [eye, 'zh']]) {
			await page.goto(path);
			await decent(page, lang);
			const html = await page.content();
			for (const secret of [c.phone, c.phone.slice(3), '<b>甲', c.token, c.code.replace(' ', ''), c.address]) assert.ok(!html.includes(secret), secret);
			assert.match(await page.locator('.phone').innerText(), /DELIVRD/, 'receipts, part by part');
			assert.match(await page.locator('.evidence').innerText(), /Y/, "the citizen's own words");
		}
		await accessible(zhou);
		assert.equal(await eye.locator('main form').count(), 0, 'who looks does nothing');
		assert.equal(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'unmasked'"), '0');
		await act(zhou, 'unmask');
		await decent(zhou, 'en');
		assert.match(await zhou.locator('h1').innerText(), /沂源<b>甲<\/b>家常菜馆/);
		assert.ok((await zhou.content()).includes(c.phone));
		assert.match(await zhou.locator('.licence').innerText(), new RegExp(c.address));
		assert.equal(await world.sql("SELECT name || ' ' || subject FROM staff_event WHERE kind = 'unmasked'"), `zhou application ${c.id}`);
		// Nor with a form of one's own.
		const token = await eye.locator('.menu input[name=token]').getAttribute('value'), cookie = await cookieOf(eye);
		for (const word of ['unmask', 'old_received', 'approve', 'take_over'])
			assert.equal((await fetch(path, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, act: word }), headers: { Cookie: cookie } })).status, 403, word);
		for (const p of ['/counter', `/phones/${c.phone}`])
			assert.equal((await fetch(world.staffUrl + p, { redirect: 'manual', headers: { Cookie: cookie } })).status, 403, p);
		await eye.goto(`${world.staffUrl}/applications`);
		assert.ok(!(await eye.content()).includes(c.phone));
		await zhou.context().close();
		await eye.context().close();
	});

	test('not by two at a time', async () => {
		const [c] = people, path = `${world.staffUrl}/applications/${c.id}`;
		await world.must('worklist', 'claim', await world.sql(`SELECT id FROM worklist WHERE application_id = ${c.id} AND list = 'approve'`), '--staff', 'wu');
		const zhou = await enters('zhou');
		await zhou.goto(path);
		await act(zhou, 'approve');
		assert.match(await zhou.locator('[role=alert]').innerText(), /^wu正在办理/);
		assert.equal(await world.sql(`SELECT status FROM application WHERE id = ${c.id}`), 'submitted');
		await decent(zhou, 'zh');
		await act(zhou, 'take_over');
		await act(zhou, 'approve');
		assert.match(await zhou.locator('[role=status]').innerText(), /已通过/);
		await world.next(c.phone, /已审批通过/);
		assert.equal(await world.sql("SELECT string_agg(detail, ' ') FROM staff_event WHERE kind = 'acted' AND name = 'zhou'"), 'approve');
		await zhou.context().close();
	});

	test('the counter: each code has its own large words', async () => {
		const [ready, courier, waits] = people;
		const wu = await enters('wu', { locale: 'en-GB', width: 1280, script: true }), code = async () => (await world.next(ready.phone, /取件码/)).match(/取件码(\d{6})/)[1];
		assert.equal(await scan(wu, ready.link), 'Not yet');
		await world.must('application', 'send', ready.id);
		ready.pickup = await code();
		await world.must('application', 'decide', courier.id, 'approve');
		// The QR code of the page, as a phone's camera reads it, is the long form of the same grant.
		assert.equal(await scan(wu, waits.link), 'Not yet');
		await accessible(wu);
		assert.match(await wu.locator('.verdict').innerText(), /still being examined/);
		await wu.click('.verdict button');
		assert.match(await wu.locator('[role=status]').innerText(), /old certificate was taken/);
		assert.equal(await world.sql(`SELECT old_received_at IS NOT NULL FROM application WHERE id = ${waits.id}`), 't');
		assert.equal(await scan(wu, courier.code), 'Comes by courier');
		// The citizen's page has the code of the text as a QR code; what a scanner reads there, the counter takes.
		const phone = await open(browser);
		await phone.goto(ready.link);
		await phone.fill('#id1', ready.tail);
		await phone.click('form.card button');
		assert.equal(await phone.locator('.pickup img').evaluate((e) => e.complete && e.naturalWidth > 0), true, 'it is drawn');
		const svg = Buffer.from((await phone.locator('.pickup img').getAttribute('src')).split(',')[1], 'base64').toString();
		assert.equal(readQr(modulesOfSvg(svg)), ready.pickup);
		assert.ok((await phone.locator('section.licence').first().innerText()).includes(ready.pickup), 'and the digits');
		await decent(phone, 'zh');
		await phone.context().close();
		assert.equal(await scan(wu, readQr(modulesOfSvg(svg))), 'Hand over');
		const typed = `${ready.pickup.slice(0, 3)} ${ready.pickup.slice(3)}`;
		assert.equal(await scan(wu, typed), 'Hand over');
		await decent(wu, 'en');
		assert.match(await wu.locator('.verdict').innerText(), /沂源<b>甲<\/b>家常菜馆[\s\S]*The old certificate/);
		// Without the tick for the old one nothing is recorded, also without the browser's own check.
		await wu.$eval('.verdict form', (f) => { f.noValidate = true; });
		await wu.click('.verdict button');
		assert.match(await wu.locator('[role=alert]').innerText(), /Take the old certificate back first/);
		assert.equal(await world.sql(`SELECT status FROM application WHERE id = ${ready.id}`), 'ready');
		// By keyboard alone.
		await scan(wu, ready.pickup);
		await wu.locator('input[name=old]').focus();
		await wu.keyboard.press('Space');
		await wu.keyboard.press('Tab');
		await enter(wu);
		assert.match(await wu.locator('[role=status]').innerText(), /it was handed over/);
		await decent(wu, 'en');
		await world.next(ready.phone, /办理完成/);
		assert.equal(await world.sql(`SELECT status || ' ' || (old_received_at IS NOT NULL) FROM application WHERE id = ${ready.id}`), 'collected true');
		assert.equal(await world.sql(`SELECT string_agg(DISTINCT actor, '') FROM trail WHERE application_id = ${ready.id} AND kind IN ('collected', 'old_received')`), 'staff:wu');
		assert.equal(await scan(wu, ready.pickup), 'Handed over already');
		assert.equal(await wu.locator('.verdict button').count(), 0);
		await wu.context().close();
	});

	test('codes that are no good say why, and guessing has an end', async () => {
		const [, , , c] = people, page = await enters('zhou', { locale: 'en-GB' });
		const says = async (text, words) => { await scan(page, text); assert.match(await page.locator('[role=alert]').innerText(), words); };
		await says('hello', /neither a QR code/);
		await says('x'.repeat(480), /neither a QR code/);
		await says('<script>alert(1)</script>', /neither a QR code/);
		const flipped = c.link.slice(0, -3) + (c.link.at(-3) === 'A' ? 'B' : 'A') + c.link.slice(-2);
		await says(flipped, /was changed/);
		await world.sql(`UPDATE access_grant SET revoked_at = now() FROM conversation v WHERE v.id = conversation_id AND v.phone = '${c.phone}'`);
		await says(c.link, /There is a newer one/);
		await world.sql(`UPDATE access_grant SET revoked_at = NULL, expires_at = now() FROM conversation v WHERE v.id = conversation_id AND v.phone = '${c.phone}'`);
		await says(c.link, /has expired/);
		await decent(page, 'en');
		const used = await world.sql("SELECT string_agg(pickup_code, ',') FROM application WHERE pickup_code <> ''");
		let n = 0;
		const guess = () => { do n++; while (used.includes(String(n).padStart(6, '0'))); return String(n).padStart(6, '0'); };
		await says(guess(), /No application has this code.*Typed: 0000\d\d/s);
		// Ten at once, then one a minute; neither does a right one open anything meanwhile. Whether a minute has just passed
		// between two of them is the machine's affair: then it is tried again.
		const refused = async (text) => { await scan(page, text); return /Too many codes/.test(await page.locator('.verdict').first().innerText()); };
		let closed = false;
		for (let i = 0; i < 60 && !closed; i++) closed = await refused(guess()) && await refused(used.split(',')[0]);
		assert.ok(closed);
		await decent(page, 'en');
		assert.ok(Number(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'counter_refused' AND name = 'zhou'")) > 10);
		assert.ok(!(await page.content()).includes('<script>alert'));
		await page.context().close();
	});

	test('issued on a pledge: what the check found is noted, the holder is told, the record marked and cleared', async () => {
		for (const c of people.slice(4)) {
			await invite(world, c);
			const page = await open(browser);
			await page.goto(c.link);
			await page.fill('#id1', c.tail);
			await page.click('form.card button');
			await page.check('input[name=old][value=on_site]');
			await page.check('input[name=delivery][value=pick_up]');
			await page.click('form:has(input[name=old]) > button');
			await page.click('button[value=agree]');
			await world.next(c.phone, /申请已提交/);
			await world.next(c.phone, /先行发证/);
			await page.context().close();
			c.id = await world.sql(`SELECT a.id FROM application a JOIN conversation v ON v.id = a.conversation_id WHERE v.phone = '${c.phone}'`);
		}
		const [kept, broken] = people.slice(4), list = `${world.staffUrl}/worklists/check`;
		const zhou = await enters('zhou', { locale: 'en-GB', width: 1280, script: true }), wu = await enters('wu', { locale: 'zh-CN' });
		// A mark does not do instead of an outcome, and who may not decide records none.
		await wu.goto(list);
		assert.equal(await wu.locator('button[value=passed]').count(), 0);
		for (const box of await wu.locator('input[name=entry]').all()) await box.check();
		await wu.click('.bulk button[value=done]');
		assert.match(await wu.locator('[role=status]').innerText(), /已办完 0 条。 未办：2/);
		assert.match((await world.cli('worklist', 'done', await world.sql(`SELECT id FROM worklist WHERE application_id = ${kept.id} AND list = 'check'`))).stderr, /application check ID passed\|failed/);
		await wu.goto(`${world.staffUrl}/applications/${broken.id}`);
		assert.equal(await wu.locator('input[value=passed], input[value=failed]').count(), 0);
		await decent(wu, 'zh');
		await zhou.goto(list);
		await decent(zhou, 'en');
		await zhou.check(`tr:has(a[href="/applications/${kept.id}"]) input`);
		await zhou.click('.bulk button[value=passed]');
		assert.match(await zhou.locator('[role=status]').innerText(), /1 noted as kept/);
		await world.next(kept.phone, /核查已通过/);
		await zhou.click(`a[href="/applications/${broken.id}"]`);
		assert.match(await zhou.locator('.evidence').innerText(), /Pledged/);
		await accessible(zhou);
		await zhou.click('summary:has-text("It was not kept")');
		await zhou.fill('#why', '现场与承诺<b>不符</b>');
		await act(zhou, 'failed');
		assert.match(await zhou.locator('[role=status]').innerText(), /record is marked/);
		await world.next(broken.phone, /没有通过，原因：现场与承诺<b>不符<\/b>/);
		assert.match(await zhou.locator('.marks').innerText(), /stands[\s\S]*现场与承诺<b>不符/);
		assert.match(await zhou.locator('.trail').innerText(), /The pledge was not kept/);
		assert.equal(await zhou.locator('input[value=failed]').count(), 0, 'once');
		await accessible(zhou);
		await decent(zhou, 'en');
		await zhou.click('summary:has-text("Lift the mark")');
		await zhou.fill('#lift', '复查属实');
		await act(zhou, 'lift');
		assert.match(await zhou.locator('.marks').innerText(), /lifted .*zhou/);
		assert.equal(await world.sql(`SELECT actor || ' ' || (data->>'reason') FROM trail WHERE application_id = ${broken.id} AND kind = 'mark_lifted'`), 'staff:zhou 复查属实');
		await world.must('trail', 'verify', broken.id);
		assert.equal(await world.sql("SELECT string_agg(kind || ' ' || detail, ', ' ORDER BY id) FROM staff_event WHERE name = 'zhou' AND (kind = 'bulk_passed' OR detail IN ('failed', 'lift'))"),
			'bulk_passed 1 of 1 entries, acted failed, acted lift');
		await zhou.context().close();
		await wu.context().close();
	});
});
