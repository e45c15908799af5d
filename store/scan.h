/*
 * The expiry scan: which licences are due for a reminder on a day, and what follows from it - applications, one
 * conversation a phone that waits for the clock to begin it, reminder keys, and the list of those to phone.
 *
 * It works in steps of a few thousand phones, one statement each, so nothing is locked for long and its memory is the
 * same for any number of licences; it walks only the phones that have something due. Running it again on the same day
 * changes nothing.
 */
#ifndef STORE_SCAN_H
#define STORE_SCAN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <libpq-fe.h>

struct scan_options {
	int bureau_id;
	const char *date;				   /* YYYY-MM-DD */
	const char *item, *tag, *language; /* NULL = any */
	int64_t campaign_id;			   /* lets its conversations go itself; 0 = none: due at once */
	int64_t list_id;				   /* the campaign whose list of licences is the audience; 0 = no list */
	const char *trial;				   /* phones of the team as an array literal: nobody else is reminded; NULL = all */
	bool dry_run;					   /* counts the same, changes nothing */
	const char *actor;				   /* for the trail: clock, staff:NAME */
	int step;						   /* phones in one statement; 0 = 5,000 */
	const volatile sig_atomic_t *stop; /* may be NULL; not 0: ends after the step under way */
	void (*on_progress)(void *arg, int64_t done, int64_t all); /* phones with something due; may be NULL */
	/* Of a dry run, once for each step: the kinds of texts as a JSON array (store/stmt/scan.def); may be NULL. */
	void (*on_kinds)(void *arg, const char *json);
	void *arg;
};

/* Licences, except where another unit is named. A licence with several changes counts once for each. */
struct scan_counts {
	int64_t licences;	   /* looked at, after the filters */
	int64_t reminders;	   /* due and reminded now */
	int64_t conversations; /* phones; one holder each */
	int64_t applications;  /* new ones, those for the phone list included */
	int64_t listed;		   /* applications put on the list to phone: no mobile number */
	/* left out, each for the first of these that holds */
	int64_t outside_window, not_yet, answered, shared_phone, already_open, already_reminded, wrong_number, opted_out,
		language, no_mobile, trial;
};

/* On a blocking connection. 0, or -1 with *error (static). What was done before a failure or a stop stays done; running
 * again goes on. */
int scan_run(PGconn *conn, const struct scan_options *o, struct scan_counts *counts, const char **error);
void scan_add(struct scan_counts *sum, const struct scan_counts *more);

/* What a campaign asks for. Strings live until the next call. 0, or -1 with *error. */
struct scan_campaign {
	char item[128], tag[200], language[16]; /* "" = any */
	char date[16], status[16];
	bool scanned;	   /* its audience has its conversations */
	bool listed;	   /* its audience is a list */
	int64_t resend_of; /* it sends again to those that failed there; 0 = none */
};
int scan_campaign(PGconn *conn, int bureau_id, int64_t id, struct scan_campaign *out, const char **error);
/*
 * For a campaign that sends again: the talks of its list whose reminder did not arrive are over, their applications are
 * due again and their reminder keys free. Whoever has spoken meanwhile, or is busy, stays as it is. 0, or -1 with
 * *error.
 */
int scan_campaign_release(PGconn *conn, int bureau_id, int64_t id, const char **error);
/* One scan of a campaign at a time: waits for another's end. The lock goes with the connection. 0, or -1 with *error.
 */
int scan_campaign_lock(PGconn *conn, int bureau_id, int64_t id, const char **error);
/* The audience has its conversations, and is counted. 0, or -1 with *error. */
int scan_campaign_done(PGconn *conn, int bureau_id, int64_t id, const char **error);

#endif
