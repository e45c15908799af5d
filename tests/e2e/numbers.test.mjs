// A daemon whose number in the database is not its own: the lock went with its connection, and it cannot take it again,
// or somebody else has every number that it could take. Its own texts under way may look like a dead daemon's. It neither
// takes over nor sends until it has a number again, the same one or another; then each text goes once, and its leases
// say whose it is.
import test, { after, afterEach, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUREAU, Program, World, build, freePort } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';
import { Sql } from '../lib/sql.mjs';

// A carrier that reads nothing keeps texts under way for as long as the test likes: nobody gives up meanwhile.
const PATIENT = 600;
const NUMBERS = "locktype = 'advisory' AND classid = 728331";
let w, other, second, people = 0;
before(async () => {
	w = await World.start({
		conf: 'lease_seconds = 600',
		link: `backoff_min_ms = 50\n\tbackoff_max_ms = 200\n\tresponse_seconds = ${PATIENT}\n\tenquire_seconds = ${PATIENT}\n\tussd_reply_seconds = ${PATIENT}`,
		smsc: ['--fault', `deliver-timeout=${PATIENT * 1000}`, '--fault', `ussd-reply-timeout=${PATIENT * 1000}`],
		bureaus: BUREAU.replace('id = 1\n', 'id = 1\n\tussd_code = "*123#"\n'),
	});
	await w.say('+8613900000000', '你好');
	await w.becomes('SELECT count(*) FROM text_leaving', '0');
	other = new Sql(w.database);
});
// Whatever became of a test, the next one finds the carrier hearing and the numbers free.
afterEach(async () => { await w.faults({ deaf: false }); await other.ask('SELECT pg_advisory_unlock_all()'); });
after(async () => {
	other?.end();
	w?.daemon?.child.kill('SIGCONT');
	if (second?.code === undefined) await second?.end('SIGKILL');
	await w?.stop();
});

const someone = () => `+86139${String(++people).padStart(8, '0')}`;
const leases = (phones) => w.sql(`SELECT string_agg(CASE lease_owner WHEN '' THEN '-' ELSE lease_owner END, ' ' ORDER BY phone) FROM text_leaving WHERE phone IN (${phones.map((p) => `'${p}'`)})`);
const become = async (phones, want) => {
	let is;
	await w.until(async () => (is = await leases(phones)) === want, () => `leases of ${phones}: ${is}, not ${want}`);
};
const held = (n) => `SELECT pid FROM pg_locks WHERE ${NUMBERS} AND objid = ${n} AND granted`;

// How many statements that begin so wait for a lock on the outbox.
const heldUp = (begin) => `SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid) WHERE relation = 'outbox'::regclass AND NOT granted AND a.query LIKE '${begin}%'`;

// The other session has every number that the daemon, which has this one, could take; this one too, when its connection ends.
async function loseName(mine) {
	const from = w.daemon.lines.length;
	assert.equal(await other.ask(`SELECT count(*) FROM generate_series(${mine + 1}, ${mine + 63}) n WHERE pg_try_advisory_lock(728331, n)`), '63');
	const waits = other.ask(`SELECT pg_advisory_lock(728331, ${mine})`);
	await w.becomes(`SELECT count(*) FROM pg_locks WHERE ${NUMBERS} AND objid = ${mine} AND NOT granted`, '1');
	await w.sql(`SELECT pg_terminate_backend((${held(mine)}))`);
	await waits;
	await w.daemon.line(new RegExp(`all numbers=${mine} to ${mine + 63} of daemons are held by others`), { from });
}

// Housekeeping has gone by so often: the last thing it does, on the connection that the number goes with, is to forget
// such a session. What it does on other connections the first time is through when it comes again.
async function housekeeping(times) {
	for (let i = 0; i < times; i++) {
		await w.sql("INSERT INTO ussd_session (bureau_id, id, link, session, phone, ended_at) VALUES (1, -1, 'east', 'old', '+8613900000000', now() - interval '31 days')");
		await w.becomes("SELECT count(*) FROM ussd_session WHERE phone = '+8613900000000'", '0', 'sessions that housekeeping forgets');
	}
}

