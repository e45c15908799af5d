/*
 * The requests that wait for a response, by sequence number (SMPP 3.4, 3.2 and 2.9). Pure: time is an argument,
 * microseconds of any clock that only goes forward. Sequences run from 1 to 0x7FFFFFFF and then begin anew.
 */
#ifndef GATEWAY_SMPP_WINDOW_H
#define GATEWAY_SMPP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum window_kind {
	WINDOW_TEXT, /* submit_sm, data_sm */
	WINDOW_QUERY,
	WINDOW_CANCEL,
};

/* What the owner gets back with the response: the link_part that was sent, without its octets. */
struct window_entry {
	uint64_t message_id;
	int part, parts, attempt;
	void *tag;
	enum window_kind kind;
	uint32_t sequence;
	bool written;	  /* handed to the socket; otherwise the peer cannot have seen it */
	int64_t deadline; /* the response is late after this */
	uint32_t refusal; /* not 0: never goes out, for this command_status of our own */
	char dest[24];
};

struct window;

/* room: requests that may wait at once, at least 1. NULL without memory. */
struct window *window_new(size_t room);
void window_free(struct window *w);

size_t window_count(const struct window *w);
size_t window_room(const struct window *w);

/* The next sequence number that no waiting request has. For requests that do not wait here too (enquire_link). */
uint32_t window_sequence(struct window *w);
/*
 * Keeps a copy of *e under a new sequence, which it returns; 0 when there is no room. Deadlines must not go backwards
 * from one call to the next: the oldest entry is the first that is late.
 */
uint32_t window_put(struct window *w, const struct window_entry *e);
/* Takes the entry of a response out. False when nobody waits for this sequence: a late or foreign response. */
bool window_take(struct window *w, uint32_t sequence, struct window_entry *out);
/* The entry that waits for this sequence, or the oldest one; NULL when there is none. Good until the window changes. */
const struct window_entry *window_peek(const struct window *w, uint32_t sequence);
const struct window_entry *window_oldest(const struct window *w);
/* Takes the oldest entry out. False when there is none. */
bool window_take_oldest(struct window *w, struct window_entry *out);
/* Takes an entry with a refusal out. False when there is none. */
bool window_take_refused(struct window *w, struct window_entry *out);
/* The oldest entry's deadline, or -1 when nothing waits. */
int64_t window_deadline(const struct window *w);
/* Everything put so far has been handed to the socket. */
void window_written(struct window *w);

/* Begins at another sequence: for tests of the end of the range, which is 2,147,483,647 requests away. */
void window_set_sequence(struct window *w, uint32_t next);

#endif
