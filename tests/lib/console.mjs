// The staff console in page tests: people with a password, signing in, and what is done and read on most of its pages.
import { open } from './browser.mjs';

export const PASSWORD = 'correct horse battery';

// people: { name: 'roles' }.
export async function addStaff(world, people) {
	for (const [name, roles] of Object.entries(people)) await world.must('staff', 'add', name, '--roles', roles, { input: `${PASSWORD}\n` });
}

// A page of a browser in which this person is signed in, at the first page of the console. The browser is a new one; the
// session is the person's own one in this world, or with `anew` a further one, for tests that end it.
const sessions = new WeakMap();
export async function signIn(world, browser, name, { anew = false, ...options } = {}) {
	const mine = sessions.get(world) ?? sessions.set(world, new Map()).get(world);
	const page = await open(browser, { storageState: anew ? undefined : mine.get(name), ...options });
	await page.goto(`${world.staffUrl}/`);
	if (page.url().endsWith('/sign-in')) {
		await page.fill('#name', name);
		await page.fill('#password', PASSWORD);
		await page.click('form.card button');
		await page.waitForURL(`${world.staffUrl}/`);
		if (!anew) mine.set(name, await page.context().storageState());
	}
	return page;
}

export const cookieOf = async (page) => (await page.context().cookies()).map((k) => `${k.name}=${k.value}`).join('; ');
export const act = (page, word) => page.click(`form:has(input[name=act][value=${word}]) button`);
export const told = (page) => page.locator('[role=status]').innerText();
export const alert = (page) => page.locator('[role=alert]').innerText();
