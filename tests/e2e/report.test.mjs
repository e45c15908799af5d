// Figures that a bureau could publish, and what the next months will bring: counted from rows whose sums are known.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
	assert.ok(lines[0].startsWith('\ufeffbureau,service,item,item_name,from,to,found,'));
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
