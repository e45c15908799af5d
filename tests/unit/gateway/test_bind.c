/*
 * The session machine: what it does at every event, as one line of words. No event in any state may break it.
 */
#include "tests/unit/gateway/machine.h"

static void
starts_and_binds(void **state)
{
	(void)state;
	raise_event(BIND_START);
	assert_string_equal(take(), "connecting connect:a");
	assert_int_equal(m.timer, 10000);
	raise_event(BIND_CONNECTED);
	assert_string_equal(take(), "binding send:bind_transceiver/0/1");
	receive(PDU_ENQUIRE_LINK, 0, 5);
	assert_string_equal(take(), "send:enquire_link_resp/0/5");
	receive(PDU_DELIVER_SM, 0, 6); /* too early */
	assert_string_equal(take(), "send:deliver_sm_resp/4/6");
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, 1);
	assert_string_equal(take(), "bound");
	assert_int_equal(m.timer, -1);
	assert_int_equal(m.silence, 30000);
}

/* Some carriers answer with another of the three responses; some with another sequence. */
static void
lenient_bind_response(void **state)
{
	(void)state;
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_RECEIVER_RESP, 0, 99);
	assert_int_equal(m.bind.state, LINK_BINDING);
	receive(PDU_BIND_RECEIVER_RESP, 0, 1);
	assert_int_equal(m.bind.state, LINK_BOUND);
	setup(state);
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, 0);
	assert_int_equal(m.bind.state, LINK_BOUND);
}

static void
backoff_grows_to_its_limit(void **state)
{
	static const int64_t waits[] = {1000, 2000, 4000, 8000, 16000, 16000, 16000};

	(void)state;
	raise_event(BIND_START);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		raise_event(BIND_CONNECT_FAILED);
		assert_int_equal(m.bind.state, LINK_WAITING);
		assert_int_equal(m.timer, waits[i]);
		raise_event(BIND_STATE_LATE);
		assert_int_equal(m.bind.state, LINK_CONNECTING);
	}
	for (int i = 0; i < 100; i++) { /* no shift too far */
		raise_event(BIND_CONNECT_FAILED);
		raise_event(BIND_STATE_LATE);
	}
	assert_int_equal(m.bind.state, LINK_CONNECTING);
}

/* Bound for a moment only: the waits go on growing; bound for long: they begin anew. */
static void
backoff_begins_anew_after_a_stable_bind(void **state)
{
	(void)state;
	to_bound();
	raise_event(BIND_CLOSED);
	assert_string_equal(take(), "waiting close");
	assert_int_equal(m.timer, 1000);
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	m.now += 9999;
	raise_event(BIND_CLOSED);
	assert_int_equal(m.timer, 2000);
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	m.now += 10000;
	raise_event(BIND_CLOSED);
	assert_int_equal(m.timer, 1000);
}

static void
hosts_in_order(void **state)
{
	(void)state;
	m.conf.nhosts = 2;
	raise_event(BIND_START);
	take();
	raise_event(BIND_CONNECT_FAILED);
	assert_string_equal(take(), "close connecting connect:b");
	raise_event(BIND_CONNECT_FAILED);
	assert_string_equal(take(), "waiting close");
	raise_event(BIND_STATE_LATE);
	assert_string_equal(take(), "connecting connect:a");
	raise_event(BIND_CONNECTED);
	take();
	raise_event(BIND_STATE_LATE); /* connects but does not bind */
	assert_string_equal(take(), "close connecting connect:b");
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	assert_string_equal(bind_host(&m.bind), "b");
	take();
	raise_event(BIND_CLOSED); /* lost: the preferred one first again */
	raise_event(BIND_STATE_LATE);
	assert_string_equal(take(), "waiting close connecting connect:a");
}

