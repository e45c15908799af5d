/* The habits of carriers: read at the start, written when a link has learnt more. */
#include "gateway/habits.h"

#include <string.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/smpp/link.h"
#include "store/pg.h"
#include "store/turn.h"

#define ENOUGH 1000 /* meetings of one reading; from then on it is told when they have doubled */

static struct link *
link_named(const struct gateway *g, const char *name)
{
	for (size_t i = 0; i < g->conf->nlinks; i++) {
		if (strcmp(link_name(g->links[i]), name) == 0)
			return g->links[i];
	}
	return NULL;
}

int
habits_load(struct gateway *g, struct pg *pg, const char **error)
{
	struct pg_params *p = pg_params_new();
	PGresult *res = pg_run_wait(pg, STMT_LINK_HABITS, p, error);

	pg_params_free(p);
	if (res == NULL)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		struct link *l = link_named(g, store_text(res, i, 0));
		uint32_t met[LINK_HABITS];

		for (int k = 0; k < LINK_HABITS; k++)
			met[k] = (uint32_t)store_int(res, i, k + 1);
		if (l != NULL)
			link_habit_set(l, met);
	}
	PQclear(res);
	return 0;
}

static void
on_saved(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	if (error != NULL)
		log_warn("habits of carriers could not be stored: %s sqlstate=%s", error, sqlstate);
}

/* More than ENOUGH meetings of one kind say what a thousand did. */
static bool
worth_telling(const uint32_t now[LINK_HABITS], const uint32_t told[LINK_HABITS])
{
	for (int i = 0; i < LINK_HABITS; i++) {
		if (now[i] != told[i] && (told[i] < ENOUGH || now[i] > 2 * told[i]))
			return true;
	}
	return false;
}

void
habits_save(struct gateway *g)
{
	static uint32_t told[64][LINK_HABITS]; /* by link; more links than that are told every time */

	for (size_t i = 0; i < g->conf->nlinks; i++) {
		uint32_t met[LINK_HABITS], *last = told[i % 64];

		link_habit_get(g->links[i], met);
		if (i < 64 && !worth_telling(met, last))
			continue;
		memcpy(last, met, sizeof(met));
		struct pg_params *p = pg_params_new();
		pg_param_text(p, link_name(g->links[i]));
		for (int k = 0; k < LINK_HABITS; k++)
			pg_param_int(p, met[k]);
		(void)pg_run(g->pg_side, STMT_LINK_HABIT_SAVE, p, NULL, NULL, on_saved);
		pg_params_free(p);
	}
}
