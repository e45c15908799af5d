/*
 * The session machine between hosts: failover, the return to the preferred one, the carrier's own connection; and its
 * waits.
 */
#include "tests/unit/gateway/machine.h"

static void
bound_on_second_host(void)
{
	m.conf.nhosts = 2;
	m.conf.return_seconds = 300;
	raise_event(BIND_START);
	raise_event(BIND_CONNECT_FAILED);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_int_equal(m.bind.state, LINK_BOUND);
	assert_string_equal(bind_host(&m.bind), "b");
	take();
}

/* The look is one connection; the session drains before it moves, and moves without a pause. */
static void
returns_to_the_preferred_host(void **state)
{
	(void)state;
	bound_on_second_host();
	assert_int_equal(m.timer, 330000);
	raise_event(BIND_STATE_LATE);
	assert_string_equal(take(), "probe:a");
	raise_event(BIND_PROBE_BAD);
	assert_string_equal(take(), "");
	assert_int_equal(m.timer, 330000);
	raise_event(BIND_STATE_LATE);
	take();
	m.idle = false;
	raise_event(BIND_PROBE_GOOD);
	assert_string_equal(take(), "unbinding");
	m.idle = true;
	raise_event(BIND_IDLE);
	assert_string_equal(take(), "send:unbind/0/2");
	receive(PDU_UNBIND_RESP, 0, 2);
	assert_string_equal(take(), "close connecting connect:a");
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_string_equal(take(), "binding send:bind_transceiver/0/3 bound");
	assert_int_equal(m.timer, -1); /* nothing to return to */
}

/* A preferred host that takes connections and no binds costs a rebind each time: it is looked at less and less often.
 */
static void
a_return_that_fails_is_tried_less_often(void **state)
{
	static const int64_t waits[] = {330000, 660000, 1320000, 2640000, 5280000, 5280000};

	(void)state;
	bound_on_second_host();
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(m.timer, waits[i]);
		raise_event(BIND_STATE_LATE);
		raise_event(BIND_PROBE_GOOD);
		receive(PDU_UNBIND_RESP, 0, m.bind.sequence);
		raise_event(BIND_CONNECTED);
		receive(PDU_BIND_TRANSCEIVER_RESP, 0x0d, m.bind.sequence);
		assert_int_equal(m.bind.state, LINK_WAITING);
		raise_event(BIND_STATE_LATE);
		raise_event(BIND_CONNECTED);
		receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
		assert_string_equal(bind_host(&m.bind), "b");
	}
}

static void
stays_where_it_is_when_told_so(void **state)
{
	(void)state;
	bound_on_second_host();
	raise_event(BIND_CLOSED);
	m.conf.return_seconds = 0;
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CONNECT_FAILED);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_string_equal(bind_host(&m.bind), "b");
	assert_int_equal(m.timer, -1);
}

/* A stop while the session drains to move ends it. */
static void
stopped_on_the_way_back(void **state)
{
	(void)state;
	bound_on_second_host();
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_PROBE_GOOD);
	raise_event(BIND_STOP);
	receive(PDU_UNBIND_RESP, 0, m.bind.sequence);
	assert_int_equal(m.bind.state, LINK_STOPPED);
	raise_event(BIND_START); /* and begins like any other */
	assert_int_equal(m.bind.state, LINK_CONNECTING);
}

/* smpp.md: "0x05 ALYBND and 0x0D BINDFAIL: back off", with a floor for each carrier. */
static void
already_bound_backs_off_from_its_own_floor(void **state)
{
	static const uint32_t statuses[] = {0x05, 0x0d, 0x405};

	for (size_t i = 0; i < 3; i++) {
		setup(state);
		m.conf.backoff_bind_ms = 5000;
		raise_event(BIND_START);
		raise_event(BIND_CONNECTED);
		receive(PDU_BIND_TRANSCEIVER_RESP, statuses[i], m.bind.sequence);
		assert_int_equal(m.timer, 6250); /* 5000 and a quarter of jitter */
		assert_string_equal(m.bind.alarm, "");
		for (int k = 0; k < 3; k++) {
			raise_event(BIND_STATE_LATE);
			raise_event(BIND_CONNECTED);
			receive(PDU_BIND_TRANSCEIVER_RESP, statuses[i], m.bind.sequence);
		}
		assert_int_equal(m.timer, 8000); /* grown past the floor */
	}
}

