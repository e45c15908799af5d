/*
 * The link against the pretend carrier and its faults: whatever the carrier does to the stream, every part is accepted
 * in the end, every receipt finds its part, and every text of a phone arrives whole.
 */
#include "tests/smpp/harness.h"
#include <event2/http.h>
#include "gateway/smpp/status.h"

#define MANY 300

/* A small sender above the link: what is not accepted is sent again. */
struct sender {
	struct harness h; /* first: the owner's functions of the harness take it */
	struct {
		enum {
			WAITING,
			OUT,
			DONE,
			FAILED
		} state;
		char key[72];
		int receipts;
	} part[MANY];
	int count, todo, done, receipts, uncertain, refused, strange;
	char early[MANY][72]; /* keys of receipts that came before the response */
	int nearly;
	const char *state; /* that receipts must tell */
	char http[64];
	struct {
		char *part[65]; /* by number; NULL = not here yet */
	} text;
	char whole[8192];
};

static void
pump(struct sender *s)
{
	char dest[24], text[32];

	for (int i = 0; i < s->count && link_room(s->h.link) > 0 && s->todo; i++) {
		struct link_part p = {
			.message_id = (uint64_t)i, .part = 1, .parts = 1, .source = "10690001", .dest = dest, .receipt = true};

		if (s->part[i].state != WAITING)
			continue;
		snprintf(dest, sizeof(dest), "+86139%08d", i);
		p.len = (size_t)snprintf(text, sizeof(text), "text %d", i);
		p.octets = (const uint8_t *)text;
		assert_int_equal(link_submit(s->h.link, &p), 0);
		s->part[i].state = OUT;
		s->todo--;
	}
}

static void
smsc_submitted(void *arg, struct link *l, const struct link_submitted *d)
{
	struct sender *s = arg;

	assert_int_equal(s->part[d->message_id].state, OUT);
	if (d->outcome == LINK_ACCEPTED) {
		s->part[d->message_id].state = DONE;
		link_carrier_key(l, d->carrier_id, s->part[d->message_id].key, sizeof(s->part[0].key));
		s->done++;
		for (int i = 0; i < s->nearly; i++)
			if (strcmp(s->early[i], s->part[d->message_id].key) == 0)
				s->receipts += s->part[d->message_id].receipts++ == 0;
		return;
	}
	s->uncertain += d->outcome == LINK_UNCERTAIN;
	s->refused += d->outcome == LINK_REFUSED;
	s->part[d->message_id].state = WAITING;
	s->todo++;
}

static void
smsc_deliver(void *arg, struct link *l, const struct link_deliver *d)
{
	struct sender *s = arg;

	link_answer(l, d->token, 0);
	if (d->is_receipt) {
		char phone[24] = "";
		int found = -1;

		for (int i = 0; i < s->count && found < 0; i++)
			if (s->part[i].state == DONE && strcmp(s->part[i].key, d->receipt_key) == 0)
				found = i;
		/* from the phone that the part went to: a response taken for another part's would show here */
		if (found >= 0)
			snprintf(phone, sizeof(phone), "86139%08d", found);
		if (found >= 0 && strcmp(d->source, phone) != 0)
			s->strange++;
		else if (strcmp(d->receipt_state, s->state) != 0 || s->nearly == MANY)
			s->strange++;
		else if (found < 0)
			snprintf(s->early[s->nearly++], sizeof(s->early[0]), "%s", d->receipt_key);
		else
			s->receipts += s->part[found].receipts++ == 0;
		return;
	}
	if (d->parts == 1) {
		note(&s->h, "text %s", d->text);
		return;
	}
	assert_in_range(d->part, 1, 64);
	free(s->text.part[d->part]);
	s->text.part[d->part] = strdup(d->text);
	for (int i = 1; i <= d->parts; i++)
		if (s->text.part[i] == NULL)
			return;
	s->whole[0] = '\0';
	for (int i = 1; i <= d->parts; i++) {
		strncat(s->whole, s->text.part[i], sizeof(s->whole) - strlen(s->whole) - 1);
		free(s->text.part[i]);
		s->text.part[i] = NULL;
	}
	note(&s->h, "whole %s", s->whole);
}

static void
smsc_state(void *arg, struct link *l, enum link_state old, enum link_state now, const char *why)
{
	(void)old;
	(void)l;
	note(arg, "state %s: %s", link_state_name(now), why);
}

static void
smsc_room(void *arg, struct link *l)
{
	(void)l;
	pump(arg);
}

static void
begin(struct sender *s)
{
	struct link_owner owner = {.arg = s,
		.on_state = smsc_state,
		.on_submitted = smsc_submitted,
		.on_deliver = smsc_deliver,
		.on_room = smsc_room};

	s->h.link = link_new(s->h.base, &s->h.conf, &owner);
	link_start(s->h.link);
}

