// A reader of our OpenAPI document for tests: finds operations, checks values against schemas (JSON Schema 2020-12, the words
// that the document uses; an unknown word is an error, so that nothing passes unread), and calls what it describes.
import assert from 'node:assert/strict';

const WORDS = new Set(['$ref', 'type', 'description', 'enum', 'const', 'required', 'properties', 'additionalProperties', 'items', 'oneOf', 'allOf',
	'format', 'minimum', 'maximum', 'minLength', 'maxLength', 'default', 'minItems']);
const FORMATS = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, date: /^\d{4}-\d\d-\d\d$/, uri: /^https?:\/\/\S+$/ };

function typeOf(v) {
	if (v === null) return 'null';
	if (Array.isArray(v)) return 'array';
	return Number.isInteger(v) ? 'integer' : typeof v;
}

export class OpenApi {
	constructor(doc) {
		this.doc = doc;
		this.seen = new Map(); // operationId -> statuses that were answered
	}
	resolve(o) {
		while (o && o.$ref) {
			const parts = o.$ref.split('/');
			assert.equal(parts.shift(), '#', o.$ref);
			const to = parts.reduce((at, part) => at?.[part.replace(/~1/g, '/')], this.doc);
			assert.ok(to, `${o.$ref} leads nowhere`);
			o = to;
		}
		return o;
	}
	// The faults of a value, each with where it is; [] = good.
	faults(schema, value, at = '') {
		for (const word of Object.keys(schema)) assert.ok(WORDS.has(word), `a word that this reader does not know: ${word}`);
		if (schema.$ref) return this.faults(this.resolve(schema), value, at);
		const bad = [], is = typeOf(value), types = schema.type === undefined ? null : [schema.type].flat();
		if (types && !types.includes(is) && !(is === 'integer' && types.includes('number'))) return [`${at}: ${is}, not ${types}`];
		if (schema.enum && !schema.enum.includes(value)) bad.push(`${at}: ${JSON.stringify(value)} is none of ${schema.enum}`);
		if ('const' in schema && schema.const !== value) bad.push(`${at}: ${JSON.stringify(value)} is not ${schema.const}`);
		if (is === 'string') {
			if (schema.format) {
				assert.ok(FORMATS[schema.format], schema.format);
				if (!FORMATS[schema.format].test(value)) bad.push(`${at}: "${value}" is no ${schema.format}`);
			}
			if (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? Infinity)) bad.push(`${at}: length ${value.length}`);
		}
		if ((is === 'integer' || is === 'number') && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) bad.push(`${at}: ${value}`);
		if (is === 'array' && value.length < (schema.minItems ?? 0)) bad.push(`${at}: only ${value.length}`);
		if (is === 'array' && schema.items) value.forEach((v, i) => bad.push(...this.faults(schema.items, v, `${at}[${i}]`)));
		if (is === 'object') {
			for (const key of schema.required ?? []) if (!(key in value)) bad.push(`${at}.${key} is missing`);
			for (const [key, v] of Object.entries(value)) {
				if (schema.properties?.[key]) bad.push(...this.faults(schema.properties[key], v, `${at}.${key}`));
				else if (schema.additionalProperties === false) bad.push(`${at}.${key} is not described`);
				else if (schema.additionalProperties) bad.push(...this.faults(schema.additionalProperties, v, `${at}.${key}`));
			}
		}
		for (const s of schema.allOf ?? []) bad.push(...this.faults(s, value, at));
		if (schema.oneOf) {
			const fits = schema.oneOf.filter((s) => this.faults(s, value, at).length === 0).length;
			if (fits !== 1) bad.push(`${at}: fits ${fits} of the ${schema.oneOf.length}`);
		}
		return bad;
	}
	*operations() {
		for (const [path, methods] of Object.entries(this.doc.paths))
			for (const [method, operation] of Object.entries(methods)) yield { path, method, operation };
	}
	find(method, path) {
		for (const o of this.operations()) {
			const pattern = new RegExp(`^${o.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
			if (o.method === method.toLowerCase() && pattern.test(path)) return o;
		}
		return null;
	}
	// Checks one real answer: its status, kind and body are described.
	check(method, path, status, type, body) {
		const o = this.find(method, path);
		if (!o) {
			assert.ok(status === 404 || status === 405, `${method} ${path} -> ${status} is not described`);
			const bad = this.faults(this.doc.components.schemas.Problem, body, path);
			assert.deepEqual(bad, [], `${method} ${path}`);
			return;
		}
		const what = `${method} ${o.path} -> ${status}`;
		const response = this.resolve(o.operation.responses[String(status)]);
		assert.ok(response, `${what} is not described`);
		const kind = type.split(';')[0].trim();
		const schema = response.content[kind]?.schema;
		assert.ok(schema, `${what}: ${kind} is not described`);
		const values = kind === 'application/x-ndjson' ? body : [body];
		for (const v of values) assert.deepEqual(this.faults(schema, v), [], what);
		const seen = this.seen.get(o.operation.operationId) ?? new Set();
		this.seen.set(o.operation.operationId, seen.add(status));
	}
	// The status under which operations name this component of responses.
	statusOf(name) {
		for (const { operation } of this.operations())
			for (const [status, response] of Object.entries(operation.responses)) if (response.$ref === `#/components/responses/${name}`) return status;
		throw new Error(`no operation answers ${name}`);
	}
	byId(id) {
		for (const o of this.operations()) if (o.operation.operationId === id) return o;
		throw new Error(`no operation ${id}`);
	}
	// A client made of nothing but the document: (operationId, values of its parameters, body) -> the answer. What is sent
	// must fit the document, as what comes back must.
	client(url, key) {
		return async (id, values = {}, body) => {
			const { path, method, operation } = this.byId(id);
			let address = path;
			const query = new URLSearchParams(), headers = { Authorization: `Bearer ${key}` }, used = new Set();
			for (const p of (operation.parameters ?? []).map((one) => this.resolve(one))) {
				const value = values[p.name];
				used.add(p.name);
				if (value === undefined) { assert.ok(!p.required, `${id}: ${p.name} is missing`); continue; }
				assert.deepEqual(this.faults(p.schema, value, p.name), [], id);
				if (p.in === 'path') address = address.replace(`{${p.name}}`, encodeURIComponent(value));
				else if (p.in === 'query') query.set(p.name, value);
				else headers[p.name] = value;
			}
			for (const name of Object.keys(values)) assert.ok(used.has(name), `${id} has no parameter ${name}`);
			if (body !== undefined) {
				assert.deepEqual(this.faults(operation.requestBody.content['application/json'].schema, body), [], id);
				headers['Content-Type'] = 'application/json';
			}
			const r = await fetch(`${url}${address}${query.size === 0 || String(query) === '' ? '' : `?${query}`}`, { method: method.toUpperCase(), headers, body: body && JSON.stringify(body) });
			const json = await r.json();
			this.check(method, address, r.status, r.headers.get('content-type'), json);
			return { status: r.status, json };
		};
	}
}
