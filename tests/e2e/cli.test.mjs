// The command line against a real database, without the daemon: every command's good case, its refusals, its exit codes.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUREAU, World, build, huizhi, root, run } from '../lib/world.mjs';
import { holder } from '../lib/people.mjs';

const SECOND = `bureau "wenchang" {
	id = 2
	name = "文昌市行政审批服务局"
	signature = "【文昌审批】"
	short_code = "10690002"
	links = {"east"}
	items = {"food-business-renewal", "nurse-registration-renewal"}
	scan_at = ""
}
`;
const COMMANDS = ['init', 'keygen', 'keys', 'conf', 'import', 'scan', 'campaign', 'application', 'search', 'conversation', 'message', 'worklist',
	'phone', 'signature', 'suppression', 'dialog', 'token', 'trail', 'retention', 'person', 'report', 'forecast', 'letters', 'link', 'staff', 'apikey', 'webhook', 'completion'];

let w, people;
before(async () => {
	w = await World.start({ daemon: false, bureaus: BUREAU + SECOND });
	people = [holder(1), holder(2, { licences: 2 }), holder(3, { phone: '0533-3241111' })];
	const file = w.csv('licences.csv', people.flatMap((h) => h.rows));
	await w.must('import', 'licences', file);
	await w.must('scan', '--bureau', 'yiyuan');
});
after(async () => { await w?.stop(); });

const withInput = (input, ...args) => w.cli(...args, { input });
// Refused or failed: exit 1, nothing on standard output, one line that matches on standard error.
async function refuses(pattern, ...args) {
	const r = await w.cli(...args);
	assert.equal(r.code, 1, `${args.join(' ')} -> ${r.code}\n${r.stdout}${r.stderr}`);
	assert.match(r.stderr, pattern);
	assert.equal(r.stdout, '');
	assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
}
async function misused(pattern, ...args) {
	const r = await w.cli(...args);
	assert.equal(r.code, 2, `${args.join(' ')} -> ${r.code}\n${r.stdout}${r.stderr}`);
	assert.match(r.stderr, pattern);
	assert.match(r.stderr, /usage: huizhi/);
	assert.doesNotMatch(r.stderr, /--json\] {2,}/, 'a form of several lines names the command once');
	assert.equal(r.stdout, '');
}

test('help, usage and the manual speak of the same commands', async () => {
	const top = await w.cli('--help');
	assert.equal(top.code, 0);
	const listed = top.stdout.split('\n').map((l) => l.match(/^ {2}([a-z]+) +\S/)?.[1]).filter(Boolean);
	assert.deepEqual(listed, COMMANDS);
	const manual = readFileSync(join(root, 'man/huizhi.1'), 'utf8').replaceAll('\\-', '-').replace(/\\f[BIRP]/g, '');
	for (const c of COMMANDS) {
		const help = await huizhi(c, '--help');
		assert.equal(help.code, 0);
		const forms = help.stdout.split('\n').filter((l) => l.startsWith('  huizhi [-c FILE]')).map((l) => l.replace('  huizhi [-c FILE] [--json] ', ''));
		assert.ok(forms.length > 0);
		for (const form of forms) assert.ok(manual.includes(form), `man/huizhi.1 lacks: ${form}`);
		for (const line of help.stdout.split('\n\n').slice(2).join('\n').split('\n')) assert.ok(manual.includes(line), `man/huizhi.1 lacks of ${c}: ${line}`);
	}
	// The table of what the console does names only what there is: "COMMAND WORD, WORD, ..., COMMAND WORD".
	const all = new Set((await forms()).map((f) => f.name));
	const rows = manual.split('.SH THE CONSOLE BY COMMAND')[1].split('.SH')[0].split('\n').filter((l) => /\S {3,}\S/.test(l));
	assert.ok(rows.length > 15);
	for (const row of rows) {
		let command = '';
		for (const part of row.split(/ {3,}/).at(-1).split(', ')) {
			const [first, second] = part.split(' '), same = all.has(`${command} ${first}`);
			if (!same) command = first;
			assert.ok(same || all.has(first) || all.has(`${first} ${second}`), `${row}: there is no ${part}`);
		}
	}
	assert.equal((await huizhi()).code, 2);
	assert.equal((await huizhi('nonsense')).code, 2);
	await misused(/unknown option --odd/, 'init', '--odd');
	await misused(/one word too many/, 'init', 'now');
	await misused(/needs a value/, 'message', 'list', '--phone');
	await misused(/application what\?/, 'application');
	await misused(/^huizhi: ID is missing: huizhi application show$/m, 'application', 'show');
	await misused(/^huizhi: ENTRY is missing: huizhi worklist show$/m, 'worklist', 'show');
	await misused(/^huizhi: BRANCH is missing: huizhi worklist pick$/m, 'worklist', 'pick', '5');
});

test('a configuration at fault is told with its line; one that is not there too', async () => {
	const bad = join(w.dir, 'bad.conf');
	writeFileSync(bad, 'databse = "x"\n', { mode: 0o600 });
	const r = await huizhi('-c', bad, 'link', 'status');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /bad\.conf:1: unknown key databse; did you mean database/);
	const none = await huizhi('-c', '/no/such.conf', 'link', 'status');
	assert.equal(none.code, 1);
	assert.match(none.stderr, /^\/no\/such\.conf: cannot open/);
});

test('the daemon checks the shipped configurations from a checkout', async () => {
	for (const file of ['conf/minimal.conf', 'conf/huizhi.conf']) {
		const r = await run(join(build, 'huizhid'), ['-c', file, '-n'], { cwd: root });
		assert.equal(r.code, 0, r.stderr);
		assert.match(r.stdout, /is good/);
	}
});

