/* The phones in a hash table, their texts, the parts that wait for others, and the ring of events. */
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/phone.h"

enum {
	EVENTS = 1 << 16,
	UNFINISHED_MAX = 16,	  /* long texts in parts, per phone; the oldest gives way */
	UNFINISHED_SECONDS = 600, /* then its reference may name another text */
};

struct phones {
	struct phone **slot; /* open addressing; a power of two */
	size_t slots, count, most;
	unsigned keep;
	uint64_t seed;
	struct phone_list by_age;
	struct phone_event *events;
	uint64_t cursor, last_text;
	void (*on_event)(void *arg);
	void *on_event_arg;
};

static const char *const state_names[] = {
	[TEXT_DELIVERED] = "DELIVRD",
	[TEXT_QUEUED] = "QUEUED",
	[TEXT_REFUSED] = "REFUSED",
	[TEXT_UNDELIVERABLE] = "UNDELIV",
	[TEXT_EXPIRED] = "EXPIRED",
	[TEXT_REJECTED] = "REJECTD",
	[TEXT_DELETED] = "DELETED",
	[TEXT_ACCEPTED] = "ACCEPTD",
	[TEXT_UNKNOWN] = "UNKNOWN",
};

const char *
text_state_name(enum text_state s)
{
	return state_names[s];
}

int
text_state_by_name(const char *name)
{
	for (int s = 0; s <= TEXT_UNKNOWN; s++)
		if (s != TEXT_QUEUED && s != TEXT_REFUSED && strcmp(name, state_names[s]) == 0)
			return s;
	return -1;
}

bool
text_shows(enum text_state s)
{
	return s <= TEXT_REFUSED;
}

struct phones *
phones_new(unsigned keep, size_t most, uint64_t seed)
{
	struct phones *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->keep = keep;
	p->most = most;
	p->seed = seed;
	p->slots = 1024;
	p->slot = calloc(p->slots, sizeof(struct phone *));
	p->events = calloc(EVENTS, sizeof(struct phone_event));
	TAILQ_INIT(&p->by_age);
	if (p->slot == NULL || p->events == NULL) {
		phones_free(p);
		return NULL;
	}
	return p;
}

static void
unfinished_free(struct phone *ph, struct unfinished *u)
{
	TAILQ_REMOVE(&ph->unfinished, u, next);
	ph->nunfinished--;
	for (unsigned i = 0; i < u->total; i++)
		free(u->part[i]);
	free(u);
}

void
phones_free(struct phones *p)
{
	struct phone *ph;

	if (p == NULL)
		return;
	while ((ph = TAILQ_FIRST(&p->by_age)) != NULL) {
		TAILQ_REMOVE(&p->by_age, ph, by_age);
		while (!TAILQ_EMPTY(&ph->unfinished))
			unfinished_free(ph, TAILQ_FIRST(&ph->unfinished));
		for (unsigned i = 0; i < ph->ntexts; i++)
			free(ph->texts[i]);
		free(ph->texts);
		free(ph->used);
		free(ph->ussd);
		free(ph);
	}
	free(p->slot);
	free(p->events);
	free(p);
}

void
phones_on_event(struct phones *p, void (*fn)(void *arg), void *arg)
{
	p->on_event = fn;
	p->on_event_arg = arg;
}

/* The slot where the number is, or would be. */
static size_t
slot_of(const struct phones *p, struct phone **slot, size_t slots, const char *number)
{
	size_t i = number_hash(p->seed, number) & (slots - 1);

	while (slot[i] != NULL && strcmp(slot[i]->number, number) != 0)
		i = (i + 1) & (slots - 1);
	return i;
}

struct phone *
phones_find(struct phones *p, const char *number)
{
	return p->slot[slot_of(p, p->slot, p->slots, number)];
}

static int
grow(struct phones *p)
{
	size_t slots = p->slots * 2;
	struct phone **slot = calloc(slots, sizeof(struct phone *));

	if (slot == NULL)
		return -1;
	for (size_t i = 0; i < p->slots; i++)
		if (p->slot[i] != NULL)
			slot[slot_of(p, slot, slots, p->slot[i]->number)] = p->slot[i];
	free(p->slot);
	p->slot = slot;
	p->slots = slots;
	return 0;
}

struct phone *
phones_get(struct phones *p, const char *number)
{
	size_t i = slot_of(p, p->slot, p->slots, number);

	if (p->slot[i] != NULL)
		return p->slot[i];
	if (p->count >= p->most)
		return NULL;
	if ((p->count + 1) * 2 > p->slots) {
		if (grow(p) != 0)
			return NULL;
		i = slot_of(p, p->slot, p->slots, number);
	}
	struct phone *ph = calloc(1, sizeof(*ph));
	if (ph == NULL)
		return NULL;
	memcpy(ph->number, number, strnlen(number, NUMBER_ROOM - 1));
	/* Every reference from 1 to 255 gets used, from a different start on every phone. */
	ph->next_reference = (uint16_t)number_hash(p->seed + 1, number);
	TAILQ_INIT(&ph->unfinished);
	TAILQ_INSERT_HEAD(&p->by_age, ph, by_age);
	p->slot[i] = ph;
	p->count++;
	return ph;
}

size_t
phones_count(const struct phones *p)
{
	return p->count;
}

const struct phone_list *
phones_by_age(const struct phones *p)
{
	return &p->by_age;
}

