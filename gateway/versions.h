/*
 * Brings the versions that bureaus have published into the daemon's templates, where turns find them: at the start
 * before anything is stepped, when the database tells of a new one, and after a lost connection.
 */
#ifndef GATEWAY_VERSIONS_H
#define GATEWAY_VERSIONS_H

struct conf;
struct gateway;
struct pg;
struct templates;

/* All that is published, waiting for the database. 0, or -1 with *error. A version that cannot be loaded is logged. */
int versions_load(struct templates *t, const struct conf *conf, struct pg *pg, const char **error);
/* What is missing here; on g->pg_side, so that whatever is asked there afterwards finds it done. */
void versions_refresh(struct gateway *g);

#endif
