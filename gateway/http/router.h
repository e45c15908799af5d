/* The route table's matcher: a path against rows such as "/r/:/qr.svg". Pure. */
#ifndef GATEWAY_HTTP_ROUTER_H
#define GATEWAY_HTTP_ROUTER_H

#include <stddef.h>

#define ROUTER_PARAMS_MAX 2
#define ROUTER_PARAM_MAX 256 /* octets, without NUL */

enum router_method {
	ROUTER_GET = 1, /* HEAD as well */
	ROUTER_POST = 2,
	ROUTER_PUT = 4,
	ROUTER_DELETE = 8,
};

struct http_request;

struct route {
	unsigned methods; /* of enum router_method */
	const char *path; /* segments; ":" stands for one segment that is not empty */
	void (*serve)(struct http_request *r);
};

struct router_params {
	size_t count;
	char values[ROUTER_PARAMS_MAX][ROUTER_PARAM_MAX + 1]; /* as in the address, not decoded */
};

/* The first row that fits the path (without its query), or NULL; *params is filled then. */
const struct route *router_match(
	const struct route *routes, size_t count, const char *path, struct router_params *params);

#endif