test('an unreachable database is said in one line', async () => {
	const away = join(w.dir, 'away.conf');
	writeFileSync(away, readFileSync(w.conf, 'utf8').replace(/^database = .*$/m, 'database = "host=/no/such/folder dbname=x"'), { mode: 0o600 });
	const r = await huizhi('-c', away, 'application', 'list');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /^huizhi: could not reach the database: /);
});

test('init again changes nothing; a bureau that takes the id of another is refused', async () => {
	assert.deepEqual(Object.keys(await w.json('init')), ['schema', 'applied', 'bureaus', 'items']);
	assert.equal((await w.json('init')).applied, 0);
	assert.equal(await w.sql("SELECT count(*) FROM item WHERE bureau_id = 2 AND active"), '2');
	assert.equal(await w.sql("SELECT name_zh FROM item WHERE bureau_id = 2 AND code = 'food-business-renewal'"), '食品经营许可延续');
	assert.equal(await w.sql("SELECT name_zh FROM item WHERE bureau_id = 1 AND code = 'food-business-renewal'"), '食品经营许可证延续');
	const other = join(w.dir, 'other.conf');
	writeFileSync(other, readFileSync(w.conf, 'utf8').replace('bureau "wenchang"', 'bureau "haikou"'), { mode: 0o600 });
	const r = await huizhi('-c', other, 'init');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /bureau "haikou" and its id 2 do not belong together/);
	const fewer = join(w.dir, 'fewer.conf');
	writeFileSync(fewer, readFileSync(w.conf, 'utf8').replace('items = {"food-business-renewal", "nurse-registration-renewal"}', 'items = {"nurse-registration-renewal"}'), { mode: 0o600 });
	assert.equal((await huizhi('-c', fewer, 'init')).code, 0);
	assert.equal(await w.sql("SELECT string_agg(code, ' ') FROM item WHERE bureau_id = 2 AND active"), 'nurse-registration-renewal');
	await w.must('init');
});

test('keygen makes what is missing, rotates, and refuses a key that others may read', async () => {
	assert.match(await w.must('keygen'), /every key is there already/);
	assert.equal((await w.json('keygen', '--rotate')).made, 3);
	const key = join(w.dir, 'keys/seal.1.key');
	chmodSync(key, 0o644);
	await refuses(/seal\.1\.key has mode 0644, so others may read it; run: chmod 600 \S+seal\.1\.key/, 'keygen');
	chmodSync(key, 0o600);
	await w.must('keygen');
	const folder = join(w.dir, 'more-keys');
	assert.equal((await w.json('keygen', '--keys', folder)).made, 4);
});

test('applications are listed and shown with their address opened', async () => {
	const list = await w.json('application', 'list');
	assert.equal(list.length, 4);
	const a = list.find((x) => x.licence_no === people[0].licences[0]);
	assert.equal(a.bureau, 'yiyuan');
	assert.equal(a.item, 'food-business-renewal');
	assert.equal(a.phone, people[0].e164);
	assert.equal(a.status, 'due');
	assert.match(a.expires_on, /^\d{4}-\d\d-\d\d$/);
	assert.ok(!JSON.stringify(list).includes(people[0].name), 'names are masked in lists');
	assert.equal((await w.json('application', 'list', '--limit', '2')).length, 2);
	assert.equal((await w.json('application', 'list', '--status', 'submitted')).length, 0);
	assert.equal((await w.json('application', 'list', '--bureau', 'wenchang')).length, 0);
	await misused(/there is no status "gone"/, 'application', 'list', '--status', 'gone');
	await refuses(/there is no bureau "gone"/, 'application', 'list', '--bureau', 'gone');

	const one = await w.json('application', 'show', String(a.id));
	assert.equal(one.address, people[0].address);
	assert.ok(!JSON.stringify(one).includes(people[0].id), 'the identity number never leaves');
	assert.match(await w.must('application', 'show', String(a.id)), new RegExp(`Address +${people[0].address}`));
	await refuses(/there is no application 999999/, 'application', 'show', '999999');
	await misused(/application "x" is no whole number/, 'application', 'show', 'x');
});

test('tables stand in line although Chinese is twice as wide', async () => {
	const lines = (await w.must('application', 'list', '--bureau', 'yiyuan')).trimEnd().split('\n');
	assert.equal(lines.length, 5);
	const width = (s) => [...s].reduce((n, c) => n + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c) ? 2 : 1), 0);
	const at = width(lines[0].slice(0, lines[0].indexOf('LICENCE')));
	for (const l of lines.slice(1)) assert.equal(width(l.slice(0, l.indexOf('JY2370'))), at, l);
});

test('what is not due to be done with an application is refused in words', async () => {
	const [a] = await w.json('application', 'list');
	await refuses(/is due, not submitted; it cannot be decided/, 'application', 'decide', String(a.id), 'approve');
	await refuses(/application \d+ /, 'application', 'send', String(a.id), '--tracking', 'SF1');
	await refuses(/application \d+ /, 'application', 'collect', String(a.id), '--code', '123456');
	await refuses(/there is no application 999999/, 'application', 'decide', '999999', '--approve');
	await misused(/say approve or reject/, 'application', 'decide', String(a.id));
	await misused(/say approve or reject/, 'application', 'decide', String(a.id), 'approve', '--reject');
	await misused(/a rejection needs --reason/, 'application', 'decide', String(a.id), 'reject');
	await misused(/--code is for the new certificate/, 'application', 'collect', String(a.id), '--old', '--code', '1');
	assert.equal(await w.sql("SELECT count(*) FROM application WHERE status <> 'due'"), '0');
	assert.equal(await w.sql('SELECT count(*) FROM outside_event'), '0');
});

