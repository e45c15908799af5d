// Qingdao: a city and two district bureaus with items of their own; renewals by the expiry day, changes by the business
// register; identity proven before the will is asked, also by an identity platform; everything traceable.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { readFileSync } from 'node:fs';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { Browser, codeIn, field, firm, idOf, importChanges, importFirms, kindsOf, linkIn, open, remind, trailOf } from './lib.mjs';
import { root } from '../lib/world.mjs';
import { day } from '../lib/people.mjs';

// The platform: it sees who stands before it, and says so with its key. `person` is whose face it sees.
const keys = generateKeyPairSync('ed25519'), strangers = generateKeyPairSync('ed25519');
const platform = { person: '', result: 'passed', key: keys.privateKey };
const assertion = (state, changes = {}) => {
	const payload = Buffer.from(JSON.stringify({ state, result: platform.result, at: Math.floor(Date.now() / 1000), id: 'FACE-1',
		subject: createHash('sha256').update(`${state}|${platform.person}`).digest('hex'), ...changes })).toString('base64url');
	return `${payload}.${sign(null, Buffer.from(payload), platform.key).toString('base64url')}`;
};
let w, server;
before(async () => {
	server = http.createServer((q, a) => {
		const url = new URL(q.url, 'http://x');
		a.writeHead(303, { location: `${url.searchParams.get('return')}?assertion=${assertion(url.searchParams.get('state'))}` }).end();
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	const raw = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
	w = await open('qingdao', { more: `\tidentity_url = "http://127.0.0.1:${server.address().port}/face"\n\tidentity_key = "${raw}"\n` });
});
after(async () => { await w?.stop(); server?.close(); });

const catalogue = readFileSync(join(root, 'tests/unit/gateway/items.csv'), 'utf8').trim().split('\n').slice(1).map((l) => l.split(',')).filter((r) => r[1] === 'qingdao');
const CODES = { 市级: 'qingdao', 莱西市: 'laixi', 平度市: 'pingdu' };

test('city and districts offer their own items, all 20 of them', async () => {
	assert.equal(catalogue.length, 20);
	const want = {}, have = {};
	for (const [code, , bureaus] of catalogue) for (const b of bureaus.split(';')) (want[CODES[b]] ??= []).push(code);
	for (const b of Object.values(CODES)) have[b] = (await w.sql(`SELECT i.code FROM item i JOIN bureau b ON b.id = i.bureau_id WHERE b.code = '${b}' AND active ORDER BY 1`)).split('\n');
	for (const b of Object.values(CODES)) assert.deepEqual(have[b], want[b].sort(), b);
	// What a district does not offer it does not take.
	const file = firm(1, { bureau: 'laixi', item: 'publication-retail-change' });
	const refused = await importFirms(w, [file]).catch((e) => e);
	assert.match(JSON.stringify(refused.message ?? refused), /publication-retail-change/);
});

const sms = (b) => ({ qingdao: '10690101', pingdu: '10690102', laixi: '10690103' })[b];
const say = async (f, text, pattern) => { await w.text(f.e164, text, { to: sms(f.bureau) }); return w.next(f.e164, pattern); };

test('every one of the 20 items reminds its holder, in the name of the bureau that offers it', async () => {
	const firms = [], changes = [];
	catalogue.forEach(([code, , bureaus, name, trigger], i) => bureaus.split(';').forEach((b, k) => {
		const f = firm(100 + i * 3 + k, { bureau: CODES[b], item: code, days: 28, expires: trigger === 'expiry' });
		f.title = name;
		firms.push(f);
		const what = /representative|publication/.test(code) ? 'legal_representative' : /name|holder/.test(code) ? 'name' : /address/.test(code) ? 'address' : 'legal_representative';
		if (trigger === 'change') changes.push([CODES[b], f.nos[0], f.id, day(-1), what, '原登记', '现登记']);
	}));
	await importFirms(w, firms);
	await importChanges(w, changes);
	await w.must('scan');
	for (const f of firms) {
		const text = await w.next(f.e164);
		assert.ok(text.includes({ qingdao: '【青岛审批】', pingdu: '【平度审批】', laixi: '【莱西审批】' }[f.bureau]), text);
		assert.match(text, /先核实您的身份，再请您确认意愿/);
		assert.ok(text.includes([...f.title].slice(0, 20).join('')), `${f.title}\n${text}`);
	}
});

test('a change in the register: prefilled with what changed, identity before intent, by text', async () => {
	const f = firm(501, { bureau: 'qingdao', item: 'construction-qualification-change', name: '青岛海工建设有限公司', expires: false });
	await importFirms(w, [f]);
	await importChanges(w, [['qingdao', '', f.id, day(-2), 'legal_representative', '王建国', '李海燕'], ['qingdao', '', f.id, day(-2), 'address', '青岛市市北区延安路1号', '青岛市市南区香港路2号']]);
	await w.must('scan', '--bureau', 'qingdao');
	const reminder = await w.next(f.e164, /登记信息已变更/);
	assert.match(reminder, /法定代表人、地址|法定代表人/);
	assert.doesNotMatch(reminder, /李海燕|香港路/, 'nothing personal before identity is proven');
	const verify = await say(f, 'Y', /核实身份/);
	const id = await idOf(w, f);
	assert.equal(await field(w, id, 'status'), 'reminded', 'nothing is agreed yet');
	await w.must('token', 'verify', codeIn(verify), '--prove', '--id', f.last6, '--staff', '王芳');
	await w.next(f.e164, /身份已核实。要办理.*同意由工作人员代办/);
	assert.equal(await field(w, id, 'status'), 'reminded');
	const confirm = await say(f, '同意', /请核对申请/);
	assert.match(confirm, /变更：.*法定代表人：王\*\*→李\*\*/);
	assert.match(confirm, /地址：青岛市市北\*\*\*→青岛市市南\*\*\*/);
	assert.equal(await field(w, id, "status || ' ' || verified_by"), 'verified staff:王芳');
	await say(f, 'Y', /旧证/);
	await say(f, '1', /新证/);
	await say(f, '2', /寄到/);
	await say(f, 'Y', /申请已提交/);
	const kinds = await kindsOf(w, id);
	assert.ok(kinds.indexOf('identity_proven') < kinds.indexOf('consented'), String(kinds));
	// Scanned again, the same change is not told twice.
	assert.equal((await w.json('scan', '--bureau', 'qingdao')).applications, 0);
	await w.must('trail', 'verify', id);
});

test('identity by the platform: out with a signed state, back with a signed assertion; then the will, on the page', async () => {
	const f = firm(601, { bureau: 'pingdu', item: 'employment-agency-renewal', name: '平度人力资源有限公司' });
	await remind(w, [f]);
	const verify = await say(f, 'Y', /核实身份/), id = await idOf(w, f);
	const page = new Browser();
	await page.go(linkIn(verify));
	assert.match(page.words, /刷脸核身/);
	platform.person = f.id;
	await page.go(`${linkIn(verify)}/identity`);
	assert.match(page.words, /核身结果已收到/);
	assert.ok(!page.url.includes(f.id) && !page.url.includes(f.last6), 'no number in any address');
	await page.post({ assertion: page.hidden('assertion') });
	assert.match(page.words, /您愿意办理吗.*同意由工作人员代办/);
	assert.equal(await field(w, id, "status || ' ' || verified_by"), 'reminded platform:FACE-1');
	await page.post({ do: 'agree' });
	assert.match(page.words, /请核对并提交申请/);
	await page.post({ do: 'apply', old: 'courier', delivery: 'pick_up' });
	await w.next(f.e164, /申请已提交/);
	assert.equal(await field(w, id, 'status'), 'submitted');

	// The whole trail, shown to the citizen and to nobody else, and exported for the auditor.
	await page.go(`${linkIn(verify)}/trail`);
	assert.match(page.words, /全过程记录.*发现需要办理.*发出提醒.*核实身份.*身份认证平台.*同意办理.*您.*提交申请/);
	const stranger = new Browser();
	await stranger.go(`${linkIn(verify)}/trail`);
	assert.doesNotMatch(stranger.words, /同意办理/);
	const exported = (await w.must('trail', 'export', '-')).trim().split('\n').map((l) => JSON.parse(l));
	const shown = (await trailOf(w, id)).map((e) => e.id);
	const lines = JSON.stringify(exported);
	assert.ok(shown.every((n) => lines.includes(String(n))), 'every event of it is in the export');
});

test('what is not the platform’s word for this person, this browser and this hour is not believed', async () => {
	const f = firm(611, { bureau: 'pingdu', item: 'employment-agency-renewal' });
	await remind(w, [f]);
	const verify = await say(f, 'Y', /核实身份/), id = await idOf(w, f);
	const out = async (browser) => { // to the platform's door
		browser.stopAt = `http://127.0.0.1:${server.address().port}`;
		await browser.go(linkIn(verify));
		await browser.go(`${linkIn(verify)}/identity`);
		browser.stopAt = undefined;
		return new URL(browser.location).searchParams.get('state');
	};
	const bring = async (browser, text) => { browser.url = `${w.publicUrl}/identity`; await browser.post({ assertion: text }); return browser; };
	const page = new Browser(), state = await out(page);
	platform.person = f.id;
	platform.key = strangers.privateKey;
	assert.match((await bring(page, assertion(state))).words, /核身结果不可信/, 'another key');
	platform.key = keys.privateKey;
	assert.match((await bring(page, `${assertion(state).slice(0, -4)}AAAA`)).words, /不可信/, 'a broken signature');
	assert.match((await bring(page, assertion(`${state.slice(0, -2)}AA`))).words, /不可信/, 'a state of nobody');
	assert.match((await bring(page, assertion(state, { at: Math.floor(Date.now() / 1000) - 3600 }))).words, /核身已超时/, 'an old check');
	assert.match((await bring(new Browser(), assertion(state))).words, /核身已超时/, 'another browser');
	platform.result = 'failed';
	assert.match((await bring(page, assertion(state))).words, /核身没有通过/);
	platform.result = 'passed';
	platform.person = '370283199001011234';
	assert.match((await bring(page, assertion(state))).words, /核身的不是持证人/, 'somebody else’s face');
	assert.match((await bring(page, 'nonsense')).words, /不可信/);
	assert.equal(await field(w, id, "status || verified_by"), 'reminded');
	platform.person = f.id;
	const word = assertion(state);
	assert.match((await bring(page, word)).words, /您愿意办理吗/);
	// At a shared screen: whoever comes after them has the same browser, and what the platform said is in its history.
	const mine = page.url;
	await page.post({ do: 'leave' });
	assert.match((await bring(page, word)).words, /核身已超时/, 'somebody else at the same screen');
	await page.go(mine);
	assert.doesNotMatch(page.words, /您愿意办理吗/);
	assert.match((await bring(page, assertion(await out(page)))).words, /您愿意办理吗/);
	await page.post({ do: 'decline' });
	await w.next(f.e164, /这次不办理/);
	assert.equal(await field(w, id, 'status'), 'declined');
});
