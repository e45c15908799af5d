// Dialogs on the console: the picture with who waits where; wording edited, checked, published, undone; talks under way keep
// theirs or are moved; a draft is played.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { World, build, run } from '../lib/world.mjs';
import { accessible, decent, launch, open } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';

const PASSWORD = 'correct horse battery';

describe('dialogs on the console', { timeout: 400000 }, () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await Promise.all([World.start(), launch()]);
		people = await settle(world, Array.from({ length: 4 }, (_, i) => ({ name: `沂源${i}面馆`, language: i === 3 ? 'en' : 'zh' })));
		for (const [name, role] of [['zhou', 'look,send,write,manage'], ['wu', 'look,write'], ['li', 'look']]) {
			const r = await run(join(build, 'huizhi'), ['-c', world.conf, 'staff', 'add', name, '--role', role], { input: `${PASSWORD}\n` });
			assert.equal(r.code, 0, r.stderr);
		}
		await invite(world, people[0]);
		for (const c of people.slice(1)) await world.next(c.phone);
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	async function signIn(name, options = {}) {
		const page = await open(browser, { locale: 'en-GB', width: 1280, ...options });
		await page.goto(`${world.staffUrl}/`);
		await page.waitForURL(/\/sign-in/);
		await page.fill('#name', name);
		await page.fill('#password', PASSWORD);
		await page.click('form.card button');
		await page.waitForSelector('.counts');
		return page;
	}

	test('the picture shows who waits where, in both languages, on a phone and a desk', async () => {
		await world.say(people[1].phone, '不办', /./);
		for (const [locale, lang, width] of [['zh-CN', 'zh', 360], ['en-GB', 'en', 1280]]) {
			const page = await signIn('li', { locale, width, script: true });
			await page.goto(`${world.staffUrl}/dialogs`);
			await decent(page, lang);
			await accessible(page);
			const row = (name) => page.locator(`.picture tr:has(small:text-is("${name}")) td`);
			for (const until = Date.now() + 20000; Date.now() < until;) {
				await page.goto(`${world.staffUrl}/dialogs/renewal`);
				if ((await row('reminded').allInnerTexts()).join() === '2,4,1') break;
			}
			assert.deepEqual(await row('reminded').allInnerTexts(), ['2', '4', '1']);
			assert.deepEqual(await row('verify').allInnerTexts(), ['1', '1', '0']);
			assert.deepEqual(await row('declined').allInnerTexts(), ['', '1', '']);
			assert.equal(await page.locator('.picture svg rect').count(), 10);
			assert.match(await page.locator('.picture svg').textContent(), lang === 'zh' ? /已提醒\s*2/ : /Asked\s*2/);
			await decent(page, lang);
			await accessible(page);
			assert.equal((await page.goto(`${world.staffUrl}/dialogs/none`)).status(), 404);
			await page.context().close();
		}
	});
});
