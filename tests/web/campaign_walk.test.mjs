// As a new clerk would: from an empty database to a finished campaign of 5,000 rows, with three bad numbers, ten who want
// nothing, a canary and a pause; and that the report adds up to the carrier's own record. Then: no script, a phone's width,
// English; lists that are refused; a second person.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { BUREAU, run } from '../lib/world.mjs';
import { decent, start } from '../lib/browser.mjs';
import { act, addStaff, cookieOf, signIn } from '../lib/console.mjs';
import { day } from '../lib/people.mjs';

const shots = process.env.SCREENSHOTS;
const HEAD = 'item,licence_no,holder,phone,language,issued_on,expires_on,address,tags';
const row = (n, { phone = `1391${String(n).padStart(7, '0')}`, language = 'zh' } = {}) =>
	['food-business-renewal', `JY9${String(n).padStart(9, '0')}`, `沂源第${n}面馆`, phone, language, '', day(28), '历山路15号', '餐饮'].join(',');
const phone = (n) => `+861391${String(n).padStart(7, '0')}`;

describe('a campaign from nothing', () => {
	let world, browser;
	before(async () => {
		const bureau = BUREAU.replace('send_hours', 'part_cost = "0.045"\n\ttwo_person_over = 5000\n\tsend_hours');
		[world, browser] = await start({ bureaus: bureau, smsc: ['--fault', 'receipt-delay=0'] });
		await addStaff(world, { zhou: 'send', wu: 'send', looker: 'look' });
		if (shots) mkdirSync(shots, { recursive: true });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, options);
	async function look(page, lang, name) {
		await decent(page, lang);
		if (shots) await page.screenshot({ path: join(shots, `walk-${name}-${lang}-${page.viewportSize().width}.png`), fullPage: true });
	}
	const badge = (page, status) => page.waitForSelector(`h1 .badge.${status}`);
	const file = (name, lines) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(lines.join('\r\n')) });
	async function bring(page, name, list) {
		await page.goto(`${world.staffUrl}/campaigns/new`);
		await page.fill('#list-name', name);
		await page.setInputFiles('#file', list);
		await page.click('form[action="/campaigns/list"] > button');
		await page.waitForSelector('.live', { state: 'detached' });
	}

	test('5,000 rows, 3 bad numbers, 10 opted out, a canary, a pause: the report adds up to the carrier', async () => {
		for (let n = 100; n < 110; n++) await world.text(phone(n), '停止');
		for (let n = 100; n < 110; n++) await world.next(phone(n));
		const lines = [HEAD, ...Array.from({ length: 5000 }, (_, n) => row(n, { phone: { 7: '1380', 8: '12345', 4000: '' }[n], language: n % 50 === 0 ? 'en' : 'zh' }))];
		const page = await enters('zhou', { width: 1280, script: true });
		await page.click('nav a[href="/campaigns"]');
		await look(page, 'zh', 'empty');
		await page.click('.title .button');
		await look(page, 'zh', 'new');
		await bring(page, '十二月', file('十二月.csv', lines));
		await page.waitForSelector('.big');
		await look(page, 'zh', 'who');
		assert.match(await page.locator('[role=alert]').innerText(), /改正 2 处手机号，补填 1 处手机号/);
		assert.deepEqual((await page.locator('tbody tr').first().innerText()).split('\t').slice(0, 3), ['9', '手机号', '1380']);
		assert.match(await page.locator('.big').innerText(), /^4,987/);
		assert.match(await page.locator('.left').innerText(), /10\s+本人要求不再接收/);
		await page.click('.doing a.button');
		await look(page, 'zh', 'what');
		assert.match(await page.locator('.phone').first().innerText(), /^【沂源审批】您好/);
		assert.match(await page.locator('.phones').innerText(), /英文[^]*Reply Y to go ahead/);
		await page.click('.doing a.button');
		await page.fill('#canary', '20');
		await page.fill('#rate', '100');
		await look(page, 'zh', 'when');
		await page.click('.doing button');
		await look(page, 'zh', 'send');
		assert.equal(await page.locator('.go').innerText(), '发送 4,987 条短信');
		await page.click('.go');
		await badge(page, 'canary');
		await page.waitForFunction(() => document.querySelector('.t-delivered b')?.innerText === '20');
		await look(page, 'zh', 'held');
		await act(page, 'resume');
		await badge(page, 'running');
		await act(page, 'pause');
		await badge(page, 'paused');
		const left = Number((await page.locator('.t-waiting b, .t-queued b').first().innerText()).replace(',', ''));
		assert.ok(left > 0, 'a pause holds some back');
		await look(page, 'zh', 'paused');
		// Slow enough to be paused on any machine, and now as fast as it goes.
		await world.sql('UPDATE campaign SET rate = 5000 WHERE id = 1');
		await act(page, 'resume');
		await world.daemon.line(/campaign=1 done/, { seconds: 400 }); // the whole sending, as long as this machine takes
		await badge(page, 'done');
		await page.waitForFunction(() => document.querySelector('.t-delivered b')?.innerText === '4,987');
		await look(page, 'zh', 'done');
		const csv = await page.evaluate(async () => (await fetch('/campaigns/1/report.csv')).text());
		const rows = csv.trim().split('\r\n').slice(1).map((l) => l.split(','));
		const submits = (await world.record('submit')).filter((r) => r.status === 0 && /1391\d{7}$/.test(r.dest));
		const told = new Map();
		for (const s of submits) told.set(`+${s.dest.replace(/^\+/, '')}`, (told.get(`+${s.dest.replace(/^\+/, '')}`) ?? 0) + 1);
		for (let n = 100; n < 110; n++) told.delete(phone(n));
		assert.equal(rows.length, 4987);
		assert.deepEqual(rows.filter((r) => r[5] !== 'delivered' || told.get(r[0]) !== Number(r[7])).slice(0, 3), [], 'each as often as the carrier took parts');
		assert.equal(told.size, 4987, 'and nobody else');
		// Brought once more in another order under another name: it is the same list.
		await bring(page, '又来', file('another.csv', [HEAD, ...lines.slice(1).reverse()]));
		await page.goto(`${page.url().split('?')[0]}?step=send`);
		assert.equal(await page.locator('.go').count(), 0, 'nobody is left to be told');
		assert.match(await page.locator('[role=alert]').first().innerText(), /这份名单已经发过，不会再发一遍。见：\s*十二月/);
		await page.context().close();
	});

	test('100,000 rows in GB18030, nearly all of them bad: counted, shown, downloaded, mended; one row more is refused', async () => {
		// What people have in a full table: 170 octets a row. The good ones cost the database, the bad ones only us.
		const wide = (n, number) => `food-business-renewal,W9${n},沂源县南麻街道第${n}号面馆,${number},zh,2021-12-20,${day(28)},山东省淄博市沂源县南麻街道历山路${n % 300}号附${n % 7}号,餐饮;小微`;
		const text = ['item,licence_no,holder,phone,language,issued_on,expires_on,address,tags'];
		for (let n = 0; n < 100000; n++) text.push(wide(n, n < 200 ? `1393${String(n).padStart(7, '0')}` : n === 7777 ? '' : '1380'));
		writeFileSync(join(world.dir, 'wide.csv'), text.join('\r\n'));
		const list = await run('/usr/bin/iconv', ['-f', 'UTF-8', '-t', 'GB18030', '-o', join(world.dir, 'wide.gb'), join(world.dir, 'wide.csv')]);
		assert.equal(list.code, 0, list.stderr);
		const page = await enters('zhou', { width: 1280, script: true });
		const steps = [];
		page.on('response', async (r) => { if (r.url().endsWith('/live')) steps.push(await r.text().catch(() => '')); });
		await bring(page, '十万', join(world.dir, 'wide.gb'));
		await page.waitForSelector('.big');
		await look(page, 'zh', 'hundred-thousand');
		assert.match(await page.locator('[role=alert]').innerText(), /改正 99,799 处手机号，补填 1 处手机号/);
		assert.match(await page.locator('main').innerText(), /行数 100,000 · 可以发 200 · 要改 99,800\s+GB18030/);
		assert.equal(await page.locator('thead + tbody tr').count(), 20);
		assert.match(await page.locator('.big').innerText(), /^200/);
		assert.ok(steps.some((s) => /正在读名单|正在把没问题的行入库|正在计算发给谁/.test(s)), 'the page says how far it is');
		const id = Number(page.url().match(/campaigns\/(\d+)/)[1]);
		const refused = (await (await fetch(`${world.staffUrl}/campaigns/${id}/refused.csv`, { headers: { Cookie: await cookieOf(page) } })).text()).split('\r\n');
		assert.equal(refused.length, 99802, 'a header, a row each, the end');
		assert.match(refused[0], /^\ufeff?行号,问题,item,licence_no,/);
		assert.equal(refused[1], `202,手机 不是电话号码，请写一个手机号,${wide(200, '1380')}`);
		assert.equal(refused[7777 - 199], `7779,手机 没有填，请补上手机号，或者删掉这一行,${wide(7777, '')}`);
		// Two are mended, one of them wrongly; they are brought as they were downloaded.
		await page.click('summary:has-text("换一份名单")');
		await page.setInputFiles('#file', file('mended.csv', [refused[0], refused[1].replace(',1380,', ',13938000200,'), refused[2]]));
		await page.click('form[enctype] > button');
		await page.waitForSelector('.live', { state: 'detached' });
		await page.waitForSelector('.big');
		assert.match(await page.locator('.big').innerText(), /^1\D/);
		const again = (await (await fetch(`${world.staffUrl}/campaigns/${id}/refused.csv`, { headers: { Cookie: await cookieOf(page) } })).text()).split('\r\n');
		assert.deepEqual([again.length, again[0].replace('\ufeff', '')], [3, refused[0].replace('\ufeff', '')], 'our columns are not there twice');
		// One more than there may be: nothing of it is taken, and the page says what to do.
		await bring(page, '太多', file('more.csv', ['licence_no', ...Array.from({ length: 100001 }, (_, n) => `M${n}`)]));
		assert.match(await page.locator('[role=alert]').first().innerText(), /一份名单最多 100,000 行，请分成几份/);
		// Whoever may not send has no business with what was brought; another day's daemon does not have it.
		const looker = await enters('looker');
		assert.equal((await looker.goto(`${world.staffUrl}/campaigns/${id}/refused.csv`)).status(), 403);
		assert.equal(await page.evaluate(async () => (await fetch('/campaigns/9999/refused.csv')).status), 404);
		for (const p of [page, looker]) await p.context().close();
	});

	test('without script, at a phone’s width, in English: what is wrong with a file, a pasted list, a second person, a set time', async () => {
		writeFileSync(world.conf, readFileSync(world.conf, 'utf8').replace('two_person_over = 5000', 'two_person_over = 30'));
		const from = world.daemon.lines.length;
		world.daemon.child.kill('SIGHUP');
		await world.daemon.line(/pages read again/, { from });
		const page = await enters('wu', { locale: 'en-GB', width: 360 });
		await bring(page, 'book', { name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('PK\u0003\u0004....') });
		assert.match(await page.locator('[role=alert]').first().innerText(), /cannot be used: this is a workbook, not CSV/);
		assert.equal(await page.locator('.big').count(), 0, 'and nothing else is said of it');
		await look(page, 'en', 'refused');
		await page.click('summary:has-text("Discard")');
		await act(page, 'stop');
		await badge(page, 'stopped');
		await page.goto(`${world.staffUrl}/campaigns/new`);
		await page.fill('#list-name', 'nothing');
		await page.click('form[action="/campaigns/list"] > button');
		assert.match(await page.locator('[role=alert]').innerText(), /no list/);
		// Cells as a spreadsheet copies them: tabs, Chinese names of columns.
		await page.fill('#list-name', '<b>pasted</b>');
		await page.click('form[action="/campaigns/list"] summary');
		await page.fill('#pasted', ['序号\t证照编号\t事项\t持有人\t手机号\t有效期至', ...Array.from({ length: 40 }, (_, n) => `${n}\tP${n}\t食品经营许可证延续\t第${n}馆\t1392${String(n).padStart(7, '0')}\t${day(20)}`)].join('\n'));
		await page.click('form[action="/campaigns/list"] > button');
		await page.waitForSelector('.big');
		assert.ok(!(await page.content()).includes('<b>pasted'), 'a name is not markup');
		assert.match(await page.locator('.big').innerText(), /^40/);
		await look(page, 'en', 'who');
		const url = page.url().split('?')[0], id = url.split('/').pop();
		await page.goto(`${url}?step=what`);
		await look(page, 'en', 'what');
		await page.goto(`${url}?step=when`);
		await page.check('input[value=later]');
		await page.fill('#date', '2020-01-01');
		await page.click('.doing button');
		assert.match(await page.locator('[role=alert]').innerText(), /time has passed/);
		await page.check('input[value=later]');
		await page.fill('#date', day(2));
		await page.fill('#time', '09:30');
		await look(page, 'en', 'when');
		await page.click('.doing button');
		await look(page, 'en', 'send');
		assert.match(await page.locator('.warn').innerText(), /second person/);
		await page.click('.go');
		await badge(page, 'waiting');
		assert.equal(await page.locator('.go').count(), 0, 'not the same person');
		await look(page, 'en', 'waiting');
		const other = await enters('zhou', { width: 1280 });
		await other.goto(url);
		await other.click('.go');
		await badge(other, 'scheduled');
		await look(other, 'zh', 'scheduled');
		await act(other, 'back');
		await badge(other, 'draft');
		assert.equal(await world.sql(`SELECT count(*) FROM conversation WHERE campaign_id = ${Number(id)}`), '0');
		// Who may only look sees it, and may do nothing; no form of another page is taken, and nothing of it is kept.
		const looker = await enters('looker');
		await looker.goto(url);
		assert.equal((await looker.goto(`${world.staffUrl}/campaigns/new`)).status(), 403);
		const body = new FormData();
		for (const [k, v] of [['token', 'x'.repeat(43)], ['name', 'forged']]) body.append(k, v);
		body.append('file', new Blob([`${HEAD}\n${row(6000)}`]), '../../forged.csv');
		const cookie = await cookieOf(page);
		assert.equal((await fetch(`${world.staffUrl}/campaigns/list`, { method: 'POST', body, headers: { Cookie: cookie }, redirect: 'manual' })).status, 403);
		assert.equal((await fetch(`${world.staffUrl}/campaigns/list`, { method: 'POST', body: 'x', headers: { Cookie: cookie, 'Content-Type': 'multipart/form-data; boundary=y' }, redirect: 'manual' })).status, 400);
		assert.equal(await world.sql("SELECT count(*) FROM campaign WHERE name = 'forged'"), '0');
		// What does not change is not sent again; what a page holds is.
		for (const path of ['/style.css', '/live.js', '/icon.svg']) {
			const whole = await fetch(world.staffUrl + path), tag = whole.headers.get('etag');
			assert.match(tag, /^"[0-9a-f]{32}"$/, path);
			assert.ok((await whole.text()).length > 100);
			const again = await fetch(world.staffUrl + path, { headers: { 'If-None-Match': `W/"x", ${tag}` } });
			assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', tag], path);
			assert.equal((await fetch(world.staffUrl + path, { headers: { 'If-None-Match': '"x"' } })).status, 200, path);
		}
		assert.equal((await fetch(`${world.staffUrl}/sign-in`)).headers.get('etag'), null);
		// On trial every page says so, and the count says who is held back by it.
		assert.equal(await other.locator('#trial').count(), 0);
		writeFileSync(world.conf, readFileSync(world.conf, 'utf8').replace('two_person_over = 30', 'two_person_over = 30\n\ttrial_phones = {"13920000001", "13920000002"}'));
		const before = world.daemon.lines.length;
		world.daemon.child.kill('SIGHUP');
		await world.daemon.line(/pages read again/, { from: before });
		await other.goto(`${url}?step=who`);
		await act(other, 'count');
		await other.waitForFunction(() => /^2\D/.test(document.querySelector('.big')?.innerText ?? ''));
		assert.match(await other.locator('#trial').innerText(), /试运行：提醒只发给团队自己的手机（2 个）/);
		assert.match(await other.locator('.left').innerText(), /38\s+试用期/);
		await look(other, 'zh', 'trial');
		await page.goto(world.staffUrl);
		assert.match(await page.locator('#trial').innerText(), /only to the team’s own phones \(2\)/);
		await look(page, 'en', 'trial');
		for (const p of [page, other, looker]) await p.context().close();
	});
});
