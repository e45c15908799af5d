// What the public pages do not let through: links that are no good, codes and numbers that are wrong, forms of other pages,
// requests that no browser sends. Each gets the words that a person needs, and nothing else happens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import net from 'node:net';
import { cookiesOf } from '../lib/world.mjs';
import { decent, open, start } from '../lib/browser.mjs';
import { invite, settle, take } from '../lib/citizens.mjs';
import { modulesOfSvg, readQr } from '../lib/qr.mjs';

const LANGUAGES = { zh: 'zh-CN', en: 'en-GB' };
const wrongTail = (c) => (c.tail === '000000' ? '000001' : '000000');

describe('the public pages, refusing', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 17 }, (_, i) => ({ name: `沂源第${i}小吃店`, language: i % 2 ? 'en' : 'zh', licences: i === 16 ? 3 : 1 })));
	});
	after(async () => { await browser?.close(); await world?.stop(); });
	let next = 0;
	const citizen = () => invite(world, people[next++]);
	const stepOf = (c) => world.sql(`SELECT step FROM conversation WHERE phone = '${c.phone}' ORDER BY id DESC LIMIT 1`);
	const prove = async (page, c) => {
		await page.goto(c.link);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
	};

	test('each kind of bad link has its own words, in both languages', async () => {
		const c = await citizen(), gone = await citizen();
		await world.sql(`DELETE FROM access_grant g USING conversation c WHERE c.id = g.conversation_id AND c.phone = '${gone.phone}'`);
		const flipped = c.token.slice(0, -3) + (c.token.at(-3) === 'A' ? 'B' : 'A') + c.token.slice(-2);
		const cases = [
			['/r/hello', 404, '网址不完整', 'The address is not complete'],
			[`/r/${c.token.slice(0, 20)}`, 404, '网址不完整', 'The address is not complete'],
			[`/r/${flipped}`, 403, '网址不正确', 'The address is not right'],
			[`/r/${gone.token}`, 404, '这里不办理这件事', 'This is not handled here'],
			['/nothing', 404, '没有成功', 'That did not work'],
			[`/r/${c.token}/other`, 404, '没有成功', 'That did not work'],
		];
		for (const [language, locale] of Object.entries(LANGUAGES)) {
			const page = await open(browser, { locale });
			const words = new Set();
			for (const [path, status, zh, en] of cases) {
				assert.equal((await page.goto(world.publicUrl + path)).status(), path === `/r/${gone.token}` ? 404 : status, path);
				assert.equal(await page.locator('h1').innerText(), language === 'zh' ? zh : en);
				assert.ok((await page.locator('.lead').innerText()).length > 15);
				words.add(await page.locator('.lead').innerText());
				await decent(page, language);
			}
			assert.equal(words.size, 4, 'four different texts');
			await page.context().close();
		}
	});

	test('an expired link says how to go on', async () => {
		const c = await citizen();
		await world.sql(`UPDATE access_grant SET expires_at = now() FROM conversation c WHERE c.id = conversation_id AND c.phone = '${c.phone}'`);
		const page = await open(browser);
		assert.equal((await page.goto(c.link)).status(), 410);
		assert.equal(await page.locator('h1').innerText(), c.language === 'zh' ? '网址已过期' : 'The address has expired');
		assert.match(await page.locator('.lead').innerText(), /10690001/);
		assert.match(await page.locator('footer').innerText(), /沂源县行政审批服务局/);
		await decent(page, c.language);
		for (const picture of ['qr.svg', 'qr.png']) assert.equal((await fetch(`${c.link}/${picture}`)).status, 410);
		await page.context().close();
	});

	test('a link that is over: its button brings a new one, to the phone of the talk alone, and not often', async () => {
		const c = await citizen(), mine = `FROM conversation c WHERE c.id = conversation_id AND c.phone = '${c.phone}'`;
		const grants = () => world.sql(`SELECT count(*) FROM access_grant g JOIN conversation c ON c.id = g.conversation_id WHERE c.phone = '${c.phone}'`);
		const age = (hours) => world.sql(`UPDATE access_grant SET created_at = created_at - interval '${hours} hours' ${mine}`);
		await world.sql(`UPDATE access_grant SET expires_at = now() ${mine}`);
		const page = await open(browser), old = c.link;
		const press = async (link, status = 410) => {
			assert.equal((await page.goto(link)).status(), status);
			await page.click('button[value=new_link]');
			assert.equal(new URL(page.url()).searchParams.get('sent'), '1');
			assert.equal(await page.locator('h1').innerText(), c.language === 'zh' ? '新的网址会发到手机上' : 'A new address goes to the phone');
			assert.equal(await page.locator('button').count(), 0);
			await decent(page, c.language);
		};
		// Sent a moment ago: nothing new, and the answer is the same.
		await press(old);
		assert.equal(await grants(), '1');
		await age(1);
		await press(old);
		take(c, await world.next(c.phone, /\/r\//));
		assert.notEqual(c.link, old);
		assert.deepEqual([await grants(), await stepOf(c)], ['2', 'verify']);
		// Further on it is answered as well, and what was asked stays; the old page offers the same.
		assert.equal((await page.goto(c.link)).status(), 200);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		await age(1);
		await press(old);
		const again = await world.next(c.phone, /新的网址|New address/);
		assert.match(again, /\/r\//);
		assert.equal(await stepOf(c), 'confirm');
		take(c, again);
		assert.equal((await page.goto(c.link)).status(), 200);
		// Five a day are enough, and a talk that is over gets none.
		await world.sql(`INSERT INTO access_grant (bureau_id, id, conversation_id, purpose, nonce, code_hash, created_at, expires_at, code_expires_at, revoked_at)
			SELECT 1, nextval('row_id'), c.id, 'renew', '', '', now() - interval '2 hours', now(), now(), now() FROM conversation c, generate_series(1, 2) WHERE c.phone = '${c.phone}'`);
		await age(1);
		await press(old);
		assert.equal(await grants(), '5');
		await age(24);
		await world.sql(`UPDATE conversation SET open = false WHERE phone = '${c.phone}'`);
		await press(old);
		assert.equal(await grants(), '5');
		// A form of another page is not believed.
		const forged = await fetch(old, { method: 'POST', body: new URLSearchParams({ do: 'new_link', token: 'x' }) });
		assert.equal(forged.status, 403);
		await page.context().close();
	});

	test('a newer link ends the older one', async () => {
		const c = await citizen();
		const old = c.link;
		take(c, await world.say(c.phone, 'Y', /\/r\//));
		assert.notEqual(c.link, old);
		const page = await open(browser);
		assert.equal((await page.goto(old)).status(), 410);
		assert.equal(await page.locator('h1').innerText(), c.language === 'zh' ? '已经有更新的网址' : 'There is a newer address');
		await decent(page, c.language);
		assert.equal((await page.goto(c.link)).status(), 200);
		await page.context().close();
	});

	test('a used link shows the progress, and asks nothing twice', async () => {
		const c = await citizen();
		const page = await open(browser);
		await prove(page, c);
		await page.check('input[name=old][value=on_site]');
		await page.check('input[name=delivery][value=pick_up]');
		await page.click('form:has(input[name=old]) > button');
		await page.waitForSelector('.way');
		await world.next(c.phone);
		// Another browser: the check first, then the progress.
		const other = await open(browser, { width: 1280 });
		await prove(other, c);
		await other.waitForSelector('.way');
		assert.equal(await other.locator('input[name=old]').count(), 0);
		await decent(other, c.language);
		// Back in the conversation by somebody's hand, the link that did its work asks for a new one.
		await world.sql(`UPDATE conversation SET step = 'confirm' WHERE phone = '${c.phone}'`);
		assert.equal((await other.goto(c.link)).status(), 410);
		assert.equal(await other.locator('h1').innerText(), c.language === 'zh' ? '这个网址已经用过了' : 'This address has been used');
		await decent(other, c.language);
		await page.context().close();
		await other.context().close();
	});

	test('five wrong numbers lock for half an hour, also against the right one and another link', async () => {
		const c = await citizen();
		const page = await open(browser);
		await page.goto(c.link);
		for (let left = 4; left >= 1; left--) {
			await page.fill('#id1', wrongTail(c));
			await page.click('form.card button');
			assert.ok((await page.locator('[role=alert]').innerText()).includes(String(left)));
		}
		await page.fill('#id1', wrongTail(c));
		await page.click('form.card button');
		const until = await world.sql(`SELECT to_char(locked_until AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') FROM access_grant g
			JOIN conversation c ON c.id = g.conversation_id WHERE c.phone = '${c.phone}'`);
		assert.ok((await page.locator('[role=alert]').innerText()).includes(until), `says ${until}`);
		assert.equal(await page.locator('#id1').count(), 0);
		await decent(page, c.language);
		// A form that was still open elsewhere brings nothing, right or not.
		const kept = await page.evaluate(() => document.cookie);
		assert.equal(kept, '', 'script cannot read the cookies');
		take(c, await world.say(c.phone, 'Y', /\/r\//));
		await page.goto(c.link);
		assert.ok((await page.locator('[role=alert]').innerText()).includes(until), 'the new link is locked as well');
		assert.equal(await stepOf(c), 'verify');
		// When the time is over it goes on.
		await world.sql(`UPDATE access_grant g SET locked_until = now() FROM conversation c WHERE c.id = g.conversation_id AND c.phone = '${c.phone}'`);
		await prove(page, c);
		await page.waitForSelector('input[name=old]');
		const trail = await world.sql(`SELECT count(*) FILTER (WHERE t.kind = 'identity_refused'), count(*) FILTER (WHERE t.kind = 'identity_locked')
			FROM trail t JOIN conversation c ON c.id = t.conversation_id WHERE c.phone = '${c.phone}'`);
		assert.equal(trail, '4|1');
		await page.context().close();
	});

	test('tries that come at once are counted one by one', async () => {
		const c = await citizen();
		const page = await open(browser);
		await page.goto(c.link);
		const form = await formOf(page);
		const answers = await Promise.all(Array.from({ length: 12 }, () => post(c.link, form, { do: 'check', id1: wrongTail(c) })));
		assert.equal(answers.filter((a) => a.status === 422).length, 4, 'four times "try again"');
		assert.equal(await world.sql(`SELECT identity_tries FROM access_grant g JOIN conversation c ON c.id = g.conversation_id WHERE c.phone = '${c.phone}'`), '5');
		assert.equal((await post(c.link, form, { do: 'check', id1: c.tail })).status, 303);
		assert.equal(await stepOf(c), 'verify', 'the right number came too late');
		await page.context().close();
	});

	test('several licences are shown together, and only the chosen ones', async () => {
		const c = people[16];
		await world.next(c.phone, /1\.[\s\S]*2\.[\s\S]*3\./);
		take(c, await world.say(c.phone, 'Y 1 3', /\/r\//));
		const page = await open(browser);
		await prove(page, c);
		const shown = await page.locator('main').innerText();
		assert.ok(shown.includes(c.licence_no) && shown.includes(`${c.licence_no}2`) && !shown.includes(`${c.licence_no}1`));
		assert.equal(await page.locator('section.licence').count(), 2);
		await decent(page, c.language);
		await page.context().close();
	});

	test('text and page carry on from each other', async () => {
		const c = await citizen();
		const page = await open(browser);
		await prove(page, c);
		await page.waitForSelector('input[name=old]');
		// The page asked; the citizen answers by text, and the page shows what is left.
		await world.say(c.phone, 'Y', /1[\s\S]*2/);
		await page.reload();
		assert.equal(await stepOf(c), 'old_certificate');
		assert.equal(await page.locator('details.wrong').count(), 0, 'it is confirmed already');
		await decent(page, c.language);
		await world.say(c.phone, '2', /1[\s\S]*2/);
		await page.reload();
		assert.equal(await page.locator('input[name=old]').count(), 0);
		assert.equal(await page.locator('input[name=delivery]').count(), 2);
		await decent(page, c.language);
		await world.say(c.phone, '2', /./);
		await page.reload();
		assert.equal(await stepOf(c), 'address');
		assert.equal(await page.locator('input[name=delivery]').count(), 0);
		await page.fill('#address', '沂源县南麻街道新城路18号5号楼');
		await decent(page, c.language);
		await page.click('main form button:not(.link)');
		await page.waitForSelector('.way');
		assert.equal(await stepOf(c), 'submitted');
		await world.next(c.phone);
		const details = await world.sql(`SELECT a.old_certificate, a.delivery, a.address IS NOT NULL FROM application a
			JOIN conversation c ON c.id = a.conversation_id WHERE c.phone = '${c.phone}'`);
		assert.equal(details, 'courier|courier|t');
		await page.context().close();
	});

	test('something is wrong: a clerk hears of it, and the page can still go on', async () => {
		const c = await citizen();
		const page = await open(browser);
		await prove(page, c);
		await page.click('summary');
		await page.click('details.wrong button');
		assert.equal(await page.locator('h1').innerText(), c.language === 'zh' ? '工作人员会联系您' : 'A member of staff will contact you');
		await decent(page, c.language);
		assert.equal(await stepOf(c), 'clerk');
		assert.equal(await world.sql(`SELECT list FROM worklist w JOIN conversation c ON c.id = w.conversation_id WHERE c.phone = '${c.phone}'`), 'read');
		await world.next(c.phone);
		await page.click('main a.button');
		await page.check('input[name=old][value=on_site]');
		await page.check('input[name=delivery][value=pick_up]');
		await page.click('form:has(input[name=old]) > button');
		await page.waitForSelector('.way');
		assert.equal(await stepOf(c), 'submitted');
		await page.context().close();
	});

	test('the QR code holds the full form of the same grant', async () => {
		const c = await citizen();
		const svg = await fetch(`${c.link}/qr.svg`);
		assert.equal(svg.headers.get('content-type'), 'image/svg+xml');
		const url = readQr(modulesOfSvg(await svg.text()));
		assert.ok(url.startsWith(`${world.publicUrl}/r/`), url);
		assert.equal(url.split('/').pop().length, 138, 'with the whole signature');
		const png = await fetch(`${c.link}/qr.png`);
		assert.equal(png.headers.get('content-type'), 'image/png');
		assert.equal(Buffer.from(await png.arrayBuffer()).subarray(1, 4).toString(), 'PNG');
		const page = await open(browser);
		await page.goto(url);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		await page.waitForSelector('input[name=old]');
		// Proven for the grant, so the link of the text knows it too.
		await page.goto(c.link);
		assert.equal(await page.locator('input[name=old]').count(), 2);
		const altered = url.slice(0, -5) + (url.at(-5) === 'A' ? 'B' : 'A') + url.slice(-4);
		assert.equal((await page.goto(altered)).status(), 403);
		await page.context().close();
	});

	// The hidden fields of the page's first form and the cookies of its browser.
	async function formOf(page) {
		const token = await page.locator('input[name=token]').first().getAttribute('value');
		const cookies = await page.context().cookies();
		return { token, cookie: cookies.map((k) => `${k.name}=${k.value}`).join('; ') };
	}
	const post = (url, form, fields, headers = {}) => fetch(url, {
		method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: form.token, ...fields }),
		headers: { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: form.cookie, ...headers },
	});

	test('a form of another page, browser or grant does nothing', async () => {
		const c = await citizen(), d = await citizen();
		const page = await open(browser), other = await open(browser);
		await prove(page, c);
		await page.waitForSelector('input[name=old]');
		const form = await formOf(page);
		await other.goto(d.link);
		const foreign = await formOf(other);
		const choices = { do: 'apply', old: 'on_site', delivery: 'pick_up', shown: await page.locator('input[name=shown]').getAttribute('value') };
		const bad = [
			[{ ...form, token: '' }, {}], [{ ...form, token: 'x'.repeat(43) }, {}], [{ token: form.token, cookie: '' }, {}],
			[{ ...form, token: foreign.token }, {}], [{ token: foreign.token, cookie: foreign.cookie }, {}],
			[form, { 'Sec-Fetch-Site': 'cross-site' }], [form, { 'Sec-Fetch-Site': 'same-site' }],
		];
		for (const [f, headers] of bad) assert.equal((await post(c.link, f, choices, headers)).status, 403);
		assert.equal(await stepOf(c), 'confirm');
		// A proof of one grant is none for another, even with everything else right.
		const crossed = await post(d.link, { token: foreign.token, cookie: `${foreign.cookie}; ${form.cookie.split('; ').filter((k) => k.startsWith('hzp')).join('; ')}` }, choices);
		assert.equal(crossed.status, 303);
		assert.equal(await stepOf(d), 'verify');
		// A proof that somebody wrote himself is none.
		const until = Math.floor(Date.now() / 1000) + 9999;
		const name = form.cookie.match(/hzp\d+_\d+/)[0];
		const forged = await post(c.link, { token: form.token, cookie: form.cookie.replace(/hzp[^;]*/, `${name}=${until}.${'A'.repeat(43)}`) }, choices);
		assert.equal(forged.status, 303);
		assert.equal(await stepOf(c), 'confirm');
		// And what is not offered cannot be chosen.
		assert.equal((await post(c.link, form, { ...choices, old: 'burn' })).status, 422);
		assert.equal((await post(c.link, form, { ...choices, delivery: '' })).status, 422);
		assert.equal((await post(c.link, form, { do: 'nonsense' })).status, 400);
		assert.equal((await post(c.link, form, {})).status, 400);
		assert.equal(await stepOf(c), 'confirm');
		assert.equal((await post(c.link, form, choices, { 'Sec-Fetch-Site': 'same-origin' })).status, 303);
		assert.equal(await stepOf(c), 'submitted');
		// Sent twice, it changes nothing more.
		assert.equal((await post(c.link, form, { ...choices, old: 'courier' })).status, 303);
		assert.equal(await world.sql(`SELECT old_certificate FROM application a JOIN conversation c ON c.id = a.conversation_id WHERE c.phone = '${c.phone}'`), 'on_site');
		await page.context().close();
		await other.context().close();
	});

	test('every answer has the security headers, and cookies are closed', async () => {
		const c = await citizen();
		for (const [path, cache] of [['/', 'no-store'], [`/r/${c.token}`, 'no-store'], ['/r/x', 'no-store'], ['/none', 'no-store'],
			[`/r/${c.token}/qr.svg`, 'no-store'], ['/style.css', 'public, max-age=3600'], ['/icon.svg', 'public, max-age=3600']]) {
			const r = await fetch(world.publicUrl + path);
			const csp = r.headers.get('content-security-policy');
			for (const part of ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
				assert.ok(csp.includes(part), `${path}: ${part}`);
			assert.equal(r.headers.get('referrer-policy'), 'no-referrer');
			assert.equal(r.headers.get('x-content-type-options'), 'nosniff');
			assert.equal(r.headers.get('cache-control'), cache, path);
			for (const cookie of cookiesOf(r.headers)) assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
			const head = await fetch(world.publicUrl + path, { method: 'HEAD' });
			assert.equal(head.status, r.status);
			assert.equal((await head.text()).length, 0);
			await r.arrayBuffer();
		}
	});

	test('odd requests get their own answers', async () => {
		const c = await citizen();
		const page = await open(browser);
		await page.goto(c.link);
		const form = await formOf(page);
		const status = async (path, options) => (await fetch(world.publicUrl + path, { redirect: 'manual', ...options })).status;
		const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
		for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
			const r = await fetch(c.link, { method });
			assert.equal(r.status, 405, method);
			assert.equal(r.headers.get('allow'), 'GET, HEAD, POST');
		}
		assert.equal(await status(`/r/${c.token}/qr.svg`, { method: 'POST', headers: type, body: 'a=1' }), 405);
		assert.equal(await status('/', { method: 'POST', headers: type, body: `code=${'1'.repeat(20000)}` }), 413);
		assert.equal(await status('/', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }), 400);
		for (const body of ['a=%00', 'a=%ff', 'a=%zz', 'a&'.repeat(130)]) assert.equal(await status('/', { method: 'POST', headers: type, body }), 400);
		assert.equal((await post(c.link, form, { do: 'check', id1: '1'.repeat(300) })).status, 422);
		assert.equal(await status(`/?lang=${encodeURIComponent('<b>')}`), 200);
		assert.equal(await status(`/r/${'A'.repeat(400)}`), 404);
		assert.equal(await status('/?a=%00'), 400);
		// Not HTTP at all, and a header without end: the listener closes and lives on.
		for (const bytes of ['\x16\x03\x01\x02\x00', 'GET / HTTP/1.1\r\nX: ' + 'y'.repeat(70000), 'POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n']) {
			await new Promise((done, fail) => {
				const s = net.connect(world.publicPort, '127.0.0.1', () => s.end(bytes));
				s.on('data', () => {}).on('close', done).on('error', (e) => (e.code === 'ECONNRESET' || e.code === 'EPIPE' ? done() : fail(e)));
			});
		}
		assert.equal(await status('/healthz'), 200);
		await page.context().close();
	});

	test('a short code leads in, wrong ones are told and then wait', async () => {
		const c = await citizen();
		for (const [language, locale] of Object.entries(LANGUAGES)) {
			const page = await open(browser, { locale, width: language === 'zh' ? 360 : 1280 });
			await page.goto(world.publicUrl);
			await decent(page, language);
			await page.fill('#code', '1234');
			await page.click('form.card button');
			assert.match(await page.locator('[role=alert]').innerText(), /8/);
			await page.fill('#code', c.code.replace(' ', '') === '00000000' ? '00000001' : '0000 0000');
			await page.click('form.card button');
			assert.ok((await page.locator('[role=alert]').innerText()).length > 20);
			await decent(page, language);
			await page.fill('#code', ` ${c.code.replace(' ', '').replace(/(\d{4})/, '$1-')} `);
			await page.click('form.card button');
			await page.waitForSelector('#id1');
			assert.ok(page.url().startsWith(`${world.publicUrl}/r/`));
			await decent(page, c.language);
			await page.context().close();
		}
		// An expired code leads nowhere, though its link still does.
		await world.sql(`UPDATE access_grant g SET code_expires_at = now() FROM conversation c WHERE c.id = g.conversation_id AND c.phone = '${c.phone}'`);
		const page = await open(browser);
		await page.goto(world.publicUrl);
		for (let i = 0; i < 20 && !(await page.content()).includes('分钟'); i++) {
			await page.fill('#code', c.code);
			await page.click('form.card button');
			assert.equal(await page.locator('#id1').count(), 0);
		}
		assert.match(await page.locator('[role=alert]').innerText(), /分钟/, 'too many wrong codes wait');
		await decent(page, 'zh');
		// The link in the text is not held up by that.
		assert.equal((await page.goto(c.link)).status(), 200);
		await page.context().close();
	});
});
