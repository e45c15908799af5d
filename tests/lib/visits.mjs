// What citizens do on their page in a browser, from the link to the application.
import { open } from './browser.mjs';
import { invite } from './citizens.mjs';

// The check of who it is, on the page of the link.
export async function prove(page, citizen) {
	await page.goto(citizen.link);
	await page.fill('#id1', citizen.tail);
	await page.click('form.card button');
}

// The form behind it, to the end.
export async function apply(page, { old = 'on_site', delivery = 'pick_up' } = {}) {
	await page.check(`input[name=old][value=${old}]`);
	await page.check(`input[name=delivery][value=${delivery}]`);
	await page.click('form:has(input[name=old]) > button');
	await page.waitForSelector('.way');
}

// All of it, from the reminder to an application that lies with the bureau; its number is kept with the citizen.
export async function submit(world, browser, citizen, choices) {
	await invite(world, citizen);
	const page = await open(browser);
	await prove(page, citizen);
	await apply(page, choices);
	await world.next(citizen.phone);
	await page.context().close();
	citizen.id = await world.sql(`SELECT a.id FROM application a JOIN conversation v ON v.id = a.conversation_id WHERE v.phone = '${citizen.phone}'`);
}
