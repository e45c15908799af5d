// Debian's Net::SMPP, driven through tests/smpp/peer.pl: PDUs out by name, PDUs in waited for. What it warns of on standard
// error is kept: a peer that finds nothing odd is silent.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { PATIENCE, deadline, root } from './world.mjs';

export const ucs2 = (text) => Buffer.from(text, 'utf16le').swap16().toString('hex');
export const words = (hex) => Buffer.from(hex, 'hex').swap16().toString('utf16le');

export class PerlPeer {
	static async start(...args) {
		const p = new PerlPeer();
		p.told = [];
		p.waiting = [];
		p.warned = [];
		p.child = spawn('perl', ['-w', join(root, 'tests/smpp/peer.pl'), ...args.map(String)], { stdio: ['pipe', 'pipe', 'pipe'] });
		p.exited = new Promise((done) => p.child.on('exit', done));
		createInterface({ input: p.child.stderr }).on('line', (l) => { if (!/SO_REUSEADDR/.test(l)) p.warned.push(l); }); // its own slip when it listens
		createInterface({ input: p.child.stdout }).on('line', (l) => {
			const e = JSON.parse(l);
			if (p.answer?.(e)) return;
			const i = p.waiting.findIndex((w) => w.fits(e));
			if (i >= 0) p.waiting.splice(i, 1)[0].done(e);
			else p.told.push(e);
		});
		try {
			if (args[0] === 'smsc') p.port = (await p.next((e) => e.port, 'its port')).port;
			else await p.next((e) => e.session === 1, 'its session');
		} catch (e) {
			p.child.kill('SIGKILL');
			throw e;
		}
		return p;
	}
	// The oldest that fits and was not taken yet, or the next one.
	next(fits, what = fits) {
		const i = this.told.findIndex(fits);
		if (i >= 0) return Promise.resolve(this.told.splice(i, 1)[0]);
		return deadline(new Promise((done) => this.waiting.push({ fits, done })), PATIENCE,
			() => `Net::SMPP never told of ${what}; it has ${JSON.stringify(this.told).slice(-1500)} ${this.warned.join('\n')}`);
	}
	pdu(cmd, fits = () => true) { return this.next((e) => e.cmd === cmd && fits(e), cmd); }
	send(pdu, fields = {}, session = 1) { this.child.stdin.write(`${JSON.stringify({ session, pdu, ...fields })}\n`); }
	close(session = 1) { this.child.stdin.write(`${JSON.stringify({ session, close: 1 })}\n`); }
	// A request and its response, which bears its sequence number.
	async ask(pdu, fields = {}, session = 1) {
		const seq = (this.last = (this.last || 100) + 1);
		this.send(pdu, { ...fields, seq }, session);
		return this.next((e) => e.session === session && e.seq === seq && /_resp$|nack/.test(e.cmd), `the response to ${pdu}`);
	}
	async stop() { this.child.stdin.end(); await this.exited; }
}
