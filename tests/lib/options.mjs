// The options of a program of tests that takes nothing but numbers: "--kills 50". Whoever asks for help gets the comment
// that the script beside it begins with; whoever mistypes, what is wrong and the same comment.
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';

function usage(script) {
	const lines = readFileSync(script, 'utf8').split('\n').slice(1);
	return lines.slice(0, lines.findIndex((l) => !l.startsWith('#'))).map((l) => l.replace(/^# ?/, '')).join('\n');
}

// Defaults by name, null for what has none. Ends the program when it cannot go on.
export function numbers(script, defaults) {
	const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' }]));
	let values;
	try {
		({ values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }));
		for (const name of Object.keys(defaults))
			if (values[name] !== undefined && !/^\d{1,9}$/.test(values[name])) throw new Error(`--${name} ${values[name]}: must be a whole number`);
	} catch (e) {
		console.error(`${e.message}\n\n${usage(script)}`);
		process.exit(2);
	}
	if (values.help) {
		console.log(usage(script));
		process.exit(0);
	}
	return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, values[name] === undefined ? value : Number(values[name])]));
}
