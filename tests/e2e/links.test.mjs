// A bureau with two links to two carriers: shares by weight, a phone's own link, failover and return, and two daemons of
// which one cannot reach a carrier.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUREAU, Program, World, build, freePort } from '../lib/world.mjs';
import { Carrier } from '../lib/carrier.mjs';
import { holder } from '../lib/people.mjs';

const LINK = 'backoff_min_ms = 50\n\tbackoff_max_ms = 100\n\tfailover_seconds = 1';
let w, west;
before(async () => {
	west = await Carrier.start();
	w = await World.start({
		link: `${LINK}\n\tweight = 3`,
		conf: `link "west" {\n\thosts = {"127.0.0.1:${west.port}"}\n\tsystem_id = "huizhi"\n\tpassword = "secret"\n\t${LINK}\n\tweight = 1\n}`,
		bureaus: BUREAU.replace('{"east"}', '{"east", "west"}'),
	});
	await w.daemon.line(/link=west.*\bbound\b/);
});
after(async () => { await w?.stop(); await west?.stop(); });

let index = 700;
async function crowd(n) {
	const list = Array.from({ length: n }, () => holder(index++));
	await w.must('import', 'licences', w.csv(`crowd${index}.csv`, list.flatMap((h) => h.rows)));
	await w.json('scan');
	return list;
}
const phones = (list) => list.map((h) => `'${h.e164}'`).join(',');
const until = (check, what) => w.until(check, what);
const delivered = (list) => until(async () => await w.sql(`SELECT count(*) FROM message WHERE kind = 'reminder' AND state = 'delivered' AND phone IN (${phones(list)})`) === String(list.length), `${list.length} receipts`);
const linksOf = async (list) => (await w.sql(`SELECT link || ' ' || phone FROM message WHERE kind = 'reminder' AND phone IN (${phones(list)}) ORDER BY phone`)).split('\n').map((l) => l.split(' ')[0]);
const got = async (carrier, phone) => (await carrier.texts(phone)).filter((t) => t.direction === 'received').length;

test('bulk is shared out by weight, all parts of a text on one link', async () => {
	const list = await crowd(60);
	await delivered(list);
	const links = await linksOf(list), east = links.filter((l) => l === 'east').length;
	assert.ok(east >= 36 && east <= 54, `${east} of 60 by the link with three times the weight`);
	assert.equal(await w.sql(`SELECT count(*) FROM (SELECT message_id FROM message_part WHERE phone IN (${phones(list)}) GROUP BY message_id HAVING count(DISTINCT link) > 1 OR count(*) < 2) x`), '0', 'parts went by two links');
	for (const [i, h] of list.entries()) {
		assert.equal(await got(w, h.e164), links[i] === 'east' ? 1 : 0);
		assert.equal(await got(west, h.e164), links[i] === 'west' ? 1 : 0);
	}
});

test('a talk stays on the link that its phone last wrote from', async () => {
	const list = await crowd(6);
	await delivered(list);
	for (const h of list) {
		await west.text(h.e164, 'Y');
		for (let text = ''; !/核实身份/.test(text);) text = await west.next(h.e164);
	}
	assert.equal(await w.sql(`SELECT string_agg(DISTINCT link, ',') FROM message WHERE kind = 'reply' AND phone IN (${phones(list)})`), 'west');
	// What comes later and unasked goes there too.
	const h = list[0], code = (await west.texts(h.e164)).at(-1).text.match(/代码(\d{8})/)[1];
	await w.must('token', 'verify', code, '--prove', '--id', h.last6, '--staff', 'chen');
	await west.next(h.e164, /身份已核实/);
});

