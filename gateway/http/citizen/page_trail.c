/* Everything that happened to the citizen's applications, as the trail has it: when, who, what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/log.h"
#include "store/grant.h"
#include "store/pg.h"

struct trail_page {
	struct visit *v;
	json_t *events;
};

/* Staff are named by their office, as on every letter; the rest by what they are. */
static const char *
who(const char *actor)
{
	return strcmp(actor, "citizen") == 0		 ? "who.citizen"
		   : strncmp(actor, "staff:", 6) == 0	 ? "who.staff"
		   : strncmp(actor, "platform:", 9) == 0 ? "who.platform"
		   : strcmp(actor, "rule") == 0			 ? "who.rule"
												 : "who.system";
}

static void
on_trail(void *arg, int index, const PGresult *res)
{
	struct trail_page *t = arg;
	const struct html *html = t->v->r->server->o.html;

	(void)index;
	for (int i = 0; res != NULL && i < PQntuples(res); i++) {
		const char *kind = PQgetvalue(res, i, 1);
		char word[64];

		snprintf(word, sizeof(word), "did.%s", kind);
		if (!html_has_word(html, word))
			continue; /* the machine's own steps between the citizen's */
		json_array_append_new(t->events,
			json_pack("{s:s, s:s, s:s, s:s, s:s}", "at", PQgetvalue(res, i, 0), "what", word, "who",
				who(PQgetvalue(res, i, 2)), "item", PQgetvalue(res, i, strcmp(t->v->language, "zh") == 0 ? 3 : 4),
				"detail", PQgetvalue(res, i, 5)));
	}
}

static void
on_trail_end(void *arg, const char *error, const char *sqlstate)
{
	struct trail_page *t = arg;
	struct visit *v = t->v;
	char back[ROUTER_PARAM_MAX + 8];

	if (error != NULL) {
		log_warn("bureau=%s could not load a trail: %s sqlstate=%s", v->bureau->code, error, sqlstate);
		http_reply_error(v->r, 503);
		json_decref(t->events);
	} else {
		snprintf(back, sizeof(back), "/r/%s", v->r->params.values[0]);
		http_reply_page(v->r, 200, "trail", v->language,
			json_pack("{s:o, s:s, s:o}", "events", t->events, "back", back, "bureau", model_bureau(v->bureau)));
	}
	visit_free(v);
	free(t);
}

static void
show(struct visit *v)
{
	char page[ROUTER_PARAM_MAX + 8];
	struct trail_page *t = v->proven ? calloc(1, sizeof(*t)) : NULL;

	if (t == NULL) {
		snprintf(page, sizeof(page), "/r/%s", v->r->params.values[0]);
		http_reply_see(v->r, page);
		visit_free(v);
		return;
	}
	t->v = v;
	t->events = json_array();
	struct pg_params *p = pg_params_new();
	pg_param_int(p, v->bureau->id);
	pg_param_int(p, v->view->conversation_id);
	if (pg_run(v->r->g->pg_side, STMT_GRANT_TRAIL, p, t, on_trail, on_trail_end) != 0)
		on_trail_end(t, "not connected", "");
	pg_params_free(p);
}

void
page_trail(struct http_request *r)
{
	visit_open(r, show);
}
