// Talks that stay in memory for the citizen's next text: what is stepped from memory ends as what is read from the
// database, and whatever somebody else did between two texts (a clerk, another daemon, the carrier, the database's own
// end) is known to the next answer.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CuttingCarrier } from '../lib/cutting_carrier.mjs';
import { Program, World, build, freePort, root, run } from '../lib/world.mjs';
import { holder, remind } from '../lib/people.mjs';
import { Sql } from '../lib/sql.mjs';

const codeIn = (text) => text.match(/代码(\d{8})/)[1];
async function metric(url, name) {
	const found = (await (await fetch(`${url}/metrics`)).text()).match(new RegExp(`^${name} (\\d+)`, 'm'));
	assert.ok(found, name);
	return Number(found[1]);
}
const kept = (url) => metric(url, 'huizhi_turns_kept_total');
const again = (url) => metric(url, 'huizhi_texts_in_again_total');
const talkOf = (h) => `(SELECT max(id) FROM conversation WHERE phone = '${h.e164}')`;
const ofTalk = (h) => `conversation_id = ${talkOf(h)}`;

describe('one daemon', () => {
	let w;
	before(async () => { w = await World.start(); });
	// Whatever became of a test, the next one finds the carrier sound.
	afterEach(() => w.faults({ reset: true }));
	after(async () => { await w?.stop(); });

	// How many of the turns that `act` brings were stepped from memory.
	async function keeps(count, act) {
		const from = await kept(w.staffUrl), found = await act();
		assert.equal(await kept(w.staffUrl) - from, count, 'turns stepped from memory');
		return found;
	}
	const stands = (h) => w.sql(`SELECT step || ' ' || version FROM conversation WHERE id = ${talkOf(h)}`);
	const ids = async (h) => (await w.sql(`SELECT id FROM application WHERE ${ofTalk(h)} ORDER BY id`)).split('\n');
	const prove = async (h, text) => {
		await w.must('token', 'verify', codeIn(text), '--prove', '--id', h.last6, '--staff', '陈静');
		await w.next(h.e164, /身份已核实/);
	};

	// The same talk of two people: `between` is done before each text.
	async function live(h, between = async () => {}) {
		const say = async (text, pattern) => { await between(); return w.say(h.e164, text, pattern); };
		await remind(w, [h]);
		const verify = await say('Y 1 3', /核实身份/);
		await say('帮助', /人工电话/);
		await say('啥呀', /./);
		await prove(h, verify);
		await say('Y', /旧证怎么交回/);
		await say('2', /新证怎么领/);
		await say('2', /登记的地址/);
		await say('山东省淄博市沂源县悦庄镇青龙山路88号', /记下了/);
		await w.next(h.e164, /申请已提交/);
		await say('进度', /已提交，审批中[^]*已提交，审批中/);
		await say('ENGLISH', /./);
		await say('STATUS', /being decided[^]*being decided/);
		for (const id of await ids(h)) {
			await w.must('application', 'decide', id, 'reject', '--reason', '经营场所已变更', '--staff', '陈静');
			await w.next(h.e164, /经营场所已变更/);
		}
		await w.next(h.e164, /1.*5/);
		await say('2', /./);
		await say('too slow', /./);
	}
	// What is left of it, without what differs from one person to another.
	const left = (h) => w.sql(`SELECT jsonb_pretty(jsonb_build_object(
		'talk', (SELECT to_jsonb(c) - '{id,phone,holder_id,started_at,step_since,ended_at,deadline_at,wake_at,slots}'::text[] ||
			jsonb_build_object('slots', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(c.slots) k),
				'ended', c.ended_at IS NOT NULL, 'deadline', c.deadline_at IS NOT NULL) FROM conversation c WHERE c.id = ${talkOf(h)}),
		'applications', (SELECT jsonb_agg(jsonb_build_array(a.number, a.status, a.old_certificate, a.delivery, a.address IS NOT NULL,
			a.verified_by, a.rating, a.rating_reason, a.consented_at IS NOT NULL, a.verified_at IS NOT NULL, a.confirmed_at IS NOT NULL,
			a.submitted_at IS NOT NULL, a.rated_at IS NOT NULL, a.closed_at IS NOT NULL, a.conversation_id IS NOT NULL) ORDER BY a.id)
			FROM application a JOIN holder h ON h.id = a.holder_id WHERE h.phone = '${h.e164}'),
		'trail', (SELECT jsonb_agg(jsonb_build_array(t.actor, t.kind, (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(t.data) k)) ORDER BY t.id)
			FROM trail t WHERE t.${ofTalk(h)}),
		'in', (SELECT jsonb_agg(jsonb_build_array(i.text, i.step, i.understood, i.error) ORDER BY i.id) FROM inbound i WHERE i.${ofTalk(h)}),
		'out', (SELECT jsonb_agg(jsonb_build_array(m.kind, m.wording, m.language, m.parts, m.link, m.reply_to IS NOT NULL) ORDER BY m.id)
			FROM message m WHERE m.${ofTalk(h)}),
		'worklist', (SELECT jsonb_agg(jsonb_build_array(k.list, k.done_at IS NOT NULL, k.done_by) ORDER BY k.id) FROM worklist k WHERE k.${ofTalk(h)})))`);

	test('a whole conversation ends as one that is read at each text', async () => {
		const [mine, theirs] = [holder(151, { licences: 3 }), holder(152, { licences: 3 })];
		// All but the first and the two that follow what clerks did.
		await keeps(9, () => live(mine));
		// Somebody touches the talk before each text.
		await keeps(0, () => live(theirs, () => w.sql(`UPDATE conversation SET version = version WHERE phone = '${theirs.e164}'`)));
		assert.equal(await left(mine), await left(theirs));
		assert.equal(await w.sql(`SELECT open || ' ' || version FROM conversation WHERE id = ${talkOf(mine)}`), 'false 17',
			'the reminder, 12 texts, the proof, two decisions and the end that follows from them');
		assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE ${ofTalk(mine)}`), '12');
		for (const h of [mine, theirs]) assert.equal(await w.sql(`SELECT string_agg(text, '|' ORDER BY id) FROM inbound WHERE ${ofTalk(h)} AND NOT understood`), '啥呀');
	});

	test('a text whose talk stands nowhere is kept with the reason, also when the talk is', async () => {
		for (const [n, touch] of [[164, ''], [165, 'step']]) {
			const h = holder(n);
			await remind(w, [h]);
			await w.say(h.e164, 'Y', /核实身份/);
			await keeps(1, () => w.say(h.e164, '帮助', /人工电话/));
			await w.sql(`UPDATE conversation SET ${touch || 'dialog'} = 'nowhere' WHERE phone = '${h.e164}'`);
			await w.text(h.e164, '好的');
			const [entry] = await w.until(async () => {
				const rows = await w.sql(`SELECT reason FROM worklist WHERE list = 'read' AND phone = '${h.e164}'`);
				return rows !== '' && rows.split('\n');
			}, 'a clerk reads it');
			assert.match(entry, touch === '' ? /not among the templates/ : /does not have/);
			assert.equal(await w.sql(`SELECT text || '|' || error || '|' || understood FROM inbound WHERE ${ofTalk(h)} ORDER BY id DESC LIMIT 1`), `好的|${entry}|true`);
		}
	});

	test('where a talk went stands in the event of its only application; of several, beside them', async () => {
		const [one, two] = [holder(166), holder(167, { licences: 2 })];
		const ways = [];
		for (const h of [one, two]) {
			await remind(w, [h]);
			await prove(h, await w.say(h.e164, 'Y', /核实身份/));
			await w.say(h.e164, 'Y', /旧证怎么交回/);
			await w.say(h.e164, '1', /新证怎么领/);
			await w.say(h.e164, '1', /申请已提交/);
			ways.push(await w.sql(`SELECT string_agg("from" || '>' || "to", ' ' ORDER BY id) FROM trail_move WHERE ${ofTalk(h)}`));
		}
		assert.equal(ways[0], '>reminded reminded>verify verify>confirm confirm>old_certificate old_certificate>delivery delivery>submitted');
		assert.equal(ways[1], ways[0]);
		const rows = (h) => w.sql(`SELECT string_agg(kind || coalesce('>' || (data->>'to'), ''), ' ' ORDER BY id) FROM trail WHERE ${ofTalk(h)} AND (kind = 'moved' OR data ? 'to')`);
		assert.equal(await rows(one), 'reminded>reminded consented>verify verified>confirm confirmed>old_certificate old_certificate_chosen>delivery delivery_chosen>submitted');
		assert.equal(await rows(two), 'moved>reminded moved>verify moved>confirm moved>old_certificate moved>delivery moved>submitted');
		assert.equal((await w.cli('trail', 'verify')).code, 0);
	});

	test('what somebody changed in an application between two texts is in the next answer', async () => {
		const h = holder(153, { licences: 2 });
		await remind(w, [h]);
		await keeps(0, () => w.say(h.e164, 'Y', /核实身份/));
		await keeps(1, () => w.say(h.e164, '进度', /等您核实身份[^]*等您核实身份/));
		const [first, second] = await ids(h);
		await w.sql(`UPDATE application SET status = 'verified' WHERE id = ${first}`);
		await keeps(0, () => w.say(h.e164, '进度', /1\..*等您核对申请内容\n2\..*等您核实身份/));
		await keeps(1, () => w.say(h.e164, '进度', /1\..*等您核对申请内容\n2\..*等您核实身份/));
		await w.sql(`UPDATE application SET conversation_id = NULL WHERE id = ${second}`);
		await keeps(0, () => w.say(h.e164, '进度', /^[^\n]*延续：等您核对申请内容。$/));
		await w.sql(`UPDATE application SET conversation_id = ${talkOf(h)}, status = 'approved' WHERE id = ${second}`);
		await keeps(0, () => w.say(h.e164, '进度', /1\..*等您核对申请内容\n2\..*已通过，正在制证/));
		// Numbers that do not go with the ids.
		await w.sql(`UPDATE application SET number = 3 - number WHERE ${ofTalk(h)}`);
		await keeps(0, () => w.say(h.e164, '进度', /1\..*已通过，正在制证\n2\..*等您核对申请内容/));
		await keeps(1, () => w.say(h.e164, '帮助', /人工电话/));
		assert.equal(await stands(h), 'verify 9');
	});

	test('what a clerk did between two texts is in the next answer', async () => {
		const h = holder(154);
		await remind(w, [h]);
		await w.say(h.e164, 'Y', /核实身份/);
		await keeps(1, () => w.say(h.e164, '帮助', /人工电话/));
		await w.must('application', 'verify', (await ids(h))[0], '--staff', '陈静');
		await w.next(h.e164, /身份已核实/);
		await keeps(0, () => w.say(h.e164, '进度', /等您核对申请内容/));
		// Of a «Y» nobody here would know whether it is the first one again: that is read.
		await keeps(1, () => w.say(h.e164, 'y', /旧证怎么交回/));
		assert.equal(await stands(h), 'old_certificate 6');
	});

	test('what a clerk is about to commit when the text comes is in its answer', async () => {
		const h = holder(159), clerk = new Sql(w.database);
		await remind(w, [h]);
		await w.say(h.e164, 'Y', /核实身份/);
		try {
			// As store/stmt/application.def: the talk is locked by writing it as it is, its application is changed.
			await clerk.ask(`BEGIN; UPDATE conversation SET version = version WHERE id = ${talkOf(h)}; UPDATE application SET status = 'approved' WHERE ${ofTalk(h)}`);
			await w.text(h.e164, '进度');
			await w.becomes("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", '1', 'a turn that waits');
			await clerk.ask('COMMIT');
		} finally {
			clerk.end();
		}
		await w.next(h.e164, /已通过，正在制证/);
	});

	test('a text after the talk was closed moves nothing in it', async () => {
		const h = holder(155);
		await remind(w, [h]);
		await w.say(h.e164, 'Y', /核实身份/);
		await w.sql(`UPDATE conversation SET open = false, outcome = 'campaign_stopped', ended_at = now(), deadline_at = NULL WHERE phone = '${h.e164}'`);
		await keeps(0, () => w.say(h.e164, 'N', /没有正在办理的事项/));
		assert.equal(await stands(h), 'verify 2');
		assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = 'N' AND conversation_id IS NULL`), '1');
		assert.equal(await w.sql(`SELECT status FROM application WHERE ${ofTalk(h)}`), 'consented');
	});

	test('the same answer to two questions is two turns', async () => {
		const h = holder(156);
		await remind(w, [h]);
		await prove(h, await w.say(h.e164, 'Y', /核实身份/));
		await keeps(0, () => w.say(h.e164, 'Y', /旧证怎么交回/));
		await keeps(1, () => w.say(h.e164, '1', /新证怎么领/));
		await keeps(1, () => w.say(h.e164, '1', /申请已提交/));
		assert.equal(await stands(h), 'submitted 6');
		assert.equal(await w.sql(`SELECT old_certificate || ' ' || delivery FROM application WHERE ${ofTalk(h)}`), 'on_site pick_up');
	});

	test('a text that the carrier sends twice on one bind is stepped once', async () => {
		const h = holder(157), from = await again(w.staffUrl);
		const stored = (text) => `SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '${text}'`;
		await remind(w, [h]);
		await w.say(h.e164, 'Y', /核实身份/);
		await w.faults({ redeliver: 2 });
		await keeps(1, async () => {
			await w.say(h.e164, '啥呀', /./);
			await w.until(async () => await again(w.staffUrl) === from + 1, 'the second delivery');
		});
		assert.equal(await stands(h), 'verify 3');
		assert.equal(await w.sql(stored('啥呀')), '1');
		// Also when it is stored by then: the carrier has not taken the answer, so nobody knows that it has our response.
		await w.faults({ redeliver: 1, 'silent-submits': true });
		await w.text(h.e164, '帮助');
		await w.becomes(stored('帮助'), '1');
		await w.text(h.e164, '帮助');
		await w.until(async () => await again(w.staffUrl) === from + 2, 'the second delivery');
		assert.equal(await stands(h), 'verify 4');
		await w.faults({ 'silent-submits': false });
		await w.drop();
		await w.becomes('SELECT count(*) FROM text_leaving', '0');
		assert.equal(await stands(h), 'verify 4');
		assert.equal(await w.sql(stored('帮助')), '1');
	});

	test('the database is restarted between two texts', async () => {
		const h = holder(158), pg = join(w.dir, 'pg');
		const restart = async (meanwhile = async () => {}) => {
			assert.equal((await run(join(root, 'tools/cluster'), ['stop', pg])).code, 0);
			await meanwhile();
			assert.equal((await run(join(root, 'tools/cluster'), ['start', pg, 'fsync=off'])).code, 0);
		};
		await remind(w, [h]);
		await prove(h, await w.say(h.e164, 'Y', /核实身份/));
		await w.say(h.e164, 'Y', /旧证怎么交回/);
		await w.becomes('SELECT count(*) FROM text_leaving', '0');
		await restart();
		await w.say(h.e164, '1', /新证怎么领/);
		await w.becomes('SELECT count(*) FROM text_leaving', '0');
		await restart(async () => {
			const put = async () => (await w.record('answered')).filter((e) => e.status === 0x64).length, from = await put();
			await w.text(h.e164, '1');
			await w.until(async () => await put() > from, 'a text that is put off');
		});
		await w.next(h.e164, /申请已提交/);
		assert.equal(await stands(h), 'submitted 6');
		assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}'`), '4');
	});
});

