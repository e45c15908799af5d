/* Talks under way that go on with the version which runs now: from one older version, at one step. */
#ifndef GATEWAY_VERSION_MOVE_H
#define GATEWAY_VERSION_MOVE_H

struct pg_params;
struct templates;

#define VERSION_MOVED_AT_ONCE 2000

/*
 * New parameters of STMT_VERSION_MOVE. NULL when nobody can be moved so: the dialog does not run at this bureau,
 * `version` is the one that runs, or the one that runs has no such step. actor: who moves them.
 */
struct pg_params *version_move_params(
	const struct templates *t, int bureau_id, const char *name, int version, const char *step, const char *actor);

#endif
