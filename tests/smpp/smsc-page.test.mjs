// The page with the phone, in a real browser: with script and without, and with texts that would like to be more than texts.
import test, { after, before, beforeEach, afterEach } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open } from '../lib/browser.mjs';
import { Carrier, Esme } from './smsc-client.mjs';

const PHONE = '+8613800138000', AT = '?phone=%2B8613800138000&lang=';
const ucs2 = (s) => ({ data_coding: 8, short_message: { message: Buffer.from(s, 'utf16le').swap16() } });
const NASTY = '<b id="x">b</b><script>document.title="caught"</script>"&amp;\' javascript:alert(1) 见 https://v.example.org/r/a?b=1&c="><i>。';
let browser, carrier, esme, page;

before(async () => { browser = await launch(); });
after(() => browser.close());
beforeEach(async () => {
	carrier = await Carrier.start();
	esme = await Esme.bind(carrier);
});
afterEach(async () => {
	assert.deepEqual(page.complaints, []);
	await page.context().close();
	esme.socket.destroy();
	assert.equal(await carrier.stop(), 0);
});
const show = async (path, options) => {
	page = await open(browser, options);
	await page.goto(new URL(path, carrier.url).href, { waitUntil: 'domcontentloaded' });
};
const bodies = () => page.locator('#thread .body').allTextContents();

for (const script of [false, true]) {
	test(`texts are text, web addresses can be opened (script ${script})`, async () => {
		if (!script) await esme.submit(ucs2(NASTY));
		await show(AT + 'zh', { script });
		if (script) {
			await page.locator('#thread .none').waitFor();
			await esme.submit(ucs2(NASTY)); // comes while the page is open
			await page.locator('#thread .in').waitFor();
		}
		assert.deepEqual(await bodies(), [NASTY]);
		assert.equal(await page.locator('#x').count(), 0);
		const links = page.locator('#thread a');
		assert.equal(await links.count(), 1);
		assert.equal(await links.getAttribute('href'), 'https://v.example.org/r/a?b=1&c=');
		assert.match(await links.getAttribute('rel'), /noopener/);
		assert.equal(await page.title(), '演示手机 · 回执');
	});
}

test('without script: reading, the keypad, sending, a fault told', async () => {
	await esme.submit({ short_message: 'Reply Y or N' });
	await show('?lang=en', { script: false });
	await page.locator('#list a').click();
	assert.deepEqual(await bodies(), ['Reply Y or N']);
	await page.locator('#text').fill('Y');
	await page.locator('.keys [value="5"]').click();
	assert.equal(await page.locator('#text').inputValue(), 'Y5');
	await page.locator('.softkey.right').click();
	assert.equal(await page.locator('#text').inputValue(), 'Y');
	await page.locator('#send').click();
	assert.equal((await esme.next('deliver_sm')).short_message.message, 'Y');
	assert.deepEqual(await bodies(), ['Reply Y or N', 'Y']);
	assert.match(page.url(), /phone=%2B8613800138000&lang=en$/);
	await page.goto(new URL('?phone=%2B8613900000000&lang=en', carrier.url).href);
	await page.locator('#text').fill('hello?');
	await page.locator('#send').click();
	assert.match(await page.locator('.problem').textContent(), /^Not sent: .*short code/);
	assert.equal(await page.locator('#text').inputValue(), 'hello?');
});

test('with script: keys by repeated presses, digits, clearing, Enter; the answer and the list keep up', async () => {
	await esme.submit(ucs2('请回复Y'));
	await show(AT + 'zh', { script: true, width: 1100 });
	await page.locator('#thread .in').waitFor();
	const key = (k) => page.locator(`.keys [value="${k}"]`);
	for (let i = 0; i < 3; i++) await key(9).click();
	assert.equal(await page.locator('#text').inputValue(), 'Y');
	await key('#').click();
	await key('#').click();
	assert.equal(await page.locator('#mode').textContent(), '123');
	await key(1).click();
	await key(1).click();
	assert.equal(await page.locator('#text').inputValue(), 'Y11');
	await page.locator('.softkey.right').click();
	await page.locator('.softkey.right').click();
	assert.equal(await page.locator('#count').textContent(), '1/1');
	await page.locator('#text').press('Enter');
	assert.equal((await esme.next('deliver_sm')).short_message.message, 'Y');
	await page.locator('#thread .out').waitFor();
	await page.locator('#thread .out .meta', { hasText: '已发送' }).waitFor();
	assert.equal(await page.locator('#text').inputValue(), '');
	await page.locator('#list .snippet', { hasText: '↩ Y' }).waitFor();
	await esme.submit({ destination_addr: '8613900000001', short_message: 'news' });
	await page.locator('#list a', { hasText: '+8613900000001' }).waitFor();
	await page.locator('#q').fill('139');
	await page.locator('#list a', { hasText: '+8613800138000' }).waitFor({ state: 'detached' });
	assert.equal(await page.locator('#list a').count(), 1);
});