/* smpp.md: "0x0E, 0x0F, 0x53 (bad credentials): slow retry and an alarm a person sees"; cleared when bound. */
static void
bad_credentials_raise_an_alarm(void **state)
{
	static const uint32_t statuses[] = {0x0e, 0x0f, 0x53};

	for (size_t i = 0; i < 3; i++) {
		setup(state);
		m.conf.refused_seconds = 600;
		m.conf.nhosts = 2;
		raise_event(BIND_START);
		raise_event(BIND_CONNECTED);
		receive(PDU_BIND_TRANSCEIVER_RESP, statuses[i], m.bind.sequence);
		assert_in_range(m.timer, 600000, 750000);
		assert_non_null(strstr(m.bind.alarm, "check system_id, password"));
		assert_non_null(strstr(m.bind.alarm, "a: bind refused"));
		raise_event(BIND_STATE_LATE);
		raise_event(BIND_CONNECT_FAILED);
		raise_event(BIND_CONNECT_FAILED);
		assert_true(m.bind.alarm[0]); /* another trouble does not put it right */
		raise_event(BIND_STATE_LATE);
		raise_event(BIND_CONNECTED);
		receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
		assert_string_equal(m.bind.alarm, "");
	}
}

/* SMPP 3.4, 4.1.7: the carrier connects, sends outbind, and is answered with a bind on that connection. */
static void
outbind_is_answered_with_a_bind(void **state)
{
	(void)state;
	m.conf.nhosts = 0;
	assert_false(bind_takes_outbind(&m.bind)); /* not asked to run */
	raise_event(BIND_START);
	assert_string_equal(take(), "waiting close");
	assert_int_equal(m.timer, -1);
	assert_true(bind_takes_outbind(&m.bind));
	raise_event(BIND_OUTBIND);
	assert_string_equal(take(), "binding send:bind_transceiver/0/1");
	assert_false(bind_takes_outbind(&m.bind));
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, 1);
	assert_string_equal(take(), "bound");
	raise_event(BIND_CLOSED);
	assert_string_equal(take(), "waiting close");
	assert_int_equal(m.timer, -1); /* the next connection is the carrier's again */
}

static void
outbind_while_we_try_ourselves(void **state)
{
	(void)state;
	raise_event(BIND_START);
	raise_event(BIND_OUTBIND);
	snprintf(m.bind.peer, sizeof(m.bind.peer), "outbind 192.0.2.1:99");
	assert_string_equal(bind_host(&m.bind), "outbind 192.0.2.1:99");
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_int_equal(m.bind.state, LINK_BOUND);
	take();
	raise_event(BIND_OUTBIND); /* bound already */
	assert_string_equal(take(), "");
	raise_event(BIND_CLOSED);
	assert_string_equal(bind_host(&m.bind), "a");
	raise_event(BIND_STATE_LATE);
	assert_string_equal(take(), "waiting close connecting connect:a");
}

