// Figures that a bureau could publish, and what the next months will bring: counted from rows whose sums are known.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../lib/world.mjs';

const ITEM = 'food-business-renewal', OTHER = 'public-place-hygiene-renewal';
let w, month;
before(async () => {
	w = await World.start({ daemon: false });
	// 40 licences of one item on file: 30 of them were asked within the year, 24 of those submitted; 2 of another, never asked.
	await w.sql(`INSERT INTO holder (bureau_id, identity_hash, name, phone, language) SELECT 1, ('\\x' || lpad(to_hex(n), 8, '0'))::bytea, '第' || n || '店', '+861380000' || lpad(n::text, 4, '0'), 'zh' FROM generate_series(1, 42) n;
		INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on)
			SELECT 1, CASE WHEN n <= 40 THEN '${ITEM}' ELSE '${OTHER}' END, 'L' || n, h.id, CASE WHEN n <= 30 THEN current_date + 2000 ELSE (date_trunc('month', current_date) + interval '4 months 20 days')::date END
			FROM generate_series(1, 42) n JOIN holder h ON h.name = '第' || n || '店';
		INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, status, created_at, reminded_at, consented_at, verified_at, confirmed_at, submitted_at, decided_at, sent_at, collected_at, rated_at, rating, closed_at)
			SELECT 1, l.id, l.holder_id, l.item_code, 'expiry:2020-01-01', CASE WHEN n <= 20 THEN 'collected' WHEN n <= 24 THEN 'submitted' WHEN n <= 27 THEN 'declined' WHEN n = 28 THEN 'stopped' ELSE 'reminded' END,
				t.at, t.at, CASE WHEN n <= 24 THEN t.at + n * interval '1 hour' END, CASE WHEN n <= 24 THEN t.at + interval '30 hours' END, CASE WHEN n <= 24 THEN t.at + interval '31 hours' END,
				CASE WHEN n <= 24 THEN t.at + interval '32 hours' END, CASE WHEN n <= 20 THEN t.at + interval '56 hours' END, CASE WHEN n <= 20 THEN t.at + interval '57 hours' END,
				CASE WHEN n <= 20 THEN t.at + interval '80 hours' END, CASE WHEN n <= 10 THEN t.at + interval '81 hours' END, CASE WHEN n <= 10 THEN 4 + n % 2 END,
				CASE WHEN n <= 20 OR n BETWEEN 25 AND 28 THEN t.at + interval '90 hours' END
			FROM (SELECT now() - interval '40 days' AS at) t, generate_series(1, 30) n JOIN licence l ON l.licence_no = 'L' || n`);
	month = await w.sql(`SELECT to_char(date_trunc('month', current_date) + interval '4 months 20 days' - make_interval(days => reminder_days[1]), 'YYYY-MM') FROM item WHERE code = '${ITEM}'`);
});
after(async () => { await w?.stop(); });

test('how many came how far, and how long it took', async () => {
	const rows = await w.json('report');
	assert.deepEqual(rows.map((r) => r.item), ['', ITEM]);
	const r = rows[0];
	const counted = ['found', 'reminded', 'answered', 'consented', 'proven', 'confirmed', 'submitted', 'decided', 'approved', 'delivered', 'rated', 'mark',
		'declined', 'opted_out', 'rejected', 'under_way'].map((k) => r[k]);
	assert.deepEqual(counted, [30, 30, 28, 24, 24, 24, 24, 20, 20, 20, 10, 4.5, 3, 1, 0, 6]);
	// Answers after 1, 2, ... 24 hours.
	assert.deepEqual([r.answer_median, r.answer_p90, r.decision_median, r.whole_median], [12.5 * 3600, Math.round(21.7 * 3600), 24 * 3600, 80 * 3600]);
	assert.equal(rows[1].service.length > 0, true);
	const text = await w.must('report');
	assert.match(text, /time to answer +half within 12 h 30 min, nine in ten within 21 h 42 min/);
	assert.match(text, /lost: 3 declined, 1 opted_out/);
});

test('days and items are what was asked for; a day that is none is said', async () => {
	assert.equal((await w.json('report', '--item', OTHER))[0].found, 0);
	const before = await w.sql("SELECT (now() - interval '41 days')::date");
	assert.equal((await w.json('report', '--to', before))[0].found, 0);
	assert.equal((await w.json('report', '--from', before))[0].found, 30);
	assert.equal((await w.cli('report', '--from', '2026-02-31')).code, 2);
	assert.equal((await w.cli('report', '--from', '2026-03-01', '--to', '2026-02-01')).code, 2);
	const [{ service }] = (await w.json('report')).filter((r) => r.item === ITEM);
	assert.deepEqual((await w.json('report', '--service', service)).map((r) => r.item), [ITEM]);
});