static void
bind_refused(void **state)
{
	(void)state;
	m.conf.nhosts = 2;
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	take();
	receive(PDU_BIND_TRANSCEIVER_RESP, 0x0d, 1);
	assert_string_equal(take(), "waiting close");
	assert_int_equal(m.timer, 1000);
	assert_string_equal(m.bind.error, "bind refused: bind failed (0x0d)");
	raise_event(BIND_STATE_LATE);
	assert_string_equal(take(), "connecting connect:b"); /* the other may be well */
	raise_event(BIND_CONNECTED);
	receive(PDU_GENERIC_NACK, 3, 0);
	assert_int_equal(m.bind.state, LINK_WAITING);
}

/* Wrong credentials: slowly, always the same host, and never faster however often. */
static void
credentials_refused(void **state)
{
	static const uint32_t statuses[] = {0x0e, 0x0f, 0x53};

	(void)state;
	m.conf.nhosts = 2;
	raise_event(BIND_START);
	for (size_t i = 0; i < 3; i++) {
		raise_event(BIND_CONNECTED);
		receive(PDU_BIND_TRANSCEIVER_RESP, statuses[i], m.bind.sequence);
		assert_int_equal(m.bind.state, LINK_WAITING);
		assert_in_range(m.timer, 300000, 375000);
		raise_event(BIND_STATE_LATE);
		assert_string_equal(bind_host(&m.bind), "a");
	}
}

static void
silence_then_death(void **state)
{
	(void)state;
	to_bound();
	raise_event(BIND_SILENCE);
	assert_string_equal(take(), "send:enquire_link/0/2");
	assert_int_equal(m.silence, 60000);
	receive(PDU_ENQUIRE_LINK_RESP, 0, 2);
	assert_int_equal(m.silence, 30000);
	raise_event(BIND_SILENCE);
	take();
	receive(PDU_DELIVER_SM, 0, 9); /* anything is a sign of life */
	assert_string_equal(take(), "deliver:9");
	assert_int_equal(m.silence, 30000);
	raise_event(BIND_SILENCE);
	raise_event(BIND_SILENCE);
	assert_int_equal(m.bind.state, LINK_WAITING);
	assert_string_equal(m.bind.error, "no answer to enquire_link");
}

static void
no_enquiries_when_switched_off(void **state)
{
	(void)state;
	m.conf.enquire_seconds = 0;
	to_bound();
	assert_int_equal(m.silence, -1);
}

static void
drain(void **state)
{
	(void)state;
	to_bound();
	m.idle = false;
	raise_event(BIND_STOP);
	assert_string_equal(take(), "unbinding");
	receive(PDU_DELIVER_SM, 0, 9);
	assert_string_equal(take(), "send:deliver_sm_resp/100/9");
	receive(PDU_SUBMIT_SM_RESP, 0, 3);
	assert_string_equal(take(), "response:3");
	receive(PDU_ENQUIRE_LINK, 0, 10);
	assert_string_equal(take(), "send:enquire_link_resp/0/10");
	m.idle = true;
	raise_event(BIND_IDLE);
	assert_string_equal(take(), "send:unbind/0/2");
	raise_event(BIND_IDLE); /* once is enough */
	assert_string_equal(take(), "");
	receive(PDU_UNBIND_RESP, 0, 2);
	assert_string_equal(take(), "stopped close");
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CLOSED);
	assert_string_equal(take(), "");
	raise_event(BIND_START);
	assert_string_equal(take(), "connecting connect:a");
}

static void
drain_ends_by_itself(void **state)
{
	(void)state;
	to_bound();
	m.idle = false;
	raise_event(BIND_STOP);
	take();
	raise_event(BIND_STATE_LATE); /* the responses never came */
	assert_string_equal(take(), "send:unbind/0/2");
	raise_event(BIND_STATE_LATE); /* nor did that one */
	assert_string_equal(take(), "stopped close");
}

