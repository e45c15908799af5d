// Letters for who could not be reached: a page each, with a QR code that anybody with the public key can check, and a code
// that leads a clerk to the case.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, build, run } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';
import { modulesOfSvg, readQr } from '../lib/qr.mjs';

let w;
const zhang = holder(901, { name: '沂源县张记<面>馆', licences: 2, address: '沂源县历山路9号' }), smith = holder(902, { language: 'en', name: 'Blue Harbour Café' }),
	old = holder(903, { phone: '0533-3241111', name: '老李茶馆' }), fine = holder(904);
before(async () => {
	w = await World.start({ conf: 'seal_seconds = 0' });
	await remind(w, [zhang, smith, fine]);
	await w.must('import', 'licences', w.csv('old.csv', old.rows));
	await w.must('scan');
	for (const h of [zhang, smith])
		await w.sql(`INSERT INTO worklist (bureau_id, list, conversation_id, phone, reason) SELECT 1, 'phone', id, phone, 'no answer' FROM conversation WHERE phone = '${h.e164}'`);
});
after(async () => { await w?.stop(); });
const page = (file) => readFileSync(file, 'utf8').split('<article ').slice(1);

test('a page for each holder, in their language, with what is due and how to be helped', async () => {
	const file = join(w.dir, 'letters.html');
	assert.equal((await w.json('letters', '--out', file, '--staff', 'zhou')).letters, 3);
	const letters = page(file), of = (text) => letters.find((l) => l.includes(text));
	assert.equal(letters.length, 3);
	const one = of('沂源县张记&lt;面&gt;馆');
	assert.ok(one.startsWith('lang="zh"') && one.includes('沂源县历山路9号'));
	for (const no of zhang.licences) assert.ok(one.includes(no));
	assert.ok(one.includes('沂源县行政审批服务局') && one.includes('0533-3241234') && !one.includes(zhang.phone));
	const two = of('Blue Harbour');
	assert.ok(two.startsWith('lang="en"') && two.includes('Your licence is about to expire') && two.includes('Food'));
	const three = of('老李茶馆');
	assert.ok(!three.includes('class="code"') && three.includes('到窗口办理'), 'no talk, no code');
	assert.ok(!readFileSync(file, 'utf8').includes(fine.licences[0]));
	assert.ok(!/\{\w+\}|\{\{/.test(readFileSync(file, 'utf8').replace(/<style>[^]*<\/style>/, '')), 'nothing is left to fill in');

	// The code of the letter leads to the case; it is good for 30 days.
	const code = one.match(/<strong>(\d{4} \d{4})<\/strong>/)[1];
	const found = await w.json('token', 'verify', code);
	assert.equal(found.good, true);
	assert.deepEqual(found.applications.map((a) => a.licence_no), zhang.licences);
	assert.ok(Date.parse(found.expires_at) > Date.now() + 29 * 86400000);

	// The QR code is checked with the public key alone, without configuration or database.
	const svg = Buffer.from(one.match(/src="data:image\/svg\+xml;base64,([^"]+)"/)[1], 'base64').toString();
	const url = readQr(modulesOfSvg(svg));
	assert.match(url, /\/r\/[\w-]{138}$/);
	const offline = (text) => run(join(build, 'huizhi'), ['-c', '/nonexistent', '--json', 'token', 'verify', text, '--public-key', join(w.dir, 'keys/sign.1.pub')]);
	let r = await offline(url);
	assert.deepEqual([r.code, JSON.parse(r.stdout).grant, JSON.parse(r.stdout).purpose], [0, found.grant, 'renew']);
	r = await offline(url.slice(0, -3) + (url.at(-3) === 'A' ? 'B' : 'A') + url.slice(-2));
	assert.deepEqual([r.code, JSON.parse(r.stdout).good], [1, false]);
});

test('who was written to is not written to again at once, unless asked; that it was done is in the trail', async () => {
	const file = join(w.dir, 'more.html');
	assert.equal((await w.json('letters', '--out', file)).letters, 0);
	assert.ok(!existsSync(file));
	assert.equal((await w.json('letters', '--out', file, '--again', '--limit', '2')).letters, 2);
	assert.equal(await w.sql("SELECT count(*) FROM trail WHERE kind = 'letter_made' AND actor = 'staff:zhou'"), '4');
	// A file that is there is not written over, and then nothing is stored either.
	const grants = await w.sql('SELECT count(*) FROM access_grant');
	const r = await w.cli('letters', '--out', file, '--again');
	assert.equal(r.code, 1);
	assert.match(r.stderr, /cannot make .*more\.html/);
	assert.equal(await w.sql('SELECT count(*) FROM access_grant'), grants);
	assert.equal((await w.cli('letters')).code, 2);
	assert.deepEqual((await w.json('trail', 'verify')).faults, []);
});
