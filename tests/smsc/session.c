/* The carrier's side of each connection: accepting, framing, the bind and the requests; what is due by the clock. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include "tests/smsc/address.h"
#include "tests/smsc/carrier.h"

enum {
	READ_MOST = 4 * PDU_MAX, /* waiting in memory per connection */
	TICK_MS = 50,
	TAG_INTERFACE_VERSION = 0x0210,
};

static void
note(struct session *s, enum record_kind kind, uint32_t sequence, uint32_t status, const char *what)
{
	struct record_entry e = {
		.kind = kind,
		.session = s->id,
		.sequence = sequence,
		.status = status,
		.system_id = s->queue != NULL ? s->queue->system_id : NULL,
		.note = what,
		.data_coding = -1,
	};
	record_add(s->carrier->record, &e);
}

static void
write_header(struct session *s, uint32_t command, uint32_t status, uint32_t sequence)
{
	uint8_t pdu[PDU_HEADER];
	struct pdu_out o;

	pdu_begin(&o, pdu, sizeof(pdu), command, status, sequence);
	session_write(s, pdu, pdu_end(&o));
}

static uint32_t
next_sequence(struct session *s)
{
	/* All 32 bits, and 0 among them. */
	if (s->carrier->faults.number[FAULT_SEQUENCES] != 0) {
		s->sequence = s->high ? s->sequence + 1 : 0xFFFFFFF0;
		s->high = true;
		return s->sequence;
	}
	s->sequence = s->sequence >= 0x7FFFFFFF ? 1 : s->sequence + 1;
	return s->sequence;
}

/* Says goodbye: what is written still goes out, nothing more is read. */
static void
close_when_written(struct session *s)
{
	if (s->state == SESSION_DEAD)
		return;
	s->close_when_written = true;
	bufferevent_disable(s->bev, EV_READ);
	if (session_all_written(s))
		session_close(s, "done");
}

void
session_nack(struct session *s, uint32_t status, uint32_t sequence, const char *why)
{
	s->carrier->stats.nacks++;
	note(s, RECORD_NACK, sequence, status, why);
	if (s->carrier->faults.number[FAULT_NACK_ZERO] != 0)
		sequence = 0;
	uint8_t pdu[PDU_HEADER];
	struct pdu_out o;
	pdu_begin(&o, pdu, sizeof(pdu), PDU_GENERIC_NACK, status, sequence);
	session_respond(s, PDU_GENERIC_NACK, pdu, pdu_end(&o));
}

static void
respond_bind(struct session *s, const struct pdu_header *h, uint32_t status)
{
	static const uint8_t version = 0x34;
	uint8_t pdu[64];
	struct pdu_out o;

	pdu_begin(&o, pdu, sizeof(pdu), h->command | PDU_RESPONSE, status, h->sequence);
	if (status == PDU_OK || s->carrier->faults.number[FAULT_ERROR_BODY] != 0)
		pdu_add_string(&o, "huizhi-smsc");
	if (status == PDU_OK && s->carrier->faults.number[FAULT_NO_VERSION] == 0)
		pdu_add_tlv(&o, TAG_INTERFACE_VERSION, &version, 1);
	session_write(s, pdu, pdu_end(&o));
}

static uint32_t
judge_bind(struct session *s, const struct pdu_header *h, const uint8_t *body, struct pdu_bind *b)
{
	struct carrier *c = s->carrier;
	uint32_t status = pdu_decode_bind(body, h->length - PDU_HEADER, b);

	if (status != PDU_OK)
		return status;
	if (s->state != SESSION_OPEN)
		return PDU_ALREADY_BOUND;
	if (c->faults.number[FAULT_REFUSE_BIND] != 0)
		return (uint32_t)c->faults.number[FAULT_REFUSE_BIND];
	for (char *p = b->system_id; *p != '\0'; p++)
		if (*p <= 0x20 || *p >= 0x7F)
			return PDU_BAD_SYSTEM_ID;
	if (c->system_id[0] != '\0' && strcmp(c->system_id, b->system_id) != 0)
		return PDU_BAD_SYSTEM_ID;
	if (c->password[0] != '\0' && strcmp(c->password, b->password) != 0)
		return PDU_BAD_PASSWORD;
	return PDU_OK;
}

