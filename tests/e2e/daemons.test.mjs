// Three daemons on one database: nothing goes out twice, nothing waits for ever, nobody waits for a lock that another
// holds; one is killed, and the others take over what it held.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { Program, World, build, freePort } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';

const LEASE = 10;
const holders = Array.from({ length: 400 }, (_, i) => holder(600 + i));
const others = [];
let w;

before(async () => {
	w = await World.start({ conf: `lease_seconds = ${LEASE}\nwebhook_allow = {"127.0.0.1"}`, link: 'window = 8\n\trate = 120\n\tbackoff_min_ms = 50\n\tbackoff_max_ms = 200' });
	for (const n of [2, 3]) {
		const file = join(w.dir, `daemon${n}.conf`);
		writeFileSync(file, readFileSync(w.conf, 'utf8').replace(`:${w.publicPort}" `, `:${await freePort()}" `).replace(`:${w.staffPort}"`, `:${await freePort()}"`), { mode: 0o600 });
		const daemon = new Program(join(build, 'huizhid'), ['-c', file]);
		others.push(daemon);
		await daemon.line(/link=east.*\bbound\b/);
	}
});
after(async () => {
	for (const d of others) if (d.code === undefined) await d.end('SIGKILL');
	await w?.stop();
});

const list = (h) => h.map((x) => `'${x.e164}'`).join(', ');
const until = (query, value, what) => w.becomes(query, value, what);

test('reminders are shared out, and each phone gets one', async () => {
	await w.must('import', 'licences', w.csv('many.csv', holders.flatMap((h) => h.rows)));
	await w.json('scan');
	await until("SELECT count(*) FROM message WHERE kind = 'reminder' AND state = 'delivered'", '400', 'delivered reminders');
	assert.equal(await w.sql('SELECT count(*) || \' \' || count(DISTINCT phone) FROM message'), '400 400');
	assert.equal(await w.sql("SELECT count(*) FROM (SELECT FROM message_part GROUP BY message_id, part HAVING count(*) > 1) x"), '0', 'no part was sent twice');
	const submits = new Map();
	for (const e of await w.record('submit')) submits.set(e.dest, (submits.get(e.dest) ?? 0) + 1);
	assert.equal(submits.size, 400);
	assert.deepEqual([...new Set(submits.values())], [...new Set(submits.values())].slice(0, 1), 'the carrier saw as many parts for every phone');
	assert.ok(Number(await w.sql("SELECT count(DISTINCT session) FROM message_part")) > 1, 'more than one daemon sent');
	assert.equal(await w.sql('SELECT count(*) FROM text_leaving'), '0');
});

test('texts that come at once are stepped once each, whichever daemon they come to', async () => {
	const talkers = holders.slice(0, 60);
	await Promise.all(talkers.map((h) => w.text(h.e164, 'Y')));
	await until(`SELECT count(*) FROM conversation WHERE step = 'verify' AND phone IN (${list(talkers)})`, '60', 'conversations at verify');
	assert.equal(await w.sql(`SELECT count(*) || ' ' || count(DISTINCT phone) FROM inbound WHERE phone IN (${list(talkers)})`), '60 60');
	await until(`SELECT count(*) FROM message WHERE kind = 'reply' AND state = 'delivered' AND phone IN (${list(talkers)})`, '60', 'answers');
	assert.equal(await w.sql("SELECT count(*) FROM trail WHERE kind = 'consented'"), '60');
});

test('one is killed with texts on their way: within its lease the others have sent them', async () => {
	const talkers = holders.slice(60, 100);
	await w.faults({ delay: 1000 });
	await Promise.all(talkers.map((h) => w.text(h.e164, 'Y')));
	await until("SELECT count(*) > 0 FROM text_leaving WHERE lease_owner IN (SELECT daemon FROM link_state)", 't', 'answers on their way');
	await others[0].end('SIGKILL');
	await w.faults({ delay: 0 });
	// What the dead one had not acknowledged comes again, to another; what it had written is uncertain, and goes again.
	await until(`SELECT count(DISTINCT phone) FROM message WHERE kind = 'reply' AND state = 'delivered' AND phone IN (${list(talkers)})`, '40', 'answers');
	await until('SELECT count(*) FROM text_leaving', '0', 'texts that wait');
	assert.equal(await w.sql(`SELECT count(*) FROM trail t JOIN conversation c ON c.id = t.conversation_id WHERE t.kind = 'consented' AND c.phone IN (${list(talkers)})`), '40', 'each was stepped once');
});

test('webhooks: each event is brought once by whichever daemon; what a killed one held is brought by another', async () => {
	const posts = [], held = [];
	let hold = false;
	const server = http.createServer((request, response) => {
		let body = '';
		request.on('data', (d) => { body += d; }).on('end', () => {
			posts.push(JSON.parse(body).id);
			if (hold) held.push(response);
			else response.end();
		});
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	try {
		await w.must('webhook', 'add', `http://127.0.0.1:${server.address().port}/`, '--events', 'opt_out', '--bureau', 'yiyuan');
		const over = (n) => until("SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'", String(n), 'deliveries that were taken');
		await Promise.all(holders.slice(100, 140).map((h) => w.text(h.e164, '停止')));
		await over(40);
		assert.deepEqual([posts.length, new Set(posts).size], [40, 40], 'no event came twice');
		assert.equal(await w.sql('SELECT DISTINCT attempts FROM webhook_delivery'), '1');
		// The next one is under way to a system that does not answer, when its daemon is killed.
		hold = true;
		await w.text(holders[140].e164, '停止');
		await until("SELECT count(*) FROM webhook_delivery WHERE state = 'pending' AND lease_until > now()", '1', 'the delivery under way');
		const owner = await w.sql("SELECT lease_owner FROM webhook_delivery WHERE state = 'pending'");
		const victim = [w.daemon, ...others].find((d) => new RegExp(`daemon=${owner}\\b`).test(d.lines.join('\n')));
		assert.ok(victim, owner);
		await w.until(() => held.length > 0, 'the post that is not answered');
		await victim.end('SIGKILL');
		hold = false;
		// Nobody else touches it while the lease holds; then somebody does.
		assert.equal(await w.sql(`UPDATE webhook_delivery SET lease_until = now() - interval '1 second' WHERE state = 'pending' AND lease_owner = '${owner}' RETURNING 1`), '1');
		await over(41);
		assert.deepEqual([posts.length, new Set(posts).size], [42, 41], 'what was under way came again, and nothing else');
		assert.equal(await w.sql('SELECT max(attempts) FROM webhook_delivery'), '2');
	} finally {
		server.closeAllConnections();
		server.close();
	}
});

test('there was no deadlock', async () => {
	assert.equal(await w.sql('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()'), '0');
	for (const d of [w.daemon, others[1]]) assert.doesNotMatch(d.lines.join('\n'), /deadlock|refused, trying one by one|could not be stored/);
});
