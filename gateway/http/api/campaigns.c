/*
 * Campaigns: lists, one with its progress, its report; made, started, paused, resumed and stopped by the program
 * `huizhi campaign`, which has their rules (the audience is counted, a second person asked for, the end computed).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/campaign_plan.h"
#include "gateway/command.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/log.h"
#include "store/pg.h"

/* ---- Reading ------------------------------------------------------------------------------------------------------
 */

static void
give_campaigns(struct desk_call *c)
{
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "campaigns"), i, row)
		campaign_end_add(c->r->g->conf, c->bureau, row);
	api_give_page(c, "campaigns", "id");
}

static void
gather_campaigns(void *arg)
{
	struct desk_call *c = arg;
	struct api_page page;

	if (!api_page(c, "campaigns", &page))
		return;
	struct pg_params *p = desk_params(c);
	api_page_params(p, &page);
	const struct desk_ask asks[] = {{"campaigns", STMT_CAMPAIGN_LIST, p, false}};
	desk_gather(c, asks, 1, give_campaigns);
}

void
api_campaigns(struct desk_call *c)
{
	figures_refresh_campaign(c->r->g->figures, c->bureau->id, 0, gather_campaigns, c);
}

static bool
is_there(struct desk_call *c)
{
	if (json_is_object(json_object_get(c->data, "campaign")))
		return true;
	api_refuse(c, "not-found", NULL, "This bureau has no such campaign; its number stands in the list.");
	return false;
}

static void
give_campaign(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign");

	if (!is_there(c))
		return;
	campaign_end_add(c->r->g->conf, c->bureau, row);
	api_answer(c, 200, json_incref(row));
}

/* The campaign of the path, then what else is asked for. */
static struct pg_params *
params(const struct desk_call *c, int64_t id)
{
	struct pg_params *p = desk_params(c);

	pg_param_int(p, id);
	return p;
}

static void
gather_campaign(void *arg)
{
	struct desk_call *c = arg;
	const struct desk_ask asks[] = {{"campaign", STMT_CAMPAIGN_SHOW, params(c, api_path_id(c, "campaign")), true}};

	desk_gather(c, asks, 1, give_campaign);
}

void
api_campaign(struct desk_call *c)
{
	int64_t id = api_path_id(c, "campaign");

	if (id >= 0)
		figures_refresh_campaign(c->r->g->figures, c->bureau->id, id, gather_campaign, c);
}

static void
give_report(struct desk_call *c)
{
	if (is_there(c))
		api_give_page(c, "phones", "id");
}

void
api_campaign_report(struct desk_call *c)
{
	struct api_page page;
	int64_t id;

	if (!api_page(c, "phones", &page) || (id = api_path_id(c, "campaign")) < 0)
		return;
	struct pg_params *p = params(c, id);
	pg_param_int(p, strtoll(page.after, NULL, 10));
	pg_param_int(p, page.limit + 1);
	const struct desk_ask asks[] = {
		{"campaign", STMT_CAMPAIGN_ROW, params(c, id), true}, {"phones", STMT_CAMPAIGN_REPORT, p, false}};
	desk_gather(c, asks, 2, give_report);
}

/* ---- Acts ---------------------------------------------------------------------------------------------------------
 */

struct doing {
	struct desk_call *c;
	bool made; /* a good answer shows the campaign whole */
};

static void
give_made(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign");

	if (!is_there(c))
		return;
	campaign_end_add(c->r->g->conf, c->bureau, row);
	api_answer(c, 201, json_incref(row));
}

/* The first line that is no warning, without the program's name. */
static void
reason_of(const char *text, char *out, size_t room)
{
	snprintf(out, room, "It was refused.");
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		if (strncmp(text, "huizhi: ", 8) == 0 && strncmp(text + 8, "warning: ", 9) != 0) {
			snprintf(out, room, "%.*s", (int)(len - 8), text + 8);
			return;
		}
		text += len + (text[len] == '\n');
	}
}

