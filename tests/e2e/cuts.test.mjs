// The connection is cut after every single octet of an exchange, in either direction: a text in with its answer, a text
// out with its answer, its receipt with its answer. The carrier's own record against the database: nobody is left without
// an answer, a text in is stepped once, a reminder comes twice at most and only when nobody could know, states are true.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { BUREAU, PATIENCE, World } from '../lib/world.mjs';
import { CuttingCarrier } from '../lib/cutting_carrier.mjs';
import { Sql } from '../lib/sql.mjs';
import { holder } from '../lib/people.mjs';

const TALKS = ['in', 'in', 'out', 'out'], REMINDERS = [...Array(6).fill('in'), ...Array(6).fill('out')], SPAN = 75, PEOPLE = 110;
const names = [...TALKS.map((_, i) => `talk${i}`), ...REMINDERS.map((_, i) => `reminders${i}`)];
const codes = names.map((_, i) => `106900${10 + i}`);
let w, carriers, db;

before(async () => {
	carriers = await Promise.all(names.map(() => CuttingCarrier.start()));
	const link = (name, port) => `link "${name}" {\n\thosts = {"127.0.0.1:${port}"}\n\tsystem_id = "huizhi"\n\tpassword = "secret"\n\t` +
		'backoff_min_ms = 10\n\tbackoff_max_ms = 20\n\twindow = 1\n\treceipt_wait_seconds = 1\n}\n';
	const bureau = (name, i) => BUREAU.replace('"yiyuan"', `"${name}"`).replace('id = 1', `id = ${i + 1}`).replace('"10690001"', `"${codes[i]}"`).replace('{"east"}', `{"${name}"}`);
	w = await World.start({ conf: names.map((n, i) => link(n, carriers[i].port)).join(''), bureaus: names.map(bureau).join(''), smsc: ['--quiet'] });
	db = new Sql(w.database);
});
after(async () => {
	db?.end();
	await w?.stop();
	await Promise.all((carriers || []).map((c) => c.stop()));
});

const pause = () => new Promise((done) => setTimeout(done, 3));
// Until the carrier and the gateway have nothing more to say to each other about this phone.
async function settled(c, phone, id) {
	for (let end = Date.now() + PATIENCE * 1000; ; await pause()) {
		if (c.idle && c.whole(phone) && await db.ask(`SELECT count(*) FROM text_leaving WHERE bureau_id = ${id} AND phone = '${phone}'`) === '0' && c.idle) return;
		if (Date.now() > end) throw new Error(`${phone} is not settled: taken ${JSON.stringify(c.counts(phone))}, waiting ${c.queue.length}, bound ${c.bound}\n${w.daemon.tail()}`);
	}
}

// One exchange after the other on one link, cut after octet 0 or 1, then after every second one, until nothing is cut.
async function talk(n) {
	const c = carriers[n], way = TALKS[n], first = n % 2, phones = [];
	while (!c.bound) await c.event();
	for (let k = first; ; k += 2) {
		const phone = `+86137${n}${String(k).padStart(7, '0')}`;
		phones.push(phone);
		const cut = c.arm({ [way]: k });
		c.text(phone, codes[n], '你好');
		const over = settled(c, phone, n + 1).then(() => c.disarm());
		const hit = await cut;
		await over;
		if (!hit) return { phones, cuts: k };
	}
}

