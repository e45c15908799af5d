// Bad input, on the real programs: each kind gets the error or the text that a person would want, and nothing else stops.
// While each fault lasts, goesOn() lets somebody else's conversation take a step.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUREAU, PATIENCE, World, build, cookiesOf, freePort, huizhi, root, run } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';
import { NodeCarrier } from '../lib/node_carrier.mjs';
import { fullToken } from '../lib/tokens.mjs';

const SECOND = `bureau "haikou" {
	id = 2
	name = "海口市行政审批服务局"
	signature = "【海口审批】"
	short_code = "10690002"
	links = {"node"}
	languages = {"zh", "en"}
	send_hours = "00:00-24:00"
	scan_at = ""
}
`;
const backoff = 'backoff_min_ms = 50\n\tbackoff_max_ms = 200';
const link = (name, port, password, more) => `link "${name}" {\n\thosts = {"127.0.0.1:${port}"}\n\tsystem_id = "huizhi"\n\tpassword = "${password}"\n\t${more}\n}\n`;

let w, node, templates, companions;
before(async () => {
	node = await NodeCarrier.start();
	w = await World.start({ daemon: false, bureaus: BUREAU + SECOND, conf: link('node', node.port, 'secret', backoff) });
	// Links that never come up, beside the good ones: one that nobody listens at, one with a wrong password.
	templates = join(w.dir, 'own-templates');
	cpSync(join(root, 'templates'), templates, { recursive: true });
	writeFileSync(w.conf, readFileSync(w.conf, 'utf8').replace('public {', 'public { proxy = 1 ').replace(/^templates = .*$/m, `templates = "${templates}"`) +
		link('closed', await freePort(), 'secret', backoff) + link('locked', w.smppPort, 'wrong', 'backoff_min_ms = 50\n\tbackoff_max_ms = 60000'), { mode: 0o600 });
	await w.startDaemon();
	await node.bound;
	companions = Array.from({ length: 40 }, (_, i) => holder(700 + i));
	await remind(w, companions);
});
after(async () => { await w?.stop(); await node?.stop(); });

// Another citizen's conversation takes a step, whatever is wrong elsewhere.
async function goesOn() {
	const h = companions.pop();
	await w.say(h.e164, 'Y', /核实身份/);
	return h;
}

