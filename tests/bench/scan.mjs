// Scan: `huizhi scan` beside the bare SQL that selects the same licences and inserts the same rows.
import { join } from 'node:path';
import { seconds, today } from './place.mjs';
import { FIRST_PHONE, seat } from './turns.mjs';

// One statement a table: no steps, no reasons, no second phone, nothing to resume.
const bare = (date) => `
BEGIN;
CREATE TEMP TABLE due ON COMMIT DROP AS SELECT l.id AS licence_id, l.holder_id, l.item_code, l.licence_no, l.expires_on, h.phone, h.language, i.dialog,
 'expiry:' || l.expires_on AS cycle, nextval('application_id') AS id,
 (SELECT min(d) FROM unnest(i.reminder_days) d WHERE d >= l.expires_on - date '${date}') AS step
FROM licence l JOIN item i ON i.bureau_id = l.bureau_id AND i.code = l.item_code JOIN holder h ON h.bureau_id = l.bureau_id AND h.id = l.holder_id
WHERE l.bureau_id = 1 AND l.expires_on BETWEEN date '${date}' - i.window_after AND date '${date}' + i.window_before AND h.phone IS NOT NULL
AND EXISTS (SELECT FROM unnest(i.reminder_days) d WHERE d >= l.expires_on - date '${date}');
CREATE TEMP TABLE talk ON COMMIT DROP AS SELECT nextval('conversation_id') AS id, d.* FROM (SELECT DISTINCT ON (phone) phone, holder_id, language, dialog FROM due ORDER BY phone) d;
INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, deadline_at) SELECT 1, id, phone, holder_id, language, dialog, now() FROM talk;
INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, number)
 SELECT 1, d.id, d.licence_id, d.holder_id, d.item_code, d.cycle, t.id, row_number() OVER (PARTITION BY t.id) FROM due d JOIN talk t USING (phone);
INSERT INTO reminder (bureau_id, application_id, step, conversation_id) SELECT 1, d.id, d.step, t.id FROM due d JOIN talk t USING (phone);
INSERT INTO trail (bureau_id, at, application_id, conversation_id, actor, kind, data)
 SELECT 1, now(), d.id, t.id, 'clock', 'due', jsonb_build_object('item', item_code, 'licence_no', licence_no, 'cycle', cycle, 'last_day', expires_on) FROM due d JOIN talk t USING (phone);
COMMIT;`;

// What a scan makes; taken away, the next run starts from the same rows without a copy of all that is on file.
const EMPTY = 'TRUNCATE conversation, application, reminder, worklist, trail, outbox CASCADE';

export async function scan(place, m) {
	const licences = m.full ? 10000000 : 1000000, oneIn = 100;
	const date = today(), csv = join(place.dir, 'scan.csv');
	place.population(csv, licences / oneIn, date);
	await place.fresh('scan');
	await place.must('import', 'licences', csv);
	// The others run out in years. Their references are good by how they are made: checking millions of them measures nothing.
	await place.sql('scan', `
SET session_replication_role = replica;
INSERT INTO holder (bureau_id, identity_hash, name, phone, language) SELECT 1, decode('5c' || lpad(to_hex(i), 30, '0'), 'hex'), '沂源县第' || i || '商行', '+86136' || lpad(i::text, 8, '0'), 'zh'
 FROM generate_series(1, ${licences - licences / oneIn}) i;
INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, issued_on, expires_on)
 SELECT 1, 'food-business-renewal', 'later' || id, id, current_date - 300, current_date + 400 + (id % 1000)::int FROM holder WHERE phone LIKE '+86136%';`);
	await place.settle('scan', 'holder, licence');
	const count = () => place.sql('scan', 'SELECT (SELECT count(*) FROM conversation) || \' \' || (SELECT count(*) FROM application)');
	const name = `scan of ${licences.toLocaleString('en-US')} licences, 1 in ${oneIn} due`;
	for (let i = 0; i < m.runs; i++) {
		await place.sql('scan', EMPTY);
		await place.sql('scan', 'CHECKPOINT');
		const ours = await place.timed('scan', '--date', date);
		const made = await count();
		await place.sql('scan', EMPTY);
		await place.sql('scan', 'CHECKPOINT');
		const floor = await seconds(() => place.sql('scan', bare(date)));
		if (i === 0) m.note('scan: conversations and applications made', `${made}; by the bare SQL: ${await count()}`);
		m.add(name, 'seconds', ours.seconds);
		m.add(name, 'VmHWM MB', ours.peak);
		m.add('floor: bare SQL for the same rows', 'seconds', floor);
		m.ratio(name, 'times the bare SQL', ours.seconds / floor);
	}
	await beside(place, m, name, date);
	await place.drop('scan');
}

// Turns alone and turns while a scan goes on. The night's sending hours keep what the scan finds from being sent.
async function beside(place, m, name, date) {
	const window = 10, most = m.full ? 10 : 1, count = 8000 * most;
	await place.sql('scan', EMPTY);
	await seat(place, 'scan', 2 * m.runs * (count / 3 + window) + 100);
	await place.settle('scan', '');
	const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', hour12: false }).format(new Date()));
	const two = (h) => `${String((hour + h) % 24).padStart(2, '0')}:00`, last = (hour + 12) % 24 > (hour + 10) % 24 ? `${two(10)}-${two(12)}` : '05:00-06:00';
	let phone = FIRST_PHONE;
	const some = async () => {
		const r = await place.order(`turns ${count} ${window} ${phone} 0 ${most} Y 1 1`);
		phone += Math.ceil(count / 3) + window;
		if (!r.complete || r.refused || r.unexpected) m.remark(`turns beside a scan: ${r.complete ? '' : 'some turns had no answer; '}${r.refused} refused, ${r.unexpected} parts nobody waited for`);
		return r;
	};
	for (let i = 0; i < m.runs; i++) {
		await place.sql('scan', `DELETE FROM trail WHERE kind = 'due'; DELETE FROM reminder; DELETE FROM worklist; DELETE FROM application WHERE status IN ('due', 'reminded');
DELETE FROM conversation WHERE dialog_version = 0 OR step = 'reminded'; CHECKPOINT`);
		await place.daemon('scan', { hours: last });
		const alone = await some();
		const scanning = place.timed('scan', '--date', date), both = await some();
		await scanning;
		m.add(`turns, window ${window}, no scan`, 'reply p99 ms', alone.reply_p99_ms);
		m.add(`turns, window ${window}, during a scan`, 'reply p99 ms', both.reply_p99_ms);
		m.add(`turns, window ${window}, during a scan`, 'turns/s', both.per_second);
		m.ratio(name, 'turn p99 during it / without it', both.reply_p99_ms / alone.reply_p99_ms);
		await place.stopDaemon();
	}
}
