/*
 * The daemon's number: the smallest that no other daemon on this database holds, locked there by the connection
 * pg_side. Its name, "d" and the number, stands on every lease. It alone changes the gateway's daemon_id, named,
 * again_ms and naming: while a number is asked for and what one of that name left is taken over, turns wait, five
 * seconds at most.
 */
#ifndef GATEWAY_NUMBER_H
#define GATEWAY_NUMBER_H

#include <stdbool.h>

struct gateway;
struct number;

struct number *number_new(struct gateway *g); /* NULL: out of memory */
void number_free(struct number *n);
/* Are all connections there? Before that nobody asks for a number, for nothing could be taken over under it. */
bool number_store_ready(const struct gateway *g);
/* Asks for it; again every second while there is none. What a daemon of that name left behind is taken over, once. */
void number_take(struct number *n);
void number_lost(struct number *n); /* pg_side is another connection, or none: the lock went with the one before */

#endif
