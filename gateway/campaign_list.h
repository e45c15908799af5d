/*
 * A list that a bureau brings as the audience of a campaign: read, checked, its licences put on file, and told what it
 * is by a digest that does not depend on its file's name, encoding or order.
 */
#ifndef GATEWAY_CAMPAIGN_LIST_H
#define GATEWAY_CAMPAIGN_LIST_H

#include <jansson.h>
#include <stdint.h>
#include "gateway/bulk.h"

#define CAMPAIGN_DIGEST 32
#define CAMPAIGN_FAULT_ROWS 20 /* bad rows that are shown */

struct campaign_list {
	struct bulk_result found;
	size_t n; /* good rows */
	struct campaign_list_row {
		int64_t row;
		char *item, *licence_no;
		uint8_t hash[16];
	} * rows;
	size_t room;
	FILE *refused; /* and in which language: see bulk_options; NULL */
	const char *language;
	char error[600]; /* of the file as a whole; "" = it can be read */
};

/*
 * Reads the file for this bureau into an empty list (but for refused and language); conn as bulk_import wants it. Good
 * rows of a full list are on file afterwards, whatever the others are like. 0, or -1 with list->error set. Free with
 * campaign_list_free either way.
 */
int campaign_list_read(struct campaign_list *list, const char *file, const struct conf *conf, const struct keys *keys,
	const struct conf_bureau *b, PGconn *conn,
	void (*on_progress)(void *arg, const char *word, int64_t done, int64_t all), void *arg);
/* What the list is on a day (YYYY-MM-DD). */
void campaign_list_digest(struct campaign_list *list, const char *day, uint8_t out[CAMPAIGN_DIGEST]);
/* A row of a short list that names no licence on file is one more bad row. Before the digest is made. */
void campaign_list_unknown(struct campaign_list *list, int64_t row);
/*
 * {"error", "encoding", "separator", "rows", "good", "bad", "sums": [{"column", "wrong", "empty"}], "faults": [{"row", "column",
 * "value", "text"}] of the first CAMPAIGN_FAULT_ROWS bad rows}.
 */
json_t *campaign_list_json(const struct campaign_list *list);
void campaign_list_free(struct campaign_list *list);

#endif
