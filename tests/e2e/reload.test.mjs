// SIGHUP: what a bureau changes on a working day is taken over without a restart; what cannot be is named.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, root, run } from '../lib/world.mjs';

let w;
before(async () => { w = await World.start(); });
after(async () => { await w?.stop(); });

async function hup(done) {
	const from = w.daemon.lines.length;
	w.daemon.child.kill('SIGHUP');
	await w.daemon.line(done, { from });
	return w.daemon.lines.slice(from).join('\n');
}

test('a telephone number, an item’s name and the pages change while the daemon runs', async () => {
	const phone = '+8613800000901';
	await w.say(phone, '帮助', /0533-3241234/);
	const items = join(w.dir, 'items');
	cpSync(join(root, 'conf/items'), items, { recursive: true });
	const conf = readFileSync(w.conf, 'utf8').replace('0533-3241234', '0533-7654321');
	writeFileSync(w.conf, conf);
	const said = await hup(/pages read again/);
	assert.match(said, /configuration read again/);
	assert.match(said, /templates read again/);
	assert.doesNotMatch(said, /restart/);
	await w.say(phone, '帮助', /0533-7654321/);

	// The folder of the items is another one: that needs a restart, and everything stays as it is.
	writeFileSync(w.conf, conf.replace(join(root, 'conf/items'), items));
	assert.match(await hup(/pages read again/), /items.*restart/s);
	await w.say(phone, '帮助', /0533-7654321/);
	await w.stopDaemon();
	await w.startDaemon();
	const file = join(items, 'yiyuan.conf');
	writeFileSync(file, readFileSync(file, 'utf8').replace('"食品经营许可证延续"', '"食品经营许可证换发"'));
	assert.doesNotMatch(await hup(/pages read again/), /restart/);
	assert.equal(await w.sql("SELECT name_zh FROM item WHERE code = 'food-business-renewal'"), '食品经营许可证换发');
});

test('links, codes and hours of the configuration are named as needing a restart', async () => {
	const conf = readFileSync(w.conf, 'utf8');
	writeFileSync(w.conf, conf.replace('backoff_min_ms = 50', 'backoff_min_ms = 60').replace('short_code = "10690001"', 'short_code = "10690002"'));
	const said = await hup(/pages read again/);
	assert.match(said, /link east backoff_min_ms: a change needs a restart/);
	assert.match(said, /bureau yiyuan short_code: a change needs a restart/);
	await w.say('+8613800000902', '帮助', /人工电话/);
});

// ---- The wire log ---------------------------------------------------------------------------------------------------

const wireLines = (from) => w.daemon.lines.slice(from).filter((l) => / wire=(in|out) /.test(l));

