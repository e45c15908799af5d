// Kannel beside us: bearerbox and smsbox from Debian on the same load generator. Turns: a fixed text answers every text,
// nothing is on disk. Bulk: its own mtbatch gives the texts, receipts are kept in PostgreSQL.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program, freePort, root } from '../lib/world.mjs';

export const hasKannel = () => ['bearerbox', 'smsbox', 'mtbatch'].every((p) => spawnSync('sh', ['-c', `command -v ${p}`]).status === 0);

export class Kannel {
	// nodelay: TCP_NODELAY forced. dlr: {database, connections}: receipts in PostgreSQL.
	static async start(place, { nodelay, dlr, window = 100 }) {
		const k = new Kannel();
		place.kannel = k;
		k.place = place;
		k.dir = join(place.dir, 'kannel');
		mkdirSync(k.dir, { recursive: true });
		k.env = { ...process.env };
		if (nodelay) {
			const library = join(k.dir, 'nodelay.so');
			const r = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, join(root, 'tests/bench/kannel/nodelay.c'), '-ldl']);
			if (r.status !== 0) throw new Error(String(r.stderr));
			k.env.LD_PRELOAD = library;
		}
		k.box = await freePort();
		const admin = await freePort(), sendsms = await freePort(), [host, port] = place.smpp.split(':');
		const conf = join(k.dir, 'kannel.conf');
		writeFileSync(conf, `group = core
admin-port = ${admin}
admin-password = bench
smsbox-port = ${k.box}
log-level = 3
${dlr ? 'dlr-storage = pgsql' : ''}

group = smsc
smsc = smpp
smsc-id = east
host = ${host}
port = ${port}
transceiver-mode = true
smsc-username = huizhi
smsc-password = secret
system-type = ""
my-number = 10690001
max-pending-submits = ${window}
enquire-link-interval = 300

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${sendsms}
log-level = 3

group = sms-service
keyword = default
catch-all = true
max-messages = 1
text = "We have your answer. How does the old certificate come back? Reply 1: you bring it. Reply 2: by courier."
${dlr ? `
group = pgsql-connection
id = bench
host = ${place.socket}
username = huizhi
password = none
database = ${dlr.database}
max-connections = ${dlr.connections}

group = dlr-db
id = bench
table = dlr
field-smsc = smsc
field-timestamp = ts
field-source = source
field-destination = destination
field-service = service
field-url = url
field-mask = mask
field-status = status
field-boxc-id = boxc
` : ''}`);
		if (dlr) {
			// With the index that its lookups want, and the column by which it deletes (once every table had one).
			await place.sql(dlr.database, `DROP TABLE IF EXISTS dlr; CREATE TABLE dlr (oid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, smsc varchar(40), ts varchar(40), source varchar(40), destination varchar(40),
				service varchar(40), url varchar(255), mask integer, status integer, boxc varchar(40)); CREATE INDEX ON dlr (ts, smsc)`);
		}
		const from = place.load.lines.length;
		k.bearerbox = new Program('bearerbox', ['-v', '4', conf], { env: k.env, stdio: ['ignore', 'pipe', 'pipe'] });
		await Promise.race([place.load.line(/"bound"/, { from, seconds: 30 }),
			k.bearerbox.exited.then((code) => { throw new Error(`bearerbox ended (${code})\n${k.bearerbox.tail()}`); })]);
		k.smsbox = new Program('smsbox', ['-v', '4', conf], { env: k.env, stdio: ['ignore', 'pipe', 'pipe'] });
		return k;
	}
	// Its own batch program: one text to each phone, receipts wanted.
	send(phones) {
		const text = join(this.dir, 'text'), receivers = join(this.dir, 'receivers');
		writeFileSync(text, 'Your licence runs out in 28 days. Reply Y to renew it, N if not. Do not want to hear from us again: reply STOP.\n');
		writeFileSync(receivers, `${phones.join('\n')}\n`);
		this.batch = new Program('mtbatch', ['-v', '3', '-b', '127.0.0.1', '-p', String(this.box), '-f', '10690001', '-n', 'bench', '-a', 'bench', '-D', '31', '-u', 'none', text, receivers], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
		return this.batch;
	}
	pids() { return [this.bearerbox, this.smsbox, this.batch].filter(Boolean).map((p) => p.child.pid); }
	async stop() {
		this.place.kannel = undefined;
		for (const p of [this.batch, this.smsbox, this.bearerbox]) {
			if (!p || p.child.exitCode !== null || p.child.signalCode !== null) continue;
			p.child.kill('SIGTERM');
			const late = setTimeout(() => p.child.kill('SIGKILL'), 5000);
			await p.exited;
			clearTimeout(late);
		}
	}
}
