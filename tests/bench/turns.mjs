// Turns: citizens who stand at the confirmation answer Y, 1, 1; every answer moves the conversation and its application.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/world.mjs';
import { hasKannel, Kannel } from './kannel.mjs';
import { PG, WARM } from './place.mjs';

export const FIRST_PHONE = 8613700000000;
// At most so many turns, at most so many seconds each.
const WINDOWS = [{ window: 1, turns: 5000 }, { window: 10, turns: 20000 }, { window: 100, turns: 40000 }];
const SECONDS = 3;
const WORDS = ['Y', '1', '1'];

export const talksNeeded = (runs) => WARM + runs * WINDOWS.reduce((n, w) => n + Math.ceil(w.turns / WORDS.length) + w.window, 0);

// Conversations at the step `confirm`, as reminders, a Y and a proof of identity leave them.
export async function seed(place, database, talks) {
	await place.fresh(database);
	await seat(place, database, talks);
	await place.warm(database);
}

// The same in a database that is there already and may hold other people: a million at a time, with ids of its own and
// without the checks of foreign keys, which hold by the way the rows are made. Where they are many, the indexes that no
// constraint needs are built afterwards. So ten millions are there in minutes.
const CHUNK = 1000000, TABLES = ['holder', 'licence', 'conversation', 'application'];
export async function seat(place, database, talks) {
	const indexes = talks <= CHUNK ? [] : JSON.parse(await place.sql(database, `SELECT json_agg(json_build_array(pg_get_indexdef(indexrelid), indexrelid::regclass)) FROM pg_index
WHERE NOT indisunique AND indrelid IN (${TABLES.map((t) => `'${t}'::regclass`)})`));
	for (const [, name] of indexes) await place.sql(database, `DROP INDEX ${name}`);
	for (let from = 0; from < talks; from += CHUNK) {
		const series = `generate_series(${from}, ${Math.min(from + CHUNK, talks) - 1}) i`;
		await place.sql(database, `
SET session_replication_role = replica;
SELECT ${TABLES.map((t) => `(SELECT coalesce(max(id), 0) + 1 - ${from} FROM ${t}) AS ${t}`)} \\gset
INSERT INTO holder (bureau_id, id, identity_hash, name, phone, language) OVERRIDING SYSTEM VALUE
SELECT 1, :holder + i, decode(lpad(to_hex(i), 32, '0'), 'hex'), '沂源县南麻街道第' || i || '面馆', '+' || ${FIRST_PHONE} + i, 'zh' FROM ${series};
INSERT INTO licence (bureau_id, id, item_code, licence_no, holder_id, issued_on, expires_on) OVERRIDING SYSTEM VALUE
SELECT 1, :licence + i, 'food-business-renewal', 'SEAT' || lpad(i::text, 10, '0'), :holder + i, current_date - 1798, current_date + 28 FROM ${series};
INSERT INTO conversation (bureau_id, id, phone, holder_id, link, language, dialog, dialog_version, step, selected, begun, deadline_at, wake_at)
SELECT 1, :conversation + i, '+' || ${FIRST_PHONE} + i, :holder + i, 'east', 'zh', 'renewal', 1, 'confirm', 1, true, now() + interval '3 days', now() + interval '3 days' FROM ${series};
INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, number, status, reminded_at, consented_at, verified_at, verified_by)
SELECT 1, :application + i, :licence + i, :holder + i, 'food-business-renewal', 'expiry:' || current_date + 28, :conversation + i, 1, 'verified', now(), now(), now(), 'page' FROM ${series};
SELECT ${TABLES.map((t) => `setval(${t === 'holder' || t === 'licence' ? `pg_get_serial_sequence('${t}', 'id')` : `'${t}_id'`}, max(${t}.id))`).join(', ')}
FROM ${TABLES.map((t) => `(SELECT max(id) AS id FROM ${t}) ${t}`).join(', ')};`);
	}
	for (const [definition] of indexes) await place.sql(database, `SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 0; ${definition}`);
}

