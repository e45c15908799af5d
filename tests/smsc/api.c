/* The control API: phones and their texts, faults, sessions, counters, scripts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "tests/smsc/http.h"

enum {
	PAGE = 50,
	PAGE_MOST = 1000
};

json_t *
api_text_json(const struct phone *ph, const struct text *t)
{
	char at[32];

	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:I, s:s, s:b}", "n", (json_int_t)t->n,
		"phone", ph->number, "direction", t->to_phone ? "received" : "sent", "from",
		t->to_phone ? t->other : ph->number, "to", t->to_phone ? ph->number : t->other, "text", t->body, "parts",
		t->parts, "length", (int)utf8_count(t->body), "encoding", alphabet_name(t->alphabet), "time",
		clock_text(t->at_us, at), "time_us", (json_int_t)t->at_us, "state", text_state_name(t->state), "shown",
		text_shows(t->state));
}

/* GET /phones?q=138&after=+8613800000001&limit=50 : newest first; after = the last number of the page before. */
void
api_phones(struct call *c)
{
	int64_t limit = http_query_number(c, "limit", PAGE, PAGE_MOST);
	const char *q = http_query(c, "q"), *after = http_query(c, "after");
	char number[NUMBER_ROOM];
	struct phone *ph = TAILQ_FIRST(phones_by_age(c->carrier->phones));

	if (limit < 0)
		return;
	q += q[0] == ' ' ? 1 : 0;
	after += after[0] == ' ' ? 1 : 0;
	if (after[0] != '\0') {
		struct phone *last = number_normalise(after, number) == 0 ? phones_find(c->carrier->phones, number) : NULL;
		if (last == NULL) {
			http_reply_error(c->request, 400, "after is no number of the page before");
			return;
		}
		ph = TAILQ_NEXT(last, by_age);
	}
	json_t *list = json_array();
	for (; ph != NULL && json_array_size(list) < (size_t)limit; ph = TAILQ_NEXT(ph, by_age)) {
		if (q[0] != '\0' && strstr(ph->number, q) == NULL)
			continue;
		const struct text *t = ph->ntexts > 0 ? ph->texts[ph->ntexts - 1] : NULL;
		json_t *o = json_pack("{s:s, s:i, s:i, s:s}", "phone", ph->number, "messages", (int)ph->ntexts, "unfinished",
			(int)ph->nunfinished, "code", ph->code);
		if (t != NULL)
			json_object_set_new(o, "latest", api_text_json(ph, t));
		json_array_append_new(list, o);
	}
	http_reply_json(c->request, 200,
		json_pack("{s:I, s:b, s:o}", "count", (json_int_t)phones_count(c->carrier->phones), "more", ph != NULL,
			"phones", list));
}

static json_t *
unfinished_json(const struct phone *ph)
{
	json_t *list = json_array();
	const struct unfinished *u;
	char at[32];

	TAILQ_FOREACH (u, &ph->unfinished, next) {
		json_t *missing = json_array();
		for (int i = 0; i < u->total; i++)
			if (u->part[i] == NULL)
				json_array_append_new(missing, json_integer(i + 1));
		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:i, s:s, s:o}", "from", u->other, "concat",
										concat_name(u->kind), "reference", u->reference, "parts", u->total, "have",
										u->have, "time", clock_text(u->at_us, at), "missing", missing));
	}
	return list;
}

/* GET /phones/+86138.../messages?before=N&limit=50 : newest first; an unknown phone has no texts. */
void
api_phone_messages(struct call *c)
{
	int64_t limit = http_query_number(c, "limit", PAGE, PAGE_MOST);
	int64_t before = limit < 0 ? -1 : http_query_number(c, "before", INT64_MAX, INT64_MAX);
	const struct phone *ph = phones_find(c->carrier->phones, c->number);
	json_t *list;

	if (before < 0)
		return;
	list = json_array();
	for (unsigned i = ph != NULL ? ph->ntexts : 0; i > 0 && json_array_size(list) < (size_t)limit; i--)
		if (ph->texts[i - 1]->n < (uint64_t)before)
			json_array_append_new(list, api_text_json(ph, ph->texts[i - 1]));
	http_reply_json(c->request, 200,
		json_pack("{s:s, s:s, s:I, s:o, s:o}", "phone", c->number, "code", ph != NULL ? ph->code : "", "cursor",
			(json_int_t)phones_cursor(c->carrier->phones), "messages", list, "unfinished",
			ph != NULL ? unfinished_json(ph) : json_array()));
}

