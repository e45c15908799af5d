// The crash test in its short form: fifty kills among stopped databases and cut connections, then the proof. The long
// form is tests/crash/run.
import test from 'node:test';
import assert from 'node:assert/strict';
import { storm } from '../crash/crash.mjs';

test('fifty kills: nothing acknowledged is lost, nothing is stepped twice, everybody has an answer', async (t) => {
	const { faults, figures } = await storm({ kills: 50, seed: 20, talkers: 20 });
	t.diagnostic(JSON.stringify(figures));
	assert.deepEqual(faults, []);
	// It proves nothing when nothing was under way.
	assert.ok(figures.kill >= 50 && figures.texts_in > 100 && figures.redelivered > 50, JSON.stringify(figures));
});
