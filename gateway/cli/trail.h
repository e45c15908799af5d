/* What the files of `huizhi trail` share. */
#ifndef GATEWAY_CLI_TRAIL_H
#define GATEWAY_CLI_TRAIL_H

#include "gateway/cli/cli.h"
#include "gateway/seal_check.h"

/* trail_seal.c */
int trail_seal(struct cli *c, int argc, char **argv);

/* trail_export.c */
int trail_export(struct cli *c, int argc, char **argv);

/*
 * trail_walk.c: a bureau's drops, seals, redactions and events in the order in which seal_check wants them, all of one
 * moment. Returns 0, or -1 (printed).
 */
struct trail_walk {
	struct progress *progress; /* is shown how many seals of each bureau are through; NULL */
	void *arg;
	void (*drop)(void *arg, const struct seal_drop *d);
	void (*seal)(void *arg, const struct seal *s);
	void (*redaction)(void *arg, const struct seal_redaction *r);
	void (*event)(void *arg, const struct seal_event *e);
};
int trail_walk_database(PGconn *conn, int bureau_id, const struct trail_walk *w);
/* The same out of an export; the bureau of a line is in what it tells. */
int trail_walk_file(FILE *in, const char *name, const struct trail_walk *w);

/* trail_verify.c */
int trail_verify(struct cli *c, int argc, char **argv);

#endif