static void
add_event(struct phones *p, struct phone *ph, uint64_t text, bool fresh)
{
	p->cursor++;
	p->events[p->cursor % EVENTS] = (struct phone_event){p->cursor, ph, text, fresh};
	if (p->on_event != NULL)
		p->on_event(p->on_event_arg);
}

struct text *
phone_add(struct phones *p, struct phone *ph, bool to_phone, const char *other, const char *body, uint8_t parts,
	enum alphabet alphabet, enum text_state state, int64_t now_us)
{
	size_t len = strlen(body);
	struct text *t = malloc(sizeof(*t) + len + 1);

	if (t == NULL)
		return NULL;
	if (ph->ntexts == ph->room && ph->room < p->keep) {
		unsigned room = ph->room == 0 ? 4 : ph->room * 2;
		if (room > p->keep)
			room = p->keep;
		struct text **more = realloc(ph->texts, room * sizeof(struct text *));
		if (more == NULL) {
			free(t);
			return NULL;
		}
		ph->texts = more;
		ph->room = room;
	}
	if (ph->ntexts == ph->room) {
		free(ph->texts[0]);
		memmove(ph->texts, ph->texts + 1, (ph->ntexts - 1) * sizeof(struct text *));
		ph->ntexts--;
	}
	memset(t, 0, sizeof(*t));
	t->n = ++p->last_text;
	t->at_us = now_us;
	t->to_phone = to_phone;
	t->parts = parts;
	t->state = state;
	t->alphabet = alphabet;
	memcpy(t->other, other, strnlen(other, NUMBER_ROOM - 1));
	memcpy(t->body, body, len + 1);
	ph->texts[ph->ntexts++] = t;
	if (to_phone)
		memcpy(ph->code, t->other, sizeof(ph->code));
	if (TAILQ_FIRST(&p->by_age) != ph) {
		TAILQ_REMOVE(&p->by_age, ph, by_age);
		TAILQ_INSERT_HEAD(&p->by_age, ph, by_age);
	}
	add_event(p, ph, t->n, true);
	return t;
}

static struct unfinished *
unfinished_get(struct phone *ph, const char *other, enum concat kind, uint16_t reference, uint8_t total, int64_t now_us)
{
	struct unfinished *u;

	TAILQ_FOREACH (u, &ph->unfinished, next)
		if (u->kind == kind && u->reference == reference && u->total == total && strcmp(u->other, other) == 0)
			break;
	if (u != NULL && now_us - u->at_us < UNFINISHED_SECONDS * (int64_t)1000000)
		return u;
	if (u != NULL)
		unfinished_free(ph, u);
	if (ph->nunfinished == UNFINISHED_MAX)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the list forgets what is freed */
		unfinished_free(ph, TAILQ_FIRST(&ph->unfinished));
	u = calloc(1, sizeof(*u) + total * sizeof(char *));
	if (u == NULL)
		return NULL;
	memcpy(u->other, other, strnlen(other, NUMBER_ROOM - 1));
	u->kind = kind;
	u->reference = reference;
	u->total = total;
	TAILQ_INSERT_TAIL(&ph->unfinished, u, next);
	ph->nunfinished++;
	return u;
}

struct text *
phone_add_part(struct phones *p, struct phone *ph, const char *other, enum concat kind, uint16_t reference,
	uint8_t total, uint8_t part, const char *body, enum alphabet alphabet, enum text_state state, int64_t now_us)
{
	struct unfinished *u = part < 1 || part > total ? NULL : unfinished_get(ph, other, kind, reference, total, now_us);

	if (u == NULL)
		return NULL;
	u->at_us = now_us;
	if (u->part[part - 1] != NULL)
		return NULL;
	u->part[part - 1] = strdup(body);
	if (u->part[part - 1] == NULL || ++u->have < u->total)
		return NULL;

	size_t len = 0;
	for (unsigned i = 0; i < total; i++)
		len += strlen(u->part[i]);
	char *whole = malloc(len + 1);
	if (whole == NULL)
		return NULL;
	len = 0;
	for (unsigned i = 0; i < total; i++) {
		size_t n = strlen(u->part[i]);
		memcpy(whole + len, u->part[i], n);
		len += n;
	}
	whole[len] = '\0';
	unfinished_free(ph, u);
	struct text *t = phone_add(p, ph, true, other, whole, total, alphabet, state, now_us);
	free(whole);
	return t;
}

struct text *
phone_text(const struct phone *ph, uint64_t n)
{
	unsigned low = 0, high = ph->ntexts;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (ph->texts[middle]->n < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ph->ntexts && ph->texts[low]->n == n ? ph->texts[low] : NULL;
}

void
phone_set_state(struct phones *p, struct phone *ph, struct text *t, enum text_state s)
{
	if (t->state == s)
		return;
	t->state = s;
	add_event(p, ph, t->n, false);
}

size_t
phones_events(
	const struct phones *p, uint64_t after, struct phone_event *out, size_t room, uint64_t *next, uint64_t *missed)
{
	uint64_t oldest = p->cursor >= EVENTS ? p->cursor - EVENTS + 1 : 1;
	uint64_t from = after + 1;
	size_t n = 0;

	/* A cursor from another run, ahead of ours, is taken as "from now". */
	if (from > p->cursor + 1)
		from = p->cursor + 1;
	*missed = from < oldest ? oldest - from : 0;
	if (from < oldest)
		from = oldest;
	while (from + n <= p->cursor && n < room) {
		out[n] = p->events[(from + n) % EVENTS];
		n++;
	}
	*next = from + n - 1;
	return n;
}

uint64_t
phones_cursor(const struct phones *p)
{
	return p->cursor;
}
