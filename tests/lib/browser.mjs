// A real Chromium for page tests (its headless shell, which takes half the work, where that is there), and what every page must stand: no sideways scrolling, labels, headings, no blocked content.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { PATIENCE, World } from './world.mjs';

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

const CHROMIUM = process.env.CHROMIUM || ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((file) => existsSync(file));

export const launch = () => chromium.launch({ executablePath: CHROMIUM, args: ARGS, timeout: PATIENCE * 1000 });

// A world and a browser; if one does not come up, neither is left behind.
export async function start(options) {
	const [world, browser] = await Promise.allSettled([World.start(options), launch()]);
	if (world.value && browser.value) return [world.value, browser.value];
	await Promise.allSettled([world.value?.stop(), browser.value?.close()]);
	throw world.reason ?? browser.reason;
}

// A click is over when the page that it leads to is there, whole: what is looked at next is never the page before, nor half of
// the one that comes.
function settled(page) {
	const frame = page.mainFrame(), click = frame.click.bind(frame);
	frame.click = async (...args) => {
		await click(...args);
		await page.waitForLoadState();
	};
}

// Enter where it sends a form or follows a link: over when the page that comes is there. (A key alone waits for nothing.)
export const enter = (page) => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);

// A page in a browser of its own (its own cookies). options: width, script (false: JavaScript off), locale.
export async function open(browser, { width = 360, script = false, locale = 'zh-CN', ...more } = {}) {
	const context = await browser.newContext({ viewport: { width, height: 740 }, javaScriptEnabled: script, locale, ...more });
	context.setDefaultTimeout(PATIENCE * 1000);
	const page = await context.newPage();
	settled(page);
	page.complaints = [];
	page.script = script;
	page.on('pageerror', (e) => page.complaints.push(String(e)));
	page.on('dialog', (d) => { page.complaints.push(`dialog: ${d.message()}`); d.dismiss(); });
	page.on('console', (m) => {
		// The browser also notes every answer of 400 and more; those are asserted where they are expected.
		if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) page.complaints.push(m.text());
	});
	return page;
}

// What every page of ours has, whatever it is about.
export async function decent(page, lang) {
	const seen = await page.evaluate(() => ({
		lang: document.documentElement.lang,
		title: document.title,
		headings: document.querySelectorAll('h1').length,
		overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
		style: getComputedStyle(document.querySelector('header')).backgroundColor,
		unlabelled: [...document.querySelectorAll('input:not([type=hidden]), textarea, select')]
			.filter((e) => e.labels.length === 0 && !e.getAttribute('aria-label')).map((e) => e.outerHTML),
		small: [...document.querySelectorAll('button, .button, input:not([type])')]
			.filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 40).map((e) => e.outerHTML),
		left: document.body.innerText.match(/\{\{|\}\}|\bnull\b|\bundefined\b/),
	}));
	assert.equal(seen.lang, lang, page.url());
	assert.ok(seen.title.length > 2, 'a title');
	assert.equal(seen.headings, 1, 'one main heading');
	assert.ok(seen.overflow <= 0, `${page.url()} is ${seen.overflow} pixels too wide`);
	assert.equal(seen.style, 'rgb(29, 79, 124)', 'the style sheet is there');
	assert.deepEqual(seen.unlabelled, []);
	assert.deepEqual(seen.small, [], 'large enough for a thumb');
	assert.equal(seen.left, null, 'nothing of a template is left');
	assert.deepEqual(page.complaints, []);
}

// What axe-core has to say about a page: nothing. Rules of WCAG 2.2 A and AA, and what is good practice. Its own timers need
// a page that was opened with script.
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export async function accessible(page) {
	assert.ok(page.script, 'axe-core runs in a page with script only');
	// Into the page as the debugger does, past its content policy, which allows no script from elsewhere.
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
	assert.deepEqual(violations.map((v) => `${v.id}: ${v.help} ${v.nodes.map((n) => n.html.slice(0, 160)).join('\n')}`), [], page.url());
}