// Under way at the carrier: a text that left with its turn, one that was claimed, a screen; gives their phones, and what
// the screen will show.
async function underWay(daemon, index) {
	const reply = someone(), reminder = holder(index), screen = someone();
	await w.faults({ deaf: true });
	await w.text(reply, '你好');
	await become([reply], daemon);
	await w.must('import', 'licences', w.csv(`numbers${index}.csv`, reminder.rows));
	await w.json('scan');
	await become([reminder.e164], daemon);
	const shown = w.dial(screen);
	shown.catch(() => {}); // it is awaited at the end; what fails before that is told
	await become([screen], daemon);
	return { own: [reply, reminder.e164, screen], texts: [reply, reminder.e164], screen, shown };
}

// New texts that wait for a daemon that may send: one, and one that a daemon had sent when it died.
async function waiting() {
	const late = someone(), dead = someone();
	await w.text(late, '你好');
	await w.text(dead, '你好');
	await become([late, dead], '- -');
	await w.sql(`UPDATE outbox SET lease_owner = 'd99', lease_until = now() + interval '1 hour', not_before = now(), attempts = 1 WHERE phone = '${dead}'`);
	return [late, dead];
}

// Everything has gone, in as many parts as it has, and what was on the carrier's way has come.
async function eachOnce(phones, screens = []) {
	await w.becomes('SELECT count(*) FROM text_leaving', '0', 'texts that wait');
	const submits = (await w.record('submit')).filter((e) => phones.includes(e.dest)).map((e) => e.dest);
	for (const p of phones) {
		assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${p}'`), '1', `${p} has one text`);
		assert.equal(submits.filter((x) => x === p).length, Number(await w.sql(`SELECT parts FROM message WHERE phone = '${p}'`)), `${p}: each part was sent once`);
		await w.becomes(`SELECT state FROM message WHERE phone = '${p}'`, 'delivered');
	}
	for (const p of screens) assert.equal(await w.sql(`SELECT count(*) || min(channel) FROM message WHERE phone = '${p}'`), '1ussd', `${p} has its screen, and no text for it`);
}

test('all numbers are held by others: nothing is taken over, nothing new goes; with another number all of it goes, once', async () => {
	const { own, texts, screen, shown } = await underWay('d1', 801);
	await loseName(1);
	const wait = await waiting();
	await housekeeping(2);
	assert.equal(await leases(own), 'd1 d1 d1');
	assert.equal(await leases(wait), '- d99', 'nothing new is sent, nothing is taken over');
	// One number is free, not the one it had, which nobody has then. Its leases cannot say so yet: they are left alone.
	const from = w.daemon.lines.length;
	await other.ask(`BEGIN; SELECT 1 FROM outbox WHERE phone = '${texts[1]}' FOR UPDATE`);
	await other.ask('SELECT pg_advisory_unlock(728331, 7)');
	await w.daemon.line(/daemon=d7 has a number again/, { from });
	await other.ask('SELECT pg_advisory_unlock(728331, 1)');
	await housekeeping(1);
	await other.ask('COMMIT');
	// All is under way under the new number before anything arrives.
	await become([...own, ...wait], 'd7 d7 d7 d7 d7');
	assert.equal(await w.sql(`SELECT count(*) FROM pg_stat_activity WHERE pid = (${held(7)}) AND application_name <> 'psql'`), '1');
	await w.faults({ deaf: false });
	assert.equal((await shown).state, 'menu');
	await eachOnce([...texts, ...wait], [screen]);
});

