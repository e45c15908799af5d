/* USSD sessions as rows: what is on a phone's screen. Loaded and saved with a batch of turns. */
#ifndef STORE_USSD_H
#define STORE_USSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

struct arena;
struct pg_batch;

struct store_ussd {
	int64_t id, conversation_id; /* conversation 0 = none was open */
	const char *phone, *link, *session, *code, *step, *said;
	int page, pages;
	bool pushed;
	/* only for the save */
	const char *state, *reason;
	bool ended;
};

/* Of a phone's open conversation: tries at the identity question. */
struct store_tries {
	const char *phone;
	int grants, tries; /* tries: that a lock has not ended yet */
	bool locked;
};

/* A holder's number, sealed, by the number of the application. */
struct store_ussd_holder {
	const char *phone;
	int number;
	const uint8_t *id_number; /* NULL when there is none */
	size_t len;
};

/* One result each. n phones with the link and the session's key of each. */
void store_ussd_load(struct pg_batch *b, int bureau_id, const char *const *phones, const char *const *links,
	const char *const *sessions, size_t n);
void store_ussd_load_tries(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n);
void store_ussd_load_holders(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n);
struct store_ussd *store_ussd_sessions(struct arena *a, const PGresult *res, size_t *n);
struct store_tries *store_ussd_tries(struct arena *a, const PGresult *res, size_t *n);
struct store_ussd_holder *store_ussd_holders(struct arena *a, const PGresult *res, size_t *n);

/* Each adds nothing when n is 0. */
void store_ussd_save(struct pg_batch *b, int bureau_id, const struct store_ussd *rows, size_t n);
/* These texts of the same commit (ids and created_at, unix microseconds) are screens. */
void store_ussd_screens(struct pg_batch *b, int bureau_id, const int64_t *ids, const int64_t *at_us, size_t n);
/* One wrong try at the identity question in this conversation; right: the count begins anew. */
void store_ussd_tried(struct pg_batch *b, int bureau_id, int64_t conversation_id, bool right);

#endif
