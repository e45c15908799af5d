// SIGHUP: what a bureau changes on a working day is taken over without a restart; what cannot be is named.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, root } from '../lib/world.mjs';

let w;
before(async () => { w = await World.start(); });
after(async () => { await w?.stop(); });

async function hup(done) {
	const from = w.daemon.lines.length;
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(done, { from });
	return w.daemon.lines.slice(from).join('\n');
}

test('a telephone number, an item’s name and the pages change while the daemon runs', async () => {
	const phone = '+8613800000901';
	await w.say(phone, '帮助', /0533-3241234/);
	const items = join(w.dir, 'items');
	cpSync(join(root, 'conf/items'), items, { recursive: true });
	const conf = readFileSync(w.conf, 'utf8').replace('0533-3241234', '0533-7654321');
	writeFileSync(w.conf, conf);
	const said = await hup(/pages read again/);
	assert.match(said, /configuration read again/);
	assert.match(said, /templates read again/);
	assert.doesNotMatch(said, /restart/);
	await w.say(phone, '帮助', /0533-7654321/);

	// The folder of the items is another one: that needs a restart, and everything stays as it is.
	writeFileSync(w.conf, conf.replace(join(root, 'conf/items'), items));
	assert.match(await hup(/pages read again/), /items.*restart/s);
	await w.say(phone, '帮助', /0533-7654321/);
	await w.stopDaemon();
	await w.startDaemon();
	const file = join(items, 'yiyuan.conf');
	writeFileSync(file, readFileSync(file, 'utf8').replace('"食品经营许可证延续"', '"食品经营许可证换发"'));
	assert.doesNotMatch(await hup(/pages read again/), /restart/);
	assert.equal(await w.sql("SELECT name_zh FROM item WHERE code = 'food-business-renewal'"), '食品经营许可证换发');
});

test('links, codes and hours of the configuration are named as needing a restart', async () => {
	const conf = readFileSync(w.conf, 'utf8');
	writeFileSync(w.conf, conf.replace('backoff_min_ms = 50', 'backoff_min_ms = 60').replace('short_code = "10690001"', 'short_code = "10690002"'));
	const said = await hup(/pages read again/);
	assert.match(said, /link east backoff_min_ms: a change needs a restart/);
	assert.match(said, /bureau yiyuan short_code: a change needs a restart/);
	await w.say('+8613800000902', '帮助', /人工电话/);
});
