// The proof after the storm: the carrier's own record against the database. Returns faults in words, none when all is
// true, and figures. Nothing here looks at what the daemon says of itself.

// The texts that each phone got, as a phone puts parts together: phone -> [{ text, at }]. A phone drops parts that wait
// for others at some time; if it never did, nobody could keep 256 texts with one octet's references apart. Here it does
// when parts with so many other references have come since; before that no other text may have the reference (faults).
const REFERENCES_BETWEEN = 200;
export function received(record, faults = []) {
	const phones = new Map(), open = new Map(), seen = new Map(), before = new Map();
	const take = (phone, text, at) => { if (!phones.has(phone)) phones.set(phone, []); phones.get(phone).push({ text, at }); };
	// How many other references this phone has had since it had this one.
	const since = (phone, reference) => {
		const list = before.get(phone) || [], at = list.lastIndexOf(reference);
		if (at >= 0) list.splice(at, 1);
		list.push(reference);
		before.set(phone, list);
		return at < 0 ? Infinity : list.length - 1 - at;
	};
	for (const e of record) {
		if (e.kind !== 'submit') continue;
		const arrived = e.status === 0 && (e.state === undefined || e.state === 'DELIVRD');
		if (!(e.parts > 1)) {
			if (arrived) take(e.dest, e.text, e.time_us);
			continue;
		}
		const key = `${e.dest} ${e.concat} ${e.reference} ${e.parts}`, others = since(e.dest, `${e.concat} ${e.reference}`);
		if (others >= REFERENCES_BETWEEN) { seen.set(key, []); open.delete(key); }
		const sent = seen.get(key) || [];
		seen.set(key, sent);
		if (sent[e.part] !== undefined && sent[e.part] !== e.text) faults.push(`${e.dest} was sent two texts with reference ${e.reference}: «${sent[e.part]}» «${e.text}»`);
		sent[e.part] = e.text;
		if (!arrived) continue;
		let have = open.get(key);
		if (!have || (have[e.part] !== undefined && have[e.part] !== e.text)) open.set(key, have = []);
		have[e.part] = e.text;
		if (have.filter((t) => t !== undefined).length === e.parts) { open.delete(key); take(e.dest, have.join(''), e.time_us); }
	}
	return phones;
}

const count = (list, key) => list.reduce((m, x) => m.set(key(x), (m.get(key(x)) || 0) + 1), new Map());

// What the carrier recorded of these ids, for a person who looks into a fault.
function story(record, ids) {
	const told = record.filter((e) => e.id && ids.includes(e.id));
	const answers = told.flatMap((d) => (d.kind === 'deliver' ? record.filter((e) => e.kind === 'answered' && e.session === d.session && e.sequence === d.sequence) : []));
	return [...told, ...answers].map((e) => `${e.time.slice(11)} ${e.kind} ${e.session ?? ''}/${e.sequence ?? ''} ${e.status ?? ''} ${e.state ?? ''}`).join('; ');
}

// A long storm's record has millions of entries: it is walked once for all the texts whose way is asked for.
const ways = new WeakMap();
function way(record, message) {
	if (!ways.has(record)) {
		const of = new Map();
		for (const e of record) if (e.message !== undefined) of.set(e.message, [...(of.get(e.message) || []), e]);
		ways.set(record, of);
	}
	return ways.get(record).get(message) || [];
}

function journey(record, said, rows, parts) {
	const told = way(record, said.message);
	return `${told.slice(-8).map((e) => `${e.time.slice(11)} ${e.kind} ${e.session ?? ''}/${e.sequence ?? ''} ${e.status ?? ''} ${e.note ?? ''}`).join('; ')}; stored ${JSON.stringify(rows)}; replies ${JSON.stringify(parts.filter((p) => rows.some((r) => r.id === p.reply_to)))}`;
}

