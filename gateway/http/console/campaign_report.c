/* The report of a campaign, streamed: so many rows are read when the last ones have been written. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/campaign_report.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/campaign.h"
#include "gateway/http/console/console.h"
#include "gateway/http/stream.h"
#include "gateway/log.h"
#include "store/pg.h"
#include "store/view.h"

struct report {
	struct desk_call *c;
	struct http_stream *stream;
	int64_t campaign, after;
	const char *language;
	struct evbuffer *piece;
	int rows; /* of the piece */
};

static void
end(struct report *t)
{
	http_stream_end(t->stream);
	evbuffer_free(t->piece);
	desk_free(t->c);
	free(t);
}

/* Items by their names; the words of their codes are the catalogue's, not the reader's. */
static void
name_items(const struct report *t, json_t *row)
{
	const char *codes = json_string_value(json_object_get(row, "items"));
	bool zh = strcmp(t->language, "zh") == 0;
	char *text = NULL, code[80];
	size_t len = 0, n;
	FILE *out = codes == NULL ? NULL : open_memstream(&text, &len);

	if (out == NULL)
		return;
	for (bool first = true; *(codes += strspn(codes, " ")) != '\0'; codes += n, first = false) {
		n = strcspn(codes, " ");
		snprintf(code, sizeof(code), "%.*s", (int)n, codes);
		const struct conf_item *item = conf_item_for(t->c->r->g->conf, t->c->bureau, code);
		fprintf(out, "%s%s", first ? "" : zh ? "、" : "; ", item == NULL ? code : zh ? item->name_zh : item->name_en);
	}
	if (fclose(out) == 0)
		json_object_set_new(row, "items", json_string(text));
	free(text);
}

static void
on_rows(void *arg, int index, const PGresult *res)
{
	struct report *t = arg;
	char *text = NULL;
	size_t len = 0;
	FILE *out = res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK ? NULL : open_memstream(&text, &len);

	(void)index;
	if (out == NULL)
		return;
	t->rows = PQntuples(res);
	for (int i = 0; i < t->rows; i++) {
		json_t *row = view_row(res, i);
		t->after = json_integer_value(json_object_get(row, "id"));
		desk_local_times(t->c, row);
		name_items(t, row);
		campaign_report_row(out, row, t->language);
		json_decref(row);
	}
	if (fclose(out) == 0)
		evbuffer_add(t->piece, text, len);
	free(text);
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct report *t = arg;

	(void)sqlstate;
	if (error != NULL)
		log_warn("%s campaign=%" PRId64 " the report broke off: %s", t->c->actor, t->campaign, error);
	if (error != NULL || t->rows == 0 || !http_stream_open(t->stream))
		end(t);
	else
		http_stream_add(t->stream, t->piece);
}

static void
next(void *arg)
{
	struct report *t = arg;
	struct pg_params *p;
	int rc;

	if (!http_stream_open(t->stream)) {
		end(t);
		return;
	}
	t->rows = 0;
	p = desk_params(t->c);
	pg_param_int(p, t->campaign);
	pg_param_int(p, t->after);
	pg_param_int(p, CAMPAIGN_REPORT_ROWS);
	rc = pg_run(t->c->r->g->pg_side, STMT_CAMPAIGN_REPORT, p, t, on_rows, on_end);
	pg_params_free(p);
	if (rc != 0)
		end(t);
}

static void
begin(struct desk_call *c)
{
	struct report *t;
	char disposition[80];

	if (!json_is_object(json_object_get(c->data, "campaign"))) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	if (c->r->head) {
		http_reply_bytes(c->r, 200, "text/csv; charset=utf-8", "", 0, HTTP_NO_STORE);
		desk_free(c);
		return;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL || (t->piece = evbuffer_new()) == NULL) {
		free(t);
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	t->c = c;
	t->campaign = console_id(c->r);
	t->language = http_language(c->r, NULL);
	snprintf(disposition, sizeof(disposition), "attachment; filename=\"campaign-%" PRId64 ".csv\"", t->campaign);
	http_set_header(c->r, "Content-Disposition", disposition);
	/* With a byte order mark spreadsheet programs take it for what it is. */
	evbuffer_add(t->piece, "\xef\xbb\xbf", 3);
	html_render(c->r->server->o.html, "campaign_report_head", t->language, c->data, t->piece);
	evbuffer_add(t->piece, "\r\n", 2);
	t->stream = http_stream_begin(c->r, "text/csv; charset=utf-8", next, t);
	if (t->stream == NULL) {
		evbuffer_free(t->piece);
		free(t);
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (http_stream_open(t->stream)) {
		http_stream_add(t->stream, t->piece);
	} else {
		end(t);
	}
}

static void
gather(struct desk_call *c)
{
	struct pg_params *p = console_id_params(c);

	const struct desk_ask asks[] = {{"campaign", STMT_CAMPAIGN_ROW, p, true}};
	desk_gather(c, asks, 1, begin);
}

void
console_campaign_report(struct http_request *r)
{
	desk_person(r, gather);
}