// Both wait most of the time: side by side.
describe('cuts', { concurrency: true }, () => {
test('every octet of a text in, its answer, the reply, its response, the receipt and its answer', async () => {
	const results = await Promise.all(TALKS.map((_, n) => talk(n)));
	for (const [n, { phones, cuts }] of results.entries()) {
		const c = carriers[n], id = n + 1;
		assert.ok(cuts > 150, `${TALKS[n]}: cut after ${cuts} octets at most`);
		const rows = (await db.ask(`SELECT i.phone, count(DISTINCT i.id), count(DISTINCT m.id), count(*) FILTER (WHERE m.state <> 'delivered') FROM inbound i LEFT JOIN message m ON m.bureau_id = ${id} AND m.phone = i.phone WHERE i.bureau_id = ${id} GROUP BY i.phone`)).split('\n').map((l) => l.split('|'));
		const lost = new Map((await db.ask(`SELECT phone, count(DISTINCT (message_id, attempt)) FROM message_part WHERE bureau_id = ${id} AND lost GROUP BY phone`)).split('\n').filter(Boolean).map((l) => l.split('|')));
		assert.equal(rows.length, phones.length, 'every text is stored');
		for (const [phone, inbound, messages, undelivered] of rows) {
			assert.equal(inbound, '1', `${phone}: stored once`);
			assert.ok(c.whole(phone), `${phone} has no answer`);
			assert.equal(undelivered, '0', `${phone}: the carrier has delivered all, and the database knows`);
			// A second copy only where an attempt's fate, or our answer to the text, could not be known.
			const most = Number(messages) + Number(lost.get(phone) || 0), got = Math.max(...Object.values(c.counts(phone)));
			assert.ok(got <= most, `${phone} got ${got} texts; ${messages} messages, ${lost.get(phone) || 0} lost attempts`);
			assert.ok(Number(messages) <= 2, `${phone}: answered ${messages} times`);
		}
		assert.equal(c.delivered.filter((d) => d.kind === 'text').length, phones.length, 'the carrier has our answer to each');
		assert.equal(await db.ask(`SELECT count(*) FROM worklist WHERE bureau_id = ${id}`), '0');
	}
	const twice = carriers.slice(0, 4).map((c, n) => results[n].phones.filter((p) => Math.max(...Object.values(c.counts(p))) > 1).length);
	assert.ok(twice[0] + twice[1] > 10, `a response that was cut means a second text: ${twice}`);
});

test('every octet of a reminder, its response, the receipt and its answer', async () => {
	// More people than connections; each connection is cut one octet later than the one before. Every link has its span.
	const links = REMINDERS.map((way, i) => ({ way, i, c: carriers[4 + i], id: 5 + i, name: names[4 + i], first: SPAN * REMINDERS.slice(0, i).filter((x) => x === way).length }));
	const csv = [];
	for (const l of links) {
		const list = Array.from({ length: PEOPLE }, (_, k) => holder(20000 + l.i * 1000 + k));
		l.people = list.map((h) => h.e164).sort();
		csv.push(...list.flatMap((h) => h.rows.map((r) => [l.name, ...r.slice(1)])));
		for (let k = 0; k < SPAN; k++) l.c.cuts.push({ [l.way]: l.first + k });
		l.c.socket?.destroy();
	}
	await w.must('import', 'licences', w.csv('reminders.csv', csv));
	// Not all at once: what is ready behind a cut goes back to the outbox each time.
	await Promise.all(links.map(async ({ name }) => {
		const { id } = await w.json('campaign', 'create', name, '--rate', '60', '--bureau', name);
		await w.must('campaign', 'start', String(id), '--bureau', name);
	}));
	const waiting = (id) => db.ask(`SELECT (SELECT count(*) FROM text_leaving WHERE bureau_id = ${id}) + (SELECT count(*) FROM receipt_early WHERE bureau_id = ${id}) + (SELECT count(*) FROM campaign WHERE bureau_id = ${id} AND ended_at IS NULL)`);
	// For as long as it goes on: how long that is depends on the machine.
	for (const { c, id, name } of links)
		for (let end = 0, last = ''; !(c.idle && c.cuts.length === 0 && await waiting(id) === '0' && c.idle); await pause()) {
			const now = `${c.cuts.length} cuts left, ${c.taken.length} texts taken, ${c.delivered.length} receipts`;
			if (now !== last) [last, end] = [now, Date.now() + PATIENCE * 1000];
			if (Date.now() > end) throw new Error(`${name}: ${now}, ${await waiting(id)} wait\n${w.daemon.tail()}`);
		}
	for (const { c, id, name, people } of links) {
		const rows = (await db.ask(`SELECT m.phone, m.state, m.parts, (SELECT count(DISTINCT p.attempt) FROM message_part p WHERE p.bureau_id = ${id} AND p.message_id = m.id AND p.lost), (SELECT count(*) FROM worklist k WHERE k.bureau_id = ${id} AND k.phone = m.phone) FROM message m WHERE m.bureau_id = ${id} AND m.kind = 'reminder' ORDER BY 1`)).split('\n').map((l) => l.split('|'));
		assert.deepEqual(rows.map((r) => r[0]), people, `${name}: one message for each`);
		const seen = {};
		for (const [phone, state, parts, lost, listed] of rows) {
			const counts = c.counts(phone), got = Math.max(0, ...Object.values(counts));
			const told = new Set(c.delivered.filter((d) => d.kind === 'receipt' && d.phone === phone).map((d) => d.part));
			const what = `${name} ${phone}: ${state}, ${lost} uncertain attempts, taken ${JSON.stringify(counts)} of ${parts} parts, receipts for ${[...told]}`;
			seen[state] = (seen[state] || 0) + 1;
			assert.ok(got <= 2 && got <= 1 + Number(lost), `too often: ${what}`);
			if (state === 'delivered') assert.equal(told.size, Number(parts), what);
			else assert.ok(state === 'technical' && told.size < Number(parts) && Number(lost) >= 2 && listed === '1', `${what}, on ${listed} worklists ${await db.ask(`SELECT json_agg(p) FROM message_part p WHERE p.bureau_id = ${id} AND phone = '${phone}'`)}`);
		}
		assert.ok(seen.delivered > rows.length / 2, JSON.stringify(seen));
		assert.ok(c.connections >= SPAN);
	}
});
});