static void
on_bind(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	struct pdu_bind b;
	uint32_t status = judge_bind(s, h, body, &b);

	if (status == PDU_OK && (s->queue = queue_get(s->carrier, b.system_id)) == NULL)
		status = PDU_BIND_FAILED;
	if (status == PDU_OK && later_now_us() < s->queue->bound_until_us) {
		s->queue = NULL;
		status = PDU_ALREADY_BOUND;
	}
	note(s, RECORD_BIND, h->sequence, status, pdu_command_name(h->command));
	respond_bind(s, h, status);
	if (status != PDU_OK || s->state == SESSION_DEAD)
		return;
	s->state = SESSION_BOUND;
	s->sends = h->command != PDU_BIND_RECEIVER;
	s->receives = h->command != PDU_BIND_TRANSMITTER;
	snprintf(s->mode, sizeof(s->mode), "%s", pdu_command_name(h->command) + strlen("bind_"));
	if (!s->receives)
		return;
	queue_receiver_bound(s);
	flood_begin(s);
}

static void
on_submit(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	if (s->state == SESSION_BOUND && s->sends) {
		carrier_submit(s, h, body);
		return;
	}
	uint8_t pdu[PDU_HEADER];
	struct pdu_out o;
	pdu_begin(&o, pdu, sizeof(pdu), h->command | PDU_RESPONSE, PDU_NOT_BOUND, h->sequence);
	session_respond(s, h->command, pdu, pdu_end(&o));
}

static void
on_about(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	if (s->state != SESSION_BOUND || !s->sends)
		write_header(s, h->command | PDU_RESPONSE, PDU_NOT_BOUND, h->sequence);
	else if (h->command == PDU_QUERY_SM)
		hold_query(s, h, body);
	else
		hold_cancel(s, h, body);
}

static void
on_enquire(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	uint8_t pdu[PDU_HEADER];
	struct pdu_out o;
	(void)body;

	pdu_begin(&o, pdu, sizeof(pdu), h->command | PDU_RESPONSE, PDU_OK, h->sequence);
	session_respond(s, h->command, pdu, pdu_end(&o));
}

static void
on_unbind(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	(void)body;
	note(s, RECORD_UNBIND, h->sequence, 0, "by the ESME");
	s->state = SESSION_UNBINDING;
	write_header(s, h->command | PDU_RESPONSE, PDU_OK, h->sequence);
	close_when_written(s);
}

static void
on_answer(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	(void)body;
	queue_answered(s, h->sequence, h->status);
}

static void
on_unbind_answer(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	(void)h;
	(void)body;
	if (s->state == SESSION_UNBINDING)
		session_close(s, "unbound");
}

static void
on_nothing(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	(void)s;
	(void)h;
	(void)body;
}

static const struct {
	uint32_t command;
	void (*handle)(struct session *s, const struct pdu_header *h, const uint8_t *body);
} commands[] = {
	{PDU_SUBMIT_SM, on_submit},
	{PDU_QUERY_SM, on_about},
	{PDU_CANCEL_SM, on_about},
	{PDU_DELIVER_SM | PDU_RESPONSE, on_answer},
	{PDU_DATA_SM, on_submit},
	{PDU_DATA_SM | PDU_RESPONSE, on_answer},
	{PDU_ENQUIRE_LINK, on_enquire},
	{PDU_ENQUIRE_LINK | PDU_RESPONSE, on_nothing},
	{PDU_BIND_TRANSCEIVER, on_bind},
	{PDU_BIND_TRANSMITTER, on_bind},
	{PDU_BIND_RECEIVER, on_bind},
	{PDU_UNBIND, on_unbind},
	{PDU_UNBIND | PDU_RESPONSE, on_unbind_answer},
	{PDU_GENERIC_NACK, on_answer},
};

static void
handle_pdu(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	struct faults *f = &s->carrier->faults;

	s->pdus_in++;
	if (f->number[FAULT_DROP] > 0 && s->pdus_in >= (uint64_t)f->number[FAULT_DROP]) {
		session_close(s, "drop");
		return;
	}
	if (f->number[FAULT_SILENCE] != 0 || clock_now_us() / 1000000 % 60 < f->number[FAULT_NIGHT]) {
		note(s, RECORD_IGNORED, h->sequence, 0, pdu_command_name(h->command));
		return;
	}
	if (f->number[FAULT_UNBIND] > 0 && s->pdus_in == (uint64_t)f->number[FAULT_UNBIND] && s->state == SESSION_BOUND)
		session_unbind(s);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].command == h->command) {
			commands[i].handle(s, h, body);
			return;
		}
	}
	session_nack(s, PDU_BAD_COMMAND, h->sequence, "unknown command");
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	s->heard_us = later_now_us();
	s->asked = 0;
	while (!s->deaf && s->state != SESSION_DEAD && !s->close_when_written && evbuffer_get_length(in) >= PDU_HEADER) {
		struct pdu_header h = pdu_decode_header(evbuffer_pullup(in, PDU_HEADER));
		if (h.length < PDU_HEADER || h.length > PDU_MAX) {
			/* Where the next PDU begins is anyone's guess: say so and hang up. */
			session_nack(s, PDU_BAD_LENGTH, 0, "impossible command_length");
			close_when_written(s);
			return;
		}
		if (evbuffer_get_length(in) < h.length)
			return;
		handle_pdu(s, &h, evbuffer_pullup(in, (ev_ssize_t)h.length) + PDU_HEADER);
		if (s->state != SESSION_DEAD)
			evbuffer_drain(in, h.length);
	}
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;

	(void)bev;
	if (s->close_when_written && session_all_written(s))
		session_close(s, "done");
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		return;
	session_close(arg, what & BEV_EVENT_EOF ? "closed by the ESME" : "connection lost");
}

