// The names that other programs rely on: make targets, the programs' options and signals, every command of `huizhi`, the
// CSV file, the configuration key by key, the HTTP addresses. What is checked here may not change.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World, build, huizhi, root, run } from '../lib/world.mjs';
import { day, holder } from '../lib/people.mjs';

process.chdir(root); // the sample's folders are relative, as in a checkout

const daemon = join(build, 'huizhid');
// A make inside `make test` must not take over what the outer one was given.
const env = Object.fromEntries(Object.entries(process.env).filter(([k]) => !['MAKEFLAGS', 'MAKELEVEL', 'MFLAGS', 'MAKEOVERRIDES', 'B', 'DEMO'].includes(k)));
const make = (...args) => run('make', args, { cwd: root, env });

// The sample, as it is printed where these names are fixed.
const SAMPLE = `database = "host=/run/huizhi dbname=huizhi"
keys     = "/etc/huizhi/keys"
templates = "templates"
items    = "conf/items"
public { listen = "127.0.0.1:8080"  url = "https://v.example.org" }
staff  { listen = "127.0.0.1:8081" }
link "east" {
  hosts = {"127.0.0.1:2775"}   system_id = "huizhi"   password = "secret"   system_type = ""
  bind = "transceiver"         # or "transmitter+receiver"
  window = 64   rate = 0       # parts in flight; parts per second, 0 = no limit
  tls = false   default_alphabet = "gsm7"   message_id = "auto"   ussd = "standard"   receipts = true
}
bureau "wendeng" {
  id = 1   name = "..."   signature = "【文登审批】"   short_code = "10690001"   links = {"east"}
  languages = {"zh", "en"}   timezone = "Asia/Shanghai"   send_hours = "09:00-20:00"    # "00:00-24:00" = always
  country = "86"   items = {"food-business-renewal", "public-place-hygiene-renewal"}    # absent: the whole catalogue
}
`;

// ---- make --------------------------------------------------------------------------------------------------------------

test('make builds the three programs, and has the targets', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'huizhi-make.'));
	try {
		const all = await make('-n', `B=${dir}/b`);
		assert.equal(all.code, 0, all.stderr);
		for (const p of ['huizhid', 'huizhi', 'huizhi-smsc']) assert.match(all.stdout, new RegExp(` -o ${dir}/b/${p} `));
		const plain = await make('-n', 'install', 'DESTDIR=/d', 'PREFIX=/usr');
		assert.equal(plain.code, 0, plain.stderr);
		assert.match(plain.stdout, / build\/huizhid \/d\/usr\/sbin\/huizhid\n/, 'the folder is build/ where none is named');
		const demo = await make('-n', 'demo', 'DEMO=once', `B=${dir}/b`);
		assert.match(demo.stdout, /tools\/deps demo/, 'it installs what is missing');
		assert.match(demo.stdout, /DEMO=once B=\S+ demo\/run/);
		const tests = await make('-n', 'test', `B=${dir}/b`);
		assert.match(tests.stdout, /tools\/deps test/);
		assert.match(tests.stdout, /tests\/run/);
		const bench = await make('-n', 'bench', `B=${dir}/b`);
		assert.equal(bench.code, 0, bench.stderr);
		for (const target of ['deps', 'format', 'lint', 'clean']) assert.equal((await make('-n', target, `B=${dir}/b`)).code, 0, target);
	} finally {
		rmSync(dir, { recursive: true });
	}
});

test('make install: daemon, command and shipped configuration work from the installed tree', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'huizhi-install.'));
	try {
		const made = await make('install', `B=${build}`, `DESTDIR=${dir}`, 'PREFIX=/usr');
		assert.equal(made.code, 0, made.stderr);
		const [sbin, bin, share] = [join(dir, 'usr/sbin'), join(dir, 'usr/bin'), join(dir, 'usr/share/huizhi')];
		for (const conf of ['minimal.conf', 'huizhi.conf']) {
			const r = await run(join(sbin, 'huizhid'), ['-c', join(share, 'conf', conf), '-n'], { cwd: '/' });
			assert.equal(r.code, 0, r.stderr);
			assert.match(r.stdout, /is good/);
		}
		const help = await run(join(bin, 'huizhi'), ['--help'], { cwd: '/' });
		assert.equal(help.code, 0);
		assert.match(help.stdout, /^usage: huizhi/);
		assert.equal((await run(join(bin, 'huizhi'), ['dialog', 'check'], { cwd: '/' })).code, 0, 'without a configuration it finds its own templates');
		for (const page of ['man1/huizhi.1', 'man5/huizhi.conf.5', 'man5/huizhi-dialog.5', 'man7/huizhi-smpp.7', 'man8/huizhid.8']) assert.ok(existsSync(join(dir, 'usr/share/man', page)), page);
		// It is the installed tree that was read, not this checkout.
		writeFileSync(join(share, 'templates/visitor.dlg'), 'dialog visitor 1\nnonsense\n');
		const broken = await run(join(sbin, 'huizhid'), ['-c', join(share, 'conf/minimal.conf'), '-n'], { cwd: '/' });
		assert.equal(broken.code, 1);
		assert.match(broken.stderr, new RegExp(`${share}/templates/visitor\\.dlg:2: `));
	} finally {
		rmSync(dir, { recursive: true });
	}
});

