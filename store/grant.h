/*
 * Access grants and what their page shows: one grant with its conversation and applications in one round trip, the
 * short code's look-up, and the counting of tries.
 *
 * Personal fields come as they are stored (sealed); who has the keys opens them. Nothing here knows tokens.
 */
#ifndef STORE_GRANT_H
#define STORE_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct pg;

#define GRANT_TRIES 5 /* wrong answers to the identity question until it locks */
#define GRANT_LOCK_MINUTES 30
#define GRANT_CODE_USES 20 /* looks by short code that one grant allows */
/* New links for one talk, asked for on the page of one that is over: none within so long of the last, so many a day. */
#define GRANT_AGAIN_SECONDS 120
#define GRANT_AGAIN_A_DAY 5

struct grant_sealed {
	const uint8_t *data; /* NULL when there is none */
	size_t len;
};

struct grant_holder {
	int64_t id;
	const char *name;
	struct grant_sealed id_number, address;
};

/* Strings are never NULL; dates are YYYY-MM-DD in the bureau's time zone, "" when not yet. */
struct grant_change {
	const char *field; /* legal_representative, name, address */
	struct grant_sealed from, to;
};

struct grant_application {
	int64_t id;
	int number;
	const char *status, *item_code, *name_zh, *name_en, *trigger, *approval;
	const char *old_choices, *delivery_choices;				 /* words with a space between: "on_site courier" */
	const char *licence_no, *issued_on, *expires_on, *facts; /* facts: a JSON object */
	const struct grant_holder *holder;
	struct grant_sealed address; /* where to send it, when not the holder's own */
	const char *old_certificate, *delivery, *tracking_no, *pickup_code, *decision_reason;
	int rating; /* 0 = none */
	const char *submitted_on, *decided_on, *sent_on, *collected_on;
	/* what changed in the business register on that day; none: an expiry */
	const char *changed_on;
	struct grant_change *changes;
	size_t nchanges;
	bool selected; /* the conversation is about this one */
};

struct grant_view {
	struct arena *arena; /* holds everything below, this struct too */
	int bureau_id;
	int64_t id, conversation_id;
	const char *purpose;
	uint8_t nonce[8];
	int64_t expires_us, code_expires_us; /* of the link and QR code; of the short code */
	bool expired, used, revoked, opened;
	int identity_tries;
	const char *locked_until;							   /* HH:MM in the bureau's time zone; "" = not locked */
	const char *phone, *language, *step, *outcome, *slots; /* of the conversation; slots: a JSON object */
	const char *dialog;
	int dialog_version;
	bool open, begun;
	uint64_t selected; /* bit n-1: application n was chosen; 0 = all */
	struct grant_application *applications;
	size_t napplications;
	struct grant_holder *holders; /* of the selected applications, each once, in their order */
	size_t nholders;
};
void grant_view_free(struct grant_view *v);

/*
 * Loads a grant. fn gets the view (now the caller's: grant_view_free), or NULL: error is then NULL when there is no
 * such grant, else the database's words. Called once. -1 when the connection is not ready; nothing is called then.
 */
typedef void (*grant_view_fn)(void *arg, struct grant_view *v, const char *error);
int grant_load(struct pg *pg, int bureau_id, int64_t id, grant_view_fn fn, void *arg);

/*
 * Finds the live grant of a short code among these bureaus; the look is counted. fn gets id 0 when there is none, or
 * when two grants have the same code by chance: then nobody may go in by it. -1 when the connection is not ready.
 */
typedef void (*grant_code_fn)(void *arg, int bureau_id, int64_t id, const char *error);
int grant_find_code(
	struct pg *pg, const int *bureau_ids, size_t n, const uint8_t hash[32], grant_code_fn fn, void *arg);

/* Counts one try at the identity question. tries: with this one; 0 = locked, nothing may be compared. */
typedef void (*grant_try_fn)(void *arg, int tries, const char *error);
int grant_try(struct pg *pg, int bureau_id, int64_t conversation_id, grant_try_fn fn, void *arg);
/* What came of it. Nobody waits for these two. */
void grant_proven(struct pg *pg, int bureau_id, int64_t conversation_id);
void grant_refused(struct pg *pg, int bureau_id, int64_t conversation_id, int64_t id, int tries);
/* The page was opened; only the first time leaves a trace. Nobody waits. */
void grant_opened(struct pg *pg, int bureau_id, int64_t id);

/* ---- For the command line: block until done -------------------------------------------------------------------- */

/* As above. 0 with *v (NULL = no such grant), or -1 with *error. */
int grant_load_wait(struct pg *pg, int bureau_id, int64_t id, struct grant_view **v, const char **error);
/* 1 found (*bureau_id, *id), 0 none, -1 with *error. */
int grant_find_code_wait(struct pg *pg, const int *bureau_ids, size_t n, const uint8_t hash[32], int *bureau_id,
	int64_t *id, const char **error);
/*
 * A clerk has seen the identity document: raises `verified` for the grant's conversation, which the daemon steps.
 * actor is "staff:NAME". 1 raised, 0 the conversation is over or the grant revoked, -1 with *error.
 */
int grant_prove_wait(struct pg *pg, int bureau_id, int64_t id, const char *actor, const char **error);

#endif
