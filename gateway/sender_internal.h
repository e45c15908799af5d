/* What the sender's files share: texts on their way (sender.c), and what became of them (sender_mark.c). */
#ifndef GATEWAY_SENDER_INTERNAL_H
#define GATEWAY_SENDER_INTERNAL_H

#include <libpq-fe.h>
#include "dialog/text.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/policy.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/suffix.h"
#include "gateway/smpp/reference.h"

struct arena;
struct ask;
struct event;
struct pg_batch;

#define SENDER_ID_MAX 72 /* octets of a carrier's message id and of its key, with NUL */
#define SENDER_WORD_MAX 24
#define SENDER_MARK_BATCH 1000 /* parts or receipts of one transaction */

/* x becomes the last of a list with a tail. */
#define SENDER_APPEND(head, tail, x)                                                                                   \
	do {                                                                                                               \
		(x)->next = NULL;                                                                                              \
		if ((tail) != NULL)                                                                                            \
			(tail)->next = (x);                                                                                        \
		else                                                                                                           \
			(head) = (x);                                                                                              \
		(tail) = (x);                                                                                                  \
	} while (0)

/* Of a screen: what it is said as, and until when. */
struct sending_ussd {
	struct ussd_out out; /* its strings are those below */
	char session[USSD_SESSION_MAX + 1], state[USSD_STATE_MAX + 1], code[USSD_CODE_MAX + 1];
	int64_t by_us; /* unix microseconds; 0 = at any time */
};
struct sending_ussd *sending_ussd_new(const struct sender_text *t);

/* Texts that left with one commit of turns, and their lease: the row of outbox_direct that stands for them. */
struct sender_direct {
	struct sender_direct *next, *prev;
	const struct conf_bureau *bureau;
	int64_t id;
	int waiting;   /* texts whose outcome is not stored yet */
	int finishing; /* of them, those in the batch of marks under way */
};

/* One text under way on one link: from the stored attempt until all its parts are answered. */
struct sending {
	struct sending *next;
	struct sending *all_next, *all_prev; /* every text that this daemon holds, for its leases */
	const struct conf_bureau *bureau;
	struct link *link;
	int64_t message_id, at_us, reply_to;
	int64_t attempted_us; /* when this attempt was stored */
	char phone[24];
	char source[SUFFIX_ADDRESS_MAX]; /* short code, with digits where the carrier lets them be added */
	enum policy_kind kind;
	int attempt, rebinds, lost;	  /* its number; of those before it */
	bool first;					  /* nothing was ever marked of an attempt with this number */
	struct sender_direct *direct; /* NULL: it has a row in the outbox */
	uint32_t there;				  /* bit n: the carrier has part n + 1 from an earlier attempt */
	struct text_parts parts;
	uint8_t reference; /* of a text in several parts */
	int written;	   /* parts given to the link */
	int answered;	   /* parts whose outcome is known */
	bool unsent, uncertain;
	bool whole;				   /* the carrier cuts it */
	uint32_t status;		   /* the gravest refusal, 0 = none */
	struct sending_ussd *ussd; /* it is a screen; NULL = a text */
	size_t len;
	char text[];
};

/* What one link has to do. */
struct lane {
	struct link *link;
	const struct conf_link *conf;
	struct sending *head, *tail; /* attempts stored, parts still to be written; screens and replies first */
	struct sending *unsaid;		 /* a screen that could not be written any more; it is leaving the lane */
	int ready_parts;
	int ready_urgent; /* of them, those of replies and notices */
	int reserved;	  /* parts promised to turns that are being committed */
	bool maybe;		  /* rows may wait in the outbox */
	int64_t down_ms;  /* of the monotonic clock: since when it is not bound here; 0 = it is */
	int asked;		  /* questions of the look under way (sender_ask.c) */
	bool elsewhere;	  /* another daemon has it bound */
	size_t next_bureau;
	bool *empty; /* by bureau: the last claim found no more */
};

struct part_mark {
	struct part_mark *next;
	const struct conf_bureau *bureau;
	struct link *link;
	int64_t message_id, at_us, attempted_us;
	int part, attempt;
	bool first;
	struct sender_direct *direct; /* an answer that left with its turn, and was accepted; its text is not stored yet */
	uint32_t status;
	const char *state;
	char phone[24];
	char session[48], carrier_id[SENDER_ID_MAX], carrier_key[SENDER_ID_MAX];
};

struct receipt_mark {
	struct receipt_mark *next;
	const struct conf_bureau *bureau;
	struct link *link;
	uint64_t token;
	uint64_t after; /* it is marked when so many batches of marks are through: its part is stored then */
	bool answer;	/* the carrier waits for one; false: it told this when it was asked */
	int nth;		/* of its batch */
	bool found;		/* its part, by its id as it is */
	char carrier_key[SENDER_ID_MAX], hex_key[SENDER_ID_MAX], decimal_key[SENDER_ID_MAX], phone[24],
		state[SENDER_WORD_MAX], error[SENDER_WORD_MAX];
};