test('the number could not be asked for: it is asked for again; leases that ran out meanwhile are still its own', async () => {
	await w.becomes(`SELECT count(*) FROM pg_locks WHERE ${NUMBERS}`, '1', 'numbers that are held: the daemon has one');
	const mine = await w.sql(`SELECT objid FROM pg_locks WHERE ${NUMBERS}`), me = `d${mine}`;
	const { own, texts, screen, shown } = await underWay(me, 802);
	const from = w.daemon.lines.length, ask = 'pg_catalog.pg_try_advisory_lock(integer, integer)';
	await w.sql(`SET allow_system_table_mods = on; ALTER FUNCTION ${ask} RENAME TO pg_try_advisory_lock_away`);
	await w.sql(`SELECT pg_terminate_backend((${held(mine)}))`);
	await w.daemon.line(/number could not be taken, and it sends nothing without one: .*sqlstate=42883/, { from });
	await w.becomes(`SELECT count(*) FROM pg_locks WHERE ${NUMBERS}`, '0');
	const wait = await waiting();
	await housekeeping(2);
	assert.equal(await leases(own), `${me} ${me} ${me}`, 'its own texts are left alone though nobody holds its number');
	assert.equal(await leases(wait), '- d99');
	// As after a time without the database that was longer than a lease.
	await w.sql("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE lease_owner NOT IN ('', 'd99'); UPDATE outbox_direct SET lease_until = now() - interval '1 second'");
	await w.sql(`SET allow_system_table_mods = on; ALTER FUNCTION ${ask.replace('lock(', 'lock_away(')} RENAME TO pg_try_advisory_lock`);
	await w.daemon.line(/has a number again/, { from });
	// Housekeeping has gone by when the dead one's text is taken over.
	await become([...own, ...wait], `${me} ${me} ${me} ${me} ${me}`);
	await w.faults({ deaf: false });
	assert.equal((await shown).state, 'menu');
	await eachOnce([...texts, ...wait], [screen]);
});

test('no number is free at the start: the daemon takes texts in, and answers them when it has one', async () => {
	const early = someone();
	await w.stopDaemon();
	assert.equal(await other.ask("SELECT count(*) FROM generate_series(1, 64) n WHERE pg_try_advisory_lock(728331, n)"), '64');
	await w.startDaemon();
	await w.daemon.line(/all numbers=1 to 64 of daemons are held by others/);
	await w.text(early, '你好');
	await become([early], '-');
	await other.ask('SELECT pg_advisory_unlock(728331, 64)');
	await w.daemon.line(/daemon=d64 takes over/);
	await w.next(early);
	await eachOnce([early]);
});

// The takeover of what one of its name left is held up by a lock on the outbox; answers leave by another table. It must not
// see the answer of this very run as one that a dead daemon had under way.
test('a text that comes while the daemon begins to take over is answered once', async () => {
	const early = someone();
	await w.stopDaemon();
	await other.ask('BEGIN; LOCK TABLE outbox IN EXCLUSIVE MODE');
	await w.startDaemon();
	await w.becomes(heldUp('WITH gone'), '1', 'takeovers that wait');
	await w.text(early, '你好');
	// Its answer is under way, or waits for the table too.
	await w.becomes(`SELECT (${heldUp('INSERT')}) + (SELECT count(*) FROM outbox_direct)`, '1', 'answers');
	await other.ask('COMMIT');
	await eachOnce([early]);
});

