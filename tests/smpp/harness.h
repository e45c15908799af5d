/*
 * What the link's tests share: a carrier in a child process that is driven by lines, a link beside it in this one, and
 * one list of lines of what happened on either side. A test says what it expects next; the loop runs until it is there.
 */
#ifndef TESTS_SMPP_HARNESS_H
#define TESTS_SMPP_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include "gateway/conf.h"
#include "gateway/smpp/link.h"

#ifndef PATIENCE
#define PATIENCE 200 /* seconds after which a test that waits has failed */
#endif
#define LINES_MAX 4096
#define UNUSED __attribute__((unused)) /* not every test file needs everything in here */

struct harness {
	struct event_base *base;
	pid_t child;
	struct bufferevent *carrier; /* the child's standard input and output */
	char *lines[LINES_MAX];
	size_t nlines;
	bool impatient;
	int port;

	struct conf_link conf;
	const char *hosts[4];
	char host[4][64];
	struct link *link;
	bool hold;			 /* do not answer deliver_sm by ourselves */
	uint32_t answer;	 /* status we answer with */
	bool submit_on_text; /* answer a text with a text at once */
	uint64_t token;		 /* of the last deliver_sm */
	uint64_t next_id;
	char key[72];	  /* of the last accepted id */
	char session[24]; /* of the last thing told */
};

static void __attribute__((format(printf, 2, 3))) note(struct harness *h, const char *fmt, ...)
{
	char line[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (h->nlines == LINES_MAX)
		fail_msg("too many lines; the last: %s", line);
	h->lines[h->nlines++] = strdup(line);
}

static void
on_carrier_line(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct evbuffer_ptr end;
	char line[8192];

	/* Not evbuffer_readln: a test may count libevent's allocations, and then it is not for free() to take them back. */
	while ((end = evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_LF)).pos >= 0) {
		assert_true((size_t)end.pos < sizeof(line));
		evbuffer_remove(in, line, (size_t)end.pos);
		evbuffer_drain(in, 1);
		line[end.pos] = '\0';
		note(arg, "%s", line);
	}
}

static void
on_carrier_gone(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	note(arg, "carrier gone");
}

/* Tell the carrier what to do. */
static UNUSED void __attribute__((format(printf, 2, 3))) carrier(struct harness *h, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	evbuffer_add_vprintf(bufferevent_get_output(h->carrier), fmt, ap);
	va_end(ap);
	evbuffer_add(bufferevent_get_output(h->carrier), "\n", 1);
}

static void
on_impatient(evutil_socket_t fd, short what, void *arg)
{
	struct harness *h = arg;

	(void)fd;
	(void)what;
	h->impatient = true;
	event_base_loopbreak(h->base);
}

static void
patience(struct harness *h, struct event **guard)
{
	struct timeval tv = {.tv_sec = PATIENCE};

	h->impatient = false;
	*guard = evtimer_new(h->base, on_impatient, h);
	evtimer_add(*guard, &tv);
}

/* Run until a line that begins so is there; it is taken out and returned (valid until the next call). */
static char *__attribute__((format(printf, 2, 3))) expect(struct harness *h, const char *fmt, ...)
{
	static char found[8192];
	char want[512];
	struct event *guard;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want, sizeof(want), fmt, ap);
	va_end(ap);
	patience(h, &guard);
	for (;;) {
		for (size_t i = 0; i < h->nlines; i++) {
			if (strncmp(h->lines[i], want, strlen(want)) != 0)
				continue;
			snprintf(found, sizeof(found), "%s", h->lines[i]);
			free(h->lines[i]);
			memmove(&h->lines[i], &h->lines[i + 1], (--h->nlines - i) * sizeof(h->lines[0]));
			event_free(guard);
			return found;
		}
		if (h->impatient)
			break;
		event_base_loop(h->base, EVLOOP_ONCE);
	}
	event_free(guard);
	fprintf(stderr, "expected: %s\nthere was:\n", want);
	for (size_t i = 0; i < h->nlines; i++)
		fprintf(stderr, "  %s\n", h->lines[i]);
	fail_msg("expected a line that begins with: %s", want);
	return NULL;
}