test('as a spreadsheet', async () => {
	const file = join(w.dir, 'report.csv');
	await w.must('report', '--csv', file);
	const lines = readFileSync(file, 'utf8').split('\r\n');
	assert.ok(lines[0].startsWith('\ufeffbureau,service,item,item_name,from,to,licences,holders,found,reminded,reminded_holders,reminders,'));
	assert.equal(lines.length, 4);
	const head = lines[0].slice(1).split(','), cells = lines[2].split(',');
	assert.deepEqual(['item', 'found', 'mark', 'answer_median'].map((k) => cells[head.indexOf(k)]), [ITEM, '30', '4.50', '45000']);
});

test('what is to come: due licences times the share that was submitted', async () => {
	const rows = await w.json('forecast');
	assert.equal(rows.length, 12);
	const r = rows.find((x) => x.month === month);
	// 10 of the item with 24 of 30, 2 of one that was never asked: the share of all.
	assert.deepEqual([r.due, r.expected], [12, 10]);
	assert.ok(r.low < 10 && r.low > 5 && r.high > 10 && r.high <= 13, JSON.stringify(r));
	assert.equal(rows.filter((x) => x.month !== month).reduce((n, x) => n + x.due, 0), 0);
	const own = (await w.json('forecast', '--by-item')).filter((x) => x.month === month);
	assert.deepEqual(own.map((x) => [x.item, x.due]), [['', 12], [ITEM, 10], [OTHER, 2]]);
	// Changes of the register come as often as they came.
	await w.sql(`INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, status, created_at, reminded_at, submitted_at)
		SELECT 1, id, holder_id, item_code, 'change:1' || id, 'submitted', now(), now(), now() FROM licence WHERE item_code = '${ITEM}' AND licence_no < 'L16' LIMIT 6`);
	const changed = (await w.json('forecast')).find((x) => x.month === month);
	assert.equal(changed.changes, 3, 'six in two months');
	assert.equal((await w.json('forecast', '--months', '3')).length, 3);
	assert.equal((await w.cli('forecast', '--months', '0')).code, 2);
});

// A year of Yiyuan's, as it was published: 7,507 licences of 19 kinds at 6,356 firms, 1,793 of them due at 1,326 firms, spread
// over the year. What becomes of the i-th follows from i, so that every figure can be counted here too.
const YEAR = { firms: 6356, licences: 7507, due: 1793, dueFirms: 1326, kinds: 19 };
const ENDS = ['declined', 'stopped', 'unreachable', 'reminded', 'consented', 'collected', 'collected', 'collected', 'submitted', 'rejected'];
const STEPS = [['due', 'created_at', 0], ['reminded', 'reminded_at', 0.1], ['consented', 'consented_at', null], ['verified', 'verified_at', 30], ['confirmed', 'confirmed_at', 31],
	['submitted', 'submitted_at', 32], ['approved', 'decided_at', 56], ['sent', 'sent_at', 60], ['collected', 'collected_at', 90]];
function wayOf(i) {
	const end = ENDS[i % 10], answer = 1 + i % 28;
	const upto = { declined: 1, stopped: 1, unreachable: 1, reminded: 1, consented: 2, submitted: 5, rejected: 5, collected: 8 }[end];
	const way = STEPS.slice(0, upto + 1).map(([kind, column, hours]) => ({ kind, column, hours: hours ?? answer }));
	if (end === 'rejected') way.push({ kind: 'rejected', column: 'decided_at', hours: 70 });
	if (['declined', 'stopped', 'unreachable'].includes(end)) way.push({ kind: end, column: 'closed_at', hours: answer });
	const again = ['reminded', 'unreachable'].includes(end), rating = end === 'collected' && i % 20 < 10 ? 3 + i % 3 : null;
	return { i, end, kind: i % YEAR.kinds, daysAgo: 364 - i % 365, way, answer, again, rating, firm: i < YEAR.dueFirms ? i : i - YEAR.dueFirms };
}
const median = (list, share) => { const l = [...list].sort((a, b) => a - b), at = share * (l.length - 1), low = Math.floor(at); return Math.round(l[low] + (l[Math.ceil(at)] - l[low]) * (at - low)); };

