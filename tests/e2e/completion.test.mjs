// What bash offers behind `huizhi`: made from the usage of every command, so each word and option of these is offered.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { huizhi, run } from '../lib/world.mjs';


describe('completion', () => {
	let dir, file;
	before(async () => {
		dir = mkdtempSync(join(tmpdir(), 'huizhi-completion.'));
		file = join(dir, 'huizhi');
		const made = await huizhi('completion');
		assert.equal(made.code, 0, made.stderr);
		writeFileSync(file, made.stdout);
		writeFileSync(join(dir, 'licences.csv'), '');
	});
	after(() => rmSync(dir, { recursive: true, force: true }));

	// All at once: a shell for each list of words would take long.
	async function offers(...lines) {
		const script = lines.map((words) => `COMP_WORDS=(huizhi ${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length}; _huizhi; echo "\${COMPREPLY[*]}"`).join('\n');
		const r = await run('bash', ['--norc', '-c', `source ${file}\ncd ${dir}\n${script}`]);
		assert.equal(r.stderr, '');
		const lists = r.stdout.replace(/\n$/, '').split('\n').map((l) => l.split(' ').filter(Boolean));
		assert.equal(lists.length, lines.length);
		return lists;
	}

	test('commands, their words, options and values', async () => {
		const [all, some, subs, options, states, files, behind] = await offers([''], ['app'], ['webhook', ''], ['webhook', 'deliveries', '--'],
			['webhook', 'deliveries', '--state', ''], ['import', 'licences', 'lic'], ['-c', 'x.conf', '--json', 'campaign', 'pa']);
		assert.ok(['init', 'campaign', 'webhook', 'completion', '--json'].every((w) => all.includes(w)), all.join(' '));
		assert.deepEqual(some, ['application']);
		assert.ok(['add', 'list', 'deliveries', 'replay', 'remove'].every((w) => subs.includes(w)), subs.join(' '));
		assert.ok(options.includes('--state') && options.includes('--limit') && !options.includes('--events'), options.join(' '));
		assert.deepEqual(states, ['dead', 'delivered', 'pending'].sort((a, b) => states.indexOf(a) - states.indexOf(b)));
		assert.deepEqual(files, ['licences.csv']);
		assert.deepEqual(behind, ['pause']);
	});

	test('everything that the usage of any command names is offered', async () => {
		const list = (await huizhi('--help')).stdout.match(/^ {2}([a-z]+) {2,}/gm).map((l) => l.trim());
		assert.ok(list.length > 15);
		const asked = [], wanted = [];
		for (const command of list) {
			const { stdout } = await huizhi(command, '--help');
			const usage = stdout.split('\n\n')[1].replace(/\n {6}\s*/g, ' ');
			for (const [, line] of usage.matchAll(/^ {2}huizhi \[-c FILE\] \[--json\] (.+)$/gm)) {
				const [, second = ''] = line.split(' ');
				const subs = /^[a-z][a-z|-]*$/.test(second) ? second.split('|') : [''];
				for (const sub of subs) {
					if (sub) { asked.push([command, '']); wanted.push([sub, line]); }
					for (const [option] of line.matchAll(/(?<![\w-])--[a-z-]+/g)) { asked.push(sub ? [command, sub, '--'] : [command, '--']); wanted.push([option, line]); }
				}
			}
		}
		const lists = await offers(...asked);
		lists.forEach((offered, i) => assert.ok(offered.includes(wanted[i][0]), `${wanted[i][0]} of: ${wanted[i][1]}\n${offered}`));
		assert.ok(lists.length > 60);
	});
});