// Every text that a phone wrote and that was answered with 0 is stored, once; and nothing else is.
function proveInbound(record, db, plain, faults, figures) {
	const said = record.filter((e) => e.kind === 'mo');
	const accepted = new Map(); // text number -> statuses of the answers
	for (const e of record) if (e.kind === 'answered' && e.message) accepted.set(e.message, [...(accepted.get(e.message) || []), e.status]);
	const stored = count(db.inbound, (i) => `${i.phone} ${i.text}`), wrote = count(said, (e) => `${e.source} ${e.text}`);
	figures.texts_in = said.length;
	figures.answered_later = 0; // with 0x64 first
	figures.redelivered = record.filter((e) => e.kind === 'deliver' && e.message && e.attempt > 1).length;
	for (const e of said) {
		const answers = accepted.get(e.message) || [], key = `${e.source} ${e.text}`;
		if (answers.includes(0x64)) figures.answered_later++;
		if (!answers.includes(0)) faults.push(`text ${e.message} of ${e.source} was never taken: ${JSON.stringify(answers).slice(-60)}`);
		const bad = answers.filter((s) => s !== 0 && s !== 0x64);
		if (bad.length > 0) faults.push(`text ${e.message} of ${e.source} was answered with 0x${bad[0].toString(16)}`);
		const n = stored.get(key) || 0;
		if (answers.includes(0) && n === 0) faults.push(`text ${e.message} of ${e.source} was acknowledged and is not stored: «${e.text}»`);
		if (n > 1 && !plain.has(e.source)) faults.push(`text ${e.message} of ${e.source} is stored ${n} times: «${e.text}» ${journey(record, e, db.inbound.filter((i) => i.phone === e.source && i.text === e.text), db.replies)}`);
	}
	for (const [key, n] of stored) {
		if (n <= (wrote.get(key) || 0)) continue;
		const rows = db.inbound.filter((i) => `${i.phone} ${i.text}` === key);
		faults.push(`${n} texts are stored, ${wrote.get(key) || 0} were written: ${key} ${said.filter((e) => `${e.source} ${e.text}` === key).map((e) => journey(record, e, [], [])).join(' | ')} ${JSON.stringify(rows)} ${JSON.stringify(db.replies.filter((p) => rows.some((r) => r.id === p.reply_to)))}`);
	}
	for (const i of db.inbound) if (i.error !== '') faults.push(`text ${i.id} of ${i.phone} was not stepped: ${i.error}`);
}

// Each conversation has taken as many steps as there were causes, and its trail leads to where it stands.
function proveSteps(db, faults, figures) {
	const byConversation = count(db.inbound.filter((i) => i.conversation_id !== null), (i) => i.conversation_id);
	const events = new Map(db.events.map((e) => [e.conversation_id, e.n])), moves = new Map();
	for (const m of db.moves) moves.set(m.conversation_id, [...(moves.get(m.conversation_id) || []), m]);
	figures.conversations = db.conversations.length;
	figures.turns = 0;
	for (const c of db.conversations) {
		const causes = (c.version > 0 ? 1 : 0) + (byConversation.get(c.id) || 0) + (events.get(c.id) || 0);
		figures.turns += c.version;
		if (c.version !== causes) faults.push(`conversation ${c.id} of ${c.phone} was stepped ${c.version} times for ${causes} causes`);
		let at = '';
		for (const m of moves.get(c.id) || []) {
			if (m.from !== at) faults.push(`conversation ${c.id} moved from ${m.from}, and stood at ${at}`);
			at = m.to;
		}
		if (c.version > 0 && at !== c.step) faults.push(`conversation ${c.id} stands at ${c.step}, its trail at ${at}`);
	}
}

