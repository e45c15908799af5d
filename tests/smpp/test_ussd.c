/*
 * The link and the pretend carrier speak USSD with each other in all seven ways; each side has its own tables. A
 * session that a phone dials, one that is pushed, a note, and every end.
 */
#include "tests/smpp/harness.h"
#include <event2/http.h>
#include "gateway/conf.h"
#include "gateway/smpp/ussd.h"

struct world {
	struct harness h; /* first: the harness' functions take it */
	char http[64];
	struct conf *conf;
	char session[64], state[64]; /* of what was heard last */
};

static void
on_heard(void *arg, struct link *l, const struct link_deliver *d)
{
	static const char *const events[] = {"none", "dial", "input", "noticed", "released"};
	struct world *w = arg;

	link_answer(l, d->token, 0);
	if (!d->ussd) {
		note(&w->h, "text %s", d->text);
		return;
	}
	snprintf(w->session, sizeof(w->session), "%s", d->ussd->session);
	snprintf(w->state, sizeof(w->state), "%s", d->ussd->state);
	note(&w->h, "%s code=%s text=%s ended=%d reason=%s", events[d->ussd->event], d->ussd->code,
		d->ussd->event == USSD_DIAL ? "" : d->text, d->ussd->ended, d->ussd->reason);
}

static void
on_replied(struct evhttp_request *r, void *arg)
{
	struct evbuffer *in = r ? evhttp_request_get_input_buffer(r) : NULL;
	char body[2048] = "";

	if (in)
		evbuffer_remove(in, body, sizeof(body) - 1);
	body[strcspn(body, "\n")] = '\0';
	note(arg, "http %d %s", r ? evhttp_request_get_response_code(r) : 0, body);
}

/* Asks the carrier's own interface; the answer's line, valid until the next one. */
static char *
ask(struct world *w, enum evhttp_cmd_type method, const char *path, const char *body)
{
	struct evhttp_uri *uri = evhttp_uri_parse(w->http);
	struct evhttp_connection *c =
		evhttp_connection_base_new(w->h.base, NULL, evhttp_uri_get_host(uri), (uint16_t)evhttp_uri_get_port(uri));
	struct evhttp_request *r = evhttp_request_new(on_replied, w);
	char *line;

	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "localhost");
	evbuffer_add(evhttp_request_get_output_buffer(r), body, strlen(body));
	evhttp_make_request(c, r, method, path);
	line = expect(&w->h, "http 200");
	evhttp_connection_free(c);
	evhttp_uri_free(uri);
	return line;
}

static void
phone_does(struct world *w, const char *what, const char *body)
{
	char path[64];

	snprintf(path, sizeof(path), "/phones/8613900000001/%s", what);
	ask(w, EVHTTP_REQ_POST, path, body);
}

static void
assert_screen(struct world *w, const char *text, const char *state)
{
	char want[128];
	char *line = ask(w, EVHTTP_REQ_GET, "/phones/8613900000001/ussd", "");

	snprintf(want, sizeof(want), "\"text\":\"%s\"", text);
	if (!strstr(line, want))
		fail_msg("no %s in %s", want, line);
	snprintf(want, sizeof(want), "\"state\":\"%s\"", state);
	if (!strstr(line, want))
		fail_msg("no %s in %s", want, line);
}

/* What the conversation says; the outcome's line. */
static void
say(struct world *w, enum ussd_say what, bool pushed, const char *text, const char *outcome)
{
	bool push = what == USSD_PUSH_MENU || what == USSD_PUSH_NOTE;
	struct ussd_out out = {
		.say = what, .session = push ? "" : w->session, .state = push ? "" : w->state, .code = "", .pushed = pushed};
	struct link_part p = {.message_id = 7,
		.part = 1,
		.parts = 1,
		.attempt = 1,
		.source = "123",
		.dest = "+8613900000001",
		.octets = (const uint8_t *)text,
		.len = strlen(text),
		.receipt = true,
		.ussd = &out};

	assert_int_equal(link_submit(w->h.link, &p), 0);
	expect(&w->h, "%s", outcome);
}

static struct world *
begin(const char *profile)
{
	struct world *w = calloc(1, sizeof(*w));
	char program[512], fault[64], set[64],
		*argv[] = {program, "--quiet", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--seed", "1", "--fault",
			fault, NULL};
	struct link_owner owner = {.arg = w,
		.on_state = owner_state,
		.on_submitted = owner_submitted,
		.on_deliver = on_heard,
		.on_room = owner_room};
	FILE *none = fopen("/dev/null", "w");

	snprintf(program, sizeof(program), "%s/huizhi-smsc", getenv("B") ? getenv("B") : "build");
	snprintf(fault, sizeof(fault), "ussd-profile=%s", profile);
	signal(SIGPIPE, SIG_IGN);
	w->h.base = event_base_new();
	w->conf = conf_load("conf/minimal.conf", none);
	fclose(none);
	assert_non_null(w->conf);
	harness_conf(&w->h);
	struct ussd_profile *made = calloc(1, sizeof(*made));
	const char *key;
	assert_int_equal(ussd_profile_make(conf_profile_by_name(w->conf, profile), made, &key, set, sizeof(set)), 0);
	w->h.conf.ussd_profile = made;
	carrier_start(&w->h, argv);
	w->h.port = (int)strtol(expect(&w->h, "smpp 127.0.0.1:") + 15, NULL, 10);
	snprintf(w->http, sizeof(w->http), "%s", expect(&w->h, "http ") + 5);
	host_set(&w->h, 0, w->h.port);
	w->h.link = link_new(w->h.base, &w->h.conf, &owner);
	link_start(w->h.link);
	expect(&w->h, "state bound");
	return w;
}