const BARE = 'INSERT INTO bench_commit VALUES (1, \'one row, as long as a short text\');\n';
const TURN = `\\set n random(1, :talks)
BEGIN;
SELECT id, step, slots, version FROM conversation WHERE bureau_id = 1 AND phone = '+' || (${FIRST_PHONE} + :n)::text AND open FOR UPDATE;
UPDATE conversation SET version = version + 1, deadline_at = now() + interval '3 days' WHERE bureau_id = 1 AND phone = '+' || (${FIRST_PHONE} + :n)::text AND open;
INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) SELECT 1, nextval('row_id'), now(), 'pgbench', 'd1.1', currval('row_id'), '+' || (${FIRST_PHONE} + :n)::text, '10690001', 'Y', decode(md5(currval('row_id')::text), 'hex');
INSERT INTO outbox (bureau_id, message_id, message_at, phone, link, priority, kind, text) VALUES (1, nextval('row_id'), now(), '+' || (${FIRST_PHONE} + :n)::text, 'pgbench', 0, 'reply', '【沂源审批】旧证怎么交回？回复1交到窗口，回复2快递上门取。');
COMMIT;
`;

async function pgbench(place, database, script, clients, seconds, talks) {
	const file = join(place.dir, 'pgbench.sql');
	writeFileSync(file, script);
	const r = await run(`${PG}/pgbench`, ['-n', '-M', 'prepared', '-c', clients, '-j', Math.min(clients, 2), '-T', seconds, '-D', `talks=${talks - 1}`, '-f', file,
		'-h', place.socket, '-U', 'huizhi', database].map(String));
	if (r.code !== 0) throw new Error(r.stderr);
	return { per_second: Number(r.stdout.match(/tps = ([\d.]+)/)[1]), latency_ms: Number(r.stdout.match(/latency average = ([\d.]+)/)[1]) };
}

const first = (count) => Math.ceil(count / WORDS.length);

// Kannel answers every text with one fixed text and keeps nothing: the same load, the same words.
async function kannel(place, m, { nodelay, windows }) {
	const rates = new Map(), k = await Kannel.start(place, { nodelay }), name = nodelay ? 'Kannel, TCP_NODELAY forced' : 'Kannel as shipped';
	let phone = FIRST_PHONE;
	// smsbox joins a moment later: the first answers say that it has.
	await place.order(`turns 300 10 ${phone} 0 5 ${WORDS.join(' ')}`);
	for (const { window, turns: count } of windows) {
		phone += count;
		const { result: r, cpu } = await place.spent(k.pids(), (x) => x.turns, () => place.order(`turns ${count} ${window} ${phone} 0 ${SECONDS} ${WORDS.join(' ')}`));
		m.add(name, `turns/s, window ${window}`, r.per_second);
		m.add(name, `reply p50 ms, window ${window}`, r.reply_p50_ms);
		if (window === 100) m.add(name, 'CPU us a turn', cpu.programs);
		rates.set(window, { ...r, cpu: cpu.programs + cpu.load });
	}
	await k.stop();
	return rates;
}