test('a decision moves the application, closes the list, and raises the event', async () => {
	const [a] = await w.json('application', 'list');
	const id = String(a.id);
	await w.sql(`UPDATE application SET status = 'submitted', delivery = 'pick_up' WHERE id = ${id};
		INSERT INTO worklist (bureau_id, list, application_id, phone, reason) VALUES (1, 'approve', ${id}, '', 'test')`);
	const waiting = await w.json('worklist', 'approve');
	assert.equal(waiting.length, 1);
	assert.equal(waiting[0].application, a.id);
	const r = await w.json('application', 'decide', id, 'approve', '--staff', '陈静');
	assert.equal(r.before, 'submitted');
	assert.equal(r.status, 'approved');
	assert.equal((await w.json('worklist', 'approve')).length, 0);
	await refuses(/was already approved by staff:陈静/, 'application', 'decide', id, 'reject', '--reason', 'x');
	await refuses(/is to be picked up/, 'application', 'send', id, '--tracking', 'SF1');
	assert.match(await w.must('application', 'send', id), /approved, now ready/);
	const code = await w.sql(`SELECT pickup_code FROM application WHERE id = ${id}`);
	assert.match(code, /^\d{6}$/);
	await refuses(/has another pick-up code/, 'application', 'collect', id, '--code', code === '000000' ? '000001' : '000000');
	assert.equal((await w.json('application', 'collect', id, '--code', code)).status, 'collected');
	assert.ok((await w.json('trail', 'show', id)).some((e) => e.kind === 'approved' && e.actor === 'staff:陈静'));
});

test('worklists: entries, counts, taking and closing', async () => {
	const entries = await w.json('worklist');
	const phone = entries.filter((e) => e.list === 'phone');
	assert.equal(phone.length, 1, 'the holder without a mobile phone is to be phoned');
	assert.equal((await w.json('worklist', 'phone')).length, 1);
	const counts = await w.json('worklist', '--count', '--bureau', 'yiyuan');
	assert.equal(counts.find((c) => c.list === 'phone').waiting, 1);
	await misused(/there is no list "fax"/, 'worklist', 'fax');
	const id = String(phone[0].id);
	// What was noted of a call by mistake is taken back by who noted it.
	const noted = ['--bureau', 'yiyuan', '--staff'], tries = () => w.sql(`SELECT tries || ' ' || result || ' ' || coalesce(due_on::text, '-') FROM worklist WHERE id = ${id}`);
	const before = await tries();
	await w.must('phone', 'result', id, 'no_answer', ...noted, 'a');
	await refuses(/cannot be taken back/, 'phone', 'undo', id, ...noted, 'b');
	assert.equal((await w.json('phone', 'undo', id, ...noted, 'a')).result, 'undone');
	assert.equal(await tries(), before);
	await refuses(/cannot be taken back/, 'phone', 'undo', id, ...noted, 'a');
	assert.equal((await w.json('worklist', 'claim', id, '--bureau', 'yiyuan', '--staff', 'a')).result, 'claimed');
	await refuses(/is taken by staff:a/, 'worklist', 'claim', id, '--bureau', 'yiyuan', '--staff', 'b');
	assert.equal((await w.json('worklist', 'done', id, '--bureau', 'yiyuan', '--staff', 'a')).result, 'done');
	await refuses(/was done already by staff:a/, 'worklist', 'done', id, '--bureau', 'yiyuan', '--staff', 'b');
	await refuses(/has no open entry 999/, 'worklist', 'done', '999', '--bureau', 'yiyuan');
	await refuses(/which bureau\? give --bureau with one of: yiyuan wenchang/, 'worklist', 'done', id);
});

