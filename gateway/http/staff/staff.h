/* What the files of the staff listener share. */
#ifndef GATEWAY_HTTP_STAFF_H
#define GATEWAY_HTTP_STAFF_H

#include <stddef.h>
#include "gateway/http/assets.h"
#include "gateway/http/server.h"

struct evbuffer;
struct hasher;
struct html;
struct limiter;
struct api_limits;

struct http_staff {
	struct gateway *g;
	struct assets assets;
	struct http_server *server;
	struct hasher *hasher;		   /* passwords */
	struct limiter *counter;	   /* wrong codes at the counter, by person */
	struct api_limits *api_limits; /* requests of programs, by key */
};

/* ---- watch.c: for machines that watch ---- */

void watch_health(struct http_request *r);	/* /healthz: the process answers */
void watch_ready(struct http_request *r);	/* /readyz: the database and one link are there */
void watch_metrics(struct http_request *r); /* /metrics */

#endif
