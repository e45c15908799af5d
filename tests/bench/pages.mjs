// Pages: what a clerk waits for on a list of 100,000 entries, beside the bare query of the same page in psql. Pages are asked
// for one after another, each a page further than the last; the figure is the 95th of a hundred.
import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { PG } from './place.mjs';
import { cookiesOf, huizhi, root, run } from '../lib/world.mjs';

const ROWS = Number(process.env.PAGES_ROWS ?? 100000), PAGES = 150, PASSWORD = 'correct horse battery';
// The last one is rare: one entry of a thousand.
const ITEMS = ['food-business-renewal', 'public-place-hygiene-renewal', 'school-licence-renewal', 'grain-purchase-renewal'];
const p95 = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.95)];

// A statement as the daemon prepares it: its strings, macros put in.
function statement(file, name) {
	let text = readFileSync(join(root, 'store/stmt', file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
	const macros = new Map();
	text = text.replace(/^#define (\w+) ((?:.*\\\n)*.*)$/gm, (_, k, v) => { macros.set(k, v.replace(/\\\n/g, ' ')); return ''; });
	let body = text.match(new RegExp(`STMT\\(${name},([\\s\\S]*?)\\)\\s*(?=STMT\\(|#|$)`))[1];
	for (let i = 0; i < 3; i++) body = body.replace(/"(?:[^"\\]|\\.)*"|\b[A-Z_]{4,}\b/g, (w) => (macros.has(w) ? macros.get(w) : w));
	return [...body.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]).join('');
}

async function bare(place, sql, parameters) {
	const file = join(place.dir, 'pages.sql');
	writeFileSync(file, `SET plan_cache_mode = force_generic_plan;\nSET enable_seqscan = off;\nSET enable_mergejoin = off;\nSET jit = off;\nPREPARE page AS ${sql};\n\\timing on\n\\o /dev/null\n${parameters.map((p) => `EXECUTE page(${p});`).join('\n')}\n`);
	const r = await run(`${PG}/psql`, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', place.database('pages'), '-f', file]);
	if (r.code !== 0) throw new Error(r.stderr);
	return [...r.stdout.matchAll(/Time: ([\d.]+) ms/g)].map((m) => Number(m[1]));
}

export async function pages(place, m) {
	await place.fresh('pages');
	await place.sql('pages', `
SET session_replication_role = replica;
INSERT INTO holder (bureau_id, identity_hash, name, phone, language) SELECT 1, decode(lpad(to_hex(i), 32, '0'), 'hex'), '沂源县第' || i || '商行', '+86136' || lpad(i::text, 8, '0'), 'zh' FROM generate_series(1, ${ROWS}) i;
INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, (ARRAY[${ITEMS.map((i) => `'${i}'`)}])[CASE WHEN id % 1000 = 7 THEN 4 ELSE 1 + id % 3 END], 'L' || id, id, current_date + 20 FROM holder;
INSERT INTO conversation (bureau_id, phone, holder_id, language, dialog, step) SELECT 1, phone, id, 'zh', 'renewal', 'clerk' FROM holder;
INSERT INTO application (bureau_id, licence_id, holder_id, item_code, cycle, conversation_id, status) SELECT 1, l.id, l.holder_id, l.item_code, 'expiry:' || l.expires_on, c.id, (ARRAY['submitted', 'reminded', 'approved', 'collected', 'rejected'])[CASE WHEN l.id % 1000 = 9 THEN 5 ELSE 1 + l.id % 4 END] FROM licence l JOIN conversation c ON c.holder_id = l.holder_id;
INSERT INTO worklist (bureau_id, list, application_id, conversation_id, phone, reason, due_on, item_code) SELECT 1, 'approve', a.id, a.conversation_id, c.phone, 'submitted', current_date + (a.id % 60)::int, a.item_code FROM application a JOIN conversation c ON c.id = a.conversation_id;`);
	await place.settle('pages', '');
	const added = await huizhi('-c', place.conf, 'staff', 'add', 'bench', '--roles', 'look', { input: `${PASSWORD}\n` });
	if (added.code !== 0) throw new Error(added.stderr);
	await place.daemon('pages');
	const url = `http://127.0.0.1:${place.staffPort}`, cookies = {};
	const ask = async (path, fields) => {
		const r = await fetch(url + path, { redirect: 'manual', method: fields ? 'POST' : 'GET', body: fields && new URLSearchParams(fields),
			headers: { Cookie: Object.entries(cookies).map(([k, v]) => `${k}=${v}`).join('; ') } })
			.catch((e) => { throw new Error(`${path}: ${e.message}: ${e.cause?.message ?? e.cause}\n${place.gateway?.code === undefined ? 'the daemon runs' : `the daemon ended (${place.gateway.code})`}\n${place.gateway?.tail()}`); });
		for (const c of cookiesOf(r.headers)) { const [, k, v] = c.match(/^([^=]+)=([^;]*)/); cookies[k] = v; }
		return { status: r.status, text: await r.text() };
	};
	const token = (await ask('/sign-in')).text.match(/name="token" value="([^"]+)"/)[1];
	await ask('/sign-in', { token, name: 'bench', password: PASSWORD });
	const worklist = statement('worklist.def', 'WORKLIST_PAGE'), applications = statement('view.def', 'VIEW_APPLICATIONS');
	const entries = (await place.sql('pages', `SELECT due_on || '.' || id FROM (SELECT due_on, id, row_number() OVER (ORDER BY due_on, id) n FROM worklist) w WHERE n % ${ROWS / 160 | 0} = 0 LIMIT ${PAGES}`)).split('\n');
	const ids = (await place.sql('pages', `SELECT id FROM application WHERE id % ${ROWS / 160 | 0} = 0 ORDER BY id LIMIT ${PAGES}`)).split('\n');
	const lists = [
		{ path: '/worklists/approve?', name: 'a page of a worklist of 100,000', sql: worklist, keys: entries,
			parameters: (k) => `1, 'approve', NULL, false, false, NULL, '${k.split('.')[0]}', ${k.split('.')[1]}, 51` },
		{ path: `/worklists/approve?item=${ITEMS[3]}&`, name: 'the same of a rare item', sql: worklist, keys: entries.slice(0, PAGES / 2),
			parameters: (k) => `1, 'approve', NULL, false, false, '${ITEMS[3]}', '${k.split('.')[0]}', ${k.split('.')[1]}, 51` },
		{ path: '/applications?', name: 'a page of 100,000 applications', sql: applications, keys: ids,
			parameters: (k) => `1, NULL, NULL, ${k}, 101` },
		{ path: '/applications?status=rejected&', name: 'the same of a rare status, which has no index', sql: applications, keys: ids.slice(0, PAGES / 2),
			parameters: (k) => `1, 'rejected', NULL, ${k}, 101` },
	];
	for (let i = 0; i < m.runs; i++) {
		for (const l of lists) {
			const times = [];
			for (const k of l.keys) {
				const from = performance.now(), r = await ask(`${l.path}after=${k}`);
				times.push(performance.now() - from);
				if (r.status !== 200 || !r.text.includes('<tbody><tr>')) throw new Error(`${l.path}after=${k} -> ${r.status}`);
			}
			const floor = p95(await bare(place, l.sql, l.keys.map(l.parameters)));
			m.add(l.name, 'p95 ms', p95(times));
			m.add(`floor: the bare query of ${l.name}`, 'p95 ms', floor);
			m.ratio(l.name, 'times the bare query, p95', p95(times) / floor);
		}
	}
	await place.stopDaemon();
	await place.drop('pages');
}
