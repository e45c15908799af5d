/* What the files of `huizhi campaign` share. */
#ifndef GATEWAY_CLI_CAMPAIGN_H
#define GATEWAY_CLI_CAMPAIGN_H

#include <jansson.h>
#include <stdint.h>
#include "gateway/cli/cli.h"

extern const struct cli_column campaign_columns[]; /* of one campaign */

/* The one word is the campaign's id. 0, or -1 with the reason printed. */
int campaign_read_id(struct cli *c, int argc, char **argv, const struct cli_option *options, int64_t *id);
/* The same, with the bureau meant and the connection opened. CLI_DONE, or what to return (printed). */
int campaign_begin(
	struct cli *c, int argc, char **argv, const struct cli_option *options, const struct conf_bureau **b, int64_t *id);
/* Parameters with $1 bureau, $2 campaign. The caller frees. */
struct pg_params *campaign_params(const struct conf_bureau *b, int64_t id);
/* The campaign with its progress; NULL with the reason printed. */
json_t *campaign_load(struct cli *c, const struct conf_bureau *b, int64_t id);

/* ---- campaign_new.c ---- */
int campaign_create(struct cli *c, int argc, char **argv);
int campaign_audience(struct cli *c, int argc, char **argv); /* brings a list to a draft, and counts */
int campaign_preview_show(struct cli *c, int argc, char **argv);
int campaign_resend(struct cli *c, int argc, char **argv);
/* Counts a draft anew and keeps what was found; NULL with the reason printed. */
json_t *campaign_count(struct cli *c, const struct conf_bureau *b, int64_t id);

/* ---- campaign_out.c ---- */
void campaign_print_list(const json_t *found);	  /* what was found in a list */
void campaign_print_preview(const json_t *found); /* who gets what, and what it costs */
int campaign_report(struct cli *c, int argc, char **argv);

#endif
