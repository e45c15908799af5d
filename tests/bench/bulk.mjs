// Bulk: reminders of a scanned population, from the daemon's bind (a floor's clock starts with its connections, too) to the
// last receipt that is on disk and acknowledged.
import { join } from 'node:path';
import { hasKannel, Kannel } from './kannel.mjs';
import { today } from './place.mjs';

const MESSAGES = 8000;
const KANNEL_TEXTS = 4000;

export async function bulk(place, m) {
	const csv = join(place.dir, 'bulk.csv'), date = today();
	place.population(csv, Math.round(MESSAGES * 7507 / 6356), date);
	await place.fresh('seed_bulk');
	await place.must('import', 'licences', csv);
	await place.must('scan', '--date', date);
	await place.warm('seed_bulk');
	const messages = Number(await place.sql('seed_bulk', 'SELECT count(*) FROM conversation WHERE open AND NOT begun'));
	for (let i = 0; i < m.runs; i++) {
		await place.seasoned();
		await place.create('bulk', 'seed_bulk');
		const ordered = place.order(`bulk ${messages} 1 120`);
		await place.daemon('bulk');
		const { result: r, cpu } = await place.spent([place.gateway.child.pid], (x) => x.parts, () => ordered);
		m.add('bulk with receipts', 'CPU us a part: daemon', cpu.programs);
		m.add('bulk with receipts', 'CPU us a part: PostgreSQL', cpu.postgres);
		m.add('bulk with receipts', 'CPU us a part: load generator', cpu.load);
		const rate = r.messages / r.since_bound_seconds;
		m.add('bulk with receipts', 'messages/s', rate);
		m.add('bulk with receipts', 'messages/s, its start included', r.messages / r.since_order_seconds);
		m.add('bulk with receipts', 'parts/s', r.parts / r.since_bound_seconds);
		m.add('bulk with receipts', 'parts a message', r.parts / r.messages);
		m.add('bulk with receipts', 'daemon VmHWM MB', place.peak());
		if (!r.complete || r.repeated || r.refused) m.remark(`bulk: ${r.complete ? '' : `only ${r.messages} of ${messages} in 120 s; `}${r.repeated} parts twice, ${r.refused} receipts refused`);
		await place.stopDaemon();
		const delivered = Number(await place.sql('bulk', "SELECT count(*) FROM message WHERE state = 'delivered'"));
		if (delivered !== messages) m.remark(`bulk: ${delivered} of ${messages} messages are delivered in the database`);
		await place.drop('bulk');
		const parts = (r.parts / r.messages).toFixed(4), floors = [];
		for (const connections of [1, 4]) {
			await place.create('floor_bulk', 'seed_bulk');
			const f = await place.floor('bulk', place.database('floor_bulk'), 256, connections, parts);
			m.add(`floor: same rows, batches of 256, ${connections} connection${connections > 1 ? 's' : ''}`, 'messages/s', f.per_second);
			floors.push(f.per_second);
			await place.drop('floor_bulk');
		}
		m.ratio('bulk with receipts', 'of its floor, 1 connection', rate / floors[0]);
		m.ratio('bulk with receipts', 'of its floor, 4 connections', rate / floors[1]);
		if (!hasKannel()) {
			if (i === 0) m.leave('Kannel', 'its package is not installed');
			continue;
		}
		// Its best of one and of four connections to the database; a text is one part there.
		let best = 0;
		for (const connections of [1, 4]) {
			await place.create('kannel');
			const k = await Kannel.start(place, { nodelay: true, dlr: { database: 'kannel', connections } });
			const told = place.order(`bulk ${KANNEL_TEXTS} 1 30`);
			k.send(Array.from({ length: KANNEL_TEXTS }, (_, n) => 8613900000000 + n));
			const its = await told;
			const rate = its.parts / its.seconds;
			m.add(`Kannel, receipts in PostgreSQL, ${connections} connection${connections > 1 ? 's' : ''}`, 'parts/s', rate);
			if (!its.complete) m.remark(`Kannel: only ${its.messages} of ${KANNEL_TEXTS} texts in 30 s`);
			best = Math.max(best, rate);
			await k.stop();
			await place.drop('kannel');
		}
		m.ratio('bulk with receipts', 'times Kannel with receipts in PostgreSQL, in parts', r.parts / r.since_bound_seconds / best);
	}
	await place.drop('seed_bulk');
}