test('worklists: several entries at once, which were left and why, and undo', async () => {
	const y = ['--bureau', 'yiyuan'], ids = (await w.sql(`INSERT INTO worklist (bureau_id, list, phone, reason, due_on)
		SELECT 1, 'check', '+86139' || lpad(n::text, 8, '0'), 'many', (now() AT TIME ZONE 'Asia/Shanghai')::date + n / 1000 FROM generate_series(1, 1500) n RETURNING id`)).split('\n').map(Number);
	await misused(/give entries, or --all/, 'worklist', 'done', '--all', String(ids[0]), ...y);
	await misused(/--all needs --list/, 'worklist', 'done', '--all', ...y);
	await misused(/act how\?/, 'worklist', 'act', 'reject', '1', ...y);
	await refuses(/list approve close by themselves/, 'worklist', 'done', '--all', '--list', 'approve', ...y);
	assert.deepEqual((await w.json('worklist', 'done', '--all', '--list', 'check', '--dry-run', ...y)).entries, ids, 'more than a page of them');
	await w.must('worklist', 'claim', String(ids[1]), String(ids[2]), '--staff', 'b', ...y);
	const r = await w.cli('--json', 'worklist', 'done', ...ids.slice(0, 3).map(String), '99999', String(ids[0]), '--staff', 'a', ...y), told = JSON.parse(r.stdout);
	assert.equal(r.code, 1);
	assert.deepEqual([told.done, told.left.map((l) => [l.id, l.why, l.by])], [[ids[0]], [[ids[1], 'held', 'staff:b'], [ids[2], 'held', 'staff:b'], [99999, 'closed', '']]]);
	const free = await w.cli('worklist', 'release', '--all', '--list', 'check', '--staff', 'b', ...y);
	assert.match(free.stdout, /^2 entries: free again\n$/);
	const all = await w.must('worklist', 'done', '--all', '--list', 'check', '--due', '--staff', 'a', ...y);
	assert.match(all, /^998 entries: done\nwithin ten minutes this takes it back: huizhi worklist undo \d+\n$/);
	assert.equal((await w.json('worklist', 'undo', '--staff', 'a', ...y)).undone.length, 998, 'the last of it');
	await refuses(/staff:b has marked nothing as done/, 'worklist', 'undo', '--staff', 'b', ...y);
	// What came to the list again meanwhile stays done; one of an application, one of a talk too, one of a phone alone.
	const [app, talk] = (await w.sql('SELECT id, conversation_id FROM application WHERE conversation_id IS NOT NULL LIMIT 1')).split('|');
	const kinds = [[app, talk], [app, 'NULL'], ['NULL', talk], ['NULL', 'NULL']].map(([x, c]) => `(1, 'check', ${x}, ${c}, '+8613977777777', 'twice')`).join(', ');
	const twice = () => w.sql(`INSERT INTO worklist (bureau_id, list, application_id, conversation_id, phone, reason) VALUES ${kinds} RETURNING id`);
	const was = (await twice()).split('\n');
	await w.must('worklist', 'done', ...was, String(ids[5]), '--staff', 'a', ...y);
	const now = (await twice()).split('\n');
	assert.deepEqual((await w.json('worklist', 'undo', '--staff', 'a', ...y)).undone, [ids[5]]);
	assert.equal(await w.sql("SELECT string_agg(id::text, ',' ORDER BY id) FROM worklist WHERE phone = '+8613977777777' AND done_at IS NULL"), now.join(','));
	await w.sql("DELETE FROM worklist WHERE phone = '+8613977777777'");
	await refuses(/no open entry|closes by itself/, 'worklist', 'act', 'passed', String(ids[5]), '--staff', 'a', ...y);
	await refuses(/is not on the list approve/, 'worklist', 'act', 'approve', String(ids[5]), '--staff', 'a', ...y);
	// Whom the console would not let do it cannot by command either.
	await w.cli('staff', 'add', 'eye', '--roles', 'look', ...y, { input: 'correct horse\n' });
	await refuses(/eye may not do this: the account has no role send/, 'worklist', 'done', String(ids[5]), '--staff', 'eye', ...y);
	await w.sql("DELETE FROM worklist WHERE list = 'check'; DELETE FROM staff WHERE name = 'eye'");
});

test('what is said for an entry waits for the daemon, once; what it says of it the command says', async () => {
	const y = ['--bureau', 'yiyuan'], id = await w.sql(`UPDATE conversation SET step = 'reminded' WHERE bureau_id = 1 AND phone = '${people[1].e164}';
		INSERT INTO worklist (bureau_id, list, conversation_id, phone, reason) SELECT 1, 'read', id, phone, 'test' FROM conversation WHERE bureau_id = 1 AND phone = '${people[1].e164}' RETURNING id`);
	assert.equal((await w.json('worklist', 'answer', id, '您好', '--wait', '0', ...y)).result, 'waits');
	await refuses(/waits for the gateway; is huizhid running/, 'worklist', 'answer', id, '您好', ...y);
	const event = JSON.parse(await w.sql('DELETE FROM outside_event WHERE desk IS NOT NULL RETURNING desk'));
	assert.deepEqual([event.by_hand, event.step, event.closes], ['您好', 'reminded', true]);
	for (const [said, words] of [['moved', /has gone on meanwhile: nothing was done/], ['over', /is over: nothing was done/]]) {
		await w.sql(`UPDATE worklist SET said = '' WHERE id = ${id}`);
		const waiting = w.cli('worklist', 'answer', id, '您好', '--wait', '600', ...y);
		await w.until(async () => await w.sql(`SELECT said FROM worklist WHERE id = ${id}`) === 'waits', 'it is stored');
		await w.sql(`UPDATE worklist SET said = '${said}' WHERE id = ${id}`);
		const r = await waiting;
		assert.deepEqual([r.code, r.stdout], [1, '']);
		assert.match(r.stderr, words);
	}
	await w.sql(`DELETE FROM outside_event WHERE desk IS NOT NULL; DELETE FROM worklist WHERE id = ${id}; UPDATE conversation SET step = '' WHERE bureau_id = 1 AND phone = '${people[1].e164}'`);
});

test('conversation and messages by phone, however it is written', async () => {
	const h = people[1];
	for (const typed of [h.phone, h.e164, h.e164.slice(1), `0086 ${h.phone.slice(0, 3)}-${h.phone.slice(3)}`]) {
		const c = await w.json('conversation', 'show', typed);
		assert.equal(c.phone, h.e164);
		assert.equal(c.open, true);
		assert.equal(c.applications.length, 2);
		assert.deepEqual(c.earlier, []);
		assert.deepEqual(c.messages, []);
	}
	assert.match(await w.must('conversation', 'show', h.phone), /NO +APPLICATION/);
	await refuses(/there is no conversation with \+8613999999999/, 'conversation', 'show', '13999999999');
	await refuses(/"12" is no telephone number/, 'conversation', 'show', '12');
	await w.sql(`INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash)
		VALUES (1, 900001, now(), 'east', 's', 1, '${h.e164}', '10690001', E'Y\\n1', '\\x00')`);
	const texts = await w.json('message', 'list', '--phone', h.phone);
	assert.equal(texts.length, 1);
	assert.equal(texts[0].direction, 'in');
	assert.equal(texts[0].text, 'Y\n1');
	const table = await w.must('message', 'list');
	assert.equal(table.trimEnd().split('\n').length, 2, 'a text with a line end stays in its row');
	await refuses(/is no telephone number/, 'message', 'list', '--phone', 'x');
});

