// Less usual visits: two holders behind one phone, no number on file, a change in the business register, an item with one way
// only, a conversation that ended.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { creditCode } from '../lib/world.mjs';
import { decent, open, start } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';

describe('less usual visits', () => {
	let world, browser, people;
	before(async () => {
		[world, browser] = await start();
		people = await settle(world, [{ name: '沂源甲店' }, { name: 'Blue Harbour', language: 'en' }, { name: '沂源丙店' }, { name: '沂源丁店' }]);
	});
	after(async () => { await browser?.close(); await world?.stop(); });

	test('two holders behind one phone: both numbers, or nothing', async () => {
		const phone = '13900000001', a = creditCode('92370323MA9000001'), b = creditCode('92370323MA9000002');
		const day = new Date(Date.now() + 15 * 86400000).toISOString().slice(0, 10);
		const row = (no, name, id) => ['yiyuan', 'food-business-renewal', no, name, phone, 'zh', '2021-01-01', day, id, '沂源县南麻街道1号', ''];
		await world.must('import', 'licences', world.csv('two.csv', [row('JYA1', '沂源东方饺子馆', a), row('JYA2', '沂源东方饺子馆', a),
			row('JYB1', '沂源西方面包房', b)]));
		await world.must('scan');
		const c = await invite(world, { phone: `+86${phone}` });
		// The scan keeps holders apart; a talk that covers two of them all the same must not show one to the other.
		await world.sql(`UPDATE application SET holder_id = (SELECT id FROM holder WHERE name = '沂源西方面包房')
			WHERE licence_id = (SELECT id FROM licence WHERE licence_no = 'JYA2')`);
		const page = await open(browser);
		await page.goto(c.link);
		assert.equal(await page.locator('input.code').count(), 2);
		await decent(page, 'zh');
		const labels = await page.locator('form.card label').allInnerTexts();
		assert.match(labels[0], /沂源\*\*\*子馆/);
		assert.match(labels[1], /沂源\*\*\*包房/);
		const answer = async (one, two) => {
			await page.fill('#id1', one);
			await page.fill('#id2', two);
			await page.click('form.card button');
		};
		await answer(a.slice(-6), a.slice(-6));
		assert.match(await page.locator('[role=alert]').innerText(), /4/);
		await answer(b.slice(-6), a.slice(-6));
		assert.match(await page.locator('[role=alert]').innerText(), /3/);
		assert.ok(!(await page.content()).includes('沂源东方饺子馆'), 'half an answer shows nothing');
		await answer(a.slice(-6), b.slice(-6));
		await page.waitForSelector('input[name=old]');
		const shown = await page.locator('main').innerText();
		assert.ok(shown.includes('沂源东方饺子馆') && shown.includes('沂源西方面包房'));
		await decent(page, 'zh');
		await page.context().close();
	});

	test('without a number on file the counter is named instead', async () => {
		const c = await invite(world, people[0]);
		await world.sql(`UPDATE holder SET id_number = NULL WHERE phone = '${c.phone}'`);
		const page = await open(browser);
		await page.goto(c.link);
		assert.equal(await page.locator('#id1').count(), 0);
		assert.match(await page.locator('[role=alert]').innerText(), /窗口/);
		await decent(page, 'zh');
		await page.context().close();
	});

	test('an item with one way only does not ask', async () => {
		const c = await invite(world, people[1]);
		await world.sql("UPDATE item SET delivery = '{pick_up}' WHERE code = 'food-business-renewal'");
		const page = await open(browser, { width: 1280, locale: 'en-GB' });
		await page.goto(c.link);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		await page.waitForSelector('input[name=old]');
		assert.equal(await page.locator('input[name=delivery]').count(), 1);
		assert.equal(await page.isChecked('input[name=delivery][value=pick_up]'), true);
		assert.equal(await page.locator('#address').count(), 0);
		await decent(page, 'en');
		// What is not offered is not taken, whoever sends it.
		await page.evaluate(() => { document.querySelector('input[name=delivery]').value = 'courier'; });
		await page.check('input[name=old][value=on_site]');
		await page.click('form:has(input[name=old]) > button');
		assert.match(await page.locator('[role=alert]').innerText(), /new one/);
		await world.sql("UPDATE item SET delivery = '{pick_up,courier}' WHERE code = 'food-business-renewal'");
		await page.context().close();
	});

	test('a conversation that ended says how it ended', async () => {
		const c = await invite(world, people[2]);
		await world.say(c.phone, 'N');
		const page = await open(browser);
		await page.goto(c.link);
		assert.equal(await page.locator('input[name=old]').count(), 0);
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		assert.equal(await page.locator('.status.over').innerText(), '申请已撤回');
		assert.equal(await page.locator('.counter').count(), 0, 'no QR code for the counter');
		await decent(page, 'zh');
		await page.context().close();
	});

	test('a change in the business register is shown as it was and as it is', async () => {
		const [, , , c] = people;
		const file = join(world.dir, 'changes.csv');
		writeFileSync(file, `bureau,licence_no,id_number,changed_on,field,old,new\nyiyuan,,${c.number},${new Date(Date.now() - 86400000).toISOString().slice(0, 10)},legal_representative,"王<b>明","李&红"\n`);
		// Another item of the same holder follows such changes.
		await world.must('import', 'licences', world.csv('change.csv', [['yiyuan', 'water-supply-representative-change', 'WS1', '沂源丁店', c.phone.slice(3), 'zh', '2021-01-01', '', c.number, '', '']]));
		await world.must('import', 'changes', file);
		await world.sql(`UPDATE conversation SET open = false WHERE phone = '${c.phone}'`);
		await world.must('scan');
		await world.next(c.phone);
		await invite(world, c);
		const page = await open(browser);
		await page.goto(c.link);
		assert.ok(!(await page.content()).includes('李'), 'nothing of the change before the check');
		await page.fill('#id1', c.tail);
		await page.click('form.card button');
		await page.click('button[value=agree]'); // this item asks whether it is wanted only now
		await page.waitForSelector('.changed');
		assert.match((await page.locator('.changed').innerText()).replaceAll('\n', ' '), /法定代表人.*王<b>明.*→.*李&红/);
		await decent(page, 'zh');
		await page.context().close();
	});
});
