// The soak: conversations, a campaign with receipts and USSD, while two carriers do everything wrong that they can, one
// fault after the other at random; then every message must be in a final state, and the state must be true.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { numbers } from '../lib/options.mjs';
import { BUREAU } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';
import { Place, random } from './place.mjs';
import { Talk } from './talkers.mjs';
import { proveTexts, proveTruth } from './proof.mjs';

const LINK = `window = 16
	backoff_min_ms = 50
	backoff_max_ms = 500
	bind_seconds = 3
	response_seconds = 3
	enquire_seconds = 2
	dead_seconds = 3
	receipt_wait_seconds = 12
	failover_seconds = 2
	retry_seconds = {1, 1, 2, 2, 3, 3, 5, 5, 5, 5}
	unknown_seconds = {1, 1, 2, 2, 3, 3, 5, 5, 5, 5}
	rebind_seconds = {0, 0, 1, 1, 2, 2, 3, 3, 5, 5}`;

// One of these at a time on each carrier. What lets texts fail is told by the carrier's own record.
const FAULTS = [
	{ throttle: 5 }, { 'queue-full': 7 }, { 'system-error': 6 }, { 'system-error': 9, 'error-body': true }, { refuse: 8, 'refuse-status': 0x45 },
	{ 'invalid-destination': '*3', refuse: 0 }, { drop: 40 }, { 'drop-bytes': 4000 }, { 'drop-unanswered': 25 }, { silence: true }, { 'silent-submits': true },
	{ delay: 400 }, { reorder: 8 }, { 'merged-writes': 60 }, { 'wrong-length': 30 }, { 'huge-length': 30 }, { nack: 20 }, { 'refuse-bind': 13, drop: 10 },
	{ congestion: 95 }, { rate: 10 }, { 'duplicate-receipts': 3 }, { 'receipts-before-responses': 60 }, { 'intermediate-receipts': true },
	{ 'late-intermediate': true }, { fail: 15 }, { 'receipt-form': 'text' }, { 'receipt-form': 'tlv' }, { 'receipt-form': 'unmarked' },
	{ 'receipt-text': 'order' }, { 'receipt-text': 'seconds' }, { 'odd-tlvs': true }, { 'stray-nul': true }, { 'mo-payload': true }, { 'mo-data-sm': true },
	{ 'mo-order': 'reversed' }, { unbind: 60 }, { 'unknown-command': true }, { 'receipt-delay': 1500 }, { deaf: true },
];
const USUAL = { reset: true, 'retry-delay': 200, 'receipt-delay': 50, 'deliver-timeout': 6000, 'ussd-profile': 'standard' };

// Somebody who dials and presses the first number a few times, then hangs up; what is on the screen is for other tests.
async function dialer(place, talk, phone, carrier, r, figures) {
	while (!talk.over) {
		await talk.pause(500 + r.below(3000));
		const path = `/phones/${encodeURIComponent(phone)}`;
		try {
			let s = await place.ask(`${path}/dial`, { carrier, body: { code: '*123#' } });
			figures.ussd_dialled++;
			for (let i = 0; i < 4 && !talk.over; i++) {
				for (const end = Date.now() + 12000; s.state === 'asked' && Date.now() < end && !talk.over;) s = await place.ask(`${path}/ussd?after=${s.version}&wait=5`, { carrier });
				if (s.state !== 'menu') break;
				figures.ussd_screens++;
				s = await place.ask(`${path}/answer`, { carrier, body: { text: r.below(5) === 0 ? '0' : '1' } });
			}
			await place.ask(`${path}/hangup`, { carrier, body: { how: r.one(['hang-up', 'fail']) } });
		} catch (e) {
			if (!/carrier says/.test(e.message)) throw e; // the session was over by then
		}
	}
}

