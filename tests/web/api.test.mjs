// The programs' interface over HTTP: keys and scopes, lists and pages, acts and their refusals; and that the published
// description names exactly what is served.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { World, BUREAU } from '../lib/world.mjs';
import { invite, settle } from '../lib/citizens.mjs';

const TWO = `${BUREAU}bureau "other" { id = 2  name = "别处"  signature = "【别处】"  short_code = "10690002"  links = {"east"}  scan_at = "" }\n`;

describe('the API', { timeout: 300000 }, () => {
	let world, people, keys = {};
	before(async () => {
		world = await World.start({ bureaus: TWO });
		people = await settle(world, Array.from({ length: 5 }, (_, i) => ({ name: `沂源第${i}店` })));
		for (const [name, bureau, scope] of [['reader', 'yiyuan', 'read'], ['writer', 'yiyuan', 'read,write'], ['stranger', 'other', 'read,write']])
			keys[name] = (await world.json('apikey', 'add', name, '--scope', scope, '--bureau', bureau)).key;
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
	after(async () => { await world?.stop(); });

	async function call(path, { key = keys.writer, body, method, raw, type = 'application/json' } = {}) {
		const headers = { ...(key ? { Authorization: `Bearer ${key}` } : {}), ...(body || raw ? { 'Content-Type': type } : {}) };
		const r = await fetch(`${world.staffUrl}/api/v1${path}`, { method: method ?? (body || raw ? 'POST' : 'GET'), headers, body: raw ?? (body && JSON.stringify(body)) });
		const json = await r.json();
		const kind = r.headers.get('content-type');
		assert.equal(kind, r.status >= 400 ? 'application/problem+json' : 'application/json', path);
		if (r.status >= 400) assert.equal(json.status, r.status);
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
			const page = (await call(`/applications?limit=2${next ? `&after=${next}` : ''}`)).json;
			assert.ok(page.applications.length <= 2);
			seen.push(...page.applications.map((a) => a.id));
			next = page.next;
		} while (next !== null);
		assert.deepEqual(seen, all.applications.map((a) => a.id));
		assert.equal((await call('/applications?status=submitted')).json.applications.length, 2);
		assert.equal((await call('/applications?item=food-business-renewal&status=reminded')).json.applications.length, 3);
		for (const bad of ['status=nonsense', 'limit=0', 'limit=1001', 'limit=x', 'after=-1', 'after=']) assert.equal((await call(`/applications?${bad}`)).status, 400, bad);
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
		for (const [raw, type] of [['{', 'application/json'], ['[]', 'application/json'], ['{"decision":"approve"}', 'text/plain'], ['{"decision":"approve","decision":"reject"}', 'application/json']])
			assert.equal((await call(`/applications/${c.id}/decide`, { raw, type })).status, 400, raw);
		assert.equal((await call(`/applications/${c.id}/decide`, { raw: `{"reason":"${'x'.repeat(20000)}"}` })).status, 413);
		const done = await call(`/applications/${c.id}/decide`, { body: { decision: 'approve' } });
		assert.deepEqual(done.json, { id: c.id, before: 'submitted', status: 'approved', told: true, finished: false });
		await world.next(c.phone, /审批通过/);
		const again = await call(`/applications/${c.id}/decide`, { body: { decision: 'approve' } });
		assert.equal(again.status, 409);
		assert.ok(again.json.detail.length > 10);
		assert.equal((await call(`/applications/${c.id}/send`, { body: { ready: true, tracking_no: 'X1' } })).status, 400);
		assert.equal((await call(`/applications/${c.id}/send`, { body: {} })).status, 400);
		assert.equal((await call(`/applications/${c.id}/send`, { body: { ready: true } })).json.status, 'ready');
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
		assert.equal(messages[0].direction, 'out');
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

	test('the description names what is served', async () => {
		const r = await fetch(`${world.staffUrl}/api/v1/openapi.json`);
		const doc = await r.json();
		assert.equal(doc.openapi, '3.1.0');
		const fill = (path) => path.replace('{id}', String(people[1].id)).replace('{name}', 'approve');
		for (const [path, methods] of Object.entries(doc.paths))
			for (const [method, operation] of Object.entries(methods)) {
				const answer = await call(fill(path).replace('/api/v1', ''), { method: method.toUpperCase(), ...(method === 'post' ? { raw: '{}' } : {}) });
				assert.ok(String(answer.status) in operation.responses, `${method} ${path} -> ${answer.status}`);
				const schema = operation.responses['200'].content['application/json'].schema;
				if (answer.status === 200 && schema.properties) assert.deepEqual(Object.keys(answer.json).sort(), Object.keys(schema.properties).sort(), path);
			}
		// Every reference leads somewhere, and what an application is said to have, it has.
		for (const [, name] of JSON.stringify(doc).matchAll(/"#\/components\/schemas\/(\w+)"/g)) assert.ok(doc.components.schemas[name], name);
		const [a] = (await call('/applications')).json.applications;
		for (const key of Object.keys(doc.components.schemas.Application.properties)) assert.ok(key in a, key);
	});
});