/* A text of the object, "" when absent; NULL when it is there and something else. */
static const char *
text_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return v == NULL ? "" : json_string_value(v);
}

/* POST /phones/+86138.../send {"text": "Y", "to": "10690001", "encoding": "auto", "concat": "udh8"} */
void
api_phone_send(struct call *c)
{
	const char *why = NULL;
	json_t *o = http_body_json(c);

	if (o == NULL)
		return;
	const char *text = text_of(o, "text"), *to = text_of(o, "to"), *encoding = text_of(o, "encoding"),
			   *concat = text_of(o, "concat");
	int how = concat != NULL ? concat_by_name(concat) : -1;
	if (json_object_get(o, "text") == NULL || text == NULL || to == NULL || encoding == NULL || strlen(to) > 20)
		why = "text, to, encoding and concat are texts; text must be there; to has at most 20 characters";
	else if (how < 0)
		why = "concat is one of udh8, udh16, sar";
	struct phone *ph = why == NULL ? phones_get(c->carrier->phones, c->number) : NULL;
	if (why == NULL && ph == NULL)
		why = "there are too many phones";
	struct text *t = why == NULL ? mobile_send(c->carrier, ph, to, text, encoding, (enum concat)how, &why) : NULL;
	if (t == NULL)
		http_reply_error(c->request, 400, "%s", why);
	else
		http_reply_json(c->request, 200, api_text_json(ph, t));
	json_decref(o);
}

/* GET /faults : every switch with its value now. */
void
api_faults(struct call *c)
{
	const struct faults *f = &c->carrier->faults;
	json_t *o = json_object();

	for (int i = 0; i < FAULT_COUNT; i++) {
		char value[FAULT_PATTERNS_ROOM];
		json_t *v = fault_table[i].kind == FAULT_NUMBER ? json_integer(f->number[i])
					: fault_table[i].kind == FAULT_SWITCH
						? json_boolean(f->number[i] != 0)
						: json_string(faults_get(f, (enum fault)i, value, sizeof(value)));
		json_object_set_new(o, fault_table[i].name, v);
	}
	http_reply_json(c->request, 200, o);
}

/* A JSON value in the words of the command line; NULL when it cannot be one. */
static const char *
fault_value(const json_t *v, char *out, size_t room)
{
	if (json_is_integer(v))
		snprintf(out, room, "%lld", (long long)json_integer_value(v));
	else if (json_is_true(v))
		out[0] = '\0';
	else if (json_is_false(v) || json_is_null(v))
		snprintf(out, room, "off");
	else
		return json_string_value(v);
	return out;
}

/* POST /faults {"throttle": 5, "silence": true, "drop": null} ; {"reset": true} puts everything back first. */
void
api_set_faults(struct call *c)
{
	json_t *o = http_body_json(c);
	const char *name;
	json_t *v;
	char why[256] = "", room[32];

	if (o == NULL)
		return;
	if (json_is_true(json_object_get(o, "reset")))
		faults_clear(&c->carrier->faults);
	json_object_del(o, "reset");
	json_object_foreach (o, name, v) {
		const char *value = fault_value(v, room, sizeof(room));
		if (value == NULL)
			snprintf(why, sizeof(why), "%.40s is a number, a text, true, false or null", name);
		if (value == NULL || faults_set(&c->carrier->faults, name, value, why, sizeof(why)) != 0)
			break;
	}
	json_decref(o);
	sessions_hear(c->carrier);
	if (why[0] != '\0')
		http_reply_error(c->request, 400, "%s", why);
	else
		api_faults(c);
}

