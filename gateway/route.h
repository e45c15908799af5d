/*
 * Which of a bureau's links carries a text: the one that is preferred while it is up, else each its share by weight.
 * Pure.
 */
#ifndef GATEWAY_ROUTE_H
#define GATEWAY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

struct route_link {
	const char *name;
	int weight; /* 0 = only when no link with a weight is up */
	bool up;
};

/*
 * The index of the link, -1 when n is 0. A phone keeps its link as long as that one is up: its texts go one way, and
 * only the phones of a link that went down are shared out among the others. With no link up the text waits where it
 * would go if all were.
 */
int route_pick(const struct route_link *links, size_t n, const char *phone, const char *prefer);

#endif
