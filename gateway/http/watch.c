/* What machines watch: is it alive, is it ready, and the figures for Prometheus. */
#include <inttypes.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/staff/staff.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/turn.h"
#include "store/pg.h"

void
watch_health(struct http_request *r)
{
	http_reply_bytes(r, 200, "text/plain; charset=utf-8", "ok\n", 3, HTTP_NO_STORE);
}

/* ---- Ready ---------------------------------------------------------------------------------------------------- */

static json_t *
database_state(const struct pg *pg)
{
	return json_pack("{s:b, s:s}", "ready", pg_ready(pg), "error", pg_error(pg));
}

void
watch_ready(struct http_request *r)
{
	const struct gateway *g = r->g;
	json_t *links = json_array(), *body;
	bool bound = false, database = pg_ready(g->pg_turn) && pg_ready(g->pg_send) && pg_ready(g->pg_side);

	for (size_t i = 0; i < g->conf->nlinks; i++) {
		struct link_stats s;
		link_stats_get(g->links[i], &s);
		bound = bound || s.state == LINK_BOUND;
		json_array_append_new(links, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "link", link_name(g->links[i]),
										 "state", link_state_name(s.state), "host", s.host, "error", s.error, "alarm",
										 s.alarm, "since", (json_int_t)s.since));
	}
	bool ready = database && bound && !g->draining;
	body = json_pack("{s:b, s:b, s:{s:o, s:o, s:o}, s:o}", "ready", ready, "draining", g->draining != 0, "database",
		"turns", database_state(g->pg_turn), "sender", database_state(g->pg_send), "pages", database_state(g->pg_side),
		"links", links);
	http_reply_json(r, ready ? 200 : 503, body);
}

/* ---- Figures --------------------------------------------------------------------------------------------------- */

/* A label's value: backslash, quote and newline are escaped (Prometheus text format). */
static void
put_label(struct evbuffer *out, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			evbuffer_add(out, "\\", 1);
		if (*value == '\n')
			evbuffer_add(out, "\\n", 2);
		else
			evbuffer_add(out, value, 1);
	}
}

static void
put_row(struct evbuffer *out, const char *name, const char *label, const char *value, const char *more, uint64_t n)
{
	evbuffer_add_printf(out, "%s{%s=\"", name, label);
	put_label(out, value);
	evbuffer_add_printf(out, "\"%s} %" PRIu64 "\n", more, n);
}

static void
put_head(struct evbuffer *out, const char *name, const char *kind, const char *help)
{
	evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void
put_links(struct evbuffer *out, const struct gateway *g)
{
	static const struct {
		const char *name, *kind, *help;
	} rows[] = {
#define LINK_METRIC(name, kind, help, value) {name, kind, help},
#include "gateway/link_metrics.def"
#undef LINK_METRIC
	};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		put_head(out, rows[row].name, rows[row].kind, rows[row].help);
		for (size_t i = 0; i < g->conf->nlinks; i++) {
			struct link_stats s;
			link_stats_get(g->links[i], &s);
			const struct link *l = g->links[i];
			const uint64_t values[] = {
#define LINK_METRIC(name, kind, help, value) (uint64_t)(value),
#include "gateway/link_metrics.def"
#undef LINK_METRIC
			};
			put_row(out, rows[row].name, "link", link_name(l), "", values[row]);
		}
	}
	put_head(out, "huizhi_link_state", "gauge", "1 for the state that the link is in");
	for (size_t i = 0; i < g->conf->nlinks; i++) {
		struct link_stats s;
		char more[60];
		link_stats_get(g->links[i], &s);
		snprintf(more, sizeof(more), ",state=\"%s\"", link_state_name(s.state));
		put_row(out, "huizhi_link_state", "link", link_name(g->links[i]), more, 1);
	}
}

void
watch_metrics(struct http_request *r)
{
	const struct gateway *g = r->g;
	struct evbuffer *out = evbuffer_new();

	put_head(out, "huizhi_up_seconds", "gauge", "seconds since the daemon started");
	evbuffer_add_printf(out, "huizhi_up_seconds %" PRId64 "\n", now_us() / 1000000 - g->started_at);
	put_head(out, "huizhi_info", "gauge", "the version that runs");
	evbuffer_add_printf(out, "huizhi_info{version=\"%s\"} 1\n", HUIZHI_VERSION);
	put_head(out, "huizhi_draining", "gauge", "1 while the daemon ends");
	evbuffer_add_printf(out, "huizhi_draining %d\n", g->draining != 0);
	put_head(out, "huizhi_database_ready", "gauge", "1 while the connection is there");
	put_row(out, "huizhi_database_ready", "connection", "turns", "", pg_ready(g->pg_turn));
	put_row(out, "huizhi_database_ready", "connection", "sender", "", pg_ready(g->pg_send));
	put_row(out, "huizhi_database_ready", "connection", "pages", "", pg_ready(g->pg_side));
	put_head(out, "huizhi_turns_pending", "gauge", "turns under way or waiting");
	evbuffer_add_printf(out, "huizhi_turns_pending %d\n", turn_pending(g));
	put_head(out, "huizhi_sender_pending", "gauge", "texts on the way and marks not yet committed");
	evbuffer_add_printf(out, "huizhi_sender_pending %d\n", sender_pending(g));
	put_links(out, g);
	metrics_write(out);
	http_reply_buffer(r, 200, "text/plain; version=0.0.4; charset=utf-8", out, HTTP_NO_STORE);
	evbuffer_free(out);
}