static void
on_done(void *arg, int code, struct evbuffer *out, struct evbuffer *err)
{
	struct doing *d = arg;
	struct desk_call *c = d->c;
	char why[400];

	(void)evbuffer_add(err, "", 1);
	size_t len = evbuffer_get_length(out);
	const char *said = (const char *)evbuffer_pullup(err, -1), *text = (const char *)evbuffer_pullup(out, -1);
	json_t *object = code == 0 && text != NULL ? json_loadb(text, len, 0, NULL) : NULL;
	reason_of(said == NULL ? "" : said, why, sizeof(why));
	if (object != NULL && d->made) {
		const struct desk_ask asks[] = {
			{"campaign", STMT_CAMPAIGN_SHOW, params(c, json_integer_value(json_object_get(object, "id"))), true}};
		json_decref(object);
		desk_gather(c, asks, 1, give_made);
	} else if (object != NULL) {
		json_object_del(object, "bureau");
		api_answer(c, 200, object);
	} else if (code == 2) {
		api_refuse(c, "invalid-field", NULL, why);
	} else if (code == 1 && strstr(why, "has no campaign") != NULL) {
		api_refuse(c, "not-found", NULL, why);
	} else if (code == 1 && strncmp(why, "could not", 9) != 0 && strncmp(why, "the database", 12) != 0) {
		api_refuse(c, "conflict", NULL, why);
	} else {
		log_warn("%s could not do it with a campaign: %s", c->actor, why);
		api_unavailable(c);
	}
	free(d);
}

static void
run(struct desk_call *c, const char *const *args, bool made)
{
	struct doing *d = calloc(1, sizeof(*d));

	if (d != NULL) {
		d->c = c;
		d->made = made;
	}
	if (d == NULL || command_run(c->r->g, args, NULL, 0, on_done, d) != 0) {
		free(d);
		api_unavailable(c);
	}
}

/* Options with their values, then the word behind them. */
struct words {
	const char *list[24];
	size_t n;
};

static void
begin(struct words *w, const struct desk_call *c, const char *act)
{
	const char *const first[] = {"--json", "campaign", act, "--bureau", c->bureau->code, "--staff", c->actor};

	memcpy(w->list, first, sizeof(first));
	w->n = sizeof(first) / sizeof(first[0]);
}

static void
option(struct words *w, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	w->list[w->n++] = name;
	w->list[w->n++] = value;
}

static void
number(struct words *w, const struct desk_call *c, const char *member, const char *name, char room[24])
{
	json_t *value = json_object_get(json_object_get(c->data, "body"), member);

	if (!json_is_integer(value))
		return;
	snprintf(room, 24, "%" PRId64, (int64_t)json_integer_value(value));
	option(w, name, room);
}

static void
end(struct words *w, const char *word)
{
	w->list[w->n++] = "--"; /* what looks like an option is none behind it */
	w->list[w->n++] = word;
	w->list[w->n] = NULL;
}

void
api_campaign_create(struct desk_call *c)
{
	static const char *const names[] = {
		"s:name!", "s:item", "s:tag", "s:language", "s:date", "i:rate", "i:canary", NULL};
	struct words w;
	char rate[24], canary[24];

	if (!api_body_check(c, names))
		return;
	if (*api_text(c, "name") == '\0' || strlen(api_text(c, "name")) > 200) {
		api_refuse(c, "invalid-field", "name", "name has 1 to 200 octets.");
		return;
	}
	begin(&w, c, "create");
	option(&w, "--item", api_text(c, "item"));
	option(&w, "--tag", api_text(c, "tag"));
	option(&w, "--language", api_text(c, "language"));
	option(&w, "--date", api_text(c, "date"));
	number(&w, c, "rate", "--rate", rate);
	number(&w, c, "canary", "--canary", canary);
	end(&w, api_text(c, "name"));
	run(c, w.list, true);
}

static void
move(struct desk_call *c, const char *act, const char *at)
{
	int64_t id = api_path_id(c, "campaign");
	struct words w;

	if (id < 0)
		return;
	begin(&w, c, act);
	option(&w, "--at", at);
	end(&w, c->r->params.values[0]);
	run(c, w.list, false);
}

void
api_campaign_start(struct desk_call *c)
{
	static const char *const names[] = {"s:at", NULL};

	if (api_body_check(c, names))
		move(c, "start", api_text(c, "at"));
}

static const char *const nothing[] = {NULL};

void
api_campaign_pause(struct desk_call *c)
{
	if (api_body_check(c, nothing))
		move(c, "pause", NULL);
}

void
api_campaign_resume(struct desk_call *c)
{
	if (api_body_check(c, nothing))
		move(c, "resume", NULL);
}

void
api_campaign_stop(struct desk_call *c)
{
	if (api_body_check(c, nothing))
		move(c, "stop", NULL);
}