test('texts that never reached the phone are not on its screen', async () => {
	await carrier.faults({ 'receipt-state': '*=UNDELIV' });
	await esme.submit({ short_message: 'lost' });
	await show(AT + 'en', { script: false });
	assert.deepEqual(await bodies(), []);
	assert.equal(await page.locator('html').getAttribute('lang'), 'en');
});

for (const width of [360, 1200]) {
	test(`nothing sticks out at ${width} pixels; everything that can be used has a name`, async () => {
		await esme.submit(ucs2('长'.repeat(30) + ' https://v.example.org/r/' + 'A'.repeat(60)));
		await show(AT + 'en', { script: true, width });
		await page.locator('#thread .in').waitFor();
		const seen = await page.evaluate(() => ({
			overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
			inScreen: document.querySelector('#view').scrollWidth - document.querySelector('#view').clientWidth,
			nameless: [...document.querySelectorAll('button, a, input:not([type=hidden]), textarea')]
				.filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map((e) => e.outerHTML),
			left: document.documentElement.outerHTML.match(/\{\{|\}\}/),
		}));
		assert.deepEqual(seen, { overflow: 0, inScreen: 0, nameless: [], left: null });
	});
}

test('the page may load nothing from elsewhere, and no other page may frame it', async () => {
	await show(AT + 'zh', { script: false });
	const answer = await fetch(carrier.url);
	const policy = answer.headers.get('content-security-policy');
	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /frame-ancestors 'none'/);
	assert.doesNotMatch(policy, /unsafe|\*|https?:/);
	assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
	assert.equal(answer.headers.get('referrer-policy'), 'same-origin');
});

for (const script of [false, true]) {
	test(`a code is dialled, a menu answered, a note confirmed (script ${script})`, async () => {
		const say = (text, op, info) => esme.submit({ service_type: 'USSD', source_addr: '123', short_message: { message: Buffer.from(text) },
			ussd_service_op: op, ...(info === undefined ? {} : { its_session_info: Buffer.from([info >> 8, info & 255]) }) });
		const comes = async () => {
			const d = await esme.next('deliver_sm', (p) => p.ussd_service_op !== undefined);
			return [d.ussd_service_op, d.its_session_info.readUInt16BE(0), d.short_message.message];
		};
		// Without script the window shows what was there when the page came.
		const window = async (words) => {
			if (!script) await page.reload({ waitUntil: 'domcontentloaded' });
			await page.locator('#ussd:visible', { hasText: words }).waitFor();
		};
		await esme.submit({ short_message: 'Dial *123#' });
		await show(AT + 'en', { script });
		assert.equal(await page.locator('#ussd').isVisible(), false);
		await page.locator('#text').fill('*123#');
		await page.locator('.call').click();
		const [op, session, code] = await comes();
		assert.deepEqual([op, code], [1, '*123#']);
		await window('Connecting to the service');
		assert.equal(await page.locator('#reply').isVisible(), false);
		await say('<b>1</b> Yes\n2 No', 2, session);
		await window('<b>1</b> Yes');
		if (script) {
			for (const key of ['1', 'C', '2']) await page.locator(`.phone [name="key"][value="${key}"]`).last().click();
			assert.equal(await page.locator('#reply').inputValue(), '2');
		} else {
			await page.locator('#reply').fill('2');
		}
		await page.locator('#ussd-answer').click();
		assert.deepEqual((await comes()).filter((_, i) => i !== 1), [18, '2']);
		await say('Thank you', 17, session + 1);
		await window('Thank you');
		await page.locator('#ussd-close').click();
		await page.locator('#ussd').waitFor({ state: 'hidden' });
		assert.deepEqual(await bodies(), ['Dial *123#']); // texts and sessions stand beside each other
		await say('Your permit is ready', 3);
		await window('Your permit is ready');
		await page.locator('#ussd-close').click();
		assert.equal((await comes())[0], 19);
		await page.locator('#ussd').waitFor({ state: 'hidden' });
		await say('Renew?', 2);
		await window('Renew?');
		await page.locator('#ussd-close').click(); // the citizen hangs up
		const [last, info, text] = await comes();
		assert.deepEqual([last, info & 1, text ?? ''], [18, 1, '']);
		await page.locator('#ussd').waitFor({ state: 'hidden' });
		assert.equal((await carrier.get('phones/%2B8613800138000/ussd')).reason, 'hung up');
	});
}
