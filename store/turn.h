/*
 * What a batch of turns reads and writes, as rows. Loading locks the conversations; saving is arrays through unnest,
 * one statement a table. Rows and their strings live in the batch's arena.
 */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

struct arena;
struct pg_batch;

#define STORE_TURN_COUNTS 24

struct store_conversation {
	int64_t id, holder_id, campaign_id;							 /* campaign 0 = none */
	const char *phone, *link, *language, *dialog, *step, *slots; /* slots: a JSON object */
	int dialog_version, version;
	int texts; /* in parts, said to its phone since it is the latest */
	uint64_t selected;
	bool begun, ask_owed, open;
	uint8_t counts[STORE_TURN_COUNTS];
	int64_t deadline_us; /* INT64_MIN = none */
	/* only for the save */
	bool ended;
	const char *outcome;
	uint32_t kept_xid;			   /* not read but remembered: the transaction that left it so; 0 = read and locked */
	const char *kept_applications; /* theirs, in the order of their ids, with commas; NULL: all are saved beside it */
};

struct store_application {
	int64_t id, conversation_id;
	int number;
	const char *status, *item_code, *name_zh, *name_en, *licence_no, *issued_on, *expires_on, *holder;
	const uint8_t *holder_address, *address; /* as sealed; NULL when there is none */
	size_t holder_address_len, address_len;
	const char *old_certificate, *delivery, *tracking_no, *pickup_code, *decision_reason, *verified_by;
	int rating;			  /* 0 = none */
	const char *tags;	  /* the holder's, a line each */
	const char *cycle;	  /* expiry:YYYY-MM-DD, change:ID */
	const char *last_day; /* until which it may be made, YYYY-MM-DD; "" = not known */
	/* what changed in the business register: "field:HEX:HEX field:HEX:HEX", the old and the new value sealed */
	const char *changes;
	const char *certificate_no, *check_due_on;
	uint32_t xid; /* of the transaction that left the row so */
	/* only for the save */
	const uint8_t *new_address;
	size_t new_address_len;
	int new_rating;			   /* 0 = as it was */
	const char *new_complaint; /* NULL = as it was */
	bool detached, changed;
};

struct store_inbound {
	int64_t id, received_us, sequence;
	const char *link, *session, *phone, *short_code, *text, *step, *error;
	const uint8_t *hash;	 /* STORE_HASH octets */
	int64_t conversation_id; /* 0 = none */
	bool understood;
};
#define STORE_HASH 16

struct store_message {
	int64_t id, at_us, conversation_id, campaign_id, reply_to; /* 0 = none */
	const char *phone, *kind, *wording, *language, *text, *link;
	int parts, priority;
	uint8_t reference; /* of its parts; 0 = whoever sends it chooses */
	bool now;		   /* its attempt goes with this commit */
	bool screen;	   /* of a USSD session */
};

struct store_trail {
	int64_t application_id, conversation_id; /* 0 = none */
	const char *actor, *kind, *data;		 /* data: a JSON object */
};

struct store_worklist {
	const char *list, *phone, *reason;
	int64_t application_id, conversation_id; /* 0 = none */
	const char *item_code;					 /* of the application; NULL when there is none */
};

/* What became of that which a clerk has said or picked for an entry: store/stmt/worklist.def. */
struct store_said {
	int64_t entry_id;
	const char *actor, *became; /* became: done, moved, over, failed */
	const char *note;
	bool closes;
	int64_t session; /* 0 = none */
	const char *address;
};

/* ---- Load ---- */

/* n conversations, at most one a phone, in the order of the phones; the applications of one side by side, by number. */
struct store_conversation *store_turn_conversations(struct arena *a, const PGresult *res, size_t *n);
struct store_application *store_turn_applications(struct arena *a, const PGresult *res, size_t *n);
/* One column of hexadecimal octets or of ids. */
uint8_t *store_hex(struct arena *a, const char *hex, size_t *len);
const char *store_text(const PGresult *res, int row, int column); /* "" for NULL; lives with res */
int64_t store_int(const PGresult *res, int row, int column);	  /* 0 for NULL */
uint32_t store_xid(const PGresult *res, int row, int column);	  /* 0 for NULL; transactions count from 3 */

