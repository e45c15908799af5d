// Made-up holders for tests: licences that are due today, with the identity numbers that prove them.
import { creditCode } from './world.mjs';

export function day(offset = 0) {
	const now = new Date(Date.now() + offset * 86400000);
	return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(now);
}

// One holder with n licences on one phone. Numbers differ by `index`.
export function holder(index, { language = 'zh', licences = 1, days = 28, item = 'food-business-renewal', name, address, phone, tags = '餐饮' } = {}) {
	const id = creditCode(`92370323MA3${String(index).padStart(6, '0')}`);
	const h = {
		id, last6: id.slice(-6), name: name || `沂源县南麻街道第${index}面馆`, address: address || '沂源县南麻街道历山路15号',
		phone: phone || `138${String(index).padStart(8, '0')}`, language, rows: [], licences: [],
	};
	h.e164 = h.phone.startsWith('+') ? h.phone : `+86${h.phone}`;
	for (let i = 0; i < licences; i++) {
		const no = `JY237032${String(index).padStart(6, '0')}${i}`;
		h.licences.push(no);
		h.rows.push(['yiyuan', item, no, h.name, h.phone, language, day(days - 1826), day(days), id, h.address, tags]);
	}
	return h;
}

// Imports the holders, scans, and waits for each one's reminder.
export async function remind(w, holders) {
	const file = w.csv('licences.csv', holders.flatMap((h) => h.rows));
	const imported = await w.json('import', 'licences', file);
	const scanned = await w.json('scan');
	for (const h of holders) h.reminder = await w.next(h.e164);
	return { imported, scanned };
}

export const application = async (w, h) => (await w.json('application', 'list')).find((a) => a.phone === h.e164);

// What the database says of one application: its status and the kinds of its trail.
export async function trailKinds(w, id) {
	return (await w.sql(`SELECT kind FROM trail WHERE application_id = ${Number(id)} ORDER BY id`)).split('\n');
}