test('campaigns are made, counted and moved only as is allowed', async () => {
	const y = ['--bureau', 'yiyuan'];
	const c = await w.json('campaign', 'create', '春季提醒', '--item', 'food-business-renewal', '--canary', '5', '--rate', '2', ...y);
	assert.equal(c.status, 'draft');
	const id = String(c.id);
	await refuses(/is draft; only a running one can be paused/, 'campaign', 'pause', id, ...y);
	assert.equal((await w.json('campaign', 'start', id, ...y)).status, 'running');
	await refuses(/is running; only a draft can be started/, 'campaign', 'start', id, ...y);
	assert.equal((await w.json('campaign', 'pause', id, ...y)).status, 'paused');
	assert.equal((await w.json('campaign', 'resume', id, ...y)).status, 'running');
	assert.equal((await w.json('campaign', 'stop', id, ...y)).status, 'stopped');
	await refuses(/is stopped; it is over/, 'campaign', 'stop', id, ...y);
	const shown = await w.json('campaign', 'show', id, ...y);
	assert.deepEqual([shown.rate, shown.canary, shown.item, shown.sent], [2, 5, 'food-business-renewal', 0]);
	assert.deepEqual((await w.json('campaign', 'list')).map((x) => [x.bureau, x.name]), [['yiyuan', '春季提醒']]);
	// The audience leaves out who has an application already: here that is everybody of this bureau.
	assert.equal(c.audience, 0);
	const far = holder(9, { days: 25 }), later = holder(8, { days: 60 });
	await w.must('import', 'licences', w.csv('far.csv', [...far.rows, ...later.rows]));
	assert.equal((await w.json('campaign', 'create', 'x', ...y)).audience, 1);
	assert.equal((await w.json('campaign', 'create', 'x', '--tag', '别的', ...y)).audience, 0);
	assert.equal((await w.json('campaign', 'create', 'x', '--language', 'zh', ...y)).audience, 1);
	await refuses(/does not offer the item "grain-purchase-renewal"/, 'campaign', 'create', 'x', '--item', 'grain-purchase-renewal', '--bureau', 'wenchang');
	await misused(/"2026-02-30x" is no day/, 'campaign', 'create', 'x', '--date', '2026-02-30x', ...y);
	await refuses(/has no campaign 999/, 'campaign', 'show', '999', ...y);
});

test('staff have hashed passwords, API keys are shown once', async () => {
	const y = ['--bureau', 'yiyuan'];
	const added = await withInput('correct horse\n', '--json', 'staff', 'add', '陈静', '--role', 'clerk,approver', ...y);
	assert.equal(added.code, 0, added.stderr);
	assert.equal(JSON.parse(added.stdout).added, true);
	assert.match(await w.sql('SELECT password_hash FROM staff'), /^\$argon2id\$/);
	assert.equal((await withInput('another password\n', 'staff', 'add', '陈静', '--role', 'manager', ...y)).stdout, 'changed 陈静 of bureau yiyuan\n');
	assert.deepEqual((await w.json('staff', 'list')).map((s) => s.roles), [['look', 'send', 'write', 'approve']]);
	const short = await withInput('short\n', 'staff', 'add', 'x', '--role', 'clerk', ...y);
	assert.equal(short.code, 1);
	assert.match(short.stderr, /shorter than 10/);
	assert.equal((await withInput('', 'staff', 'add', 'x', '--role', 'clerk', ...y)).code, 1);
	await misused(/there is no role "king"/, 'staff', 'add', 'x', '--role', 'king', ...y);
	await misused(/--roles is missing/, 'staff', 'add', 'x', ...y);
	await w.must('staff', 'disable', '陈静', ...y);
	await refuses(/nobody called 陈静 for whom/, 'staff', 'disable', '陈静', ...y);

	const { key } = await w.json('apikey', 'add', 'erp', '--scope', 'read,write', ...y);
	assert.match(key, /^hz_[A-Za-z0-9_-]{43}$/);
	assert.ok(!(await w.sql('SELECT key_hash || name FROM api_key')).includes(key));
	await refuses(/there is a key called erp/, 'apikey', 'add', 'erp', '--scope', 'read', ...y);
	await misused(/there is no scope "all"/, 'apikey', 'add', 'y', '--scope', 'all', ...y);
	await w.must('apikey', 'revoke', 'erp', ...y);
	assert.ok((await w.json('apikey', 'list'))[0].revoked_at);
});

