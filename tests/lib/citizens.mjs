// Made-up people with a licence that runs out, brought to where the link has come, in the real world of world.mjs.
import { creditCode } from './world.mjs';

const day = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);
const quote = (s) => `"${s.replaceAll('"', '""')}"`;

// list: [{ name, language, address, item, licences }]; each gets phone, number, tail, licence_no, expires. One import, one scan.
export async function settle(world, list) {
	const rows = [];
	list.forEach((c, i) => {
		c.phone = `+8613800${String(100000 + i)}`;
		c.number = creditCode(`92370323MA${String(1000000 + i * 7919)}`);
		c.tail = c.number.slice(-6);
		c.language ??= 'zh';
		c.address ??= `山东省淄博市沂源县鲁山路${i + 1}号2单元301室`;
		c.licences ??= 1;
		c.licence_no = `JY2370323${String(1000 + i)}`;
		c.expires = day(20);
		for (let n = 0; n < c.licences; n++)
			rows.push(['yiyuan', c.item ?? 'food-business-renewal', `${c.licence_no}${n === 0 ? '' : n}`, quote(c.name), c.phone.slice(3), c.language,
				'2021-12-20', day(20 + n), c.number, quote(c.address), '']);
	});
	await world.must('import', 'licences', world.csv('citizens.csv', rows));
	await world.must('scan');
	return list;
}

// Answers the reminder; the text that comes back carries link and code.
export async function invite(world, citizen) {
	await world.next(citizen.phone);
	const text = await world.say(citizen.phone, 'Y', /\/r\//);
	return take(citizen, text);
}

export function take(citizen, text) {
	citizen.link = text.match(/http\S+\/r\/[\w-]+/)[0];
	citizen.code = text.match(/(?<!\d)\d{4} ?\d{4}(?!\d)/)[0];
	citizen.token = citizen.link.split('/').pop();
	return citizen;
}
