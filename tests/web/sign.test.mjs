// Signing in: sessions that live in the database and can be ended, tries that slow down, roles, people and the log of what
// they did; and what attackers try with cookies and forms.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { cookiesOf } from '../lib/world.mjs';
import { decent, enter, open, start } from '../lib/browser.mjs';
import { PASSWORD, addStaff } from '../lib/console.mjs';

const OTHER = 'another long password';
const ROLES = { look: 'look', clerk: 'send', boss: 'send,write,approve,manage', slow: 'look' };

describe('signing in', () => {
	let world, browser;
	const withPassword = (password, ...args) => world.cli(...args, { input: `${password}\n` });
	before(async () => {
		[world, browser] = await start();
		await addStaff(world, ROLES);
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	// A browser without pages: it keeps cookies, finds the form's token, and posts.
	class Visitor {
		constructor(cookies = {}) { this.cookies = cookies; }
		async ask(path, { fields, headers = {} } = {}) {
			const r = await fetch(world.staffUrl + path, { redirect: 'manual', method: fields ? 'POST' : 'GET', body: fields && new URLSearchParams(fields),
				headers: { Cookie: Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; '), 'Accept-Language': 'en', ...headers } });
			for (const c of cookiesOf(r.headers)) { const [, k, v] = c.match(/^([^=]+)=([^;]*)/); this.cookies[k] = v; }
			const text = await r.text();
			this.token = text.match(/name="token" value="([^"]+)"/)?.[1] ?? this.token;
			return { status: r.status, to: r.headers.get('location'), text, headers: r.headers };
		}
		async signIn(name, password = PASSWORD) {
			await this.ask('/sign-in');
			return this.ask('/sign-in', { fields: { token: this.token, name, password } });
		}
		post(path, fields, headers) { return this.ask(path, { fields: { token: this.token, ...fields }, headers }); }
	}
	const entered = async (name, password) => {
		const v = new Visitor();
		const r = await v.signIn(name, password);
		assert.deepEqual([r.status, r.to], [303, '/']);
		await v.ask('/me');
		return v;
	};
	const isOut = async (v) => (await v.ask('/')).to === '/sign-in';
	const events = (name) => world.sql(`SELECT string_agg(kind, ' ' ORDER BY id) FROM staff_event WHERE name = '${name}'`);

	test('a planted session is worth nothing, and signing in makes everything new', async () => {
		const planted = { hzs: `1.${'A'.repeat(43)}`, hz: 'B'.repeat(22) };
		const v = new Visitor({ ...planted });
		assert.ok(await isOut(v));
		const r = await v.signIn('look');
		assert.equal(r.status, 303);
		assert.notEqual(v.cookies.hzs, planted.hzs);
		assert.notEqual(v.cookies.hz, planted.hz, "the browser's name is a new one too");
		assert.ok(await isOut(new Visitor(planted)), 'who planted it is not in');
		for (const c of cookiesOf(r.headers)) assert.match(c, /HttpOnly; SameSite=Strict/);
		assert.equal(await world.sql(`SELECT count(*) FROM staff_session WHERE encode(hash, 'escape') LIKE '%${v.cookies.hzs.slice(2)}%'`), '0', 'the secret is not kept');
		// Signing in again in the same browser ends the session before.
		const first = v.cookies.hzs;
		assert.equal((await v.signIn('look')).status, 303);
		assert.notEqual(v.cookies.hzs, first);
		assert.ok(await isOut(new Visitor({ ...v.cookies, hzs: first })));
		assert.ok(!await isOut(v));
		for (const bad of ['', '1', '1.', `0.${'A'.repeat(43)}`, `-1.${v.cookies.hzs.slice(2)}`, `2.${v.cookies.hzs.slice(2)}`, `1.${'A'.repeat(400)}`, `99999999999.${'A'.repeat(43)}`])
			assert.ok(await isOut(new Visitor({ ...v.cookies, hzs: bad })), bad);
	});

	test('signing out ends it for good, also for who copied the cookie; others can be ended', async () => {
		const a = await entered('look'), b = await entered('look');
		const copy = new Visitor({ ...a.cookies });
		assert.equal((await a.post('/sign-out', {})).to, '/sign-in');
		assert.ok(await isOut(copy));
		const c = await entered('look');
		const id = (await c.ask('/me')).text.match(/name="session" value="(\d+)"/g).length;
		assert.ok(id >= 2, 'it lists the others');
		assert.equal((await c.post('/me', { act: 'end' })).to, '/me?done=ended');
		assert.ok(await isOut(b));
		assert.ok(!await isOut(c));
		// Another's session is not in reach.
		const boss = await entered('boss');
		const theirs = await world.sql("SELECT id FROM staff_session WHERE name = 'boss' AND ended_at IS NULL");
		await c.post('/me', { act: 'end', session: theirs });
		assert.ok(!await isOut(boss));
		// Silence and the end of the day end it.
		await world.sql("UPDATE staff_session SET seen_at = now() - interval '3 hours' WHERE name = 'look' AND ended_at IS NULL");
		assert.ok(await isOut(c));
		await world.sql("UPDATE staff_session SET expires_at = now() WHERE name = 'boss'");
		assert.ok(await isOut(boss));
		assert.match(await events('look'), /signed_in.* signed_out.* session_ended/);
	});

	test('a form without its token, or with that of another session, does nothing', async () => {
		const a = await entered('boss'), b = await entered('clerk');
		const add = { name: 'mallory', password: PASSWORD, role_manage: '1' };
		for (const token of [undefined, '', 'x'.repeat(43), b.token])
			assert.equal((await a.ask('/staff', { fields: token === undefined ? add : { ...add, token } })).status, 403, String(token));
		for (const site of ['cross-site', 'same-site']) assert.equal((await a.post('/staff', add, { 'Sec-Fetch-Site': site })).status, 403);
		assert.equal((await a.ask('/staff', { fields: { ...add, token: a.token }, headers: { 'Content-Type': 'text/plain' } })).status, 400);
		// The token of the sign-in page is not one of the pages behind it.
		const out = new Visitor({ hz: a.cookies.hz });
		await out.ask('/sign-in');
		assert.equal((await a.ask('/staff', { fields: { ...add, token: out.token } })).status, 403);
		assert.equal(await world.sql("SELECT count(*) FROM staff WHERE name = 'mallory'"), '0');
	});

	test('roles: who may not is told, and it is noted', async () => {
		const clerk = await entered('clerk'), boss = await entered('boss');
		for (const path of ['/staff', '/staff/person?name=look', '/staff/log']) {
			const r = await clerk.ask(path);
			assert.equal(r.status, 403, path);
			assert.match(r.text, /Your account may not do this/);
			assert.equal((await boss.ask(path)).status, 200, path);
		}
		assert.ok(!(await clerk.ask('/')).text.includes('href="/staff"'));
		assert.equal((await clerk.post('/staff', { name: 'mallory', password: PASSWORD })).status, 403);
		assert.match(await world.sql("SELECT string_agg(DISTINCT subject, ' ') FROM staff_event WHERE name = 'clerk' AND kind = 'refused'"), /\/staff/);
		// Taken away, it is gone with the next page.
		const r = await withPassword('', 'staff', 'roles', 'clerk', 'look,manage');
		assert.equal(r.code, 0, r.stderr);
		assert.equal((await clerk.ask('/staff')).status, 200);
		await world.must('staff', 'roles', 'clerk', 'send');
		assert.equal((await clerk.ask('/staff')).status, 403);
		assert.equal((await world.cli('staff', 'roles', 'clerk', 'king')).code, 2);
	});

	test('wrong passwords: each takes longer than the one before, for the account and the address', async () => {
		const v = new Visitor();
		for (let i = 0; i < 5; i++) assert.equal((await v.signIn('slow', `wrong ${i}`)).status, 422);
		assert.equal(await world.sql("SELECT free_at - last_at FROM staff_try WHERE who LIKE 'slow %'"), '00:00:05');
		await world.sql("UPDATE staff_try SET free_at = now() + interval '80 seconds' WHERE who LIKE 'slow %'");
		let r = await v.signIn('slow');
		assert.equal(r.status, 429, 'the right one has to wait as well');
		assert.match(r.text, /try again in [1-8]?\d seconds/);
		assert.equal((await new Visitor().signIn('clerk')).status, 303, 'others are not held up');
		const free = () => world.sql("UPDATE staff_try SET free_at = now() WHERE who LIKE 'slow %'");
		await free();
		assert.equal((await v.signIn('slow', 'wrong again')).status, 422);
		assert.equal(await world.sql("SELECT fails || ' ' || (free_at - last_at) FROM staff_try WHERE who LIKE 'slow %'"), '6 00:00:10');
		await world.sql("UPDATE staff_try SET fails = 30, free_at = now() WHERE who LIKE 'slow %'");
		await v.signIn('slow', 'and again');
		r = await v.signIn('slow');
		assert.match(r.text, /try again in 15 minutes/);
		await free();
		// Twenty at once gain no more than one.
		const all = await Promise.all(Array.from({ length: 20 }, () => new Visitor().signIn('slow', 'guess')));
		assert.deepEqual([...new Set(all.map((x) => x.status))].sort(), [422, 429]);
		assert.equal(all.filter((x) => x.status === 422).length, 1);
		await free();
		assert.equal((await v.signIn('slow')).status, 303);
		assert.equal(await world.sql("SELECT count(*) FROM staff_try WHERE who LIKE 'slow %'"), '0', 'a right one forgets them');
		// The address: names that do not exist count too.
		await world.sql("UPDATE staff_try SET fails = 27, free_at = now(), last_at = now() WHERE kind = 'address'");
		assert.equal((await v.signIn('nobody', 'guess')).status, 422);
		assert.equal((await v.signIn('nobody2', 'guess')).status, 429);
		assert.equal((await v.signIn('look')).status, 429);
		await world.sql("UPDATE staff_try SET last_at = now() - interval '2 hours', free_at = now()");
		assert.equal((await v.signIn('look')).status, 303);
		assert.equal(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'sign_in_refused' AND name NOT IN ('', 'slow')"), '0');
	});

	test('nobody is kept out by who tries his name elsewhere', async () => {
		// From another address of this machine, as from another desk.
		const from = (address, name, password) => new Promise((done, failed) => {
			const cookies = new Map();
			const ask = (method, fields, then) => {
				const body = fields && new URLSearchParams(fields).toString();
				const r = request(`${world.staffUrl}/sign-in`, { method, localAddress: address, headers: { Cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; '), 'Accept-Language': 'en',
					...(body && { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) }) } }, (answer) => {
					let text = '';
					for (const c of answer.headers['set-cookie'] ?? []) { const [, k, v] = c.match(/^([^=]+)=([^;]*)/); cookies.set(k, v); }
					answer.on('data', (d) => { text += d; }).on('end', () => then({ status: answer.statusCode, text }));
				}).on('error', failed);
				r.end(body);
			};
			ask('GET', null, ({ text }) => ask('POST', { token: text.match(/name="token" value="([^"]+)"/)[1], name, password }, done));
		});
		await world.sql('DELETE FROM staff_try');
		await entered('clerk');
		for (let i = 0; i < 5; i++) assert.equal((await from('127.0.0.2', 'clerk', `guess ${i}`)).status, 422);
		assert.equal((await from('127.0.0.2', 'clerk', PASSWORD)).status, 429, 'a stranger waits');
		await entered('clerk'); // who sits where he always does is not held up
		// Nor when the guesses come from so many places that each is free there: then strangers wait, a minute at most.
		await world.sql("INSERT INTO staff_try (bureau_id, kind, who, fails) VALUES (1, 'account', 'clerk', 300) ON CONFLICT (bureau_id, kind, who) DO UPDATE SET fails = 300, free_at = now(), last_at = now()");
		assert.equal((await from('127.0.0.3', 'clerk', 'guess')).status, 422);
		assert.equal(await world.sql("SELECT free_at - last_at FROM staff_try WHERE kind = 'account' AND who = 'clerk'"), '00:01:00');
		const r = await from('127.0.0.4', 'clerk', PASSWORD);
		assert.equal(r.status, 429);
		assert.match(r.text, /try again in [1-6]?\d seconds/);
		await entered('clerk');
		// A colleague who travels gets in when it is his turn.
		await world.sql("UPDATE staff_try SET free_at = now() WHERE kind = 'account'");
		assert.equal((await from('127.0.0.4', 'clerk', PASSWORD)).status, 303);
		await world.sql('DELETE FROM staff_try');
	});

	test('what need not be kept of the staff goes with retention', async () => {
		await entered('look');
		await world.sql(`INSERT INTO staff_session (bureau_id, name, hash, expires_at) VALUES (1, 'look', 'old', now() - interval '31 days');
			INSERT INTO staff_try (bureau_id, kind, who, last_at) VALUES (1, 'pair', 'x 1', now() - interval '2 days');
			INSERT INTO staff_event (bureau_id, at, name, kind) VALUES (1, now() - interval '11 years', 'look', 'old')`);
		const open = await world.sql('SELECT count(*) FROM staff_session'), days = Number((await world.must('conf', 'print')).match(/retention_records_days = (\d+)/)?.[1] ?? 0);
		const [told] = await world.json('retention', 'run');
		assert.equal(told.staff, days > 0 ? 3 : 2);
		assert.equal(await world.sql('SELECT count(*) FROM staff_session'), String(Number(open) - 1), 'those of this month tell where an account is used');
		assert.equal(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'old'"), days > 0 ? '0' : '1', 'the log is kept as long as the records');
		assert.equal(await world.sql("SELECT count(*) FROM staff_try WHERE who = 'x 1'"), '0');
	});

	test('passwords are hashed beside the loop, which serves everyone else meanwhile', async () => {
		await world.sql('DELETE FROM staff_try');
		// What the daemon's threads have spent, in hundredths of a second: the loop's own, and all others'.
		const spent = () => {
			const { pid } = world.daemon.child, sums = { loop: 0, beside: 0 };
			for (const task of readdirSync(`/proc/${pid}/task`))
				sums[task === String(pid) ? 'loop' : 'beside'] += Number(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ')[1].split(' ')[11]);
			return sums;
		};
		const before = spent(), tries = Array.from({ length: 8 }, (_, i) => new Visitor().signIn(`nobody${i}`, 'guess guess'));
		for (let i = 0; i < 20; i++) assert.equal((await fetch(`${world.staffUrl}/healthz`)).status, 200);
		assert.deepEqual((await Promise.all(tries)).map((r) => r.status), Array(8).fill(422));
		const after = spent();
		assert.ok(after.beside - before.beside >= 8, `eight hashes took ${after.beside - before.beside} beside the loop and ${after.loop - before.loop} in it`);
		await world.sql('DELETE FROM staff_try');
	});

	test('people are added, changed, closed on the console, in both languages, at both widths', async () => {
		for (const [locale, lang, width] of [['zh-CN', 'zh', 360], ['en-GB', 'en', 1280]]) {
			const name = `<b>${lang}&"'`, page = await open(browser, { locale, width, script: lang === 'en' });
			await page.goto(world.staffUrl);
			await page.fill('#name', 'boss');
			await page.fill('#password', PASSWORD);
			await enter(page);
			await page.click('.menu a[href="/staff"]');
			await decent(page, lang);
			await page.fill('main #name', name);
			await page.fill('#password', 'short');
			await page.$eval('#password', (e) => e.removeAttribute('minlength'));
			await page.click('form[action="/staff"] button');
			assert.equal(await page.locator('[role=alert]').innerText(), lang === 'zh' ? '密码至少 10 个字符，最多 256 个。' : 'A password has at least 10 characters and at most 256.');
			assert.equal(await page.inputValue('main #name'), name, 'what was typed stays');
			await page.fill('#password', PASSWORD);
			await page.check('input[name=role_approve]');
			await page.click('form[action="/staff"] button');
			await page.waitForSelector('[role=status]');
			assert.equal(await page.locator('h1').innerText(), name);
			await decent(page, lang);
			assert.equal(await world.sql(`SELECT roles FROM staff WHERE name LIKE '%${lang}&%'`), '{look,send,approve}');
			const theirs = await entered(name);
			await page.uncheck('input[name=role_send]');
			await page.click('form:has(input[value=roles]) button');
			assert.equal(await page.locator('[role=status]').count(), 1);
			assert.equal(await page.isChecked('input[name=role_send]'), false);
			await page.click('form:has(input[value=disable]) button');
			assert.equal(await page.locator('[role=status]').innerText(), lang === 'zh' ? '账号已停用。' : 'The account is closed.');
			assert.ok(await isOut(theirs), 'out at once');
			assert.equal((await new Visitor().signIn(name)).status, 422);
			await page.click('form:has(input[value=enable]) button');
			assert.equal((await new Visitor().signIn(name)).status, 303);
			await page.goto(`${world.staffUrl}/staff/log`);
			await decent(page, lang);
			assert.match(await page.locator('table').innerText(), new RegExp(lang === 'zh' ? '停用账号' : 'Account closed'));
			assert.ok(!(await page.content()).includes('<b>zh') && !(await page.content()).includes('<b>en'));
			await page.goto(`${world.staffUrl}/staff/person?name=nobody`);
			assert.equal(await page.locator('h1').count(), 1);
			// Oneself is not shut out by a slip.
			await page.goto(`${world.staffUrl}/staff/person?name=boss`);
			await page.click('form:has(input[value=disable]) button');
			assert.equal(await page.locator('[role=alert]').count(), 1);
			assert.equal(await world.sql("SELECT disabled_at IS NULL FROM staff WHERE name = 'boss'"), 't');
			await page.context().close();
		}
		const boss = await entered('boss');
		await boss.ask('/staff');
		assert.equal((await boss.post('/staff', { name: 'look', password: PASSWORD })).status, 422, 'a name that is taken stays whose it is');
	});

	test('a new password needs the present one, and ends the other sessions', async () => {
		const a = await entered('look'), b = await entered('look');
		const change = (present, password, repeated = password) => a.post('/me', { act: 'password', present, password, repeated });
		assert.match((await change('wrong one here', OTHER)).text, /present password is wrong/);
		assert.match((await change(PASSWORD, OTHER, 'not the same at all')).text, /not the same/);
		assert.match((await change(PASSWORD, 'short')).text, /at least 10/);
		assert.equal((await change(PASSWORD, OTHER)).to, '/me?done=password');
		assert.ok(!await isOut(a));
		assert.ok(await isOut(b));
		assert.equal((await new Visitor().signIn('look')).status, 422);
		await entered('look', OTHER);
		const r = await withPassword(PASSWORD, 'staff', 'passwd', 'look');
		assert.equal(r.code, 0, r.stderr);
		assert.ok(await isOut(a), 'set by the command line, every session ends');
	});

	test('the command line lists, ends and tells', async () => {
		const v = await entered('clerk');
		const rows = await world.json('staff', 'list');
		assert.ok(rows.find((p) => p.name === 'clerk').sessions >= 1);
		assert.ok((await world.json('staff', 'sessions', 'clerk')).length >= 1);
		assert.ok((await world.json('staff', 'sessions', 'clerk', '--end')).ended >= 1);
		assert.ok(await isOut(v));
		await world.must('staff', 'disable', 'clerk');
		await world.must('staff', 'enable', 'clerk');
		const told = await world.json('staff', 'log', '--about', 'staff clerk', '--limit', '2');
		assert.deepEqual(told.map((e) => [e.kind, e.address]), [['staff_enabled', 'command line'], ['staff_disabled', 'command line']]);
		assert.match(await world.must('staff', 'log', '--name', 'boss'), /staff_added/);
	});
});
