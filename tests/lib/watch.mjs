// Taken in before a test file by tests/run (--import): one that does not come to its end in HUIZHI_FILE_SECONDS says where it
// hangs and what its programs said last, takes its worlds down, and ends. By hand a test has all the time there is.
import { beforeEach } from 'node:test';

const seconds = Number(process.env.HUIZHI_FILE_SECONDS);

// The runner itself has no tests of its own.
if (seconds > 0 && process.env.NODE_TEST_CONTEXT) {
	const began = Date.now();
	let where = 'what comes before its first test', since = began;
	beforeEach((t) => { where = `«${t?.name}»`; since = Date.now(); });
	setTimeout(async () => {
		const { Program, World } = await import('./world.mjs');
		const words = [`cut off after ${seconds} s: it hangs in ${where}, since ${Math.round((Date.now() - since) / 1000)} s`];
		for (const p of Program.alive) words.push(`-- ${p.name} said last:`, p.tail(15));
		console.error(words.join('\n'));
		// Whatever it waits for fails now; only what it leaves behind matters any more.
		await Promise.allSettled([...World.alive].map((w) => w.stop()));
		for (const p of Program.alive) p.child.kill('SIGKILL');
		process.exit(1);
	}, seconds * 1000).unref();
}
