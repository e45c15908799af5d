/* A session machine without a socket: events in; what it has done comes out as one line of words. */
#ifndef TESTS_UNIT_GATEWAY_MACHINE_H
#define TESTS_UNIT_GATEWAY_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/conf.h"
#include "gateway/smpp/bind.h"

static struct {
	struct bind bind;
	struct conf_link conf;
	const char *hosts[2];
	char done[512]; /* since the last look */
	uint32_t sequence;
	int64_t now, timer, silence;
	bool idle, open, forgiving;
} m;

static void __attribute__((format(printf, 1, 2))) did(const char *fmt, ...)
{
	size_t len = strlen(m.done);
	va_list ap;

	va_start(ap, fmt);
	if (len && len + 1 < sizeof(m.done))
		m.done[len++] = ' ';
	vsnprintf(m.done + len, sizeof(m.done) - len, fmt, ap);
	va_end(ap);
}

static void
op_connect(void *arg, const char *host)
{
	(void)arg;
	assert_false(m.open);
	did("connect:%s", host);
}

static void
op_probe(void *arg, const char *host)
{
	(void)arg;
	assert_int_equal(m.bind.state, LINK_BOUND);
	did("probe:%s", host);
}

static void
op_close(void *arg)
{
	(void)arg;
	m.open = false;
	did("close");
}

static void
op_send(void *arg, uint32_t command, uint32_t status, uint32_t sequence)
{
	(void)arg;
	assert_true(m.open);
	did("send:%s/%u/%u", pdu_command_name(command), status, sequence);
}

static uint32_t
op_sequence(void *arg)
{
	(void)arg;
	return ++m.sequence;
}

static void
op_timer(void *arg, int64_t ms)
{
	(void)arg;
	m.timer = ms;
}

static void
op_silence(void *arg, int64_t ms)
{
	(void)arg;
	m.silence = ms;
}

static bool
op_idle(void *arg)
{
	(void)arg;
	return m.idle;
}

static void
op_deliver(void *arg, const struct pdu *p)
{
	(void)arg;
	assert_int_equal(m.bind.state, LINK_BOUND);
	did("deliver:%u", p->sequence);
}

static void
op_response(void *arg, const struct pdu *p)
{
	(void)arg;
	did("response:%u", p->sequence);
}

static bool
op_broken(void *arg, const struct pdu *p)
{
	(void)arg;
	return m.forgiving ? false : p->status >= 0x02 && p->status <= 0x04;
}

static void
op_changed(void *arg, enum link_state old, enum link_state now, const char *why)
{
	(void)arg;
	assert_true(old != now || now == LINK_CONNECTING); /* from one host to the next */
	assert_true(strlen(why) > 0);
	did("%s", link_state_name(now));
}

static uint32_t
op_random(void *arg, uint32_t below)
{
	(void)arg;
	return below - 1; /* the longest wait */
}

static int64_t
op_now_ms(void *arg)
{
	(void)arg;
	return m.now;
}

static const struct bind_ops ops = {
	.connect = op_connect,
	.probe = op_probe,
	.close = op_close,
	.send = op_send,
	.sequence = op_sequence,
	.timer = op_timer,
	.silence = op_silence,
	.idle = op_idle,
	.deliver = op_deliver,
	.response = op_response,
	.broken = op_broken,
	.changed = op_changed,
	.random = op_random,
	.now_ms = op_now_ms,
};

static int
setup(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	m.hosts[0] = "a";
	m.hosts[1] = "b";
	m.conf = (struct conf_link){.name = "east",
		.hosts = m.hosts,
		.nhosts = 1,
		.system_id = "me",
		.enquire_seconds = 30,
		.response_seconds = 60,
		.bind_seconds = 10,
		.backoff_min_ms = 1000,
		.backoff_max_ms = 16000};
	m.idle = true;
	m.timer = m.silence = -1;
	bind_init(&m.bind, &m.conf, PDU_BIND_TRANSCEIVER, &ops, NULL);
	return 0;
}

static const char *
take(void)
{
	static char last[512];

	memcpy(last, m.done, sizeof(last));
	m.done[0] = '\0';
	return last;
}

static void
raise_event(enum bind_event e)
{
	if (e == BIND_CONNECTED || (e == BIND_OUTBIND && bind_takes_outbind(&m.bind)))
		m.open = true;
	bind_fsm(&m.bind, e, NULL, PDU_GOOD);
}

static void
receive(uint32_t command, uint32_t status, uint32_t sequence)
{
	struct pdu p = {.command = command, .status = status, .sequence = sequence};

	bind_fsm(&m.bind, BIND_PDU, &p, PDU_GOOD);
}

static inline void
to_bound(void)
{
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_int_equal(m.bind.state, LINK_BOUND);
	take();
}

#endif
