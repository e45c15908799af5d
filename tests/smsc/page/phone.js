// Live updates and the keypad of the pretend phone. The page reads and sends without this file too.
'use strict';
(() => {
	const body = document.body, words = body.dataset, number = words.phone;
	const at = id => document.getElementById(id);
	const thread = at('thread'), list = at('list'), view = at('view'), text = at('text'), form = at('phone');
	const two = n => String(n).padStart(2, '0');
	const hour = d => two(d.getHours()) + ':' + two(d.getMinutes());
	const day = d => two(d.getMonth() + 1) + '-' + two(d.getDate()) + ' ' + hour(d);

	function make(tag, className, content) {
		const e = document.createElement(tag);
		if (className) e.className = className;
		if (content !== undefined) e.textContent = content;
		return e;
	}

	// Texts are text: only web addresses become elements, and those hold nothing but their own letters.
	function fillBody(p, s) {
		const address = /https?:\/\/[\x21-\x7e]+/g;
		let from = 0;
		for (const m of s.matchAll(address)) {
			const url = m[0].replace(/[<>"'`\\^{|}].*$/, '').replace(/[.,;:!?)\]]+$/, '');
			if (url.length <= url.indexOf('://') + 3) continue;
			p.append(s.slice(from, m.index));
			const a = make('a', '', url);
			a.href = url;
			a.target = '_blank';
			a.rel = 'noopener noreferrer';
			p.append(a);
			from = m.index + url.length;
		}
		p.append(s.slice(from));
	}

	function item(m) {
		const received = m.direction === 'received';
		const li = make('li', received ? 'in' : m.state === 'REFUSED' ? 'out bad' : 'out');
		li.dataset.n = m.n;
		const p = make('p', 'body');
		fillBody(p, m.text);
		const meta = make('p', 'meta');
		const parts = m.parts > 1 ? ' ' + m.parts + (words.lang === 'en' ? ' ' : '') + words.parts : '';
		meta.append(make('b', '', received ? m.from : m.to), ' ', make('time', '', day(new Date(m.time))), ' ',
			make('span', '', (received ? '' : words[m.state.toLowerCase()] || m.state) + parts));
		li.append(p, meta);
		return li;
	}

	function rowOf(p) {
		const li = make('li'), a = make('a'), row = make('span', 'row'), snippet = make('span', 'snippet');
		a.href = '/?phone=' + encodeURIComponent(p.phone) + '&lang=' + words.lang;
		if (p.phone === number) a.setAttribute('aria-current', 'true');
		const m = p.latest;
		row.append(make('b', '', p.phone), make('time', '', m ? hour(new Date(m.time)) : ''));
		if (m) {
			if (m.direction === 'sent') snippet.append(make('i', '', '↩'), ' ');
			const letters = Array.from(m.text.replace(/\n/g, ' '));
			snippet.append(letters.slice(0, 22).join('') + (letters.length > 22 ? '…' : ''));
		}
		a.append(row, snippet);
		li.append(a);
		return li;
	}

	async function getJson(url) {
		const answer = await fetch(url);
		if (!answer.ok) throw new Error(String(answer.status));
		return answer.json();
	}

	async function showThread() {
		if (!number) return;
		const got = await getJson('/phones/' + encodeURIComponent(number) + '/messages?limit=40');
		const shown = got.messages.filter(m => m.shown).reverse();
		thread.replaceChildren(...(shown.length ? shown.map(item) : [make('li', 'none', words.empty)]));
		const to = at('to');
		if (!to.value && got.code) to.value = got.code;
	}

	async function showList() {
		const q = at('q').value.replace(/^\+/, '');
		const got = await getJson('/phones?limit=60&q=' + encodeURIComponent(q));
		list.replaceChildren(...(got.phones.length ? got.phones.map(rowOf) :
			[make('li', 'none', q ? words.noMatch : words.none)]));
	}

	// One fetch at a time for each part of the page: what happens meanwhile is fetched once more afterwards.
	function single(work) {
		let busy = false, again = false;
		return async () => {
			again = true;
			if (busy) return;
			busy = true;
			while (again) {
				again = false;
				try { await work(); } catch { /* the carrier is away; the stream tells when it is back */ }
			}
			busy = false;
		};
	}
	const refreshThread = single(showThread), refreshList = single(showList);

	const stream = new EventSource('/events?after=' + words.cursor);
	stream.onmessage = e => {
		const m = JSON.parse(e.data);
		refreshList();
		if (m.phone !== number) return;
		refreshThread();
		if (m.fresh && m.direction === 'received') {
			form.classList.remove('ring');
			void form.offsetWidth;
			form.classList.add('ring');
		}
	};
	stream.onopen = () => { refreshList(); refreshThread(); };
	at('q').addEventListener('input', refreshList);

	const tick = () => { at('clock').textContent = hour(new Date()); };
	tick();
	setInterval(tick, 5000);

	async function send() {
		if (!number || !text.value) return;
		const old = form.querySelector('.problem');
		if (old) old.remove();
		const answer = await fetch('/phones/' + encodeURIComponent(number) + '/send', {
			method: 'POST', headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ text: text.value, to: at('to').value }),
		}).catch(() => null);
		if (answer && answer.ok) {
			text.value = '';
			count();
			refreshThread();
			return;
		}
		const why = answer ? (await answer.json().catch(() => ({}))).error || answer.status : '…';
		const p = make('p', 'problem', words.notSent + why);
		p.setAttribute('role', 'alert');
		at('view').after(p);
	}

	// How many characters, in how many texts, as phones of that time counted.
	const gsm = /^[\n\r !-_a-z£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€{}|~^\[\]\\]*$/;
	function count() {
		const s = text.value;
		const wide = !gsm.test(s) || s.includes('`');
		const n = wide ? s.length : s.length + (s.match(/[€{}|~^\[\]\\]/g) || []).length;
		const parts = n <= (wide ? 70 : 160) ? 1 : Math.ceil(n / (wide ? 67 : 153));
		at('count').textContent = n ? n + '/' + parts : '';
	}

	// Letters by repeated presses, as it was done; # switches to digits and back.
	const letters = { 1: '1.,?!', 2: 'abc2', 3: 'def3', 4: 'ghi4', 5: 'jkl5', 6: 'mno6', 7: 'pqrs7', 8: 'tuv8',
		9: 'wxyz9', 0: ' 0', '*': '*+-/@' };
	const modes = ['Abc', 'abc', '123'];
	let mode = 0, lastKey = '', lastAt = 0, turn = 0;
	const showMode = () => { at('mode').textContent = modes[mode]; };
	showMode();

	// Where typing goes: the caret while it is in the text; a key pressed elsewhere writes at the end (browsers differ
	// in where they leave the caret of a text that is not in use).
	function place() {
		return document.activeElement === text ? [text.selectionStart, text.selectionEnd] : [text.value.length, text.value.length];
	}

	function insert(s, replace) {
		let [start, end] = place();
		if (replace && start === end && start > 0) start--;
		text.setRangeText(s, start, end, 'end');
		count();
	}

	function press(key) {
		if (key === 'C') {
			const [start, end] = place();
			text.setRangeText('', start === end ? Math.max(0, start - 1) : start, end, 'end');
			lastKey = '';
			count();
			return;
		}
		if (key === '#') {
			mode = (mode + 1) % modes.length;
			lastKey = '';
			showMode();
			return;
		}
		if (modes[mode] === '123') {
			insert(key, false);
			return;
		}
		const now = performance.now(), again = key === lastKey && now - lastAt < 900;
		turn = again ? turn + 1 : 0;
		lastKey = key;
		lastAt = now;
		const cycle = letters[key], letter = cycle[turn % cycle.length];
		insert(modes[mode] === 'Abc' ? letter.toUpperCase() : letter, again);
	}

	// The window of a USSD session: it comes and goes by itself, as the carrier tells.
	const ussd = at('ussd'), reply = at('reply');
	let version = Number(ussd.dataset.version), ussdState = '';
	const show = (e, there) => { e.hidden = !there; e.disabled = !there; };

	function showUssd(u) {
		const over = u.state === 'over', fresh = u.state !== 'none' && !(over && u.put_away);
		ussdState = u.state;
		show(ussd, fresh);
		if (!fresh) return;
		const told = over && (!u.text || u.reason !== 'ended by the service') ? words.over : u.text;
		at('ussd-text').textContent = u.state === 'asked' ? words.waiting : told;
		show(reply, u.state === 'menu');
		show(at('ussd-answer'), u.state === 'menu');
		at('ussd-close').textContent = over || u.state === 'note' ? words.close : words.cancel;
		reply.value = '';
		if (u.state === 'menu') reply.focus();
	}

	async function watchUssd() {
		for (;;) {
			try {
				const u = await getJson('/phones/' + encodeURIComponent(number) + '/ussd?after=' + version + '&wait=25');
				if (u.version === version) continue;
				version = u.version;
				showUssd(u);
			} catch {
				version = 0; // a carrier that was started anew counts from the beginning
				await new Promise(done => setTimeout(done, 1000));
			}
		}
	}
	if (number) watchUssd();

	const tell = (what, body) => fetch('/phones/' + encodeURIComponent(number) + '/' + what, {
		method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
	}).catch(() => null);

	async function dial() {
		const answer = await tell('dial', { code: text.value });
		if (!answer || !answer.ok) return;
		text.value = '';
		count();
	}

	// A notification is confirmed by closing it.
	async function closeUssd() {
		if (ussdState === 'note') await tell('answer', {});
		await tell('hangup', {});
	}

	// The keys write digits into an answer while a menu is shown.
	function pressReply(key) {
		reply.value = key === 'C' ? reply.value.slice(0, -1) : reply.value + key;
	}

	form.addEventListener('submit', e => {
		e.preventDefault();
		const by = e.submitter, where = by ? by.getAttribute('formaction') : '';
		const key = by && by.name === 'key' ? by.value : '';
		if (key && ussdState === 'menu') pressReply(key);
		else if (key) press(key);
		else if (where === '/ussd' && by.value === 'answer') tell('answer', { text: reply.value });
		else if (where === '/ussd') closeUssd();
		else if (where === '/dial' && /^[*#][0-9*#]+#$/.test(text.value)) dial();
		else send();
	});
	reply.addEventListener('keydown', e => {
		if (e.key !== 'Enter' || e.isComposing) return;
		e.preventDefault();
		tell('answer', { text: reply.value });
	});
	text.addEventListener('keydown', e => {
		lastKey = '';
		if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
			e.preventDefault();
			send();
		}
	});
	text.addEventListener('input', count);
	at('up').addEventListener('click', () => view.scrollBy({ top: -60, behavior: 'smooth' }));
	at('down').addEventListener('click', () => view.scrollBy({ top: 60, behavior: 'smooth' }));
	count();
	if (number && matchMedia('(hover: hover)').matches) text.focus();
})();