/* faults: "NAME=VALUE" words, up to a NULL. The link comes with begin(), when the test has set it up. */
static struct sender *
with_faults(const char *const *faults)
{
	struct sender *s = calloc(1, sizeof(*s));
	char program[512];
	char *argv[32] = {program, "--quiet", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--seed", "1", "--fault",
		"receipt-delay=1", "--fault", "deliver-timeout=3600000"}; /* however slow we are, nothing comes twice */
	int n = 12;

	snprintf(program, sizeof(program), "%s/huizhi-smsc", getenv("B") ? getenv("B") : "build");
	for (; *faults; faults++) {
		argv[n++] = "--fault";
		argv[n++] = (char *)*faults;
	}
	signal(SIGPIPE, SIG_IGN);
	s->h.base = event_base_new();
	s->state = "DELIVRD";
	harness_conf(&s->h);
	carrier_start(&s->h, argv);
	s->h.port = (int)strtol(expect(&s->h, "smpp 127.0.0.1:") + 15, NULL, 10);
	snprintf(s->http, sizeof(s->http), "%s", expect(&s->h, "http ") + 5);
	host_set(&s->h, 0, s->h.port);
	return s;
}
#define WITH(...) with_faults((const char *const[]){__VA_ARGS__, NULL})

static void
sender_free(struct sender *s)
{
	harness_free(&s->h); /* frees s with it: h is its first member */
}

/* Run until so many parts are accepted and so many have their receipt. */
static void
send_all(struct sender *s, int count, int receipts)
{
	struct event *guard;

	s->count = s->todo = count;
	begin(s);
	patience(&s->h, &guard);
	while ((s->done < count || s->receipts < receipts) && !s->h.impatient)
		event_base_loop(s->h.base, EVLOOP_ONCE);
	event_free(guard);
	if (s->done < count || s->receipts < receipts)
		fail_msg("%d of %d parts accepted, %d of %d receipts, %d uncertain, %d refused, %d strange", s->done, count,
			s->receipts, receipts, s->uncertain, s->refused, s->strange);
	assert_int_equal(s->strange, 0);
}

static void
drain(struct sender *s)
{
	link_drain(s->h.link);
	expect(&s->h, "state stopped");
	sender_free(s);
}

static void
plain(void **state)
{
	struct sender *s = WITH("merged-writes=0");

	(void)state;
	send_all(s, MANY, MANY);
	assert_int_equal(s->uncertain + s->refused, 0);
	drain(s);
}

static void
writes_of_any_shape(void **state)
{
	struct sender *s = WITH("split-writes", "reorder=7");

	(void)state;
	send_all(s, 7, 7); /* an octet a millisecond: few parts are many writes */
	assert_int_equal(s->uncertain + s->refused, 0);
	drain(s);
	s = WITH("merged-writes=5");
	send_all(s, MANY, MANY);
	drain(s);
}

/* A receipt may be faster than the response that names its part. */
static void
receipts_before_responses(void **state)
{
	struct sender *s = WITH("receipts-before-responses=5", "duplicate-receipts=2");

	(void)state;
	send_all(s, 100, 100);
	assert_true(s->nearly > 0);
	drain(s);
}

static void
throttled(void **state)
{
	struct sender *s = WITH("throttle=60", "queue-full=45");

	(void)state;
	send_all(s, 100, 100);
	assert_true(s->refused > 0);
	drain(s);
}

static void
congested(void **state)
{
	struct sender *s = WITH("congestion=85", "error-body");

	(void)state;
	s->h.conf.window = 100;
	send_all(s, 12, 12); /* at its slowest, one a second */
	assert_int_equal(s->refused, 0);
	drain(s);
}

/* The connection goes every so often, with texts in flight, and in the middle of a PDU. */
static void
dropped(void **state)
{
	static const char *const drops[] = {"drop=90", "drop-bytes=2000", "drop-unanswered=50"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sender *s = WITH(drops[i], "no-receipts");

		s->h.conf.window = 10;
		send_all(s, MANY, 0);
		assert_true(s->uncertain > 0);
		sender_free(s);
	}
}

/* A length that lies: the stream is given up, never resynchronised, and nothing is taken for a PDU that is none. */
static void
lying_lengths(void **state)
{
	static const char *const lies[] = {"wrong-length=60", "huge-length=60"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sender *s = WITH(lies[i], "no-receipts");

		s->h.conf.window = 10;
		send_all(s, MANY, 0);
		assert_true(s->uncertain > 0);
		expect(&s->h, "state waiting: a length that cannot be");
		sender_free(s);
	}
}

