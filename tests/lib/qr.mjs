// Reads a QR code that is not damaged, from its modules: ISO/IEC 18004, model 2, byte mode, versions 1 to 12, level M.
// It shares nothing with the library that draws them.

// [blocks of the first kind, data codewords in each, blocks of the second kind, data codewords in each, check codewords]
const LEVEL_M = [null, [1, 16, 0, 0, 10], [1, 28, 0, 0, 16], [1, 44, 0, 0, 26], [2, 32, 0, 0, 18], [2, 43, 0, 0, 24],
	[4, 27, 0, 0, 16], [4, 31, 0, 0, 18], [2, 38, 2, 39, 22], [3, 36, 2, 37, 22], [4, 43, 1, 44, 26], [1, 50, 4, 51, 30],
	[6, 36, 2, 37, 22]];
const ALIGNMENT = [null, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
	[6, 30, 54], [6, 32, 58]];
const MASKS = [(y, x) => (y + x) % 2, (y) => y % 2, (y, x) => x % 3, (y, x) => (y + x) % 3,
	(y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2, (y, x) => ((y * x) % 2) + ((y * x) % 3),
	(y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2, (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2];

// The modules of our SVG: one path of horizontal runs, four modules of quiet zone.
export function modulesOfSvg(svg) {
	const side = Number(svg.match(/viewBox="0 0 (\d+) \1"/)[1]) - 8;
	const m = Array.from({ length: side }, () => new Uint8Array(side));
	for (const [, x, y, run] of svg.match(/fill="#000" d="([^"]*)"/)[1].matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
		for (let i = 0; i < Number(run); i++) m[y - 4][x - 4 + i] = 1;
	return m;
}

function isFunction(version, side, y, x) {
	const finder = (fy, fx) => y >= fy && y < fy + 9 && x >= fx && x < fx + 9;
	if (finder(0, 0) || finder(0, side - 8) || finder(side - 8, 0) || y === 6 || x === 6) return true;
	if (version >= 7 && ((y < 6 && x >= side - 11) || (x < 6 && y >= side - 11))) return true;
	const at = ALIGNMENT[version];
	return at.some((cy) => at.some((cx) => Math.abs(cy - y) <= 2 && Math.abs(cx - x) <= 2 &&
		!((cy === 6 && cx === 6) || (cy === 6 && cx === side - 7) || (cy === side - 7 && cx === 6))));
}

export function readQr(m) {
	const side = m.length;
	const version = (side - 17) / 4;
	// Format information: level and mask in the first five bits, under a fixed pattern.
	let format = 0;
	for (let i = 0; i < 6; i++) format = (format << 1) | m[8][i];
	const level = ((format >> 4) ^ 0b10) & 3;
	const mask = MASKS[((format >> 1) ^ 0b101) & 7];
	if (level !== 0) throw new Error(`the level is not M but ${level}`);
	const words = [];
	let word = 0, bits = 0;
	for (let right = side - 1, up = true; right > 0; right -= 2, up = !up) {
		if (right === 6) right = 5;
		for (let i = 0; i < side; i++)
			for (const x of [right, right - 1]) {
				const y = up ? side - 1 - i : i;
				if (isFunction(version, side, y, x)) continue;
				word = (word << 1) | (m[y][x] ^ (mask(y, x) === 0 ? 1 : 0));
				if (++bits === 8) { words.push(word); word = bits = 0; }
			}
	}
	// The blocks lie interleaved, codeword by codeword.
	const [n1, k1, n2, k2] = LEVEL_M[version];
	const blocks = [...Array(n1).fill(k1), ...Array(n2).fill(k2)].map((k) => ({ k, data: [] }));
	let at = 0;
	for (let i = 0; i < Math.max(k1, k2); i++)
		for (const b of blocks) if (i < b.k) b.data.push(words[at++]);
	const data = blocks.flatMap((b) => b.data);
	let position = 0;
	const take = (n) => {
		let v = 0;
		for (; n > 0; n--, position++) v = (v << 1) | ((data[position >> 3] >> (7 - (position & 7))) & 1);
		return v;
	};
	if (take(4) !== 4) throw new Error('not byte mode');
	const length = take(version < 10 ? 8 : 16);
	return Buffer.from(Array.from({ length }, () => take(8))).toString('utf8');
}
