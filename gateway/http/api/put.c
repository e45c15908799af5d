/*
 * What programs bring: holders, licences and changes of the register, one as a JSON object or many as lines (NDJSON).
 * The program `huizhi import --lines` does it, as it does a bureau's CSV files: the rules have one owner, and a body of
 * many lines takes neither the daemon's time nor its memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <event2/buffer.h>
#include "gateway/command.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/log.h"

#define AT_ONCE 2  /* imports take turns in the database anyway */
#define WAITING 32 /* more than these are told to come again */

struct put {
	STAILQ_ENTRY(put) link;
	struct desk_call *c;
	struct gateway *g;
	const char *what; /* holders, licences, changes */
	bool one;		  /* a JSON object came: its result is the answer */
	char *body;
	size_t len;
};

/* Those that wait for their turn in this daemon. */
static STAILQ_HEAD(, put) waiting = STAILQ_HEAD_INITIALIZER(waiting);
static size_t nwaiting, running;

static void start_next(void);

static void
put_free(struct put *u)
{
	free(u->body);
	free(u);
}

/* The result of the one line that was sent. */
static void
answer_one(struct desk_call *c, char *text)
{
	text[strcspn(text, "\n")] = '\0';
	json_t *line = json_loads(text, 0, NULL), *faults = json_object_get(line, "faults");
	const char *result = json_string_value(json_object_get(line, "result"));

	if (result == NULL) {
		api_unavailable(c);
	} else if (strcmp(result, "refused") == 0) {
		char detail[400];
		json_t *first = json_array_get(faults, 0);
		const char *field = json_string_value(json_object_get(first, "field")),
				   *why = json_string_value(json_object_get(first, "detail"));
		snprintf(detail, sizeof(detail), "%s %s.", field == NULL ? "" : field, why == NULL ? "has faults" : why);
		api_refuse_with(c, "refused-rows", field == NULL || *field == '\0' ? NULL : field, detail + (detail[0] == ' '),
			json_pack("{s:O*}", "faults", faults));
	} else {
		json_object_del(line, "line");
		api_answer(c, strcmp(result, "added") == 0 ? 201 : 200, json_incref(line));
	}
	json_decref(line);
}

static void
on_done(void *arg, int code, struct evbuffer *out, struct evbuffer *err)
{
	struct put *u = arg;
	struct desk_call *c = u->c;
	size_t len = evbuffer_get_length(out);

	running--;
	/* The last line counts the others; without it nothing was imported. */
	(void)evbuffer_add(out, "", 1);
	(void)evbuffer_add(err, "", 1);
	char *text = (char *)evbuffer_pullup(out, -1), *why = (char *)evbuffer_pullup(err, -1);
	bool whole = text != NULL && (code == 0 || code == 1) && strstr(text, "{\"lines\":") != NULL;
	if (!whole) {
		log_warn("%s could not import %s: %.300s", c->actor, u->what, why == NULL ? "" : why);
		api_unavailable(c);
	} else if (u->one) {
		answer_one(c, text);
	} else {
		api_answer_text(c, 200, "application/x-ndjson", text, len);
	}
	put_free(u);
	start_next();
}

static void
start_next(void)
{
	struct put *u;

	while (running < AT_ONCE && (u = STAILQ_FIRST(&waiting)) != NULL) {
		const char *args[] = {"import", u->what, "-", "--lines", "--bureau", u->c->bureau->code, NULL};
		STAILQ_REMOVE_HEAD(&waiting, link);
		nwaiting--;
		if (u->c->r->ev != NULL && command_run(u->g, args, u->body, u->len, on_done, u) == 0) {
			running++;
			continue;
		}
		api_unavailable(u->c);
		put_free(u);
	}
}

static void
put(struct desk_call *c, const char *what)
{
	json_t *object = json_object_get(c->data, "body");
	struct put *u = nwaiting < WAITING ? calloc(1, sizeof(*u)) : NULL;

	if (u == NULL) {
		http_set_header(c->r, "Retry-After", "5");
		api_refuse(c, "unavailable", NULL,
			"Many imports wait already. Send many rows as lines (application/x-ndjson), or come again.");
		return;
	}
	u->c = c;
	u->g = c->r->g;
	u->what = what;
	u->one = object != NULL;
	if (u->one) {
		u->body = json_dumps(object, JSON_COMPACT);
		u->len = u->body == NULL ? 0 : strlen(u->body);
	} else {
		const char *lines = http_body_upto(c->r, API_LINES_MAX, &u->len);
		if (lines == NULL) {
			put_free(u);
			desk_free(c); /* too long; told already */
			return;
		}
		u->body = malloc(u->len + 1);
		if (u->body != NULL)
			memcpy(u->body, lines, u->len);
	}
	if (u->body == NULL) {
		put_free(u);
		api_unavailable(c);
		return;
	}
	STAILQ_INSERT_TAIL(&waiting, u, link);
	nwaiting++;
	start_next();
}

void
api_holder_put(struct desk_call *c)
{
	put(c, "holders");
}

void
api_licence_put(struct desk_call *c)
{
	put(c, "licences");
}

void
api_change_put(struct desk_call *c)
{
	put(c, "changes");
}
