// Import: `huizhi import licences` of a CSV beside a bare COPY of the same columns, and beside COPY plus the merge it needs.
import { join } from 'node:path';
import { run } from '../lib/world.mjs';
import { PG, seconds, today } from './place.mjs';

const COLUMNS = 'bureau, item, licence_no, holder, phone, language, issued_on, expires_on, id_number, address, tags';

export async function importing(place, m) {
	const rows = m.full ? 1000000 : 200000, csv = join(place.dir, 'import.csv'), name = `import of ${rows.toLocaleString('en-US')} rows`;
	place.population(csv, rows, today());
	await place.fresh('seed_import');
	for (let i = 0; i < m.runs; i++) {
		await place.create('import', 'seed_import');
		place.writeConf('import');
		const ours = await place.timed('import', 'licences', csv);
		const stored = Number(await place.sql('import', 'SELECT count(*) FROM licence'));
		if (stored !== rows) m.remark(`${name}: ${stored} are stored`);
		await place.drop('import');
		m.add(name, 'seconds', ours.seconds);
		m.add(name, 'rows/s', rows / ours.seconds);
		m.add(name, 'VmHWM MB', ours.peak);

		await place.create('floor_import', 'seed_import');
		await place.sql('floor_import', `CREATE TABLE bench_staged (${COLUMNS.replaceAll(',', ' text,')} text)`);
		const psql = async (...commands) => {
			const r = await run(`${PG}/psql`, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', place.database('floor_import'), ...commands.flatMap((c) => ['-c', c])], { timeout: 3600000 });
			if (r.code !== 0) throw new Error(r.stderr);
		};
		const copy = await seconds(() => psql(`\\copy bench_staged FROM '${csv}' WITH (FORMAT csv, HEADER)`));
		// With statistics, or the merge would be planned blindly and flatter us.
		const merge = await seconds(() => psql('ANALYZE bench_staged', `BEGIN`, `SET LOCAL work_mem = '64MB'`,
			`INSERT INTO holder (bureau_id, identity_hash, name, phone, language, id_number, address, address_hash, tags)
SELECT DISTINCT ON (id_number) 1, decode(md5(id_number), 'hex'), holder, '+86' || phone, language, convert_to(id_number || repeat('x', 40), 'UTF8'),
convert_to(address || repeat('x', 40), 'UTF8'), decode(md5(address), 'hex'), string_to_array(tags, ';') FROM bench_staged ORDER BY id_number`,
			'ANALYZE holder',
			`INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, issued_on, expires_on)
SELECT 1, s.item, s.licence_no, h.id, s.issued_on::date, s.expires_on::date FROM bench_staged s
JOIN holder h ON h.bureau_id = 1 AND h.identity_hash = decode(md5(s.id_number), 'hex')`, 'COMMIT'));
		await place.drop('floor_import');
		m.add('floor: bare COPY of the same columns', 'seconds', copy);
		m.add('floor: COPY plus the merge in bare SQL', 'seconds', copy + merge);
		m.ratio(name, 'times a bare COPY', ours.seconds / copy);
		m.ratio(name, 'times COPY plus merge', ours.seconds / (copy + merge));
	}
	await place.drop('seed_import');
}
