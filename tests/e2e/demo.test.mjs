// The demo, as a newcomer starts it: it ends with 0 after one whole conversation, a second run works, nothing is left.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Program, root, run } from '../lib/world.mjs';

const demo = () => run(`${root}/demo/run`, [], { cwd: root, env: { ...process.env, DEMO: 'once' } });
const left = () => readdirSync(tmpdir()).filter((f) => f.startsWith('huizhi-demo.'));
const processes = () => readdirSync('/proc').filter((p) => /^\d+$/.test(p)).flatMap((p) => {
	try { return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes(`${tmpdir()}/huizhi-demo.`) ? [p] : []; } catch { return []; }
});

test('one conversation from the reminder to the rating, twice, and nothing is left', async () => {
	const before = left();
	for (let i = 0; i < 2; i++) {
		const r = await demo();
		assert.equal(r.code, 0, r.stdout.slice(-3000) + r.stderr);
		for (const text of [/要续办请回复 Y/, /核实身份/, /身份已核实/, /旧证怎么交回/, /新证怎么领/, /申请已提交/, /已审批通过/, /SF1399900001/, /谢谢您的评价/])
			assert.match(r.stdout, text);
		assert.match(r.stdout, /7509 new/);
		assert.match(r.stdout, /1795 {2}reminders to 1328 phones/, 'Yiyuan’s 1,793 licences of 1,326 firms, and two of the demo’s own');
		assert.match(r.stdout, /citizen's page +http:\S+\/r\/\S+/);
		assert.match(r.stdout, /rated/);
	}
	assert.deepEqual(left(), before, 'no folder is left');
	assert.deepEqual(processes(), [], 'no process is left');
});

test('stopped in the middle, it takes everything down with it', async () => {
	const before = left();
	const p = new Program(`${root}/demo/run`, [], { cwd: root, env: { ...process.env, DEMO: 'once' } });
	await p.line(/3\. One conversation/);
	assert.equal(await p.end('SIGINT'), 130);
	assert.deepEqual(left(), before);
	assert.deepEqual(processes(), []);
});
