// Every page that links lead to, of the console and for citizens, in Chinese on a phone and in English on a desk, while every
// text in the store is an attack: nothing of it becomes markup, and axe-core finds nothing. Then the keyboard alone.
// HUIZHI_SCREENSHOTS=FOLDER keeps a picture of each.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { accessible, decent, enter, open, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { PASSWORD, addStaff, cookieOf, signIn } from '../lib/console.mjs';
import { apply, prove } from '../lib/visits.mjs';

const EVIL = '"\'><img src=x onerror=alert(1)><evil-probe></evil-probe><script>alert(2)</script>{token}';

describe('the quality of every page', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 3 }, (_, i) => ({ name: `${EVIL.slice(0, 50)}${i}` })));
		await addStaff(world, { zhou: 'look,send,write,approve,manage' });
		for (const c of people) await invite(world, c);
		await world.must('campaign', 'create', '--item', 'food-business-renewal', '--name', EVIL.slice(0, 60)).catch(() => {});
		await poison();
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	// Every free text of every table that pages read, and a few rows of their own.
	async function poison() {
		const evil = EVIL.replaceAll("'", "''");
		await world.sql(`
			INSERT INTO worklist (bureau_id, list, application_id, phone, reason) SELECT 1, l, (SELECT min(id) FROM application), '', '${evil}' FROM unnest(ARRAY['phone','read','approve','collect','send','check']) l ON CONFLICT DO NOTHING;
			INSERT INTO campaign (bureau_id, name, on_date, status, created_by, started_at, scanned_at) VALUES (1, '${evil}', current_date, 'paused', '${evil}', now(), now());
			INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash, error) SELECT 1, 900000001, now(), 'east', 's', 1, '${people[0].phone}', '1', '${evil}', '', '${evil}';
			UPDATE holder SET name = '${evil}', tags = ARRAY['${evil}'];
			UPDATE licence SET licence_no = '${evil}' || id, facts = jsonb_build_object('${evil}', '${evil}');
			UPDATE message SET text = '${evil}', error = '${evil}', wording = '${evil}', link = '${evil}';
			UPDATE application SET decision_reason = '${evil}', tracking_no = '${evil}', decided_by = '${evil}', verified_by = '${evil}';
			UPDATE worklist SET reason = '${evil}';
			UPDATE link_state SET error = '${evil}', host = '${evil}';
			UPDATE conversation SET outcome = '${evil}', slots = jsonb_build_object('note', '${evil}');
			INSERT INTO staff_event (bureau_id, name, kind, subject, detail, address) VALUES (1, '${evil}', 'refused', '${evil}', '${evil}', '${evil}');
			INSERT INTO trail (bureau_id, at, application_id, actor, kind, data) SELECT 1, now(), min(id), '${evil}', '${evil}', jsonb_build_object('${evil}', '${evil}') FROM application;
			INSERT INTO dialog_version (bureau_id, dialog, version, state, based_on, flow, note, begun_by, changed_by, published_by, published_at)
				VALUES (1, 'change', 1001, 'published', 1, '${evil}', '${evil}', '${evil}', '${evil}', '${evil}', now());
			INSERT INTO wording_version VALUES (1, 'change', 1001, 'zh', '${evil}')`);
	}

	const enters = (options) => signIn(world, browser, 'zhou', { script: true, ...options });

	// One page for each kind of address: numbers and names stand for all of theirs.
	const kindOf = (path) => path.replace(/\?.*/, '').replace(/\/\d+|\/\+\d+|\/draft/g, '/:').replace(/\/texts\/\w+/, '/texts/:')
		.replace(/\/worklists\/\w+/, '/worklists/:').replace(/\/dialogs\/(?!renewal)\w+/, '/dialogs/renewal');

	// All that is wrong with the pages is told at once.
	const faults = [];
	async function sound(page, lang, name) {
		await look(page, lang, name).catch((e) => faults.push(`${page.url().replace(/.*?:\d+/, '')}: ${e.message}`));
	}
	function none() { assert.deepEqual(faults.splice(0), []); }
	async function look(page, lang, name) {
		await decent(page, lang);
		assert.equal(await page.locator('evil-probe').count(), 0, `${page.url()} lets markup through`);
		assert.ok(!(await page.content()).match(/<img src="?x/), page.url());
		await accessible(page);
		if (process.env.HUIZHI_SCREENSHOTS)
			await page.screenshot({ path: join(process.env.HUIZHI_SCREENSHOTS, `${name.replace(/\W+/g, '_')}.${lang}.png`), fullPage: true });
	}

	for (const [locale, lang, width] of [['zh-CN', 'zh', 360], ['en-GB', 'en', 1280]]) {
		test(`the console in ${lang} at ${width} pixels`, async () => {
			const page = await enters({ locale, width });
			const todo = ['/', '/dialogs/renewal/texts/reminder', '/dialogs/renewal/versions'], seen = new Map();
			while (todo.length > 0) {
				const path = todo.shift(), kind = kindOf(path);
				if (seen.has(kind)) continue;
				const answer = await page.goto(world.staffUrl + path);
				seen.set(kind, answer.status());
				if (answer.status() !== 200) faults.push(`${path} -> ${answer.status()}`);
				await sound(page, lang, `console ${kind}`);
				for (const href of await page.locator('main a[href^="/"], .menu nav a, .menu form a').evaluateAll((l) => l.map((a) => a.getAttribute('href'))))
					if (!/\.(csv|svg|png|txt|json)(\?|$)|^\/sign-out|lang=/.test(href)) todo.push(href);
			}
			assert.ok(seen.size >= 14, `only ${[...seen.keys()].join(' ')}`);
			await page.goto(`${world.staffUrl}/nowhere`);
			await sound(page, lang, 'console nowhere');
			await page.context().close();
			none();
		});

		test(`the citizens' pages in ${lang} at ${width} pixels`, async () => {
			const citizen = people[lang === 'zh' ? 0 : 1];
			const page = await open(browser, { locale, width, script: true });
			for (const path of ['/', '/nowhere', '/r/AAAA']) {
				await page.goto(world.publicUrl + path);
				await sound(page, lang, `citizen ${path}`);
			}
			await page.goto(`${citizen.link}?lang=${lang}`);
			await sound(page, lang, 'citizen identity');
			await prove(page, citizen);
			await page.waitForSelector('input[name=old]');
			await sound(page, lang, 'citizen apply');
			await apply(page);
			await sound(page, lang, 'citizen progress');
			await page.context().close();
			none();
		});
	}

	test('with the keyboard alone: everything is reached in order, and where one is shows', async () => {
		const page = await open(browser, { locale: 'en-GB', width: 1280, script: true });
		await page.goto(`${world.staffUrl}/sign-in`);
		const focus = () => page.evaluate(() => {
			const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
			return { id: e.id, tag: e.tagName, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, there: box.width > 0 && box.height > 0,
				text: (e.innerText || '').slice(0, 40) };
		});
		const tabTo = async (wanted, most = 60) => {
			for (let i = 0; i < most; i++) {
				await page.keyboard.press('Tab');
				const f = await focus();
				if (f.tag === 'BODY') continue;
				assert.ok(f.outline, `where one is does not show: ${JSON.stringify(f)}`);
				if (wanted(f)) return f;
			}
			assert.fail(`the keyboard never comes to ${wanted}`);
		};
		// The first stop leads past the menu.
		const first = await tabTo(() => true);
		assert.match(first.text, /skip|main|content/i);
		await tabTo((f) => f.id === 'name');
		await page.keyboard.type('zhou');
		await tabTo((f) => f.id === 'password');
		await page.keyboard.type(PASSWORD);
		await enter(page);
		await page.waitForSelector('.counts');
		await tabTo((f) => f.text === 'Dialogs');
		await enter(page);
		assert.match(page.url(), /\/dialogs/);
		// Every control of the longest forms is reached, each once, from top to bottom.
		for (const path of ['/dialogs/renewal/texts/confirm', '/dialogs/renewal/flow', '/dialogs', '/webhooks']) {
			await page.goto(world.staffUrl + path);
			const all = await page.evaluate(() => [...document.querySelectorAll('main a[href], main button, main input:not([type=hidden]), main textarea, main select, main summary')]
				.filter((e) => e.checkVisibility()).length);
			const reached = [];
			await page.keyboard.press('Tab');
			for (let i = 0; i < all + 40; i++) {
				const at = await page.evaluate(() => document.activeElement.closest('main') ? [...document.querySelectorAll('main a[href], main button, main input:not([type=hidden]), main textarea, main select, main summary')]
					.filter((e) => e.checkVisibility()).indexOf(document.activeElement) : -1);
				if (at >= 0) reached.push(at);
				if (at === all - 1) break;
				await page.keyboard.press('Tab');
			}
			assert.deepEqual(reached, [...Array(all).keys()], path);
		}
		// A fault of a flow leads to where it is mended, and an address that is refused is told as such.
		await page.goto(`${world.staffUrl}/dialogs/renewal/flow`);
		await tabTo((f) => f.id === 'flow');
		await page.keyboard.press('Control+End');
		await page.keyboard.type('  anything');
		await tabTo((f) => /^Check/.test(f.text));
		await enter(page);
		await tabTo((f) => /^Flow, line \d+$/.test(f.text));
		await page.keyboard.press('Enter');
		await page.waitForURL(/#line-\d+$/);
		await accessible(page);
		await page.goto(`${world.staffUrl}/webhooks`);
		await tabTo((f) => f.id === 'url');
		await page.keyboard.type('https://10.1.2.3/hook');
		await enter(page);
		assert.match(await page.locator('[role=alert]').innerText(), /private network/);
		await accessible(page);
		await page.goto(`${world.staffUrl}/dialogs/renewal/texts/confirm`);
		await tabTo(() => true);
		// A change by keyboard: into the field, a word more, Tab to the button, Enter.
		await page.goto(`${world.staffUrl}/dialogs/renewal/texts/thanks`);
		await tabTo((f) => f.id === 'w-en');
		await page.keyboard.press('Control+End');
		await page.keyboard.type(' Goodbye.');
		await tabTo((f) => /^Keep/.test(f.text));
		await enter(page);
		assert.equal(await page.locator('.good').count(), 1);
		assert.match(await page.inputValue('#w-en'), / Goodbye\.$/);
		await page.context().close();
	});

	test('what is written into addresses and headers comes back as text, or not at all', async () => {
		const page = await enters({ locale: 'en-GB' });
		const cookie = await cookieOf(page);
		const evil = encodeURIComponent('"><evil-probe>');
		for (const path of [`/applications?status=${evil}`, `/applications?after=${evil}`, `/dialogs/renewal/versions?done=${evil}`, `/dialogs/renewal/versions/draft?with=${evil}`,
			`/dialogs/${evil}`, `/dialogs/renewal/texts/${evil}`, `/dialogs/renewal/play?language=${evil}`, `/dialogs/..%2f..%2fetc/texts`, '/dialogs/../../etc/passwd', `/phones/${evil}`,
			`/worklists/${evil}`, `/?lang=${evil}`, `/campaigns?before=${evil}`, '/style.css/../../../etc/passwd', '//evil.example/', '/dialogs/renewal%0d%0aX-Evil:1']) {
			const r = await fetch(world.staffUrl + path, { redirect: 'manual', headers: { Cookie: cookie, 'X-Forwarded-For': '"><evil-probe>', 'User-Agent': '<evil-probe>', 'Accept-Language': '<evil-probe>' } });
			const body = await r.text();
			assert.ok(!body.includes('<evil-probe'), path);
			assert.ok(r.status < 500, `${path} -> ${r.status}`);
			assert.equal(r.headers.get('x-evil'), null);
			assert.ok(!/evil\.example/.test(r.headers.get('location') || ''), path);
			assert.doesNotMatch(body, /root:.*:0:0:/);
		}
		await page.context().close();
	});
});
