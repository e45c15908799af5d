// Progress without reloading: an element with data-live="/path" takes its inside anew from there every data-every
// milliseconds, as long as the answer says data-state as before. Another state has other buttons: the page is loaded anew.
// Nothing here is needed: pages work without it.
'use strict';
for (const box of document.querySelectorAll('[data-live]')) {
	const every = Number(box.dataset.every) || 2000;
	let again = 0;
	const look = async () => {
		if (document.hidden) return later();
		try {
			const answer = await fetch(box.dataset.live, { credentials: 'same-origin', redirect: 'error' });
			if (!answer.ok) return later(every * 5);
			const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-state]');
			if (!fresh || fresh.dataset.state !== box.dataset.state) return location.reload();
			const inside = document.importNode(fresh, true);
			if (inside.innerHTML !== box.innerHTML && !box.contains(document.activeElement)) box.replaceChildren(...inside.childNodes);
			later();
		} catch (e) {
			later(every * 5);
		}
	};
	const later = (wait = every) => { clearTimeout(again); again = setTimeout(look, wait); };
	document.addEventListener('visibilitychange', () => { if (!document.hidden) later(0); });
	later();
}
// Counting while somebody types: a form with data-count is sent as it is, with act=count, which keeps nothing; what the answer
// has in its .counted elements takes their places here.
for (const form of document.querySelectorAll('form[data-count]')) {
	let wait = 0, number = 0;
	const count = async () => {
		const mine = ++number, fields = new URLSearchParams(new FormData(form));
		fields.set('act', 'count');
		try {
			const answer = await fetch(form.action, { method: 'POST', body: fields, credentials: 'same-origin', redirect: 'error' });
			const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
			if (mine !== number) return;
			for (const box of form.querySelectorAll('.counted')) {
				const other = fresh.getElementById(box.id);
				if (other && other.innerHTML !== box.innerHTML) box.replaceChildren(...document.importNode(other, true).childNodes);
			}
		} catch (e) {
			// The button counts as well.
		}
	};
	form.addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(count, 400); });
}
