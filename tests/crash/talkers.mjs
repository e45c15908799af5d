// Citizens who read and answer for as long as they are let, and a clerk who proves identities and decides. They know
// nothing of kills: they answer what comes, and say something else when there is nothing to answer.
import { deadline } from './place.mjs';

const VERIFY = /打开 http|报给工作人员/;
// What a text asks, later questions later; the answers a person may give.
const QUESTIONS = [
	['reminder', /要续办请回复 Y/, ['Y', 'y', '好的', '要', '办']],
	['verify', VERIFY, []],
	['confirm', /无误请回复 Y；有误/, ['Y', '好', '无误请办']],
	['old_certificate', /旧证怎么交回/, ['1', '2', '快递']],
	['delivery', /新证怎么领/, ['2', '快递']],
	['address', /新证寄到哪里/, ['Y', '山东省淄博市沂源县南麻街道历山路十五号二单元三零一室，门口有一棵老槐树，送到以后请打门铃，白天有人在家，晚上请先打电话，谢谢师傅辛苦了，院门朝南']],
	['submitted', /申请已提交/, []],
];
const CHAT = ['进度', '帮助', 'STATUS', 'help'];
const NONSENSE = ['这个怎么弄', '在吗']; // once a person: who is not understood often is for a clerk to phone, without a text each time

class Talker {
	constructor(talk, h, r, carrier) {
		Object.assign(this, { talk, h, r, carrier, rank: -1, times: 0, plain: r.below(5) === 0, clerk: r.below(3) === 0 });
	}
	// No two texts of this phone are alike, so that a text and its redelivery can be told from two texts: blanks and ends
	// of lines behind the words count. Plain ones write the same words again, as people do.
	say(words) {
		const blanks = [...(++this.times).toString(3)].map((digit) => ' \n\r'[digit]).join('');
		return this.talk.send(this, this.plain ? words : `${words} ${blanks}`);
	}
	// What comes while a person thinks is read, and one answer is given.
	async read(text) {
		const rank = QUESTIONS.findIndex(([, p]) => p.test(text));
		const { r, talk } = this;
		if (this.thinking) {
			this.rank = Math.max(this.rank, rank);
			return undefined;
		}
		this.thinking = true;
		try {
			return await this.#answer(text, rank, r, talk);
		} finally {
			this.thinking = false;
		}
	}
	async #answer(text, rank, r, talk) {
		if (rank >= 0 && rank < this.rank) return; // an old one once more
		if (rank >= 0) this.rank = rank;
		await talk.pause(r.below(400));
		if (talk.over) return;
		const [name, , answers] = QUESTIONS[Math.max(this.rank, 0)];
		const code = text.match(/代码(\d{8})/)?.[1];
		if (name === 'verify' && code && this.clerk && this.times > 2) return talk.clerk.prove(this, code);
		if (name === 'submitted' && this.clerk) {
			const no = text.match(/编号(\d+)/)?.[1];
			if (no) talk.clerk.approve(this, no);
		}
		if (rank >= 0 && answers.length > 0 && r.below(4) > 0) return this.say(r.one(answers));
		if (!this.puzzled && r.below(6) === 0) { this.puzzled = true; return this.say(r.one(NONSENSE)); }
		return this.say(name === 'verify' && r.below(3) === 0 ? 'Y' : r.one(CHAT));
	}
}

// One clerk with a command line. What it reported as done must be found later; what failed is tried again.
class Clerk {
	constructor(place) {
		Object.assign(this, { place, queue: [], done: [], busy: Promise.resolve(), asked: new Set() });
	}
	#later(key, act) {
		if (this.asked.has(key)) return;
		this.asked.add(key);
		this.busy = this.busy.then(act).catch((e) => { this.fault = e; });
	}
	async #try(what, args, refused) {
		let last = '';
		for (let i = 0; i < 600; i++) {
			const r = await this.place.world.cli(...args);
			if (r.code === 0) { this.done.push(what); return; }
			const said = last = r.stdout + r.stderr;
			if (refused.test(said)) return; // done by an attempt whose end nobody heard, or too late
			if (!/could not|not connected|lost|terminat|recover|starting up|shutting down|refused|again/i.test(said)) throw new Error(`huizhi ${args.join(' ')} (${r.code}): ${said}`);
			await new Promise((done) => setTimeout(done, 200));
		}
		throw new Error(`huizhi ${args.join(' ')} failed six hundred times: ${last}`);
	}
	prove(t, code) {
		this.#later(t.h.e164, () => this.#try({ kind: 'verified', phone: t.h.e164 },
			['token', 'verify', code, '--prove', '--id', t.h.last6, '--staff', 'chen'], /used|already|expired|revoked|no longer|not waiting|no such code|replaced|is over/i));
	}
	approve(t, id) {
		this.#later(`a${id}`, () => this.#try({ kind: 'approved', application: Number(id) },
			['application', 'decide', id, 'approve', '--staff', 'chen'], /is approved|already|only/i));
	}
}

export class Talk {
	constructor(place, r) {
		Object.assign(this, { place, r, people: new Map(), over: false, clerk: new Clerk(place), sent: 0, read: 0, answering: new Set() });
	}
	add(h, carrier = 0) { this.people.set(h.e164, new Talker(this, h, this.r, carrier)); }
	pause(ms) { return new Promise((done) => setTimeout(done, ms)); }
	async send(t, text) {
		if (this.over) return;
		this.sent++;
		await this.place.ask(`/phones/${encodeURIComponent(t.h.e164)}/send`, { carrier: t.carrier, body: { text, to: '10690001' } });
	}
	start() { this.listening = Promise.all(this.place.urls.map((_, i) => this.#listen(i).catch((e) => { this.fault = e; }))); }
	async #listen(carrier) {
		for (let cursor = 0; !this.over;) {
			const r = await this.place.ask(`/messages?after=${cursor}&wait=1&limit=500&direction=received`, { carrier });
			if (r.missed > 0) throw new Error('the carrier told more texts than were read');
			cursor = r.next;
			for (const m of r.messages) {
				const t = this.people.get(m.phone);
				if (!t) continue;
				this.read++;
				const p = t.read(m.text).catch((e) => { this.fault = e; }).finally(() => this.answering.delete(p));
				this.answering.add(p);
			}
		}
	}
	// Nobody says anything more from now on; what was said is answered.
	async stop() {
		this.over = true;
		await this.listening;
		await Promise.all(this.answering);
		await deadline(this.clerk.busy, 120, 'the clerk never ended');
		for (const e of [this.fault, this.clerk.fault]) if (e) throw e;
	}
}
