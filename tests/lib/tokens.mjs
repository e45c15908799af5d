// Full tokens made by another implementation than the program's own, for tests of links that nobody should believe.
import { createPrivateKey, sign } from 'node:crypto';

// seedHex: 32 octets of the signing key as its file holds them first; expires in unix seconds. Purpose 1 = renew.
export function fullToken(seedHex, { bureau = 1, conversation = 1, grant = 1, expires, purpose = 1 }) {
	const fields = Buffer.alloc(39);
	fields.set([1, 1, purpose]);
	fields.writeUInt32BE(bureau, 3);
	fields.writeBigUInt64BE(BigInt(conversation), 7);
	fields.writeBigUInt64BE(BigInt(grant), 15);
	fields.writeBigUInt64BE(BigInt(expires), 23);
	fields.set(Buffer.from('0123456789abcdef', 'hex'), 31);
	const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seedHex, 'hex')]);
	const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
	return Buffer.concat([fields, sign(null, Buffer.concat([Buffer.from('huizhi token full 1\0'), fields]), key)]).toString('base64url');
}
