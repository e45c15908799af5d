// 100,000 due licences: imported, scanned while the daemon runs, and every reminder through to its receipt.
import { join } from 'node:path';
import { today } from './place.mjs';

const LICENCES = 100000;

export async function large(place, m) {
	const csv = join(place.dir, 'large.csv'), date = today();
	place.population(csv, LICENCES, date);
	await place.fresh('large');
	const imported = await place.timed('import', 'licences', csv);
	console.log(`import: ${imported.seconds.toFixed(1)} s, VmHWM ${imported.peak.toFixed(0)} MB`);
	const phones = Number(await place.sql('large', 'SELECT count(DISTINCT phone) FROM holder WHERE phone IS NOT NULL'));
	await place.daemon('large');
	const ordered = place.order(`bulk ${phones} 1 1200`);
	const scanned = await place.timed('scan', '--date', date);
	console.log(`scan: ${scanned.seconds.toFixed(1)} s, VmHWM ${scanned.peak.toFixed(0)} MB\n  ${scanned.lines.join('\n  ')}`);
	const r = await ordered;
	const peak = place.peak();
	await place.stopDaemon();
	const states = await place.sql('large', "SELECT string_agg(state || ' ' || n, ', ') FROM (SELECT state, count(*) AS n FROM message GROUP BY 1 ORDER BY 2 DESC) s");
	const reminded = await place.sql('large', "SELECT count(*) FROM application WHERE status = 'reminded'");
	console.log(`reminders: ${r.messages} of ${phones} in ${r.since_order_seconds.toFixed(1)} s from the scan's start, ${Math.round(r.messages / r.since_order_seconds)} messages/s, ` +
		`${Math.round(r.parts / r.since_order_seconds)} parts/s, every receipt acknowledged: ${r.complete}; parts twice: ${r.repeated}, receipts refused: ${r.refused}`);
	console.log(`daemon: VmHWM ${peak.toFixed(0)} MB\ndatabase: messages ${states}; applications reminded ${reminded} of ${LICENCES}`);
	m.add('import', 'seconds', imported.seconds);
	m.add('import', 'VmHWM MB', imported.peak);
	m.add('scan', 'seconds', scanned.seconds);
	m.add('scan', 'VmHWM MB', scanned.peak);
	m.add('reminders', 'seconds', r.since_order_seconds);
	m.add('reminders', 'messages/s', r.messages / r.since_order_seconds);
	m.add('reminders', 'parts/s', r.parts / r.since_order_seconds);
	m.add('reminders', 'daemon VmHWM MB', peak);
}
