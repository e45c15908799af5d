// One more pretend carrier beside the world's own: for tests with several links.
import { join } from 'node:path';
import { PATIENCE, Program, build } from './world.mjs';

export class Carrier {
	static async start({ port = 0, args = [] } = {}) {
		const c = new Carrier();
		c.program = new Program(join(build, 'huizhi-smsc'), ['--smpp', `127.0.0.1:${port}`, '--http', '127.0.0.1:0', '--system-id', 'huizhi',
			'--password', 'secret', '--seed', '1', ...args]);
		c.port = Number((await c.program.line(/^smpp 127\.0\.0\.1:(\d+)/))[1]);
		c.url = (await c.program.line(/^http (http:\S+?)\/?$/))[1];
		c.cursors = new Map();
		return c;
	}
	async fetch(path, options) {
		const r = await fetch(this.url + path, options);
		if (!r.ok) throw new Error(`${path} -> ${r.status} ${await r.text()}`);
		return r.json();
	}
	text(phone, text, more = {}) {
		return this.fetch(`/phones/${encodeURIComponent(phone)}/send`, { method: 'POST', body: JSON.stringify({ text, to: '10690001', ...more }) });
	}
	faults(set) { return this.fetch('/faults', { method: 'POST', body: JSON.stringify(set) }); }
	// All that this carrier has of one phone, oldest first.
	async texts(phone) { return (await this.fetch(`/phones/${encodeURIComponent(phone)}/messages?limit=1000`)).messages.reverse(); }
	// The next text that this phone receives here, each once; it must match.
	async next(phone, pattern = /./s, seconds = PATIENCE) {
		for (let after = this.cursors.get(phone) || 0, until = Date.now() + seconds * 1000; ;) {
			const wait = Math.max(1, Math.min(20, Math.ceil((until - Date.now()) / 1000)));
			const r = await this.fetch(`/messages?after=${after}&wait=${wait}&limit=1&direction=received&phone=${encodeURIComponent(phone)}`);
			after = r.next;
			if (r.messages.length > 0) {
				this.cursors.set(phone, after);
				if (!pattern.test(r.messages[0].text)) throw new Error(`${phone} got «${r.messages[0].text}», not ${pattern}`);
				return r.messages[0].text;
			}
			if (Date.now() >= until) throw new Error(`${phone} got no text that matches ${pattern}`);
		}
	}
	async record(kind = '') {
		const all = [];
		for (let after = 0; ;) {
			const r = await this.fetch(`/record?after=${after}&limit=1000${kind ? `&kind=${kind}` : ''}`);
			all.push(...r.record);
			if (r.record.length === 0 || r.next === after) return all;
			after = r.next;
		}
	}
	stop(signal = 'SIGTERM') { return this.program.code === undefined ? this.program.end(signal) : undefined; }
}