// A citizen who has replied: phone, link and code.
let index = 800;
async function invited(language = 'zh') {
	const h = holder(index++, { language });
	await remind(w, [h]);
	const text = await w.say(h.e164, 'Y', /\/r\//);
	h.path = new URL(text.match(/http:\/\/[^\s，]+\/r\/[\w-]+/)[0]).pathname;
	h.code = text.match(/(?<!\d)\d{8}(?!\d)/)[0];
	return h;
}
const grantOf = (h) => `(SELECT g.id FROM access_grant g JOIN conversation c ON c.id = g.conversation_id WHERE c.phone = '${h.e164}' ORDER BY g.id DESC LIMIT 1)`;

// ---- The command line and its files ---------------------------------------------------------------------------------

test('CSV: unknown bureau and item, bad phone, bad dates, duplicates: told all at once; the good rows go in', async () => {
	const base = holder(1).rows[0];
	const columns = ['bureau', 'item', 'licence_no', 'holder', 'phone', 'language', 'issued_on', 'expires_on', 'id_number', 'address', 'tags'];
	const row = (n, changes) => columns.map((c, i) => changes[c] ?? (c === 'licence_no' ? `JY-BAD-${n}` : base[i]));
	const spoilt = [
		[{ bureau: 'nirgends' }, 'bureau', /bureau/],
		[{ item: 'moon-landing-renewal' }, 'item', /no item of the catalogue/],
		[{ phone: '12' }, 'phone', /no telephone number/],
		[{ phone: '138-0000-000x' }, 'phone', /no telephone number/],
		[{ expires_on: '2026-13-01' }, 'expires_on', /does not exist/],
		[{ expires_on: 'soon' }, 'expires_on', /is no date; write it .*2026-12-31/],
		[{ issued_on: '2023-02-29' }, 'issued_on', /does not exist/],
		[{ licence_no: 'JY-BAD-0' }, 'licence_no', /is in row 2 already/],
		[{ licence_no: '' }, 'licence_no', /is empty/],
		[{ id_number: base[8].slice(0, 17) + (base[8][17] === '0' ? '1' : '0') }, 'id_number', /wrong check character/],
	];
	const file = w.csv('bad.csv', [row(0, {}), ...spoilt.map(([change], i) => row(i + 1, change)), row(99, { bureau: 'nirgends', phone: '12', expires_on: 'x' }), row(100, {})]);
	const r = await w.cli('--json', 'import', 'licences', file);
	assert.equal(r.code, 1);
	const told = JSON.parse(r.stdout);
	assert.deepEqual([told.new, told.refused], [2, spoilt.length + 1]);
	spoilt.forEach(([, column, pattern], i) => {
		const f = told.faults.find((x) => x.row === i + 3);
		assert.equal(f?.column, column, JSON.stringify(f));
		assert.match(f.fault, pattern);
	});
	const many = told.faults.filter((f) => f.row === spoilt.length + 3).map((f) => f.column);
	assert.deepEqual(many.filter((c) => c !== 'phone').sort(), ['bureau', 'expires_on'], 'every fault of one row');
	assert.equal(await w.sql("SELECT string_agg(licence_no, ' ' ORDER BY licence_no) FROM licence WHERE licence_no LIKE 'JY-BAD-%'"), 'JY-BAD-0 JY-BAD-100');
	assert.equal(readFileSync(join(w.dir, 'bad.rejected.csv'), 'utf8').trim().split('\r\n').length, spoilt.length + 2);
	await goesOn();
});

test('CSV: files that are none, headers that do not fit, lines torn apart', async () => {
	const header = 'bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags';
	const good = holder(2).rows[0].join(',');
	const importing = async (content) => {
		const file = join(w.dir, 'broken.csv');
		writeFileSync(file, content);
		return w.cli('import', 'licences', file);
	};
	for (const [content, pattern] of [
		['', /the file is empty; its first row must be the header/],
		['\n\n\n', /no header row/],
		[`${header.replace('expires_on', 'until')}\n${good}\n`, /unknown column until; missing column expires_on; the header must be: bureau,item,/],
		[`${header},phone\n${good},1\n`, /twice the column phone/],
		[`${header.replaceAll(',', '|')}\n`, /unknown column|missing column/],
		[good, /unknown column|missing column/],
		[Buffer.from([0x50, 0x4b, 3, 4, 0x14, 0, 6, 0, 8, 0, 0, 0, 0x21, 0, 0xff, 0xfe]), /./],
	]) {
		const r = await importing(content);
		assert.equal(r.code, 1, `${content} -> ${r.stdout}${r.stderr}`);
		assert.match(r.stderr, pattern);
		assert.match(r.stderr, /^huizhi: .+\n$/, 'one sentence');
		assert.equal(r.stdout, '');
	}
	// A quote that never ends, a cell too many, a cell too few: their rows are named, the rows around them go in.
	const rows = [1, 2, 3].map((n) => holder(10 + n).rows[0].join(','));
	const torn = await importing(`${header}\n${rows[0]}\nyiyuan,"food-business-renewal,x\nyiyuan,a,b\n${rows[1]},more,cells\n${rows[2]}\n`);
	assert.equal(torn.code, 1);
	for (const pattern of [/^row 3.*quot/m, /^row 4: .*the row has 3 cells, the header 11/m, /^row 5: .*the row has 13 cells/m]) assert.match(torn.stderr, pattern);
	assert.match(torn.stdout, /5 rows .*: 2 new, .* 3 refused/);
	const none = await w.cli('import', 'licences', '/no/such.csv');
	assert.equal(none.code, 1);
	assert.match(none.stderr, /^huizhi: cannot (read|open) \/no\/such\.csv: No such file or directory\n$/);
	await goesOn();
});

test('commands: unknown bureau and item, bad phone, bad date', async () => {
	const y = ['--bureau', 'yiyuan'];
	for (const [code, pattern, ...args] of [
		[1, /there is no bureau "nirgends"/, 'application', 'list', '--bureau', 'nirgends'],
		[1, /there is no bureau "nirgends"/, 'scan', '--bureau', 'nirgends'],
		[1, /item/, 'scan', '--item', 'moon-landing-renewal', ...y],
		[1, /item "moon-landing-renewal"/, 'campaign', 'create', 'x', '--item', 'moon-landing-renewal', ...y],
		[1, /"12" is no telephone number/, 'conversation', 'show', '12', ...y],
		[1, /"abc" is no telephone number/, 'message', 'list', '--phone', 'abc', ...y],
		[2, /"2026-02-30" is a day that does not exist/, 'scan', '--date', '2026-02-30', ...y],
		[2, /"tomorrow" is no (day|date)/, 'scan', '--date', 'tomorrow', ...y],
		[1, /there is no application 999999/, 'application', 'show', '999999', ...y],
	]) {
		const r = await w.cli(...args);
		assert.equal(r.code, code, `${args.join(' ')} -> ${r.code}\n${r.stdout}${r.stderr}`);
		assert.match(r.stderr, pattern, args.join(' '));
		assert.equal(r.stdout, '', args.join(' '));
	}
	await goesOn();
});

// ---- Dialogs ----------------------------------------------------------------------------------------------------------

test('a broken dialog, a missing wording: each fault with file and line, all at once, by -n, dialog check and SIGHUP', async () => {
	const folder = join(w.dir, 'broken-templates');
	cpSync(join(root, 'templates'), folder, { recursive: true });
	const edit = (name, ...changes) => {
		let text = readFileSync(join(folder, name), 'utf8');
		for (const [from, to] of changes) { assert.ok(text.includes(from), `${name}: ${from}`); text = text.replace(from, to); }
		writeFileSync(join(folder, name), text);
	};
	const lineOf = (name, part) => readFileSync(join(folder, name), 'utf8').split('\n').findIndex((l) => l.includes(part)) + 1;
	edit('renewal.dlg', ['-> old_certificate  do confirm\n', '-> nowhere  do confirm\n'], ['  silent 14d           -> unreachable\n', ''],
		['-> same         do new_link               #', '-> same         do magic                  #']);
	edit('renewal.zh.txt', ['[delivery parts=2]', '[delivery_gone parts=2]']);
	edit('renewal.en.txt', ['[rating parts', '[rating_gone parts']);
	edit('change.zh.txt', ['[verify parts=2]\n', '[verify parts=2]\n{nonsense}']);
	const conf = join(w.dir, 'broken.conf');
	writeFileSync(conf, readFileSync(w.conf, 'utf8').replace(/^templates = .*$/m, `templates = "${folder}"`), { mode: 0o600 });
	const expected = [
		new RegExp(`renewal\\.dlg:${lineOf('renewal.dlg', '-> nowhere')}: .*nowhere`),
		new RegExp(`renewal\\.dlg:${lineOf('renewal.dlg', 'do magic')}: .*magic`),
		new RegExp(`renewal\\.dlg:${lineOf('renewal.dlg', 'step phone_list')}: .*silent`),
		/renewal\.(dlg|zh\.txt):\d+: .*delivery/,
		/renewal\.(dlg|en\.txt):\d+: .*rating/,
		/change\.zh\.txt:\d+: .*nonsense/,
	];
	for (const [file, args] of [['huizhid', ['-c', conf, '-n']], ['huizhi', ['-c', conf, 'dialog', 'check']]]) {
		const r = await run(join(build, file), args, { cwd: root });
		assert.equal(r.code, 1, r.stdout);
		for (const pattern of expected) assert.match(r.stderr, pattern, file);
		assert.equal(r.stdout, '');
		for (const line of r.stderr.trim().split('\n')) assert.match(line, /^\S+\.(dlg|txt):\d+: \S/, 'file and line at each');
	}
	// A daemon that is told to read it goes on with what it had, in the middle of conversations.
	const h = await goesOn();
	rmSync(templates, { recursive: true });
	cpSync(folder, templates, { recursive: true });
	const from = w.daemon.lines.length;
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(/templates not taken over/, { from });
	for (const pattern of expected) await w.daemon.line(pattern, { from });
	await w.say(h.e164, 'Y', /核实身份/);
	await goesOn();
	rmSync(templates, { recursive: true });
	cpSync(join(root, 'templates'), templates, { recursive: true });
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(/templates read again/, { from });
});

// ---- Keys and database --------------------------------------------------------------------------------------------------

test('a key file that others may read: daemon, check and command say which and what to do', async () => {
	const key = join(w.dir, 'keys/mac.1.key');
	const said = new RegExp(`key file ${key} has mode 0644, so others may read it; run: chmod 600 ${key}`);
	chmodSync(key, 0o644);
	try {
		for (const [file, args] of [['huizhid', ['-c', w.conf]], ['huizhid', ['-c', w.conf, '-n']], ['huizhi', ['-c', w.conf, 'token', 'verify', '12345678']]]) {
			const r = await run(join(build, file), args, { cwd: root });
			assert.equal(r.code, 1, `${file} ${args} ${r.stdout}`);
			assert.match(r.stderr, said);
			assert.doesNotMatch(r.stdout, /is good/);
		}
		await goesOn(); // the daemon that runs has its keys
	} finally {
		chmodSync(key, 0o600);
	}
});

test('no database at the start: daemon and command say so in a sentence', async () => {
	const away = join(w.dir, 'away.conf');
	writeFileSync(away, readFileSync(w.conf, 'utf8').replace(/^database = .*$/m, 'database = "host=/no/such/folder dbname=x"'), { mode: 0o600 });
	const d = await run(join(build, 'huizhid'), ['-c', away], { cwd: root });
	assert.equal(d.code, 1);
	assert.match(d.stderr, new RegExp(`could not connect to the database: .*/no/such/folder.*check \`database\` in ${away}`));
	const c = await huizhi('-c', away, 'application', 'list');
	assert.equal(c.code, 1);
	assert.match(c.stderr, /^huizhi: could not reach the database: .*\/no\/such\/folder.*\n$/);
	await goesOn();
});

// ---- Carriers -----------------------------------------------------------------------------------------------------------

// Waits until `link status` says what is looked for; the daemon writes it down at each change.
async function linkStatus(name, fits) {
	const from = Date.now();
	for (;;) {
		const l = (await w.json('link', 'status')).find((x) => x.link === name);
		if (l && fits(l)) return l;
		if (Date.now() - from > PATIENCE * 1000) throw new Error(`link status never said it: ${JSON.stringify(l)}`);
	}
}

test('a carrier that is not there: the daemon keeps trying, link status says why, the others work', async () => {
	await w.daemon.line(/link=closed .*refused/i);
	const l = await linkStatus('closed', (x) => /refused/i.test(x.error));
	assert.ok(['waiting', 'connecting'].includes(l.state), l.state);
	const from = w.daemon.lines.length;
	for (let i = 0, at = from; i < 3; i++) { // again and again
		await w.daemon.line(/link=closed .*state=connecting/, { from: at });
		at = w.daemon.lines.findIndex((x, n) => n >= at && /link=closed .*state=connecting/.test(x)) + 1;
	}
	assert.equal((await linkStatus('east', () => true)).state, 'bound');
	await goesOn();
});

test('a wrong password: a loud line that says what to check, a slow retry, link status shows it', async () => {
	await w.daemon.line(/ error link=locked .*system_id=huizhi status=0x0e alarm: bind refused: .*; check system_id, password/);
	const l = await linkStatus('locked', (x) => /bind refused/.test(x.error));
	assert.equal(l.state, 'waiting');
	assert.match(l.error, /password.*0x0e/i);
	assert.match(l.alarm, /bind refused: invalid password \(0x0e\); check system_id, password/);
	const figures = await (await fetch(`${w.staffUrl}/metrics`)).text();
	assert.match(figures, /^huizhi_link_alarm\{link="locked"\} 1$/m);
	assert.match(figures, /^huizhi_link_alarm\{link="east"\} 0$/m);
	assert.ok(!w.daemon.lines.some((x) => /wrong|secret/.test(x)), 'the password is in no log');
	const table = await w.must('link', 'status');
	assert.match(table, /locked.*bind refused/);
	await goesOn();
});

test('the carrier goes away in the middle: link status says so; what was said meanwhile arrives when it is back', async () => {
	const h = companions.pop();
	const port = w.smppPort;
	const from = w.daemon.lines.length;
	await w.carrier.end('SIGTERM');
	await w.daemon.line(/link=east .*state=waiting/, { from });
	const l = await linkStatus('east', (x) => x.state !== 'bound' && x.error !== '');
	assert.ok(l.error.length > 5);
	const ready = await fetch(`${w.staffUrl}/readyz`);
	assert.ok((await ready.json()).links.some((x) => x.link === 'east' && x.state !== 'bound' && x.error !== ''));
	// The other carrier's citizens are answered.
	assert.equal(await node.deliver({ source_addr: '8613711110001', destination_addr: '10690002', short_message: 'HELP' }), 0);
	assert.match(await node.next('8613711110001'), /海口/);
	await w.startCarrier(port);
	await w.say(h.e164, 'Y', /核实身份/);
});

// ---- Links, codes, answers ------------------------------------------------------------------------------------------------

const TITLES = {
	unreadable: ['网址不完整', 'The address is not complete'], altered: ['网址不正确', 'The address is not right'],
	foreign: ['这里不办理这件事', 'This is not handled here'], expired: ['网址已过期', 'The address has expired'],
	revoked: ['已经有更新的网址', 'There is a newer address'], used: ['这个网址已经用过了', 'This address has been used'],
};
const strip = (html) => html.replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ');

// The page says it in its language: the title, a sentence of what to do, and nothing personal.
async function refused(path, kind, status, language, h) {
	const r = await fetch(w.publicUrl + path, { headers: { 'Accept-Language': language === 'zh' ? 'zh-CN,zh' : 'en-GB,en' } });
	const html = await r.text();
	assert.equal(r.status, status, `${path} ${strip(html).slice(0, 300)}`);
	const title = TITLES[kind][language === 'zh' ? 0 : 1];
	assert.match(html, new RegExp(`<h1>${title}</h1>`), kind);
	const lead = html.match(/<p class="lead">([\s\S]*?)<\/p>/)[1];
	assert.ok(lead.length > 20, lead);
	assert.equal(/[\u4e00-\u9fff]/.test(lead), language === 'zh', lead);
	if (h) for (const secret of [h.id, h.last6, h.address, h.name, h.licences[0]]) assert.ok(!html.includes(secret), `${kind} shows ${secret}`);
}

test('links: broken off, altered, foreign, expired, revoked, used: plain words in both languages, also for the clerk', async () => {
	const seed = readFileSync(join(w.dir, 'keys/sign.1.key'), 'utf8').slice(0, 64);
	const soon = Math.floor(Date.now() / 1000) + 3600;
	const verdict = async (token, pattern) => {
		const r = await w.cli('--json', 'token', 'verify', token.replace('/r/', ''));
		assert.equal(r.code, 1, r.stdout);
		assert.match(JSON.parse(r.stdout).result, pattern);
		assert.equal(JSON.parse(r.stdout).good, false);
	};
	for (const language of ['zh', 'en']) {
		const h = await invited(language);
		const flip = (p, at) => p.slice(0, at) + (p.at(at) === 'A' ? 'B' : 'A') + (at === -1 ? '' : p.slice(at + 1));
		await refused(h.path.slice(0, 20), 'unreadable', 404, language, h);
		await verdict(h.path.slice(0, 20), /./);
		await refused(flip(h.path, -5), 'altered', 403, language, h);
		await verdict(flip(h.path, -5), /alter|sign/);
		// Signed with a key of ours for a bureau that is not here; and signed well, but with somebody else's key.
		const foreign = `/r/${fullToken(seed, { bureau: 77, expires: soon })}`;
		await refused(foreign, 'foreign', 404, language);
		await verdict(foreign, /bureau/);
		await refused(`/r/${fullToken('11'.repeat(32), { bureau: 1, expires: soon })}`, 'altered', 403, language);
		await refused(`/r/${fullToken(seed, { bureau: 1, grant: 987654321, expires: soon })}`, 'foreign', 404, language);

		const old = h.path;
		const text = await w.say(h.e164, 'Y', /\/r\//);
		h.path = new URL(text.match(/http:\/\/[^\s，]+\/r\/[\w-]+/)[0]).pathname;
		await refused(old, 'revoked', 410, language, h);
		await verdict(old, /newer/);
		await w.sql(`UPDATE access_grant SET used_at = now() WHERE id = ${grantOf(h)}; UPDATE conversation SET step = 'confirm' WHERE phone = '${h.e164}'`);
		await refused(h.path, 'used', 410, language, h);
		await w.sql(`UPDATE access_grant SET used_at = NULL, expires_at = now() WHERE id = ${grantOf(h)}; UPDATE conversation SET step = 'verify' WHERE phone = '${h.e164}'`);
		await refused(h.path, 'expired', 410, language, h);
		await verdict(h.path, /expired/);
		// What the page told to do works: reply Y, and a new link comes.
		const fresh = await w.say(h.e164, 'Y', /\/r\//);
		assert.equal((await fetch(fresh.match(/http:\/\/[^\s，]+\/r\/[\w-]+/)[0])).status, 200);
	}
	await goesOn();
});

// A browser that is nothing but cookies and forms, behind the trusted proxy.
class Visitor {
	constructor(address, language = 'zh-CN') { this.headers = { 'X-Forwarded-For': address, 'Accept-Language': language }; this.cookies = new Map(); }
	async #go(url, options = {}) {
		const r = await fetch(new URL(url, w.publicUrl), { redirect: 'manual', ...options, headers: { ...this.headers, ...options.headers, Cookie: [...this.cookies].map((c) => c.join('=')).join('; ') } });
		for (const c of cookiesOf(r.headers)) { const [, name, value] = c.match(/^([^=]+)=([^;]*)/); this.cookies.set(name, value); }
		this.status = r.status;
		this.location = r.headers.get('location');
		this.html = await r.text();
		this.said = strip(this.html.match(/role="alert"[^>]*>([\s\S]*?)<\/p>/)?.[1] ?? '').trim();
		return this;
	}
	get(url) { this.url = url; return this.#go(url); }
	post(fields) {
		const token = this.html.match(/name="token" value="([^"]*)"/)[1];
		return this.#go(this.url, { method: 'POST', body: new URLSearchParams({ token, ...fields }), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
	}
}

test('a code typed too often: the visitor is told how long to wait; others type theirs', async () => {
	for (const [language, unknown, wait] of [['zh-CN', /没有找到这个代码/, /输错的次数太多。请过 \d+ 分钟再试/], ['en-GB', /could not find this short code/, /Too many wrong codes. Please try again in \d+ minutes/]]) {
		const guesser = new Visitor(language === 'zh-CN' ? '192.0.2.1' : '192.0.2.2', language);
		let tries = 0;
		for (; tries < 30; tries++) {
			await (await guesser.get('/')).post({ code: String(10000000 + tries * 7919) });
			if (guesser.status === 429) break;
			assert.equal(guesser.status, 422);
			assert.match(guesser.said, unknown);
		}
		assert.ok(tries >= 5 && tries <= 12, `${tries} tries`);
		assert.match(guesser.said, wait);
		const h = await invited();
		await (await guesser.get('/')).post({ code: h.code });
		assert.equal(guesser.status, 429, 'the right code does not help him now');
		const other = new Visitor('192.0.2.77');
		await (await other.get('/')).post({ code: h.code });
		assert.equal(other.status, 303, other.said);
		assert.match(other.location, /^\/r\//);
		assert.equal((await other.get(h.path)).status, 200);
	}
	await goesOn();
});

test('an identity answer wrong too often, on the page and with the clerk: locked, told until when, others go on', async () => {
	const wrong = (h) => (h.last6 === '000000' ? '000001' : '000000');
	const [a, b, fine] = [await invited('zh'), await invited('en'), await invited('zh')];
	for (const [h, language, left, locked] of [[a, 'zh-CN', /还可以再试 (\d) 次/, /输错的次数太多.*\d\d:\d\d/], [b, 'en-GB', /Tries left: (\d)/, /Too many wrong answers.*\d\d:\d\d/]]) {
		const v = new Visitor('192.0.2.3', language);
		await v.get(h.path);
		for (let n = 4; n >= 1; n--) {
			await v.post({ do: 'check', id1: wrong(h) });
			assert.equal(Number(v.said.match(left)?.[1]), n, v.said);
		}
		await v.post({ do: 'check', id1: wrong(h) });
		if (v.status === 303) await v.get(h.path);
		assert.match(v.said, locked);
		// The clerk's way is locked as well, also for the right answer.
		const clerk = await w.cli('--json', 'token', 'verify', h.code, '--prove', '--id', h.last6, '--staff', 'chen');
		assert.equal(clerk.code, 1);
		assert.match(JSON.parse(clerk.stdout).result, /locked after too many wrong numbers/);
		assert.equal(await w.sql(`SELECT step FROM conversation WHERE phone = '${h.e164}'`), 'verify');
	}
	// The clerk's own wrong answers count and lock.
	const h = await invited();
	for (let n = 1; n <= 5; n++) {
		const r = await w.cli('--json', 'token', 'verify', h.code, '--prove', '--id', wrong(h), '--staff', 'chen');
		assert.equal(r.code, 1);
		assert.match(JSON.parse(r.stdout).result, new RegExp(`does not fit; ${n} of 5`));
	}
	assert.match((await w.cli('token', 'verify', h.code, '--prove', '--id', h.last6, '--staff', 'chen')).stdout, /locked/);
	await w.must('token', 'verify', fine.code, '--prove', '--id', fine.last6, '--staff', 'chen');
	await w.next(fine.e164, /身份已核实/);
	await goesOn();
});

// ---- Replies that nobody can read -----------------------------------------------------------------------------------------

const OCTETS = [
	['binary', { data_coding: 4, short_message: Buffer.from('00ff80fe0001c3280a0d', 'hex') }],
	['8-bit class', { data_coding: 0xf5, short_message: Buffer.from('ffd8ffe000104a464946', 'hex') }],
	['empty', { data_coding: 0, short_message: Buffer.alloc(0) }],
	['half a UCS-2 character', { data_coding: 8, short_message: Buffer.from('d83d00', 'hex') }],
	['escapes without a character', { data_coding: 0, short_message: Buffer.from('1b1b1b', 'hex') }],
	['a header that is longer than the text', { data_coding: 0, esm_class: 0x40, short_message: Buffer.from('ff0003010201', 'hex') }],
	['Latin-1 letters', { data_coding: 3, short_message: Buffer.from('e4f6fcdf', 'hex') }],
	['a picture’s port', { data_coding: 4, esm_class: 0x40, short_message: Buffer.from('0605041582000030000000480e01', 'hex') }],
];

test('replies nobody can read: binary, empty, broken, emoji: taken, answered in words, read by a clerk when they do not end', async () => {
	const people = OCTETS.map((_, i) => holder(900 + i));
	people.push(holder(950), holder(951));
	for (const h of people) h.rows[0][0] = 'haikou';
	await w.must('import', 'licences', w.csv('octets.csv', people.flatMap((h) => h.rows)));
	await w.must('scan', '--bureau', 'haikou');
	for (const h of people) assert.match(await node.next(h.e164.slice(1)), /要续办请回复 Y/);
	for (const [i, [name, fields]] of OCTETS.entries()) {
		const phone = people[i].e164.slice(1);
		assert.equal(await node.deliver({ source_addr: phone, destination_addr: '10690002', ...fields }), 0, `${name} is taken`);
		assert.match(await node.next(phone), /^【海口审批】(没看懂您的回复|您发来的内容我们读不出来)/, name);
	}
	await goesOn();
	// Emoji, from a feature phone's point of view; then three in a row come to a person.
	const lost = people.at(-1).e164.slice(1);
	const send = (fields) => node.deliver({ source_addr: lost, destination_addr: '10690002', ...fields });
	assert.equal(await send({ data_coding: 8, short_message: { message: '👍🏽🌧️' } }), 0);
	assert.match(await node.next(lost), /没看懂|读不出来/);
	assert.equal(await send(OCTETS[0][1]), 0);
	assert.match(await node.next(lost), /没看懂|读不出来/);
	assert.equal(await send({ data_coding: 4, short_message: Buffer.from('0102', 'hex') }), 0);
	assert.match(await node.next(lost), /给您打电话/);
	assert.ok((await w.json('worklist', '--bureau', 'haikou')).some((e) => e.phone === `+${lost}`), 'a person sees it');
	assert.equal(await send({ short_message: 'Y' }), 0);
	assert.match(await node.next(lost), /核实身份/, 'and the citizen can still go on');
	// What was received can be listed, as JSON that every reader takes.
	const texts = await w.json('message', 'list', '--phone', `+${lost}`, '--bureau', 'haikou');
	assert.equal(texts.filter((t) => t.direction === 'in').length, 4);
	assert.equal(texts.find((t) => t.direction === 'in').text, '👍🏽🌧️');
	await w.json('trail', 'show', String((await w.json('application', 'list', '--bureau', 'haikou')).find((a) => a.phone === `+${lost}`).id));
	await goesOn();
});

test('texts to a number that is none of ours, from a sender that is no phone: refused or answered, never lost silently', async () => {
	const from = w.daemon.lines.length;
	assert.equal(await node.deliver({ source_addr: '8613711110002', destination_addr: '99999', short_message: 'Y' }), 0x0b);
	await w.daemon.line(/unknown short code.*99999/, { from });
	assert.equal(await node.deliver({ source_addr: 'CARRIER', source_addr_ton: 5, destination_addr: '10690002', short_message: 'Y' }), 0);
	assert.equal(await node.deliver({ source_addr: '', destination_addr: '10690002', short_message: 'Y' }), 0);
	await goesOn();
});

// ---- At the end, because it stops everything -----------------------------------------------------------------------------

test('the database goes away and comes back: nothing is acknowledged that is not stored, nobody is left without an answer', async () => {
	const h = companions.pop(), other = await invited();
	const pg = join(w.dir, 'pg');
	const from = w.daemon.lines.length;
	assert.equal((await run(join(root, 'tools/cluster'), ['stop', pg, '--immediate'])).code, 0);
	await w.daemon.line(/ (warn|error) .*(database|pg=)/, { from });
	await w.text(h.e164, 'Y');
	assert.equal(await node.deliver({ source_addr: '8613711110003', destination_addr: '10690002', short_message: 'HELP' }), 0x64, 'come again');
	const ready = await fetch(`${w.staffUrl}/readyz`);
	assert.equal(ready.status, 503);
	assert.equal((await ready.json()).ready, false);
	assert.equal((await fetch(`${w.staffUrl}/healthz`)).status, 200, 'alive');
	for (const [language, words] of [['zh-CN', /系统暂时繁忙|系统出了问题/], ['en-GB', /The system is busy|Something went wrong/]]) {
		const page = await fetch(w.publicUrl + other.path, { headers: { 'Accept-Language': language } });
		assert.equal(page.status, 503);
		assert.match(await page.text(), words);
	}
	const cli = await w.cli('application', 'list');
	assert.equal(cli.code, 1);
	assert.match(cli.stderr, /^huizhi: could not reach the database: .+\n/);
	assert.ok((await w.texts(h.e164)).filter((t) => /核实身份/.test(t.text)).length === 0);
	assert.equal((await run(join(root, 'tools/cluster'), ['start', pg, 'fsync=off'])).code, 0);
	await w.next(h.e164, /核实身份/); // the carrier sent it again
	await w.daemon.line(/database ready/, { from });
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}'`), '1');
	await goesOn();
});

test('the wrong password was not tried again and again', async () => {
	let tries = 0;
	for (let at = 0; ;) { // the carrier's record begins with its restart above
		const r = await (await fetch(`${w.carrierUrl}/record?after=${at}&limit=1000`)).json();
		tries += r.record.filter((e) => e.kind === 'bind' && e.status === 0x0e).length;
		if (r.next === at) break;
		at = r.next;
	}
	assert.ok(tries <= 1, `${tries} binds with the wrong password since the carrier is back`);
	const refusals = w.daemon.lines.filter((l) => / error link=locked .*bind refused/.test(l)).length;
	assert.ok(refusals >= 1 && refusals < 4, `${refusals} refusals`);
});