test('a year is played: what the report prints is what the trail says, month by month, item by item, to the last figure', async () => {
	const all = Array.from({ length: YEAR.due }, (_, i) => wayOf(i));
	await w.sql('TRUNCATE holder, licence, application, reminder, conversation, trail CASCADE');
	await w.sql(`INSERT INTO holder (bureau_id, identity_hash, name, phone, language) SELECT 1, convert_to('year' || n, 'UTF8'), '第' || n || '户', '+86157' || lpad(n::text, 8, '0'), 'zh' FROM generate_series(0, ${YEAR.firms - 1}) n;
		CREATE TABLE year_item AS SELECT code, row_number() OVER (ORDER BY code) - 1 AS kind FROM item ORDER BY code LIMIT ${YEAR.kinds};
		INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, y.code, 'Y' || n, h.id, current_date + 30
			FROM generate_series(0, ${YEAR.licences - 1}) n JOIN year_item y ON y.kind = n % ${YEAR.kinds}
			JOIN holder h ON h.name = '第' || CASE WHEN n < ${YEAR.dueFirms} THEN n WHEN n < ${YEAR.due} THEN n - ${YEAR.dueFirms} WHEN n < ${YEAR.due + YEAR.firms - YEAR.dueFirms} THEN n - ${YEAR.due} + ${YEAR.dueFirms} ELSE n - ${YEAR.due + YEAR.firms - YEAR.dueFirms} END || '户'`);
	assert.equal(await w.sql('SELECT count(*) || $$ $$ || count(DISTINCT holder_id) || $$ $$ || count(DISTINCT item_code) FROM licence'), `${YEAR.licences} ${YEAR.firms} ${YEAR.kinds}`);
	// The trail first: one row for each step of each; the applications are what it leads to.
	const rows = all.flatMap((a) => a.way.map((s, n) => `(${a.i}, ${a.daysAgo}, ${s.hours}, '${s.kind}', '${s.column}', '${n > 0 ? a.way[n - 1].kind : ''}')`)
		.concat(a.again ? [`(${a.i}, ${a.daysAgo}, 0.5, 'reminded', '', 'reminded')`] : []).concat(a.rating ? [`(${a.i}, ${a.daysAgo}, 95, 'rated', 'rated_at', '')`] : []));
	writeFileSync(join(w.dir, 'year.sql'), `CREATE TABLE year (i int, days_ago int, hours float8, kind text, col text, was text);\nINSERT INTO year VALUES ${rows.join(',\n')};\n`);
	await w.sqlFile(join(w.dir, 'year.sql'));
	const at = "((now() AT TIME ZONE 'Asia/Shanghai')::date - days_ago)::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '9 hours' + hours * interval '1 hour'";
	const columns = [...new Set(STEPS.map((s) => s[1]).concat('closed_at', 'rated_at'))];
	await w.sql(`INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, status, rating, ${columns})
			SELECT 1, l.id, l.holder_id, l.item_code, 'expiry:year', (array_agg(kind ORDER BY hours DESC) FILTER (WHERE kind <> 'rated'))[1], CASE WHEN bool_or(kind = 'rated') THEN 3 + i % 3 END, ${columns.map((c) => `min(${at}) FILTER (WHERE col = '${c}')`)}
			FROM year JOIN licence l ON l.licence_no = 'Y' || i GROUP BY i, l.id, l.holder_id, l.item_code ORDER BY i;
		INSERT INTO trail (bureau_id, at, application_id, actor, kind, data) SELECT 1, ${at}, a.id, 'system', CASE y.kind WHEN 'stopped' THEN 'opted_out' ELSE y.kind END, CASE WHEN was = '' THEN '{}' ELSE jsonb_build_object('from', was) END
			FROM year y JOIN licence l ON l.licence_no = 'Y' || i JOIN application a ON a.licence_id = l.id ORDER BY i, hours;
		INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, open) SELECT 1, 1, '+8613000000000', id, 'zh', 'renewal', false FROM holder LIMIT 1;
		INSERT INTO reminder (bureau_id, application_id, step, conversation_id) SELECT 1, a.id, CASE WHEN y.col = '' THEN 7 ELSE 30 END, 1 FROM year y JOIN licence l ON l.licence_no = 'Y' || i JOIN application a ON a.licence_id = l.id WHERE y.kind = 'reminded'`);
	// Each application's trail leads to where it stands; and it is sealed, so that what is published can be proven.
	await w.must('trail', 'seal');
	const v = await w.json('trail', 'verify');
	assert.deepEqual([v.faults, v.applications, v.unsealed], [[], YEAR.due, 0]);

	const count = (list, test) => list.filter(test).length, had = (kind) => (a) => a.way.some((s) => s.kind === kind);
	const expected = (list) => ({ found: list.length, reminded: list.length, reminders: list.length + count(list, (a) => a.again), reminded_holders: new Set(list.map((a) => a.firm)).size,
		answered: count(list, (a) => had('consented')(a) || ['declined', 'stopped'].includes(a.end)), consented: count(list, had('consented')), proven: count(list, had('verified')),
		submitted: count(list, had('submitted')), decided: count(list, (a) => ['collected', 'rejected'].includes(a.end)), approved: count(list, had('approved')),
		delivered: count(list, had('collected')), rated: count(list, (a) => a.rating), declined: count(list, had('declined')), opted_out: count(list, had('stopped')),
		unreachable: count(list, had('unreachable')), rejected: count(list, had('rejected')), withdrawn: 0, wrong_number: 0 });
	const rowsOf = await w.json('report'), [total] = rowsOf;
	assert.deepEqual([total.licences, total.holders], [YEAR.licences, YEAR.firms]);
	for (const [k, n] of Object.entries(expected(all))) assert.equal(total[k], n, k);
	assert.deepEqual([total.reminded, total.reminded_holders], [YEAR.due, YEAR.dueFirms], 'what Yiyuan published');
	assert.equal(rowsOf.length, YEAR.kinds + 1);
	for (const r of rowsOf.slice(1)) {
		const kind = Number(await w.sql(`SELECT kind FROM year_item WHERE code = '${r.item}'`));
		for (const [k, n] of Object.entries(expected(all.filter((a) => a.kind === kind)))) assert.equal(r[k], n, `${r.item} ${k}`);
	}
	const sums = ['licences', 'found', 'reminders', 'answered', 'consented', 'proven', 'submitted', 'decided', 'delivered', 'rated'];
	for (const k of sums) assert.equal(rowsOf.slice(1).reduce((n, r) => n + r[k], 0), total[k], k);
	const mark = all.filter((a) => a.rating).map((a) => a.rating);
	assert.ok(Math.abs(total.mark - mark.reduce((n, m) => n + m, 0) / mark.length) < 0.006);
	const answers = all.filter(had('consented')).map((a) => (a.answer - 0.1) * 3600);
	assert.deepEqual([total.answer_median, total.answer_p90, total.decision_median, total.delivery_median], [median(answers, 0.5), median(answers, 0.9), 24 * 3600, 34 * 3600]);

	// Counted from the trail alone, which the report does not read.
	const trail = Object.fromEntries((await w.sql('SELECT kind || $$=$$ || count(DISTINCT application_id) FROM trail WHERE application_id IS NOT NULL GROUP BY kind')).split('\n').map((l) => l.split('=')));
	for (const [figure, kind] of [['found', 'due'], ['reminded', 'reminded'], ['consented', 'consented'], ['proven', 'verified'], ['submitted', 'submitted'], ['approved', 'approved'], ['delivered', 'collected'],
		['rated', 'rated'], ['declined', 'declined'], ['opted_out', 'opted_out'], ['rejected', 'rejected']]) assert.equal(total[figure], Number(trail[kind]), kind);

	// The year in two halves and day by day at its ends: nothing is counted twice or lost between two days.
	const middle = await w.sql("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date - 182"), next = await w.sql("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date - 181");
	const halves = [(await w.json('report', '--to', middle))[0], (await w.json('report', '--from', next))[0]];
	assert.deepEqual([halves[0].from, halves[0].to, halves[1].from, halves[1].to], [await w.sql(`SELECT '${middle}'::date - 364`), middle, next, total.to]);
	for (const k of sums.slice(1)) assert.equal(halves[0][k] + halves[1][k], total[k], k);
	for (const [day, ago] of [[total.from, 364], [total.to, 0], [middle, 182]]) assert.equal((await w.json('report', '--from', day, '--to', day))[0].found, count(all, (a) => a.daysAgo === ago), day);

	// The file and the words say the same.
	const file = join(w.dir, 'year.csv');
	await w.must('report', '--csv', file);
	const lines = readFileSync(file, 'utf8').trimEnd().split('\r\n'), head = lines[0].slice(1).split(','), cells = lines[1].split(',');
	for (const k of [...sums, 'holders', 'reminded_holders', 'declined', 'answer_median']) assert.equal(Number(cells[head.indexOf(k)]), total[k], k);
	assert.match(await w.must('report'), /7507 licences of 6356 holders on file; \d+ reminders to 1326 holders/);
});

