// A citizen's whole way on the page, in real Chromium against the real daemon: both languages, a small phone and a desktop,
// script off and on; and the texts that carry on from what was done there.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decent, open, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>& Söhne`;
const WAYS = [];
for (const language of ['zh', 'en'])
	for (const width of [360, 1280])
		for (const script of [false, true]) WAYS.push({ language, width, script });
const WORDS = {
	zh: { check: '请先确认是您本人', apply: '请核对并提交申请', done: '办理进度', submitted: '已提交，正在审核', text: /申请已提交/, other: 'English' },
	en: { check: 'First, is this you?', apply: 'Check and submit', done: 'Progress of your application', submitted: 'Submitted, being examined',
		text: /is with us/, other: '中文' },
};

describe('the citizen page, walked', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, WAYS.map((w, i) => ({ ...w, name: i % 2 ? `${HOSTILE} ${i}` : `沂源县海风渔家菜馆${i}号店`,
			address: i % 2 ? `12 Harbour Road </textarea>${HOSTILE}` : undefined })));
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	for (const [i, way] of WAYS.entries())
		test(`${way.language}, ${way.width} pixels, script ${way.script ? 'on' : 'off'}`, async () => {
			const c = await invite(world, people[i]);
			const page = await open(browser, way);
			const words = WORDS[way.language];
			const courier = i % 4 < 2;

			// Before identity is proven: the office, the licence, a mask. Nothing personal.
			assert.equal((await page.goto(c.link)).status(), 200);
			await decent(page, way.language);
			assert.equal(await page.locator('h1').innerText(), words.check);
			const early = await page.content();
			assert.ok(early.includes('沂源县行政审批服务局'), 'says who the bureau is');
			for (const secret of [c.name, c.address, c.number, c.licence_no, c.phone, '&lt;script', '<script'])
				assert.ok(!early.includes(secret), `${secret} is shown before the check`);
			assert.ok(early.includes(`***${c.licence_no.slice(-4)}`));

			// A slip is told, and does not lose the way.
			await page.fill('#id1', '12');
			await page.click('form.card button');
			assert.match(await page.locator('[role=alert]').innerText(), /6/);
			await decent(page, way.language);
			await page.fill('#id1', c.tail === '000000' ? '000001' : '000000');
			await page.click('form.card button');
			assert.match(await page.locator('[role=alert]').innerText(), /4/);
			await page.fill('#id1', ` ${c.tail.toLowerCase()} `);
			await page.click('form.card button');

			// The prefilled application.
			await page.waitForSelector('input[name=old]');
			assert.equal(await page.locator('h1').innerText(), words.apply);
			await decent(page, way.language);
			const shown = await page.locator('section.licence').innerText();
			for (const known of [c.licence_no, c.name, c.address]) assert.ok(shown.includes(known), `${known} is missing in ${shown}`);
			assert.ok(page.url().startsWith(c.link));
			assert.ok(!(await page.content()).includes(c.number), 'the identity number is never shown');

			// The address is asked only of who wants a courier.
			await page.check('input[name=delivery][value=pick_up]');
			assert.equal(await page.locator('#address').isVisible(), false);
			await page.check('input[name=delivery][value=courier]');
			assert.equal(await page.inputValue('#address'), c.address);
			await page.fill('#address', '路');
			await page.check(`input[name=old][value=${courier ? 'courier' : 'on_site'}]`);
			await page.click('button:has-text("' + (way.language === 'zh' ? '提交申请' : 'submit') + '")');
			assert.equal(await page.locator('[role=alert]').count(), 1, 'an address of one character is refused');
			assert.equal(await page.isChecked(`input[name=old][value=${courier ? 'courier' : 'on_site'}]`), true, 'what was chosen is kept');
			await decent(page, way.language);
			if (courier) await page.fill('#address', `${c.address} <b>B</b>`);
			else await page.check('input[name=delivery][value=pick_up]');
			await page.click('button:has-text("' + (way.language === 'zh' ? '提交申请' : 'submit') + '")');

			// Done; the text says so too.
			await page.waitForSelector('.way');
			assert.equal(await page.locator('h1').innerText(), words.done);
			assert.equal(await page.locator('.status').innerText(), words.submitted);
			await decent(page, way.language);
			assert.equal(await page.locator('.counter img').evaluate((e) => e.complete && e.naturalWidth > 0), true, 'the QR code is drawn');
			assert.match(await world.next(c.phone), words.text);
			const row = await world.sql(`SELECT a.status, a.old_certificate, a.delivery, a.verified_by <> '', c.step, g.used_at IS NOT NULL
				FROM application a JOIN conversation c ON c.id = a.conversation_id JOIN access_grant g ON g.conversation_id = c.id
				WHERE c.phone = '${c.phone}'`);
			assert.equal(row, `submitted|${courier ? 'courier' : 'on_site'}|${courier ? 'courier' : 'pick_up'}|t|submitted|t`);
			const trail = await world.sql(`SELECT string_agg(t.kind, ' ' ORDER BY t.id) FROM trail t JOIN conversation c
				ON c.id = t.conversation_id WHERE c.phone = '${c.phone}'`);
			for (const kind of ['opened', 'identity_refused', 'verified', 'confirmed', 'old_certificate_chosen', 'delivery_chosen', 'submitted'])
				assert.ok(trail.split(' ').includes(kind), `${kind} is missing in the trail: ${trail}`);

			// The other language is one press away, and stays.
			await page.click(`nav a:has-text("${words.other}")`);
			await decent(page, way.language === 'zh' ? 'en' : 'zh');
			await page.goto(c.link);
			assert.equal(await page.evaluate(() => document.documentElement.lang), way.language === 'zh' ? 'en' : 'zh');

			// Another browser with the same link has proven nothing.
			const stranger = await open(browser, { width: way.width, locale: 'en-GB' });
			await stranger.goto(c.link);
			assert.ok(!(await stranger.content()).includes(c.licence_no));
			assert.equal(await stranger.locator('#id1').count(), 1);
			await stranger.context().close();
			// Signing out forgets it here as well.
			await page.click('form.leave button');
			await page.waitForSelector('#id1');
			assert.deepEqual(page.complaints, []);
			await page.context().close();
		});
});