// ---- The command line that needs nothing ------------------------------------------------------------------------------

test('huizhid and huizhi: usage is exit 2, help is exit 0', async () => {
	for (const args of [[], ['-n'], ['-c'], ['-x'], ['-c', 'conf/minimal.conf', 'more']]) {
		const r = await run(daemon, args);
		assert.equal(r.code, 2, `huizhid ${args}`);
		assert.match(r.stderr, /usage: huizhid -c FILE/);
	}
	const none = await run(daemon, ['-c', '/no/such.conf', '-n']);
	assert.equal(none.code, 1);
	assert.match(none.stderr, /^\/no\/such\.conf: /);
	for (const args of [[], ['nonsense'], ['-c'], ['--odd', 'init']]) assert.equal((await huizhi(...args)).code, 2, `huizhi ${args}`);
});

// Every command of the list, each with a wrong option: it exists, and says how it is used.
const COMMANDS = ['init', 'keygen', 'import licences', 'import changes', 'scan', 'campaign create', 'campaign list', 'campaign show',
	'campaign start', 'campaign pause', 'campaign resume', 'campaign stop', 'application list', 'application show', 'application decide',
	'application send', 'application collect', 'conversation show', 'message list', 'worklist', 'dialog check', 'dialog print',
	'dialog graph', 'dialog play', 'token verify', 'trail show', 'trail verify', 'link status', 'staff add', 'apikey add'];

test('every command is there and refuses what it does not know', async () => {
	for (const command of COMMANDS) {
		const words = command.split(' ');
		const help = await huizhi(words[0], '--help');
		assert.equal(help.code, 0, command);
		assert.ok(help.stdout.includes(words[0] === 'campaign' && ['pause', 'resume', 'stop'].includes(words[1])
			? 'pause|resume|stop' : command), `${command} is not in its help:\n${help.stdout}`);
		const r = await huizhi('-c', 'conf/minimal.conf', '--json', ...words, '--no-such-option');
		assert.equal(r.code, 2, `${command} -> ${r.code}\n${r.stderr}`);
		assert.match(r.stderr, /unknown option --no-such-option/);
		assert.equal(r.stdout, '');
	}
});

// ---- The sample ---------------------------------------------------------------------------------------------------------