// The database's lock on the outbox holds the takeover up; the code was dialled before, the answer comes meanwhile.
test('what is pressed while the daemon begins to take over is answered on the screen', async () => {
	const phone = someone(), metric = async (name) => Number((await (await fetch(`${w.staffUrl}/metrics`)).text()).match(new RegExp(`^${name} (\\d+)`, 'm'))[1]);
	assert.equal((await w.dial(phone)).state, 'menu');
	await w.stopDaemon();
	await other.ask('BEGIN; LOCK TABLE outbox IN EXCLUSIVE MODE');
	await w.startDaemon();
	await w.becomes(heldUp('WITH gone'), '1', 'takeovers that wait');
	const pressed = w.press(phone, '9');
	pressed.catch(() => {}); // awaited below
	await w.until(async () => await metric('huizhi_texts_in_total') === 1, () => 'what was pressed has not come');
	// A second for what must not happen: a text instead, which would wait for the outbox too.
	for (const end = Date.now() + 1000; Date.now() < end && await w.sql(heldUp('INSERT')) === '0';) ;
	await other.ask('COMMIT');
	const said = () => w.sql(`SELECT count(*) || min(channel) FROM message WHERE phone = '${phone}'`);
	await w.until(async () => (await said())[0] === '2', () => 'no answer to what was pressed');
	assert.equal(await said(), '2ussd', 'a screen, and no text');
	assert.equal((await pressed).state, 'menu');
	await w.hangUp(phone);
});

// Its connection is lost while it takes over, and comes back: the takeover that is under way is not begun anew, for the
// second one would find what the daemon itself has sent since the first.
test('a daemon that gets its number a second time while it takes over takes over once', async () => {
	const early = someone(), third = new Sql(w.database);
	try {
		await w.stopDaemon();
		await other.ask('BEGIN; LOCK TABLE outbox IN EXCLUSIVE MODE');
		await w.startDaemon();
		await w.becomes(heldUp('WITH gone'), '1', 'takeovers that wait');
		const before = await w.sql(held(1));
		await w.sql(`SELECT pg_terminate_backend(${before})`);
		await w.becomes(`SELECT count(*) FROM pg_locks WHERE ${NUMBERS} AND objid = 1 AND granted AND pid <> ${before}`, '1', 'the number on a new connection');
		// Behind the first takeover, before a second one, which would stand in the way of the answer's end.
		const locked = third.ask('BEGIN; LOCK TABLE outbox IN EXCLUSIVE MODE');
		await w.becomes(heldUp('LOCK'), '1', 'a lock that waits');
		await w.faults({ deaf: true });
		await other.ask('COMMIT');
		await locked;
		await w.text(early, '你好');
		await w.becomes(`SELECT count(*) FROM outbox_direct d, unnest(d.messages) x(id) JOIN message m ON m.id = x.id WHERE m.phone = '${early}'`, '1', 'an answer that is under way');
		await third.ask('COMMIT');
		await housekeeping(2);
		await w.faults({ deaf: false });
		await eachOnce([early]);
	} finally {
		third.end();
	}
});

test('two daemons lose the database, and one comes back first: it leaves alone what the other has under way', async () => {
	const mine = await w.sql(`SELECT objid FROM pg_locks WHERE ${NUMBERS}`), me = `d${mine}`;
	const { own, texts, screen, shown } = await underWay(me, 803);
	const file = join(w.dir, 'second.conf');
	writeFileSync(file, readFileSync(w.conf, 'utf8').replace(`:${w.publicPort}" `, `:${await freePort()}" `).replace(`:${w.staffPort}"`, `:${await freePort()}"`), { mode: 0o600 });
	second = new Program(join(build, 'huizhid'), ['-c', file]);
	await second.line(/takes over what one of its name left behind/);
	await w.becomes(`SELECT count(*) FROM pg_locks WHERE ${NUMBERS} AND granted`, '2', 'numbers that are held');
	const from = second.lines.length;
	w.daemon.child.kill('SIGSTOP');
	await w.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'psql'");
	await second.line(/has a number again/, { from });
	await housekeeping(1);
	assert.equal(await leases(own), `${me} ${me} ${me}`);
	w.daemon.child.kill('SIGCONT');
	await w.becomes(`SELECT count(*) FROM pg_locks WHERE ${NUMBERS} AND granted`, '2', 'numbers that are held');
	await w.faults({ deaf: false });
	assert.equal((await shown).state, 'menu');
	await eachOnce(texts, [screen]);
});