export async function turns(place, m) {
	const { runs } = m;
	const talks = talksNeeded(runs);
	await seed(place, 'seed_turns', talks);
	await place.create('floor_turns', 'seed_turns');
	await place.sql('floor_turns', 'CREATE TABLE bench_commit (id bigint, text text)');
	await place.create('turns', 'seed_turns');
	let phone = FIRST_PHONE + WARM;
	const peer = hasKannel();
	if (!peer) m.leave('Kannel', 'its package is not installed');
	for (let i = 0; i < runs; i++) {
		await place.seasoned();
		const floor = place.database('floor_turns'), ours = new Map();
		const commit = await place.floor('commits', floor, 1);
		m.add('one commit, one row', 'p50 ms', commit.p50_ms);
		m.add('one commit, one row', 'a second, 1 client', commit.per_second);
		m.add('one commit, one row', 'a second, 8 clients (pgbench)', (await pgbench(place, 'floor_turns', BARE, 8, 1, talks)).per_second);
		const one = await pgbench(place, 'floor_turns', TURN, 1, 2, talks), eight = await pgbench(place, 'floor_turns', TURN, 8, 2, talks);
		m.add('pgbench, one turn a transaction', 'turns/s, 1 client', one.per_second);
		m.add('pgbench, one turn a transaction', 'turns/s, 8 clients', eight.per_second);
		await place.daemon('turns');
		for (const { window, turns: count } of WINDOWS) {
			const bare = await place.floor('turns', floor, count, window, 3);
			m.add(`floor: same rows, batches of ${window}`, 'turns/s', bare.per_second);
			const { result: r, cpu } = await place.spent([place.gateway.child.pid], (x) => x.turns,
				() => place.order(`turns ${count} ${window} ${phone} 0 ${SECONDS} ${WORDS.join(' ')}`));
			phone += first(count) + window;
			ours.set(window, { ...r, cpu: cpu.programs + cpu.postgres + cpu.load });
			const name = `turns, window ${window}`;
			m.add(name, 'turns/s', r.per_second);
			m.add(name, 'reply p50 ms', r.reply_p50_ms);
			m.add(name, 'reply p99 ms', r.reply_p99_ms);
			m.add(name, 'CPU us a turn: daemon', cpu.programs);
			m.add(name, 'CPU us a turn: PostgreSQL', cpu.postgres);
			m.add(name, 'CPU us a turn: load generator', cpu.load);
			m.ratio(name, 'of its floor', r.per_second / bare.per_second);
			m.ratio(name, 'of pgbench, one turn a transaction, 8 clients', r.per_second / eight.per_second);
			if (window === 1) m.ratio(name, 'reply p50 / (1.5 commits + 0.3 ms)', r.reply_p50_ms / (1.5 * commit.p50_ms + 0.3));
			if (!r.complete || r.refused || r.unexpected) m.remark(`${name}: ${r.complete ? '' : 'some turns had no answer 30 s later; '}${r.refused} refused, ${r.unexpected} parts nobody waited for`);
		}
		if (i === runs - 1) m.note('daemon after the turns, VmHWM MB', place.peak());
		await place.stopDaemon();
		if (!peer) continue;
		const at_once = await kannel(place, m, { nodelay: true, windows: WINDOWS });
		const shipped = await kannel(place, m, { nodelay: false, windows: WINDOWS.filter((w) => w.window === 100) });
		for (const [window, r] of ours) m.ratio(`turns, window ${window}`, 'times Kannel without disk, TCP_NODELAY', r.per_second / at_once.get(window).per_second);
		m.ratio('turns, window 100', 'times Kannel without disk, as shipped', ours.get(100).per_second / shipped.get(100).per_second);
		m.ratio('turns, window 100', 'CPU of Kannel a turn / CPU of ours, database and load included', at_once.get(100).cpu / ours.get(100).cpu);
	}
	for (const d of ['turns', 'floor_turns', 'seed_turns']) await place.drop(d);
}

// Several daemons on one database: the same load, spread over them by phone.
export async function daemons(place, m) {
	const counts = [1, 2, 4], window = 100, count = 15000, need = first(count) + window;
	await seed(place, 'seed_daemons', WARM + m.runs * counts.length * need);
	await place.create('daemons', 'seed_daemons');
	let phone = FIRST_PHONE + WARM;
	for (let i = 0; i < m.runs; i++) {
		const rates = new Map();
		for (const n of counts) {
			await place.daemons('daemons', n);
			const r = await place.order(`turns ${count} ${window} ${phone} 0 ${SECONDS} ${WORDS.join(' ')}`);
			phone += need;
			rates.set(n, r.per_second);
			m.add(`turns, window ${window}, ${n} daemon${n > 1 ? 's' : ''}`, 'turns/s', r.per_second);
			m.add(`turns, window ${window}, ${n} daemon${n > 1 ? 's' : ''}`, 'reply p99 ms', r.reply_p99_ms);
			if (!r.complete || r.refused || r.unexpected) m.remark(`${n} daemons: ${r.complete ? '' : 'some turns had no answer; '}${r.refused} refused, ${r.unexpected} parts nobody waited for`);
			await place.stopDaemons();
			if (n > 1) m.ratio(`${n} daemons on one database`, 'of one daemon', rates.get(n) / rates.get(1));
		}
	}
	const deadlocks = await place.sql('daemons', "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
	m.note('deadlocks with several daemons', Number(deadlocks));
	for (const d of ['daemons', 'seed_daemons']) await place.drop(d);
}
