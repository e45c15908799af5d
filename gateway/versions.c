/* Rows of dialog_version become dialogs. */
#include "gateway/versions.h"

#include <stdio.h>
#include <stdlib.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/templates.h"
#include "gateway/version_text.h"
#include "store/pg.h"
#include "store/view.h"

/* $1 bureau, $2 what is here: "DIALOG VERSION". */
static struct pg_params *
missing_params(const struct templates *t, int bureau_id)
{
	struct pg_params *p = pg_params_new();
	const struct dialog *d;
	char word[DIALOG_NAME_MAX + 16];

	pg_param_int(p, bureau_id);
	pg_array_begin(p);
	for (size_t i = 0; (d = templates_get_own(t, bureau_id, i)) != NULL; i++) {
		snprintf(word, sizeof(word), "%s %d", dialog_name(d), dialog_version(d));
		pg_array_text(p, word);
	}
	pg_array_end(p);
	return p;
}

static void
take_row(struct templates *t, const struct conf_bureau *b, const json_t *row)
{
	struct dialog_faults faults = {0};
	struct version_text v;

	if (version_text_from_row(row, &v) != 0)
		return;
	struct dialog *d = version_text_load(&v, &faults);
	if (d != NULL && templates_find_for(t, b->id, v.name, v.version) == NULL) {
		templates_add_own(t, b->id, d);
		log_info("bureau=%s dialog=%s version=%d loaded", b->code, v.name, v.version);
	} else if (d != NULL) {
		dialog_free(d);
	} else {
		/* What was published was good for the program that published it. */
		log_error("bureau=%s dialog=%s version=%d cannot be loaded by this program, the version before it is used: %s",
			b->code, v.name, v.version, faults.count > 0 ? faults.list[0].text : "without memory");
	}
	dialog_faults_free(&faults);
	version_text_free(&v);
}

static void
take_rows(struct templates *t, const struct conf_bureau *b, const PGresult *res)
{
	json_t *rows = view_rows(res), *row;
	size_t i;

	json_array_foreach (rows, i, row)
		take_row(t, b, row);
	json_decref(rows);
}

int
versions_load(struct templates *t, const struct conf *conf, struct pg *pg, const char **error)
{
	for (size_t i = 0; i < conf->nbureaus; i++) {
		struct pg_params *p = missing_params(t, conf->bureaus[i].id);
		PGresult *res = pg_run_wait(pg, STMT_VERSION_MISSING, p, error);
		pg_params_free(p);
		if (res == NULL)
			return -1;
		take_rows(t, &conf->bureaus[i], res);
		PQclear(res);
	}
	return 0;
}

struct asking {
	struct gateway *g;
	int bureau_id; /* the configuration may be read anew meanwhile */
};

static void
on_rows(void *arg, int index, const PGresult *res)
{
	struct asking *a = arg;
	const struct conf_bureau *b = conf_bureau_by_id(a->g->conf, a->bureau_id);

	(void)index;
	if (res != NULL && PQresultStatus(res) == PGRES_TUPLES_OK && b != NULL)
		take_rows(a->g->templates, b, res);
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct asking *a = arg;

	/* The connection that was lost asks again when it is back. */
	if (error != NULL)
		log_warn("published dialogs could not be read: %s sqlstate=%s", error, sqlstate);
	free(a);
}

void
versions_refresh(struct gateway *g)
{
	for (size_t i = 0; i < g->conf->nbureaus; i++) {
		struct asking *a = malloc(sizeof(*a));
		struct pg_params *p = missing_params(g->templates, g->conf->bureaus[i].id);

		if (a == NULL)
			abort();
		*a = (struct asking){g, g->conf->bureaus[i].id};
		if (pg_run(g->pg_side, STMT_VERSION_MISSING, p, a, on_rows, on_end) != 0)
			free(a);
		pg_params_free(p);
	}
}
