// Campaigns on the console in real Chromium: the list, one under way with its picture, pause, resume and stop, the report.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { decent, start } from '../lib/browser.mjs';
import { PASSWORD, act, addStaff, cookieOf, signIn } from '../lib/console.mjs';
import { holder } from '../lib/people.mjs';

const shots = process.env.SCREENSHOTS;

describe('campaigns on the console', () => {
	let world, browser, index = 0;
	before(async () => {
		[world, browser] = await start();
		await addStaff(world, { zhou: 'send,approve', wu: 'send,approve' });
		if (shots) mkdirSync(shots, { recursive: true });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, options);
	async function look(page, lang, name) {
		await decent(page, lang);
		if (shots) await page.screenshot({ path: join(shots, `campaign-${name}-${lang}-${page.viewportSize().width}.png`), fullPage: true });
	}
	async function crowd(tag, n) {
		const list = Array.from({ length: n }, () => holder(7000 + index++, { tags: tag, days: 25 }));
		await world.must('import', 'licences', world.csv(`${tag}.csv`, list.flatMap((h) => h.rows)));
		return list;
	}
	const badge = (page, status) => page.waitForSelector(`h1 .badge.${status}`);
	const rowsOf = (csv) => csv.trim().split('\r\n').map((l) => l.split(','));

	test('one under way: live with script, by reloading without, paused, resumed, and its report adds up', async () => {
		const list = await crowd('动态', 12);
		await world.faults({ 'receipt-state': `${list[0].e164}=UNDELIV`, 'invalid-destination': list[1].e164 });
		const { id } = await world.json('campaign', 'create', '<i>动态</i>"', '--tag', '动态', '--canary', '4');
		const page = await enters('zhou', { width: 1280, script: true });
		await page.goto(`${world.staffUrl}/campaigns`);
		await look(page, 'zh', 'list');
		assert.ok(!(await page.content()).includes('<i>动态'), 'a name is not markup');
		await page.click('.campaign a');
		await badge(page, 'draft');
		await world.must('campaign', 'start', String(id));
		await page.reload();
		// From here on the page finds out by itself.
		await badge(page, 'canary');
		assert.match(await page.locator('progress').getAttribute('max'), /^12$/);
		await page.waitForFunction(() => document.querySelector('progress').value === 4);
		await look(page, 'zh', 'held');
		const other = await enters('wu', { locale: 'en-GB' });
		await other.goto(`${world.staffUrl}/campaigns/${id}`);
		await look(other, 'en', 'held');
		await act(page, 'resume');
		await badge(page, 'done');
		// The other one's page is old: what it asks for is refused, and it sees how things stand.
		await act(other, 'resume');
		await badge(other, 'done');
		assert.match(await other.locator('[role=alert]').innerText(), /changed meanwhile/);
		// Every text has its receipt: the picture, the counts and the report say the same as the carrier.
		await page.waitForFunction(() => document.querySelector('.t-delivered b')?.innerText === '10' && !document.querySelector('.t-delivering'));
		await look(page, 'zh', 'done');
		const svg = await page.evaluate(async (u) => (await fetch(u)).text(), `/campaigns/${id}/states.svg`);
		assert.match(svg, /^<svg xmlns/);
		const answer = await page.evaluate(async (u) => { const r = await fetch(u); return [r.headers.get('content-disposition'), await r.text()]; }, `/campaigns/${id}/report.csv`);
		assert.equal(answer[0], `attachment; filename="campaign-${id}.csv"`);
		const [head, ...rows] = rowsOf(answer[1]);
		assert.equal(head[5], '状态');
		assert.deepEqual(rows.map((r) => r[0]).sort(), list.map((h) => h.e164).sort());
		const count = (state) => rows.filter((r) => r[5] === state).length;
		assert.deepEqual([count('delivered'), count('failed')], [10, 2]);
		// A large one shows what was counted last, and says when; the list, the picture and programs too.
		await world.sql(`INSERT INTO campaign_figure SELECT 1, ${id}, '2026-01-02 03:04:05Z', now(), '1 hour', 'done', 9999, 0, 8765, 8000, 12, 9, 4, 3, 2, 1, '[{"state": "delivered", "n": 8000}]', '[]'`);
		for (const path of ['/campaigns', `/campaigns/${id}`]) {
			await page.goto(world.staffUrl + path);
			assert.match(await page.locator('main').innerText(), /8,765[^]*统计于 2026-01-02 11:04/);
		}
		await look(page, 'zh', 'counted');
		await page.goto(`${world.staffUrl}/campaigns/${id}/live`);
		assert.equal(await page.locator('.t-delivered b').innerText(), '8,000');
		const large = await world.json('campaign', 'show', String(id));
		assert.deepEqual([large.sent, large.counted_at], [8765, '2026-01-02T03:04:05Z']);
		await world.sql(`DELETE FROM campaign_figure WHERE campaign_id = ${id}`);
		await world.faults({ reset: true });
		for (const path of [`/campaigns/${id}/report.csv`, `/campaigns/${id}/states.svg`, `/campaigns/${id}/live`, '/campaigns', `/campaigns/${id}`]) {
			assert.equal((await fetch(world.staffUrl + path, { redirect: 'manual' })).status, 303, path);
			if (path !== '/campaigns') assert.equal(await page.evaluate(async (u) => (await fetch(u)).status, path.replace(`/${id}`, '/9999')), 404, path);
		}
		await page.context().close();
		await other.context().close();
	});

	test('a long body of nobody who is known is not kept, whoever it claims to be; one of a clerk is', async () => {
		// What it needed most since it was asked last.
		const proc = `/proc/${world.daemon.child.pid}`;
		const most = () => {
			const mib = Number(readFileSync(`${proc}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]) / 1024;
			writeFileSync(`${proc}/clear_refs`, '5');
			return mib;
		};
		const page = await enters('zhou'), cookie = await cookieOf(page);
		const send = async (headers, body) => {
			const r = await fetch(`${world.staffUrl}/campaigns/list`, { method: 'POST', redirect: 'manual', duplex: 'half', body, headers: { 'Content-Type': 'multipart/form-data; boundary=x', ...headers } });
			await r.text();
			return r.headers.get('location') ?? r.status;
		};
		const body = Buffer.alloc(30 << 20, 'x'), before = (most(), most());
		assert.equal(await send({}, body), 413);
		assert.equal(await send({ Cookie: `hzs=1.${'A'.repeat(43)}` }, body), '/sign-in?again=upload', 'a session that there is not');
		assert.equal(await send({ Authorization: 'Bearer hz_nobody' }, body), 413, 'nor such a key');
		const strangers = most() - before;
		assert.ok(strangers < 12, `it took ${strangers} MiB more`);
		assert.equal(await send({ Cookie: cookie }, body), 400, 'read whole, and then found to be no form');
		const clerks = most() - before;
		assert.ok(clerks > 25, `what is kept can be seen, but was ${clerks} MiB`);
		// Five at once: four are read, and the fifth after them.
		assert.deepEqual(await Promise.all(Array.from({ length: 5 }, () => send({ Cookie: cookie }, body.subarray(0, 1 << 20)))), Array(5).fill(400));
		// Without a length it is known only by what comes.
		const pieces = () => new ReadableStream({ start(c) { for (let i = 0; i < 3; i++) c.enqueue(body.subarray(0, 100000)); c.close(); } });
		assert.equal(await send({ Cookie: cookie }, pieces()), 400);
		assert.equal(await send({}, Buffer.alloc(60000, 'x')), 400, 'a short one is answered by its own page');
		await page.context().close();
		// Whose session ends while the form is filled in learns what became of the file, and where to choose it again.
		for (const [locale, lost, again] of [['zh-CN', /没有收下/, /重新选择文件/], ['en-GB', /was not taken/, /choose it again/]]) {
			const late = await enters('wu', { locale, width: 360 });
			await late.goto(`${world.staffUrl}/campaigns/new`);
			await world.sql("UPDATE staff_session SET ended_at = now() WHERE name = 'wu'");
			await late.fill('#list-name', 'x');
			await late.setInputFiles('#file', { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.alloc(3 << 20, 'x') });
			await late.click('form[enctype] button[type=submit]');
			await late.waitForURL(/sign-in/);
			assert.match(await late.locator('main').innerText(), lost);
			await look(late, locale.slice(0, 2), 'lost');
			await late.fill('#name', 'wu');
			await late.fill('#password', PASSWORD);
			await late.click('button[type=submit]');
			await late.waitForURL(/campaigns.new/);
			assert.match(await late.locator('main [role=status]').innerText(), again);
			await late.context().close();
		}
	});

	test('stop is asked for twice, and takes back what has not left', async () => {
		await crowd('停下', 30);
		const { id } = await world.json('campaign', 'create', '停下', '--tag', '停下', '--canary', '1');
		await world.must('campaign', 'start', String(id));
		const page = await enters('zhou', { width: 360 });
		await page.goto(`${world.staffUrl}/campaigns/${id}`);
		assert.equal(await page.locator('button.danger').isVisible(), false);
		await page.click('summary');
		await act(page, 'stop');
		await badge(page, 'stopped');
		await look(page, 'zh', 'stopped');
		await world.daemon.line(new RegExp(`campaign=${id} stopped`));
		await page.reload();
		assert.equal(await page.locator('.t-not_asked b').innerText(), '29');
		assert.match(await page.locator('.big').innerText(), /^1 \/ 30/, 'short of what it was to be');
		await page.context().close();
	});
});
