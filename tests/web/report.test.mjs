// The page of figures and the forecast, its table as a file, and the letters of the phone list, in a real Chromium.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { accessible, decent, start } from '../lib/browser.mjs';
import { addStaff, signIn } from '../lib/console.mjs';
import { holder, remind } from '../lib/people.mjs';


describe('figures and letters on the console', () => {
	let world, browser;
	const people = [holder(1), holder(2)];
	before(async () => {
		[world, browser] = await start({ conf: 'seal_seconds = 0' });
		await addStaff(world, { zhou: 'look,send', lu: 'look' });
		await remind(world, people);
		await world.say(people[0].e164, 'Y', /核实身份/);
		await world.sql("INSERT INTO worklist (bureau_id, list, conversation_id, phone, reason) SELECT 1, 'phone', id, phone, 'no answer' FROM conversation");
	});
	after(async () => { await browser?.close(); await world?.stop(); });
	const enters = (name, options) => signIn(world, browser, name, options);

	test('in both languages, on a phone, for who cannot see it too; without signing in nothing', async () => {
		for (const path of ['/report', '/report.csv']) assert.equal((await fetch(world.staffUrl + path, { redirect: 'manual' })).headers.get('location'), '/sign-in');
		for (const [locale, lang, item] of [['zh-CN', 'zh', '食品经营许可证延续'], ['en-GB', 'en', 'Food']]) {
			const page = await enters('zhou', { locale, script: true });
			await page.goto(`${world.staffUrl}/report`);
			await decent(page, lang);
			await accessible(page);
			const table = await page.locator('table').first().innerText();
			assert.ok(table.includes(item), table);
			const cells = (await page.locator('table').first().locator('tbody tr').first().innerText()).split('\t').map((s) => s.trim());
			assert.deepEqual(cells.slice(1, 9), ['2', '2', '2', '2', '2', '2', '1', '1']);
			assert.equal(await page.locator('#forecast ~ .scroll tbody tr').count(), 12);
			await page.context().close();
		}
	});

	test('days are asked for; the table comes as a file', async () => {
		const page = await enters('zhou');
		await page.goto(`${world.staffUrl}/report?from=2020-01-01&to=2020-12-31`);
		assert.deepEqual((await page.locator('table').first().locator('tbody tr').first().innerText()).split('\t').slice(3, 7).map((s) => s.trim()), ['0', '0', '0', '0']);
		await page.goto(`${world.staffUrl}/report?from=--json&to=2026-02-31`);
		await decent(page, 'zh');
		const [file] = await Promise.all([page.waitForEvent('download'), page.click('a[href^="/report.csv"]')]);
		assert.match(readFileSync(await file.path(), 'utf8'), /^\ufeffbureau,service,item,/);
		await page.context().close();
	});

	test('letters are made by who may send, once', async () => {
		let page = await enters('lu');
		await page.goto(`${world.staffUrl}/report`);
		assert.equal(await page.locator('form[action="/letters"]').count(), 0);
		await page.context().close();
		page = await enters('zhou');
		await page.goto(`${world.staffUrl}/report`);
		const [file] = await Promise.all([page.waitForEvent('download'), page.click('form[action="/letters"] button')]);
		assert.equal(readFileSync(await file.path(), 'utf8').split('<article ').length, 3);
		assert.equal(await world.sql("SELECT string_agg(DISTINCT actor, ',') || count(*) FROM trail WHERE kind = 'letter_made'"), 'staff:zhou2');
		await page.goto(`${world.staffUrl}/report`);
		await page.click('form[action="/letters"] button');
		await page.waitForURL(/letters=none/);
		await page.context().close();
	});
});
