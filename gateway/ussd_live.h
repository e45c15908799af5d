/*
 * The USSD sessions that this daemon has heard of and that may live: whose they are, and whether the network has ended
 * them. In memory only: it tells at once what a row tells after a round trip, and knowing nothing is no error.
 */
#ifndef GATEWAY_USSD_LIVE_H
#define GATEWAY_USSD_LIVE_H

#include <stdbool.h>
#include <stdint.h>

struct ussd_live;

struct ussd_live *ussd_live_new(void); /* NULL without memory */
void ussd_live_free(struct ussd_live *t);

/* Heard of now (unix microseconds): it lives, and is of this bureau. Forgotten after idle_seconds of silence. */
void ussd_live_heard(struct ussd_live *t, const char *link, const char *phone, const char *session, int bureau_id,
	int64_t now_us, int idle_seconds);
/* The network has ended it: nothing more is said in it. */
void ussd_live_over(struct ussd_live *t, const char *link, const char *phone, const char *session, int64_t now_us);
/* The bureau of a session, ended or not; 0 when nothing is known of it. */
int ussd_live_bureau(const struct ussd_live *t, const char *link, const char *phone, const char *session);
/* False only when it is known to have ended. */
bool ussd_live_open(const struct ussd_live *t, const char *link, const char *phone, const char *session);

#endif
