// Debian's Kannel as an ESME at our pretend carrier: a gateway that carriers know. It binds as a transceiver and as a pair,
// sends texts of every alphabet and length with receipts, gets texts, and unbinds. All of it lies in a temporary folder.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENCE, Program, deadline, freePort } from '../lib/world.mjs';
import { Carrier } from './smsc-client.mjs';

// Texts of the other alphabet come as their octets, two a character.
function utf16(url) {
	const octets = Buffer.from(unescape(url.match(/[?&]text=([^&]*)/)[1].replaceAll('+', ' ')), 'latin1');
	return octets.swap16().toString('utf16le');
}

// What Kannel tells by HTTP: receipts under /dlr, texts under /mo; each is waited for.
class Ear {
	static async start() {
		const e = new Ear();
		e.heard = [];
		e.waiting = [];
		e.server = http.createServer((request, response) => {
			const url = new URL(request.url, 'http://x'), told = { path: url.pathname, ...Object.fromEntries(url.searchParams) };
			if (told.coding === '2') told.text = utf16(request.url);
			response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
			response.end(url.pathname === '/mo' ? e.answer || '' : '');
			e.heard.push(told);
			e.waiting = e.waiting.filter((w) => !w(told));
		});
		await new Promise((done) => e.server.listen(0, '127.0.0.1', done));
		e.url = `http://127.0.0.1:${e.server.address().port}`;
		return e;
	}
	next(fits, what) {
		const old = this.heard.find(fits);
		if (old) return Promise.resolve(old);
		return deadline(new Promise((done) => this.waiting.push((told) => fits(told) && (done(told), true))), PATIENCE, () => `Kannel never told of ${what}: ${JSON.stringify(this.heard)}`);
	}
	stop() { this.server.closeAllConnections?.(); this.server.close(); }
}

async function kannel(carrier, ear, dir, pair) {
	const box = await freePort(), admin = await freePort(), send = await freePort(), conf = join(dir, `${pair ? 'pair' : 'one'}.conf`);
	// Its pair is two connections with one name.
	const modes = pair ? [`port = ${carrier.port}\ntransceiver-mode = false`, `receive-port = ${carrier.port}\ntransceiver-mode = false`] : [`port = ${carrier.port}\ntransceiver-mode = true`];
	writeFileSync(conf, `group = core
admin-port = ${admin}
admin-password = test
admin-allow-ip = "127.0.0.1"
smsbox-port = ${box}
log-level = 1
dlr-storage = internal
sms-resend-freq = 1

${modes.map((mode) => `group = smsc
smsc = smpp
smsc-id = east
host = 127.0.0.1
${mode}
smsc-username = huizhi
smsc-password = secret
system-type = ""
my-number = 10690001
source-addr-ton = 0
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
max-pending-submits = 10
enquire-link-interval = 1
reconnect-delay = 1
`).join('\n')}
group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${send}
log-level = 1

group = sendsms-user
username = test
password = test
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
accept-x-kannel-headers = true
concatenation = true
max-messages = 10
get-url = "${ear.url}/mo?from=%p&to=%P&text=%b&coding=%c"
`);
	const k = { pair };
	k.bearerbox = new Program('bearerbox', ['-v', '1', conf]);
	await carrier.recorded((e) => e.kind === 'bind' && e.status === 0 && e.note === `bind_${pair ? 'receiver' : 'transceiver'}`);
	if (pair) await carrier.recorded((e) => e.kind === 'bind' && e.status === 0 && e.note === 'bind_transmitter');
	k.smsbox = new Program('smsbox', ['-v', '1', conf]);
	await k.smsbox.line(/Connected to bearerbox/);
	// What smsbox answers to an order: accepted for delivery, or why not.
	k.send = async (to, text, { unicode = false, name = '', ...more } = {}) => {
		const query = new URLSearchParams({ username: 'test', password: 'test', from: '10690001', to, text, charset: 'UTF-8', coding: unicode ? '2' : '0', 'dlr-mask': '31',
			'dlr-url': `${ear.url}/dlr?name=${name}&type=%d`, ...more });
		for (const end = Date.now() + PATIENCE * 1000; ;) {
			const r = await fetch(`http://127.0.0.1:${send}/cgi-bin/sendsms?${query}`).catch((e) => ({ status: 0, text: async () => e.message }));
			const said = await r.text();
			if (r.status === 202) return said;
			assert.ok(Date.now() < end, `sendsms says ${r.status} ${said}`);
			await k.smsbox.line(/./, { seconds: 0.2, from: k.smsbox.lines.length }).catch(() => {});
		}
	};
	k.stop = async () => { for (const p of [k.smsbox, k.bearerbox]) await p.end('SIGTERM', 15); };
	return k;
}