static void
stop_in_every_state(void **state)
{
	(void)state;
	raise_event(BIND_START);
	raise_event(BIND_STOP);
	assert_int_equal(m.bind.state, LINK_STOPPED);
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	raise_event(BIND_STOP);
	assert_int_equal(m.bind.state, LINK_STOPPED);
	raise_event(BIND_START);
	raise_event(BIND_CONNECT_FAILED);
	raise_event(BIND_STOP);
	assert_int_equal(m.bind.state, LINK_STOPPED);
	assert_int_equal(m.timer, -1);
	/* started again while it drains: it comes back */
	to_bound();
	raise_event(BIND_STOP);
	raise_event(BIND_START);
	receive(PDU_UNBIND_RESP, 0, m.bind.sequence);
	assert_int_equal(m.bind.state, LINK_WAITING);
}

static void
carrier_unbinds(void **state)
{
	(void)state;
	to_bound();
	receive(PDU_UNBIND, 0, 77);
	assert_string_equal(take(), "send:unbind_resp/0/77 unbinding waiting close");
	raise_event(BIND_STATE_LATE);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSCEIVER_RESP, 0, m.bind.sequence);
	take();
	m.idle = false;
	receive(PDU_UNBIND, 0, 78);
	assert_string_equal(take(), "send:unbind_resp/0/78 unbinding");
	receive(PDU_SUBMIT_SM_RESP, 0, 3);
	assert_string_equal(take(), "response:3");
	raise_event(BIND_IDLE);
	assert_string_equal(take(), "waiting close");
}

/* Both unbind at once. */
static void
crossing_unbinds(void **state)
{
	(void)state;
	to_bound();
	raise_event(BIND_STOP);
	assert_string_equal(take(), "unbinding send:unbind/0/2");
	receive(PDU_UNBIND, 0, 5);
	assert_string_equal(take(), "send:unbind_resp/0/5 stopped close");
}

static void
late_response_rebinds(void **state)
{
	(void)state;
	to_bound();
	m.idle = false;
	raise_event(BIND_RESPONSE_LATE);
	assert_string_equal(take(), "unbinding send:unbind/0/2");
	raise_event(BIND_RESPONSE_LATE);
	assert_string_equal(take(), "");
	receive(PDU_UNBIND_RESP, 0, 2);
	assert_string_equal(take(), "waiting close");
}

/* The state changes before the owner hears of it, so that it sends nothing more into this session. */
static void
broken_session_rebinds(void **state)
{
	static const struct {
		uint32_t command, status;
	} broken[] = {{PDU_SUBMIT_SM_RESP, 4}, {PDU_GENERIC_NACK, 2}, {PDU_GENERIC_NACK, 3}};

	for (size_t i = 0; i < 3; i++) {
		setup(state);
		to_bound();
		m.idle = false;
		receive(broken[i].command, broken[i].status, 3);
		assert_string_equal(take(), "unbinding send:unbind/0/2 response:3");
	}
	setup(state);
	to_bound();
	receive(PDU_SUBMIT_SM_RESP, 0x0b, 3); /* only this message */
	assert_string_equal(take(), "response:3");
}

static void
broken_frame(void **state)
{
	(void)state;
	to_bound();
	raise_event(BIND_BROKEN_FRAME);
	assert_string_equal(take(), "send:generic_nack/2/0 waiting close");
}

static void
refuses_by_name_and_sequence(void **state)
{
	struct pdu p = {.command = PDU_DELIVER_SM, .sequence = 8};

	(void)state;
	to_bound();
	bind_fsm(&m.bind, BIND_PDU, &p, PDU_BAD_BODY);
	assert_string_equal(take(), "send:deliver_sm_resp/2/8");
	bind_fsm(&m.bind, BIND_PDU, &p, PDU_BAD_OPTIONS);
	assert_string_equal(take(), "send:deliver_sm_resp/192/8");
	p.command = 0x10203;
	bind_fsm(&m.bind, BIND_PDU, &p, PDU_UNKNOWN);
	assert_string_equal(take(), "send:generic_nack/3/8");
	p.command = 0x80010203;
	bind_fsm(&m.bind, BIND_PDU, &p, PDU_GOOD);
	p.command = PDU_ALERT_NOTIFICATION;
	bind_fsm(&m.bind, BIND_PDU, &p, PDU_GOOD);
	p.command = PDU_OUTBIND;
	bind_fsm(&m.bind, BIND_PDU, &p, PDU_GOOD);
	assert_string_equal(take(), "");
}