test('huizhi link log shows a link’s PDUs while the daemon runs, masked unless asked', async () => {
	const phone = '+8613800000903';
	let from = w.daemon.lines.length;
	assert.deepEqual(await w.json('link', 'log', 'east', 'on'), { link: 'east', log: 'headers', daemons: 1 });
	await w.daemon.line(/link=east wire_log=headers was=off/, { from });
	await w.say(phone, '帮助', /人工电话/);
	await w.daemon.line(/wire=in deliver_sm .*source="\*\*\*0903".* text=\(4 octets\)/, { from });
	await w.daemon.line(/wire=out submit_sm sequence=\d+ source="10690001" \(.*dest="\*\*\*0903" .* data_coding=8 \(UCS-2\)/, { from });
	await w.daemon.line(/wire=out deliver_sm_resp sequence=\d+ status=0x00 \(ok\)/, { from });
	await w.daemon.line(/wire=in submit_sm_resp sequence=\d+ status=0x00 \(ok\) message_id=/, { from });
	assert.ok(wireLines(from).every((l) => !l.includes('13800000903') && !l.includes('帮助')));

	from = w.daemon.lines.length;
	await w.must('link', 'log', 'east', 'full');
	await w.daemon.line(/wire_log=full was=headers/, { from });
	await w.say(phone, '帮助', /人工电话/);
	await w.daemon.line(/wire=in deliver_sm .*source="\+?8613800000903".* text="帮助"/, { from });

	await w.must('link', 'log', 'east', 'off');
	await w.daemon.line(/wire_log=off was=full/, { from });
	from = w.daemon.lines.length;
	await w.say(phone, '帮助', /人工电话/);
	assert.deepEqual(wireLines(from), []);
});

test('nothing is written to the carrier before its attempt is stored', async () => {
	const phone = '+8613800000905', from = w.daemon.lines.length;
	await w.must('link', 'log', 'east', 'on');
	await w.daemon.line(/wire_log=headers/, { from });
	// Whoever stores an attempt waits for this lock.
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-qAtX', '-d', w.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	const held = new Promise((done) => psql.stdout.once('data', done));
	psql.stdin.write('BEGIN; LOCK TABLE outbox_direct IN EXCLUSIVE MODE; SELECT 1;\n');
	await held;
	await w.text(phone, '帮助');
	for (;;) if (await w.sql("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'outbox_direct'::regclass") === 't') break;
	assert.deepEqual(wireLines(from).filter((l) => l.includes('0905') && !/wire=in deliver_sm/.test(l)), []);
	assert.equal((await w.record('submit')).filter((r) => r.dest?.endsWith('13800000905')).length, 0);
	psql.stdin.end('COMMIT;\n');
	await w.next(phone, /人工电话/);
	await w.daemon.line(/wire=out submit_sm .*dest="\*\*\*0905"/, { from });
	await w.must('link', 'log', 'east', 'off');
	await w.daemon.line(/wire_log=off was=headers/, { from });
});

test('huizhi link log and link capture refuse what cannot be', async () => {
	for (const [words, code, said] of [
		[['link', 'log', 'west', 'on'], 1, /no link west/],
		[['link', 'log', 'east', 'loud'], 2, /loud is none of on, off and full/],
		[['link', 'capture', 'east', 'full'], 2, /full is neither on nor off/],
		[['link', 'capture', 'east', 'on'], 1, /no file for a capture: give the key wire_pcap/],
	]) {
		const r = await w.cli(...words);
		assert.equal(r.code, code, r.stderr);
		assert.match(r.stderr, said);
	}
});

test('a capture begins at SIGHUP; Wireshark finds a whole conversation in it and nothing to warn of', async () => {
	const phone = '+8613800000904', file = join(w.dir, 'east.pcap'), conf = readFileSync(w.conf, 'utf8');
	const captured = conf.replace('system_id = "huizhi"', `system_id = "huizhi"  wire_log = "headers"  wire_pcap = "${file}"`);
	writeFileSync(w.conf, captured);
	let from = w.daemon.lines.length;
	const said = await hup(/pages read again/);
	assert.match(said, /link=east capture=on/);
	assert.doesNotMatch(said, /link east wire.*restart/);
	await w.say(phone, '帮助', /人工电话/);
	await w.drop();
	await w.daemon.line(/link=east .*state=bound was=binding/, { from });
	await w.say(phone, '帮助', /人工电话/);
	await w.stopDaemon();

	assert.equal(statSync(file).mode & 0o777, 0o600);
	const tshark = async (...args) => {
		const r = await run('tshark', ['-n', '-r', file, '-d', `tcp.port==${w.smppPort},smpp`, '-o', 'tcp.check_checksum:TRUE', ...args],
			{ env: { ...process.env, HOME: w.dir, WIRESHARK_CONFIG_DIR: w.dir } });
		assert.equal(r.code, 0, r.stderr);
		return r.stdout.trim();
	};
	assert.equal(await tshark('-Y', '_ws.malformed || _ws.expert.severity >= 0x600000 || tcp.analysis.flags', '-T', 'fields', '-e', '_ws.expert.message'), '');
	const seen = new Set((await tshark('-Y', 'smpp', '-T', 'fields', '-E', 'occurrence=f', '-e', 'smpp.command_id')).split('\n'));
	for (const command of ['0x00000005', '0x80000005', '0x00000004', '0x80000004', '0x00000009', '0x80000009', '0x00000006', '0x80000006'])
		assert.ok(seen.has(command), `${command} in ${[...seen]}`);
	assert.equal(await tshark('-Y', 'smpp.command_id == 9', '-T', 'fields', '-e', 'smpp.password'), '******');
	assert.doesNotMatch(readFileSync(file, 'latin1'), /secret|13800000904/);
	assert.match(readFileSync(file, 'latin1'), /\*{9}0904/);
	writeFileSync(w.conf, conf);
	await w.startDaemon();
});