const PHONE = '+8613800138000', LONG = '您的食品经营许可证将于下月到期，请带齐材料到政务服务大厅三楼十二号窗口办理延续手续。'.repeat(3);

for (const pair of [false, true]) {
	test(`Kannel as ${pair ? 'a transmitter and a receiver' : 'a transceiver'}`, async () => {
		const dir = mkdtempSync(join(tmpdir(), 'huizhi-kannel.')), ear = await Ear.start();
		const carrier = await Carrier.start('--system-id', 'huizhi', '--password', 'secret', '--fault', 'receipt-delay=20');
		let k;
		try {
			k = await kannel(carrier, ear, dir, pair);
			// Out: each alphabet, and long ones, which Kannel cuts itself; every text as a phone shows it.
			const texts = [['plain', 'Your licence runs out. Reply Y or N. @£$¥ {[~]}€', {}], ['chinese', '您的证照将于下月到期，续办请回复 Y。', { unicode: true }],
				['long', 'A text of the GSM alphabet that needs three parts, '.repeat(8).trim(), {}], ['longchinese', LONG, { unicode: true }]];
			for (const [name, text, how] of texts) await k.send(PHONE, text, { ...how, name });
			for (const [name] of texts) await ear.next((h) => h.path === '/dlr' && h.name === name && h.type === '1', `the receipt of ${name}`);
			const shown = (await carrier.texts(PHONE)).map((t) => t.text).reverse();
			assert.deepEqual(shown.sort(), texts.map(([, t]) => t).sort());
			// A refusal, and a text that fails later, come back as such.
			await carrier.faults({ 'invalid-destination': '+8613800138009', 'receipt-state': '+8613800138008=UNDELIV' });
			await k.send('+8613800138009', 'refused', { name: 'refused' });
			await ear.next((h) => h.name === 'refused' && h.type === '16', 'the refusal');
			await k.send('+8613800138008', 'fails', { name: 'fails' });
			await ear.next((h) => h.name === 'fails' && h.type === '2', 'the failure');
			// The carrier is busy for a moment: Kannel waits and sends again.
			await carrier.faults({ reset: true, throttle: 1 });
			await k.send(PHONE, 'later', { name: 'later' });
			await carrier.recorded((e) => e.kind === 'submit' && e.status === 0x58);
			await carrier.faults({ reset: true, 'receipt-delay': 20 });
			await ear.next((h) => h.name === 'later' && h.type === '1', 'the text after the throttle');
			// In: what phones write, in both alphabets and in parts, and the answer that the service gives.
			ear.answer = 'thanks';
			for (const text of ['Y', '好的，谢谢', 'Please tell me more about this. '.repeat(8).trim(), LONG]) {
				const said = await carrier.say(PHONE, text, { to: '10690001' });
				const heard = await ear.next((h) => h.path === '/mo' && h.text === text, `«${text}»`);
				assert.deepEqual([heard.from.replace(/^\+|^00/, ''), heard.to], [PHONE.slice(1), '10690001']);
				await carrier.recorded((e) => e.kind === 'answered' && e.message === said.n && e.status === 0);
			}
			await carrier.recorded((e) => e.kind === 'submit' && e.text === 'thanks');
			// Nothing that either of them wrote was unreadable to the other. (Kannel misses the body of refusals, which 4.4.2
			// of the specification leaves out.)
			assert.equal((await carrier.get('stats')).nacks, 0);
			const complaints = k.bearerbox.lines.filter((l) => /ERROR|WARNING.*SMPP/.test(l) && !/message_id\) has no NULL|0x0000000b|0x00000058|Throttling|Invalid Dest/i.test(l));
			assert.deepEqual(complaints, []);
			await k.stop();
			k = undefined;
			const unbinds = (await carrier.get('record?limit=1000&kind=unbind')).record;
			assert.equal(unbinds.length, pair ? 2 : 1, 'each session was unbound');
		} finally {
			await k?.stop().catch(() => {});
			ear.stop();
			await carrier.stop();
			rmSync(dir, { recursive: true, force: true });
		}
	});
}
