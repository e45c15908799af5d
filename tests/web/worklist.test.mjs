// The lists that wait for a person: whose an entry is, what is done with several at once and undone, answering by hand and
// picking what a citizen means, each in a real browser against the real conversation.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, decent, enter, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { act, addStaff, alert, cookieOf, signIn, told } from '../lib/console.mjs';
import { submit } from '../lib/visits.mjs';
import { creditCode } from '../lib/world.mjs';

describe('worklists', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 6 }, (_, i) => ({ name: `<i>沂源${i}</i>小吃店` })));
		await addStaff(world, { zhou: 'send,approve', wu: 'send', eye: 'look' });
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, options);
	const entryOf = (phone, list) => world.sql(`SELECT id FROM worklist WHERE phone = '${phone}' AND list = '${list}' AND done_at IS NULL`);

	// Two answers that nobody understands bring a talk that asks for a confirmation to a clerk.
	async function misunderstood(c) {
		await invite(world, c);
		await world.say(c.phone, '<b>什么</b>？', /./);
		await world.say(c.phone, '天气不错', /./);
		await world.say(c.phone, '唉', /./);
		return entryOf(c.phone, 'read');
	}

	test('one clerk at a time, taken over in the open; who only looks sees no number', async () => {
		const [c] = people, id = await misunderstood(c), path = `${world.staffUrl}/entries/${id}`;
		const zhou = await enters('zhou', { locale: 'en-GB', width: 1280 }), wu = await enters('wu', { locale: 'zh-CN' }), eye = await enters('eye', { locale: 'en-GB' });
		await zhou.goto(`${world.staffUrl}/worklists/read`);
		await decent(zhou, 'en');
		assert.ok(!(await zhou.content()).includes(c.phone), 'lists hide numbers');
		await zhou.click('td.go a');
		await decent(zhou, 'en');
		assert.ok(!(await zhou.content()).includes('<b>什么'), 'escaped');
		assert.match(await zhou.locator('.phone').innerText(), /<b>什么<\/b>？[\s\S]*not understood/);
		assert.equal(await zhou.locator('textarea').count(), 0, 'nothing before it is taken');
		await act(zhou, 'claim');
		assert.match(await told(zhou), /yours for half an hour/);
		assert.match(await zhou.locator('a[href^="tel:"]').innerText(), /\+861380010000/);
		await decent(zhou, 'en');
		await wu.goto(path);
		await decent(wu, 'zh');
		assert.ok(!(await wu.content()).includes(c.phone));
		assert.equal(await wu.locator('textarea').count(), 0);
		await act(wu, 'take_over');
		assert.match(await told(wu), /归您办理/);
		await zhou.fill('#text', 'too late');
		await act(zhou, 'answer');
		assert.match(await alert(zhou), /Somebody else is at it/);
		assert.equal(await world.sql("SELECT detail FROM staff_event WHERE kind = 'entry_taken_over'"), 'read, from zhou');
		// A claim ends by itself.
		await world.sql(`UPDATE worklist SET claimed_until = now() WHERE id = ${id}`);
		await zhou.goto(path);
		await act(zhou, 'claim');
		assert.match(await told(zhou), /yours/);
		await act(zhou, 'release');
		assert.equal(await world.sql(`SELECT claimed_by FROM worklist WHERE id = ${id}`), '');
		// Looking is looking.
		await eye.goto(path);
		assert.ok(!(await eye.content()).includes(c.phone));
		assert.equal(await eye.locator('main form').count(), 0);
		const token = await eye.locator('.menu input[name=token]').getAttribute('value'), cookie = await cookieOf(eye);
		for (const to of [path, `${world.staffUrl}/worklists/read`]) {
			const r = await fetch(to, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, act: 'claim', entry: id }), headers: { Cookie: cookie } });
			assert.equal(r.status, 403);
		}
		for (const p of [zhou, wu, eye]) await p.context().close();
	});

	test('answered by hand, in the conversation, with the signature; it is in the trail', async () => {
		const [c] = people, id = await entryOf(c.phone, 'read');
		const page = await enters('wu', { locale: 'en-GB' });
		await page.goto(`${world.staffUrl}/entries/${id}`);
		await act(page, 'claim');
		await page.fill('#text', '长'.repeat(400));
		await act(page, 'answer');
		assert.match(await alert(page), /too long/);
		assert.equal((await page.inputValue('#text')).length, 400, 'what was typed stays');
		await page.fill('#text', '您好，请带身份证到窗口 <12>。');
		await act(page, 'answer');
		assert.match(await told(page), /on its way. Parts: 1/);
		assert.equal(await world.next(c.phone, /窗口/), '【沂源审批】您好，请带身份证到窗口 <12>。');
		assert.equal(await world.sql(`SELECT done_by FROM worklist WHERE id = ${id}`), 'staff:wu');
		assert.equal(await world.sql("SELECT actor || ' ' || (data->>'text') FROM trail WHERE kind = 'answered'"), 'staff:wu 您好，请带身份证到窗口 <12>。');
		assert.match(await page.locator('.phone').innerText(), /written by staff/);
		// The talk goes on where it was.
		assert.match(await world.say(c.phone, 'Y', /./), /\/r\//);
		await page.context().close();
	});

	test('what the citizen means is picked; the talk goes on by it, and only once', async () => {
		const c = people[1];
		await world.next(c.phone);
		for (const text of ['行不行呢', '嗯？', '我再想想']) await world.say(c.phone, text, /./);
		const id = await entryOf(c.phone, 'phone');
		const zhou = await enters('zhou', { script: true }), second = await enters('zhou');
		await zhou.goto(`${world.staffUrl}/entries/${id}`);
		await act(zhou, 'claim');
		await second.goto(`${world.staffUrl}/entries/${id}`);
		// By keyboard alone.
		await zhou.locator('summary', { hasText: '群众的意思是' }).focus();
		await zhou.keyboard.press('Enter');
		const button = zhou.locator('.picks button', { hasText: '愿意办理' });
		await button.waitFor();
		await button.focus();
		await enter(zhou);
		assert.match(await told(zhou), /对话已继续/);
		assert.equal(await zhou.locator('form:has(input[value=undo])').count(), 0, 'a step is not undone');
		assert.match(await world.next(c.phone, /./), /\/r\//);
		const proof = JSON.parse(await world.sql(`SELECT t.data FROM trail t JOIN application a ON a.id = t.application_id JOIN conversation v ON v.id = a.conversation_id
			WHERE t.kind = 'consented' AND t.actor = 'staff:zhou' AND v.phone = '${c.phone}'`));
		assert.equal(proof.channel, 'staff');
		await second.locator('summary', { hasText: '群众的意思是' }).click();
		await second.locator('.picks button').first().click();
		assert.match(await second.locator('[role=alert]').innerText(), /已经办完/);
		assert.equal(await world.sql(`SELECT step FROM conversation WHERE phone = '${c.phone}'`), 'verify');
		for (const p of [zhou, second]) await p.context().close();
	});

	// Three answers that nobody understands bring a reminder to the list to phone.
	async function toPhone(c) {
		await world.next(c.phone);
		for (const text of ['行不行呢', '嗯？', '我再想想']) await world.say(c.phone, text, /./);
		return entryOf(c.phone, 'phone');
	}
	test('a call: taken, read out, with a code that proves it; what came of it is noted, taken back, and goes on', async () => {
		const c = people[4], id = await toPhone(c), page = await enters('wu', { locale: 'en-GB', width: 1280, script: true });
		await page.goto(`${world.staffUrl}/worklists/phone`);
		await decent(page, 'en');
		await act(page, 'next');
		assert.match(page.url(), new RegExp(`/entries/${id}\\?`));
		const code = (await page.locator('.call .big').innerText()).match(/\d{4} \d{4}/)[0].replace(' ', '');
		const script = await page.locator('.call blockquote').innerText();
		await page.setViewportSize({ width: 360, height: 740 });
		await decent(page, 'en');
		await page.setViewportSize({ width: 1280, height: 740 });
		assert.ok(script.includes(code) && script.includes('wu') && !script.includes('沂源4'), script);
		await decent(page, 'en');
		await accessible(page);
		// Looked at again it is the same; who is called can check it, from any phone.
		await page.reload();
		assert.ok((await page.locator('.call .big').innerText()).includes(code.slice(4)));
		assert.equal(await world.sql("SELECT count(*) FROM call_code WHERE staff = 'wu'"), '1');
		await world.say('+8613811112222', `核验 ${code}`, /wu打电话时报给您的，电话是真的/);
		// Consent needs the holder's words; the fault stands beside its field, and what was typed stays.
		await page.click('button[value=agreed]');
		assert.match(await page.locator('#wde').innerText(), /evidence of consent/);
		assert.equal(await page.getAttribute('#words', 'aria-invalid'), 'true');
		await page.fill('#words', '忙着呢');
		await page.fill('input[name=on]', '2020-01-01');
		await page.$eval('.results', (f) => { f.noValidate = true; }); // without the browser's own check
		await page.click('button[value=call_again]');
		assert.match(await page.locator('#one').innerText(), /after today/);
		assert.equal(await page.inputValue('#words'), '忙着呢');
		await accessible(page);
		// Nobody there: put off to a later day, and taken back as if it had never been.
		await page.click('button[value=no_answer]');
		assert.match(await page.locator('.good').innerText(), /nobody answered/);
		await decent(page, 'en');
		const row = () => world.sql(`SELECT tries || ' ' || result || ' ' || coalesce((due_on > current_date)::text, 'none') || ' ' || claimed_by FROM worklist WHERE id = ${id}`);
		assert.equal(await row(), '1 no_answer true');
		await act(page, 'undo_call');
		assert.match(await page.locator('.good').innerText(), /taken back/);
		assert.equal(await row(), '0  none staff:wu');
		await page.fill('#words', '好的，你们替我办吧');
		await page.click('button[value=agreed]');
		assert.equal(await page.locator('input[value=undo_call]').count(), 0, 'what the talk has heard is not taken back');
		await world.until(async () => await world.sql(`SELECT step FROM conversation WHERE phone = '${c.phone}'`) === 'verify', 'the talk heard of the consent');
		const app = await world.sql(`SELECT a.id FROM application a JOIN conversation v ON v.id = a.conversation_id WHERE v.phone = '${c.phone}'`);
		assert.deepEqual(JSON.parse(await world.sql(`SELECT json_agg(kind || ' ' || actor ORDER BY id) FROM trail WHERE conversation_id = (SELECT conversation_id FROM application WHERE id = ${app})
			AND kind IN ('phoned', 'call_undone', 'consented')`)), ['phoned staff:wu', 'call_undone staff:wu', 'phoned staff:wu', 'consented staff:wu']);

		// The rest is entered for the holder, in the page's own steps.
		await page.click(`a[href="/applications/${app}/assist"]`);
		assert.equal(await page.locator('#words').count(), 0, 'consent was given');
		assert.ok(!(await page.content()).includes(c.address), 'nothing personal before the identity fits');
		await page.fill('#number', '00000A');
		await page.click('button[value=check]');
		assert.match(await page.locator('#ne').innerText(), /not those on file/);
		await decent(page, 'en');
		await page.fill('#number', c.tail.toLowerCase());
		await page.click('button[value=check]');
		assert.ok((await page.locator('.licence').innerText()).includes(c.address), 'to be read out');
		await accessible(page);
		await decent(page, 'en');
		await page.check('input[name=old][value=courier]');
		await page.check('input[name=delivery][value=courier]');
		await page.fill('#address', '青山路6号3单元');
		await page.click('button[value=enter]');
		assert.match(await page.locator('.good').innerText(), /Entered/);
		await world.next(c.phone, /申请已提交/);
		await world.next(c.phone, /代为填报.*旧证：快递上门取；新证：快递寄送.*不是我/s);
		assert.equal(await world.sql(`SELECT status || ' ' || verified_by || ' ' || old_certificate || ' ' || delivery FROM application WHERE id = ${app}`), 'submitted staff:wu courier courier');
		// Everything that happened stands there in words, and no step by the name that the dialog's author gave it.
		await page.goto(`${world.staffUrl}/applications/${app}`);
		const seen = await page.locator('.trail').innerText();
		for (const words of [/Phoned/, /nobody answered/, /Took back what was noted/, /好的，你们替我办吧/, /To be phoned → Proves identity/, /entered on the phone/]) assert.match(seen, words);
		for (const raw of ['phone_list', 'call_undone', 'no_answer', 'on_site', 'staff:wu', '{']) assert.ok(!(await page.locator('main').innerText()).includes(raw), raw);
		await page.goto(`${world.staffUrl}/applications/${app}/assist`);
		assert.match(await page.locator('[role=alert]').innerText(), /submitted or over/);
		// The log of who did what names no number.
		await page.goto(`${world.staffUrl}/phones/${c.phone}`);
		assert.match(await page.locator('table').innerText(), /With the bureau/);
		assert.equal(await world.sql(`SELECT count(*) FROM staff_event WHERE subject || detail LIKE '%${c.phone.slice(4)}%'`), '0');
		assert.match(await world.sql("SELECT subject FROM staff_event WHERE kind = 'phone_seen'"), /^conversation \d+$/);
		await page.context().close();
	});

	test('nobody else works on a call; where no conversation is open nothing can be answered in it', async () => {
		const c = people[5], id = await toPhone(c), path = `${world.staffUrl}/entries/${id}`;
		const wu = await enters('wu', { locale: 'zh-CN' }), zhou = await enters('zhou', { locale: 'en-GB' });
		await wu.goto(path);
		assert.equal(await wu.locator('.call').count(), 0, 'no script before it is taken');
		await act(wu, 'claim');
		await decent(wu, 'zh');
		await zhou.goto(path);
		assert.equal(await zhou.locator('.call').count(), 0);
		const token = await zhou.locator('.menu input[name=token]').getAttribute('value'), cookie = await cookieOf(zhou);
		const r = await fetch(path, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, act: 'called', result: 'spoken' }), headers: { Cookie: cookie } });
		assert.equal(r.status, 409);
		assert.match((await world.cli('phone', 'result', id, 'spoken', '--staff', 'zhou')).stderr, /somebody else has taken it/);
		assert.equal(await world.sql(`SELECT tries FROM worklist WHERE id = ${id}`), '0');
		await wu.click('button[value=wrong_number]');
		await world.next(c.phone, /不会再发/);
		assert.equal(await world.sql(`SELECT reason FROM suppression WHERE phone = '${c.phone}'`), 'not_me');
		await world.sql("INSERT INTO worklist (bureau_id, list, phone, reason) VALUES (1, 'phone', '+865333241234', 'no mobile number')");
		await wu.goto(`${world.staffUrl}/worklists/phone`);
		await act(wu, 'next');
		assert.deepEqual(await wu.$$eval('.outcomes button', (all) => all.map((e) => e.value)), ['will_reply', 'no_answer', 'call_again', 'spoken', 'visit']);
		await wu.click('button[value=spoken]');
		assert.match(await wu.locator('.good').innerText(), /不用再跟进/);
		await act(wu, 'undo_call');
		assert.equal(await world.sql("SELECT done_at IS NULL FROM worklist WHERE phone = '+865333241234'"), 't');
		await wu.click('button[value=visit]');
		// Nobody is left; and whom no call reaches gets a letter.
		await wu.goto(`${world.staffUrl}/worklists/phone`);
		await act(wu, 'next');
		assert.match(await told(wu), /没有要打的电话/);
		await decent(wu, 'zh');
		await wu.click('details summary');
		await wu.click('form[action="/letters"] button');
		await wu.waitForURL(/letters=none/);
		assert.match(await wu.locator('[role=status]').innerText(), /没有要寄信的人/);
		await wu.context().close();
		await zhou.context().close();
	});

	test('a holder without a mobile number: entered on the console for who stands there or telephones', async () => {
		const number = creditCode('92370323MA8000001'), day = new Date(Date.now() + 15 * 86400000).toISOString().slice(0, 10);
		await world.must('import', 'licences', world.csv('landline.csv', [['yiyuan', 'food-business-renewal', 'JYLAND1', '沂源老街茶馆', '0533-3249999', 'zh', '2021-01-01', day, number, '沂源县老街1号', '']]));
		await world.must('scan');
		const app = await world.sql("SELECT a.id FROM application a JOIN licence l ON l.id = a.licence_id WHERE l.licence_no = 'JYLAND1'");
		const page = await enters('wu', { locale: 'zh-CN' });
		await page.goto(`${world.staffUrl}/applications/${app}`);
		await page.click(`a[href="/applications/${app}/assist"]`);
		await page.fill('#words', '我要续办');
		await page.fill('#number', number.slice(-6));
		await page.click('button[value=check]');
		assert.ok((await page.locator('.licence').innerText()).includes('沂源县老街1号'), 'to be read out');
		await page.check('input[name=old][value=on_site]');
		await page.check('input[name=delivery][value=pick_up]');
		await page.click('button[value=enter]');
		assert.equal(await page.locator('.good').count(), 1);
		await world.becomes(`SELECT status || ' ' || delivery FROM application WHERE id = ${app}`, 'submitted pick_up');
		await page.goto(`${world.staffUrl}/applications/${app}`);
		assert.match(await page.locator('.evidence').innerText(), /我要续办/);
		await decent(page, 'zh');
		await page.context().close();
	});

	test('found by what somebody says: a name, a number, a licence; sealed in the address, and masked', async () => {
		const [c] = people, zhou = await enters('zhou', { locale: 'en-GB', width: 1280, script: true }), eye = await enters('eye', { locale: 'zh-CN' });
		const app = await world.sql(`SELECT a.id FROM application a JOIN licence l ON l.id = a.licence_id WHERE l.licence_no = '${c.licence_no}'`);
		const find = async (page, text) => {
			await page.goto(`${world.staffUrl}/search`);
			await page.fill('#q', text);
			await page.click('.counterform button');
			await page.waitForSelector('[role=status]');
			assert.ok(text.length < 6 || !decodeURIComponent(page.url()).includes(text), 'not in the address');
			assert.equal(await page.inputValue('#q'), text);
			return page.locator('tbody tr').allInnerTexts();
		};
		for (const [text, by] of [[c.licence_no, 'licence number'], [c.licence_no.toLowerCase(), 'licence number'], [c.phone, 'phone number'], [c.phone.slice(3), 'phone number'],
			[c.number, 'identity number'], [c.number.toLowerCase(), 'identity number'], ['Ｊ' + c.licence_no.slice(1), 'licence number']]) {
			const rows = await find(zhou, text);
			assert.equal(rows.length, 1, text);
			assert.ok(rows[0].includes(c.licence_no) && rows[0].includes(by) && rows[0].includes('****') && !rows[0].includes('沂源0'), rows[0]);
		}
		assert.equal((await find(zhou, c.licence_no.slice(0, 9))).length, 6, "a licence number's beginning");
		assert.equal((await find(zhou, '<I>沂源')).length, 6, 'a name by its beginning, in any case');
		assert.equal((await find(zhou, c.phone.slice(3, 10))).length, 6, "a number's first digits");
		// A part of it, words of it in their order, the end of a number: what somebody remembers.
		const name = await world.sql(`SELECT h.name FROM holder h JOIN licence l ON l.holder_id = h.id WHERE l.licence_no = '${c.licence_no}'`);
		for (const [text, by] of [[name.slice(4), 'part of a name'], [`${name.slice(3, 5)}　 ${name.slice(-3)}`, 'part of a name'], [c.phone.slice(-6), 'end of a phone number'],
			[c.licence_no.slice(-6).toLowerCase(), 'end of a licence number'], [`${c.licence_no.slice(-6)}号`, 'end of a licence number']]) {
			const rows = await find(zhou, text);
			assert.ok(rows.some((row) => row.includes(c.licence_no) && row.includes(by)), `${text}: ${rows}`);
		}
		assert.equal((await find(zhou, '源沂')).length, 0, 'the characters in another order are another word');
		await decent(zhou, 'en');
		await accessible(zhou);
		assert.ok((await find(zhou, app)).some((row) => row.includes(`Application ${app}`) && row.includes('application number')));
		await zhou.click(`a[href="/applications/${app}"]`);
		await zhou.goBack();
		assert.equal(await zhou.inputValue('#q'), app, 'the way back works');
		for (const text of ['%', '%%', '__', '沂%源', '沂\\\\源', "'; DROP TABLE holder; --", c.address]) assert.equal((await find(zhou, text)).length, 0, text);
		await decent(zhou, 'en');
		// Who only looks cannot find out whose a number is.
		for (const text of [c.phone, c.phone.slice(-6), c.number]) assert.equal((await find(eye, text)).length, 0, text);
		assert.match(await eye.locator('main').innerText(), /不能按手机和身份证号查找/);
		assert.equal((await find(eye, c.licence_no)).length, 1);
		await decent(eye, 'zh');
		assert.ok(!(await eye.content()).includes(c.phone));
		for (const s of ['', 'x', 'A'.repeat(400), encodeURIComponent('中')]) assert.equal((await zhou.goto(`${world.staffUrl}/search?s=${s}`)).status(), 200, s);
		assert.equal(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'searched' AND subject || detail ~ '[0-9]|沂源'"), '0', 'the log has the way only');
		const rows = await world.json('search', c.phone);
		assert.deepEqual(rows.map((r) => [r.licence_no, r.by, r.bureau]), [[c.licence_no, 'phone', 'yiyuan']]);
		assert.ok(rows[0].holder.includes('***'));
		assert.equal((await world.json('search', '<i>沂源', '--limit', '2')).length, 2);
		assert.deepEqual(await world.json('search', 'nobody at all'), []);
		await zhou.context().close();
		await eye.context().close();
	});

	test('several at once: taken, done, undone; what another has stays his', async () => {
		await world.sql(`INSERT INTO worklist (bureau_id, list, phone, reason, due_on) SELECT 1, 'check', '+86139' || lpad(n::text, 8, '0'), 'issued on a pledge', (now() AT TIME ZONE 'Asia/Shanghai')::date + n / 40
			FROM generate_series(1, 120) n`);
		const wu = await enters('wu', { locale: 'en-GB', width: 1280 }), zhou = await enters('zhou', { locale: 'zh-CN' });
		await wu.goto(`${world.staffUrl}/worklists/check`);
		assert.equal(await wu.locator('tbody tr').count(), 50);
		const seen = new Set();
		for (;;) {
			for (const v of await wu.$$eval('input[name=entry]', (all) => all.map((e) => e.value))) { assert.ok(!seen.has(v)); seen.add(v); }
			if (await wu.locator('a.button:has-text("next")').count() === 0) break;
			await wu.click('a.button:has-text("next")');
		}
		assert.equal(seen.size, 120, 'every one, each once');
		await wu.goto(`${world.staffUrl}/worklists/check`);
		for (let i = 0; i < 3; i++) await wu.locator('input[name=entry]').nth(i).check();
		await wu.click('.bulk button[value=claim]');
		assert.match(await told(wu), /3 are yours/);
		await zhou.goto(`${world.staffUrl}/worklists/check`);
		for (let i = 2; i < 5; i++) await zhou.locator('input[name=entry]').nth(i).check();
		await zhou.click('.bulk button[value=done]');
		assert.match(await told(zhou), /已办完 2 条。 未办：1/);
		// Which, and why; two clerks at one list cannot guess it.
		const third = await world.sql("SELECT id FROM worklist WHERE list = 'check' AND claimed_by = 'staff:wu' ORDER BY due_on, id OFFSET 2 LIMIT 1");
		assert.equal(await zhou.locator('.left').innerText(), `条目 ${third}: 他人正在办理 (wu)`);
		assert.equal(await zhou.locator('.left a').getAttribute('href'), `/entries/${third}`);
		await decent(zhou, 'zh');
		assert.equal(await world.sql("SELECT count(*) FROM worklist WHERE list = 'check' AND done_by = 'staff:zhou'"), '2');
		await zhou.click('form:has(input[value=undo]) button');
		assert.match(await told(zhou), /2 条恢复待办/);
		assert.equal(await world.sql("SELECT count(*) FROM worklist WHERE list = 'check' AND done_at IS NULL"), '120');
		// What is another's is not given back; the filter stays; and who has ticked nothing is told so.
		await zhou.goto(`${world.staffUrl}/worklists/check?due=1`);
		await zhou.locator(`input[name=entry][value="${third}"]`).check();
		await zhou.click('.bulk button[value=release]');
		assert.match(await told(zhou), /已交回 0 条。 未办：1 条。\s+条目 \d+: 不是归您办理的/);
		assert.ok(await zhou.locator('input[name=due]:visible').isChecked());
		await zhou.click('.bulk button[value=done]');
		assert.match(await zhou.locator('[role=alert]').innerText(), /没有选中任何一条/);
		// All of a page, without ticking fifty boxes.
		await zhou.goto(`${world.staffUrl}/worklists/check`);
		for (const [button, words] of [['claim', /47 条归您办理，半小时内有效。 未办：3 条/], ['release', /已交回 47 条。 未办：3 条/]]) {
			await zhou.check('input[name=all]');
			await zhou.click(`.bulk button[value=${button}]`);
			assert.match(await told(zhou), words);
		}
		assert.equal(await zhou.locator('.left').count(), 3);
		await zhou.goto(`${world.staffUrl}/worklists/check?left=1.x&left=${third}.<b>,1.held,&refused=1&n=0&done=claim`);
		assert.equal(await zhou.locator('.left b').count(), 0);
		await zhou.goto(`${world.staffUrl}/worklists/check`);
		// Not after ten minutes, and not another's.
		await zhou.locator('input[name=entry]').nth(4).check();
		await zhou.click('.bulk button[value=done]');
		await world.sql("UPDATE worklist SET done_at = done_at - interval '11 minutes' WHERE done_by = 'staff:zhou' AND list = 'check'");
		const batch = await world.sql("SELECT (extract(epoch FROM done_at) * 1000000)::bigint FROM worklist WHERE done_by = 'staff:zhou' AND list = 'check'");
		await zhou.$eval('form:has(input[value=undo]) input[name=batch]', (e, b) => { e.value = b; }, batch);
		await zhou.click('form:has(input[value=undo]) button');
		assert.match(await told(zhou), /^0 条/);
		await wu.goto(`${world.staffUrl}/worklists/check?who=mine`);
		assert.equal(await wu.locator('input[name=entry]').count(), 3);
		await wu.goto(`${world.staffUrl}/worklists/check?who=free&due=1`);
		assert.equal(await wu.locator('input[name=entry]').count(), 35, 'due today, three of them are not free and one is done');
		await wu.goto(`${world.staffUrl}/worklists/check?item=none`);
		assert.match(await wu.locator('table').innerText(), /Nothing waits here/);
		for (const after of ['x', '.', 'infinity.', '2026-13-45.1', "2026-01-01'--.1", `${'9'.repeat(40)}.1`, '0000-00-00.0'])
			assert.equal((await wu.goto(`${world.staffUrl}/worklists/check?after=${encodeURIComponent(after)}`)).status(), 200, after);
		await wu.context().close();
		await zhou.context().close();
	});

	test('several approved at once, each as by itself', async () => {
		const two = people.slice(2, 4);
		for (const c of two) await submit(world, browser, c);
		const wu = await enters('wu'), zhou = await enters('zhou', { locale: 'en-GB' });
		await wu.goto(`${world.staffUrl}/worklists/approve`);
		assert.equal(await wu.locator('button[value=approve]').count(), 0, 'not who may not decide');
		await zhou.goto(`${world.staffUrl}/worklists/send`);
		assert.match(await zhou.locator('table').innerText(), /Nothing waits here/);
		assert.equal(await zhou.locator('form:has(input[value=next]), .filter, .bulk').count(), 0, 'nothing to take, nothing to choose among');
		// One by one: the next is at hand when one is done, and what is left is done at once.
		await world.sql(`UPDATE worklist SET claimed_by = 'staff:wu', claimed_until = now() + interval '1 hour' WHERE list = 'approve' AND application_id NOT IN (${two.map((c) => c.id)})`);
		await zhou.goto(`${world.staffUrl}/worklists/approve`);
		await act(zhou, 'next');
		const [first] = two, rest = two.filter((c) => c !== first);
		assert.ok(zhou.url().endsWith(`/applications/${first.id}`));
		await act(zhou, 'approve');
		await decent(zhou, 'en');
		await act(zhou, 'next');
		assert.ok(zhou.url().endsWith(`/applications/${rest[0].id}`));
		await zhou.goto(`${world.staffUrl}/worklists/approve`);
		for (const c of rest) await zhou.check(`tr:has(a[href="/applications/${c.id}"]) input[name=entry]`);
		await zhou.click('.bulk button[value=approve]');
		assert.match(await told(zhou), /1 approved/);
		assert.equal(await zhou.locator('form:has(input[value=undo])').count(), 0, 'a decision is not undone');
		for (const c of two) await world.next(c.phone, /已审批通过/);
		await wu.goto(`${world.staffUrl}/worklists/send`);
		for (const box of await wu.locator('input[name=entry]').all()) await box.check();
		await wu.click('.bulk button[value=ready]');
		assert.match(await told(wu), /已备好 2 件/);
		for (const c of two) await world.next(c.phone, /取件码/);
		assert.equal(await world.sql("SELECT string_agg(DISTINCT pickup_code, '') ~ '^[0-9]{6}([0-9]{6})?$' FROM application WHERE status = 'ready'"), 't');
		await wu.context().close();
		await zhou.context().close();
	});

	test('the command line takes, gives back and closes with a note', async () => {
		const id = await world.sql("SELECT min(id) FROM worklist WHERE list = 'check' AND done_at IS NULL AND claimed_by = ''");
		assert.equal((await world.json('worklist', 'claim', id, '--staff', 'li')).by, 'staff:li');
		const held = await world.cli('worklist', 'claim', id, '--staff', 'wang');
		assert.equal(held.code, 1);
		assert.match(held.stderr, /taken by staff:li; --take-over/);
		assert.match((await world.cli('worklist', 'done', id, '--staff', 'wang')).stderr, /taken by staff:li/);
		await world.must('worklist', 'claim', id, '--staff', 'wang', '--take-over');
		assert.match((await world.cli('worklist', 'release', id, '--staff', 'li')).stderr, /is not li's/);
		await world.must('worklist', 'release', id, '--staff', 'wang');
		assert.equal((await world.json('worklist', 'done', id, '--staff', 'li', '--note', '电话已通知')).result, 'done');
		assert.equal(await world.sql(`SELECT note FROM worklist WHERE id = ${id}`), '电话已通知');
		assert.match((await world.cli('worklist', 'done', id, '--staff', 'li')).stderr, /done already by staff:li/);
	});

	// Whatever the store may hold is said in the reader's language: every reason, error, refusal, kind of event and role.
	// What remains is data: names, codes, addresses, texts of citizens.
	const DATA = /English|huizhi [a-z ]+|Mozilla\/.*|https?:\S*|(?<![A-Za-z])(?:east|zhou|wu|li|wang|eye|root|too late|webhook_allow)(?![A-Za-z])|[a-z_]+\.(?:[a-z_]+|\*)|opt_(?:in|out)/g;
	const english = (text) => text.replace(DATA, ' ').split('\n').filter((line) => /[a-z]{3,}/.test(line)).map((line) => line.trim());

	test('nothing of a page in Chinese is English', async () => {
		const reasons = ['no answer', 'submitted', 'by courier', 'for pick-up', 'delivery not chosen', 'old certificate by courier', 'issued on a pledge', 'correct', 'undeliverable',
			'by courier, and no address is on file', 'no mobile number', 'no mobile number; to be told: 您好', 'part 2 of 3 of a long text never came', 'parts 1, 3 of 4 of a long text never came',
			'a long text of 3 parts came whole and was not answered', 'the carrier could not deliver it to this phone (012)', 'the connection to the carrier dropped, and nobody knows whether it arrived',
			'invalid destination address (0x0B)', 'no pledge was made', 'a pledge of the holder was not kept', 'identity is not proven', 'the holder says that the data on file are wrong',
			'the business register has changed since the licence was issued', 'it was handed in outside the legal window', "on the holder's pledge",
			'the reminder had not left when the campaign was paused', 'the carrier took the reminder back when the campaign was stopped', 'the campaign was stopped before the reminder left',
			'the reminder could not be delivered; it is sent again', 'there is a new number on file'];
		const quoted = `ARRAY[${reasons.map((r) => `'${r.replaceAll("'", "''")}'`)}]`, app = people[2].id;
		await world.sql(`UPDATE worklist SET done_at = now() WHERE done_at IS NULL;
			INSERT INTO worklist (bureau_id, list, phone, reason) SELECT 1, 'read', '+86137' || lpad(n::text, 8, '0'), r FROM unnest(${quoted}) WITH ORDINALITY AS x(r, n);
			INSERT INTO trail (bureau_id, at, application_id, actor, kind, data) SELECT 1, now(), ${app}, 'rule', 'left_to_clerk', jsonb_build_object('reason', r) FROM unnest(${quoted}) r;
			INSERT INTO trail (bureau_id, at, application_id, actor, kind, data) SELECT 1, now(), ${app}, 'system', k, '{}' FROM unnest(ARRAY['taken_back', 'left_for_later', 'redaction_ordered']) k;
			UPDATE message SET state = 'failed', error = 'UNDELIV 012' WHERE phone = '${people[2].phone}'`);
		const page = await enters('zhou', { locale: 'zh-CN' }), faults = [], seen = new Set(), todo = ['/', `/applications/${app}`, '/worklists/read', '/nowhere'];
		const kindOf = (path) => path.replace(/\?.*/, '').replace(/\/\d+|\/\+\d+/g, '/:');
		while (todo.length > 0) {
			const path = todo.shift();
			if (seen.has(kindOf(path)) || /^\/dialogs\/./.test(path)) continue;
			seen.add(kindOf(path));
			await page.goto(world.staffUrl + path);
			faults.push(...english(await page.locator('body').innerText()).map((line) => `${path}: ${line}`));
			for (const href of await page.locator('main a[href^="/"], .menu nav a, .menu form a').evaluateAll((l) => l.map((a) => a.getAttribute('href'))))
				if (!/\.(csv|svg|png|txt|json)(\?|$)|^\/sign-out|lang=/.test(href)) todo.push(href);
		}
		assert.ok(seen.size >= 15, [...seen].join(' '));
		// Each act in each state: done, or refused with a reason, where it stands, and who was faster.
		await world.sql(`UPDATE application SET conversation_id = NULL, decided_by = 'staff:wu', decided_at = now() WHERE id = ${app}`);
		const token = await page.locator('.menu input[name=token]').getAttribute('value'), cookie = await cookieOf(page), said = new Set();
		for (const status of ['due', 'submitted', 'approved', 'ready', 'sent', 'collected', 'rejected', 'closed']) {
			let stands = false;
			for (const what of ['approve', 'reject', 'send', 'ready', 'collect', 'old_received', 'verify', 'passed', 'failed', 'lift']) {
				if (!stands) await world.sql(`UPDATE application SET status = '${status}', old_received_at = NULL WHERE id = ${app}`);
				const r = await fetch(`${world.staffUrl}/applications/${app}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, act: what, pickup_code: 'x' }), headers: { Cookie: cookie, 'Accept-Language': 'zh-CN' } });
				const alert = (await r.text()).match(/role="alert">([^]*?)<\/p>/)?.[1].replace(/<[^>]*>/g, ' ').trim();
				assert.ok(r.status === 303 || (r.status === 409 && alert), `${what} while ${status} -> ${r.status}`);
				stands = r.status === 409;
				if (!stands) continue;
				said.add(alert);
				faults.push(...english(alert).map((line) => `${what} while ${status}: ${line}`));
			}
		}
		assert.ok([...said].some((x) => /已经审核通过.*zhou · 20\d\d-.*现在的状态： 已寄出/.test(x)), [...said].join('\n'));
		assert.ok(said.size > 15, [...said].join('\n'));
		assert.deepEqual(faults, []);
		await page.context().close();
	});
});
