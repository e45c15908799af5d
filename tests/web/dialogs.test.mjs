// Dialogs on the console: the picture with who waits where; wording edited, checked, published, undone; talks under way keep
// theirs or are moved; a draft is played.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { accessible, decent, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { addStaff, cookieOf, signIn } from '../lib/console.mjs';
import { build, root, run } from '../lib/world.mjs';

describe('dialogs on the console', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 4 }, (_, i) => ({ name: `沂源${i}面馆`, language: i === 3 ? 'en' : 'zh' })));
		await addStaff(world, { zhou: 'look,send,write,manage', wu: 'look,write', li: 'look' });
		await invite(world, people[0]);
		for (const c of people.slice(1)) await world.next(c.phone);
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	const enters = (name, options) => signIn(world, browser, name, { locale: 'en-GB', width: 1280, ...options });

	test('the picture shows who waits where, in both languages, on a phone and a desk', async () => {
		await world.say(people[1].phone, '不办', /./);
		for (const [locale, lang, width] of [['zh-CN', 'zh', 360], ['en-GB', 'en', 1280]]) {
			const page = await enters('li', { locale, width, script: true });
			await page.goto(`${world.staffUrl}/dialogs`);
			await decent(page, lang);
			await accessible(page);
			const row = (name) => page.locator(`.picture tr:has(small:text-is("${name}")) td`);
			await world.until(async () => {
				await page.goto(`${world.staffUrl}/dialogs/renewal`);
				return (await row('reminded').allInnerTexts()).join() === '2,4,1';
			}, 'two who were asked, four ever, one who answered');
			assert.deepEqual(await row('reminded').allInnerTexts(), ['2', '4', '1']);
			assert.deepEqual(await row('verify').allInnerTexts(), ['1', '1', '0']);
			assert.deepEqual(await row('declined').allInnerTexts(), ['', '1', '']);
			assert.equal(await page.locator('.picture svg rect').count(), (await world.must('dialog', 'print', 'renewal')).match(/^step /gm).length);
			assert.match(await page.locator('.picture svg').textContent(), lang === 'zh' ? /已提醒\s*2/ : /Asked\s*2/);
			await decent(page, lang);
			await accessible(page);
			assert.equal((await page.goto(`${world.staffUrl}/dialogs/none`)).status(), 404);
			await page.context().close();
		}
		await world.sql(`INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, dialog_version, step, begun)
			SELECT 1, 900000 + i, '+86135' || lpad(i::text, 8, '0'), (SELECT min(id) FROM holder), 'en', 'renewal', 1, 'delivery', true FROM generate_series(1, 1203) i`);
		const page = await enters('li');
		await world.until(async () => {
			await page.goto(`${world.staffUrl}/dialogs/renewal`);
			return /1,?203/.test(await page.locator('.picture svg').textContent());
		}, 'those who stand at the choice of delivery');
		assert.match(await page.locator('.picture svg').textContent(), /[^\d,]1,203[^\d,]/);
		await world.sql('DELETE FROM conversation WHERE id > 900000');
		await page.context().close();
	});

	const url = (path) => `${world.staffUrl}${path}`;
	const text = '/dialogs/renewal/texts/verify_help';
	const WORDS = '还差一步：请打开上一条短信里的网址，或致电{telephone}，把8位代码告诉工作人员。重发请回复 Y，不办请回复 N。<b>';

	test('wording is counted as it is typed, kept in a draft, and faults are named', async () => {
		const page = await enters('wu', { script: true });
		await page.goto(url(text));
		const field = page.locator('#w-zh'), cost = page.locator('#counted-w-zh');
		assert.match(await cost.locator('.cost').innerText(), /^2 parts/);
		// Live: the figure follows what is typed, and nothing is kept.
		await field.fill('短。');
		await cost.locator('.cost:has-text("1 parts")').waitFor();
		assert.match(await cost.locator('.bubble').innerText(), /^【沂源审批】短。$/);
		await field.fill('太长'.repeat(150));
		await page.locator('.faults li:has-text("at its longest it takes")').waitFor();
		await field.fill('您好 {nmae}');
		await page.locator('.faults li:has-text("there is no placeholder {nmae}")').waitFor();
		// The other language is counted and shown all the same.
		assert.match(await page.locator('#counted-w-en .cost').innerText(), /^\d parts/);
		assert.equal(await page.locator('#counted-w-en .bubble').count(), 1);
		assert.equal(await cost.locator('.cost, .bubble').count(), 0);
		assert.equal(await world.sql('SELECT count(*) FROM dialog_version'), '0');
		await accessible(page);
		await page.context().close();

		// Without script the button counts.
		const plain = await enters('wu', { width: 360, locale: 'zh-CN' });
		await plain.goto(url(text));
		await plain.fill('#w-zh', '短。');
		await plain.click('button[value=count]');
		assert.match(await plain.locator('#counted-w-zh .cost').innerText(), /^1 条/);
		assert.equal(await plain.inputValue('#w-zh'), '短。');
		await plain.fill('#w-zh', '[stop]\n不是文字');
		await plain.click('button[value=keep]');
		assert.match(await plain.locator('[role=alert]').innerText(), /行首不能是/);
		assert.equal(await world.sql('SELECT count(*) FROM dialog_version'), '0');
		// A draft may hold faults; it cannot be published with them.
		await plain.fill('#w-zh', '{nmae}');
		await plain.click('button[value=keep]');
		assert.match(await plain.locator('.good').innerText(), /已存入草稿/);
		await decent(plain, 'zh');
		await plain.goto(url('/dialogs/renewal/texts'));
		assert.match(await plain.locator('tr:has(a:text-is("thanks")) td.number').innerText(), /^\d$/, 'parts of the other texts');
		assert.match(await plain.locator('tr:has(a:text-is("verify_help")) td.number').innerText(), /^\d$/, 'of its other language');
		await plain.goto(url('/dialogs/renewal/versions'));
		await plain.click('button:has-text("检查草稿")');
		assert.match(await plain.locator('.faults').innerText(), /^文字 verify_help · 中文\s+没有 {nmae} 这一项可填，是不是 {\w+}？$/);
		assert.equal(await plain.locator('.publish').count(), 0);
		await decent(plain, 'zh');
		// Not by an address that no button leads to, not where the database says that it was checked, and not by the command.
		const published = () => world.sql("SELECT count(*) || ' ' || string_agg(state, ',') FROM dialog_version");
		assert.equal(await published(), '1 draft', 'a check that finds a fault leaves the draft as it was');
		const zhou = await enters('zhou'), post = await poster(zhou, '/dialogs/renewal/versions');
		assert.equal((await post({ act: 'publish', revision: '1' })).status, 409);
		await world.sql("UPDATE dialog_version SET state = 'checked'");
		assert.equal((await post({ act: 'publish', revision: '1' })).status, 409);
		await world.sql("UPDATE dialog_version SET state = 'draft'");
		const refused = await world.cli('dialog', 'publish', 'renewal');
		assert.match(refused.stderr, /^renewal\.zh\.txt:\d+: text "verify_help": there is no placeholder {nmae}; do you mean {\w+}$/m);
		assert.equal(refused.code, 1);
		assert.equal(await published(), '1 draft');
		await zhou.context().close();
		await plain.goto(url(text));
		await plain.fill('#w-zh', WORDS);
		await plain.click('button[value=keep]');
		assert.equal(await plain.inputValue('#w-zh'), WORDS);
		assert.equal(await world.sql("SELECT state || revision || changed_by FROM dialog_version"), 'draft2staff:wu');
		await plain.context().close();
	});

	test('two clerks at once: the second is told, and loses no word', async () => {
		const [one, two] = [await enters('wu'), await enters('zhou')];
		await one.goto(url('/dialogs/renewal/texts/confirm_help'));
		await two.goto(url('/dialogs/renewal/texts/confirm_help'));
		await one.fill('#w-en', 'Sorry. Reply Y or N.');
		await one.click('button[value=keep]');
		await two.fill('#w-en', 'Reply Y if right, N if not.');
		await two.click('button[value=keep]');
		assert.match(await two.locator('[role=alert]').innerText(), /Somebody else/);
		assert.equal(await two.inputValue('#w-en'), 'Reply Y if right, N if not.');
		await two.click('button[value=keep]');
		await two.locator('.good').waitFor();
		await one.fill('#w-en', 'Sorry. Reply Y or N.');
		await one.context().close();
		await two.context().close();
	});

	test('a dry run plays the draft; what differs is shown', async () => {
		const page = await enters('li', { width: 360, locale: 'zh-CN' });
		await page.goto(url('/dialogs/renewal/play'));
		const say = async (words) => { await page.fill('#say', words); await page.click('button[value=say]'); };
		await say('Y');
		await say('什么');
		const said = await page.locator('.texts .out').last().innerText();
		assert.match(said, /还差一步：.*0631-8450000.*<b>/);
		await decent(page, 'zh');
		await page.click('button[value=verified]');
		assert.match(await page.locator('.texts').innerText(), /核对申请/);
		await say('= step rating');
		assert.match(await page.locator('.texts .in').last().innerText(), /^= step rating$/);
		await page.click('button[value=dial]');
		await page.click('button[value=hang_up]');
		await page.click('button[value=long]');
		await decent(page, 'zh');
		await page.click('button[value=again]');
		assert.equal(await page.locator('.texts .in').count(), 0);
		await page.goto(url('/dialogs/renewal/versions/draft'));
		assert.match(await page.locator('.diff ins').allInnerTexts().then((l) => l.join()), /还差一步：请打开上一条短信里的网址/);
		assert.ok(await page.locator('.diff del').count() > 0);
		await decent(page, 'zh');
		for (const bad of ['/dialogs/renewal/versions/7', '/dialogs/renewal/versions/draft?with=9', '/dialogs/renewal/texts/none', '/dialogs/none/play', '/dialogs/none/texts'])
			assert.equal((await page.goto(url(bad))).status(), 404, bad);
		await page.context().close();
	});

	// What this person's browser sends, by hand.
	async function poster(page, path) {
		await page.goto(url(path));
		const token = await page.locator('input[name=token]').first().getAttribute('value');
		const cookie = await cookieOf(page);
		return (fields, headers = {}) => fetch(url(path), { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, ...fields }), headers: { Cookie: cookie, ...headers } });
	}

	test('the flow is edited: each fault at its line, the picture of the draft, what changes, and who waits where', async () => {
		const page = await enters('wu', { script: true });
		const flow = '/dialogs/renewal/flow', listing = page.locator('.listing');
		await page.goto(url('/dialogs/renewal'));
		await page.click('.subnav a[href$="/flow"]');
		const before = await page.inputValue('#flow');
		assert.match(before, /^# Renewal.*\ndialog renewal 1 ussd\n/);
		assert.match(await page.locator('#counted-changes').innerText(), /the same/i);
		const fate = (step) => page.locator(`#counted-fates tr:has(small:text-is("${step}")) td`).last();
		assert.match(await fate('verify').innerText(), /stays as it is/);
		// As it is typed: the fault stands at its line, and the picture goes while there is one. Nothing is kept.
		const changed = before.replace('-> withdrawn\n', '-> withdrawn    say sorry_again\n'), line = changed.split('\n').findIndex((l) => /sorry_again/.test(l)) + 1;
		await page.fill('#flow', changed);
		await listing.locator('.wrong-why:has-text("There is no text “sorry_again”")').waitFor();
		assert.match(await listing.locator('.wrong').innerText(), new RegExp(`^${line}\\s+no\\s+-> withdrawn\\s+say sorry_again$`));
		assert.equal(await page.locator('#counted-picture svg').count(), 0);
		await accessible(page);
		await page.fill('#flow', before.replace('dialog renewal 1 ussd', 'dialog other 1 ussd'));
		await page.locator('#counted-faults .good').waitFor();
		await page.click('button[value=count]');
		assert.match(await page.locator('[role=alert]').innerText(), /names another dialog/);
		assert.ok(!(await world.sql('SELECT flow FROM dialog_version')).includes('sorry_again'));
		// Kept with its fault; the fault leads to where the text is written.
		await page.fill('#flow', changed);
		await page.click('button[value=keep]');
		await page.locator('p.good:has-text("Kept in the draft")').waitFor();
		await page.click('.faults a[href$="/texts/sorry_again?new=1"]');
		for (const language of ['zh', 'en']) await page.fill(`#w-${language}`, '{item}');
		await page.click('button[value=keep]');
		await page.locator('p.good:has-text("Kept in the draft")').waitFor();
		assert.equal(await page.locator('.faults').count(), 0);
		await page.context().close();

		// The page of a draft that is sound, on a phone and without script.
		const plain = await enters('wu', { width: 360, locale: 'zh-CN' });
		await plain.goto(url(flow));
		assert.match(await plain.locator(`#line-${line}`).innerText(), /say sorry_again/);
		assert.match(await plain.locator('.diff ins').innerText(), /say sorry_again/);
		assert.equal(await plain.locator('#counted-picture svg rect').count(), before.match(/^step /gm).length);
		assert.match(await plain.locator('#counted-fates tr:has(small:text-is("verify"))').innerText(), /1\s+这一步写法变了/);
		assert.match(await plain.locator('#counted-fates tr:has(small:text-is("reminded"))').innerText(), /没有变/);
		await decent(plain, 'zh');
		// Each kind of fault in the reader's language, and where it stands.
		await plain.fill('#flow', changed.replace('-> withdrawn    say sorry_again', '-> nowhere').replace(/silent \d+d/, 'silent 3 weeks') + '  anything\n');
		await plain.click('button[value=count]');
		const told = await plain.locator('.faults li').allInnerTexts();
		assert.ok(told.includes(`流程第 ${line} 行 没有叫“nowhere”的步骤或结束。请改正名字，或者加上这一步。`), told.join('\n'));
		assert.ok(told.some((t) => /^流程第 \d+ 行 silent 后面要写时间，例如 30m（分钟）/.test(t)), told.join('\n'));
		for (const t of told) assert.doesNotMatch(t.replace(/“[^”]*”|silent|reminder_day/g, ''), /[A-Za-z]{3}/, t);
		assert.match(await plain.locator('.wrong-why').first().innerText(), /silent 后面|没有叫/);
		await decent(plain, 'zh');
		// A step that goes: those who wait there are told of.
		const gone = changed.replaceAll(/\bverify(?=\s+do consent|\s+do new_link)/g, 'identity').replace('step verify', 'step identity');
		await plain.fill('#flow', gone);
		await plain.click('button[value=count]');
		assert.equal(await plain.locator('.faults').count(), 0, await plain.locator('.faults').allInnerTexts().then((l) => l.join()));
		assert.match(await plain.locator('#counted-fates tr:has(small:text-is("verify"))').innerText(), /没有了/);
		await plain.goto(url('/dialogs/renewal/versions'));
		assert.match(await plain.locator('section:has(h2:has-text("谁在等"))').innerText(), /写法变了/);
		// Large, too large, far too large, empty; of an old revision; and by who may not write.
		const post = await poster(plain, flow), revision = await world.sql('SELECT revision FROM dialog_version');
		assert.equal((await post({ act: 'count', revision, flow: `${changed}${'# 说明\n'.repeat(4000)}` })).status, 200);
		assert.equal((await post({ act: 'keep', revision, flow: `${changed}#${'x'.repeat(60000)}` })).status, 422);
		assert.equal((await post({ act: 'keep', revision, flow: 'x'.repeat(250000) })).status, 413);
		assert.equal((await post({ act: 'keep', revision, flow: '' })).status, 422);
		assert.equal((await post({ act: 'keep', revision: '1', flow: before })).status, 409);
		const li = await enters('li');
		assert.equal((await (await poster(li, flow))({ act: 'keep', revision, flow: before })).status, 403);
		assert.equal(await li.locator('button[value=keep]').count(), 0);
		await li.context().close();
		assert.equal((await plain.goto(url('/dialogs/none/flow'))).status(), 404);
		// Back to how it was.
		await plain.goto(url(flow));
		await plain.fill('#flow', before);
		await plain.click('button[value=keep]');
		assert.match(await plain.locator('#counted-changes').innerText(), /流程相同/);
		assert.equal(await world.sql("SELECT string_agg(detail, ' ' ORDER BY id) FROM staff_event WHERE kind = 'wording_changed' AND name = 'wu'"), 'verify_help verify_help confirm_help sorry_again');
		assert.equal(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'flow_changed'"), '2');
		await plain.context().close();
	});

	test('forms for tags and for screens are edited, added and taken out', async () => {
		const page = await enters('wu', { width: 360, locale: 'zh-CN' });
		const wording = () => world.sql("SELECT text FROM wording_version WHERE version = 0 AND language = 'zh'");
		await page.goto(url('/dialogs/renewal/texts/reminder'));
		const tagged = page.locator('[id="w-zh-for-个体工商户"]'), words = await tagged.inputValue();
		assert.match(await page.locator('section:has([id="w-zh-for-个体工商户"]) .bubble').innerText(), /^【沂源审批】/);
		assert.equal(await page.locator('#w-zh-ussd').count(), 1);
		await tagged.fill(`${words}个体户专用。`);
		await page.click('button[value=keep]');
		assert.match(await page.locator('section:has([id="w-zh-for-个体工商户"]) .bubble').innerText(), /个体户专用。$/);
		assert.match(await wording(), /\[reminder for=个体工商户 parts=\d\]\n[^[]*个体户专用。\n/);
		await tagged.fill(`${words}{nmae}`);
		await page.click('button[value=count]');
		assert.match(await page.locator('.faults').innerText(), /reminder@个体工商户 · 中文\s+没有 {nmae} 这一项可填，是不是 {\w+}？/);
		await decent(page, 'zh');
		// Another form: it begins with the words of the text, and goes when it is empty.
		await page.goto(url('/dialogs/renewal/texts/thanks'));
		const add = async (kind, tag) => {
			await page.click('summary:has-text("另一种形式")');
			await page.selectOption('#kind', kind);
			await page.fill('#tag', tag);
			await page.click('button[value=form]');
		};
		await add('plain', '老 店');
		assert.match(await page.locator('[role=alert]').innerText(), /标签不能有空格/);
		await add('plain', '');
		assert.match(await page.locator('[role=alert]').innerText(), /已经有/);
		await add('plain', '老店');
		const own = page.locator('[id="w-zh-for-老店"]');
		assert.equal(await own.inputValue(), await page.inputValue('#w-zh'));
		await add('many_ussd', '');
		assert.equal(await page.locator('#w-zh-many-ussd').count(), 1);
		assert.match(await wording(), /\n\[thanks for=老店 parts=\d\]\n[\s\S]*\n\[thanks many ussd\]\n/);
		await decent(page, 'zh');
		for (const language of ['zh', 'en']) {
			await page.fill(`#w-${language}-many-ussd`, '');
			await page.fill(`[id="w-${language}-for-老店"]`, ' ');
		}
		await page.click('button[value=keep]');
		assert.equal(await own.count() + await page.locator('#w-zh-many-ussd').count(), 0);
		await page.goto(url('/dialogs/renewal/texts'));
		assert.match(await page.locator('tr:has(a:text-is("reminder"))').innerText(), /已改动|改/);
		await page.fill('#new-text', 'Bad-Name');
		await page.locator('#new-text').evaluate((e) => e.removeAttribute('pattern'));
		await page.click('form.filter button');
		assert.equal(await page.locator('[role=alert]').count(), 1);
		await page.fill('#new-text', 'goodbye_again');
		await page.click('form.filter button');
		await page.waitForURL(/\/texts\/goodbye_again\?new=1$/);
		assert.equal(await page.inputValue('#w-zh'), '');
		await decent(page, 'zh');
		await page.context().close();
	});

	test('who may: looking is not writing, one\'s own words need a colleague', async () => {
		const [li, wu] = [await enters('li'), await enters('wu')];
		const asLi = await poster(li, text), asWu = await poster(wu, '/dialogs/renewal/versions');
		assert.equal((await asLi({ act: 'keep', revision: '9', 'w-zh': 'x' })).status, 403);
		assert.equal(await li.locator('button[value=keep]').count(), 0);
		assert.equal((await asWu({ act: 'undo', version: '1' })).status, 403, 'only who manages goes back');
		assert.equal((await asWu({ act: 'move', version: '1', step: 'reminded' })).status, 403);
		assert.equal((await asWu({ act: 'check', token: 'x'.repeat(43) })).status, 403);
		assert.equal((await asWu({ act: 'check' }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
		// wu writes the last word and checks it; then only somebody else publishes.
		await wu.goto(url('/dialogs/renewal/texts/confirm_help'));
		await wu.click('button[value=keep]');
		await wu.goto(url('/dialogs/renewal/versions'));
		await wu.click('button:has-text("Check the draft")');
		assert.match(await wu.locator('.good').innerText(), /no fault/);
		assert.match(await wu.locator('.draft').innerText(), /A colleague must publish/);
		const revision = await world.sql('SELECT revision FROM dialog_version');
		assert.equal((await asWu({ act: 'publish', revision })).status, 403);
		// Fields that name other texts, forms or dialogs make nothing.
		const edit = await poster(wu, text);
		assert.equal((await edit({ act: 'keep', revision, 'w-zh-many-ussd': 'x', 'w-fr': 'x', 'w-en': '[a]\nb' })).status, 422);
		assert.equal((await poster(wu, text).then((p) => p({ act: 'keep', revision: '1', 'w-en': 'old' }))).status, 409);
		assert.equal(await world.sql('SELECT revision FROM dialog_version'), revision);
		await li.context().close();
		await wu.context().close();
	});

	test('published: new talks hear it, those under way keep theirs until they are moved; undone again', async () => {
		const page = await enters('zhou', { script: true });
		const old = await world.say(people[0].phone, '什么', /还差/);
		assert.doesNotMatch(old, /<b>/);
		await page.goto(url('/dialogs/renewal/versions'));
		await page.fill('#note', '更短 <i>');
		await page.click('button:has-text("Publish")');
		assert.match(await page.locator('.good').innerText(), /Published/);
		assert.match(await page.locator('tr:has(th:has-text("1001"))').innerText(), /runs.*\szhou\s.*更短 <i>/s);
		await decent(page, 'en');
		await accessible(page);
		// people[2] was reminded before; people[0] is at verify on the old version: nobody hears the new words yet.
		assert.doesNotMatch(await world.say(people[0].phone, 'Y', /\/r\//), /<b>/);
		assert.equal(await world.sql("SELECT DISTINCT dialog_version FROM conversation WHERE open"), '1');
		await world.until(async () => {
			await page.goto(url('/dialogs/renewal/versions'));
			return await page.locator('tr:has-text("Proves identity") button').count() > 0;
		}, 'somebody to move');
		await page.click('tr:has-text("Proves identity") button');
		assert.match(await page.locator('.good').innerText(), /Moved/);
		assert.equal(await world.sql("SELECT dialog_version FROM conversation WHERE open AND step = 'verify'"), '1001');
		assert.equal(await world.sql("SELECT count(*) FROM trail WHERE kind = 'version_changed' AND actor = 'staff:zhou'"), '1');
		assert.match(await world.say(people[0].phone, '什么', /还差一步/), /<b>/);
		// A talk that begins now begins with it.
		const [later] = await settle(world, [{ name: '后来面馆' }].map((c) => c));
		assert.ok(later);
		assert.equal(await world.sql("SELECT count(*) FROM staff_event WHERE kind = 'dialog_published'"), '1');

		// Another daemon, or this one started anew, has it from the database.
		await world.stopDaemon();
		await world.startDaemon();
		assert.match(await world.say(people[0].phone, '什么呀', /./), /<b>|工作人员/);
		// Back to the file, as a copy; and by the command line.
		await page.goto(url('/dialogs/renewal/versions'));
		await page.click('tr:has-text("the file as installed") button');
		assert.match(await page.locator('tr:has(th:has-text("1002"))').innerText(), /runs/);
		const versions = await world.json('dialog', 'versions', 'renewal');
		assert.deepEqual(versions.map((v) => [v.version, v.state, v.based_on]), [[1002, 'published', 1], [1001, 'published', 1]]);
		assert.equal((await world.json('dialog', 'diff', 'renewal', 'file', '1002')).length, 0);
		const diff = await world.must('dialog', 'diff', 'renewal', '1002', '1001');
		assert.match(diff, /^renewal\.zh\.txt\n(?:[-+] .*\n)*?\+ .*<b>/m);
		assert.equal((await world.json('dialog', 'undo', 'renewal', '1001')).version, 1003);
		assert.match((await world.cli('dialog', 'undo', 'renewal', '1900')).stderr, /has not published version 1900/);
		assert.match((await world.cli('dialog', 'publish', 'renewal')).stderr, /no draft of renewal; --file/);
		assert.equal((await world.json('dialog', 'publish', 'renewal', '--file', '--note', 'as shipped')).version, 1004);
		await world.daemon.line(/dialog=renewal version=1004 loaded/);
		await page.goto(url('/dialogs/renewal/versions'));
		assert.match(await page.locator('tr:has(th:has-text("1004"))').innerText(), /runs.*as shipped/s);
		await page.context().close();
	});

	test('a new dialog: a copy under its own name, a draft that nobody meets, then published and held with an item of its own', async () => {
		const page = await enters('wu', { width: 360, locale: 'zh-CN' }), fresh = '/dialogs/school_renewal';
		const begin = async (name, from, title = '办学许可证续办') => {
			await page.goto(url('/dialogs'));
			await page.locator('#name').evaluate((e) => e.removeAttribute('pattern'));
			await page.fill('#name', name);
			await page.fill('#title', title);
			await page.selectOption('#from', from);
			await page.click('section.card button');
		};
		for (const [name, why] of [['学校', /小写字母/], ['School', /小写字母/], ['common', /小写字母/], ['renewal', /已经有/]]) {
			await begin(name, 'pledge');
			assert.match(await page.locator('[role=alert]').innerText(), why, name);
			assert.equal(await page.inputValue('#name') + await page.inputValue('#title') + await page.inputValue('#from'), `${name}办学许可证续办pledge`, 'what was typed stays');
		}
		await begin('school_renewal', 'renewal', '办学 {item}');
		assert.match(await page.locator('[role=alert]').innerText(), /请写标题/);
		await decent(page, 'zh');
		await begin('school_renewal', 'renewal');
		assert.match(await page.inputValue('#flow'), /^dialog school_renewal 1 ussd$/m);
		await begin('school_renewal', 'renewal');
		assert.match(await page.locator('[role=alert]').innerText(), /已经有/);
		// Its title stands wherever staff meet it, and in each language as it is written there.
		assert.match(await page.locator('li:has(a[href="/dialogs/school_renewal"])').innerText(), /^办学许可证续办 草稿\s+school_renewal\s+尚未发布/);
		await page.goto(url(`${fresh}/texts/title`));
		await page.fill('#w-en', 'Renewal of school licences');
		await page.click('button[value=keep]');
		assert.match(await page.locator('h1').innerText(), /^title · 办学许可证续办$/);
		for (const path of ['', '/flow', '/texts', '/texts/reminder', '/versions', '/versions/draft', '/play']) {
			assert.equal((await page.goto(url(fresh + path))).status(), 200, path);
			await decent(page, 'zh');
		}
		await page.goto(url(fresh));
		assert.ok(await page.locator('.picture svg rect').count() > 5);
		await page.goto(url(`${fresh}/texts/reminder`));
		// Only the words that were changed are changed: no header of another form is written anew.
		const before = await world.sql("SELECT text FROM wording_version WHERE dialog = 'school_renewal' AND language = 'en'");
		await page.fill('#w-zh', '【学校】办学许可证将于{expires_on}到期，续办请回复 Y，不办请回复 N。不想再收请回复 停止。');
		await page.click('button[value=keep]');
		assert.equal(await world.sql("SELECT text FROM wording_version WHERE dialog = 'school_renewal' AND language = 'en'"), before);
		// Its writer may not publish it; a colleague does. Nothing of it runs before.
		await page.goto(url(`${fresh}/versions`));
		await page.click('button:has-text("检查草稿")');
		assert.match(await page.locator('.draft').innerText(), /同事发布/);
		const zhou = await enters('zhou', { script: true });
		await zhou.goto(url(`${fresh}/versions`));
		await accessible(zhou);
		await zhou.click('button:has-text("Publish")');
		assert.match(await zhou.locator('.good').innerText(), /Published/);
		assert.match(await zhou.locator('tr:has(th:has-text("1001"))').innerText(), /runs.*\szhou\s/s);
		await decent(zhou, 'en');
		assert.equal(await zhou.locator('h1').innerText(), 'Versions · Renewal of school licences');
		await zhou.goto(url('/dialogs'));
		assert.match(await zhou.locator('li:has(a[href="/dialogs/school_renewal"])').innerText(), /^Renewal of school licences\s+school_renewal\s+0 /);
		await zhou.goto(url('/staff/log'));
		assert.match(await zhou.locator('main').innerText(), /Renewal of school licences/);
		// By the command: from a file of another folder, with what differs, played, thrown away.
		assert.equal((await world.json('dialog', 'begin', 'other_one', '--from', 'school_renewal', '--title', '另一种', '--staff', 'wu')).name, 'other_one');
		assert.equal(await world.sql("SELECT count(*) FROM wording_version WHERE dialog = 'other_one' AND text LIKE '%[title%]\n另一种\n%'"), '2');
		assert.match((await world.cli('dialog', 'begin', 'third', '--from', 'renewal', '--title', 'a [b]')).stderr, /is no title/);
		assert.match((await world.cli('dialog', 'begin', 'other_one', '--from', 'renewal')).stderr, /draft of other_one already/);
		assert.match((await world.cli('dialog', 'begin', 'renewal', '--from', 'change')).stderr, /is there already/);
		assert.match((await world.cli('dialog', 'begin', 'Other', '--from', 'renewal')).stderr, /small letters/);
		assert.match(await world.must('dialog', 'play', 'other_one', '--version', 'draft', '--language', 'zh', { input: 'start\n' }), /【学校】/);
		assert.match(await world.must('dialog', 'print', 'other_one', '--version', 'draft'), /^dialog other_one /);
		assert.equal((await world.json('dialog', 'drop', 'other_one')).name, 'other_one');
		assert.match((await world.cli('dialog', 'drop', 'other_one')).stderr, /no draft of other_one/);
		await begin('other_one', 'school_renewal');
		await page.goto(url('/dialogs/other_one/versions'));
		await page.click('summary');
		await page.click('button:has-text("放弃草稿")');
		assert.match(await page.locator('.good').innerText(), /草稿已放弃/);
		assert.equal((await page.goto(url('/dialogs/other_one'))).status(), 404);

		// An item whose configuration names it; the check before the start only warns, for it asks no database.
		world.options.items = join(world.dir, 'items');
		cpSync(join(root, 'conf/items'), world.options.items, { recursive: true });
		const file = join(world.options.items, 'yiyuan.conf');
		writeFileSync(file, readFileSync(file, 'utf8').replace(/(item "school-licence-renewal" \{[\s\S]*?dialog = )"renewal"/, '$1"school_renewal"'));
		world.writeConf();
		const checked = await run(join(build, 'huizhid'), ['-c', world.conf, '-n']);
		assert.equal(checked.code, 0, checked.stderr);
		assert.match(checked.stderr, /warning: .*no dialog school_renewal\.dlg/);
		await world.stopDaemon();
		await world.startDaemon();
		const phone = '+8613800900001';
		await world.must('import', 'licences', world.csv('school.csv', [['yiyuan', 'school-licence-renewal', 'BX-1', '沂源小学', phone.slice(3), 'zh', '2021-12-20',
			new Date(Date.now() + 20 * 86400000).toISOString().slice(0, 10), '', '', '']]));
		await world.must('scan');
		assert.match(await world.next(phone), /【学校】办学许可证/);
		await world.say(phone, 'Y', /\/r\//);
		assert.equal(await world.sql(`SELECT dialog || ' ' || dialog_version FROM conversation WHERE phone = '${phone}'`), 'school_renewal 1001');
		// A name that neither a file nor the bureau has: not started.
		writeFileSync(file, readFileSync(file, 'utf8').replace('"school_renewal"', '"nowhere"'));
		await world.stopDaemon();
		const refused = await run(join(build, 'huizhid'), ['-c', world.conf]);
		assert.match(refused.stderr, /no dialog nowhere\.dlg, which bureau "yiyuan" needs for school-licence-renewal\n/);
		assert.equal(refused.code, 1);
		await page.context().close();
		await zhou.context().close();
	});
});
