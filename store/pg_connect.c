/*
 * Connecting without blocking: one attempt over the hosts of the connection string, then the settings that the rest
 * relies on, then ready.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

enum {
	CONNECT_SECONDS = 10, /* one attempt, when the connection string has no connect_timeout */
};

static void
ignore_notice(void *arg, const PGresult *res)
{
	(void)arg, (void)res;
}

/*
 * Settings that the rest relies on: times and octets come back in one form. The second group makes a server notice
 * that this daemon is gone, so that its row locks do not outlive it; a server that does not know them is as good.
 */
static void
setup(struct pg *pg)
{
	pg->polling = false;
	PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
	if (PQsetnonblocking(pg->conn, 1) != 0 || PQenterPipelineMode(pg->conn) != 1) {
		pg_lose(pg, PQerrorMessage(pg->conn));
		return;
	}
	if (!pg_send_sql(pg,
			"SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false), "
			"set_config('bytea_output', 'hex', false)",
			PG_SENT_SETUP, NULL) ||
		!pg_send_sync(pg, PG_SENT_SYNC, NULL) ||
		!pg_send_sql(pg,
			"SELECT set_config('client_connection_check_interval', '5s', false), "
			"set_config('idle_in_transaction_session_timeout', '5min', false)",
			PG_SENT_EXTRA, NULL) ||
		!pg_send_sync(pg, PG_SENT_SYNC, NULL))
		return;
	if (pg->prefer_indexes &&
		!pg_send_sql(pg,
			"SELECT set_config('enable_seqscan', 'off', false), set_config('enable_mergejoin', 'off', false), "
			"set_config('enable_memoize', 'off', false), "
			"set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false), "
			"set_config('max_parallel_workers_per_gather', '0', false)",
			PG_SENT_SETUP, NULL))
		return;
	for (struct pg_channel *c = pg->channels; c != NULL; c = c->next) {
		char sql[160], *name = PQescapeIdentifier(pg->conn, c->name, strlen(c->name));

		snprintf(sql, sizeof sql, "LISTEN %s", name ? name : "");
		PQfreemem(name);
		if (!pg_send_sql(pg, sql, PG_SENT_SETUP, NULL))
			return;
	}
	if (pg_send_sync(pg, PG_SENT_SYNC_READY, NULL))
		pg_wait_socket(pg);
}

void
pg_connect_poll(struct pg *pg)
{
	switch (PQconnectPoll(pg->conn)) {
	case PGRES_POLLING_READING:
		/* libpq may have gone on to another host: the same number can be another socket by now. */
		pg_stop_waiting(pg);
		pg_wait_for(pg, EV_READ);
		break;
	case PGRES_POLLING_WRITING:
		pg_stop_waiting(pg);
		pg_wait_for(pg, EV_WRITE);
		break;
	case PGRES_POLLING_OK:
		pg_stop_waiting(pg);
		setup(pg);
		break;
	default:
		pg_lose(pg, PQerrorMessage(pg->conn));
		break;
	}
}

void
pg_connect_begin(struct pg *pg)
{
	const char *keys[12], *values[12], *host = NULL, *hostaddr = NULL, *port = NULL;
	char *turned[3] = {NULL, NULL, NULL};
	struct timeval limit = {.tv_sec = CONNECT_SECONDS};
	PQconninfoOption *options;
	char *fault = NULL;
	int n = 0;

	options = PQconninfoParse(pg->conninfo, &fault);
	if (options == NULL) {
		pg_lose(pg, fault ? fault : "cannot read the connection string");
		PQfreemem(fault);
		return;
	}
	for (PQconninfoOption *o = options; o->keyword != NULL; o++) {
		if (o->val == NULL)
			continue;
		if (strcmp(o->keyword, "host") == 0)
			host = o->val;
		else if (strcmp(o->keyword, "hostaddr") == 0)
			hostaddr = o->val;
		else if (strcmp(o->keyword, "port") == 0)
			port = o->val;
		else if (strcmp(o->keyword, "connect_timeout") == 0 && strtol(o->val, NULL, 10) > 0)
			limit.tv_sec = strtol(o->val, NULL, 10);
	}
#define OPTION(k, v) (keys[n] = (k), values[n] = (v), n++)
	/* An idle connection to a machine that vanished is found out within two minutes; the string may say otherwise. */
	OPTION("keepalives_idle", "60");
	OPTION("keepalives_interval", "15");
	OPTION("keepalives_count", "4");
	OPTION("fallback_application_name", "huizhi");
	OPTION("dbname", pg->conninfo);
	OPTION("client_encoding", "UTF8");
	if (pg_hosts_count(host) > 1 || pg_hosts_count(hostaddr) > 1) {
		OPTION("host", turned[0] = pg_hosts_turn(host, pg->host_shift));
		OPTION("hostaddr", turned[1] = pg_hosts_turn(hostaddr, pg->host_shift));
		OPTION("port", turned[2] = pg_hosts_turn(port, pg->host_shift));
	}
#undef OPTION
	keys[n] = values[n] = NULL;

	pg->conn = PQconnectStartParams(keys, values, 1);
	for (size_t i = 0; i < 3; i++)
		free(turned[i]);
	PQconninfoFree(options);
	if (pg->conn == NULL) {
		pg_lose(pg, "out of memory");
	} else if (PQstatus(pg->conn) == CONNECTION_BAD) {
		pg_lose(pg, PQerrorMessage(pg->conn));
	} else {
		pg->polling = true;
		event_add(pg->retry, &limit);
		pg_wait_for(pg, EV_WRITE);
		pg_set_state(pg, PG_CONNECTING, ""); /* last: the owner may free pg */
	}
}