void store_turn_load(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n);
/* One result, rows of a phone and the hash (hexadecimal) of a text of it: of each phone the latest, at most `limit`. */
void store_turn_load_texts(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n, int limit);
struct store_arrival {
	const uint8_t *hash;				/* STORE_HASH octets */
	const char *phone, *session, *link; /* session "": put off before, it may be stored */
	int64_t sequence;					/* or, in microseconds, when it was put off first */
	bool text;							/* not a key pressed in a USSD session */
};
void store_turn_load_again(struct pg_batch *b, int bureau_id, const struct store_arrival *rows, size_t n);
void store_turn_load_check(struct pg_batch *b, int bureau_id, const uint8_t *const *code_hashes, size_t n);
void store_turn_load_events(struct pg_batch *b, int bureau_id, const int64_t *ids, size_t n);
/* Of these phones, those that answer to a text of a talk that is over: the number named is 1 + its id % modulus. */
void store_turn_load_named(
	struct pg_batch *b, int bureau_id, const char *const *phones, const int64_t *named, size_t n, int64_t modulus);
void store_turn_load_ids(struct pg_batch *b, int count);

/* ---- Save: each adds nothing when n is 0 ---- */

void store_save_inbound(struct pg_batch *b, int bureau_id, const struct store_inbound *rows, size_t n);
/* Rows that were saved before it was known whether they are understood, or why they cannot be stepped. */
void store_save_inbound_found(struct pg_batch *b, int bureau_id, const struct store_inbound *rows, size_t n);
/* One result: the transaction's id in each row (store_xid). Talks that are remembered come in the order of their
 * phones. */
void store_save_conversations(struct pg_batch *b, int bureau_id, const struct store_conversation *rows, size_t n);
/* Behind it: of the talks that are remembered, those applications that are not saved beside them. */
void store_check_conversations(struct pg_batch *b, int bureau_id, const struct store_conversation *rows, size_t n);
/* Only how many texts in parts were said, of conversations that change in nothing else. */
void store_save_texts_said(struct pg_batch *b, int bureau_id, const struct store_conversation *rows, size_t n);
void store_save_applications(struct pg_batch *b, int bureau_id, const struct store_application *rows, size_t n);
/*
 * Those that go with this commit, but for screens, have one row for all of them in outbox_direct, under the id of the
 * first; they were made at the same time.
 */
void store_save_messages(struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds,
	const struct store_message *rows, size_t n);
/* What the program itself is to do with these applications: store/stmt/application.def. */
void store_save_acts(struct pg_batch *b, int bureau_id, const int64_t *ids, const char *const *kinds, size_t n);
void store_save_trail(struct pg_batch *b, int bureau_id, const struct store_trail *rows, size_t n);
void store_save_said(struct pg_batch *b, int bureau_id, const struct store_said *rows, size_t n);
void store_save_worklist(struct pg_batch *b, int bureau_id, const struct store_worklist *rows, size_t n);
/* Whoever waited for the citizens of these talks need not any more. */
void store_worklist_done(struct pg_batch *b, int bureau_id, const int64_t *conversations, size_t n);
/* One statement with one array of ids or of phones. */
void store_save_ids(struct pg_batch *b, int stmt, int bureau_id, const int64_t *ids, size_t n);
void store_save_phones(struct pg_batch *b, int stmt, int bureau_id, const char *const *phones, size_t n);
/* The answers to these inbound texts of these phones go out again; the texts belong to the bind they came on now. */
struct store_again {
	int64_t inbound_id;
	const char *phone, *session;
	int64_t sequence, came_us;
};
void store_answer_again(struct pg_batch *b, int bureau_id, const struct store_again *rows, size_t n);
/* Texts that were put off though they may be stored: what was stored of them is of no bind from now on. */
struct store_unsure {
	const char *phone;
	const uint8_t *hash; /* STORE_HASH octets */
	int64_t came_us;
	int bureau_id;
};
void store_unsure(struct pg_batch *b, const struct store_unsure *rows, size_t n);
/* One statement with an array of phones and one of a word for each: why it is suppressed, its language. */
void store_save_phone_words(
	struct pg_batch *b, int stmt, int bureau_id, const char *const *phones, const char *const *words, size_t n);

#endif
