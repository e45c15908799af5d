// Letters for who could not be reached: a page each, with a QR code that anybody with the public key can check, and a code
// that leads a clerk to the case.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, huizhi } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';
import { decent, launch, open } from '../lib/browser.mjs';
import { modulesOfSvg, readQr } from '../lib/qr.mjs';

let w;
const zhang = holder(901, { name: '沂源县张记<面>馆', licences: 2, address: '沂源县历山路9号' }), smith = holder(902, { language: 'en', name: 'Blue Harbour Café' }),
	old = holder(903, { phone: '0533-3241111', name: '老李茶馆' }), fine = holder(904);
before(async () => {
	w = await World.start({ conf: 'seal_seconds = 0' });
	await remind(w, [zhang, smith, fine]);
	await w.must('import', 'licences', w.csv('old.csv', old.rows));
	await w.must('scan');
	for (const h of [zhang, smith])
		await w.sql(`INSERT INTO worklist (bureau_id, list, conversation_id, phone, reason) SELECT 1, 'phone', id, phone, 'no answer' FROM conversation WHERE phone = '${h.e164}'`);
});
after(async () => { await browser?.close(); await w?.stop(); });
let browser;
const urlIn = (letter) => readQr(modulesOfSvg(Buffer.from(letter.match(/src="data:image\/svg\+xml;base64,([^"]+)"/)[1], 'base64').toString()));
const codeIn = (letter) => letter.match(/<strong>(\d{4} \d{4})<\/strong>/)[1];
const page = (file) => readFileSync(file, 'utf8').split('<article ').slice(1);

test('a page for each holder, in their language, with what is due and how to be helped', async () => {
	const file = join(w.dir, 'letters.html');
	assert.equal((await w.json('letters', '--out', file, '--staff', 'zhou')).letters, 3);
	const letters = page(file), of = (text) => letters.find((l) => l.includes(text));
	assert.equal(letters.length, 3);
	const one = of('沂源县张记&lt;面&gt;馆');
	assert.ok(one.startsWith('lang="zh"') && one.includes('沂源县历山路9号'));
	for (const no of zhang.licences) assert.ok(one.includes(no));
	assert.ok(one.includes('沂源县行政审批服务局') && one.includes('0533-3241234') && !one.includes(zhang.phone));
	const two = of('Blue Harbour');
	assert.ok(two.startsWith('lang="en"') && two.includes('Your licence is about to expire') && two.includes('Food'));
	const three = of('老李茶馆');
	assert.ok(three.includes('class="code"') && three.includes('到窗口办理') && three.includes('不需要手机号码'), 'no phone is needed');
	assert.ok(!readFileSync(file, 'utf8').includes(fine.licences[0]));
	assert.ok(!/\{\w+\}|\{\{/.test(readFileSync(file, 'utf8').replace(/<style>[^]*<\/style>/, '')), 'nothing is left to fill in');

	// The code of the letter leads to the case; it is good for 30 days.
	const code = codeIn(one);
	const found = await w.json('token', 'verify', code);
	assert.equal(found.good, true);
	assert.deepEqual(found.applications.map((a) => a.licence_no), zhang.licences);
	assert.ok(Date.parse(found.expires_at) > Date.now() + 29 * 86400000);

	// The QR code is checked with the public key alone, without configuration or database.
	const url = urlIn(one);
	assert.match(url, /\/r\/[\w-]{138}$/);
	const offline = (text) => huizhi('-c', '/nonexistent', '--json', 'token', 'verify', text, '--public-key', join(w.dir, 'keys/sign.1.pub'));
	let r = await offline(url);
	assert.deepEqual([r.code, JSON.parse(r.stdout).grant, JSON.parse(r.stdout).purpose], [0, found.grant, 'renew']);
	r = await offline(url.slice(0, -3) + (url.at(-3) === 'A' ? 'B' : 'A') + url.slice(-2));
	assert.deepEqual([r.code, JSON.parse(r.stdout).good], [1, false]);
});

test('who was written to is not written to again at once, unless asked; that it was done is in the trail', async () => {
	const file = join(w.dir, 'more.html');
	assert.equal((await w.json('letters', '--out', file)).letters, 0);
	assert.ok(!existsSync(file));
	assert.equal((await w.json('letters', '--out', file, '--again', '--limit', '2')).letters, 2);
	assert.equal(await w.sql("SELECT count(*) FROM trail WHERE kind = 'letter_made' AND actor = 'staff:zhou'"), '4');
	// A file that is there is not written over, and then nothing is stored either.
	const grants = await w.sql('SELECT count(*) FROM access_grant');
	const r = await w.cli('letters', '--out', file, '--again');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /cannot make .*more\.html/);
	assert.equal(await w.sql('SELECT count(*) FROM access_grant'), grants);
	assert.equal((await w.cli('letters')).code, 2);
	assert.deepEqual((await w.json('trail', 'verify')).faults, []);
});

const talkOf = (h) => w.sql(`SELECT c.phone, c.step, c.open FROM application a JOIN licence l ON l.id = a.licence_id JOIN conversation c ON c.id = a.conversation_id WHERE l.licence_no = '${h.licences[0]}'`);
const idOf = (h) => w.sql(`SELECT a.id FROM application a JOIN licence l ON l.id = a.licence_id WHERE l.licence_no = '${h.licences[0]}'`);

test('a holder with no phone at all: the letter’s code and the last six begin the application, as a Y would', async () => {
	browser = await launch();
	const letter = page(join(w.dir, 'letters.html')).find((l) => l.includes('老李茶馆')), tab = await open(browser);
	assert.match(await talkOf(old), /^#\d+\|\|t$/, 'a talk that nobody has begun');
	const messages = await w.sql('SELECT count(*) FROM message');
	// The eight digits, typed at any computer, lead to the same page as the QR code.
	await tab.goto(w.publicUrl);
	await tab.fill('#code', codeIn(letter));
	await tab.click('form.card button');
	assert.equal(await tab.locator('h1').innerText(), '请先确认是您本人');
	await decent(tab, 'zh');
	assert.ok(!(await tab.content()).includes(old.licences[0]), 'nothing personal before the proof');
	assert.equal((await tab.goto(urlIn(letter))).status(), 200);
	// Without the will, or with a wrong number, nothing begins.
	const post = (fields) => tab.evaluate(([f]) => { const form = document.querySelector('form.card'); form.noValidate = true; for (const e of form.querySelectorAll('[required]')) e.required = false; for (const [k, v] of Object.entries(f)) { const e = form.querySelector(`[name=${k}]`); if (e.type === 'checkbox') e.checked = v; else e.value = v; } form.submit(); }, [fields]);
	await Promise.all([tab.waitForNavigation(), post({ id1: old.last6 })]);
	assert.match(await tab.locator('[role=alert]').innerText(), /请先勾选/);
	await tab.check('input[name=agree]');
	await tab.fill('#id1', '000000');
	await tab.click('form.card button');
	assert.match(await tab.locator('[role=alert]').innerText(), /4/);
	assert.match(await talkOf(old), /^#\d+\|\|t$/);
	await tab.check('input[name=agree]');
	await tab.fill('#id1', old.last6);
	await tab.click('form.card button');
	await tab.waitForSelector('input[name=old]');
	await decent(tab, 'zh');
	await tab.check('input[name=old][value=on_site]');
	await tab.check('input[name=delivery][value=pick_up]');
	await tab.click('button:has-text("提交申请")');
	await tab.waitForSelector('.way');
	const id = await idOf(old), trail = await w.json('trail', 'show', id);
	assert.equal(await w.sql(`SELECT status FROM application WHERE id = ${id}`), 'submitted');
	const consented = trail.find((e) => e.kind === 'consented').data;
	assert.deepEqual([consented.channel, consented.words], ['page', '我要办理，并同意由工作人员代办。']);
	assert.ok(trail.some((e) => e.kind === 'letter_made') && trail.some((e) => e.kind === 'signed' || e.kind === 'confirmed'));
	assert.equal(await w.sql(`SELECT count(*) FROM worklist WHERE application_id = ${id} AND list = 'phone' AND done_at IS NULL`), '0', 'who has answered need not be phoned');
	// No text went anywhere; what the bureau decides is told by a person, and stands on the page.
	assert.equal(await w.sql('SELECT count(*) FROM message'), messages);
	await w.must('application', 'decide', id, 'approve', '--staff', 'a');
	await w.until(async () => (await w.json('worklist', 'phone')).some((e) => /to be told: .*已审批通过/s.test(e.reason) && e.landline === '+865333241111' && !String(e.phone).startsWith('#')), 'somebody is to phone');
	await tab.reload();
	assert.match(await tab.locator('.status').innerText(), /批准|通过/);
	assert.equal(await w.sql('SELECT count(*) FROM message'), messages);
	await tab.context().close();
});

test('a letter’s holder whom texts reach by now is reminded by text; until the answer the letter says so', async () => {
	const mute = holder(905, { name: '沂源无机面馆' });
	mute.rows[0][4] = '';
	await w.must('import', 'licences', w.csv('mute.csv', mute.rows));
	await w.must('scan');
	const file = join(w.dir, 'mute.html');
	assert.equal((await w.json('letters', '--out', file)).letters, 1);
	mute.rows[0][4] = '13900000905';
	await w.must('import', 'licences', w.csv('mute2.csv', mute.rows));
	assert.equal((await w.json('scan')).reminders, 1);
	await w.next('+8613900000905', /续办/);
	const tab = await open(browser);
	await tab.goto(urlIn(page(file)[0]));
	assert.equal(await tab.locator('h1').innerText(), '请先回复短信');
	await tab.context().close();
});

test('many letters in one run: each has a code of its own', async () => {
	const many = Array.from({ length: 60 }, (_, i) => holder(2000 + i, { name: `第${i}号店` }));
	for (const h of many) h.rows[0][4] = '';
	await w.must('import', 'licences', w.csv('many.csv', many.flatMap((h) => h.rows)));
	assert.equal((await w.json('scan')).listed, 60);
	const file = join(w.dir, 'many.html');
	assert.equal((await w.json('letters', '--out', file)).letters, 60);
	const letters = page(file), sample = letters.find((l) => l.includes('第47号店'));
	assert.equal(letters.length, 60);
	assert.equal(new Set(letters.map(codeIn)).size, 60);
	const r = await huizhi('-c', '/nonexistent', '--json', 'token', 'verify', urlIn(sample), '--public-key', join(w.dir, 'keys/sign.1.pub'));
	assert.equal(JSON.parse(r.stdout).good, true);
	assert.equal((await w.json('letters', '--out', join(w.dir, 'none.html'))).letters, 0);
});