export async function soak({ seconds = 120, seed = 1, talkers = 16, rate = 6, tell = () => {} } = {}) {
	const r = random(seed), began = Date.now(), ended = began + seconds * 1000, unrest = [];
	const figures = { seed, seconds, faults: 0, ussd_dialled: 0, ussd_screens: 0 };
	const place = await Place.start({ link: LINK, west: LINK, bureaus: BUREAU.replace('{"east"}', '{"east", "west"}').replace('id = 1\n', 'id = 1\n\tussd_code = "*123#"\n'),
		smsc: ['--seed', String(seed)] });
	try {
		const { world } = place, talk = new Talk(place, random(seed + 1));
		const all = (body) => Promise.all(place.urls.map((_, carrier) => place.ask('/faults', { carrier, body })));
		await all(USUAL);
		const people = Array.from({ length: talkers }, (_, i) => holder(1000 + i, { tags: '说话' }));
		const dialers = Array.from({ length: 4 }, (_, i) => holder(1500 + i, { tags: '说话' }));
		const crowd = Array.from({ length: Math.ceil(seconds * rate * 0.5) }, (_, i) => holder(2000 + i, { tags: '提醒' }));
		await world.must('import', 'licences', world.csv('crowd.csv', [...people, ...dialers, ...crowd].flatMap((h) => h.rows)));
		for (const [i, h] of people.entries()) talk.add(h, i % 2);
		for (const [tag, most] of [['说话', 0], ['提醒', rate]]) {
			const campaign = await world.json('campaign', 'create', tag, '--tag', tag, '--rate', String(most), '--bureau', 'yiyuan');
			await world.must('campaign', 'start', String(campaign.id), '--bureau', 'yiyuan');
		}
		talk.start();
		const dialling = dialers.map((h, i) => dialer(place, talk, h.e164, i % 2, random(seed + 10 + i), figures).catch((e) => { talk.fault = e; }));
		const minute = setInterval(() => tell(`${Math.round((Date.now() - began) / 1000)} s: ${figures.faults} faults, ${talk.sent} texts said, ${talk.read} read, ${figures.ussd_screens} screens, daemon ${place.memory()} MB`), 60000);
		const misbehave = async (carrier, own) => {
			while (Date.now() < ended) {
				await place.ask('/faults', { carrier, body: { ...USUAL, ...own.one(FAULTS) } });
				figures.faults++;
				await talk.pause(Math.min(2000 + own.below(6000), Math.max(0, ended - Date.now())));
				await place.ask('/faults', { carrier, body: USUAL });
				if (own.below(3) === 0) await place.ask('/sessions/drop', { carrier, body: { how: own.one(['close', 'unbind']) } });
				await talk.pause(Math.min(own.below(2000), Math.max(0, ended - Date.now())));
			}
		};
		await Promise.all(place.urls.map((_, i) => misbehave(i, random(seed + 100 + i)))).finally(() => clearInterval(minute));
		await all(USUAL);
		await talk.stop();
		await Promise.all(dialling);
		figures.peak_mb = place.memory('VmHWM');
		await place.until(async () => {
			const queues = (await Promise.all(place.urls.map((_, carrier) => place.ask('/sessions', { carrier })))).flatMap((s) => s.queues);
			const waiting = queues.reduce((n, q) => n + q.waiting, 0);
			if (waiting > 0) return `${waiting} deliver_sm wait`;
			return world.sql(`SELECT coalesce((SELECT string_agg(what, ', ') FROM (SELECT count(*) || ' on their way' AS what FROM text_leaving HAVING count(*) > 0
				UNION ALL SELECT count(*) || ' events' FROM outside_event HAVING count(*) > 0
				UNION ALL SELECT count(*) || ' messages ' || state FROM message WHERE state IN ('queued', 'delivering') GROUP BY state
				UNION ALL SELECT 'the campaign ' || status FROM campaign WHERE ended_at IS NULL) w), '')`);
		}, 'rest', 180).catch((e) => unrest.push(e.message));
		const plain = new Set([...talk.people.values()].filter((t) => t.plain).map((t) => t.h.e164));
		const proof = await proveTexts(place, { plain, figures });
		await proveTruth(place, proof);
		return { faults: [...unrest, ...proof.faults], figures: { ...figures, seconds: Math.round((Date.now() - began) / 1000) } };
	} finally {
		await place.stop();
	}
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
	const { seconds, talkers, rate, seed } = numbers(fileURLToPath(new URL('soak', import.meta.url)), { seconds: 120, seed: Date.now() % 1000000, talkers: 16, rate: 6 });
	console.log(`seed ${seed}`);
	const { faults, figures } = await soak({ seconds, talkers, rate, seed, tell: (l) => console.log(l) });
	console.log(JSON.stringify(figures, null, 1));
	for (const f of faults) console.log(`FAULT ${f}`);
	console.log(faults.length === 0 ? 'every message has a final, true state' : `${faults.length} faults`);
	process.exitCode = faults.length === 0 ? 0 : 1;
}
