/*
 * The pretend phones: every number a text was sent to or from, with the last texts as its screen shows them. Parts of
 * a long text are put together here. Bounded: so many texts per phone, so many unfinished texts, so many phones.
 */
#ifndef SMSC_PHONE_H
#define SMSC_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "tests/smsc/alphabet.h"
#include "tests/smsc/number.h"

enum text_state {
	TEXT_DELIVERED,		/* to the phone: it arrived; from the phone: the ESME answered 0 for every part */
	TEXT_QUEUED,		/* from the phone: waits for the ESME, or for its answer */
	TEXT_REFUSED,		/* from the phone: the ESME refused a part for good */
	TEXT_UNDELIVERABLE, /* to the phone, and never on its screen: the receipt's state says why */
	TEXT_EXPIRED,
	TEXT_REJECTED,
	TEXT_DELETED,
	TEXT_ACCEPTED,
	TEXT_UNKNOWN,
};
/* "DELIVRD", "QUEUED", "REFUSED", "UNDELIV", "EXPIRED", "REJECTD", "DELETED", "ACCEPTD", "UNKNOWN" */
const char *text_state_name(enum text_state s);
/* The receipt's states by name; -1 for another word. */
int text_state_by_name(const char *name);
/* Does the phone show it? Texts that never reached it are listed, not shown. */
bool text_shows(enum text_state s);

struct text {
	uint64_t n;	   /* serial over all phones, from 1 */
	int64_t at_us; /* when the last part came */
	bool to_phone;
	uint8_t parts, answered; /* answered: parts of a phone's text that the ESME took */
	enum text_state state;
	enum alphabet alphabet;
	char other[NUMBER_ROOM]; /* the short code at the other end */
	char body[];			 /* UTF-8 */
};

/* A long text of which parts are missing. */
struct unfinished {
	TAILQ_ENTRY(unfinished) next;
	char other[NUMBER_ROOM];
	enum concat kind;
	uint16_t reference;
	uint8_t total, have;
	int64_t at_us;
	char *part[]; /* total of them; NULL = not here yet */
};

struct ussd;
struct phone {
	TAILQ_ENTRY(phone) by_age;
	char number[NUMBER_ROOM];
	char code[NUMBER_ROOM]; /* the short code that wrote last: where an answer goes */
	struct text **texts;	/* oldest first */
	unsigned ntexts, room;
	unsigned nunfinished;
	TAILQ_HEAD(unfinished_list, unfinished) unfinished; /* oldest first */
	uint16_t next_reference;
	struct ussd *ussd; /* its last USSD session; ussd.c owns it */
	uint8_t *used;	   /* how often each scripted rule spoke for this phone; phone.c only frees it */
	unsigned nused;
};
TAILQ_HEAD(phone_list, phone);

/* Something happened to a text: it came, or its state changed. */
struct phone_event {
	uint64_t cursor; /* serial over all events */
	struct phone *phone;
	uint64_t text; /* its n */
	bool fresh;	   /* it came just now */
};

struct phones;
/* keep: texts per phone. most: phones. seed: for the hash. */
struct phones *phones_new(unsigned keep, size_t most, uint64_t seed);
void phones_free(struct phones *p);
/* Called whenever an event was added. */
void phones_on_event(struct phones *p, void (*fn)(void *arg), void *arg);

struct phone *phones_find(struct phones *p, const char *number);
/* Finds or makes. NULL when there are too many phones or no memory. */
struct phone *phones_get(struct phones *p, const char *number);
size_t phones_count(const struct phones *p);
const struct phone_list *phones_by_age(const struct phones *p); /* newest activity first */

/* Adds a whole text. NULL without memory. */
struct text *phone_add(struct phones *p, struct phone *ph, bool to_phone, const char *other, const char *body,
	uint8_t parts, enum alphabet alphabet, enum text_state state, int64_t now_us);
/* One part of a longer text to the phone; kind, reference, total, part as read. Returns the text when it is complete,
 * else NULL: it waits, or was here before. */
struct text *phone_add_part(struct phones *p, struct phone *ph, const char *other, enum concat kind, uint16_t reference,
	uint8_t total, uint8_t part, const char *body, enum alphabet alphabet, enum text_state state, int64_t now_us);
struct text *phone_text(const struct phone *ph, uint64_t n); /* NULL when it is gone */
void phone_set_state(struct phones *p, struct phone *ph, struct text *t, enum text_state s);

/* Events after a cursor, oldest first: the number copied into out, at most room. *next: the cursor to go on from.
 * *missed: how many have left the ring unread. */
size_t phones_events(
	const struct phones *p, uint64_t after, struct phone_event *out, size_t room, uint64_t *next, uint64_t *missed);
uint64_t phones_cursor(const struct phones *p); /* the newest event */

#endif