test('the configuration of the sample, letter by letter, is good', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'huizhi-sample.'));
	try {
		const file = join(dir, 'sample.conf');
		writeFileSync(file, SAMPLE, { mode: 0o600 });
		const r = await run(daemon, ['-c', file, '-n'], { cwd: root });
		assert.equal(r.code, 0, r.stderr);
		assert.equal(r.stdout, `${file} is good\n`);
		const printed = (await huizhi('-c', file, 'conf', 'print')).stdout;
		for (const line of ['database = "host=/run/huizhi dbname=huizhi"', 'keys = "/etc/huizhi/keys"', 'listen = "127.0.0.1:8080"',
			'url = "https://v.example.org"', 'listen = "127.0.0.1:8081"', 'hosts = {"127.0.0.1:2775"}', 'system_id = "huizhi"',
			'password = "secret"', 'system_type = ""', 'bind = "transceiver"', 'window = 64', 'rate = 0', 'tls = false', 'default_alphabet = "gsm7"',
			'message_id = "auto"', 'ussd = "standard"', 'receipts = true', 'id = 1', 'name = "..."', 'signature = "【文登审批】"',
			'short_code = "10690001"', 'links = {"east"}', 'languages = {"zh", "en"}', 'timezone = "Asia/Shanghai"', 'send_hours = "09:00-20:00"',
			'country = "86"', 'items = {"food-business-renewal", "public-place-hygiene-renewal"}'])
			assert.ok(printed.split('\n').some((l) => l.trim() === line), `conf print lacks ${line}\n${printed}`);
		// The other values that its comments name are good as well; a misspelt one is not.
		const change = async (from, to) => {
			assert.ok(SAMPLE.includes(from));
			writeFileSync(file, SAMPLE.replace(from, to));
			return run(daemon, ['-c', file, '-n'], { cwd: root });
		};
		assert.equal((await change('bind = "transceiver"', 'bind = "transmitter+receiver"')).code, 0);
		assert.equal((await change('send_hours = "09:00-20:00"', 'send_hours = "00:00-24:00"')).code, 0);
		assert.equal((await change(/ {3}items = \{"food.*\n/.exec(SAMPLE)[0], '\n')).code, 0);
		const wrong = await change('bind = "transceiver"', 'bind = "both"');
		assert.equal(wrong.code, 1);
		assert.match(wrong.stderr, /sample\.conf:9: .*bind/);
	} finally {
		rmSync(dir, { recursive: true });
	}
});

// ---- The sample at work -------------------------------------------------------------------------------------------------

// Etc/GMT names have their sign turned round: Etc/GMT-8 is eight hours ahead.
const zone = (ahead) => (ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`);
const utcHour = new Date().getUTCHours();
const NOON = zone(12 - utcHour);
const NIGHT = zone(utcHour <= 13 ? 1 - utcHour : 25 - utcHour);
const OTHER_DAY = zone(utcHour >= 10 ? 14 : -12); // where the calendar shows another day than UTC's

let w;
const sampleBureau = SAMPLE.slice(SAMPLE.indexOf('bureau "wendeng"'));
before(async () => { w = await World.start({ daemon: false, bureaus: sampleBureau, smsc: ['--receipt-delay', '1'] }); });
after(async () => { await w?.stop(); });

// The sample with this machine's paths and ports, and what a test wants otherwise.
function writeSample(...changes) {
	let text = SAMPLE.replace('host=/run/huizhi dbname=huizhi', w.database).replace('/etc/huizhi/keys', join(w.dir, 'keys'))
		.replace('127.0.0.1:8080', `127.0.0.1:${w.publicPort}`).replace('127.0.0.1:8081', `127.0.0.1:${w.staffPort}`)
		.replace('127.0.0.1:2775', `127.0.0.1:${w.smppPort}`);
	for (const [from, to] of changes) {
		assert.ok(text.includes(from), from);
		text = text.replace(from, to);
	}
	writeFileSync(w.conf, text, { mode: 0o600 });
}

// One daemon at a time, also after a test that failed half way.
async function start() {
	if (w.daemon && w.daemon.code === undefined) await w.stopDaemon();
	return w.startDaemon();
}

const wendeng = (index, options) => {
	const h = holder(index, options);
	h.rows.forEach((r) => { r[0] = 'wendeng'; });
	return h;
};

// The carrier's record from `after` on; waits until an entry fits, and gives all up to it.
async function recorded(fits, from = 0) {
	const seen = [];
	for (let at = from; ;) {
		const r = await (await fetch(`${w.carrierUrl}/record?after=${at}&wait=20&limit=1000`)).json();
		for (const e of r.record) {
			seen.push(e);
			if (fits(e)) return seen;
		}
		if (r.next === at) throw new Error(`the carrier never recorded it\n${JSON.stringify(seen.slice(-20), null, 1)}`);
		at = r.next;
	}
}
const recordEnd = async () => (await (await fetch(`${w.carrierUrl}/record?after=${Number.MAX_SAFE_INTEGER}`)).json()).next;

test('the sample runs: it binds as it says, answers at once, keeps reminders to the sending hours', async () => {
	writeSample();
	const from = await recordEnd();
	await start();
	const bind = (await recorded((e) => e.kind === 'bind', from)).at(-1);
	assert.equal(bind.system_id, 'huizhi');
	assert.match(bind.note, /transceiver/);
	assert.equal(bind.status, 0);
	const help = await w.say('+8613811110001', '帮助', /^【文登审批】这里是\.\.\./);
	assert.ok(!help.includes('电话'), 'what a bureau has not told is not named');
	await w.say('+8613811110001', 'ENGLISH', /English/);
	await w.say('+8613811110001', '中文', /中文/);
	await w.stopDaemon();

	writeSample(['Asia/Shanghai', NIGHT]);
	await start();
	const h = wendeng(301);
	await w.must('import', 'licences', w.csv('night.csv', h.rows));
	assert.equal((await w.json('scan')).reminders, 1);
	await w.say('+8613811110001', '帮助', /这里是/); // a reply is not held back
	await w.stopDaemon(); // drained: what may go has gone
	assert.deepEqual(await w.texts(h.e164), [], 'no reminder in the night');

	writeSample(['Asia/Shanghai', NOON]);
	await start();
	await w.next(h.e164, /要续办请回复 Y/);
	const answer = await w.say(h.e164, 'Y', /核实身份/);
	const link = answer.match(/https:\/\/v\.example\.org(\/r\/[\w-]+)/);
	assert.ok(link, answer);
	assert.equal((await fetch(w.publicUrl + link[1])).status, 200);
	const submits = (await recorded((e) => e.kind === 'submit' && e.dest.endsWith(h.phone))).filter((e) => e.kind === 'submit');
	assert.ok(submits.length > 0 && submits.every((e) => e.source === '10690001'), 'texts come from the short code');
	// default_alphabet = "gsm7": octet 0x04 is è there, and no letter in any other alphabet.
	await w.say('+8613811110002', 'è', /./);
	await w.text('+8613811110002', 'è', { encoding: 'gsm7' });
	await w.next('+8613811110002');
	assert.deepEqual((await w.json('message', 'list', '--phone', '+8613811110002')).filter((m) => m.direction === 'in').map((m) => m.text), ['è', 'è']);
	// message_id = "auto", receipts = true: receipts that write the number the other way find their text.
	await w.faults({ 'id-style': 'hex', 'receipt-id': 'other' });
	const end = await recordEnd();
	await w.say(h.e164, 'HELP', /./);
	await recorded((e) => e.kind === 'answered', end);
	await w.stopDaemon();
	assert.deepEqual([...new Set((await w.json('message', 'list', '--phone', h.e164)).filter((m) => m.direction === 'out').map((m) => m.state))], ['delivered']);
	await w.faults({ reset: true, 'receipt-delay': 1 });

	writeSample(['bind = "transceiver"', 'bind = "transmitter+receiver"'], ['Asia/Shanghai', NOON]);
	const again = await recordEnd();
	await start();
	const binds = [];
	await recorded((e) => { if (e.kind === 'bind') binds.push(e.note); return binds.length === 2; }, again);
	assert.deepEqual(binds.map((n) => n.match(/transmitter|receiver/)[0]).sort(), ['receiver', 'transmitter']);
	await w.say(h.e164, 'HELP', /./);
	await w.stopDaemon();
});

test('the days left are those of the bureau’s own calendar', async () => {
	writeSample(['"Asia/Shanghai"', `"${OTHER_DAY}"`], ['"09:00-20:00"', '"00:00-24:00"']);
	await start();
	const h = wendeng(302);
	await w.must('import', 'licences', w.csv('days.csv', h.rows));
	await w.json('scan');
	const text = await w.next(h.e164, /还有\d+天/);
	const expected = await w.sql(`SELECT data->>'days_left' FROM trail t JOIN application a ON a.id = t.application_id JOIN licence l ON l.id = a.licence_id
		WHERE l.licence_no = '${h.licences[0]}' AND t.kind = 'due'`);
	assert.equal(text.match(/还有(\d+)天/)[1], expected);
	await w.stopDaemon();
});

test('items, country and languages of the sample: what is not offered is refused, phones may be written three ways', async () => {
	writeSample();
	const rows = ['+8613822220001', '8613822220002', '13822220003'].map((phone, i) => wendeng(310 + i, { phone, days: 300 }).rows[0]);
	const other = wendeng(319, { item: 'grain-purchase-renewal' }).rows[0];
	const french = wendeng(318, { language: 'fr' }).rows[0];
	const r = await w.cli('--json', 'import', 'licences', w.csv('offered.csv', [...rows, other, french]));
	assert.equal(r.code, 1);
	const told = JSON.parse(r.stdout);
	assert.equal(told.new, 3);
	assert.deepEqual(told.faults.map((f) => [f.row, f.column]), [[5, 'item'], [6, 'language']]);
	assert.match(told.faults[0].fault, /not offered at this bureau/);
	assert.equal(await w.sql("SELECT string_agg(phone, ' ' ORDER BY phone) FROM holder WHERE phone LIKE '+861382222000%'"),
		'+8613822220001 +8613822220002 +8613822220003');
	// Without `items` the bureau offers the whole catalogue, and every code of it may stand in the CSV.
	writeSample([/ {3}items = \{"food.*\n/.exec(SAMPLE)[0], '\n']);
	await w.must('init');
	const codes = readFileSync(join(root, 'tests/unit/gateway/items.csv'), 'utf8').trim().split('\n').slice(1).map((l) => l.split(',')[0]);
	const all = [...new Set(codes)].map((item, i) => wendeng(330 + i, { item, days: 300 }).rows[0]);
	assert.ok(all.length >= 20);
	assert.equal((await w.json('import', 'licences', w.csv('all.csv', all))).new, all.length);
	writeSample();
	await w.must('init');
});

// ---- CSV ----------------------------------------------------------------------------------------------------------------

const HEADER = 'bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags';
const csvRow = (r) => r.map((c) => (/[",\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',');
const iconv = (text) => run('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], { input: text, encoding: 'buffer' }).then((r) => r.stdout);

test('CSV: UTF-8 with and without BOM, GB18030, columns in any order, twice is once', async () => {
	const h = wendeng(360, { days: 300, name: '文登区㐂荣堂饭店', address: '文登区米山路1号,东厅"甲"' });
	const rows = h.rows.map(csvRow);
	const file = join(w.dir, 'forms.csv');
	const importing = async (content, name = file) => {
		writeFileSync(name, content);
		return w.json('import', 'licences', name);
	};
	const first = await importing(`${HEADER}\n${rows[0]}\n`);
	assert.deepEqual([first.encoding, first.new, first.changed, first.unchanged], ['UTF-8', 1, 0, 0]);
	const same = async (content, encoding) => {
		const before = await w.sql('SELECT md5(string_agg(h::text, $$|$$ ORDER BY id)) FROM holder h') + await w.sql('SELECT md5(string_agg(l::text, $$|$$ ORDER BY id)) FROM licence l');
		const again = await importing(content);
		assert.deepEqual([again.encoding, again.new, again.changed, again.unchanged], [encoding, 0, 0, 1]);
		assert.equal(await w.sql('SELECT md5(string_agg(h::text, $$|$$ ORDER BY id)) FROM holder h') + await w.sql('SELECT md5(string_agg(l::text, $$|$$ ORDER BY id)) FROM licence l'), before, 'nothing changed, not even a time');
	};
	await same(`${HEADER}\n${rows[0]}\n`, 'UTF-8');
	await same(`\ufeff${HEADER}\r\n${rows[0]}\r\n`, 'UTF-8');
	await same(await iconv(`${HEADER}\r\n${rows[0]}\r\n`), 'GB18030');
	const order = HEADER.split(',').map((name, i) => [name, h.rows[0][i]]).reverse();
	await same(`${order.map((o) => o[0]).join(',')}\n${csvRow(order.map((o) => o[1]))}\n`, 'UTF-8');
	// As spreadsheets save "Unicode text", and with what some countries write between the cells.
	const parted = (by) => [HEADER.split(','), h.rows[0]].map((r) => r.map((c) => (/["\n,;]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(by)).join('\r\n') + '\r\n';
	await same(Buffer.from(`\ufeff${parted('\t')}`, 'utf16le'), 'UTF-16');
	await same(Buffer.from(`\ufeff${parted(';')}`, 'utf16le').swap16(), 'UTF-16');
	await same(parted(';'), 'UTF-8');
	assert.equal(await w.sql(`SELECT name FROM holder WHERE phone = '${h.e164}'`), '文登区㐂荣堂饭店');
});

test('CSV: faults by the spreadsheet’s rows and columns, all at once; good rows go in, bad ones beside the file', async () => {
	const [good, late] = [wendeng(370, { days: 300, address: '两行\n的地址' }), wendeng(371, { days: 300 })];
	const bad = wendeng(372, { days: 300 }).rows[0];
	bad[3] = '=HYPERLINK("http://x")'; // a name that a spreadsheet would run
	const spoil = (i, value) => bad.map((c, k) => (k === i ? value : k === 2 ? `${c}-${i}` : c));
	const file = join(w.dir, 'faults.csv');
	// The cell with a line end in row 2 counts as one row, as in a spreadsheet.
	writeFileSync(file, [HEADER, csvRow(good.rows[0]), csvRow(spoil(0, 'nowhere')), csvRow(spoil(4, 'a12')), csvRow(spoil(7, '2026-02-30')),
		csvRow(late.rows[0])].join('\n') + '\n');
	const r = await w.cli('import', 'licences', file);
	assert.equal(r.code, 1);
	assert.match(r.stderr, /^row 3, column bureau: "nowhere" .+$/m);
	assert.match(r.stderr, /^row 4, column phone: "a12" .+$/m);
	assert.match(r.stderr, /^row 5, column expires_on: "2026-02-30" .+$/m);
	assert.match(r.stdout, /5 rows \(UTF-8\): 2 new, 0 changed, 0 unchanged, 3 refused/);
	const rejected = readFileSync(join(w.dir, 'faults.rejected.csv'), 'utf8');
	assert.equal(rejected.trim().split('\r\n').length, 4);
	assert.ok(rejected.startsWith(`\ufeff${HEADER},fault`));
	assert.equal(rejected.split('"\'=HYPERLINK(""http://x"")"').length, 4, 'it does not run there either');
	// Corrected there, that file can be imported as it is.
	writeFileSync(join(w.dir, 'faults.rejected.csv'), rejected.replace('nowhere', 'wendeng').replace('a12', '13822229999').replaceAll('2026-02-30', day(300)));
	assert.equal((await w.json('import', 'licences', join(w.dir, 'faults.rejected.csv'))).new, 3);
	assert.equal(await w.sql(`SELECT count(*) FROM holder WHERE name = '=HYPERLINK("http://x")'`), '1');
	// What a command writes is its owner's alone.
	const report = join(w.dir, 'report.csv');
	await w.must('report', '--csv', report);
	assert.equal(statSync(report).mode & 0o777, 0o600);
});

// ---- Every command's JSON, on one real talk --------------------------------------------------------------------------------

// One JSON document on standard output and nothing else, exit 0.
async function document(...args) {
	const r = await w.cli('--json', ...args);
	assert.equal(r.code, 0, `${args.join(' ')} -> ${r.code}\n${r.stderr}`);
	return JSON.parse(r.stdout);
}
async function list(keys, ...args) {
	const rows = await document(...args);
	assert.ok(Array.isArray(rows), `${args.join(' ')} is no array`);
	assert.ok(rows.length > 0, `${args.join(' ')} is empty`);
	for (const row of rows) for (const k of keys) assert.ok(k in row, `${args.join(' ')} lacks ${k}: ${JSON.stringify(row)}`);
	return rows;
}

test('every command prints one JSON document in the words of the house', async () => {
	writeSample(['"09:00-20:00"', '"00:00-24:00"']);
	for (const k of ['schema', 'bureaus', 'items']) assert.ok(k in await document('init'));
	assert.equal((await document('keygen')).made, 0);
	await start();
	const [h, second] = [wendeng(380), wendeng(381)];
	const { imported, scanned } = await (async () => {
		const file = w.csv('walk.csv', [...h.rows, ...second.rows]);
		const dry = await document('import', 'licences', file, '--dry-run');
		assert.deepEqual([dry.dry_run, dry.new], [true, 2]);
		const i = await document('import', 'licences', file);
		assert.equal((await document('scan', '--dry-run')).reminders, 2);
		assert.equal((await document('scan', '--date', day(-300), '--dry-run')).reminders, 0);
		return { imported: i, scanned: await document('scan', '--date', day(0)) };
	})();
	assert.equal(imported.new, 2);
	assert.equal(scanned.reminders, 2);
	await w.next(h.e164, /回复 Y/);
	const verify = await w.say(h.e164, 'Y', /核实身份/);
	const code = verify.match(/代码(\d{8})/)[1];
	const token = await document('token', 'verify', code);
	for (const k of ['bureau', 'conversation', 'phone', 'purpose', 'expires_at']) assert.ok(k in token, k);
	await document('token', 'verify', code, '--prove', '--id', h.last6, '--staff', 'chen');
	await w.next(h.e164, /身份已核实/);
	for (const [say, answer] of [['Y', /旧证/], ['1', /新证/], ['1', /申请已提交/]]) await w.say(h.e164, say, answer);

	const applications = await list(['id', 'bureau', 'item', 'holder', 'licence_no', 'phone', 'status', 'expires_on', 'conversation'], 'application', 'list');
	const id = String(applications.find((a) => a.phone === h.e164).id);
	assert.ok(!Array.isArray(await document('application', 'show', id)));
	await list(['bureau', 'list', 'application', 'phone', 'reason'], 'worklist');
	await list(['bureau', 'list', 'application', 'phone', 'reason'], 'worklist', 'approve');
	assert.equal((await document('application', 'decide', id, 'approve', '--staff', 'chen')).status, 'approved');
	await w.next(h.e164, /通过/);
	assert.equal((await document('application', 'send', id, '--staff', 'chen')).status, 'ready');
	const pickup = (await w.next(h.e164, /取件码/)).match(/取件码(\d+)/)[1];
	assert.equal((await document('application', 'collect', id, '--code', pickup, '--staff', 'chen')).status, 'collected');
	await w.next(h.e164, /领取/);

	const talk = await document('conversation', 'show', h.phone);
	for (const k of ['bureau', 'phone', 'step', 'language', 'applications', 'messages']) assert.ok(k in talk, k);
	await list(['bureau', 'phone', 'direction', 'text', 'link', 'state', 'parts', 'conversation'], 'message', 'list');
	const texts = await list(['bureau', 'phone', 'direction', 'text'], 'message', 'list', '--phone', h.phone);
	assert.ok(texts.every((t) => t.phone === h.e164));
	await list(['bureau', 'application', 'conversation', 'actor', 'kind', 'at'], 'trail', 'show', id);
	assert.equal((await document('trail', 'verify')).good, true);
	assert.equal((await document('trail', 'verify', id)).good, true);
	await list(['link', 'state', 'host', 'error'], 'link', 'status');

	await w.stopDaemon(); // a campaign with nobody to remind is done as soon as a daemon sees it
	const c = String((await document('campaign', 'create', 'spring', '--item', 'food-business-renewal')).id);
	await list(['bureau', 'id', 'name', 'status', 'item'], 'campaign', 'list');
	assert.equal((await document('campaign', 'show', c)).name, 'spring');
	assert.equal((await document('campaign', 'start', c)).status, 'running');
	assert.equal((await document('campaign', 'pause', c)).status, 'paused');
	assert.equal((await document('campaign', 'resume', c)).status, 'running');
	assert.equal((await document('campaign', 'stop', c)).status, 'stopped');
	await start();

	await list(['dialog', 'version', 'languages'], 'dialog', 'check');
	for (const verb of ['print', 'graph']) assert.ok(!Array.isArray(await document('dialog', verb, 'renewal')));
	const played = await w.cli('--json', 'dialog', 'play', 'renewal', '--language', 'zh', { input: 'start\n< Y\n= step verify\n' });
	assert.equal(played.code, 0, played.stderr);
	assert.ok(JSON.parse(played.stdout).lines.includes('= effect consent'), played.stdout);
	const talkFile = join(w.dir, 'talk.chat');
	writeFileSync(talkFile, readFileSync('tests/dialogs/renewal_by_text.chat', 'utf8').replace(/^dialog renewal zh\n/m, ''));
	const chat = await w.cli('--json', 'dialog', 'play', 'renewal', talkFile, '--language', 'zh');
	assert.equal(chat.code, 0, chat.stderr);
	assert.equal(JSON.parse(chat.stdout).good, true);
	assert.equal((await w.cli('--json', 'dialog', 'graph', 'renewal', '--svg')).code, 2, 'a picture is no JSON document');

	const staff = await w.cli('--json', 'staff', 'add', 'chen', '--role', 'clerk', { input: 'a long password\n' });
	assert.equal(staff.code, 0, staff.stderr);
	assert.equal(JSON.parse(staff.stdout).added, true);
	assert.match((await document('apikey', 'add', 'erp', '--scope', 'read')).key, /^hz_/);
	const changes = join(w.dir, 'changes.csv');
	writeFileSync(changes, `bureau,licence_no,id_number,changed_on,field,old,new\nwendeng,${h.licences[0]},,${day(-1)},legal_representative,甲,乙\n`);
	assert.equal((await document('import', 'changes', changes)).new, 1);

	// Refused is exit 1 with nothing on standard output, whatever was asked for.
	for (const args of [['application', 'show', '999999'], ['campaign', 'show', '999'], ['trail', 'show', '999999'], ['conversation', 'show', '13900000000'],
		['import', 'licences', '/no/such.csv'], ['application', 'decide', id, 'approve'], ['worklist', '--bureau', 'nowhere']]) {
		const r = await w.cli('--json', ...args);
		assert.equal(r.code, 1, `${args.join(' ')} -> ${r.code}`);
		assert.equal(r.stdout, '', args.join(' '));
		assert.match(r.stderr, /^huizhi: .+\n$/, args.join(' '));
	}
});

// ---- HTTP ---------------------------------------------------------------------------------------------------------------

test('public addresses: /, /r/TOKEN, its QR code as SVG and PNG', async () => {
	const h = wendeng(390);
	await w.must('import', 'licences', w.csv('page.csv', h.rows));
	await w.json('scan');
	await w.next(h.e164);
	const path = new URL((await w.say(h.e164, 'Y', /核实身份/)).match(/https:\S+/)[0]).pathname;
	assert.match(path, /^\/r\/[\w-]+$/);
	const get = async (p) => { const r = await fetch(w.publicUrl + p); return { status: r.status, type: r.headers.get('content-type'), body: Buffer.from(await r.arrayBuffer()) }; };
	const home = await get('/');
	assert.deepEqual([home.status, home.type], [200, 'text/html; charset=utf-8']);
	assert.match(home.body.toString(), /<input[^>]*name="?code/);
	const page = await get(path);
	assert.deepEqual([page.status, page.type], [200, 'text/html; charset=utf-8']);
	const svg = await get(`${path}/qr.svg`);
	assert.deepEqual([svg.status, svg.type], [200, 'image/svg+xml']);
	assert.match(svg.body.toString(), /<svg[\s>]/);
	const png = await get(`${path}/qr.png`);
	assert.deepEqual([png.status, png.type], [200, 'image/png']);
	assert.equal(png.body.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
	for (const p of ['/metrics', '/readyz', '/api/v1/openapi.json']) assert.equal((await get(p)).status, 404, `${p} is for staff`);
});

test('staff addresses: /, /api/v1, /metrics, /healthz, /readyz', async () => {
	const get = (p, options) => fetch(w.staffUrl + p, { redirect: 'manual', ...options });
	assert.ok([200, 302, 303].includes((await get('/')).status));
	const followed = await fetch(`${w.staffUrl}/`);
	assert.equal(followed.status, 200);
	assert.match(await followed.text(), /<form|<main/);
	const openapi = await (await get('/api/v1/openapi.json')).json();
	assert.match(openapi.openapi, /^3\./);
	// What the description names is there, and asks who one is.
	const key = (await w.json('apikey', 'add', 'reader', '--scope', 'read')).key;
	const paths = Object.entries(openapi.paths).filter(([p, ops]) => ops.get && !p.includes('{') && !p.endsWith('openapi.json'));
	assert.ok(paths.length > 0);
	for (const [p] of paths) {
		const address = p.startsWith('/api/v1') ? p : `/api/v1${p}`;
		if ((await get(address)).status === 200) assert.fail(`${address} answers anybody`);
		const r = await get(address, { headers: { Authorization: `Bearer ${key}` } });
		assert.equal(r.status, 200, `${address} with a key`);
		await r.json();
	}
	assert.equal((await get('/healthz')).status, 200);
	const ready = await get('/readyz');
	assert.equal(ready.status, 200);
	assert.equal((await ready.json()).ready, true);
	const metrics = await get('/metrics');
	assert.match(metrics.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
	for (const l of (await metrics.text()).trimEnd().split('\n')) assert.match(l, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^}]*\})? -?[0-9.e+]+)$/);
});

// ---- Signals ------------------------------------------------------------------------------------------------------------

test('SIGHUP reads templates and configuration again; what is broken is told and not taken', async () => {
	// Each asks from a phone of its own: the same words again at once may be a second delivery, and get the same answer.
	await w.stopDaemon();
	const folder = join(w.dir, 'own-templates');
	cpSync(join(root, 'templates'), folder, { recursive: true });
	writeSample(['"templates"', `"${folder}"`]);
	await start();
	await w.say('+8613811110003', '帮助', /这里是/);
	const common = readFileSync(join(folder, 'common.zh.txt'), 'utf8');
	writeFileSync(join(folder, 'common.zh.txt'), common.replace('[help parts=3]\n这里是', '[help parts=3]\n欢迎来到'));
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(/templates read again/);
	await w.say('+8613811110003', '帮助', /欢迎来到/);
	// Broken: every fault with file and line, and the texts go on as before.
	const from = w.daemon.lines.length;
	writeFileSync(join(folder, 'common.zh.txt'), common.replace(/\[help parts=3\]\n.*\n/, ''));
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(/\.(dlg|txt):\d+: .*help/, { from });
	await w.daemon.line(/templates not taken over/, { from });
	await w.say('+8613811110003', '帮助', /欢迎来到/);
	// A configuration that cannot be read is not taken; one that needs a restart says so, key by key.
	writeFileSync(join(folder, 'common.zh.txt'), common);
	const conf = readFileSync(w.conf, 'utf8');
	writeFileSync(w.conf, conf.replace('window = 64', 'windows = 64'));
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(/huizhi\.conf:\d+: .*windows/, { from });
	await w.daemon.line(/configuration not taken over/, { from });
	const last = w.daemon.lines.length;
	writeFileSync(w.conf, conf.replace('window = 64', 'window = 32'));
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(/window/, { from: last });
	await w.daemon.line(/need a restart/, { from: last });
	await w.daemon.line(/templates read again/, { from: last });
	await w.say('+8613811110003', '帮助', /这里是/);
});

test('SIGTERM drains, then unbinds, then ends with 0', async () => {
	const from = await recordEnd();
	await w.faults({ delay: 1500 });
	await w.text('+8613811110004', '帮助');
	await recorded((e) => e.kind === 'submit' && e.dest.endsWith('13811110004'), from);
	assert.equal(await w.sql("SELECT count(*) > 0 FROM text_leaving WHERE phone = '+8613811110004' AND lease_owner <> ''"), 't', 'under way');
	assert.equal(await w.daemon.end('SIGTERM'), 0);
	const seen = await recorded((e) => e.kind === 'close', from);
	const at = (kind) => seen.findIndex((e) => e.kind === kind);
	assert.ok(at('submit') >= 0 && at('unbind') > at('submit'), JSON.stringify(seen));
	assert.equal(await w.sql("SELECT count(*) FROM text_leaving WHERE lease_owner <> ''"), '0', 'every text had its response before the link was left');
	assert.match(seen[at('unbind')].note, /./);
});
