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
