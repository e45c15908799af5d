/* Writes the configuration's bureaus and items into the database. */
#include "gateway/mirror.h"

#include <stdio.h>
#include <string.h>

#include "gateway/conf.h"
#include "store/pg.h"

static char error_text[512];

/* Runs one statement for its effect; *rows gets the number of rows it returned. */
static int
run(struct pg *pg, enum stmt s, const struct pg_params *p, int *rows, const char **error)
{
	PGresult *res = pg_run_wait(pg, s, p, error);
	if (res == NULL)
		return -1;
	*rows = PQntuples(res);
	PQclear(res);
	return 0;
}

static int
mirror_bureau(struct pg *pg, const struct conf_bureau *b, struct pg_params *p, const char **error)
{
	int rows;
	pg_params_reset(p);
	pg_param_int(p, b->id);
	pg_param_text(p, b->code);
	pg_param_text(p, b->name);
	pg_param_text(p, b->signature);
	pg_param_text(p, b->short_code);
	pg_param_text(p, b->timezone);
	pg_param_text(p, b->country);
	pg_param_texts(p, b->weekend, b->nweekend);
	pg_param_texts(p, b->holidays, b->nholidays);
	pg_param_texts(p, b->workdays, b->nworkdays);
	if (run(pg, STMT_MIRROR_BUREAU, p, &rows, error) != 0)
		return -1;
	if (rows == 0) {
		snprintf(error_text, sizeof error_text,
			"bureau \"%s\" and its id %d do not belong together in the database: the code or the id stands there for "
			"another bureau; put the old pair back into the configuration",
			b->code, b->id);
		*error = error_text;
		return -1;
	}
	return 0;
}

static int
mirror_item(
	struct pg *pg, const struct conf_bureau *b, const struct conf_item *it, struct pg_params *p, const char **error)
{
	int rows;
	pg_params_reset(p);
	pg_param_int(p, b->id);
	pg_param_text(p, it->code);
	pg_param_text(p, it->name_zh);
	pg_param_text(p, it->name_en);
	pg_param_text(p, it->trigger);
	pg_param_int(p, it->window_before);
	pg_param_int(p, it->window_after);
	pg_array_begin(p);
	for (size_t i = 0; i < it->nreminder_days; i++)
		pg_array_int(p, it->reminder_days[i]);
	pg_array_end(p);
	pg_param_texts(p, it->change_fields, it->nchange_fields);
	pg_param_text(p, it->dialog);
	pg_param_text(p, it->approval);
	pg_param_texts(p, it->old_certificate, it->nold_certificate);
	pg_param_texts(p, it->delivery, it->ndelivery);
	pg_param_texts(p, it->languages, it->nlanguages);
	pg_param_text(p, it->certificate_no);
	pg_param_int(p, it->arrival_days);
	pg_param_int(p, it->check_days);
	return run(pg, STMT_MIRROR_ITEM, p, &rows, error);
}

static int
mirror_items(
	struct pg *pg, const struct conf *conf, const struct conf_bureau *b, struct pg_params *p, const char **error)
{
	int rows;
	for (size_t i = 0; i < conf->nitems; i++) {
		/* Of two definitions of a code only the one that counts for this bureau is written. */
		if (conf_item_for(conf, b, conf->items[i].code) != &conf->items[i])
			continue;
		if (mirror_item(pg, b, &conf->items[i], p, error) != 0)
			return -1;
	}
	pg_params_reset(p);
	pg_param_int(p, b->id);
	pg_array_begin(p);
	for (size_t i = 0; i < conf->nitems; i++) {
		if (conf_item_for(conf, b, conf->items[i].code) == &conf->items[i])
			pg_array_text(p, conf->items[i].code);
	}
	pg_array_end(p);
	return run(pg, STMT_MIRROR_ITEMS_RETIRE, p, &rows, error);
}

int
mirror_conf(struct pg *pg, const struct conf *conf, const char **error)
{
	struct pg_params *p = pg_params_new();
	int rc = 0;
	for (size_t i = 0; i < conf->nbureaus && rc == 0; i++) {
		rc = mirror_bureau(pg, &conf->bureaus[i], p, error);
		if (rc == 0)
			rc = mirror_items(pg, conf, &conf->bureaus[i], p, error);
	}
	pg_params_free(p);
	return rc;
}