// Every text in has its answer, and every text of ours has arrived in full; none was made up on the way.
function proveAnswers(record, db, phones, faults, figures) {
	const replies = new Map();
	for (const m of db.messages) if (m.reply_to !== null) replies.set(m.reply_to, [...(replies.get(m.reply_to) || []), m]);
	figures.left_unanswered = 0;
	for (const i of db.inbound) {
		if (replies.has(i.id)) continue;
		// A step with a clerk says that a text was passed on `at most 3` times (templates/*.dlg), and then listens only.
		if (!i.understood && i.conversation_id !== null && db.inbound.filter((o) => o.id < i.id && o.conversation_id === i.conversation_id && o.step === i.step && !o.understood && replies.has(o.id)).length >= 3) figures.left_unanswered++;
		else faults.push(`text ${i.id} of ${i.phone} has no answer at ${i.step}: «${i.text}»`);
	}
	const ours = new Map();
	for (const m of db.messages) ours.set(`${m.phone} ${m.text}`, (ours.get(`${m.phone} ${m.text}`) || 0) + 1);
	figures.messages = db.messages.length;
	figures.copies = 0;
	figures.left_to_a_clerk = 0;
	for (const [phone, texts] of phones) {
		for (const [text, n] of count(texts, (t) => t.text)) {
			const meant = ours.get(`${phone} ${text}`) || 0;
			if (meant === 0) faults.push(`${phone} got a text that is not stored: «${text}»`);
			figures.copies += Math.max(0, n - meant);
		}
	}
	for (const m of db.messages) {
		const n = (phones.get(m.phone) || []).filter((t) => t.text === m.text).length;
		if (m.state === 'delivered' && n === 0) faults.push(`message ${m.id} is said to be delivered, and ${m.phone} never got it`);
		if (m.state === 'technical' && db.left.some((w) => w.phone === m.phone)) {
			// Nobody knows whether it arrived, after as many attempts as the policy gives: a clerk phones.
			figures.left_to_a_clerk++;
			if (Math.max(...db.parts.filter((p) => p.message_id === m.id).map((p) => p.attempt)) < (m.kind === 'reminder' ? 2 : 3)) faults.push(`message ${m.id} to ${m.phone} was given up early: ${m.error}`);
		} else if (m.state !== 'delivered' && m.state !== 'cancelled') faults.push(`message ${m.id} (${m.kind}) to ${m.phone} ended as ${m.state} ${m.error} after ${JSON.stringify(db.parts.filter((p) => p.message_id === m.id))} ${story(record, db.parts.filter((p) => p.message_id === m.id).map((p) => p.carrier_id))}`);
	}
}

// No reminder twice, except those that were uncertain when something was killed or cut; at most a window for each.
function proveReminders(db, phones, hurts, window, faults, figures) {
	const attempts = new Map(db.attempts.map((a) => [a.message_id, a]));
	const perHurt = new Map();
	figures.reminders = 0;
	figures.reminders_twice = 0;
	for (const m of db.messages) {
		if (m.kind !== 'reminder') continue;
		figures.reminders++;
		const got = (phones.get(m.phone) || []).filter((t) => t.text === m.text);
		if (got.length < 2) continue;
		figures.reminders_twice++;
		// A receipt of the attempt that was lost completes a text whose next attempt is under way: a kill then leaves no row of it.
		const tried = attempts.get(m.id), most = (tried?.n || 0) + (tried?.told ? 1 : 0);
		if (most < got.length) faults.push(`reminder ${m.id} came ${got.length} times in ${tried?.n} attempts to ${m.phone}: ${JSON.stringify(got)}; stored ${JSON.stringify(m)} ${JSON.stringify(db.parts.filter((p) => p.message_id === m.id))}`);
		// The carrier may be slow to read what a dead daemon had written: what counts is when the attempt began.
		const hurt = hurts.findIndex((h) => h.until >= Math.min(got[0].at / 1000, tried?.lost_ms ?? Infinity));
		if (hurt < 0) faults.push(`reminder ${m.id} came twice to ${m.phone}, and nothing had been hurt`);
		perHurt.set(hurt, (perHurt.get(hurt) || 0) + 1);
	}
	figures.most_twice_at_once = Math.max(0, ...perHurt.values());
	if (figures.most_twice_at_once > window) faults.push(`${figures.most_twice_at_once} reminders came twice after one hurt; the window has ${window}`);
	for (const r of db.reminded) if (r.n > 1) faults.push(`${r.phone} has ${r.n} reminders of one step`);
}

