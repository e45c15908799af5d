/* Dialogs on the console: their pictures, wording, versions; rows of staff.c's route table, and what their files share.
 */
#ifndef GATEWAY_HTTP_DIALOGS_H
#define GATEWAY_HTTP_DIALOGS_H

#include "gateway/http/console/console.h"

struct dialog;

void dialogs_list(struct http_request *r); /* GET /dialogs */
void dialogs_show(struct http_request *r); /* GET /dialogs/NAME */

void dialogs_begin(struct http_request *r); /* POST /dialogs: a new one, as a draft */

/* The dialog that the address names, in the version that this bureau runs now; NULL: it was not published yet, or there
 * is none. */
const struct dialog *dialogs_running(const struct desk_call *c);
/*
 * The dialog's picture into c->data.picture, with who waits and who left (`waits` and `moved` of c->data) at each of
 * its places. m: its map; counts: one for each place.
 */
struct map;
struct picture_count;
void dialogs_put_picture(
	struct desk_call *c, const struct dialog *d, const struct map *m, const struct picture_count *counts);
/* Counts `waits` and `moved` of c->data at the places of a map. */
void dialogs_count(const struct desk_call *c, const struct map *m, struct picture_count *counts);

#endif