test('the forecast by hand: a new bureau, many on one day, a leap day, months without anything', async () => {
	await w.sql('TRUNCATE holder, licence, application, reminder, conversation, trail CASCADE');
	let leap = new Date().getUTCFullYear() + 1;
	while (new Date(Date.UTC(leap, 1, 29)).getUTCMonth() !== 1) leap++;
	const first = { [ITEM]: 0, [OTHER]: 0 };
	for (const code of [ITEM, OTHER]) first[code] = Number(await w.sql(`SELECT reminder_days[1] FROM item WHERE code = '${code}'`));
	assert.equal(first[ITEM], 30);
	const month = (date, days) => { const d = new Date(`${date}T00:00:00Z`); d.setUTCDate(d.getUTCDate() - days); return d.toISOString().slice(0, 7); };
	const ahead = (n) => w.sql(`SELECT (date_trunc('month', current_date) + interval '${n} months 14 days')::date`);
	let day = await ahead(6);
	if (month(day, 30).startsWith(String(leap))) day = await ahead(month(await ahead(3), 30).startsWith(String(leap)) ? 9 : 3);
	const put = (item, n, date, letter) => `INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, '${item}', '${letter}' || n, (SELECT min(id) FROM holder), ${date} FROM generate_series(1, ${n}) n`;
	await w.sql(`INSERT INTO holder (bureau_id, identity_hash, name, language) VALUES (1, 'x', '甲', 'zh');
		${put(ITEM, 500, `'${day}'`, 'A')}; ${put(OTHER, 50, `'${day}'::date - 30 + ${first[OTHER]}`, 'B')};
		${put(ITEM, 3, `'${leap}-02-29'`, 'C')}; ${put(ITEM, 2, `'${leap}-03-30'`, 'D')}; ${put(ITEM, 1, 'NULL', 'E')}`);
	const rows = async (...args) => Object.fromEntries((await w.json('forecast', '--months', '60', ...args)).map((r) => [r.month, r]));
	const M = month(day, 30), leaps = [month(`${leap}-02-29`, 30), month(`${leap}-03-30`, 30)];
	assert.deepEqual(leaps, [`${leap}-01`, `${leap}-02`], 'thirty days before the 30th of March is the 29th of February');
	// Nothing was ever asked: what is due is known, what comes of it is not.
	let f = await rows();
	assert.deepEqual([f[M].due, f[M].expected, f[M].low, f[M].high], [550, null, null, null]);
	assert.deepEqual([f[leaps[0]].due, f[leaps[1]].due], [3, 2]);
	const quiet = Object.keys(f).find((m) => ![M, ...leaps].includes(m));
	assert.deepEqual([f[quiet].due, f[quiet].expected], [0, 0]);
	assert.equal(Object.values(f).reduce((n, r) => n + r.due, 0), 555);
	assert.match(await w.must('forecast', '--months', '60'), new RegExp(`${M} .*550`));
	// 25 of the one were asked and 20 submitted; 10 of the other and 1 of them, too few to go by; six changes in a year.
	const past = (n, item, done, cycle, ago, letter) => `INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, '${item}', '${letter}' || n, (SELECT min(id) FROM holder), current_date + 3000 FROM generate_series(1, ${n}) n;
		INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, status, created_at, reminded_at, submitted_at, closed_at) SELECT 1, id, holder_id, item_code, '${cycle}', 'closed', now() - interval '${ago}', now() - interval '${ago}',
			CASE WHEN row_number() OVER (ORDER BY id) <= ${done} THEN now() END, now() FROM licence WHERE licence_no LIKE '${letter}%'`;
	await w.sql([past(25, ITEM, 20, 'expiry:a', '100 days', 'P'), past(10, OTHER, 1, 'expiry:b', '100 days', 'Q'), past(6, ITEM, 6, 'change:1', '300 days', 'R'), past(1, ITEM, 1, 'expiry:c', '400 days', 'S')].join(';'));
	f = await rows();
	// 500 * 0.8 + 50 * 21/35 + 0.5 = 430.5; 1.96 * sqrt(500 * 0.8 * 0.2 + 50 * 0.6 * 0.4 + 0.5) = 18.85.
	assert.deepEqual([f[M].due, f[M].changes, f[M].expected, f[M].low, f[M].high], [550, 0.5, 431, 412, 449]);
	// 3 * 0.8 + 0.5 = 2.9; 1.96 * sqrt(3 * 0.16 + 0.5) = 1.94.
	assert.deepEqual([f[leaps[0]].expected, f[leaps[0]].low, f[leaps[0]].high], [3, 1, 5]);
	assert.deepEqual([f[quiet].due, f[quiet].expected, f[quiet].low], [0, 1, 0], 'half a change a month');
	// Who was asked already is not expected again.
	await w.sql(`INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, status, created_at) SELECT 1, id, holder_id, item_code, 'expiry:' || expires_on, 'reminded', now() FROM licence WHERE licence_no = 'A7'`);
	assert.equal((await rows())[M].due, 549);
});
