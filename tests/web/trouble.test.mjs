// When things go wrong behind the pages: the database goes away and comes back, browsers hang up on answers that are not
// there yet, the daemon ends meanwhile. People are told, nothing is lost, and the daemon stands.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import net from 'node:net';
import { join } from 'node:path';
import { PATIENCE, deadline, root, run } from '../lib/world.mjs';
import { decent, open, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';

describe('the pages in trouble', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, Array.from({ length: 3 }, (_, i) => ({ name: `沂源${i}`, language: i === 1 ? 'en' : 'zh' })));
		for (const c of people) await invite(world, c);
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	// Holds a table so that whoever wants a row of it waits. Returns what lets go of it.
	async function hold(table) {
		const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', world.database]);
		const held = new Promise((done) => psql.stdout.once('data', done));
		psql.stdin.write(`BEGIN; LOCK TABLE ${table}; SELECT 1;\n`);
		await deadline(held, PATIENCE, `could not lock ${table}`);
		const gone = new Promise((done) => psql.on('exit', done));
		return () => { psql.stdin.end('COMMIT;\n'); return gone; };
	}
	const untilWaiting = () => world.until(async () => await world.sql('SELECT count(*) FROM pg_locks WHERE NOT granted') !== '0', 'somebody who waits for the lock');

	test('the database is away: people are told, and go on afterwards', async () => {
		const [c] = people;
		const page = await open(browser);
		await page.goto(c.link);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		await page.check('input[name=old][value=on_site]');
		await page.check('input[name=delivery][value=pick_up]');
		const seen = world.daemon.lines.length;
		await run(join(root, 'tools/cluster'), ['stop', join(world.dir, 'pg')]);
		const down = await Promise.all([page.waitForNavigation(), page.click('form:has(input[name=old]) > button')]);
		assert.equal(down[0].status(), 503);
		assert.match(await page.locator('.lead').innerText(), /没有保存/);
		await decent(page, 'zh');
		assert.equal((await fetch(people[1].link, { headers: { 'Accept-Language': 'en' } })).status, 503);
		assert.equal((await fetch(`${world.staffUrl}/readyz`)).status, 503);
		assert.equal((await fetch(`${world.publicUrl}/healthz`)).status, 200);
		const home = await open(browser, { locale: 'en-GB' });
		await home.goto(world.publicUrl);
		await home.fill('#code', c.code);
		await home.click('form.card button');
		await decent(home, 'en');
		const back = await run(join(root, 'tools/cluster'), ['start', join(world.dir, 'pg'), 'fsync=off']);
		assert.equal(back.code, 0, back.stderr);
		await world.daemon.line(/database ready/, { from: seen });
		// Back, and once more: what was filled in is still there.
		await page.goBack();
		await page.check('input[name=old][value=on_site]');
		await page.check('input[name=delivery][value=pick_up]');
		await page.click('form:has(input[name=old]) > button');
		await page.waitForSelector('.way');
		assert.equal(await world.sql(`SELECT a.status FROM application a JOIN conversation v ON v.id = a.conversation_id WHERE v.phone = '${c.phone}'`), 'submitted');
		await page.context().close();
		await home.context().close();
	});

	test('an answer that cannot be stored is told, and may be given again', async () => {
		const c = people[2];
		const page = await open(browser);
		await page.goto(c.link);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		await page.waitForSelector('input[name=old]');
		await world.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
			CREATE TRIGGER refuse BEFORE UPDATE ON application FOR EACH ROW EXECUTE FUNCTION refuse()`);
		const send = async () => {
			await page.check('input[name=old][value=on_site]');
			await page.check('input[name=delivery][value=pick_up]');
			return (await Promise.all([page.waitForNavigation(), page.click('form:has(input[name=old]) > button')]))[0];
		};
		assert.equal((await send()).status(), 503);
		assert.match(await page.locator('.lead').innerText(), /没有保存/);
		assert.equal(await world.sql(`SELECT step FROM conversation WHERE phone = '${c.phone}'`), 'confirm');
		await world.sql('DROP TRIGGER refuse ON application; DROP FUNCTION refuse()');
		await page.goto(c.link);
		assert.equal((await send()).status(), 200);
		await page.waitForSelector('.way');
		await page.context().close();
	});

	test('browsers that hang up early harm nobody', async () => {
		const release = await hold('access_grant');
		const path = new URL(people[1].link).pathname;
		const sockets = await Promise.all(Array.from({ length: 40 }, () => new Promise((done, fail) => {
			const s = net.connect(world.publicPort, '127.0.0.1', () => s.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, () => done(s)));
			s.on('error', fail);
		})));
		await untilWaiting();
		for (const s of sockets) { s.on('error', () => {}); s.resetAndDestroy(); }
		await release();
		assert.equal((await fetch(people[1].link)).status, 200);
		assert.equal(world.daemon.code, undefined, world.daemon.tail());
	});

	test('it ends in order while answers are under way', async () => {
		const release = await hold('access_grant');
		const asked = fetch(people[1].link).then((r) => r.status, () => 'dropped');
		await untilWaiting();
		const ended = world.stopDaemon();
		await release();
		assert.equal(await ended, 0, world.daemon.tail());
		assert.ok([200, 'dropped'].includes(await asked));
		assert.ok(!world.daemon.lines.some((l) => /Sanitizer|runtime error/.test(l)), world.daemon.tail());
		await world.startDaemon();
		assert.equal((await fetch(people[1].link)).status, 200);
	});
});