test('dialogs are checked, printed, drawn and played', async () => {
	const checked = await w.json('dialog', 'check');
	assert.deepEqual(checked.map((d) => d.dialog).sort(), ['change', 'pledge', 'renewal', 'verified_first', 'visitor']);
	const printed = await w.must('dialog', 'print', 'renewal');
	const folder = join(w.dir, 'printed');
	mkdirSync(folder);
	for (const f of ['renewal.zh.txt', 'common.zh.txt', 'renewal.en.txt', 'common.en.txt'])
		writeFileSync(join(folder, f), readFileSync(join(root, 'templates', f)));
	writeFileSync(join(folder, 'renewal.dlg'), printed);
	assert.equal(await w.must('dialog', 'print', join(folder, 'renewal.dlg')), printed, 'the canonical print prints itself');
	assert.match(await w.must('dialog', 'graph', 'visitor'), /^digraph/);
	assert.match(await w.must('dialog', 'graph', 'visitor', '--svg'), /<svg/);
	const played = await withInput('start\n< Y\n= step verify\n', 'dialog', 'play', 'renewal', '--language', 'zh');
	assert.equal(played.code, 0, played.stderr);
	assert.match(played.stdout, /= effect consent/);
	assert.equal((await withInput('start\n= step confirm\n', 'dialog', 'play', 'renewal')).code, 1);

	writeFileSync(join(folder, 'renewal.dlg'), printed.replace('-> verify', '-> nowhere'));
	const bad = await w.cli('dialog', 'check', join(folder, 'renewal.dlg'));
	assert.equal(bad.code, 1);
	assert.match(bad.stderr, /renewal\.dlg:\d+: .*nowhere/);
	assert.equal(bad.stdout, '');
	await refuses(/none\.dlg: cannot open/, 'dialog', 'check', 'none');
	await refuses(/has no wording in "fr"/, 'dialog', 'graph', 'visitor', '--language', 'fr');
});

// A full token made here, by another implementation than the program's own.
function makeToken(seedHex, { bureau = 1, conversation = 1, grant = 1, expires, purpose = 1 }) {
	const fields = Buffer.alloc(39);
	fields.writeUInt8(1, 0);
	fields.writeUInt8(1, 1);
	fields.writeUInt8(purpose, 2);
	fields.writeUInt32BE(bureau, 3);
	fields.writeBigUInt64BE(BigInt(conversation), 7);
	fields.writeBigUInt64BE(BigInt(grant), 15);
	fields.writeBigUInt64BE(BigInt(expires), 23);
	Buffer.from('0123456789abcdef', 'hex').copy(fields, 31);
	const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seedHex, 'hex')]), format: 'der', type: 'pkcs8' });
	return Buffer.concat([fields, sign(null, Buffer.concat([Buffer.from('huizhi token full 1\0'), fields]), key)]).toString('base64url');
}

test('tokens: genuine, expired, altered, foreign, by public key alone', async () => {
	const seed = readFileSync(join(w.dir, 'keys/sign.1.key'), 'utf8').slice(0, 64);
	const pub = join(w.dir, 'keys/sign.1.pub');
	const soon = Math.floor(Date.now() / 1000) + 3600;
	const good = makeToken(seed, { expires: soon });
	const at = (token) => `https://v.example.org/r/${token}/qr.svg`;

	// No configuration is read for this one.
	const alone = await huizhi('-c', '/no/such.conf', '--json', 'token', 'verify', at(good), '--public-key', pub);
	assert.equal(alone.code, 0, alone.stderr);
	assert.deepEqual([JSON.parse(alone.stdout).good, JSON.parse(alone.stdout).purpose, JSON.parse(alone.stdout).form], [true, 'renew', 'qr']);
	const offline = await w.json('token', 'verify', good, '--offline');
	assert.equal(offline.bureau, 'yiyuan');

	const verdict = async (...args) => { const r = await w.cli('--json', 'token', 'verify', ...args); return [r.code, JSON.parse(r.stdout).result]; };
	assert.deepEqual(await verdict(makeToken(seed, { expires: soon - 7200 }), '--offline'), [1, 'expired']);
	const altered = good.slice(0, 40) + (good[40] === 'A' ? 'B' : 'A') + good.slice(41);
	const [code, why] = await verdict(altered, '--offline');
	assert.equal(code, 1);
	assert.match(why, /alter|sign/);
	assert.equal((await verdict(altered, '--public-key', pub))[0], 1);
	const [fcode, fwhy] = await verdict(makeToken(seed, { bureau: 77, expires: soon }), '--offline');
	assert.equal(fcode, 1);
	assert.match(fwhy, /bureau/);
	assert.equal((await verdict('rubbish', '--offline'))[0], 1);
	// Genuine, but nobody has stored such a grant.
	const [scode, swhy] = await verdict(makeToken(seed, { grant: 12345, expires: soon }));
	assert.equal(scode, 1);
	assert.match(swhy, /no longer stored/);
	assert.deepEqual(await verdict('1234 5678'), [1, 'no such code, or its time is over']);
	await misused(/can only be looked up/, 'token', 'verify', '12345678', '--offline');
	await misused(/--prove and --id belong together/, 'token', 'verify', good, '--prove');
	await refuses(/is no public key file/, 'token', 'verify', good, '--public-key', w.conf);
});

test('the trail is followed, and a forged event is found', async () => {
	const shown = await w.json('trail', 'show', String((await w.json('application', 'list')).at(-1).id));
	assert.equal(shown[0].kind, 'due');
	const before = await w.cli('--json', 'trail', 'verify');
	// A test above put the first application to `submitted` by hand: its trail cannot lead there.
	assert.equal(before.code, 1);
	const found = JSON.parse(before.stdout);
	assert.equal(found.faults.length, 1);
	const last = (await w.json('application', 'list')).at(-1).id;
	assert.match(await w.must('trail', 'verify', String(last)), /^1 applications with 3 events: 0 at fault/);
	await w.sql(`INSERT INTO trail (bureau_id, at, application_id, actor, kind) VALUES (1, now(), ${last}, 'forger', 'approved')`);
	const forged = await w.cli('trail', 'verify', String(last));
	assert.equal(forged.code, 1);
	assert.match(forged.stdout, /moves from due to approved, which is no allowed move/);
	await refuses(/there is no application 999999/, 'trail', 'verify', '999999');
	await refuses(/there is no application 999999/, 'trail', 'show', '999999');
});