test('a link goes down: its talks go on by the other at once, its reminders after failover_seconds; back, it is used again', async () => {
	const talker = (await crowd(1))[0];
	await delivered([talker]);
	await w.text(talker.e164, 'Y');
	let verify = '';
	while (!/核实身份/.test(verify)) verify = await w.next(talker.e164);
	const port = w.smppPort;
	// A slow campaign: some of its texts wait for the link when it goes.
	const late = Array.from({ length: 16 }, () => holder(index++, { tags: '晚' }));
	await w.must('import', 'licences', w.csv('late.csv', late.flatMap((h) => h.rows)));
	const campaign = await w.json('campaign', 'create', '晚', '--tag', '晚', '--rate', '3', '--bureau', 'yiyuan');
	await w.must('campaign', 'start', String(campaign.id), '--bureau', 'yiyuan');
	await until(async () => Number(await w.sql("SELECT count(*) FROM outbox WHERE link = 'east'")) >= 3, 'texts that wait for the link');
	const from = w.daemon.lines.length;
	await w.carrier.end('SIGTERM');
	await w.daemon.line(/link=east.*waiting/, { from });
	await w.must('token', 'verify', verify.match(/代码(\d{8})/)[1], '--prove', '--id', talker.last6, '--staff', 'chen');
	await west.next(talker.e164, /身份已核实/);
	await west.text(talker.e164, '帮助');
	await west.next(talker.e164, /人工电话/);
	await w.daemon.line(/link=east is down: \d+ texts that waited for it go by another link/, { from });
	await w.daemon.line(new RegExp(`campaign=${campaign.id} done`), { from });
	const sent = await linksOf(late);
	assert.ok(sent.filter((l) => l === 'west').length >= 8, String(sent));
	for (const [i, h] of late.entries()) if (sent[i] === 'west') await west.next(h.e164, /要续办请回复 Y/);
	assert.equal(await w.sql('SELECT count(*) FROM text_leaving'), '0');

	await w.startCarrier(port);
	await w.daemon.line(/link=east.*\bbound\b/, { from });
	const again = await crowd(20);
	await delivered(again);
	const links = await linksOf(again);
	assert.ok(links.includes('east'), String(links));
	for (const [i, h] of again.entries()) assert.equal(await got(links[i] === 'east' ? w : west, h.e164), 1);
});

test('one daemon has no way to a carrier, the other has: nothing is taken from it', async () => {
	const conf2 = join(w.dir, 'second.conf');
	writeFileSync(conf2, readFileSync(w.conf, 'utf8').replaceAll(`127.0.0.1:${w.publicPort}" `, `127.0.0.1:${await freePort()}" `)
		.replaceAll(`127.0.0.1:${w.staffPort}"`, `127.0.0.1:${await freePort()}"`).replace(`127.0.0.1:${w.smppPort}`, `127.0.0.1:${await freePort()}`), { mode: 0o600 });
	const second = new Program(join(build, 'huizhid'), ['-c', conf2]);
	try {
		await second.line(/link=west.*\bbound\b/);
		await until(async () => await w.sql("SELECT count(*) FROM link_state WHERE link = 'east' AND state <> 'bound'") !== '0', 'the second daemon says that it has no east');
		const moved = w.daemon.lines.filter((l) => /go by another link/.test(l)).length;
		// A slow campaign: its texts wait in the outbox for longer than failover_seconds, where the second daemon sees them.
		const list = Array.from({ length: 20 }, () => holder(index++, { tags: '慢' }));
		await w.must('import', 'licences', w.csv('slow.csv', list.flatMap((h) => h.rows)));
		const campaign = await w.json('campaign', 'create', '慢', '--tag', '慢', '--rate', '5', '--bureau', 'yiyuan');
		await w.must('campaign', 'start', String(campaign.id), '--bureau', 'yiyuan');
		await delivered(list);
		const links = await linksOf(list), east = links.filter((l) => l === 'east').length;
		assert.ok(east >= 10, `${east} of 20 by east: ${links}`);
		assert.equal(second.lines.filter((l) => /go by another link/.test(l)).length, 0, second.tail());
		assert.equal(w.daemon.lines.filter((l) => /go by another link/.test(l)).length, moved);
		for (const [i, h] of list.entries()) assert.equal(await got(links[i] === 'east' ? w : west, h.e164), 1);
	} finally {
		await second.end('SIGTERM');
	}
});
