// What is said to carriers is true: the manual page for their engineers agrees with the tables of the program, and every
// line of the table of requirements names tests that are there.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from '../lib/world.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const page = read('man/huizhi-smpp.7').replaceAll('\\-', '-');

// ---- man/huizhi-smpp.7 ----------------------------------------------------------------------------------------------

test('the page for carriers names every PDU and every optional parameter that the PDU layer has a name for', () => {
	const names = [...read('gateway/smpp/pdu.c').matchAll(/\{PDU_[A-Z_]+, "([a-z_]+)"\}/g)].map((m) => m[1]);
	assert.ok(names.length > 25);
	// Responses to what is never sent are not of interest.
	const never = ['replace_sm_resp', 'submit_multi_resp'];
	const binds = names.filter((n) => /^bind_.*_resp$/.test(n));
	for (const n of names.filter((n) => !never.includes(n) && !binds.includes(n))) assert.ok(page.includes(n), n);
	const tags = [...read('gateway/smpp/pdu.h').matchAll(/#define PDU_TLV_[A-Z_]+ (0x[0-9a-f]{4})/g)].map((m) => m[1].toUpperCase().replace('X', 'x'));
	assert.ok(tags.length > 10);
	for (const t of tags) assert.ok(page.includes(t), t);
});

test('its keys are the link’s, with the defaults that it says', () => {
	const sample = execFileSync(join(build, 'huizhi'), ['conf', 'sample'], { encoding: 'utf8' });
	const section = sample.slice(sample.indexOf('\nlink "'), sample.indexOf('\nbureau "'));
	const keys = new Map([...section.matchAll(/^\s*#?\s*([a-z][a-z0-9_]*)\s*= (.*)$/gm)].map((m) => [m[1], m[2].trim()]));
	assert.ok(keys.size > 40, `${keys.size}`);
	const italic = [...page.matchAll(/^\.(?:I|IR|RI)\s+(?:\( )?([a-z][a-z0-9_]*)(?: "? ?\[([^\]]+)\])?/gm), ...page.matchAll(/\\fI([a-z][a-z0-9_]*)\\fP(?: \[([^\]]+)\])?/g)];
	assert.ok(italic.length > 40, `${italic.length}`);
	let defaults = 0;
	for (const [, key, said] of italic) {
		assert.ok(keys.has(key), `${key} is no key of a link`);
		if (!said) continue;
		const value = keys.get(key).replace(/^"(.*)"$/, '$1').replace(/^\{(.*)\}$/, '$1').replaceAll('"', '');
		assert.equal(said.replace(/ = .*/, '').replace('empty', ''), value, key);
		defaults++;
	}
	assert.ok(defaults > 20);
});

test('its statuses are those of the table, each with what is done about it', () => {
	const rows = [...read('gateway/smpp/status.c').matchAll(/\{(0x[0-9a-f]+), (0x[0-9a-f]+), STATUS_([A-Z]+), /g)];
	assert.ok(rows.length > 40);
	const part = page.slice(page.indexOf('.SH ERRORS'), page.indexOf('.SS When the connection breaks off'));
	const bind = page.slice(page.indexOf('.SS Binding'), page.indexOf('.SS Outbind'));
	// "0x48-0x51" and "0x01 0x06" to numbers, by the words below them.
	const said = new Map();
	const take = (text) => {
		for (const [, list, action] of text.matchAll(/^\.TP\n([^\n]*0x[^\n]*)\n([^\n]*)/gm))
			for (const [, a, b] of list.matchAll(/0x([0-9A-F]+)(?:-0x([0-9A-F]+))?/g))
				for (let s = parseInt(a, 16); s <= parseInt(b || a, 16); s++) said.set(s, action);
	};
	take(part);
	take(bind);
	const words = { PAUSE: /pauses/, RETRY: /retry_seconds/, REBIND: /bind anew/, BACKOFF: /growing wait/, ALARM: /refused_seconds/, PERMANENT: /for good/ };
	for (const [, first, last, action] of rows) {
		if (action === 'OK') continue;
		for (let s = Number(first); s <= Number(last); s++) assert.match(said.get(s) || 'nothing', words[action], `0x${s.toString(16)}`);
	}
});

test('its USSD profiles are the shipped ones, and it is a page without faults', () => {
	const part = page.slice(page.indexOf('.SH USSD'), page.indexOf('.SH LOOKING'));
	for (const f of readdirSync(join(root, 'conf/ussd'))) assert.match(part, new RegExp(`^${f.replace('.conf', '').replace('+', '\\+')} `, 'm'));
	const r = execFileSync('sh', ['-c', 'groff -man -Tutf8 -ww -z "$1" 2>&1', 'sh', join(root, 'man/huizhi-smpp.7')], { encoding: 'utf8' });
	assert.equal(r, '');
});

// ---- tests/smpp/FIELD.md --------------------------------------------------------------------------------------------

const table = read('tests/smpp/FIELD.md');
const rows = [...table.matchAll(/^\| ([A-Z]+)(\d+) \| (.+?) \| (.+?) \|$/gm)].map((m) => ({ letter: m[1], number: Number(m[2]), says: m[3], proofs: m[4] }));

test('every requirement of the field has a row, numbered without a gap, and a proof', () => {
	assert.ok(rows.length >= 100, `${rows.length} rows`);
	const count = new Map();
	for (const r of rows) {
		assert.equal(r.number, (count.get(r.letter) || 0) + 1, `${r.letter}${r.number}`);
		count.set(r.letter, r.number);
		assert.ok(r.says.length > 8, r.says);
	}
	// No row is lost for its shape.
	assert.equal(rows.length, table.split('\n').filter((l) => /^\| [A-Z]+\d+ /.test(l)).length);
});

test('every test that the table names is there', () => {
	const missing = [];
	let named = 0;
	for (const r of rows) {
		for (const proof of r.proofs.split(/(?<=`); /)) {
			const m = proof.match(/^`([^`:]+): ([^`]+)`$/);
			if (!m || !existsSync(join(root, m[1]))) { missing.push(`${r.letter}${r.number}: ${proof}`); continue; }
			const text = read(m[1]), c = m[1].endsWith('.c');
			// C tests have names, the others sentences.
			for (const name of c ? m[2].split(', ') : [m[2]]) {
				named++;
				const there = c ? new RegExp(`_test[a-z_]*\\(\\s*${name}\\b`).test(text) && new RegExp(`^${name}\\(void`, 'm').test(text)
					: text.includes(`'${name}'`);
				if (!there) missing.push(`${r.letter}${r.number}: ${m[1]}: ${name}`);
			}
		}
	}
	assert.ok(named > 150, `${named}`);
	assert.deepEqual(missing, []);
});