static void
end(struct world *w)
{
	struct ussd_profile *made = (struct ussd_profile *)w->h.conf.ussd_profile;
	struct conf *conf = w->conf;

	link_drain(w->h.link);
	expect(&w->h, "state stopped");
	harness_free(&w->h); /* frees w with it */
	conf_free(conf);
	free(made);
}

#define ACCEPTED "submitted 7 1/1 accepted"
#define REFUSED "submitted 7 1/1 refused"

static void
every_way(void **state)
{
	static const struct {
		const char *profile, *hung_up; /* what the hang-up is called; NULL: nobody tells */
	} ways[] = {{"standard", "ended by the network"}, {"tata", "ended by the network"},
		{"6d", "hung up by the citizen"}, {"mica", "released by the network"}, {"smpp+", "released by the network"},
		{"glo", "hung up by the citizen"}, {"huawei", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct world *w = begin(ways[i].profile);
		char session[64];

		/* Dialled: two menus and an end. */
		phone_does(w, "dial", "{\"code\": \"*123#\"}");
		expect(&w->h, "dial code=*123# text= ended=0 reason=");
		snprintf(session, sizeof(session), "%s", w->session);
		say(w, USSD_MENU, false, "1 Yes", ACCEPTED);
		assert_screen(w, "1 Yes", "menu");
		phone_does(w, "answer", "{\"text\": \"1\"}");
		expect(&w->h, "input code= text=1 ended=0 reason=");
		assert_string_equal(w->session, session);
		say(w, USSD_MENU, false, "2 Sure?", ACCEPTED);
		phone_does(w, "answer", "{\"text\": \"\u662f\"}");
		expect(&w->h, "input code= text=\u662f ended=0 reason=");
		assert_string_equal(w->session, session);
		say(w, USSD_END, false, "Done", ACCEPTED);
		assert_screen(w, "Done", "over");
		say(w, USSD_MENU, false, "late", strcmp(ways[i].profile, "huawei") == 0 ? ACCEPTED : REFUSED);

		/* Hung up in the middle; then what is said comes too late. */
		phone_does(w, "dial", "{\"code\": \"*123#\"}");
		expect(&w->h, "dial code=*123#");
		say(w, USSD_MENU, false, "1 Yes", ACCEPTED);
		phone_does(w, "hangup", "{}");
		if (ways[i].hung_up) {
			expect(&w->h, "released code= text= ended=1 reason=%s", ways[i].hung_up);
			say(w, USSD_END, false, "late", REFUSED);
		}
		/* Pushed: a menu, its answer, the end; and a note. */
		say(w, USSD_PUSH_MENU, true, "Renew?", ACCEPTED);
		assert_screen(w, "Renew?", "menu");
		phone_does(w, "answer", "{\"text\": \"Y\"}");
		expect(&w->h, "input code= text=Y ended=0 reason=");
		say(w, USSD_END, true, "Thanks", ACCEPTED);
		assert_screen(w, "Thanks", "over");
		say(w, USSD_PUSH_NOTE, true, "Noted", ACCEPTED);
		assert_screen(w, "Noted", "note");
		phone_does(w, "answer", "{}");
		expect(&w->h, "noticed code= text= ended=0 reason=");
		/* Let go without a text. */
		phone_does(w, "dial", "{\"code\": \"*123#\"}");
		expect(&w->h, "dial code=*123#");
		say(w, USSD_RELEASE, false, "", ACCEPTED);
		assert_screen(w, "", "over");
		end(w);
	}
}

/* A link whose ussd is "none" says so at once: the citizen is not left before an empty screen. */
static void
a_link_without_ussd(void **state)
{
	struct world *w = begin("standard");
	struct ussd_profile *made = (struct ussd_profile *)w->h.conf.ussd_profile;

	(void)state;
	w->h.conf.ussd_profile = NULL;
	phone_does(w, "dial", "{\"code\": \"*123#\"}");
	/* Version 1 is the dialling, 2 the refusal. */
	assert_non_null(
		strstr(ask(w, EVHTTP_REQ_GET, "/phones/8613900000001/ussd?after=1&wait=20", ""), "refused it with 0x15"));
	say(w, USSD_PUSH_MENU, true, "Renew?", REFUSED);
	w->h.conf.ussd_profile = made;
	end(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way),
		cmocka_unit_test(a_link_without_ussd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