test('a link that no daemon has spoken of is unknown', async () => {
	assert.deepEqual((await w.json('link', 'status')).map((l) => [l.link, l.state]), [['east', 'unknown']]);
});

test('the configuration printed back is the configuration', async () => {
	const printed = await w.must('conf', 'print');
	const again = join(w.dir, 'again.conf');
	writeFileSync(again, printed, { mode: 0o600 });
	assert.equal((await huizhi('-c', again, 'conf', 'print')).stdout, printed);
	assert.equal(await w.must('conf', 'sample'), readFileSync(join(root, 'conf/huizhi.conf'), 'utf8'));
});

// The last words of the program: what stands in its usage, and what each form prints with --json.
async function forms() {
	const out = [];
	for (const c of COMMANDS) {
		const { stdout } = await run(join(build, 'huizhi'), [c, '--help']);
		const usage = stdout.split('\n\n')[1].replace(/\n {6}\s*/g, ' ');
		for (const [, line] of usage.matchAll(/^ {2}huizhi \[-c FILE\] \[--json\] (.+)$/gm)) {
			const [, second = ''] = line.split(' ');
			for (const sub of /^[a-z][a-z|-]*$/.test(second) ? second.split('|') : ['']) out.push({ command: c, sub, name: sub ? `${c} ${sub}` : c, line });
		}
	}
	return out;
}