static void
silent_carrier(void **state)
{
	struct sender *s = WITH("silent-submits");

	(void)state;
	s->h.conf.response_seconds = 1;
	s->count = s->todo = 5;
	begin(s);
	expect(&s->h, "state unbinding: a request was not answered in time");
	expect(&s->h, "state bound");
	assert_int_equal(s->done, 0);
	assert_true(s->uncertain > 0);
	sender_free(s);
}

static void
ids_and_receipts_of_every_style(void **state)
{
	static const char *const styles[][3] = {
		{"id-style=decimal", "receipt-id=same", "receipt-form=both"},
		{"id-style=decimal", "receipt-id=other", "receipt-form=text"},
		{"id-style=hex", "receipt-id=other", "receipt-form=both"},
		{"id-style=HEX", "receipt-id=other", "receipt-form=text"},
		{"id-style=HEX", "receipt-id=same", "receipt-form=tlv"},
		{"id-style=hex", "receipt-id=other-text", "receipt-form=both"},
		{"id-style=zeros", "receipt-id=same", "receipt-form=unmarked"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		struct sender *s = WITH(styles[i][0], styles[i][1], styles[i][2], "duplicate-receipts=2");

		send_all(s, 40, 40);
		drain(s);
	}
}

static void
states_of_receipts(void **state)
{
	static const char *const states[] = {"UNDELIV", "EXPIRED", "REJECTD", "DELETED", "ACCEPTD", "UNKNOWN"};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		char fault[64];
		struct sender *s;

		snprintf(fault, sizeof(fault), "receipt-state=*=%s", states[i]);
		s = WITH(fault);
		s->state = states[i];
		send_all(s, 5, 5);
		drain(s);
	}
}

static void
refused_bind(void **state)
{
	struct sender *s = WITH("refuse-bind=13");

	(void)state;
	begin(s);
	expect(&s->h, "state waiting: bind refused: bind failed (0x0d)");
	expect(&s->h, "state waiting: bind refused: bind failed (0x0d)");
	sender_free(s);
}

/* ---- Texts of phones --------------------------------------------------------------------------------------------- */

static void
on_sent(struct evhttp_request *r, void *arg)
{
	note(arg, "posted %d", r ? evhttp_request_get_response_code(r) : 0);
}

/* The phone writes, by the carrier's own interface. */
static void
phone_writes(struct sender *s, const char *text, const char *concat)
{
	struct evhttp_uri *uri = evhttp_uri_parse(s->http);
	struct evhttp_connection *c =
		evhttp_connection_base_new(s->h.base, NULL, evhttp_uri_get_host(uri), (uint16_t)evhttp_uri_get_port(uri));
	struct evhttp_request *r = evhttp_request_new(on_sent, s);

	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "localhost");
	evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type", "application/json");
	evbuffer_add_printf(evhttp_request_get_output_buffer(r), "{\"to\": \"10690001\", \"text\": \"%s\"%s%s%s}", text,
		concat ? ", \"concat\": \"" : "", concat ? concat : "", concat ? "\"" : "");
	evhttp_make_request(c, r, EVHTTP_REQ_POST, "/phones/13900000001/send");
	expect(&s->h, "posted 200");
	evhttp_connection_free(c);
	evhttp_uri_free(uri);
}

static void
texts_of_phones(void **state)
{
	static const char *const kinds[] = {"udh8", "udh16", "sar"};
	struct sender *s = WITH("split-writes");
	char text[1200] = "", latin[1200] = "";

	(void)state;
	for (int i = 0; i < 20; i++)
		strncat(text, "我想续期[]😀", sizeof(text) - strlen(text) - 1);
	for (int i = 0; i < 20; i++)
		strncat(latin, "Yes, please {} @ 5 p.m. ", sizeof(latin) - strlen(latin) - 1);
	begin(s);
	expect(&s->h, "state bound");
	phone_writes(s, "是", NULL);
	expect(&s->h, "text 是");
	phone_writes(s, "Y 1 3 @£€", NULL);
	expect(&s->h, "text Y 1 3 @£€");
	for (size_t i = 0; i < 3; i++) {
		phone_writes(s, text, kinds[i]);
		expect(&s->h, "whole ");
		assert_string_equal(s->whole, text);
		phone_writes(s, latin, kinds[i]);
		expect(&s->h, "whole ");
		assert_string_equal(s->whole, latin);
	}
	drain(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(writes_of_any_shape),
		cmocka_unit_test(receipts_before_responses),
		cmocka_unit_test(throttled),
		cmocka_unit_test(congested),
		cmocka_unit_test(dropped),
		cmocka_unit_test(lying_lengths),
		cmocka_unit_test(silent_carrier),
		cmocka_unit_test(ids_and_receipts_of_every_style),
		cmocka_unit_test(states_of_receipts),
		cmocka_unit_test(refused_bind),
		cmocka_unit_test(texts_of_phones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
