/* What goes out on a connection, and the switches that delay it, reorder it, tear it and break it. */
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include "tests/smsc/carrier.h"

enum {
	GROUP_WAIT_MS = 50,
	UNREAD_MOST = 16 << 20, /* an ESME that lets so much pile up does not read */
};

/* Calls fn with the session's id in so many milliseconds. */
static bool
call_later(struct session *s, int64_t milliseconds, later_fn fn)
{
	uint32_t *id = malloc(sizeof(*id));

	if (id == NULL)
		return false;
	*id = s->id;
	if (later_add(s->carrier->later, milliseconds, fn, id, free) == 0)
		return true;
	free(id);
	return false;
}

static void
end_merging(void *arg, void *item)
{
	uint32_t *id = item;
	struct session *s = session_by_id(arg, *id);

	if (s != NULL) {
		s->merging = false;
		bufferevent_enable(s->bev, EV_WRITE);
	}
	free(id);
}

static void
close_now(void *arg, void *item)
{
	uint32_t *id = item;
	struct session *s = session_by_id(arg, *id);

	if (s != NULL)
		session_close(s, "closed by a switch");
	free(id);
}

bool
session_all_written(const struct session *s)
{
	return evbuffer_get_length(bufferevent_get_output(s->bev)) == 0 &&
		   (s->drip == NULL || evbuffer_get_length(s->drip) == 0);
}

static void
drip(void *arg, void *item)
{
	uint32_t *id = item;
	struct session *s = session_by_id(arg, *id);

	free(id);
	if (s == NULL)
		return;
	int64_t pause = s->carrier->faults.number[FAULT_SPLIT_WRITES];
	s->dripping = false;
	evbuffer_remove_buffer(s->drip, bufferevent_get_output(s->bev), pause > 0 ? 1 : SIZE_MAX >> 1);
	if (evbuffer_get_length(s->drip) > 0)
		s->dripping = call_later(s, pause, drip);
}

/* Into the socket's buffer, or octet by octet. A pause between them, or the kernel would join them again. */
static void
put_octets(struct session *s, const uint8_t *octets, size_t len)
{
	int64_t pause = s->carrier->faults.number[FAULT_SPLIT_WRITES];

	if (pause == 0 && !s->dripping) {
		bufferevent_write(s->bev, octets, len);
		return;
	}
	if (s->drip == NULL && (s->drip = evbuffer_new()) == NULL)
		return;
	evbuffer_add(s->drip, octets, len);
	if (!s->dripping)
		s->dripping = call_later(s, 0, drip);
}

/* The end of what this connection gets to read: closed as soon as it is out. */
static void
end_here(struct session *s, size_t len)
{
	s->close_when_written = true;
	bufferevent_disable(s->bev, EV_READ);
	if (len == 0)
		call_later(s, 0, close_now);
}

void
session_write(struct session *s, const uint8_t *pdu, size_t len)
{
	struct faults *f = &s->carrier->faults;

	if (s->state == SESSION_DEAD || s->close_when_written || len == 0)
		return;
	if (f->number[FAULT_MERGED_WRITES] > 0 && !s->merging &&
		call_later(s, f->number[FAULT_MERGED_WRITES], end_merging)) {
		s->merging = true;
		bufferevent_disable(s->bev, EV_WRITE);
	}
	int64_t end = f->number[FAULT_DROP_BYTES];
	bool last = end > 0 && s->octets_out + len >= (uint64_t)end;
	if (last)
		len = s->octets_out < (uint64_t)end ? (size_t)((uint64_t)end - s->octets_out) : 0;
	put_octets(s, pdu, len);
	s->octets_out += len;
	s->pdus_out++;
	if (last || evbuffer_get_length(bufferevent_get_output(s->bev)) > UNREAD_MOST)
		end_here(s, last ? len : 0);
}

