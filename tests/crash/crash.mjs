// The crash test: citizens talk and a campaign runs while the daemon is killed, the database is stopped as a crash stops
// it and the connection is cut, at random instants and in random order; then the proof.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { numbers } from '../lib/options.mjs';
import { BUREAU } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';
import { Place, random } from './place.mjs';
import { Talk } from './talkers.mjs';
import { prove } from './proof.mjs';

const WINDOW = 16;
const LINK = `window = ${WINDOW}
	backoff_min_ms = 20
	backoff_max_ms = 100
	receipt_wait_seconds = 2`;

// What is hurt, by weight; each returns when it is over. The daemon starts again at once, sometimes to be killed while
// it starts.
const HURTS = {
	async kill(place, r) {
		await place.kill();
		await place.startDaemon({ bound: r.below(4) > 0 });
	},
	async database(place, r, instant) {
		await place.stopDatabase();
		if (r.below(3) === 0) {
			await place.kill();
			await place.startDaemon({ bound: false });
		} else {
			await instant();
		}
		await place.startDatabase();
	},
	async cut(place) { await place.cut(); },
};

export async function storm({ kills = 50, seed = 1, talkers = 24, tell = () => {} } = {}) {
	const r = random(seed), began = Date.now(), hurts = [], unrest = [], done = { kill: 0, database: 0, cut: 0 };
	const place = await Place.start({ link: LINK, conf: 'lease_seconds = 20', bureaus: BUREAU,
		// It waits for an answer as long as carriers do; whatever is hurt ends its sessions, and then it comes again at once.
		smsc: ['--seed', String(seed), '--fault', 'retry-delay=250', '--fault', 'receipt-delay=20', '--fault', 'deliver-timeout=60000'] });
	try {
		const { world } = place;
		const talk = new Talk(place, random(seed + 1));
		const people = Array.from({ length: talkers }, (_, i) => holder(1000 + i, { tags: '说话' }));
		const crowd = Array.from({ length: Math.max(100, kills * 5) }, (_, i) => holder(2000 + i, { tags: '提醒' }));
		await world.must('import', 'licences', world.csv('crowd.csv', [...people, ...crowd].flatMap((h) => h.rows)));
		for (const h of people) talk.add(h);
		for (const [tag, rate] of [['说话', 0], ['提醒', 12]]) {
			const campaign = await world.json('campaign', 'create', tag, '--tag', tag, '--rate', String(rate), '--bureau', 'yiyuan');
			await world.must('campaign', 'start', String(campaign.id), '--bureau', 'yiyuan');
		}
		talk.start();
		// A random instant: when the carrier has been given some more texts, or a random fraction of a second has passed.
		const instant = async () => {
			const wait = r.below(150), n = 1 + r.below(8);
			await (r.below(3) === 0 ? talk.pause(wait) : place.submitted(n));
		};
		while (done.kill < kills) {
			await instant();
			const dice = r.below(100), what = dice < 70 ? 'kill' : dice < 84 ? 'database' : 'cut';
			const hurt = { what, at: Date.now() };
			hurts.push(hurt);
			done[what]++;
			await HURTS[what](place, r, instant);
			hurt.until = Date.now();
			if (hurts.length % 50 === 0) tell(`${hurts.length} hurts (${JSON.stringify(done)}), ${talk.sent} texts said, ${talk.read} read, ${Math.round((Date.now() - began) / 1000)} s`);
		}
		await talk.stop();
		await place.until(async () => {
			const waiting = (await (await fetch(`${world.carrierUrl}/sessions`)).json()).queues.reduce((n, q) => n + q.waiting, 0);
			if (waiting > 0) return `${waiting} deliver_sm wait`;
			return world.sql(`SELECT coalesce((SELECT string_agg(what, ', ') FROM (SELECT count(*) || ' on their way' AS what FROM text_leaving HAVING count(*) > 0
				UNION ALL SELECT count(*) || ' events' FROM outside_event HAVING count(*) > 0
				UNION ALL SELECT count(*) || ' messages ' || state FROM message WHERE state IN ('queued', 'delivering') GROUP BY state
				UNION ALL SELECT 'the campaign ' || status FROM campaign WHERE ended_at IS NULL) w), '')`);
		}, 'rest', 150).catch((e) => unrest.push(e.message));
		const { faults, figures } = await prove(place, { hurts, window: WINDOW, clerk: talk.clerk,
			plain: new Set([...talk.people.values()].filter((t) => t.plain).map((t) => t.h.e164)) });
		return { faults: [...unrest, ...faults], figures: { seed, ...done, went_away: place.wentAway || 0, seconds: Math.round((Date.now() - began) / 1000), ...figures } };
	} finally {
		await place.stop();
	}
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
	const { kills, talkers, seed } = numbers(fileURLToPath(new URL('run', import.meta.url)), { kills: 50, seed: Date.now() % 1000000, talkers: 24 });
	console.log(`seed ${seed}`);
	const { faults, figures } = await storm({ kills, talkers, seed, tell: (l) => console.log(l) });
	console.log(JSON.stringify(figures, null, 1));
	for (const f of faults) console.log(`FAULT ${f}`);
	console.log(faults.length === 0 ? 'nothing was lost and nothing was done twice' : `${faults.length} faults`);
	process.exitCode = faults.length === 0 ? 0 : 1;
}
