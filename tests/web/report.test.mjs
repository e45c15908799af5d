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

	test('a count that took long is shown again, with its moment; one of other days is not it', async () => {
		const page = await enters('zhou', { locale: 'en-GB' }), path = `${world.staffUrl}/report?from=2021-01-01&to=2021-12-31`, counted = /Counted at \d{4}-\d\d-\d\d \d\d:\d\d/;
		// Somebody keeps a table of its own until the report has waited for it so long that it counts as long.
		const holds = world.sql("BEGIN; LOCK TABLE reminder IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)").catch(() => 'given back');
		await world.becomes("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'reminder'::regclass", '1');
		const asked = page.goto(path);
		await world.becomes("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%AS first_day%' AND clock_timestamp() - query_start > interval '1.1 seconds'", 't');
		await world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND pid <> pg_backend_pid()");
		assert.equal(await holds, 'given back');
		await asked;
		assert.doesNotMatch(await page.locator('main').innerText(), counted);
		await page.goto(path);
		assert.match(await page.locator('main').innerText(), counted);
		await decent(page, 'en');
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
