// Runs the measurements, prints medians with their spread as a table of ratios, writes them as JSON.
import { writeFileSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { build, root } from '../lib/world.mjs';
import { Place } from './place.mjs';
import { turns, daemons } from './turns.mjs';
import { memory } from './memory.mjs';
import { bulk } from './bulk.mjs';
import { importing } from './import.mjs';
import { scan } from './scan.mjs';
import { large } from './large.mjs';
import { pages } from './pages.mjs';

const PARTS = { turns, bulk, import: importing, scan, pages };
// Only when they are asked for: they take long, or say little on a machine with few cores.
const MORE = { daemons, memory };

// The figures of all runs; a ratio is made of figures of one run.
class Measurements {
	constructor(options) {
		Object.assign(this, options);
		this.figures = new Map();
		this.ratios = new Map();
		this.notes = [];
		this.left_out = [];
	}
	#push(map, name, what, value) {
		const key = `${name}\t${what}`;
		if (!map.has(key)) map.set(key, []);
		map.get(key).push(value);
	}
	add(name, what, value) { this.#push(this.figures, name, what, value); }
	ratio(name, what, value) { this.#push(this.ratios, name, what, value); }
	note(what, value) { this.notes.push(`${what}: ${typeof value === 'number' ? number(value) : value}`); }
	remark(text) { this.notes.push(text); }
	leave(what, why) { this.left_out.push(`${what}: ${why}`); }
}

const median = (list) => { const s = [...list].sort((a, b) => a - b); return s.length % 2 ? s[(s.length - 1) / 2] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2; };
function number(n) {
	if (Math.abs(n) >= 100) return Math.round(n).toLocaleString('en-US');
	return n.toFixed(Math.abs(n) >= 10 ? 1 : Math.abs(n) >= 1 ? 2 : 3);
}

function table(title, map) {
	const rows = [...map].map(([key, values]) => {
		const [name, what] = key.split('\t');
		return [name, what, number(median(values)), `${number(Math.min(...values))} .. ${number(Math.max(...values))}`, String(values.length)];
	});
	const head = ['', title, 'median', 'least .. most', 'runs'];
	const width = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)));
	let last = '';
	for (const r of [head, ...rows]) {
		const name = r[0] === last ? '' : r[0];
		last = r[0];
		console.log(`${name.padEnd(width[0])}  ${r[1].padEnd(width[1])}  ${r[2].padStart(width[2])}  ${r[3].padStart(width[3])}  ${r[4].padStart(4)}`);
	}
	console.log('');
}

function options(argv) {
	const o = { runs: 3, full: false, large: false, only: Object.keys(PARTS) };
	for (let i = 0; i < argv.length; i++) {
		if (argv[i] === '--full') o.full = true;
		else if (argv[i] === '--large') o.large = true;
		else if (argv[i] === '--conversations' && Number(argv[i + 1]) >= 30000) o.conversations = Number(argv[++i]);
		else if (argv[i] === '--runs' && Number(argv[i + 1]) >= 1) o.runs = Number(argv[++i]);
		else if (argv[i] === '--only' && argv[i + 1]?.split(',').every((p) => PARTS[p] ?? MORE[p])) o.only = argv[++i].split(',');
		else {
			console.error('usage: tests/bench/run [--only turns,bulk,import,scan,pages,daemons,memory] [--runs N] [--conversations N] [--full] [--large]');
			process.exit(2);
		}
	}
	return o;
}

const o = options(process.argv.slice(2));
const m = new Measurements(o);
const load = () => loadavg().map((l) => l.toFixed(2)).join(' ');
const cpu = readFileSync('/proc/cpuinfo', 'utf8').match(/model name\s*: (.*)/)?.[1] ?? 'unknown';
const machine = { cpu, cores: cpus().length, memory_gb: Math.round(totalmem() / 2 ** 30), kernel: spawnSync('uname', ['-r']).stdout.toString().trim(),
	load_before: load() };
const began = Date.now();
let place;
const stop = async (code) => { await place?.stop().catch(() => {}); process.exit(code); };
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) process.once(signal, () => stop(code));

try {
	place = await Place.start();
	machine.postgresql = await place.sql('postgres', "SELECT current_setting('server_version') || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')");
	console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB; PostgreSQL ${machine.postgresql}; load average before: ${machine.load_before}\n`);
	if (o.large) {
		await large(place, m);
	} else {
		for (const part of o.only) {
			const at = Date.now();
			process.stderr.write(`${part} ...`);
			// What the other parts have measured is not lost with one that fails.
			await (PARTS[part] ?? MORE[part])(place, m).catch((e) => {
				console.error(e.stack);
				m.leave(part, `it failed: ${e.message.split('\n')[0]}`);
				process.exitCode = 1;
			});
			await place.rest();
			process.stderr.write(` ${Math.round((Date.now() - at) / 1000)} s\n`);
		}
		for (const part of Object.keys(PARTS)) if (!o.only.includes(part)) m.leave(part, 'not asked for (--only)');
		if (!o.full && o.only.includes('import')) m.leave('import of 1,000,000 rows', '200,000 keep the run under ten minutes; --full does it');
		for (const part of Object.keys(MORE)) if (!o.only.includes(part)) m.leave(part, `--only ${part} does it`);
		m.leave('100,000 due licences', '--large does it');
	}
} catch (e) {
	console.error(e.stack);
	await stop(1);
}
await place.stop();
machine.load_after = load();

if (m.figures.size > 0) table('figure', m.figures);
if (m.ratios.size > 0) table('ratio', m.ratios);
for (const n of m.notes) console.log(`note: ${n}`);
for (const l of m.left_out) console.log(`left out: ${l}`);
console.log(`took ${Math.round((Date.now() - began) / 1000)} s; load average ${machine.load_before} before, ${machine.load_after} after`);

const listed = (map) => [...map].map(([key, values]) => {
	const [name, what] = key.split('\t');
	return { name, what, median: median(values), least: Math.min(...values), most: Math.max(...values), runs: values };
});
const file = join(build, o.large ? 'bench-large.json' : 'bench.json');
writeFileSync(file, `${JSON.stringify({ made_at: new Date().toISOString(), machine, figures: listed(m.figures), ratios: listed(m.ratios), notes: m.notes, left_out: m.left_out }, null, '\t')}\n`);
console.log(`written: ${file.startsWith(root) ? file.slice(root.length + 1) : file}`);