static void
transmitter_takes_no_texts(void **state)
{
	(void)state;
	bind_init(&m.bind, &m.conf, PDU_BIND_TRANSMITTER, &ops, NULL);
	raise_event(BIND_START);
	raise_event(BIND_CONNECTED);
	receive(PDU_BIND_TRANSMITTER_RESP, 0, m.bind.sequence);
	take();
	receive(PDU_DELIVER_SM, 0, 8);
	assert_string_equal(take(), "send:deliver_sm_resp/4/8");
	assert_string_equal(bind_role(&m.bind), "transmitter");
}

/* A long random life: the checks are the asserts in the operations above, and that it can always be stopped. */
static void
any_event_in_any_state(void **state)
{
	static const uint32_t commands[] = {PDU_BIND_TRANSCEIVER_RESP, PDU_BIND_RECEIVER_RESP, PDU_ENQUIRE_LINK,
		PDU_ENQUIRE_LINK_RESP, PDU_UNBIND, PDU_UNBIND_RESP, PDU_DELIVER_SM, PDU_DATA_SM, PDU_SUBMIT_SM_RESP,
		PDU_GENERIC_NACK, PDU_SUBMIT_SM, PDU_OUTBIND, 0x12345};
	static const uint32_t statuses[] = {0, 0, 0, 2, 4, 5, 0x0e, 0x58, 0x400};

	(void)state;
	srandom(42);
	m.conf.nhosts = 2;
	for (int i = 0; i < 20000; i++) {
		enum bind_event e = (enum bind_event)(random() % BIND_EVENTS);
		bool connected =
			m.bind.state != LINK_STOPPED && m.bind.state != LINK_WAITING && m.bind.state != LINK_CONNECTING;

		take();
		m.now += random() % 4000;
		m.idle = random() % 2;
		if (e == BIND_CONNECTED && m.bind.state != LINK_CONNECTING)
			continue; /* what the socket never says */
		if ((e == BIND_PDU || e == BIND_BROKEN_FRAME) && !connected)
			continue;
		if (e == BIND_PDU)
			receive(
				commands[random() % 13], statuses[random() % 9], random() % 2 ? m.bind.sequence : (uint32_t)random());
		else
			raise_event(e);
		if (m.bind.state == LINK_WAITING || m.bind.state == LINK_STOPPED)
			assert_false(m.open);
		if (m.bind.state == LINK_WAITING || m.bind.state == LINK_CONNECTING || m.bind.state == LINK_UNBINDING)
			assert_true(m.timer >= 0); /* or it would stay there for ever */
	}
	raise_event(BIND_STOP);
	for (int i = 0; i < 3; i++)
		raise_event(BIND_STATE_LATE);
	assert_int_equal(m.bind.state, LINK_STOPPED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define bind_test(name) cmocka_unit_test_setup(name, setup)
		bind_test(starts_and_binds),
		bind_test(lenient_bind_response),
		bind_test(backoff_grows_to_its_limit),
		bind_test(backoff_begins_anew_after_a_stable_bind),
		bind_test(hosts_in_order),
		bind_test(bind_refused),
		bind_test(credentials_refused),
		bind_test(silence_then_death),
		bind_test(no_enquiries_when_switched_off),
		bind_test(drain),
		bind_test(drain_ends_by_itself),
		bind_test(stop_in_every_state),
		bind_test(carrier_unbinds),
		bind_test(crossing_unbinds),
		bind_test(late_response_rebinds),
		bind_test(broken_session_rebinds),
		bind_test(broken_frame),
		bind_test(refuses_by_name_and_sequence),
		bind_test(transmitter_takes_no_texts),
		bind_test(any_event_in_any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
