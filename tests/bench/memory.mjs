// Memory and cost with many open conversations and a long queue: 1,000,000 and 200,000; --conversations N for more.
import { WARM } from './place.mjs';
import { FIRST_PHONE, seed } from './turns.mjs';

const QUEUED = 200000, COUNT = 15000, SECONDS = 5;

export async function memory(place, m) {
	const most = m.conversations ?? (m.full ? 10000000 : 1000000);
	for (const talks of [...new Set([10000 + COUNT, Math.min(most, 1000000), most])]) {
		const name = `${talks.toLocaleString('en-US')} open conversations`;
		const began = Date.now();
		await seed(place, 'memory', talks);
		m.add(name, 'seconds until they were there', (Date.now() - began) / 1000);
		m.add(name, 'database MB', Number(await place.sql('memory', 'SELECT pg_database_size(current_database())')) / 2 ** 20);
		// Texts of a paused campaign: they wait.
		await place.sql('memory', `INSERT INTO campaign (bureau_id, name, on_date, status, created_by, scanned_at) VALUES (1, 'bench', current_date, 'paused', 'bench', now());
INSERT INTO outbox (bureau_id, message_id, message_at, campaign_id, phone, link, priority, kind, text, attempts)
SELECT 1, -i, now(), (SELECT id FROM campaign), '+8613' || (500000000 + i), 'east', 2, 'reminder', 'a text that waits', 1 FROM generate_series(1, ${QUEUED}) i; ANALYZE`);
		// What so many rows leave to write belongs to no measurement.
		await place.sql('postgres', 'CHECKPOINT');
		await place.daemon('memory');
		for (let i = 0; i < m.runs; i++) {
			const phone = FIRST_PHONE + WARM + i * Math.floor((talks - WARM - COUNT / 3 - 200) / m.runs);
			const { result: r, cpu } = await place.spent([place.gateway.child.pid], (x) => x.turns, () => place.order(`turns ${COUNT} 100 ${phone} 0 ${SECONDS} Y 1 1`));
			m.add(name, 'turns/s, window 100', r.per_second);
			m.add(name, 'CPU us a turn: daemon', cpu.programs);
			m.add(name, 'CPU us a turn: PostgreSQL', cpu.postgres);
		}
		m.add(name, `daemon VmHWM MB, ${QUEUED.toLocaleString('en-US')} texts queued`, place.peak());
		await place.stopDaemon();
		await place.drop('memory');
	}
}