/* smpp.md: "Timers in the peers: bind, enquire_link, dead peer, response"; each is a key of its own. */
static void
every_timer_is_the_links_own(void **state)
{
	(void)state;
	m.conf.bind_seconds = 7;
	m.conf.enquire_seconds = 11;
	m.conf.dead_seconds = 13;
	m.conf.response_seconds = 17;
	m.conf.unbind_seconds = 19;
	raise_event(BIND_START);
	assert_int_equal(m.timer, 7000); /* the connection */
	raise_event(BIND_CONNECTED);
	assert_int_equal(m.timer, 7000); /* the answer to the bind */
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_int_equal(m.silence, 11000);
	raise_event(BIND_SILENCE);
	assert_int_equal(m.silence, 13000); /* a dead peer */
	receive(PDU_ENQUIRE_LINK_RESP, 0, 2);
	assert_int_equal(m.silence, 11000);
	m.idle = false;
	raise_event(BIND_STOP);
	assert_int_equal(m.timer, 17000); /* what is in flight may still be answered */
	m.idle = true;
	raise_event(BIND_IDLE);
	assert_int_equal(m.timer, 19000); /* the unbind */
	raise_event(BIND_STATE_LATE);
	assert_int_equal(m.bind.state, LINK_STOPPED);
}

/* smpp.md: "Answer enquire_link in any state." */
static void
enquire_link_is_answered_in_any_state(void **state)
{
	(void)state;
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	take();
	receive(PDU_ENQUIRE_LINK, 0, 5);
	assert_string_equal(take(), "send:enquire_link_resp/0/5");
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	take();
	receive(PDU_ENQUIRE_LINK, 0, 6);
	assert_string_equal(take(), "send:enquire_link_resp/0/6");
	m.idle = false;
	raise_event(BIND_STOP);
	take();
	receive(PDU_ENQUIRE_LINK, 0, 7); /* draining */
	assert_string_equal(take(), "send:enquire_link_resp/0/7");
	m.idle = true;
	raise_event(BIND_IDLE);
	take();
	receive(PDU_ENQUIRE_LINK, 0, 8); /* our unbind waits */
	assert_string_equal(take(), "send:enquire_link_resp/0/8");
}

/* smpp.md: "Length under 16 or over the cap: nack with sequence 0, then close", bound or not. */
static void
a_length_that_cannot_be_is_nacked_in_any_state(void **state)
{
	(void)state;
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	take();
	raise_event(BIND_BROKEN_FRAME);
	assert_string_equal(take(), "send:generic_nack/2/0 waiting close");
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	take();
	raise_event(BIND_BROKEN_FRAME);
	assert_string_equal(take(), "send:generic_nack/2/0 waiting close");
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	raise_event(BIND_STOP);
	take();
	raise_event(BIND_BROKEN_FRAME);
	assert_string_equal(take(), "send:generic_nack/2/0 stopped close");
}

/* A question that is refused says nothing about the session, however it is refused. */
static void
a_refused_question_is_no_broken_session(void **state)
{
	(void)state;
	to_bound();
	m.forgiving = true; /* what the session says of a request that is no text */
	receive(PDU_GENERIC_NACK, 0x03, 9);
	receive(PDU_QUERY_SM_RESP, 0x04, 9);
	receive(PDU_CANCEL_SM_RESP, 0x11, 9);
	assert_string_equal(take(), "response:9 response:9 response:9");
	m.forgiving = false;
	receive(PDU_GENERIC_NACK, 0x03, 9);
	assert_string_equal(take(), "unbinding send:unbind/0/2 response:9");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define bind_test(name) cmocka_unit_test_setup(name, setup)
		bind_test(returns_to_the_preferred_host),
		bind_test(a_return_that_fails_is_tried_less_often),
		bind_test(stays_where_it_is_when_told_so),
		bind_test(stopped_on_the_way_back),
		bind_test(already_bound_backs_off_from_its_own_floor),
		bind_test(bad_credentials_raise_an_alarm),
		bind_test(outbind_is_answered_with_a_bind),
		bind_test(outbind_while_we_try_ourselves),
		bind_test(every_timer_is_the_links_own),
		bind_test(enquire_link_is_answered_in_any_state),
		bind_test(a_length_that_cannot_be_is_nacked_in_any_state),
		bind_test(a_refused_question_is_no_broken_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
