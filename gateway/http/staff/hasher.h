/*
 * Passwords are hashed so slowly that nobody tries many, a tenth of a second each: here, in a thread of its own, so
 * that the loop serves everyone else meanwhile. One at a time, in order of arrival.
 */
#ifndef GATEWAY_HTTP_HASHER_H
#define GATEWAY_HTTP_HASHER_H

#include <stdbool.h>

struct event_base;
struct hasher;

#define HASHER_PASSWORD_MIN 10
#define HASHER_PASSWORD_MAX 256 /* octets */

/* NULL without memory or when no thread can be made. */
struct hasher *hasher_new(struct event_base *base);
/* Waits for the one at work; every callback that is owed is called with false. */
void hasher_free(struct hasher *h);

/* good: the password is right (check), or hash holds its new hash (make); false too when there was no memory for it.
 * Called once, from the loop. */
typedef void (*hasher_fn)(void *arg, bool good, const char *hash);
/*
 * hash "": nobody of that name; it takes as long and is wrong. Both copy what they are given and forget it afterwards.
 * -1: too many wait already, try again in a moment; fn is not called then.
 */
int hasher_check(struct hasher *h, const char *password, const char *hash, hasher_fn fn, void *arg);
int hasher_make(struct hasher *h, const char *password, hasher_fn fn, void *arg);

#endif
