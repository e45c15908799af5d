/* Who may go on with which version, and what becomes of their counts. */
#include "gateway/version_move.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/map.h"
#include "gateway/templates.h"
#include "store/pg.h"

/* Whether branches are counted alike at this step: the two flows are the same. */
static bool
same_flow(const struct dialog *a, const struct dialog *b)
{
	char *x = dialog_print(a), *y = dialog_print(b);
	if (x == NULL || y == NULL)
		abort();
	/* The first line has the version. */
	const char *p = strchr(x, '\n'), *q = strchr(y, '\n');
	bool same = p != NULL && q != NULL && strcmp(p, q) == 0;
	free(x);
	free(y);
	return same;
}

struct pg_params *
version_move_params(
	const struct templates *t, int bureau_id, const char *name, int version, const char *step, const char *actor)
{
	static struct map m; /* large, and used within this call only */
	const struct dialog *now = templates_find_for(t, bureau_id, name, 0),
						*old = version <= 0 ? NULL : templates_find_for(t, bureau_id, name, version);
	int at = -1;

	if (now != NULL) {
		dialog_map(now, &m);
		at = map_place_by_name(&m, step);
	}
	if (at < 0 || m.places[at].end || version <= 0 || version == dialog_version(now))
		return NULL;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, bureau_id);
	pg_param_text(p, name);
	pg_param_int(p, version);
	pg_param_int(p, dialog_version(now));
	pg_param_text(p, step);
	pg_param_text(p, actor);
	pg_param_int(p, VERSION_MOVED_AT_ONCE);
	pg_param_bool(p, old == NULL || !same_flow(old, now));
	return p;
}