/* The dead are freed when nobody on the stack knows them any more. */
static void
on_bury(evutil_socket_t fd, short what, void *arg)
{
	struct carrier *c = arg;
	struct session *s;
	(void)fd;
	(void)what;

	while ((s = TAILQ_FIRST(&c->dead)) != NULL) {
		TAILQ_REMOVE(&c->dead, s, next);
		for (unsigned i = 0; i < s->nheld; i++)
			free(s->held[i].octets);
		free(s->held);
		if (s->drip != NULL)
			evbuffer_free(s->drip);
		free(s);
	}
}

void
session_close(struct session *s, const char *why)
{
	struct carrier *c = s->carrier;

	if (s->state == SESSION_DEAD)
		return;
	note(s, RECORD_CLOSE, 0, 0, why);
	if (s->receives)
		s->queue->receivers--;
	if (s->state == SESSION_BOUND)
		s->queue->bound_until_us = later_now_us() + c->faults.number[FAULT_ALREADY_BOUND] * 1000;
	s->state = SESSION_DEAD;
	TAILQ_REMOVE(&c->sessions, s, next);
	TAILQ_INSERT_TAIL(&c->dead, s, next);
	bufferevent_free(s->bev);
	s->bev = NULL;
	event_active(c->bury, EV_TIMEOUT, 0);
	queue_take_back(s, why);
	if (s->queue != NULL)
		queue_pump(c, s->queue);
}

void
session_unbind(struct session *s)
{
	if (s->state != SESSION_BOUND) {
		session_close(s, "asked to go");
		return;
	}
	s->state = SESSION_UNBINDING;
	note(s, RECORD_UNBIND, s->sequence + 1, 0, "by the carrier");
	write_header(s, PDU_UNBIND, PDU_OK, next_sequence(s));
}

struct session *
session_by_id(struct carrier *c, uint32_t id)
{
	struct session *s;

	TAILQ_FOREACH (s, &c->sessions, next)
		if (s->id == id)
			return s;
	return NULL;
}

bool
session_has_room(const struct session *s)
{
	return s->state == SESSION_BOUND && s->receives && !s->close_when_written &&
		   s->window < (unsigned)s->carrier->faults.number[FAULT_DELIVER_WINDOW];
}

void
session_deliver(struct session *s, struct delivery *d)
{
	/* A straggler may still hold the slot of a much older sequence number: that number is left out. */
	do {
		d->sequence = next_sequence(s);
	} while (s->slot[d->sequence & (IN_FLIGHT - 1)] != NULL);
	s->slot[d->sequence & (IN_FLIGHT - 1)] = d;
	TAILQ_INSERT_TAIL(&s->in_flight, d, next);
	s->window++;
	d->session = s;
	d->sent_us = later_now_us();
	pdu_patch_sequence(d->pdu, d->sequence);
	s->carrier->stats.deliver_sm++;
	session_write(s, d->pdu, d->len);
}

/* The deaf switch: what connections send waits in the kernel until they are heard again. */
static void
set_deaf(struct session *s, bool deaf)
{
	if (s->deaf == deaf || s->close_when_written)
		return;
	s->deaf = deaf;
	s->heard_us = later_now_us();
	if (deaf) {
		bufferevent_disable(s->bev, EV_READ);
	} else {
		bufferevent_enable(s->bev, EV_READ);
		bufferevent_trigger(s->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
	}
}

void
sessions_hear(struct carrier *c)
{
	struct session *s;

	TAILQ_FOREACH (s, &c->sessions, next)
		set_deaf(s, c->faults.number[FAULT_DEAF] != 0);
}

/* A session for a socket; -1: one that is yet to be connected. NULL without memory, or when there are too many. */
static struct session *
session_new(struct carrier *c, evutil_socket_t fd)
{
	struct session *other, *s = calloc(1, sizeof(*s));
	int n = 0;

	TAILQ_FOREACH (other, &c->sessions, next)
		n++;
	if (s == NULL || n >= SESSIONS_MAX ||
		(s->bev = bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE)) == NULL) {
		free(s);
		return NULL;
	}
	s->carrier = c;
	s->id = ++c->last_session;
	s->since_us = clock_now_us();
	s->heard_us = later_now_us();
	TAILQ_INIT(&s->in_flight);
	TAILQ_INSERT_TAIL(&c->sessions, s, next);
	bufferevent_setcb(s->bev, on_read, on_written, on_event, s);
	bufferevent_setwatermark(s->bev, EV_READ, 0, READ_MOST);
	bufferevent_set_max_single_read(s->bev, READ_MOST);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
	set_deaf(s, c->faults.number[FAULT_DEAF] != 0);
	return s;
}