test('every option that the program takes stands in its usage', async () => {
	const all = await forms();
	const also = new Set(['--approve', '--reject', '--role']); // other spellings of what the usage says
	for (const file of readdirSync(join(root, 'gateway/cli')).filter((f) => f.endsWith('.c') && f !== 'args.c')) {
		const text = readFileSync(join(root, 'gateway/cli', file), 'utf8');
		const own = COMMANDS.filter((c) => file === `${c}.c` || file.startsWith(`${c}_`) || text.includes(`.name = "${c}"`));
		for (const [, option] of text.matchAll(/\{"(--[\w-]+)",/g)) {
			if (also.has(option)) continue;
			assert.ok(all.some((f) => own.includes(f.command) && new RegExp(`${option}(?![\\w-])`).test(f.line)), `${file} takes ${option}, which no usage of ${own} has`);
		}
	}
});

test('--json: every command prints one document, lists as arrays', async () => {
	const y = ['--bureau', 'yiyuan'], h = holder(77, { days: 25 });
	await w.must('import', 'licences', w.csv('json.csv', h.rows));
	const list = w.csv('list.csv', holder(78, { days: 25 }).rows), out = (name) => join(w.dir, name);
	const draft = async () => String((await w.json('campaign', 'create', `j${Math.random()}`, ...y)).id);
	const open = async () => (await w.json('application', 'list', ...y)).find((a) => a.status === 'due').id;
	const read = await w.sql("INSERT INTO worklist (bureau_id, list, application_id, phone, reason) SELECT 1, 'read', id, '', 'test' FROM application a WHERE bureau_id = 1 AND NOT EXISTS (SELECT FROM worklist x WHERE x.application_id = a.id) LIMIT 1 RETURNING id");
	const changes = out('changes.csv'), lines = out('lines.ndjson');
	writeFileSync(changes, 'bureau,licence_no,id_number,changed_on,field,old,new\n');
	writeFileSync(lines, '');
	const running = await draft(), application = String(await open());
	await w.sql(`INSERT INTO credit_mark (bureau_id, holder_id, application_id, reason, marked_by) SELECT 1, holder_id, id, '面积不符', 'staff:li' FROM application WHERE id = ${application}`);
	await w.must('campaign', 'start', running, ...y);
	await withInput('correct horse\n', 'staff', 'add', 'li', '--roles', 'look', ...y);
	await w.must('dialog', 'publish', 'visitor', '--file', ...y);
	const hook = String((await w.json('webhook', 'add', 'https://example.org/h', ...y)).id);
	// What cannot succeed in a world without a daemon and a citizen: there the refusal is the point, and nothing is printed.
	const REFUSED = 'refused';
	const table = {
		init: [[], {}], keygen: [[], {}], 'keys status': [[], {}], 'keys reseal': [[], {}],
		'conf print': [[], {}], 'conf sample': [[], []], 'conf man': [[], []],
		'import licences': [[list, '--dry-run'], {}], 'import changes': [[changes, '--dry-run'], {}], 'import holders': [[lines, '--lines', ...y], {}],
		scan: [['--dry-run'], {}], 'campaign create': [['c', ...y], {}], 'campaign audience': [[await draft(), '--file', list, ...y], {}],
		'campaign preview': [[await draft(), ...y], {}], 'campaign list': [[], []], 'campaign show': [[running, ...y], {}],
		'campaign start': [[await draft(), ...y], {}], 'campaign pause': [[running, ...y], {}], 'campaign resume': [[running, ...y], {}],
		'campaign report': [[running, ...y], []], 'campaign stop': [[running, ...y], {}], 'campaign resend': [[running, ...y], REFUSED],
		'application list': [[], []], 'application show': [[application], {}], 'application ask': [[application, '--ussd'], REFUSED],
		'application verify': [[application], {}], 'application check': [[application, 'passed'], REFUSED], 'application decide': [[application, 'approve'], REFUSED],
		'application lift': [[application, '--reason', '误记'], {}],
		'application assist': [[application, '--id', '000000', '--old', 'on_site', '--delivery', 'pick_up'], REFUSED],
		'application send': [[application], REFUSED], 'application collect': [[application], REFUSED],
		search: [['nobody at all'], []], 'conversation show': [[people[1].phone], {}], 'message list': [[], []], worklist: [['read'], []],
		'worklist claim': [[read, ...y], {}], 'worklist release': [[read, ...y], {}], 'worklist done': [[read, ...y], {}],
		'worklist show': [[read, ...y], {}], 'worklist undo': [y, {}], 'worklist next': [['check', ...y], REFUSED], 'worklist act': [['approve', '--all', '--dry-run', ...y], {}], 'worklist answer': [[read, 'x', ...y], REFUSED],
		'worklist pick': [[read, 'yes', ...y], REFUSED],
		'phone script': [['999', ...y], REFUSED], 'phone result': [['999', 'spoken', ...y], REFUSED], 'phone undo': [['999', ...y], REFUSED], 'signature verify': [[application], REFUSED],
		'dialog check': [[], []], 'dialog print': [['renewal'], {}], 'dialog graph': [['renewal'], {}], 'dialog play': [['renewal'], {}, 'start\n< Y\n= step verify\n'],
		'dialog versions': [[], []], 'dialog publish': [['visitor', '--file', ...y], {}], 'dialog undo': [['visitor', 'file', ...y], {}], 'dialog diff': [['visitor', 'file', 'file', ...y], []],
		'dialog waiting': [[], []], 'suppression add': [['13900000077', '--reason', 'by letter', ...y], {}], 'suppression list': [y, []],
		'suppression remove': [['13900000077', '--reason', 'came by', ...y], {}], 'dialog begin': [['fresh', '--from', 'visitor', ...y], {}], 'dialog drop': [['fresh', ...y], {}], 'dialog move': [['visitor', '1', 'idle', ...y], {}],
		'token verify': [['rubbish', '--offline'], {}], 'trail show': [[application], []], 'trail verify': [[application], {}], 'trail seal': [[], {}],
		'trail export': [[out('trail.jsonl')], {}], 'retention run': [[], []], 'retention orders': [[], []],
		'person export': [[h.phone, ...y], {}], 'person erase': [[h.phone, '--dry-run', ...y], {}],
		report: [[], []], forecast: [[], []], letters: [['--out', out('letters.html'), ...y], {}],
		'link status': [[], []], 'link log': [['east', 'on'], REFUSED], 'link capture': [['east', 'off'], REFUSED],
		'staff add': [['wang', '--roles', 'look', ...y], {}, 'correct horse\n'], 'staff roles': [['li', 'send', ...y], {}], 'staff passwd': [['li', ...y], {}, 'another horse\n'],
		'staff list': [[], []], 'staff disable': [['li', ...y], {}], 'staff enable': [['li', ...y], {}], 'staff sessions': [['li', ...y], []], 'staff log': [[], []],
		'apikey add': [['json', '--scope', 'read', ...y], {}], 'apikey list': [[], []], 'apikey revoke': [['json', ...y], {}],
		'webhook add': [['https://example.org/i', ...y], {}], 'webhook list': [[], []], 'webhook deliveries': [y, []], 'webhook replay': [['999', ...y], REFUSED],
		'webhook test': [[hook, '--wait', '0', ...y], {}], 'webhook pause': [[hook, ...y], []], 'webhook resume': [[hook, ...y], []], 'webhook remove': [[hook, ...y], []], completion: [[], {}],
	};
	const names = [...new Set((await forms()).map((f) => f.name))];
	assert.deepEqual(names.filter((n) => !table[n]), [], 'no row of this table says what they print');
	const wrong = [];
	for (const name of names) {
		const [args, shape, input] = table[name];
		const r = await withInput(input, '--json', ...name.split(' '), ...args);
		let seen = r.stdout === '' && r.code === 1 ? REFUSED : 'no JSON';
		try { seen = Array.isArray(JSON.parse(r.stdout)) ? 'array' : 'object'; } catch {}
		if (seen !== (shape === REFUSED ? REFUSED : Array.isArray(shape) ? 'array' : 'object')) wrong.push(`${name}: ${seen}, ${r.code} ${r.stdout.slice(0, 200)}${r.stderr}`);
	}
	assert.deepEqual(wrong, []);
});

test('a person at a terminal sees how far it is, a program does not', async () => {
	const draft = String((await w.json('campaign', 'create', 'terminal', '--bureau', 'yiyuan')).id);
	await w.must('keygen', '--rotate');
	await w.must('import', 'licences', w.csv('landline.csv', holder(79, { phone: '0533-3241112' }).rows));
	await w.must('scan', '--bureau', 'yiyuan');
	const quote = (s) => `'${s}'`;
	for (const [word, ...args] of [['counting', 'campaign', 'preview', draft, '--bureau', 'yiyuan'], ['scanning', 'scan', '--dry-run', '--bureau', 'yiyuan'],
		['sealing anew', 'keys', 'reseal'], ['sealing', 'trail', 'seal'], ['reading the trail', 'trail', 'verify'], ['reading the trail', 'trail', 'export', join(w.dir, 'seen.jsonl')],
		['writing anew', 'retention', 'run', '--rewrite'], ['counting', 'report'], ['counting', 'forecast'], ['writing letters', 'letters', '--out', join(w.dir, 'seen.html'), '--again', '--bureau', 'yiyuan']]) {
		const seen = await run('script', ['-qec', [join(build, 'huizhi'), '-c', w.conf, ...args].map(quote).join(' '), '/dev/null'], { cwd: root });
		assert.ok(seen.stdout.includes(`\r${word}`), `${args.join(' ')} shows no "${word}":\n${seen.stdout}${seen.stderr}`);
	}
	assert.equal((await w.cli('report')).stderr, '');
});
