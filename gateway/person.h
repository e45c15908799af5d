/*
 * One person at one bureau, found by phone or identity number: everything that is kept of them as one JSON document,
 * and what may be erased of it. Blocking, on a lent connection.
 */
#ifndef GATEWAY_PERSON_H
#define GATEWAY_PERSON_H

#include <jansson.h>
#include <stdbool.h>
#include <libpq-fe.h>

struct conf_bureau;
struct keys;

struct person {
	PGconn *conn;
	const struct conf_bureau *bureau;
	const struct keys *keys;
	const char *error;
	/* found, as arrays of the database: {1,2} */
	char *holders, *phones, *conversations, *applications;
	json_t *talks; /* rows of PERSON_TALKS */
	bool strays;   /* something is kept of these phones, whoever's they are */
};

/* Fills the rest of p from a phone (E.164) or an identity number (as the import keeps it), the other NULL. 0, or -1. */
int person_find(struct person *p, const char *phone, const char *id_number);
/* Waits until their texts have left, at most so long, and looks at their talks again. 0, or -1. */
int person_settle(struct person *p, int seconds);
void person_free(struct person *p);
/* Is anything kept of them? */
int person_known(const struct person *p);
/* {bureau, holders: [...], ...}; the caller owns it. NULL with p->error. It is noted in the trail that actor got it. */
json_t *person_export(struct person *p, const char *actor);
/*
 * Takes out what may go, unless dry_run, and says what stays and why: {order, erased: {...}, stays: [{what, why}]}.
 * Everything must be sealed (sealing_run) before. NULL with p->error.
 */
json_t *person_erase(struct person *p, const char *reason, const char *actor, bool dry_run);

#endif