static void
send_outbind(struct session *s, const char *system_id, const char *password)
{
	uint8_t pdu[64];
	struct pdu_out o;

	pdu_begin(&o, pdu, sizeof(pdu), PDU_OUTBIND, PDU_OK, next_sequence(s));
	pdu_add_string(&o, system_id);
	pdu_add_string(&o, password);
	session_write(s, pdu, pdu_end(&o));
}

int
session_outbind(struct carrier *c, const char *address, const char *system_id, const char *password, const char **why)
{
	struct sockaddr_storage at;
	socklen_t len;

	*why = "system_id has at most 15 characters, password at most 8";
	if (strlen(system_id) > 15 || strlen(password) > 8)
		return -1;
	*why = "to is an address with a port";
	if (address_parse(address, &at, &len) != 0)
		return -1;
	*why = "could not connect";
	struct session *s = session_new(c, -1);
	if (s == NULL)
		return -1;
	s->called = true;
	snprintf(s->peer, sizeof(s->peer), "%.60s", address);
	note(s, RECORD_CONNECT, 0, 0, s->peer);
	if (bufferevent_socket_connect(s->bev, (struct sockaddr *)&at, (int)len) != 0)
		return -1; /* the event has closed it */
	send_outbind(s, system_id, password);
	return 0;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len, void *arg)
{
	struct carrier *c = arg;
	struct session *s = session_new(c, fd);
	int one = 1;
	(void)listener;

	if (s == NULL) {
		evutil_closesocket(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	address_text(address, (socklen_t)len, s->peer, sizeof(s->peer));
	note(s, RECORD_CONNECT, 0, 0, s->peer);
	if (c->faults.number[FAULT_OUTBIND] != 0)
		send_outbind(s, "huizhi-smsc", "");
	if (c->faults.number[FAULT_EARLY_ENQUIRE] != 0)
		write_header(s, PDU_ENQUIRE_LINK, PDU_OK, next_sequence(s));
}

/* What the clock asks for: answers that did not come, connections that fell silent. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct carrier *c = arg;
	struct session *s, *next;
	int64_t now = later_now_us(), patience = c->faults.number[FAULT_ENQUIRE_LINK] * 1000000;
	(void)fd;
	(void)what;

	ussd_tick(c, now);
	for (s = TAILQ_FIRST(&c->sessions); s != NULL; s = next) {
		next = TAILQ_NEXT(s, next);
		queue_time_out(s, now);
		if (s->deaf || patience == 0 || c->faults.number[FAULT_SILENCE] != 0 ||
			now - s->heard_us < patience * (s->asked + 1))
			continue;
		if (s->asked == 2 || s->state != SESSION_BOUND) {
			session_close(s, "silent for too long");
			continue;
		}
		s->asked++;
		write_header(s, PDU_ENQUIRE_LINK, PDU_OK, next_sequence(s));
	}
}

int
session_listen(struct carrier *c, const char *address, char *bound, size_t room)
{
	struct sockaddr_storage at;
	socklen_t len;
	static const struct timeval tick = {0, TICK_MS * 1000};

	if (address_parse(address, &at, &len) != 0)
		return -1;
	c->listener = evconnlistener_new_bind(c->base, on_accept, c,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC, -1, (struct sockaddr *)&at, (int)len);
	if (c->listener == NULL)
		return -1;
	socklen_t size = sizeof(at);
	getsockname(evconnlistener_get_fd(c->listener), (struct sockaddr *)&at, &size);
	address_text((struct sockaddr *)&at, size, bound, room);
	c->bury = event_new(c->base, -1, 0, on_bury, c);
	c->tick = event_new(c->base, -1, EV_PERSIST, on_tick, c);
	return c->bury == NULL || c->tick == NULL ? -1 : event_add(c->tick, &tick);
}

void
sessions_free(struct carrier *c)
{
	while (!TAILQ_EMPTY(&c->sessions))
		session_close(TAILQ_FIRST(&c->sessions), "the carrier ends");
	if (c->bury != NULL) {
		on_bury(-1, 0, c);
		event_free(c->bury);
	}
	if (c->tick != NULL)
		event_free(c->tick);
	if (c->listener != NULL)
		evconnlistener_free(c->listener);
}