/* Writes what was held back, the last one first. */
static void
write_held(struct session *s)
{
	for (unsigned i = s->nheld; i > 0; i--) {
		session_write(s, s->held[i - 1].octets, s->held[i - 1].len);
		free(s->held[i - 1].octets);
	}
	s->nheld = 0;
	s->group++;
}

/* A group that waits for its last response. */
struct group {
	uint32_t session, number;
};

static void
group_waited(void *arg, void *item)
{
	struct group *g = item;
	struct session *s = session_by_id(arg, g->session);

	if (s != NULL && s->group == g->number)
		write_held(s);
	free(g);
}

static bool
wait_for_group(struct session *s)
{
	struct group *g = malloc(sizeof(*g));

	if (g == NULL)
		return false;
	*g = (struct group){s->id, s->group};
	if (later_add(s->carrier->later, GROUP_WAIT_MS, group_waited, g, free) == 0)
		return true;
	free(g);
	return false;
}

static bool
hold(struct session *s, const uint8_t *pdu, size_t len, int64_t group)
{
	struct held *more = realloc(s->held, ((size_t)s->nheld + 1) * sizeof(struct held));

	if (more == NULL)
		return false;
	s->held = more;
	uint8_t *copy = malloc(len);
	if (copy == NULL)
		return false;
	memcpy(copy, pdu, len);
	s->held[s->nheld++] = (struct held){copy, len};
	if (s->nheld >= (uint64_t)group)
		write_held(s);
	else if (s->nheld == 1 && !wait_for_group(s))
		write_held(s);
	return true;
}

struct delayed {
	uint32_t session, command;
	size_t len;
	uint8_t pdu[];
};

/* Past the delay: into its group, or out. */
static void
respond_now(struct session *s, uint32_t command, const uint8_t *pdu, size_t len)
{
	int64_t group = s->carrier->faults.number[FAULT_REORDER];

	if (group > 1 && (command == PDU_SUBMIT_SM || command == PDU_DATA_SM) && hold(s, pdu, len, group))
		return;
	session_write(s, pdu, len);
}

static void
delay_over(void *arg, void *item)
{
	struct delayed *d = item;
	struct session *s = session_by_id(arg, d->session);

	if (s != NULL) {
		s->owing -= s->owing > 0;
		struct pdu_header h = pdu_decode_header(d->pdu);
		struct record_entry e = {
			.kind = RECORD_ANSWER,
			.session = s->id,
			.sequence = h.sequence,
			.status = h.status,
			.data_coding = -1,
		};
		if (d->command == PDU_SUBMIT_SM || d->command == PDU_DATA_SM)
			record_add(s->carrier->record, &e);
		respond_now(s, d->command, d->pdu, d->len);
	}
	free(d);
}

void
session_respond(struct session *s, uint32_t command, const uint8_t *pdu, size_t len)
{
	struct faults *f = &s->carrier->faults;
	uint8_t broken[128];

	if (s->state == SESSION_DEAD)
		return;
	if (command == PDU_SUBMIT_SM && len <= sizeof(broken)) {
		bool small = fault_every(f, FAULT_WRONG_LENGTH), huge = fault_every(f, FAULT_HUGE_LENGTH);
		if (small || huge) {
			static const uint8_t lengths[2][4] = {{0, 0, 0, 7}, {0x7F, 0xFF, 0xFF, 0xFF}};
			memcpy(broken, pdu, len);
			memcpy(broken, lengths[huge ? 1 : 0], 4);
			pdu = broken;
		}
	}
	if (f->number[FAULT_DELAY] > 0) {
		struct delayed *d = malloc(sizeof(*d) + len);
		if (d == NULL)
			return;
		d->session = s->id;
		d->command = command;
		d->len = len;
		memcpy(d->pdu, pdu, len);
		if (later_add(s->carrier->later, f->number[FAULT_DELAY], delay_over, d, free) == 0) {
			s->owing++;
			return;
		}
		free(d);
	}
	respond_now(s, command, pdu, len);
}
