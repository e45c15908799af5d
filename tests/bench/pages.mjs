// Pages: what a clerk waits for on a list of 100,000 entries, when a holder is searched, when campaigns of 100,000 texts are looked
// at, beside the bare query of the same page in psql. Pages are asked for one after another, each a page further than the last;
// the figure is the 95th of a hundred.
import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { PG } from './place.mjs';
import { cookiesOf, huizhi, root, run } from '../lib/world.mjs';

const ROWS = Number(process.env.PAGES_ROWS ?? 100000), PAGES = 150, PASSWORD = 'correct horse battery';
const CAMPAIGN = 100000; // texts
const BRANDS = '锦升福宝吉利兴月瑞鑫万佳源隆悦康发旺桃林佳乐山海金银玉珠春夏秋冬梅兰竹菊龙凤麒麟鸿运昌盛华丰裕泰安宁平和顺祥瑞云星光明德仁义礼智信诚美善真爱乐天地人心思恩惠民生利通达四方五谷六合七彩八仙九州十全';
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

// More holders than the lists have, under names of firms; and two campaigns, one under way and one that is over.
async function crowd(place, holders) {
	await place.sql('pages', `
SET session_replication_role = replica;
INSERT INTO holder (bureau_id, identity_hash, name, phone, language) SELECT 1, decode(lpad(to_hex(i), 32, '0'), 'hex'),
(ARRAY['沂源县', '沂源县南麻', '沂源县鲁村', '沂源县东里', '沂源'])[1 + i % 5] || substr('${BRANDS}', 1 + i % 97, 1) || substr('${BRANDS}', 1 + (i / 97) % 97, 1)
|| (ARRAY['快餐店', '茶叶店', '副食超市', '理发店', '幼儿园', '饭店有限公司', '餐饮管理有限公司'])[1 + i % 7], '+86137' || lpad(i::text, 8, '0'), 'zh' FROM generate_series(${ROWS + 1}, ${holders}) i;
INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, '${ITEMS[0]}', 'JY137' || lpad(id::text, 9, '0'), id, current_date + 400 FROM holder WHERE phone LIKE '+86137%';
INSERT INTO campaign (bureau_id, name, on_date, status, audience, created_by, started_at, scanned_at, ended_at) SELECT 1, 'c' || n, current_date, CASE n WHEN 1 THEN 'done' ELSE 'paused' END, ${CAMPAIGN}, 'staff:bench', now() - interval '10 minutes', now(), CASE n WHEN 1 THEN now() END FROM generate_series(1, 2) n;
INSERT INTO conversation (bureau_id, phone, holder_id, campaign_id, language, dialog, dialog_version, step) SELECT 1, '+86139' || c.id || lpad(i::text, 7, '0'), i, c.id, 'zh', 'renewal', 1, 'reminded' FROM campaign c, generate_series(1, ${CAMPAIGN}) i;
INSERT INTO message (bureau_id, id, created_at, conversation_id, campaign_id, phone, kind, text, parts, state) SELECT 1, nextval('row_id'), now() - (id % 500) * interval '1 second', id, campaign_id, phone, 'reminder', repeat('续', 70), 2, CASE id % 50 WHEN 0 THEN 'failed' ELSE 'delivered' END FROM conversation WHERE campaign_id IS NOT NULL;`);
	await place.settle('pages', '');
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
	const holders = Number(process.env.PAGES_HOLDERS ?? (m.full ? 1000000 : 200000)), many = holders.toLocaleString('en-US');
	await crowd(place, holders);
	const added = await huizhi('-c', place.conf, 'staff', 'add', 'bench', '--roles', 'look,send', { input: `${PASSWORD}\n` });
	if (added.code !== 0) throw new Error(added.stderr);
	await place.daemon('pages');
	const url = `http://127.0.0.1:${place.staffPort}`, cookies = {};
	const ask = async (path, fields) => {
		const r = await fetch(url + path, { redirect: 'manual', method: fields ? 'POST' : 'GET', body: fields && new URLSearchParams(fields),
			headers: { Cookie: Object.entries(cookies).map(([k, v]) => `${k}=${v}`).join('; ') } })
			.catch((e) => { throw new Error(`${path}: ${e.message}: ${e.cause?.message ?? e.cause}\n${place.gateway?.code === undefined ? 'the daemon runs' : `the daemon ended (${place.gateway.code})`}\n${place.gateway?.tail()}`); });
		for (const c of cookiesOf(r.headers)) { const [, k, v] = c.match(/^([^=]+)=([^;]*)/); cookies[k] = v; }
		return { status: r.status, text: await r.text(), location: r.headers.get('location') };
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
	await searching(place, m, ask, holders, many);
	await campaigns(place, m, ask);
	await place.stopDaemon();
	await place.drop('pages');
}

// A word of a name, the end of a number: what was typed is posted, and the page behind it is asked for.
async function searching(place, m, ask, holders, many) {
	const some = (n) => Array.from({ length: 100 }, (_, i) => ROWS + 1 + ((i * 7919 * n) % (holders - ROWS)));
	const names = (await place.sql('pages', `SELECT substr(name, length(name) - 4, 4) FROM unnest('{${some(1)}}'::bigint[]) WITH ORDINALITY AS s(i, n) JOIN holder h ON h.phone = '+86137' || lpad(i::text, 8, '0') ORDER BY n`)).split('\n');
	const found = (k) => `WITH k AS MATERIALIZED (SELECT id FROM holder WHERE bureau_id = 1 AND ${k}) SELECT h.name, h.phone, l.licence_no, l.item_code, l.expires_on FROM (SELECT id FROM k LIMIT 51) f JOIN holder h ON h.bureau_id = 1 AND h.id = f.id JOIN licence l ON l.bureau_id = 1 AND l.holder_id = h.id`;
	const ways = [
		{ name: `search for a part of a name among ${many} holders`, words: names, parameters: (w) => `'${w}'`,
			sql: found("(string_to_array(lower(name), NULL) || ('#' || bureau_id::text)) @> (string_to_array($1::text, NULL) || '#1'::text) AND lower(name) LIKE '%' || $1::text || '%'") },
		{ name: 'the same for the last digits of a phone', words: some(2).map((i) => String(i).padStart(8, '0').slice(-6)), parameters: (w) => `'${w}'`,
			sql: found('right(coalesce(phone, landline), 4) = right($1::text, 4) AND right(coalesce(phone, landline), 6) = $1::text') },
	];
	for (const w of ways) {
		for (let i = 0; i < m.runs; i++) {
			const times = [];
			for (const word of w.words) {
				const token = (await ask('/search')).text.match(/name="token" value="([^"]+)"/)[1], to = await ask('/search', { token, q: word });
				const from = performance.now(), r = await ask(to.location);
				times.push(performance.now() - from);
				if (r.status !== 200 || !r.text.includes('<tbody><tr>')) throw new Error(`search for ${word} -> ${r.status}`);
			}
			const floor = p95(await bare(place, w.sql, w.words.map(w.parameters)));
			m.add(w.name, 'p95 ms', p95(times));
			m.add(`floor: the bare query of ${w.name}`, 'p95 ms', floor);
			m.ratio(w.name, 'times the bare query, p95', p95(times) / floor);
		}
	}
}

// The list, one under way and its picture: the floor is one count of the texts, which nobody waits for.
async function campaigns(place, m, ask) {
	const floor = p95(await bare(place, statement('campaign_desk.def', 'CAMPAIGN_COUNT'), Array(10).fill('1, 2, 60')));
	m.add('floor: figures of a campaign of 100,000 texts counted once', 'p95 ms', floor);
	for (const [name, path] of [['the list of campaigns of 100,000 texts', '/campaigns'], ['a campaign of 100,000 texts, live', '/campaigns/2/live'], ['its picture', '/campaigns/2/states.svg']])
		for (let i = 0; i < m.runs; i++) {
			const times = [];
			for (let k = 0; k < 100; k++) {
				const from = performance.now(), r = await ask(path);
				times.push(performance.now() - from);
				if (r.status !== 200) throw new Error(`${path} -> ${r.status}`);
			}
			m.add(name, 'p95 ms', p95(times));
			m.ratio(name, 'of one count, p95', p95(times) / floor);
		}
}
