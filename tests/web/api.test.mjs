// The programs' interface over HTTP: keys and scopes, lists and pages, acts and their refusals; and that the published
// description names exactly what is served. Every answer of these tests is checked against that description.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { World, BUREAU, build, creditCode, root, run } from '../lib/world.mjs';
import { accessible, decent, launch, open } from '../lib/browser.mjs';
import { invite, settle } from '../lib/citizens.mjs';
import { OpenApi } from '../lib/openapi.mjs';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import https from 'node:https';
import { join } from 'node:path';

const TWO = `${BUREAU}bureau "other" { id = 2  name = "别处"  signature = "【别处】"  short_code = "10690002"  links = {"east"}  scan_at = ""  api_rate = 3 }\n`;

// Another system of the bureau: takes what is posted, checks who sent it, and answers as it is told to.
class Receiver {
	static async start(options) {
		const r = new Receiver();
		r.posts = [];
		r.waiting = [];
		r.status = () => 200;
		const take = (request, response) => {
			let body = '';
			request.on('data', (d) => { body += d; }).on('end', () => {
				r.posts.push({ path: request.url, headers: request.headers, body });
				response.writeHead(r.status(request.url)).end();
				for (const done of r.waiting.splice(0)) done();
			});
		};
		r.server = options ? https.createServer(options, take) : http.createServer(take);
		await new Promise((done) => r.server.listen(0, '127.0.0.1', done));
		r.url = `${options ? 'https' : 'http'}://127.0.0.1:${r.server.address().port}`;
		return r;
	}
	// The next thing that is posted.
	event() { return new Promise((done) => this.waiting.push(done)); }
	stop() { this.server.closeAllConnections?.(); this.server.close(); }
}

