// A carrier that sends rubbish without end on one link, beside a conversation on another: the talk is whole, each text is
// answered once, and the daemon lives.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { BUREAU, PATIENCE, Program, World, build } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';

const u32 = (...n) => Buffer.concat(n.map((x) => { const b = Buffer.alloc(4); b.writeUInt32BE(x >>> 0); return b; }));
const pdu = (command, sequence, body = Buffer.alloc(0)) => Buffer.concat([u32(16 + body.length, command, 0, sequence), body]);
// mulberry32, for rubbish that is the same in every run
function random(a) {
	return () => {
		a = (a + 0x6D2B79F5) | 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

// Answers the bind as it should be, then sends malformed PDUs as fast as they are read; every lot ends with something that
// no framing survives now and then, so that the link is bound anew.
class Rubbish {
	static start() {
		const c = new Rubbish();
		Object.assign(c, { sent: 0, binds: 0, nacked: 0, sockets: new Set(), going: true, dice: random(7) });
		c.server = net.createServer((s) => c.#session(s));
		return new Promise((done) => c.server.listen(0, '127.0.0.1', () => { c.port = c.server.address().port; done(c); }));
	}
	#session(s) {
		this.sockets.add(s);
		s.on('error', () => {});
		s.on('close', () => this.sockets.delete(s));
		s.on('data', (d) => {
			if (!s.bound && d.length >= 16) {
				s.bound = true;
				this.binds++;
				s.write(pdu(0x80000009, d.readUInt32BE(12), Buffer.from('rubbish\0')));
				this.#flood(s);
			}
			if (d.includes(u32(0x80000000)) || d.includes(u32(0x80000005))) this.nacked++;
		});
	}
	#flood(s) {
		const { dice } = this, octets = (n) => Buffer.from(Array.from({ length: n }, () => Math.floor(dice() * 256)));
		const lot = () => {
			const list = [];
			for (let i = 0; i < 200; i++, this.sent++) {
				const kind = Math.floor(dice() * 6), sequence = Math.floor(dice() * 2 ** 32);
				if (kind === 0) list.push(pdu(5, sequence, octets(Math.floor(dice() * 200)))); // a deliver_sm of anything
				else if (kind === 1) list.push(pdu(Math.floor(dice() * 2 ** 32), sequence, octets(Math.floor(dice() * 40)))); // any command
				else if (kind === 2) list.push(pdu(5, sequence, Buffer.concat([Buffer.from('\0\0\x0186138\0\0\x0110690001\0\x40\0\0\0\0\0\0\0'), octets(12), Buffer.from([250]), octets(30)]))); // a text longer than its PDU
				else if (kind === 3) list.push(pdu(0x80000004, sequence, octets(Math.floor(dice() * 30)))); // responses to nothing
				else if (kind === 4) list.push(pdu(0x103, sequence, octets(Math.floor(dice() * 100)))); // data_sm of anything
				else list.push(pdu(5, sequence, Buffer.concat([Buffer.from('\0\x01\x018613800000001\0\0\x0110690001\0\0\0\0\0\0\0\0\0\0\x01x'), octets(9)]))); // options that do not fit
			}
			return Buffer.concat(list);
		};
		const on = () => {
			if (!this.going || s.destroyed) return;
			if (dice() < 0.02) s.write(u32(Math.floor(dice() * 16), 5, 0, 1)); // a length that cannot be
			if (s.write(lot())) setImmediate(on);
			else s.once('drain', on);
		};
		on();
	}
	stop() {
		this.going = false;
		for (const s of this.sockets) s.destroy();
		this.server.close();
	}
}

let w, rubbish;
before(async () => {
	rubbish = await Rubbish.start();
	w = await World.start({
		conf: `log_level = "error"\nlink "west" {\n\thosts = {"127.0.0.1:${rubbish.port}"}\n\tsystem_id = "huizhi"\n\tpassword = "secret"\n\tbackoff_min_ms = 20\n\tbackoff_max_ms = 50\n\tweight = 0\n}`,
		bureaus: BUREAU.replace('{"east"}', '{"east", "west"}'), daemon: false,
	});
});
after(async () => { rubbish?.stop(); await w?.stop(); });

const memory = () => Number(readFileSync(`/proc/${w.daemon.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

test('malformed PDUs without end on one link: a talk on the other is whole', async (t) => {
	w.daemon = new Program(`${build}/huizhid`, ['-c', w.conf]);
	const h = holder(950);
	for (const end = Date.now() + PATIENCE * 1000; rubbish.sent < 1000; await new Promise((done) => setImmediate(done))) assert.ok(Date.now() < end, `${rubbish.binds} binds, ${rubbish.sent} sent\n${w.daemon.tail()}`);
	const began = memory();
	await remind(w, [h]);
	const verify = await w.say(h.e164, 'Y', /核实身份/);
	await w.must('token', 'verify', verify.match(/代码(\d{8})/)[1], '--prove', '--id', h.last6, '--staff', 'chen');
	await w.next(h.e164, /身份已核实/);
	await w.say(h.e164, 'Y', /旧证怎么交回/);
	await w.say(h.e164, '2', /新证怎么领/);
	await w.say(h.e164, '2', /登记的地址/);
	await w.say(h.e164, 'Y', /申请已提交/);
	for (let i = 0; i < 20; i++) await w.say(h.e164, '进度', /已提交，审批中/);
	const during = rubbish.sent;
	rubbish.stop();
	// Each text once in, each answer once out, and nothing of the rubbish in the talk.
	assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND link = 'east'`), '25');
	assert.equal((await w.texts(h.e164)).filter((x) => x.direction === 'received').length, 27);
	assert.equal(await w.sql(`SELECT count(*) FROM message WHERE phone = '${h.e164}' AND link <> 'east'`), '0');
	assert.equal(w.daemon.code, undefined, 'the daemon lives');
	assert.ok(during > 5000 && rubbish.nacked > 0, `${during} PDUs, ${rubbish.binds} binds`);
	t.diagnostic(`${during} malformed PDUs in ${rubbish.binds} binds beside the talk; VmRSS ${began.toFixed(1)} MB at its start, ${memory().toFixed(1)} MB at its end`);
	assert.ok(memory() < began + 64, `${memory()} MB`);
});