/* Both have happened, in this order. */
static UNUSED void
expect_in_order(struct harness *h, const char *first, const char *second)
{
	struct event *guard;
	size_t a, b;

	patience(h, &guard);
	for (;;) {
		a = b = h->nlines;
		for (size_t i = h->nlines; i-- > 0;) {
			if (strncmp(h->lines[i], first, strlen(first)) == 0)
				a = i;
			if (strncmp(h->lines[i], second, strlen(second)) == 0)
				b = i;
		}
		if ((a < h->nlines && b < h->nlines) || h->impatient)
			break;
		event_base_loop(h->base, EVLOOP_ONCE);
	}
	event_free(guard);
	if (a >= b || b == h->nlines)
		fail_msg("expected \"%s\" and then \"%s\"", first, second);
}

/* Nothing of the kind has happened so far. */
static UNUSED void
expect_none(struct harness *h, const char *want)
{
	for (size_t i = 0; i < h->nlines; i++)
		if (strncmp(h->lines[i], want, strlen(want)) == 0)
			fail_msg("did not expect: %s", h->lines[i]);
}

/* One part of plain ASCII. Returns link_submit's result. */
static UNUSED int
submit(struct harness *h, const char *dest, const char *text)
{
	struct link_part p = {.message_id = h->next_id++,
		.part = 1,
		.parts = 1,
		.attempt = 1,
		.tag = "mine",
		.source = "10690001",
		.dest = dest,
		.octets = (const uint8_t *)text,
		.len = strlen(text),
		.receipt = true};

	return link_submit(h->link, &p);
}

/* ---- The link's owner ------------------------------------------------------------------------------------------- */

static UNUSED void
owner_state(void *arg, struct link *l, enum link_state old, enum link_state now, const char *why)
{
	(void)l;
	(void)old;
	note(arg, "state %s: %s", link_state_name(now), why);
}

static UNUSED void
owner_submitted(void *arg, struct link *l, const struct link_submitted *s)
{
	static const char *const outcomes[] = {"accepted", "refused", "uncertain", "unsent"};
	struct harness *h = arg;

	link_carrier_key(l, s->carrier_id, h->key, sizeof(h->key));
	snprintf(h->session, sizeof(h->session), "%s", s->session);
	note(h, "submitted %" PRIu64 " %d/%d %s 0x%02x id=%s tag=%s", s->message_id, s->part, s->parts,
		outcomes[s->outcome], s->status, s->carrier_id, s->tag ? (const char *)s->tag : "-");
}

static UNUSED void
owner_deliver(void *arg, struct link *l, const struct link_deliver *d)
{
	struct harness *h = arg;

	h->token = d->token;
	snprintf(h->session, sizeof(h->session), "%s", d->session);
	if (d->is_receipt)
		note(h, "receipt from=%s id=%s key=%s state=%s error=%s", d->source, d->receipt_id, d->receipt_key,
			d->receipt_state, d->receipt_error);
	else
		note(h, "text from=%s to=%s concat=%s/%d %d/%d dcs=%d: %s", d->source, d->dest, d->concat, d->reference,
			d->part, d->parts, d->data_coding, d->text);
	if (!h->hold)
		link_answer(l, d->token, h->answer);
	if (h->submit_on_text)
		assert_int_equal(submit(h, "+8613900000001", "thank you"), 0);
}

static UNUSED void
owner_operated(void *arg, struct link *l, const struct link_operated *o)
{
	static const char *const outcomes[] = {"accepted", "refused", "uncertain", "unsent"};

	(void)l;
	note(arg, "%s %" PRIu64 " %d/%d %s 0x%02x state=%s at=%" PRId64 " error=%d tag=%s",
		o->operation == LINK_QUERY ? "queried" : "cancelled", o->message_id, o->part, o->parts, outcomes[o->outcome],
		o->status, o->state, o->final_at, o->error, o->tag ? (const char *)o->tag : "-");
}

