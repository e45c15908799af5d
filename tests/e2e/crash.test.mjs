// kill -9 at every step of the conversation, with a text under way or just answered: after the restart the talk goes on,
// nothing is lost and nothing is stepped twice.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { World } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';

let w;
before(async () => { w = await World.start(); });
after(async () => { await w?.stop(); });

const idOf = async (h) => Number(await w.sql(`SELECT min(a.id) FROM application a JOIN conversation c ON c.bureau_id = a.bureau_id AND c.id = a.conversation_id WHERE c.phone = '${h.e164}'`));

// Texts may come twice after a kill (what was in flight), so each answer is looked for among what came. A text that came
// while nobody knew whether our answer to the same words had arrived is not stepped again; then the question comes again,
// and the citizen, as people do, answers it again.
async function until(phone, pattern, { question, answer } = {}) {
	for (let i = 0; i < 40; i++) {
		const text = await w.next(phone);
		if (pattern.test(text)) return text;
		if (question?.test(text)) await w.text(phone, answer);
	}
	throw new Error(`${phone} got forty texts and none matches ${pattern}`);
}

async function kill() {
	await w.killDaemon();
	await w.startDaemon();
}

for (const when of ['before', 'after', 'while']) {
	test(`killed ${when} each answer`, async () => {
		const h = holder({ before: 201, after: 202, while: 203 }[when]);
		let question;
		const say = async (text, pattern) => {
			if (when === 'before') await kill();
			await w.text(h.e164, text);
			if (when === 'while') await kill(); // the text is on its way, in the daemon or just answered
			const answer = await until(h.e164, pattern, { question, answer: text });
			if (when === 'after') await kill();
			question = pattern;
			return answer;
		};
		await remind(w, [h]);
		const verify = await say('Y', /核实身份/);
		const code = verify.match(/代码(\d{8})/)[1];
		if (when === 'before') await kill();
		await w.must('token', 'verify', code, '--prove', '--id', h.last6, '--staff', 'chen');
		if (when === 'while') await kill();
		await until(h.e164, (question = /身份已核实/));
		await say('Y', /旧证怎么交回/);
		await say('2', /新证怎么领/);
		await say('2', /登记的地址/);
		await say('Y', /申请已提交/);
		const id = String(await idOf(h));
		await w.must('application', 'decide', id, 'approve', '--staff', 'chen');
		if (when === 'while') await kill();
		await until(h.e164, /已审批通过/);
		await w.must('application', 'send', id, '--tracking', 'SF200', '--staff', 'chen');
		if (when === 'while') await kill();
		await until(h.e164, /SF200/);
		await w.must('application', 'collect', id, '--staff', 'chen');
		if (when === 'while') await kill();
		await until(h.e164, (question = /1 到 5/));
		await say('5', /谢谢您的评价/);

		assert.equal(await w.sql(`SELECT status || ' ' || rating FROM application WHERE id = ${id}`), 'collected 5');
		const moves = (await w.sql(`SELECT "from" || '>' || "to" FROM trail_move WHERE conversation_id = (SELECT conversation_id FROM application WHERE id = ${id}) ORDER BY id`)).split('\n');
		assert.deepEqual(moves, ['>reminded', 'reminded>verify', 'verify>confirm', 'confirm>old_certificate', 'old_certificate>delivery',
			'delivery>address', 'address>submitted', 'submitted>rating', 'rating>finished'], 'each step was taken once');
		const stored = Number(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}'`));
		const sent = (await w.texts(h.e164)).filter((t) => t.direction === 'sent');
		assert.deepEqual(sent.map((t) => t.state).filter((s) => s !== 'DELIVRD'), [], 'the carrier has an answer to every text');
		assert.ok(stored >= 6 && stored <= sent.length, `${sent.length} texts written, ${stored} stored`);
		for (const kind of ['consented', 'verified', 'confirmed', 'submitted', 'rated'])
			assert.equal(await w.sql(`SELECT count(*) FROM trail WHERE application_id = ${id} AND kind = '${kind}'`), '1', kind);
	});
}

test('a phone gets each text in parts with a reference of its own, whatever the daemon remembers', async () => {
	const h = holder(204);
	await remind(w, [h]);
	for (let i = 0; i < 12; i++) {
		// Inside the talk and outside of its steps; with the answer known, on its way, or asked for a second time.
		if (i % 3 === 1) await kill();
		await w.text(h.e164, i % 2 ? 'HELP' : '帮助');
		if (i % 3 === 2) await kill();
		await w.next(h.e164, /核验|CHECK/);
	}
	// While the carrier still waits for an answer of ours it may bring a text again, and that is answered once more.
	const waiting = async () => (await (await fetch(`${w.carrierUrl}/sessions`)).json()).queues.reduce((n, q) => n + q.waiting, 0);
	await w.until(async () => await waiting() === 0 && await w.sql('SELECT count(*) FROM text_leaving') === '0');
	const texts = new Map(); // by reference: the parts, each as often as it was sent
	for (const r of await w.record('submit')) {
		if (!h.e164.endsWith(r.dest?.slice(-11)) || !(r.parts > 1)) continue;
		if (!texts.has(r.reference)) texts.set(r.reference, []);
		texts.get(r.reference).push(r);
	}
	const said = Number(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND parts > 1`));
	assert.ok(said >= 8, `${said} texts`);
	assert.equal(texts.size, said, 'as many references as texts in parts');
	const numbers = [...texts.keys()], first = numbers[0];
	// They follow one another: all 255 are used before one comes again.
	assert.ok(Math.max(...numbers.map((n) => (n - first + 255) % 255)) < said + 4, numbers.join(' '));
});

test('the carrier is away at night: nothing is lost, and everything goes out when it is back', async () => {
	const holders = Array.from({ length: 20 }, (_, i) => holder(220 + i));
	const port = w.smppPort;
	await w.carrier.end('SIGTERM');
	await w.daemon.line(/link=east.*waiting/);
	await w.must('import', 'licences', w.csv('night.csv', holders.flatMap((h) => h.rows)));
	await w.json('scan');
	await w.startCarrier(port);
	for (const h of holders) await w.next(h.e164, /要续办请回复 Y/);
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE kind = 'reminder' AND phone BETWEEN '+8613800000220' AND '+8613800000239'`), '20');
});

test('SIGTERM drains, unbinds and ends with 0', async () => {
	// A program's question that is under way has its answer first: here it waits for a table that somebody else holds.
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	const held = new Promise((done) => psql.stdout.once('data', done));
	psql.stdin.write('BEGIN; LOCK TABLE api_key; SELECT 1;\n');
	await held;
	const answer = fetch(`http://127.0.0.1:${w.staffPort}/api/v1/applications`, { headers: { Authorization: `Bearer hz_${'A'.repeat(43)}` } }).then((r) => r.status, (e) => e.cause?.code ?? e.message);
	await w.until(async () => await w.sql('SELECT count(*) FROM pg_locks WHERE NOT granted') !== '0');
	w.daemon.child.kill('SIGTERM');
	await w.daemon.line(/ draining/);
	// One that does not wait for it ends at once.
	await Promise.race([w.daemon.exited, new Promise((done) => setTimeout(done, 500))]);
	psql.stdin.end('ROLLBACK;\n');
	assert.equal(await answer, 401);
	assert.equal(await w.daemon.exited, 0);
	psql.kill();
	await w.startDaemon();
});
