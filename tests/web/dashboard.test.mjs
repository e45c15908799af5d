// The console's first page: its figures are those of the database, by the bureau's day; its plots say the same in a table.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, decent, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { addStaff, signIn } from '../lib/console.mjs';

describe('the first page of the console', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 3 }, (_, i) => ({ name: `沂源${i}面馆` })));
		await addStaff(world, { zhou: 'send,approve' });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (options) => signIn(world, browser, 'zhou', options);
	// What the page says under a heading, once it says it: figures are counted when somebody looks.
	async function says(page, selector, pattern) {
		let text;
		await world.until(async () => {
			await page.goto(`${world.staffUrl}/`);
			text = (await page.locator(selector).allTextContents()).join(' | ').replace(/\s+/g, ' ');
			return pattern.test(text);
		}, () => `${selector} says «${text}», not ${pattern}`);
		return text;
	}

	test('an empty office has a page too', async () => {
		const page = await enters({ locale: 'en-GB' });
		await decent(page, 'en');
		const main = await page.locator('main').innerText();
		assert.match(main, /Nothing waits for anybody/);
		assert.match(main, /Nobody has rated/);
		assert.match(main, /Nobody has left/);
		await page.context().close();
	});

	test('texts, answers, what waits and who left are counted', async () => {
		const page = await enters({ locale: 'en-GB' });
		await invite(world, people[0]);
		await world.next(people[1].phone);
		await world.say(people[1].phone, 'N', /./);
		await world.next(people[2].phone);
		await world.say(people[2].phone, '看不懂', /./);
		await says(page, '.counts li', /\b3 Answers \| 1 Not understood \| 1 Want it/);
		await says(page, '#drops ~ details td, #drops ~ details th', /Asked \| 3 \| 1 \(33%\)/);
		await world.sql("INSERT INTO worklist (bureau_id, list, phone, reason, created_at, due_on) VALUES (1, 'phone', '+8613', 'x', now() - interval '3 days 1 hour', current_date - 1), (1, 'phone', '+8614', 'x', now(), NULL)");
		await says(page, '.tabs li', /2 To phone 1 due ?oldest: 3 days \| 0 To read/);
		await page.context().close();
	});

	test('plots of what will be due, of the last days, and of the rating', async () => {
		// In the bureau's own days: Shanghai's midnight is 16:00 of the day before.
		await world.sql(`INSERT INTO message (bureau_id, id, created_at, phone, kind, text, state)
			SELECT 1, 800000000 + n, ((now() AT TIME ZONE 'Asia/Shanghai')::date - 3)::timestamp AT TIME ZONE 'Asia/Shanghai' + n * interval '1 hour',
			'+861', 'reminder', 'x', 'delivered' FROM generate_series(0, 47) n;
			INSERT INTO trail (bureau_id, at, actor, kind, data) SELECT 1, now() - n * interval '1 day', 'citizen', 'rated', jsonb_build_object('rating', n::text) FROM generate_series(1, 5) n;
			INSERT INTO trail (bureau_id, at, actor, kind, data) VALUES (1, now() - interval '1 day', 'citizen', 'rated', '{"rating": "5"}');
			INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, 'food-business-renewal', 'T' || n, (SELECT min(id) FROM holder),
			(now() AT TIME ZONE 'Asia/Shanghai')::date + n FROM generate_series(-3, 120) n;
			DELETE FROM figure_run WHERE topic = 'day'`);
		for (const [locale, lang, width, script] of [['zh-CN', 'zh', 360, true], ['en-GB', 'en', 1280, true]]) {
			const page = await enters({ locale, width, script });
			const day = (n) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() - n * 86400000));
			const days = await says(page, '#days ~ details td, #days ~ details th', new RegExp(`${day(3)} \\| 24 \\| 0 \\| ${day(2)} \\| 24 \\| 0`));
			assert.equal(days.match(/\d{4}-\d\d-\d\d/g).length, 14);
			const due = (await page.locator('#due ~ details td').allTextContents()).map(Number);
			assert.equal(due.length, 13);
			assert.equal(due[1], 7);
			assert.equal(due.reduce((a, b) => a + b), Number(await world.sql(`SELECT count(*) FROM licence WHERE expires_on
				BETWEEN (now() AT TIME ZONE 'Asia/Shanghai')::date AND (now() AT TIME ZONE 'Asia/Shanghai')::date + 90`)));
			assert.match(await page.locator('#rated ~ .legend').innerText(), /3\.3 .*6/);
			// The pictures have what the tables say: as many marks, a name, a description.
			assert.equal(await page.locator('svg[aria-labelledby="due due-is"] rect').count(), 13);
			assert.equal(await page.locator('svg[aria-labelledby="days days-is"] polyline').count(), 2);
			for (const svg of await page.locator('main svg').all()) {
				assert.equal(await svg.getAttribute('role'), 'img');
				assert.ok((await svg.locator('desc').innerHTML()).length > 5);
				const box = await svg.boundingBox();
				assert.ok(box.x >= 0 && box.x + box.width <= width, 'inside the page');
			}
			await decent(page, lang);
			await accessible(page);
			await page.context().close();
		}
	});

	test('a count that takes long keeps nobody waiting', async () => {
		const page = await enters({ locale: 'en-GB' });
		const text = 'Counted at';
		// Another daemon is at it, and what it counted last is an hour old.
		await world.sql("UPDATE figure_run SET took = interval '1 hour', counted_at = now() - interval '1 hour' WHERE NOT whole");
		await page.goto(`${world.staffUrl}/`);
		assert.match(await page.locator('main').innerText(), new RegExp(text));
		assert.ok(await page.locator('.counts li').count() > 5);
		await page.context().close();
	});
});