// For the soak: what came in, as after the crashes. `plain` wrote the same words again and again.
export async function proveTexts(place, { plain, figures }) {
	const faults = [], record = await place.record();
	const db = {
		inbound: await place.rows("SELECT i.id, i.phone, i.text, i.conversation_id, i.error, i.received_at, i.link, i.session, i.sequence FROM inbound i WHERE NOT EXISTS (SELECT FROM ussd_session u WHERE u.phone = i.phone) ORDER BY i.id"),
		messages: await place.rows('SELECT id, phone, kind, text, reply_to, state, error, channel, link, created_at FROM message ORDER BY id'),
		parts: await place.rows('SELECT message_id, part, attempt, state, receipt, carrier_id, status, link, created_at, answered_at, receipted_at FROM message_part ORDER BY 1, 2, 3'),
		replies: await place.rows('SELECT m.id, m.reply_to, m.created_at, p.part, p.attempt, p.state, p.session, p.created_at AS tried_at, p.answered_at FROM message m LEFT JOIN message_part p ON p.message_id = m.id WHERE m.reply_to IS NOT NULL ORDER BY m.id, 4, 5'),
	};
	proveInbound(record, db, plain, faults, figures);
	const answered = new Set(db.messages.map((m) => m.reply_to));
	for (const i of db.inbound) if (!answered.has(i.id)) faults.push(`text ${i.id} of ${i.phone} has no answer: «${i.text}»`);
	const trail = await place.world.cli('--json', 'trail', 'verify'), told = JSON.parse(trail.stdout || '{}');
	if (trail.code !== 0 || !told.good) faults.push(`huizhi trail verify: ${trail.stderr}${JSON.stringify(told.faults)}`);
	for (const l of place.complaints().slice(0, 20)) faults.push(`the daemon said: ${l}`);
	if (place.wentAway) faults.push(`the daemon ended by itself ${place.wentAway} times`);
	return { faults, figures, record, db };
}

// Each message's state against what the carriers know of it: delivered means that the phone has it; failed means that no
// copy arrived, or that the carrier said so of a part; nobody knows only where a response or a receipt was lost.
export async function proveTruth(place, { faults, figures, record, db }) {
	const phones = received(record, faults);
	const bad = new Set(record.filter((e) => e.kind === 'submit' && (e.status !== 0 || (e.state !== undefined && e.state !== 'DELIVRD'))).map((e) => e.dest));
	const parts = new Map(), got = count([...phones].flatMap(([phone, texts]) => texts.map((t) => `${phone} ${t.text}`)), (t) => t);
	for (const p of db.parts) parts.set(p.message_id, [...(parts.get(p.message_id) || []), p]);
	figures.messages = db.messages.length;
	figures.states = Object.fromEntries(count(db.messages, (m) => `${m.channel} ${m.state}`));
	figures.copies = 0;
	for (const m of db.messages) {
		const mine = parts.get(m.id) || [], tell = () => `${JSON.stringify(mine)} ${story(record, mine.map((p) => `${p.link === 'west' ? 1 : 0}/${p.carrier_id}`))}`.slice(0, 1500);
		const what = `message ${m.id} (${m.kind}, ${m.channel}) to ${m.phone}`;
		if (m.state === 'queued' || m.state === 'delivering') faults.push(`${what} has no end: ${m.state} ${tell()}`);
		if (m.channel !== 'sms') continue;
		const n = got.get(`${m.phone} ${m.text}`) || 0;
		if (m.state === 'delivered' && n === 0) faults.push(`${what} is said to be delivered, and the phone never got it ${tell()}`);
		if (['failed', 'expired', 'unavailable'].includes(m.state) && n > 0 && !bad.has(m.phone)) faults.push(`${what} is said to have ${m.state} (${m.error}), and the phone has it ${tell()}`);
		if (m.state === 'technical' && n > 0) figures.not_known_though_received = (figures.not_known_though_received || 0) + 1;
		if (m.kind === 'reminder' && n > 1) figures.reminders_twice = (figures.reminders_twice || 0) + 1;
	}
	const said = count(db.messages, (m) => `${m.phone} ${m.text}`);
	for (const [phone, texts] of phones) {
		for (const [text, n] of count(texts, (t) => t.text)) {
			if (!said.has(`${phone} ${text}`)) faults.push(`${phone} got a text that is not stored: «${text}»`);
			figures.copies += Math.max(0, n - (said.get(`${phone} ${text}`) || 0));
		}
	}
}