static UNUSED void
owner_room(void *arg, struct link *l)
{
	note(arg, "room %d", link_room(l));
}

/* ---- Start and end ---------------------------------------------------------------------------------------------- */

static void
carrier_start(struct harness *h, char *const argv[])
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	h->child = fork();
	assert_true(h->child >= 0);
	if (h->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM); /* a failed test does not come to its end, and the carrier must */
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	evutil_make_socket_nonblocking(pair[0]);
	h->carrier = bufferevent_socket_new(h->base, pair[0], BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(h->carrier, on_carrier_line, NULL, on_carrier_gone, h);
	bufferevent_enable(h->carrier, EV_READ | EV_WRITE);
}

/* A configuration that reconnects at once and is patient otherwise; a test changes what it is about. */
static void
harness_conf(struct harness *h)
{
	h->conf = (struct conf_link){.name = "east",
		.hosts = h->hosts,
		.system_id = "huizhi",
		.password = "secret",
		.system_type = "",
		.bind = "transceiver",
		.window = 64,
		.default_alphabet = "gsm7",
		.message_id = "auto",
		.ussd = "standard",
		.receipts = true,
		.enquire_seconds = 60,
		.response_seconds = 60,
		.bind_seconds = 60,
		.refused_seconds = 1,
		.backoff_bind_ms = 20,
		.throttle_min_ms = 20,
		.throttle_max_ms = 100,
		.backoff_min_ms = 20,
		.backoff_max_ms = 100};
}

static void
host_set(struct harness *h, size_t n, int port)
{
	snprintf(h->host[n], sizeof(h->host[n]), "127.0.0.1:%d", port);
	h->hosts[n] = h->host[n];
	h->conf.nhosts = n + 1;
}

static UNUSED struct harness *
harness_new(char *const argv[])
{
	struct harness *h = calloc(1, sizeof(*h));

	signal(SIGPIPE, SIG_IGN);
	h->base = event_base_new();
	h->next_id = 1;
	harness_conf(h);
	carrier_start(h, argv);
	h->port = (int)strtol(expect(h, "port ") + 5, NULL, 10);
	host_set(h, 0, h->port);
	return h;
}

static void
harness_free(struct harness *h)
{
	int status;

	link_free(h->link);
	bufferevent_free(h->carrier);
	if (waitpid(h->child, &status, WNOHANG) == 0) {
		kill(h->child, SIGTERM);
		waitpid(h->child, &status, 0);
	}
	for (size_t i = 0; i < h->nlines; i++)
		free(h->lines[i]);
	event_base_free(h->base);
	free(h);
}

static UNUSED void
link_up(struct harness *h)
{
	static const struct link_owner owner = {.on_state = owner_state,
		.on_submitted = owner_submitted,
		.on_deliver = owner_deliver,
		.on_room = owner_room,
		.on_operated = owner_operated};
	struct link_owner mine = owner;

	mine.arg = h;
	h->link = link_new(h->base, &h->conf, &mine);
	assert_non_null(h->link);
	link_start(h->link);
}

static UNUSED void
link_bound(struct harness *h)
{
	link_up(h);
	expect(h, "state bound");
}

static UNUSED void
link_gone(struct harness *h)
{
	link_drain(h->link);
	expect(h, "state stopped");
}

/* ---- Tests with node-smpp as the carrier ------------------------------------------------------------------------- */

static UNUSED int
node_setup(void **state)
{
	char *argv[] = {"node", "tests/smpp/smsc-node.mjs", NULL};

	*state = harness_new(argv);
	return 0;
}

static UNUSED int
node_teardown(void **state)
{
	harness_free(*state);
	return 0;
}
#define link_test(name) cmocka_unit_test_setup_teardown(name, node_setup, node_teardown)

#endif
