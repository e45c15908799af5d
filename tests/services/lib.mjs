// A service in the world of tests/lib: its own configuration from conf/SERVICE.conf and conf/items, the shipped templates,
// a private database and the pretend carrier. Only what depends on the day or the hour of the test is taken out: sending
// hours, weekends, holidays and the daily scan (tests/unit/gateway/test_reminders.c has those).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, creditCode, root, cookiesOf } from '../lib/world.mjs';
import { day } from '../lib/people.mjs';

export function bureausOf(service, { more = '' } = {}) {
	const text = readFileSync(join(root, `conf/${service}.conf`), 'utf8');
	return text.slice(text.indexOf('\nbureau '))
		.replace(/^\tsend_hours = .*$/gm, '\tsend_hours = "00:00-24:00"').replace(/^\tscan_at = .*$/gm, '\tscan_at = ""')
		.replace(/^\t(weekend|holidays|workdays) = .*\n/gm, '').replace(/^bureau .*$/gm, (l) => `${l}\n${more}`);
}

export const open = (service, options = {}) => World.start({ ...options, bureaus: bureausOf(service, options) });

// A firm with n licences of an item (or of several, in turn) on one phone; `facts` become columns fact.NAME.
export function firm(index, { bureau, item, days = 20, licences = 1, name, phone, language = 'zh', tags = '', facts = {}, address, expires = true } = {}) {
	const id = creditCode(`92370323MA4${String(index).padStart(6, '0')}`);
	const f = { id, last6: id.slice(-6), bureau, item, name: name ?? `第${index}商行`, language, facts, nos: [], rows: [], tags,
		phone: phone === undefined ? `139${String(index).padStart(8, '0')}` : phone, address: address ?? `人民路${index}号` };
	f.e164 = f.phone.startsWith('+') || !f.phone ? f.phone : `+86${f.phone}`;
	for (let i = 0; i < licences; i++) {
		const no = `L${String(index).padStart(6, '0')}${String(i).padStart(2, '0')}`;
		f.nos.push(no);
		f.rows.push({ bureau, item: Array.isArray(item) ? item[i % item.length] : item, licence_no: no, holder: f.name, phone: f.phone, language, issued_on: day(days - 1460),
			expires_on: expires ? day(days) : '', id_number: id, address: f.address, tags, ...Object.fromEntries(Object.entries(facts).map(([k, v]) => [`fact.${k}`, v])) });
	}
	return f;
}

const cell = (v) => (/[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
export async function importFirms(w, firms) {
	const rows = firms.flatMap((f) => f.rows), columns = [...new Set(rows.flatMap((r) => Object.keys(r)))];
	const file = join(w.dir, 'firms.csv');
	writeFileSync(file, `${columns.join(',')}\n${rows.map((r) => columns.map((c) => cell(String(r[c] ?? ''))).join(',')).join('\n')}\n`);
	return w.json('import', 'licences', file);
}
export async function importChanges(w, changes) {
	const file = join(w.dir, 'changes.csv');
	writeFileSync(file, `bureau,licence_no,id_number,changed_on,field,old,new\n${changes.map((c) => c.map((v) => cell(String(v))).join(',')).join('\n')}\n`);
	return w.json('import', 'changes', file);
}
// Imports, scans, and gives each firm its reminder.
export async function remind(w, firms) {
	await importFirms(w, firms);
	const scanned = await w.json('scan');
	for (const f of firms) if (f.e164) f.reminder = await w.next(f.e164);
	return scanned;
}

export const idsOf = async (w, f) => (await w.sql(`SELECT a.id FROM application a JOIN licence l ON l.bureau_id = a.bureau_id AND l.id = a.licence_id WHERE l.licence_no IN (${f.nos.map((n) => `'${n}'`)}) ORDER BY a.id`)).split('\n').filter(Boolean);
export const idOf = async (w, f) => (await idsOf(w, f))[0];
export const field = (w, id, column) => w.sql(`SELECT ${column} FROM application WHERE id = ${id}`);
export const trailOf = async (w, id) => (await w.json('trail', 'show', String(id)));
export const kindsOf = async (w, id) => (await trailOf(w, id)).map((e) => e.kind);
export const codeIn = (text) => text.match(/(?:代码|code )(\d{8})/)[1];
export const linkIn = (text) => text.match(/http\S+\/r\/[\w-]+/)[0];
// A clerk proves identity by the code that the citizen reads out.
export const prove = (w, f, verify, staff = '陈静') => w.must('token', 'verify', codeIn(verify), '--prove', '--id', f.last6, '--staff', staff);

// A browser: cookies kept, forms posted with the token of the page that was shown last.
export class Browser {
	constructor() { this.cookies = new Map(); this.html = ''; }
	async go(url, options = {}) {
		for (let hops = 0; hops < 6; hops++) {
			const r = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ') } });
			for (const c of cookiesOf(r.headers)) { const [k, v] = c.split(';')[0].split(/=(.*)/s); this.cookies.set(k, v); }
			this.status = r.status;
			this.url = url;
			const to = r.headers.get('location');
			if (!to) { this.html = await r.text(); return this; }
			this.location = new URL(to, url).href;
			if (this.stopAt && this.location.startsWith(this.stopAt)) return this;
			url = this.location;
			options = {};
		}
		throw new Error(`too many redirects at ${url}`);
	}
	hidden(name) { return this.html.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1]; }
	post(fields) {
		// The hidden fields of the page's form go with it, as a browser sends them.
		const shown = this.hidden('shown');
		const body = new URLSearchParams({ token: this.hidden('token'), ...(shown && fields.do === 'apply' ? { shown } : {}), ...fields });
		return this.go(this.url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
	}
	get words() { return this.html.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' '); }
}