/* An answer that was taken, remembered until the database has told of it to whoever had asked before. */
struct settled {
	int64_t inbound_id, at_us, taken_us; /* unix microseconds: written, and taken by the carrier */
	char session[48];
};
#define SENDER_SETTLED 4096

struct sender {
	struct gateway *g;
	struct lane *lanes; /* as g->links */
	size_t nlanes;
	struct event *run, *poll, *pace;
	bool claiming;
	struct sending *all;
	struct references *references;
	int sendings;				   /* in `all` */
	struct sender_direct *directs; /* the latest first */
	int64_t renewed;			   /* unix seconds */
	bool moving;				   /* texts are being given to other links */
	bool looked_back;			   /* overdue receipts were looked for since the start */
	struct ask *asks;			   /* questions to carriers under way */
	bool orphans;				   /* texts may wait for links that their bureau has no more */

	/* sender_mark.c */
	struct settled settled[SENDER_SETTLED]; /* each at its id's remainder: a later one takes its place */
	struct part_mark *marks, *marks_tail;
	struct sending *finished, *finished_tail;
	struct receipt_mark *receipts, *receipts_tail;
	int marks_waiting, finished_waiting, receipts_waiting;
	bool marking, receipting;
	bool gave_way;		   /* outcomes wait behind a turn, once */
	uint64_t marked;	   /* batches of marks that are through */
	struct pg *pg_receipt; /* receipts, and what parts make of their texts: beside claims and marks */
	int early;			   /* receipts that this daemon has put aside for parts not known yet */
	struct event *mark_run;
};

/* sender_mark.c */
int sender_mark_init(struct sender *s);
void sender_mark_free(struct sender *s);
/* The outcome of one part; when it is the last, of the text. */
void sender_part_done(struct sender *s, struct sending *x, const struct link_submitted *r);
void sender_mark_later(struct sender *s);
/* sender_receipt.c */
void sender_receipts_run(struct sender *s); /* one batch, when none is under way */
void sender_receipts_free(struct sender *s);
void sender_receipt_add(struct sender *s, struct receipt_mark *m); /* takes m */
/* Receipts that were put aside for parts with these keys, which are stored now. */
void sender_receipts_late(struct sender *s, const struct conf_bureau *b, const char *const *keys, size_t n);
/* What the parts of these messages make of them, with reasons in the bureau's language. */
void sender_save_states(
	struct pg_batch *pb, const struct conf_bureau *b, struct arena *a, const int64_t *ids, size_t n);
/* One column of ids. */
void sender_ids_of(struct arena *a, const PGresult *res, int64_t **ids, size_t *n);
/* sender_direct.c */
struct sender_direct *sender_direct_join(struct sender *s, const struct sender_text *t); /* NULL: it is in the outbox */
/* Of these texts (linked by `next`) so many more are about to be stored, or are not after all. */
void sender_direct_finishing(const struct sending *list, bool undo);
/* Rows all of whose texts are stored with these: their ids; room for as many as there are texts. */
size_t sender_direct_over(const struct sending *list, int64_t *ids);
void sender_direct_stored(struct sender *s, struct sending *x); /* before it is freed */
/* sender_ask.c */
void sender_asks_free(struct sender *s);
/* sender_lease.c: called with every poll */
void sender_renew(struct sender *s);
/* sender_route.c: looks whether a link is down, and lets what waits for it go by another one; called with every poll */
void sender_move(struct sender *s);
bool sender_bound(const struct link *l);
struct lane *sender_lane(struct sender *s, const char *link); /* NULL: there is no such link any more */
/* sender_claim.c: one claim at a time, for as many parts as the link has room */
void sender_claim(struct sender *s, struct lane *lane);
/* sender.c */
int sender_ahead(
	const struct lane *lane); /* parts that may lie ready: enough to keep the window full through one commit */
void sender_take(struct sender *s, struct lane *lane, const struct sender_text *texts, size_t n); /* claimed; copies */
const char *sender_language(const struct conf_bureau *b);  /* in which its clerks read reasons */
bool sender_has_place(const struct lane *lane, int parts); /* may so many parts of a reply go ahead of bulk? */
void sending_free(struct sender *s, struct sending *x);

/* sender_ussd.c: writes the lane's first, a screen, or finds it too late for it. -1: no room now, nothing changed. */
int sender_write_screen(struct sender *s, struct lane *lane, struct sending *x);
/* Tells the outcome of the screen that was too late, once it has left the lane. */
void sender_screen_unsaid(struct sender *s, struct lane *lane);

#endif