// Each daemon has a carrier of its own: what comes to which one is the test's choice, and a connection can be cut.
describe('two daemons', () => {
	const CODE = '10690001';
	let w, carriers, other, otherUrl;
	before(async () => {
		carriers = [await CuttingCarrier.start(), await CuttingCarrier.start()];
		w = await World.start({ carrierPort: carriers[0].port, link: 'backoff_min_ms = 10\n\tbackoff_max_ms = 20' });
		const file = join(w.dir, 'other.conf'), staff = await freePort();
		otherUrl = `http://127.0.0.1:${staff}`;
		writeFileSync(file, readFileSync(w.conf, 'utf8').replace(`:${w.publicPort}" `, `:${await freePort()}" `).replace(`:${w.staffPort}"`, `:${staff}"`)
			.replace(`:${carriers[0].port}"`, `:${carriers[1].port}"`), { mode: 0o600 });
		other = new Program(join(build, 'huizhid'), ['-c', file]);
		await other.line(/link=east.*\bbound\b/);
	});
	afterEach(() => { for (const c of carriers) c.open = true; });
	after(async () => {
		if (other && other.code === undefined) await other.end();
		await w?.stop();
		await Promise.all((carriers || []).map((c) => c.stop()));
	});

	const both = async () => [await kept(w.staffUrl), await kept(otherUrl)];
	// The talk stands there, and everything that was said is where it belongs.
	const stands = (h, step, version) => w.becomes(`SELECT concat_ws(' ', step, version, (SELECT count(*) FROM text_leaving), (SELECT count(*) FROM message m
		WHERE m.phone = c.phone AND m.state <> 'delivered')) FROM conversation c WHERE id = ${talkOf(h)}`, `${step} ${version} 0 0`);
	async function begin(h) {
		await w.must('import', 'licences', w.csv(`${h.phone}.csv`, h.rows));
		await w.json('scan');
		await stands(h, 'reminded', 1);
	}

	test('a text whose response was lost comes again on another bind, and is stepped once', async () => {
		const h = holder(161), [c] = carriers;
		await begin(h);
		c.text(h.e164, CODE, 'Y');
		await stands(h, 'verify', 2);
		const [from] = await both(), twice = await again(w.staffUrl), binds = c.connections;
		for (const [n, text] of ['啥呀', '帮助'].entries()) {
			const cut = c.arm({ out: 0 });
			c.text(h.e164, CODE, text);
			assert.equal(await cut, true);
			await w.until(async () => await again(w.staffUrl) === twice + n + 1, 'the second delivery');
			await stands(h, 'verify', 3 + n);
			assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '${text}'`), '1');
		}
		assert.equal(c.connections, binds + 2);
		assert.deepEqual(c.delivered.filter((d) => d.kind === 'text').length, 3, 'the carrier has an answer to each');
		// The first was stepped from memory; said again, its talk was forgotten, and the second one's was read.
		assert.equal((await both())[0], from + 1);
	});

	test('a text that comes again under its own sequence number is stepped once, though its answer was taken', async () => {
		const h = holder(165), [c] = carriers, twice = await again(w.staffUrl), [from] = await both();
		await begin(h);
		c.text(h.e164, CODE, 'Y');
		await stands(h, 'verify', 2);
		c.text(h.e164, CODE, '帮助');
		const { body } = c.queue[0], head = Buffer.alloc(16), sequence = c.sequence;
		[16 + body.length, 5, 0, sequence].forEach((v, i) => head.writeUInt32BE(v, 4 * i));
		await stands(h, 'verify', 3);
		c.socket.write(Buffer.concat([head, body]));
		await w.until(async () => await again(w.staffUrl) === twice + 1, 'the second delivery');
		await stands(h, 'verify', 3);
		assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '帮助' AND sequence = ${sequence}`), '1');
		assert.equal((await both())[0], from + 1);
	});

	test('a text whose response was lost by the one comes again to the other, behind another text', async () => {
		const h = holder(164), [c, lost] = carriers, twice = await again(w.staffUrl);
		const version = (n) => w.becomes(`SELECT version FROM conversation WHERE id = ${talkOf(h)}`, String(n));
		await begin(h);
		c.text(h.e164, CODE, 'Y');
		await stands(h, 'verify', 2);
		lost.open = false;
		const cut = lost.arm({ out: 0 });
		lost.text(h.e164, CODE, '啥呀');
		assert.equal(await cut, true);
		await version(3);
		lost.queue.length = 0;
		c.text(h.e164, CODE, '帮助');
		await version(4);
		c.text(h.e164, CODE, '啥呀');
		await w.until(async () => await again(w.staffUrl) === twice + 1, 'the second delivery');
		lost.open = true;
		await stands(h, 'verify', 4);
		assert.equal(await w.sql(`SELECT count(*) FROM inbound WHERE phone = '${h.e164}' AND text = '啥呀'`), '1');
	});

	test('texts of one phone that come to the one and to the other are stepped once each, and rightly', async () => {
		const h = holder(162), from = await both();
		await begin(h);
		const say = async (n, text, step, version) => { carriers[n].text(h.e164, CODE, text); await stands(h, step, version); };
		await say(0, 'Y', 'verify', 2);
		await say(1, '帮助', 'verify', 3);
		await w.must('application', 'verify', await w.sql(`SELECT id FROM application WHERE ${ofTalk(h)}`), '--staff', '陈静');
		await stands(h, 'confirm', 4);
		await say(1, 'Y', 'old_certificate', 5);
		await say(0, '1', 'delivery', 6);
		await say(1, '1', 'submitted', 7);
		await say(0, '进度', 'submitted', 8);
		await say(1, '进度', 'submitted', 9);
		assert.deepEqual(await both(), from, 'each found that the other had moved the talk');
		assert.equal(await w.sql(`SELECT concat_ws(' ', status, old_certificate, delivery) FROM application WHERE ${ofTalk(h)}`), 'submitted on_site pick_up');
		assert.equal(await w.sql(`SELECT string_agg(concat_ws(':', text, step), ' ' ORDER BY received_at) FROM inbound WHERE ${ofTalk(h)}`),
			'Y:reminded 帮助:verify Y:confirm 1:old_certificate 1:delivery 进度:submitted 进度:submitted');
		await say(1, 'HELP', 'submitted', 10);
		assert.deepEqual(await both(), [from[0], from[1] + 1], 'two in a row to the same one');
	});

	test('texts of one phone that come to both at once are stepped once each', async () => {
		const h = holder(163), ROUNDS = 12;
		await begin(h);
		carriers[0].text(h.e164, CODE, 'Y');
		await stands(h, 'verify', 2);
		for (let n = 0; n < ROUNDS; n++) {
			carriers[n % 2].text(h.e164, CODE, '帮助');
			carriers[1 - n % 2].text(h.e164, CODE, '进度');
			await stands(h, 'verify', 4 + 2 * n);
		}
		assert.equal(await w.sql(`SELECT string_agg(concat_ws(' ', text, n), ', ' ORDER BY text) FROM (SELECT text, count(*) AS n FROM inbound WHERE ${ofTalk(h)} AND error = '' GROUP BY text) x`),
			`Y 1, 帮助 ${ROUNDS}, 进度 ${ROUNDS}`);
		assert.equal(await w.sql(`SELECT count(*) || ' ' || count(DISTINCT reply_to) FROM message WHERE ${ofTalk(h)} AND kind = 'reply'`), `${1 + 2 * ROUNDS} ${1 + 2 * ROUNDS}`);
		for (const d of [w.daemon, other]) assert.doesNotMatch(d.lines.join('\n'), /deadlock|refused/);
	});
});