export async function prove(place, { hurts, window, plain, clerk }) {
	const faults = [], figures = {};
	const record = await place.record();
	const db = {
		inbound: await place.rows('SELECT id, phone, text, conversation_id, step, understood, error, hash, received_at, link, session, sequence FROM inbound ORDER BY id'),
		messages: await place.rows('SELECT id, phone, kind, text, reply_to, state, error, conversation_id FROM message ORDER BY id'),
		parts: await place.rows("SELECT p.message_id, p.part, p.attempt, p.state, p.lost, p.receipt, p.carrier_id, p.created_at, p.answered_at FROM message_part p JOIN message m ON m.id = p.message_id WHERE m.state NOT IN ('delivered', 'cancelled') OR m.kind = 'reminder' ORDER BY 1, 2, 3"),
		replies: await place.rows('SELECT m.id, m.reply_to, m.created_at, p.part, p.attempt, p.state, p.session, p.created_at AS tried_at, p.answered_at FROM message m LEFT JOIN message_part p ON p.message_id = m.id WHERE m.reply_to IS NOT NULL ORDER BY m.id, 4, 5'),
		left: await place.rows("SELECT phone, reason FROM worklist WHERE list = 'phone'"),
		attempts: await place.rows(`SELECT message_id, max(attempt) AS n, (extract(epoch FROM min(created_at) FILTER (WHERE lost)) * 1000)::bigint AS lost_ms,
			bool_or(lost AND receipt <> '') AS told FROM message_part GROUP BY 1`),
		conversations: await place.rows('SELECT id, phone, step, version, open FROM conversation'),
		moves: await place.rows("SELECT conversation_id, \"from\", \"to\" FROM trail_move ORDER BY id"),
		events: await place.rows("SELECT conversation_id, count(*) AS n FROM trail WHERE kind = 'verified' AND actor LIKE 'staff:%' OR kind = 'approved' OR data ? 'to' AND actor = 'carrier' GROUP BY 1"),
		reminded: await place.rows("SELECT c.phone, r.step, count(*) AS n FROM reminder r JOIN conversation c ON c.id = r.conversation_id JOIN message m ON m.conversation_id = c.id AND m.kind = 'reminder' GROUP BY 1, 2, r.application_id"),
	};
	const phones = received(record);
	proveInbound(record, db, plain, faults, figures);
	proveSteps(db, faults, figures);
	proveAnswers(record, db, phones, faults, figures);
	for (const a of await place.rows("SELECT p.*, m.kind, m.state AS message_state FROM message_part p JOIN message m ON m.id = p.message_id WHERE p.state = 'attempted'")) faults.push(`an attempt has no end: ${JSON.stringify(a)}`);
	proveReminders(db, phones, hurts, window, faults, figures);
	figures.clerk = clerk.done.length;
	for (const d of clerk.done) {
		const n = Number(await place.world.sql(d.kind === 'approved'
			? `SELECT count(*) FROM trail WHERE kind = 'approved' AND application_id = ${d.application}`
			: `SELECT count(DISTINCT application_id) FROM trail t JOIN conversation c ON c.id = t.conversation_id WHERE t.kind = 'verified' AND c.phone = '${d.phone}'`));
		if (n !== 1) faults.push(`the clerk was told that it is done, and the trail has it ${n} times: ${JSON.stringify(d)}`);
	}
	const trail = await place.world.cli('--json', 'trail', 'verify');
	const told = JSON.parse(trail.stdout || '{}');
	if (trail.code !== 0 || !told.good) faults.push(`huizhi trail verify: ${trail.stderr}${JSON.stringify(told.faults)}`);
	figures.trail_events = told.events;
	for (const [what, query] of [['texts wait to be sent', 'SELECT count(*) FROM text_leaving'], 
		['outside events wait', 'SELECT count(*) FROM outside_event'], ['parts of texts wait', "SELECT count(*) FROM inbound_part WHERE state = 'waiting'"],
		['texts are for a clerk to read because they could not be stored', "SELECT count(*) FROM worklist WHERE reason LIKE 'could not%' OR reason LIKE 'cannot%'"]]) {
		const n = Number(await place.world.sql(query));
		if (n > 0) faults.push(`${n} ${what}`);
	}
	for (const l of place.complaints().filter((c) => !/could not connect|could not be|not connected/.test(c)).slice(0, 20)) faults.push(`the daemon said: ${l}`);
	return { faults, figures };
}