describe('the API', () => {
	let world, people, api, receiver, hook, keys = {};
	const until = (ask, why) => world.until(ask, why, { also: () => receiver.event() });
	before(async () => {
		world = await World.start({ bureaus: TWO, conf: 'webhook_allow = {"127.0.0.1"}\nwebhook_tries = 3\nwebhook_backoff_seconds = 1\n' });
		receiver = await Receiver.start();
		people = await settle(world, Array.from({ length: 5 }, (_, i) => ({ name: `沂源第${i}店` })));
		api = new OpenApi(await (await fetch(`${world.staffUrl}/api/v1/openapi.json`)).json());
		for (const [name, bureau, scope] of [['reader', 'yiyuan', 'read'], ['writer', 'yiyuan', 'read,write,decide,identity'],
			['stranger', 'other', 'read,write,decide'], ['clerk', 'yiyuan', 'write'], ['personal', 'yiyuan', 'read,personal'], ['manager', 'yiyuan', 'manage,read'],
			['campaigner', 'yiyuan', 'campaigns']])
			keys[name] = (await world.json('apikey', 'add', name, '--scope', scope, '--bureau', bureau)).key;
		hook = (await call('/webhooks', { key: keys.manager, body: { url: `${receiver.url}/all`, events: [] } })).json;
		for (const c of people.slice(0, 2)) {
			await invite(world, c);
			c.id = Number(await world.sql(`SELECT a.id FROM application a JOIN conversation v ON v.id = a.conversation_id WHERE v.phone = '${c.phone}'`));
			await world.must('application', 'verify', String(c.id), '--bureau', 'yiyuan', '--staff', 'zhou');
			await world.next(c.phone);
			await world.say(c.phone, 'Y');
			await world.say(c.phone, '1');
			await world.say(c.phone, c === people[0] ? '1' : '2');
			if (c !== people[0]) await world.say(c.phone, 'Y');
		}
	});
	after(async () => { receiver?.stop(); await world?.stop(); });

	async function call(path, { key = keys.writer, body, method, raw, type = 'application/json', once } = {}) {
		const headers = { ...(key ? { Authorization: `Bearer ${key}` } : {}), ...(body || raw !== undefined ? { 'Content-Type': type } : {}), ...(once ? { 'Idempotency-Key': once } : {}) };
		method ??= body || raw !== undefined ? 'POST' : 'GET';
		const r = await fetch(`${world.staffUrl}/api/v1${path}`, { method, headers, body: raw ?? (body && JSON.stringify(body)) });
		const kind = r.headers.get('content-type');
		const json = kind === 'application/x-ndjson' ? (await r.text()).trim().split('\n').map((l) => JSON.parse(l)) : await r.json();
		assert.equal(kind, r.status >= 400 ? 'application/problem+json' : type === 'application/x-ndjson' ? type : 'application/json', path);
		api.check(method, `/api/v1${path.split('?')[0]}`, r.status, kind, json);
		// What was taken is what the document allows to be sent.
		const taken = r.status < 300 && body && api.find(method, `/api/v1${path.split('?')[0]}`)?.operation.requestBody?.content['application/json'].schema;
		if (taken) assert.deepEqual(api.faults(taken, JSON.parse(JSON.stringify(body))), [], `${method} ${path} takes what is not described`);
		if (r.status >= 400) {
			assert.equal(json.status, r.status);
			assert.match(json.type, /^urn:huizhi:problem:/);
			assert.ok(json.detail.length > 10, path);
		}
		return { status: r.status, json, headers: r.headers };
	}

	test('a key is needed, and does what its scopes say, at its own bureau', async () => {
		for (const key of [null, 'hz_nonsense', '']) {
			const r = await call('/applications', { key });
			assert.equal(r.status, 401);
			assert.match(r.headers.get('www-authenticate'), /^Bearer/);
		}
		assert.equal((await call('/applications', { key: keys.reader })).status, 200);
		assert.equal((await call(`/applications/${people[0].id}/decide`, { key: keys.reader, body: { decision: 'approve' } })).status, 403);
		assert.deepEqual((await call('/applications', { key: keys.stranger })).json, { applications: [], next: null });
		assert.equal((await call(`/applications/${people[0].id}`, { key: keys.stranger })).status, 404);
		assert.equal((await call(`/applications/${people[0].id}/decide`, { key: keys.stranger, body: { decision: 'approve' } })).status, 404);
		assert.equal(await world.sql(`SELECT status FROM application WHERE id = ${people[0].id}`), 'submitted');
		await world.must('apikey', 'revoke', 'stranger', '--bureau', 'other');
		assert.equal((await call('/applications', { key: keys.stranger })).status, 401);
	});

	test('lists come in pages', async () => {
		const all = (await call('/applications')).json;
		assert.equal(all.applications.length, 5);
		assert.equal(all.next, null);
		const seen = [];
		let next = null;
		do {
			const page = (await call(`/applications?limit=2${next ? `&cursor=${next}` : ''}`)).json;
			assert.ok(page.applications.length <= 2);
			seen.push(...page.applications.map((a) => a.id));
			next = page.next;
		} while (next !== null);
		assert.deepEqual(seen, all.applications.map((a) => a.id));
		assert.equal((await call('/applications?status=submitted')).json.applications.length, 2);
		assert.equal((await call('/applications?item=food-business-renewal&status=reminded')).json.applications.length, 3);
		for (const bad of ['status=nonsense', 'limit=0', 'limit=1001', 'limit=x', 'cursor=', 'cursor=MTI', 'phone=hello', 'holder=0', `cursor=${Buffer.from('messages 1').toString('base64url')}`]) assert.equal((await call(`/applications?${bad}`)).status, 400, bad);
		for (const a of all.applications) {
			assert.ok(a.holder.includes('*'));
			assert.equal(a.phone.slice(0, 4), '+861');
		}
	});

	test('one application, with its address and trail', async () => {
		const c = people[1];
		const a = (await call(`/applications/${c.id}`)).json;
		assert.equal(a.status, 'submitted');
		assert.equal(a.delivery, 'courier');
		assert.equal(a.address, c.address);
		assert.equal(a.licence_no, c.licence_no);
		assert.deepEqual(a.worklists, ['approve']);
		assert.match(a.submitted_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
		assert.ok(!JSON.stringify(a).includes(c.number));
		const { trail } = (await call(`/applications/${c.id}/trail`)).json;
		const kinds = trail.map((t) => t.kind);
		for (const kind of ['due', 'reminded', 'consented', 'verified', 'confirmed', 'submitted']) assert.ok(kinds.includes(kind), kind);
		for (const id of [0, 999999, 'x', '1x', '-1']) assert.equal((await call(`/applications/${id}`)).status, 404, String(id));
	});

	test('decided, made ready, collected; each refusal says why', async () => {
		const [c, d] = people;
		assert.equal((await call(`/applications/${c.id}/send`, { body: { ready: true } })).status, 409);
		for (const body of [{}, { decision: 'maybe' }, { decision: 1 }]) assert.equal((await call(`/applications/${c.id}/decide`, { body })).status, 400);
		for (const [raw, type, status] of [['{', 'application/json', 400], ['[]', 'application/json', 400], ['{"decision":"approve"}', 'text/plain', 415],
			['{"decision":"approve","decision":"reject"}', 'application/json', 400], ['{"decision":"approve","note":"x"}', 'application/json', 400]])
			assert.equal((await call(`/applications/${c.id}/decide`, { raw, type })).status, status, raw);
		const unread = (await call(`/applications/${c.id}/decide`, { raw: '{"decision":\n"approve",}' })).json;
		assert.equal(unread.line, 2);
		assert.equal((await call(`/applications/${c.id}/decide`, { body: { decision: 'reject' } })).json.field, 'reason');
		assert.equal((await call(`/applications/${c.id}/decide`, { raw: `{"reason":"${'x'.repeat(20000)}"}` })).status, 413);
		const done = await call(`/applications/${c.id}/decide`, { body: { decision: 'approve' } });
		assert.deepEqual(done.json, { id: c.id, before: 'submitted', status: 'approved', told: true, finished: false });
		await world.next(c.phone, /审批通过/);
		const again = await call(`/applications/${c.id}/decide`, { body: { decision: 'approve' } });
		assert.equal(again.status, 409);
		assert.ok(again.json.detail.length > 10);
		assert.deepEqual([again.json.why, again.json.status_now], ['approved', 'approved']);
		assert.equal((await call(`/applications/${c.id}/send`, { body: { ready: true, tracking_no: 'X1' } })).status, 400);
		assert.equal((await call(`/applications/${c.id}/send`, { body: {} })).status, 400);
		assert.equal((await call(`/applications/${c.id}/send`, { body: { ready: true } })).json.status, 'ready');
		assert.equal((await call(`/applications/${c.id}/old-certificate`, { body: { received: false } })).json.field, 'received');
		assert.equal((await call(`/applications/${c.id}/old-certificate`, { body: { received: true } })).json.status, 'ready');
		assert.equal((await call(`/applications/${c.id}/old-certificate`, { body: { received: true } })).status, 409);
		const code = (await world.next(c.phone, /取件码/)).match(/取件码(\d{6})/)[1];
		assert.equal((await call(`/applications/${c.id}/collect`, { body: { pickup_code: code === '111111' ? '222222' : '111111' } })).status, 409);
		assert.equal((await call(`/applications/${c.id}/collect`, { body: { pickup_code: code } })).json.finished, true);
		const rejected = await call(`/applications/${d.id}/decide`, { body: { decision: 'reject', reason: '材料不齐' } });
		assert.equal(rejected.json.status, 'rejected');
		await world.next(d.phone, /材料不齐/);
		assert.equal(await world.sql(`SELECT string_agg(DISTINCT actor, ' ') FROM trail WHERE kind IN ('approved', 'ready', 'collected', 'rejected')`), 'api:writer');
	});

	test('messages and worklists', async () => {
		const c = people[0];
		const { messages } = (await call(`/messages?phone=${encodeURIComponent(c.phone)}`)).json;
		assert.equal(messages.at(-1).direction, 'out');
		assert.deepEqual(messages.map((m) => m.id), messages.map((m) => m.id).sort((x, y) => y - x));
		assert.ok(messages.some((m) => m.direction === 'in' && m.text === 'Y'));
		assert.ok(messages.every((m) => m.phone === c.phone));
		assert.equal((await call(`/messages?phone=${c.phone.slice(3)}&limit=1`)).json.messages.length, 1);
		assert.ok((await call('/messages')).json.messages.length > messages.length);
		assert.equal((await call('/messages?phone=hello')).status, 400);
		const { worklists } = (await call('/worklists')).json;
		assert.deepEqual(worklists.map((w) => w.list), ['phone', 'read', 'approve', 'collect', 'send', 'check']);
		assert.ok(Array.isArray((await call('/worklists/phone')).json.entries));
		assert.equal((await call('/worklists/nonsense')).status, 404);
		assert.equal((await call('/worklists/phone?limit=0')).status, 400);
		assert.equal((await call('/nonsense')).status, 404);
		assert.equal((await call('/worklists', { method: 'POST', raw: '{}' })).status, 405);
	});

	test('a phone and a licence lead to their applications; a text has its parts and receipts', async () => {
		const [c] = people;
		const of = async (query) => (await call(`/applications?${query}`)).json.applications.map((a) => a.id);
		assert.deepEqual(await of(`phone=${encodeURIComponent(c.phone)}`), [c.id]);
		assert.deepEqual(await of(`licence_no=${encodeURIComponent(c.licence_no)}`), [c.id]);
		assert.deepEqual(await of(`licence_no=${encodeURIComponent(c.licence_no)}&phone=${encodeURIComponent(people[1].phone)}`), []);
		const { holder_id } = (await call(`/applications?phone=${encodeURIComponent(c.phone)}`)).json.applications[0];
		assert.deepEqual(await of(`holder=${holder_id}`), [c.id]);
		assert.deepEqual(await of(`holder=${holder_id}&status=declined`), []);
		const out = (await call(`/messages?phone=${encodeURIComponent(c.phone)}&direction=out`)).json.messages.at(-1);
		const one = (await call(`/messages/${out.id}`)).json;
		assert.equal(one.text, out.text);
		assert.ok(one.sendings.length >= 1 && one.sendings[0].carrier_id.length > 0);
		assert.equal((await call('/messages/999999999')).status, 404);
		// Pages of texts: each once, the newest first.
		const seen = [];
		for (let next = ''; next !== null;) {
			const page = (await call(`/messages?limit=3${next && `&cursor=${next}`}`)).json;
			seen.push(...page.messages.map((m) => m.id));
			next = page.next;
		}
		assert.equal(new Set(seen).size, seen.length);
		assert.equal(seen.length, Number(await world.sql('SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM inbound)')));
	});

	test('identity proven by the bureau\'s own system goes into the trail, and the conversation goes on', async () => {
		const c = people[2];
		await invite(world, c);
		const { id } = (await call(`/applications?phone=${encodeURIComponent(c.phone)}`)).json.applications[0];
		assert.equal((await call(`/applications/${id}/verify`, { key: keys.clerk, body: { system: 'iam', evidence: 'E-1' } })).status, 403);
		for (const body of [{ system: 'iam' }, { system: 'iam', evidence: '' }, { system: 1, evidence: 'E' }]) assert.equal((await call(`/applications/${id}/verify`, { body })).status, 400);
		assert.equal((await call(`/applications/${id}/verify`, { body: { system: 'iam', evidence: 'E-17', level: 'L3' } })).status, 200);
		await world.next(c.phone);
		assert.equal((await call(`/applications/${id}`)).json.status, 'verified');
		const { trail } = (await call(`/applications/${id}/trail`)).json;
		const proof = trail.find((t) => t.kind === 'identity_proven');
		assert.deepEqual([proof.actor, proof.data], ['api:writer', { system: 'iam', evidence: 'E-17', level: 'L3' }]);
		assert.equal((await call(`/applications/${id}/verify`, { body: { system: 'iam', evidence: 'E-18' } })).status, 409);
	});

	test('opt-outs are listed, added and taken back with a reason', async () => {
		const phone = people[3].phone;
		assert.equal((await call('/suppressions', { body: { phone: 'x', reason: 'y' } })).json.field, 'phone');
		assert.equal((await call('/suppressions', { body: { phone: phone.slice(3), reason: 'asked by letter' } })).status, 201);
		const again = await call('/suppressions', { body: { phone, reason: 'once more' } });
		assert.deepEqual([again.status, again.json.added, again.json.reason], [200, false, 'asked by letter']);
		await call('/suppressions', { body: { phone: people[4].phone, reason: 'asked by letter' } });
		const first = (await call('/suppressions?limit=1')).json, second = (await call(`/suppressions?limit=1&cursor=${first.next}`)).json;
		assert.deepEqual([first.suppressions[0].phone, second.suppressions[0].phone, second.next], [...people.slice(3).map((p) => p.phone).sort(), null]);
		assert.equal((await call(`/suppressions/${encodeURIComponent(phone)}`, { method: 'DELETE' })).json.field, 'reason');
		assert.equal((await call(`/suppressions/${encodeURIComponent(phone)}?reason=came+by`, { method: 'DELETE' })).status, 200);
		assert.equal((await call(`/suppressions/${encodeURIComponent(phone)}?reason=came+by`, { method: 'DELETE' })).status, 404);
		assert.equal(await world.sql("SELECT string_agg(kind || ' ' || actor || ' ' || (data->>'reason'), '; ' ORDER BY id) FROM trail WHERE kind LIKE '%suppressed'"),
			'suppressed api:writer asked by letter; suppressed api:writer asked by letter; unsuppressed api:writer came by');
	});

	test('holders, licences and changes come one by one or as lines; what is wrong is told by line and field', async () => {
		const lines = (path, rows, more = {}) => call(path, { raw: rows.map((r) => typeof r === 'string' ? r : JSON.stringify(r)).join('\n'), type: 'application/x-ndjson', ...more });
		const one = { item: 'food-business-renewal', licence_no: 'API-1', holder: '接口面馆', phone: '13900000001', expires_on: '2031-12-31', id_number: creditCode('92370323MA4000001'), address: '沂源县鲁山路9号', tags: ['餐饮', '接口'] };
		const first = await call('/licences', { body: one });
		assert.deepEqual([first.status, first.json.result], [201, 'added']);
		assert.deepEqual((await call('/licences', { body: one })).json, { result: 'unchanged', id: first.json.id });
		assert.deepEqual((await call('/licences', { body: { ...one, expires_on: '2032/1/31', address: null } })).json.result, 'changed');
		const bad = await call('/licences', { body: { ...one, phone: '12', id_number: '92370323MA40000011', colour: 'red', expires_on: 7 } });
		assert.equal(bad.status, 422);
		assert.deepEqual(bad.json.faults.map((f) => f.field).sort(), ['colour', 'expires_on']);
		assert.deepEqual((await call('/licences', { body: { ...one, phone: '12', id_number: '92370323MA40000011' } })).json.faults.map((f) => f.field).sort(), ['id_number', 'phone']);
		const licence = (await call(`/licences/${first.json.id}`)).json;
		assert.deepEqual([licence.licence_no, licence.expires_on, licence.application], ['API-1', '2032-01-31', null]);
		assert.ok(licence.holder.includes('*'));
		// Many: good lines go in, the others say why, each by its number.
		const many = await lines('/licences', [{ ...one, licence_no: 'API-2' }, '{"item":', '', { ...one, licence_no: 'API-2' }, { ...one, licence_no: 'API-3', item: 'nothing' }, { ...one, licence_no: 'API-4' }]);
		assert.equal(many.status, 200);
		assert.deepEqual(many.json.map((l) => l.result ?? l), ['added', 'refused', 'refused', 'refused', 'added', { lines: 5, refused: 3 }]);
		assert.deepEqual(many.json.slice(0, -1).map((l) => l.line), [1, 2, 4, 5, 6]);
		assert.match(many.json[2].faults[0].detail, /row 1 already/);
		const page = (await call('/licences?item=food-business-renewal&expires_from=2031-01-01&limit=2')).json;
		assert.deepEqual([page.licences.map((l) => l.licence_no), (await call(`/licences?item=food-business-renewal&expires_from=2031-01-01&limit=2&cursor=${page.next}`)).json.licences.map((l) => l.licence_no)], [['API-1', 'API-2'], ['API-4']]);
		assert.deepEqual((await call('/licences?licence_no=API-4')).json.licences.map((l) => l.holder_id), [licence.holder_id]);
		assert.equal((await call(`/licences?holder=${licence.holder_id}`)).json.licences.length, 3);
		// Holders: by number, by phone, by identity number; full only for who may see it.
		const holder = (await call(`/holders/${licence.holder_id}`)).json;
		assert.deepEqual([holder.phone, holder.licences, holder.address, holder.holder.includes('*')], ['+8613900000001', 3, null, true]);
		const full = (await call(`/holders/${licence.holder_id}`, { key: keys.personal })).json;
		assert.deepEqual([full.holder, full.address, full.tags], ['接口面馆', one.address, ['接口', '餐饮']]);
		assert.deepEqual((await call('/holders?phone=13900000001', { key: keys.personal })).json.holders, [full]);
		assert.equal((await call('/holders/find', { body: { id_number: one.id_number } })).json.id, holder.id);
		assert.equal((await call('/holders/find', { body: { id_number: creditCode('92370323MA4999999') } })).status, 404);
		assert.equal((await call('/holders/find', { body: { id_number: '1' } })).json.field, 'id_number');
		assert.equal((await call('/holders', { body: { holder: '接口面馆', id_number: one.id_number, phone: '13900000002' } })).json.id, holder.id);
		assert.equal((await call('/holders', { body: { holder: '无名' } })).status, 422);
		const people2 = await lines('/holders', [{ holder: '甲', phone: '13900000003' }, { holder: '乙', phone: '13900000004', licence_no: 'x' }, { holder: '甲', phone: '13900000003', tags: ['新'] }]);
		assert.deepEqual(people2.json.map((l) => l.result), ['added', 'refused', 'added', undefined]);
		assert.equal(people2.json[0].id, people2.json[2].id);
		assert.deepEqual((await call('/holders?tag=%E6%96%B0')).json.holders.map((h) => h.id), [people2.json[0].id]);
		assert.deepEqual((await call(`/holders/${holder.id}/phone`, { method: 'DELETE' })).json, { id: holder.id, field: 'phone', removed: true });
		assert.equal((await call(`/holders/${holder.id}/phone`, { method: 'DELETE' })).json.removed, false);
		assert.equal((await call(`/holders/${holder.id}`)).json.phone, null);
		assert.equal((await call(`/holders/${holder.id}/name`, { method: 'DELETE' })).status, 404);
		// Changes of the register.
		const change = { licence_no: 'API-1', changed_on: '2026-11-20', field: 'name', old: '接口面馆', new: '接口饭店' };
		assert.equal((await call('/changes', { body: change })).status, 201);
		const changes = await lines('/changes', [change, { ...change, new: '' }, { ...change, licence_no: 'API-999' }, { ...change, new: '又一店', changed_on: '2026-11-21' }]);
		assert.deepEqual(changes.json.map((l) => l.result), ['unchanged', 'refused', 'refused', 'added', undefined]);
		assert.deepEqual(changes.json.slice(1, 3).map((l) => l.faults[0].field), ['new', 'licence_no']);
		assert.deepEqual((await call(`/changes?holder=${holder.id}`)).json.changes.map((x) => [x.licence_no, x.changed_on]), [['API-1', '2026-11-20'], ['API-1', '2026-11-21']]);
		assert.equal((await lines('/licences', [one], { key: keys.reader })).status, 403);
		// Several thousand lines, and more than is taken.
		const much = await lines('/licences', Array.from({ length: 3000 }, (_, i) => ({ ...one, licence_no: `BULK-${i}`, id_number: undefined, phone: undefined, holder: `第${i}户` })));
		assert.deepEqual(much.json.at(-1), { lines: 3000, refused: 0 });
		assert.equal((await lines('/licences', [`{"holder":"${'x'.repeat(9 * 1024 * 1024)}"}`])).status, 413);
		assert.equal((await call('/suppressions', { raw: ' '.repeat(20000) })).status, 413);
	});

	test('figures of some days', async () => {
		const s = (await call('/statistics')).json;
		assert.equal(s.from, s.to);
		const days = `from=2020-01-01&to=2020-12-31`;
		assert.deepEqual((await call(`/statistics?${days}`)).json.events, []);
		const now = (await call(`/statistics?from=${new Date(Date.now() - 86400e3).toISOString().slice(0, 10)}&to=${new Date(Date.now() + 86400e3).toISOString().slice(0, 10)}`)).json;
		assert.equal(now.events.find((e) => e.kind === 'approved').n, 1);
		assert.ok(now.texts.reduce((n, t) => n + t.n, 0) === Number(await world.sql('SELECT count(*) FROM message')));
		assert.equal(now.applications.reduce((n, a) => n + a.n, 0), 5);
		for (const bad of ['from=yesterday', 'from=2026-01-02&to=2026-01-01', 'from=2020-01-01&to=2022-01-01']) assert.equal((await call(`/statistics?${bad}`)).status, 400, bad);
	});

	test('a request with an Idempotency-Key is done once, and answered each time', async () => {
		const phone = '+8613900001234', body = { phone, reason: 'twice' };
		const first = await call('/suppressions', { body, once: 'a-1' });
		assert.equal(first.status, 201);
		await world.sql(`DELETE FROM suppression WHERE phone = '${phone}'`);
		const second = await call('/suppressions', { body, once: 'a-1' });
		assert.deepEqual([second.status, second.json, second.headers.get('idempotency-replayed')], [201, first.json, 'true']);
		assert.equal(await world.sql(`SELECT count(*) FROM suppression WHERE phone = '${phone}'`), '0');
		const other = await call('/suppressions', { body: { ...body, reason: 'else' }, once: 'a-1' });
		assert.deepEqual([other.status, other.json.field], [422, 'Idempotency-Key']);
		assert.equal((await call('/suppressions', { body, once: 'not a key' })).status, 400);
		// A refusal is an answer too; another key's request of the same name is another one.
		assert.equal((await call('/suppressions', { body: { phone: 'x', reason: 'y' }, once: 'a-2' })).status, 400);
		assert.equal((await call('/suppressions', { body: { phone: 'x', reason: 'y' }, once: 'a-2' })).headers.get('idempotency-replayed'), 'true');
		assert.equal((await call('/suppressions', { key: keys.clerk, body, once: 'a-1' })).status, 201);
		// One that is under way is not begun a second time; one whose daemon is gone is.
		await world.sql(`UPDATE api_request SET status = NULL WHERE request = 'a-1' AND key_name = 'writer'`);
		const under = await call('/suppressions', { body, once: 'a-1' });
		assert.deepEqual([under.status, under.json.type, under.headers.get('retry-after')], [409, 'urn:huizhi:problem:under-way', '1']);
		await world.sql(`UPDATE api_request SET begun_at = now() - interval '3 minutes' WHERE request = 'a-1' AND key_name = 'writer'`);
		assert.equal((await call('/suppressions', { body, once: 'a-1' })).json.added, false);
	});

	test('a key may ask so many times a minute', async () => {
		const r = await call('/worklists');
		assert.equal(r.headers.get('ratelimit-limit'), '600');
		assert.ok(Number(r.headers.get('ratelimit-remaining')) < 600);
		const slow = (await world.json('apikey', 'add', 'slow', '--scope', 'read', '--bureau', 'other')).key;
		const statuses = [];
		for (let i = 0; i < 4; i++) statuses.push(await call('/worklists', { key: slow }));
		assert.deepEqual(statuses.map((s) => s.status), [200, 200, 200, 429]);
		assert.ok(Number(statuses[3].headers.get('retry-after')) >= 1);
		assert.equal(statuses[3].headers.get('ratelimit-remaining'), '0');
		assert.equal((await call('/worklists')).status, 200);
	});

	test('the document alone is enough to run an application to its end', async () => {
		const ask = api.client(world.staffUrl, (await world.json('apikey', 'add', 'programmer', '--scope', 'read,write,identity,decide', '--bureau', 'yiyuan')).key);
		const phone = '+8613933330000', licence_no = 'DOC-1';
		const example = api.byId('putLicences').operation.requestBody.content['application/json'].example;
		const put = await ask('putLicences', { 'Idempotency-Key': 'doc-1' }, { ...example, licence_no, phone, id_number: creditCode('92370323MA6000001'), expires_on: new Date(Date.now() + 20 * 86400e3).toISOString().slice(0, 10) });
		assert.equal(put.json.result, 'added');
		await world.must('scan');
		await world.next(phone);
		await world.say(phone, 'Y');
		const [{ id }] = (await ask('listApplications', { licence_no })).json.applications;
		assert.equal((await ask('verifyApplication', { id }, { system: 'iam', evidence: 'DOC-17' })).status, 200);
		await world.next(phone);
		for (const answer of ['Y', '1', '2', 'Y']) await world.say(phone, answer);
		await until(async () => (await ask('readApplication', { id })).json.status === 'submitted', `submitted\n${(await world.texts(phone)).map((m) => m.text).join('\n')}`);
		assert.equal((await ask('decideApplication', { id }, { decision: 'approve' })).json.status, 'approved');
		await world.next(phone);
		assert.equal((await ask('sendCertificate', { id }, { tracking_no: 'SF-DOC-1' })).json.status, 'sent');
		assert.match(await world.next(phone), /SF-DOC-1/);
		const end = (await ask('collectCertificate', { id }, {})).json;
		assert.deepEqual([end.status, end.finished], ['collected', true]);
		const kinds = (await ask('readTrail', { id })).json.trail.map((t) => t.kind);
		for (const kind of ['due', 'reminded', 'consented', 'identity_proven', 'verified', 'confirmed', 'submitted', 'approved', 'sent', 'collected']) assert.ok(kinds.includes(kind), kind);
		assert.ok((await ask('listMessages', { phone, direction: 'in' })).json.messages.length >= 4);
		assert.equal((await ask('readLicence', { id: put.json.id })).json.application.status, 'collected');
	});

	test('a campaign is made, started, paused, resumed and stopped', async () => {
		const as = { key: keys.campaigner };
		for (const [i, phone] of ['13922220000', '13922220001'].entries())
			await call('/licences', { body: { item: 'food-business-renewal', licence_no: `CAMP-${i}`, holder: `活动${i}店`, phone, expires_on: new Date(Date.now() + 20 * 86400e3).toISOString().slice(0, 10), id_number: creditCode(`92370323MA500000${i}`) } });
		assert.equal((await call('/campaigns', { body: { name: 'x' } })).status, 403);
		for (const [body, status, field] of [[{}, 400, 'name'], [{ name: '' }, 400, 'name'], [{ name: 'x', rate: 'many' }, 400, 'rate'], [{ name: 'x', rate: -1 }, 400], [{ name: 'x', item: 'nothing' }, 409], [{ name: 'x', date: 'soon' }, 400]]) {
			const r = await call('/campaigns', { ...as, body });
			assert.deepEqual([r.status, r.json.field], [status, field], JSON.stringify(body));
		}
		const made = (await call('/campaigns', { ...as, body: { name: '--file=/etc/passwd', item: 'food-business-renewal', canary: 1 }, once: 'campaign-1' })).json;
		assert.deepEqual([made.name, made.status, made.audience, made.created_by], ['--file=/etc/passwd', 'draft', 2, 'api:campaigner']);
		assert.equal((await call('/campaigns', { ...as, body: { name: '--file=/etc/passwd', item: 'food-business-renewal', canary: 1 }, once: 'campaign-1' })).json.id, made.id);
		assert.equal((await call('/campaigns')).json.campaigns.length, 1);
		const act = (what, body = {}) => call(`/campaigns/${made.id}/${what}`, { ...as, body });
		assert.equal((await act('pause')).status, 409);
		assert.equal((await call('/campaigns/999/start', { ...as, body: {} })).status, 404);
		assert.equal((await act('start', { at: 'tomorrow' })).status, 400);
		assert.equal((await act('start')).json.status, 'running');
		await until(async () => (await call(`/campaigns/${made.id}`)).json.status === 'canary', 'the canary');
		assert.match((await act('start')).json.detail, /canary/);
		assert.equal((await act('resume')).json.status, 'running');
		await until(async () => (await call(`/campaigns/${made.id}`)).json.status === 'done', 'the end');
		const report = (await call(`/campaigns/${made.id}/report`)).json;
		assert.deepEqual([report.phones.map((p) => p.phone).sort(), report.next], [['+8613922220000', '+8613922220001'], null]);
		assert.equal((await call('/campaigns/999/report')).status, 404);
		const second = (await call('/campaigns', { ...as, body: { name: '又一次' } })).json;
		assert.equal((await call(`/campaigns/${second.id}/start`, { ...as, body: { at: '2037-01-01 09:30' } })).json.status, 'scheduled');
		assert.equal((await call(`/campaigns/${second.id}/stop`, { ...as, body: {} })).json.status, 'stopped');
		const paused = (await call('/campaigns', { ...as, body: { name: '第三次', rate: 1 } })).json;
		await world.sql(`UPDATE campaign SET status = 'running', started_at = now() WHERE id = ${paused.id}`);
		assert.equal((await call(`/campaigns/${paused.id}/pause`, { ...as, body: {} })).json.status, 'paused');
		const first = (await call('/campaigns?limit=2')).json;
		assert.deepEqual([...first.campaigns, ...(await call(`/campaigns?limit=2&cursor=${first.next}`)).json.campaigns].map((x) => x.id), [paused.id, second.id, made.id]);
		await call(`/campaigns/${paused.id}/stop`, { ...as, body: {} });
	});

	test('webhooks are told of everything in the trail, once and signed', async () => {
		assert.match(hook.secret, /^whs_/);
		const told = () => new Set(receiver.posts.filter((p) => p.path === '/all').map((p) => JSON.parse(p.body).id));
		const trail = (await world.sql(`SELECT id FROM trail WHERE bureau_id = 1 AND id > (SELECT since_id FROM webhook WHERE id = ${hook.id}) ORDER BY id`)).split('\n').map((id) => `event-${id}`);
		assert.ok(trail.length > 30, String(trail.length));
		await until(() => trail.every((id) => told().has(id)), 'every event of the trail');
		const posts = receiver.posts.filter((p) => p.path === '/all');
		for (const p of posts) {
			const [, t, mac] = p.headers['huizhi-signature'].match(/^t=(\d+),v1=([0-9a-f]{64})$/);
			assert.equal(mac, createHmac('sha256', hook.secret).update(`${t}.${p.body}`).digest('hex'));
			assert.deepEqual(api.faults(api.doc.components.schemas.WebhookEvent, JSON.parse(p.body)), [], p.body);
			assert.equal(p.headers['huizhi-event'], JSON.parse(p.body).type);
		}
		assert.equal(told().size, posts.length);
		const approved = JSON.parse(posts.find((p) => p.headers['huizhi-event'] === 'application.approved').body);
		assert.deepEqual([approved.application.id, approved.actor, approved.data.from], [people[0].id, 'api:writer', 'submitted']);
		const out = posts.filter((p) => p.headers['huizhi-event'] === 'opt_out').map((p) => JSON.parse(p.body).phone);
		assert.ok(out.includes(people[3].phone));
		// No names, numbers or codes of people go out.
		for (const p of posts) for (const c of people) assert.ok(!p.body.includes(c.number) && !p.body.includes(c.name) && !p.body.includes(c.address));
		// What is told of has a name that can be asked for.
		const names = new Set(api.doc.components.schemas.EventName.enum), types = new Set(posts.map((p) => p.headers['huizhi-event']));
		for (const type of ['application.identity_proven', 'application.submitted', 'opt_out', 'campaign.done']) assert.ok(types.has(type) && names.has(type), type);
		assert.deepEqual([...names], readFileSync(join(root, 'gateway/webhook_add.c'), 'utf8').match(/webhook_events\[\] = \{([^}]*)NULL/)[1].match(/[a-z_.*]+(?=")/g));
		// A text that fails is told of with its failure.
		await world.sql("UPDATE message SET state = 'failed', error = 'absent' WHERE id = (SELECT max(id) FROM message)");
		const failed = await until(() => receiver.posts.find((p) => p.headers['huizhi-event'] === 'message.failed'), 'message.failed');
		assert.deepEqual(api.faults(api.doc.components.schemas.WebhookEvent, JSON.parse(failed.body)), []);
		assert.equal(JSON.parse(failed.body).data.error, 'absent');
	});

	test('what is not taken comes again, is dead in the end, and can be brought again; private networks are not spoken to', async () => {
		const add = async (url, events) => (await call('/webhooks', { key: keys.manager, body: { url, events } })).json;
		assert.equal((await call('/webhooks', { body: { url: 'https://a.example', events: [] } })).status, 403);
		for (const [url, events, field, why] of [['ftp://a', [], 'url', 'scheme'], ['https://u:p@a.example', [], 'url', 'user'], ['http://10.255.255.1:9/', [], 'url', 'private'], ['https://[::ffff:192.168.1.1]/', [], 'url', 'private'],
			['https://a.example', ['nothing'], 'events', 'event'], ['https://a.example', [`${'审'.repeat(40)}`], 'events', 'event']]) {
			const refused = (await call('/webhooks', { key: keys.manager, body: { url, events } })).json;
			assert.deepEqual([refused.field, refused.why], [field, why]);
		}
		const key = (await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', join(world.dir, 'k.pem'), '-out', join(world.dir, 'c.pem'), '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']));
		assert.equal(key.code, 0, key.stderr);
		const secure = await Receiver.start({ key: readFileSync(join(world.dir, 'k.pem')), cert: readFileSync(join(world.dir, 'c.pem')) });
		try {
			const hooks = { sick: await add(`${receiver.url}/sick`, ['opt_in']), inside: await add(`${receiver.url}/inside`, ['opt_in']), self: await add(`${secure.url}/`, ['opt_in']), moved: await add(`${receiver.url}/moved`, ['opt_in']) };
			// What was allowed once is judged again each time.
			await world.sql(`UPDATE webhook SET url = 'http://10.255.255.1:9/' WHERE id = ${hooks.inside.id}`);
			receiver.status = (path) => path === '/sick' ? 500 : path === '/moved' ? 302 : 200;
			await call('/suppressions', { body: { phone: '13911110000', reason: 'x' } });
			await call('/suppressions/13911110000?reason=y', { method: 'DELETE' });
			const dead = {};
			for (const [name, h] of Object.entries(hooks))
				[dead[name]] = await until(async () => { const d = (await call(`/webhooks/${h.id}/deliveries?state=dead`, { key: keys.manager })).json.deliveries; return d.length > 0 && d; }, `the death of ${name}`);
			assert.deepEqual(Object.values(dead).map((d) => [d.attempts, d.status]), [[3, 500], [3, null], [3, null], [3, 302]]);
			assert.match(dead.inside.error, /private network/);
			assert.match(dead.self.error, /certificate was refused/);
			assert.match(dead.moved.error, /redirects are not followed/);
			assert.equal(secure.posts.length, 0);
			assert.equal(receiver.posts.filter((p) => p.path === '/sick').length, 3);
			assert.equal(new Set(receiver.posts.filter((p) => p.path === '/sick').map((p) => p.body)).size, 1);
			// Well again: one by the API, all of the other by the command.
			receiver.status = () => 200;
			assert.equal((await call(`/webhooks/${hooks.sick.id}/replay`, { key: keys.manager, body: { delivery: dead.sick.id } })).json.replayed[0].id, dead.sick.id);
			await until(async () => (await call(`/webhooks/${hooks.sick.id}/deliveries?state=delivered`, { key: keys.manager })).json.deliveries.length === 1, 'the replay');
			assert.deepEqual((await call(`/webhooks/${hooks.sick.id}/replay`, { key: keys.manager, body: {} })).json.replayed, []);
			assert.equal((await world.json('webhook', 'replay', '--dead-of', String(hooks.moved.id), '--bureau', 'yiyuan')).length, 1);
			await until(async () => (await world.json('webhook', 'deliveries', String(hooks.moved.id), '--state', 'delivered', '--bureau', 'yiyuan')).length === 1, 'the replay by the command');
			assert.deepEqual((await call(`/webhooks/${hooks.sick.id}`)).json.delivered, 1);
			assert.equal((await call(`/webhooks/${hooks.self.id}`, { key: keys.manager, method: 'DELETE' })).status, 200);
			assert.equal((await call(`/webhooks/${hooks.self.id}`)).status, 404);
			assert.ok(!(await call('/webhooks', { key: keys.reader })).json.webhooks.some((h) => h.id === hooks.self.id));
			await world.must('webhook', 'remove', String(hooks.inside.id), '--bureau', 'yiyuan');
			const listed = await world.json('webhook', 'list', '--bureau', 'yiyuan');
			assert.ok(listed.every((h) => !('secret' in h)));
			assert.equal((await world.cli('webhook', 'remove', '999', '--bureau', 'yiyuan')).code, 1);
		} finally {
			secure.stop();
		}
	});

	test('everything that is kept of one person: with its own scope, noted, kept nowhere', async () => {
		const [c, d] = people, key = (await world.json('apikey', 'add', 'lawyer', '--scope', 'export', '--bureau', 'yiyuan')).key;
		assert.equal((await call('/persons/export', { key: keys.personal, body: { phone: c.phone } })).status, 403);
		for (const [body, field] of [[{}, 'phone'], [{ phone: c.phone, id_number: c.number }, 'id_number'], [{ phone: 'hello' }, 'phone'], [{ id_number: '1' }, 'id_number'],
			[{ phone: `${c.phone}\n${d.phone}` }, 'phone'], [{ phone: '1'.repeat(500) }, 'phone'], [{ phone: '--help' }, 'phone']])
			assert.deepEqual(((r) => [r.status, r.json.field])(await call('/persons/export', { key, body })), [400, field], JSON.stringify(body));
		assert.equal((await call('/persons/export', { key, body: { phone: '13700000001' } })).status, 404);
		for (const body of [{ phone: c.phone.slice(3) }, { id_number: c.number }]) {
			const all = (await call('/persons/export', { key, body, once: 'export-1' })).json;
			assert.deepEqual(all.holders.map((h) => [h.name, h.phone, h.id_number, h.address]), [[c.name, c.phone, c.number, c.address]]);
			assert.ok(all.texts.length > 3 && !JSON.stringify(all).includes(d.number) && !JSON.stringify(all).includes(d.phone));
		}
		assert.equal(await world.sql("SELECT string_agg(DISTINCT actor, ' ') || count(*) FROM trail WHERE kind = 'person_exported'"), 'api:lawyer2');
		assert.equal(await world.sql("SELECT count(*) FROM api_request WHERE request = 'export-1'"), '0');
		assert.ok(!world.daemon.tail(400).includes(c.number));
	});

	test('attacks by HTTP itself: each is answered or shut out, none reaches another, and the listener lives on', async () => {
		const auth = `Host: a\r\nAuthorization: Bearer ${keys.writer}\r\n`;
		// Everything that the listener says to these octets until it closes.
		const raw = (octets) => new Promise((done) => {
			let said = '';
			const s = net.connect(world.staffPort, '127.0.0.1', () => s.end(octets));
			s.on('data', (b) => { said += b; }).on('close', () => done(said)).on('error', () => {});
		});
		const statuses = (said) => [...said.matchAll(/^HTTP\/1\.[01] (\d+)/gm)].map((m) => Number(m[1]));
		const phone = '13911115555', suppression = JSON.stringify({ phone, reason: 'smuggled' });
		const inner = `POST /api/v1/suppressions HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: ${suppression.length}\r\n\r\n${suppression}`;
		// A request inside another's body is a body, whichever way its length is told, or the whole is refused.
		const body = `0\r\n\r\n${inner}`;
		for (const head of [`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`, `Transfer-Encoding: chunked\r\nContent-Length: ${body.length}\r\n`, `Content-Length: 3\r\nContent-Length: ${body.length}\r\n`,
			`Content-Length: ${body.length}, 3\r\n`, `Content-Length: +${body.length}\r\n`, `Content-Length: -1\r\n`, `Content-Length: 0x10\r\n`, `Transfer-Encoding: xchunked\r\nContent-Length: ${body.length}\r\n`,
			`Transfer-Encoding : chunked\r\nContent-Length: ${body.length}\r\n`, `Content-Length: 18446744073709551616\r\n`, `Content-Length: 9999999999\r\n`]) {
			const said = await raw(`POST /api/v1/worklists HTTP/1.1\r\n${auth}Content-Type: application/json\r\n${head}Connection: close\r\n\r\n${body}`);
			for (const status of statuses(said)) assert.ok(status >= 400, `${head}: ${said.slice(0, 200)}`);
		}
		assert.equal(await world.sql(`SELECT count(*) FROM suppression WHERE phone LIKE '%${phone}'`), '0', 'nothing was smuggled in');
		// Headers: folded, without a colon, with control characters, too long, too many, twice.
		for (const head of [`Authorization: Bearer ${keys.writer}\r\n x\r\n`, 'nonsense\r\n', `X: ${'y'.repeat(70000)}\r\n`, Array.from({ length: 5000 }, (_, i) => `X-${i}: y\r\n`).join(''), `Authorization: Bearer\r\n`, `Authorization: Basic ${Buffer.from(`a:${keys.writer}`).toString('base64')}\r\n`])
			for (const status of statuses(await raw(`GET /api/v1/worklists HTTP/1.1\r\nHost: a\r\n${head}Connection: close\r\n\r\n`))) assert.ok(status >= 400, `${status} to ${head.slice(0, 60)}`);
		// Paths that climb, are encoded, absolute or not paths at all lead nowhere.
		for (const path of ['/api/v1/../../etc/passwd', '/api/v1/%2e%2e/%2e%2e/etc/passwd', '/api/v1//applications', '/api/v1/applications/', '/api/v1/applications/%31', '/api/v1/applications/1%00', '/api/v1/applications/1/../2',
			'//evil.example/none', '/api/v1/applications;x', `/api/v1/${'a'.repeat(3000)}`, '/API/V1/applications', 'http://evil.example/api/v1/none', '*', '/api/v1/applications?limit=1%0d%0aX:y', '/api/v1/applications?%ff=1']) {
			const said = await raw(`GET ${path} HTTP/1.1\r\n${auth}Connection: close\r\n\r\n`);
			for (const status of statuses(said)) assert.ok(status >= 400 && status < 500, `${status} to ${path}`);
			assert.doesNotMatch(said, /root:.*:0:0:|^X:y/m);
		}
		for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'PRI']) for (const status of statuses(await raw(`${method} /api/v1/worklists HTTP/1.1\r\n${auth}Connection: close\r\n\r\n`))) assert.ok(status >= 400, `${status} to ${method}`);
		// Bodies: too deep, too large, not UTF-8, with NUL, with long names in any script, broken off.
		const id = people[0].id, decide = `/applications/${id}/decide`;
		for (const deep of ['['.repeat(5000), '{"a":'.repeat(3000), `{"reason":${'['.repeat(2100)}${']'.repeat(2100)}}`]) assert.equal((await call(decide, { raw: deep })).status, 400, deep.slice(0, 20));
		for (const [text, status] of [[Buffer.from('{"decision":"\xff"}', 'latin1'), 400], ['{"decision":"a\\u0000b"}', 400], ['{"decision":"\\ud800"}', 400], ['\0', 400], ['', 400], [`{"decision":1e999}`, 400], [`{"decision":${'9'.repeat(400)}}`, 400], [`{"${'审批'.repeat(60)}":1}`, 400], [`{"x${'审'.repeat(60)}":1}`, 400], [`{"reason":"${'x'.repeat(20000)}"}`, 413]])
			assert.equal((await call(decide, { raw: text })).status, status, String(text).slice(0, 40));
		const large = Buffer.alloc(9 * 1024 * 1024, '{"holder":"x"}\n');
		assert.equal((await call('/holders', { raw: large, type: 'application/x-ndjson' })).status, 413);
		await raw(`POST /api/v1/suppressions HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"phone":"${phone}"`);
		const lines = ['{"item":"food-business-renewal","licence_no":"DEEP-1"', `{"a":${'['.repeat(3000)}`, '\0', '{"holder":"\\u0000"}', Buffer.from([0xff, 0xfe]).toString('latin1'), '{}'].join('\n');
		const rows = (await call('/licences', { raw: Buffer.from(lines, 'latin1'), type: 'application/x-ndjson' })).json;
		assert.equal(rows.at(-1).lines, 6);
		assert.ok(rows.slice(0, -1).every((r) => r.result === 'refused' && r.faults.length > 0), JSON.stringify(rows));
		assert.equal((await call('/worklists')).status, 200);
		assert.equal(await world.sql(`SELECT count(*) FROM suppression WHERE phone LIKE '%${phone}'`), '0');
	});

	test('webhooks on the console: added with a secret that shows once, held, dead ones brought again, removed', async () => {
		const browser = await launch();
		try {
			for (const [name, role] of [['guo', 'look,manage'], ['sun', 'look,write']])
				assert.equal((await run(join(build, 'huizhi'), ['-c', world.conf, 'staff', 'add', name, '--role', role, '--bureau', 'yiyuan'], { input: 'correct horse battery\n' })).code, 0);
			const signIn = async (name, options) => {
				const page = await open(browser, options);
				await page.goto(`${world.staffUrl}/sign-in`);
				await page.fill('#name', name);
				await page.fill('#password', 'correct horse battery');
				await page.click('form.card button');
				await page.waitForSelector('.counts');
				return page;
			};
			const page = await signIn('guo', { locale: 'zh-CN', width: 360 });
			await page.click('.menu a[href="/webhooks"]');
			await decent(page, 'zh');
			await page.fill('#url', 'https://192.168.3.4/hook');
			await page.check('[name="e-opt_out"]');
			await page.click('section.card button');
			assert.match(await page.locator('[role=alert]').innerText(), /^这个地址不能用： 这是内部网络的地址。/);
			assert.equal(await page.inputValue('#url'), 'https://192.168.3.4/hook');
			assert.ok(await page.isChecked('[name="e-opt_out"]'));
			await page.fill('#url', `${receiver.url}/desk?<b>`);
			await page.click('section.card button');
			assert.match(await page.locator('[role=alert]').innerText(), /要写成 %XX 的形式/);
			await page.fill('#url', `${receiver.url}/desk`);
			await page.click('section.card button');
			const secret = await page.locator('.secret').innerText();
			assert.match(secret, /^whs_/);
			await decent(page, 'zh');
			await page.goto(`${world.staffUrl}/webhooks`);
			assert.ok(!(await page.content()).includes(secret), 'shown once');
			await page.click(`a:text-is("${receiver.url}/desk")`);
			const id = Number(page.url().split('/').pop()), deliveries = () => receiver.posts.filter((p) => p.path === '/desk');
			// Tried: the page says how it was answered, whether good or bad.
			receiver.status = (path) => path === '/desk' ? 500 : 200;
			await page.click('button[value=test]');
			const looked = (locator) => world.until(async () => { await page.reload(); return await page.locator(locator).count() > 0; }, locator, { also: () => receiver.event() });
			await looked('main [role=alert]');
			assert.match(await page.locator('main [role=alert]').innerText(), /^测试未被接收，之后会再试： 500 对方回答没有收下。$/);
			receiver.status = () => 200;
			await page.click('button[value=test]');
			await looked('main .good');
			assert.match(await page.locator('main .good').innerText(), /测试已送达，对方回答 200/);
			await decent(page, 'zh');
			assert.ok(deliveries().every((p) => p.headers['huizhi-event'] === 'webhook.test'));
			await until(async () => (await call(`/webhooks/${id}`)).json.delivered === 2, 'the first test, brought again');
			const tries = deliveries().length;
			// Held: what happens meanwhile waits, and comes when it goes on.
			await page.click('button[value=pause]');
			assert.match(await page.locator('main').innerText(), /暂停于/);
			await call('/suppressions', { body: { phone: '13911113333', reason: 'x' } });
			const waiting = async () => (await call(`/webhooks/${id}`)).json.pending;
			await until(async () => await waiting() === 1, 'the event that waits');
			assert.ok((await call(`/webhooks/${id}`)).json.paused_at);
			assert.equal((await world.json('webhook', 'pause', String(id), '--bureau', 'yiyuan'))[0].id, id);
			// Another's delivery comes while this one waits: the daemon has looked, and left it.
			const before = receiver.posts.length;
			await call('/suppressions/13911113333?reason=y', { method: 'DELETE' });
			await until(() => receiver.posts.slice(before).some((p) => p.path === '/all' && p.headers['huizhi-event'] === 'opt_in'), 'the other webhook');
			assert.equal(deliveries().length, tries);
			receiver.status = (path) => path === '/desk' ? 503 : 200;
			assert.equal((await call(`/webhooks/${id}/resume`, { key: keys.reader, body: {} })).status, 403);
			assert.equal((await call(`/webhooks/${id}/resume`, { key: keys.manager, body: {} })).json.paused_at, null);
			await until(async () => (await call(`/webhooks/${id}`)).json.dead === 1, 'its death');
			assert.equal((await call(`/webhooks/${id}/pause`, { key: keys.manager, body: {} })).status, 200);
			assert.equal((await call('/webhooks/999/pause', { key: keys.manager, body: {} })).status, 404);
			await page.goto(`${world.staffUrl}/webhooks/${id}?state=dead`);
			assert.match(await page.locator('tbody tr').innerText(), /opt_out.*已放弃.*3\s+503 对方回答没有收下。/s);
			await decent(page, 'zh');
			receiver.status = () => 200;
			await page.click('button[value=resume]');
			await page.goto(`${world.staffUrl}/webhooks/${id}`);
			await page.click('tbody button[value=replay]');
			assert.match(await page.locator('.good').innerText(), /已重新投递/);
			await until(async () => (await call(`/webhooks/${id}`)).json.delivered === 3, 'the replay');
			assert.equal(JSON.parse(deliveries().at(-1).body).phone, '+8613911113333');
			const [, t, mac] = deliveries().at(-1).headers['huizhi-signature'].match(/^t=(\d+),v1=(.*)$/);
			assert.equal(mac, createHmac('sha256', secret).update(`${t}.${deliveries().at(-1).body}`).digest('hex'));
			for (const bad of ['/webhooks/0', '/webhooks/x', '/webhooks/99999', `/webhooks/${id}?state=none`]) assert.equal((await page.goto(world.staffUrl + bad)).status(), 404, bad);

			const english = await signIn('guo', { locale: 'en-GB', width: 1280, script: true });
			for (const path of ['/webhooks', `/webhooks/${id}`]) {
				await english.goto(world.staffUrl + path);
				await decent(english, 'en');
				await accessible(english);
			}
			// A form of somebody who may not, or without its token, does nothing; nor does what is over twice.
			const sun = await signIn('sun', {});
			assert.equal(await sun.locator('a[href="/webhooks"]').count(), 0);
			assert.equal((await sun.goto(`${world.staffUrl}/webhooks`)).status(), 403);
			const cookie = (await english.context().cookies()).map((k) => `${k.name}=${k.value}`).join('; '), token = await english.locator('main input[name=token]').first().getAttribute('value');
			const post = (path, fields) => fetch(world.staffUrl + path, { method: 'POST', redirect: 'manual', headers: { Cookie: cookie }, body: new URLSearchParams(fields) }).then((r) => r.status);
			assert.equal(await post(`/webhooks/${id}`, { act: 'remove' }), 403);
			assert.equal(await post('/webhooks', { token: 'x'.repeat(43), url: 'https://a.example' }), 403);
			for (const fields of [{ act: 'none' }, { act: 'replay' }, { act: 'replay', delivery: '-1' }]) assert.equal(await post(`/webhooks/${id}`, { token, ...fields }), 400);
			assert.equal(await post('/webhooks/99999', { token, act: 'pause' }), 409);
			await page.goto(`${world.staffUrl}/webhooks/${id}`);
			await page.click('summary');
			await page.click('button[value=remove]');
			assert.match(await page.locator('.good').innerText(), /已删除/);
			assert.equal(await post(`/webhooks/${id}`, { token, act: 'remove' }), 409);
			assert.equal(await world.sql("SELECT string_agg(kind, ' ' ORDER BY id) FROM staff_event WHERE kind LIKE 'webhook%'"), 'webhook_added webhook_tested webhook_tested webhook_paused webhook_resumed webhook_replayed webhook_removed');
		} finally {
			await browser.close();
		}
	});

	test('each documented event is brought about and comes, signed', async () => {
		const sent = (kind) => receiver.posts.filter((p) => p.path === '/all' && p.headers['huizhi-event'] === kind);
		const act = (what, c, ...more) => world.must('application', what, String(c.id), ...more, '--staff', 'zhou', '--bureau', 'yiyuan');
		const says = async (c, ...words) => { for (const word of words) await world.say(c.phone, word); };
		const wakes = async (c) => { await world.sql(`UPDATE conversation SET deadline_at = now(), wake_at = now() WHERE phone = '${c.phone}' AND open`); };
		const proven = async (c) => { await says(c, 'Y'); await act('verify', c); await world.next(c.phone, /核对/); };
		const pledges = async (c) => { await proven(c); await says(c, 'Y', '1', '1', '我承诺'); await world.next(c.phone, /先行发证/); };
		// Each story: what must come of this one application, the item, and what citizen, clerk and time do.
		const stories = [
			['due reminded declined', , (c) => says(c, 'N')],
			['wrong_number', , (c) => says(c, 'NOT ME')],
			['consented withdrawn', , (c) => says(c, 'Y', 'N')],
			['phoned unreachable', , async (c) => {
				await says(c, '什么', '什么', '什么');
				const entry = await world.until(async () => (await world.json('worklist', 'phone', '--bureau', 'yiyuan')).find((e) => e.phone === c.phone), 'an entry to phone');
				await world.must('phone', 'result', String(entry.id), 'no_answer', '--staff', 'zhou', '--bureau', 'yiyuan');
				await wakes(c);
			}],
			['verified said_wrong closed', , async (c) => {
				await proven(c);
				await says(c, 'N');
				for (let i = 0; i < 2; i++) { await wakes(c); await world.next(c.phone); }
				await wakes(c);
				await world.next(c.phone);
			}],
			['left_to_clerk', 'public-place-hygiene-automatic', async (c) => { await proven(c); await says(c, 'Y', '1', '1'); }],
			['confirmed submitted approved old_received sent said_received collected rated complained', , async (c) => {
				await proven(c);
				await says(c, 'Y', '1', '2', 'Y');
				await act('decide', c, 'approve');
				await world.next(c.phone, /审批通过/);
				await act('collect', c, '--old');
				await act('send', c, '--tracking', 'SF-17');
				await world.next(c.phone, /SF-17/);
				for (let text = await world.say(c.phone, '收到了'); !/1 到 5/.test(text);) text = await world.next(c.phone);
				await says(c, '1', '窗口态度不好');
			}],
			['rejected', , async (c) => { await proven(c); await says(c, 'Y', '1', '1'); await act('decide', c, 'reject', '--reason', '材料不齐'); }],
			['pledged pledge_passed ready', 'construction-permit-pledge', async (c) => { await pledges(c); await act('send', c); await act('check', c, 'passed'); }],
			['pledge_failed', 'construction-permit-pledge', async (c) => { await pledges(c); await act('check', c, 'failed', '--reason', '现场与承诺不符'); }],
			['', , async () => {}], // a phone that takes no text
		];
		const citizens = stories.map(([, item], i) => ({ phone: `+861377000${1000 + i}`, licence_no: `EV-${i}`, number: creditCode(`92370323MA7${String(i).padStart(6, '0')}`), item: item ?? 'food-business-renewal' }));
		const dead = citizens.at(-1).phone, until20 = new Date(Date.now() + 20 * 86400e3).toISOString().slice(0, 10);
		await world.faults({ 'receipt-state': `${dead}=UNDELIV` });
		await world.must('import', 'licences', world.csv('events.csv', citizens.map((c, i) => ['yiyuan', c.item, c.licence_no, `事件${i}店`, c.phone.slice(3), 'zh', '2021-12-20', until20, c.number, '沂源县鲁山路1号', ''])));
		await world.must('scan');
		await Promise.all(stories.map(async ([, , brings], i) => {
			const c = citizens[i];
			if (c.phone === dead) return;
			await world.next(c.phone);
			c.id = Number(await world.sql(`SELECT a.id FROM application a JOIN licence l ON l.id = a.licence_id WHERE l.licence_no = '${c.licence_no}'`));
			await brings(c);
		}));
		await until(() => sent('message.failed').some((p) => JSON.parse(p.body).phone === dead), 'message.failed of a phone that takes none');
		await world.faults({ reset: true });
		for (const [i, [kinds]] of stories.entries())
			for (const kind of kinds.split(' ').filter(Boolean))
				await until(() => sent(`application.${kind}`).some((p) => JSON.parse(p.body).application.licence_no === citizens[i].licence_no), () => `application.${kind} of ${citizens[i].licence_no}`);
		// Together with what the tests before have done: nothing is documented that never comes, and each is signed.
		for (const name of api.doc.components.schemas.EventName.enum.filter((e) => !e.endsWith('*'))) {
			await until(() => sent(name).length > 0, name);
			const [post] = sent(name), [, t, mac] = post.headers['huizhi-signature'].match(/^t=(\d+),v1=([0-9a-f]{64})$/);
			assert.equal(mac, createHmac('sha256', hook.secret).update(`${t}.${post.body}`).digest('hex'), name);
			assert.deepEqual(api.faults(api.doc.components.schemas.WebhookEvent, JSON.parse(post.body)), [], name);
		}
	});

	test('a webhook is tried: one delivery to it alone, signed, and how it was answered', async () => {
		const made = (await call('/webhooks', { key: keys.manager, body: { url: `${receiver.url}/tried`, events: ['opt_in'] } })).json, tests = () => receiver.posts.filter((p) => p.headers['huizhi-event'] === 'webhook.test');
		assert.equal((await call(`/webhooks/${made.id}/test`, { key: keys.reader, body: {} })).status, 403);
		assert.equal((await call('/webhooks/999/test', { key: keys.manager, body: {} })).status, 404);
		const put = await call(`/webhooks/${made.id}/test`, { key: keys.manager, body: {} });
		assert.deepEqual([put.status, put.json.webhook, put.json.event], [202, made.id, 'webhook.test']);
		await until(async () => (await call(`/webhooks/${made.id}/deliveries?state=delivered`, { key: keys.manager })).json.deliveries.some((d) => d.id === put.json.id && d.status === 200), 'the test');
		const told = await world.json('webhook', 'test', String(made.id), '--wait', '90', '--bureau', 'yiyuan', '--staff', 'zhou');
		assert.deepEqual([told.state, told.status], ['delivered', 200]);
		receiver.status = (path) => path === '/tried' ? 418 : 200;
		const refused = await world.cli('webhook', 'test', String(made.id), '--wait', '90', '--bureau', 'yiyuan');
		assert.equal(refused.code, 1);
		assert.match(refused.stdout, /answered 418/);
		receiver.status = () => 200;
		assert.deepEqual([...new Set(tests().map((p) => p.path))].filter((path) => path !== '/desk'), ['/tried']);
		const tried = tests().filter((p) => p.path === '/tried');
		for (const p of tried) {
			const [, t, mac] = p.headers['huizhi-signature'].match(/^t=(\d+),v1=([0-9a-f]{64})$/), body = JSON.parse(p.body);
			assert.equal(mac, createHmac('sha256', made.secret).update(`${t}.${p.body}`).digest('hex'));
			assert.deepEqual(api.faults(api.doc.components.schemas.WebhookEvent, body), []);
		}
		assert.deepEqual(tried.slice(0, 2).map((p) => JSON.parse(p.body).actor), ['api:manager', 'staff:zhou']);
		assert.equal((await world.cli('webhook', 'test', '999', '--bureau', 'yiyuan')).code, 1);
		await world.must('webhook', 'remove', String(made.id), '--bureau', 'yiyuan');
	});

	test('the description names exactly what is served', async () => {
		assert.equal(api.doc.openapi, '3.1.0');
		const rows = [...readFileSync(join(root, 'gateway/http/api/routes.def'), 'utf8').matchAll(/^API\((\w+), "([^"]+)", "(\w+)"/gm)].map(([, method, path, scope]) => `${method} ${path} ${scope}`);
		const described = [...api.operations()].map(({ path, method, operation }) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, ':')} ${operation.description.match(/Scope: (\w+)\.$/)[1]}`);
		assert.deepEqual(described.sort(), rows.sort());
		// Every reference leads somewhere, every schema is one, every example fits its own.
		for (const [, to] of JSON.stringify(api.doc).matchAll(/"\$ref":"([^"]+)"/g)) api.resolve({ $ref: to });
		const ids = new Set();
		for (const { path, operation } of api.operations()) {
			assert.ok(!ids.has(operation.operationId), operation.operationId);
			ids.add(operation.operationId);
			const named = (operation.parameters ?? []).map((p) => api.resolve(p)).filter((p) => p.in === 'path').map((p) => `{${p.name}}`);
			assert.deepEqual(named, path.match(/\{\w+\}/g) ?? [], path);
			for (const content of Object.values(operation.requestBody?.content ?? {})) {
				assert.ok(content.example !== undefined, `${path} has no example`);
				for (const one of typeof content.example === 'string' ? content.example.trim().split('\n').map((l) => JSON.parse(l)) : [content.example])
					assert.deepEqual(api.faults(content.schema, one), [], path);
			}
		}
		// The check itself finds what is wrong.
		const schema = api.doc.components.schemas.Moved, good = { id: 1, before: 'due', status: 'reminded', told: true, finished: false };
		assert.deepEqual(api.faults(schema, good), []);
		for (const bad of [{ ...good, id: '1' }, { ...good, status: 'nowhere' }, { ...good, more: 1 }, { id: 1 }]) assert.notDeepEqual(api.faults(schema, bad), []);
		// Each kind of refusal was met, and fitted its description.
		const answered = new Set([...api.seen.values()].flatMap((statuses) => [...statuses]));
		for (const status of Object.keys(api.doc.components.responses).map((name) => Number(api.statusOf(name)))) assert.ok(status === 503 || answered.has(status), `${status} was never answered`);
		// Every operation was called and did its work at least once in these tests.
		for (const id of ids) assert.ok([...(api.seen.get(id) ?? [])].some((s) => s < 300), `${id} was never answered well`);
	});
});