/* GET /sessions : connections, and what waits for each system_id. */
void
api_sessions(struct call *c)
{
	json_t *sessions = json_array(), *queues = json_array();
	const struct session *s;
	const struct queue *q;
	char at[32];
	static const char *const states[] = {"open", "bound", "unbinding", "dead"};

	TAILQ_FOREACH (s, &c->carrier->sessions, next)
		json_array_append_new(
			sessions, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:b}", "id", (int)s->id, "system_id",
						  s->queue != NULL ? s->queue->system_id : "", "mode", s->mode, "state", states[s->state],
						  "peer", s->peer, "since", clock_text(s->since_us, at), "in_flight", (int)s->window,
						  "received", (json_int_t)s->pdus_in, "sent", (json_int_t)s->pdus_out, "deaf", s->deaf));
	TAILQ_FOREACH (q, &c->carrier->queues, next)
		json_array_append_new(
			queues, json_pack("{s:s, s:I, s:i, s:I}", "system_id", q->system_id, "waiting", (json_int_t)q->count,
						"receivers", (int)q->receivers, "dropped", (json_int_t)q->dropped));
	http_reply_json(c->request, 200,
		json_pack("{s:o, s:o, s:I}", "sessions", sessions, "queues", queues, "homeless",
			(json_int_t)c->carrier->nobody.count));
}

/* POST /sessions/drop {"system_id": "huizhi", "id": 3, "how": "close"} : all of them without a choice; how: close,
 * unbind. */
void
api_drop_sessions(struct call *c)
{
	json_t *o = http_body_json(c);
	struct session *s, *next;
	int n = 0;

	if (o == NULL)
		return;
	const char *name = text_of(o, "system_id"), *how = text_of(o, "how");
	json_int_t id = json_integer_value(json_object_get(o, "id"));
	if (name == NULL || how == NULL || (how[0] != '\0' && strcmp(how, "close") != 0 && strcmp(how, "unbind") != 0)) {
		http_reply_error(c->request, 400, "how is close or unbind; system_id is a text; id is a number");
		json_decref(o);
		return;
	}
	for (s = TAILQ_FIRST(&c->carrier->sessions); s != NULL; s = next) {
		next = TAILQ_NEXT(s, next);
		if ((id != 0 && id != s->id) ||
			(name[0] != '\0' && (s->queue == NULL || strcmp(name, s->queue->system_id) != 0)))
			continue;
		if (strcmp(how, "unbind") == 0)
			session_unbind(s);
		else
			session_close(s, "dropped by hand");
		n++;
	}
	json_decref(o);
	http_reply_json(c->request, 200, json_pack("{s:i}", "dropped", n));
}

/* POST /outbind {"to": "127.0.0.1:2776", "system_id": "carrier", "password": ""} : calls an ESME that listens. */
void
api_outbind(struct call *c)
{
	json_t *o = http_body_json(c);
	const char *why = "to, system_id and password are texts";

	if (o == NULL)
		return;
	const char *to = text_of(o, "to"), *name = text_of(o, "system_id"), *password = text_of(o, "password");
	if (to != NULL && name != NULL && password != NULL && session_outbind(c->carrier, to, name, password, &why) == 0)
		http_reply_json(c->request, 200, json_pack("{s:s}", "called", to));
	else
		http_reply_error(c->request, 400, "%s", why);
	json_decref(o);
}

void
api_stats(struct call *c)
{
	const struct carrier_stats *s = &c->carrier->stats;
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"submits", s->submits},
		{"accepted", s->accepted},
		{"refused", s->refused},
		{"texts", s->texts},
		{"receipts", s->receipts},
		{"mo_texts", s->mo_texts},
		{"deliver_sm", s->deliver_sm},
		{"delivered", s->delivered},
		{"redelivered", s->redelivered},
		{"lost", s->lost},
		{"nacks", s->nacks},
		{"phones", phones_count(c->carrier->phones)},
		{"later", later_count(c->carrier->later)},
		{"waiting", c->http->nwaiters},
		{"cursor", phones_cursor(c->carrier->phones)},
		{"record_cursor", record_cursor(c->carrier->record)},
	};
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_set_new(o, rows[i].name, json_integer((json_int_t)rows[i].value));
	http_reply_json(c->request, 200, o);
}

/* POST /script : the body is a script; it takes the place of the one before. */
void
api_script(struct call *c)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(c->request);
	size_t len = evbuffer_get_length(in);
	char why[256] = "could not get memory";
	char *text = calloc(1, len + 1);
	struct script *s = NULL;

	if (text != NULL) {
		evbuffer_copyout(in, text, len);
		s = script_parse("script", text, why, sizeof(why));
	}
	free(text);
	if (s == NULL) {
		http_reply_error(c->request, 400, "%s", why);
		return;
	}
	mobile_set_script(c->carrier, s);
	http_reply_json(c->request, 200, json_pack("{s:i}", "rules", (int)s->count));
}
