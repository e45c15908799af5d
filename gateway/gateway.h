/* What the running daemon holds: one of each, made by main.c, passed to everyone who serves it. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <stdint.h>

struct event_base;
struct conf;
struct pg;
struct keys;
struct templates;
struct turns;
struct sender;
struct clock;
struct figures;
struct link;
struct http_public;
struct http_staff;

struct gateway {
	struct event_base *base;
	struct conf *conf;
	const struct keys *keys;	 /* gateway/keys.h */
	struct templates *templates; /* gateway/templates.h: dialogs and wordings by name and version */
	struct pg *pg_turn;			 /* turns: load, step, save */
	struct pg *pg_send;			 /* the sender: claims and marks */
	struct pg *pg_side;			 /* pages, clock, everything off the hot path; listens for notifications */
	struct turns *turns;		 /* gateway/turn.c */
	struct sender *sender;		 /* gateway/sender.c */
	struct clock *clock;		 /* gateway/clock.c */
	struct figures *figures;	 /* gateway/figures.c: what the console counts */
	struct link **links;		 /* as in conf->links */
	struct http_public *http_public;
	struct http_staff *http_staff;
	char daemon_id[24]; /* owns leases: d and the number that is locked in the database */
	int named;			/* that number is ours: until it is (again), our texts look like a dead daemon's */
	int naming;			/* it is being found out whose it is: turns wait, not for long (gateway/number.h) */
	int64_t again_ms;	/* since when it is ours again, after the database was away (now_wait_ms); 0 = it never was */
	int64_t started_at; /* unix seconds */
	int draining;
};

#endif
