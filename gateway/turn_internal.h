/* What the files of the turn share: the queue by phone, a batch with its rows, and the arrows between them. */
#ifndef GATEWAY_TURN_INTERNAL_H
#define GATEWAY_TURN_INTERNAL_H

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/grants.h"
#include "gateway/turn.h"
#include "gateway/turn_kept.h"
#include "store/arena.h"
#include "store/part.h"
#include "store/turn.h"

struct dialog;
struct pg_batch;
struct turn_ussd;	   /* gateway/turn_ussd.h */
struct turn_ussd_rows; /* there too */
struct turn_screen;
struct ussd_live; /* gateway/ussd_live.h */
struct event;

#define TURN_PHONE_MAX 24
#define TURN_BATCH_MAX 1000

/* One thing to step: a text or an event, of one phone at one bureau. Owns its strings. */
struct turn {
	struct turn *next; /* the same phone's next one, in order of arrival */
	struct turn_phone *chain;
	const struct conf_bureau *bureau;
	char phone[TURN_PHONE_MAX];
	bool is_text;
	int tries;
	int64_t received_us;

	/* a text */
	struct link *link;
	uint64_t token;
	char session[48];
	uint32_t sequence;
	char short_code[TURN_PHONE_MAX];
	char *text;
	char *shown; /* what is kept of it where text cannot say it (8-bit data); NULL = text */
	uint8_t hash[STORE_HASH];
	bool long_text; /* made of parts that are marked as joined with the save */
	struct store_part part_key;
	int64_t named; /* the conversation that the address's digits name (gateway/suffix.h); 0 = none */
	bool checks;   /* "CHECK 12345678": asks whether this code is the bureau's */
	uint8_t check_hash[32];

	struct turn_ussd *ussd; /* it came in a USSD session; NULL = a text */

	/* an event */
	struct turn_event event;
	turn_done_fn done;
	void *arg;

	bool keeps;				/* its talk may be kept for the next text */
	struct turn_kept *kept; /* its talk as the turn before left it, which is not read; NULL: it is read */

	/* what the batch found */
	bool twin;	/* the same text of the same bind waits before it: the carrier sends it twice */
	bool again; /* stored before: answered, not stepped */
	bool ahead; /* its inbound row was sent ahead of its step */
	enum turn_outcome outcome;
	char step[DIALOG_NAME_MAX + 1];
	const struct store_conversation *row; /* its phone's, NULL when there is none; in the batch's arena */
	struct store_application *of_row;	  /* the row's applications */
	size_t nof_row;
	int64_t inbound_id;						/* 0: it was not stored */
	struct store_application *applications; /* of the talk that it saved and that goes on, in the batch's arena */
	size_t napplications;					/* 0: nothing is kept */
};

/* The turns of one phone that wait or are under way; there is one while there are any. */
struct turn_phone {
	struct turn_phone *hash_next, *ready_next;
	int bureau_id;
	char phone[TURN_PHONE_MAX];
	struct turn *head, *tail;
	bool busy; /* its head is in a batch */
};

/* Phones whose first turn may go. */
struct turn_line {
	struct turn_phone *head, *tail;
	int count;
};

struct turn_queue {
	struct turn_phone **buckets;
	size_t nbuckets, nphones;
	struct turn_line ready[2]; /* 0: somebody waits for the answer; 1: raised by the clock */
	int pending;
};

int turn_queue_init(struct turn_queue *q);
void turn_queue_free(struct turn_queue *q);
void turn_queue_add(struct turn_queue *q, struct turn *t);
bool turn_queue_ready(const struct turn_queue *q);
int turn_queue_count(const struct turn_queue *q); /* phones that are ready */
/* Takes at most max turns of one bureau, one a phone, in order of arrival within each line. Returns how many. */
int turn_queue_take(struct turn_queue *q, struct turn **out, int max);
/* The turn is over: its phone's next one becomes ready. The turn itself is the caller's to free. */
void turn_queue_done(struct turn_queue *q, struct turn *t);
/* The turn must be stepped again: it stays its phone's first. */
void turn_queue_again(struct turn_queue *q, struct turn *t);
void turn_free(struct turn *t);

/* A growing list of rows in the batch's arena. */
struct turn_rows {
	void *list;
	size_t count, room;
};

/* A text of this phone is stored already. */
struct turn_prior {
	const char *phone;
	uint8_t hash[STORE_HASH];
};

struct turn_batch {
	struct gateway *g;
	const struct conf_bureau *bureau;
	struct arena *arena;
	struct turn **turns;
	int nturns;
	struct turn_lane *lane;
	bool single;	 /* after a batch that was refused */
	size_t promised; /* ids of row_id that are kept for it */
	int64_t now_us;
	int loads; /* results still expected of the load, by their order */
	int stage[16], nstages;
	int ussd_stage; /* the first of the results that are turn_ussd.c's */

	size_t nkept;	 /* turns whose talks are kept */
	size_t nahead;	 /* of its inbound rows, those that were sent before the steps */
	int saved_stage; /* the result of the saved conversations; -1: there are none */
	uint32_t xid;	 /* the transaction's, with that result */

	/* loaded */
	struct turn_rows prior; /* struct turn_prior */
	struct store_conversation *conversations;
	size_t nconversations;
	struct store_application *applications;
	size_t napplications;
	struct turn_rows again, genuine, expired; /* const char *: hexadecimal hashes */
	struct turn_rows called, callers;		  /* const char *: of codes of calls, and who called */
	struct turn_rows again_ids;	  /* int64_t, beside `again`: the inbound it would be; 0: this one for certain */
	struct turn_rows events;	  /* int64_t */
	struct turn_rows named_other; /* const char *: phones that answer to a text of a talk that is over */
	struct turn_rows spoken_phones, spoken; /* const char *: what these phones asked for with LANGUAGE */
	struct turn_ussd_rows *ussd;			/* NULL: no turn of the batch is of a session */

	/* to save */
	struct turn_rows texts_said; /* struct store_conversation */
	struct turn_rows inbound, inbound_found, saved_conversations, saved_applications, messages, trail, worklist;
	struct turn_rows grants;									 /* struct grants_made */
	struct turn_rows grants_revoked, grants_used, events_done;	 /* int64_t */
	struct turn_rows worklist_done;								 /* int64_t: conversations */
	struct turn_rows said;										 /* struct store_said */
	struct turn_rows suppressed, suppress_reasons, unsuppressed; /* const char * */
	struct turn_rows language_phones, language_words;			 /* const char * */
	struct turn_rows act_ids, act_kinds;						 /* int64_t, const char *: store_save_acts */
	struct turn_rows answer_again;								 /* struct store_again */
	struct turn_rows parts_done;								 /* struct store_part */
	struct turn_rows texts;										 /* struct sender_text */
};

void *turn_rows_add(struct turn_batch *b, struct turn_rows *r, size_t size);
/* Is this hash among the loaded rows? They hold hexadecimal texts. */
bool turn_hash_in(const struct turn_rows *rows, const uint8_t *hash, size_t len);
int64_t turn_batch_id(struct turn_batch *b); /* a fresh id of row_id; there are always enough */
/*
 * The database is lost: a server that crashes forgets what it gave of row_id since its last commit that waited for the
 * disk, and gives it again. Only what batches under way may use is kept, whose own commit fails if it was forgotten.
 */
void turn_ids_forget(struct turns *ts);
/* Are there ids for so many turns, or is this the lane that takes new ones? */
bool turn_ids_suffice(const struct turns *ts, const struct turn_lane *lane, int nturns);

/* turn_load.c: adds the questions, false where there are none; takes their answers (a pg_result_fn). */
bool turn_batch_load(struct turn_batch *b, struct pg_batch *pb);
void turn_batch_result(void *arg, int index, const PGresult *res);
void turn_batch_loaded(struct turn_batch *b); /* all answers are in: talks that are kept join those that were read */
/* Before the save: saved talks lie in the order of their phones, in which those that were not read are locked. */
void turn_batch_sort(struct turn_batch *b);
/* Committed: the turn's talk is kept for the next one. */
void turn_batch_keep(struct turn_batch *b, const struct turn *t);

/* turn_save.c: the batch's rows, which refer to each other, in one order for every batch. */
void turn_batch_save(struct turn_batch *b, struct pg_batch *pb);

/* turn_step.c: one turn against what was loaded; fills the batch's rows. -1: it cannot be stepped, *why says it. */
int turn_step(struct turn_batch *b, struct turn *t, const char **why);
/* The inbound rows that are known before the steps are on their way to the database meanwhile. */
void turn_inbound_ahead(struct turn_batch *b, struct pg_batch *pb);

/* One turn's view while it is stepped. */
struct turn_scene {
	struct turn_batch *b;
	struct turn *t;
	const struct dialog *dialog;
	const struct store_conversation *row;	/* NULL: nobody we talk with */
	struct store_application *applications; /* the conversation's */
	size_t napplications;
	struct dialog_conversation *before, *after;
	const struct dialog_result *result;
	const char *language;
	int64_t inbound_id; /* 0 for an event */
	const char *actor;
	bool personal;					  /* the citizen's words hold an address: they stay out of the trail */
	unsigned substitutions;			  /* for texts inside a text that is rendered with them */
	bool open;						  /* row is a conversation under way */
	const struct dialog_effect *move; /* its first move, when an event of its only application may tell it */
	bool move_passed, move_told;
	int said;					/* texts in parts, to its phone */
	struct turn_screen *screen; /* the turn is of a USSD session */
	bool on_screen;				/* what is being rendered is for it */
};
/* Of a talk without a phone (schema 030): nothing can be texted there, and no carrier's sender may be taken for it. */
static inline bool
turn_phoneless(const char *phone)
{
	return phone[0] == '#';
}
/* turn_apply.c: what the effects change. */
void turn_apply(struct turn_scene *s);
/* An event of the talk, not of one application. */
void turn_trail(struct turn_scene *s, const char *kind, const char *data);
/* Remembers that this text is the question that the next answer is to. */
void turn_asked(struct turn_scene *s, const char *wording, int64_t message_id, const char *text);
/* turn_text.c: one text to the citizen, rendered, with its grant when it carries one. */
void turn_say(struct turn_scene *s, const char *wording, int application, bool reminder);
/* What a clerk has written, as it is; the trail says who. */
void turn_say_by_hand(struct turn_scene *s);
/* A grant for this talk; the caller need not send it. NULL when it cannot be made. */
const struct grants_made *turn_grant(struct turn_scene *s);
/* Values of placeholders (a dialog_value_fn), arg: struct turn_values. */
struct turn_values {
	struct turn_scene *s;
	int application;				/* the text is about this one; 0 = the first chosen */
	const struct grants_made *made; /* NULL: the text carries no grant */
	int depth;						/* words inside words: one level */
};
const char *turn_value(void *arg, const char *placeholder, int index);
/* What changed in the business register: its entries by name, with the masked old and new values or without. */
const char *turn_changes(struct turn_scene *s, const struct store_application *a, bool values);
/* The text `wording` of the scene's dialog as a value inside another text; "" when there is none. */
const char *turn_word(struct turn_scene *s, const char *wording, int application);
/* The conversation's application with this number, or the first chosen one for 0. NULL when there is none. */
struct store_application *turn_application(struct turn_scene *s, int number);

/* turn_parts.c: a part of a long text; becomes a turn when all are there. */
struct turn_parts;
struct turn_parts *turn_parts_new(struct gateway *g);
void turn_parts_free(struct turn_parts *p);
void turn_parts_add(struct turn_parts *p, struct turn *t); /* takes t */
int turn_parts_pending(const struct turn_parts *p);
/* Are they parts of one text? */
bool turn_parts_same(const struct store_part *a, const struct store_part *b);

/* turn_incomplete.c: the parts of one text (n >= 1, each number once) as UTF-8 that the caller frees. */
char *turn_parts_text(const struct store_part *rows, size_t n);
/* The same for people's eyes where parts are 8-bit data, with their octets; NULL when none is. */
char *turn_parts_shown(const struct store_part *rows, size_t n);
char *turn_octets_shown(const uint8_t *octets, size_t len); /* "[8-bit data: 0a ff]" */
/* What there is of a text goes to the worklist, in the batch's transaction. */
void turn_parts_give_up(struct pg_batch *pb, const struct conf_bureau *b, const struct store_part *rows, size_t n);
/* A turn of what a carrier delivered for this bureau; NULL: it may not come in now, and the carrier was told so. */
struct turn *turn_text_new(
	struct gateway *g, struct link *l, const struct link_deliver *d, const struct conf_bureau *b);
void turn_accept(struct gateway *g, struct turn *t); /* into the queue; takes t */
void turn_refuse(struct turn *t); /* not stored: 0x64 to the carrier, TURN_FAILED to the caller; frees t */

/*
 * turn_unsure.c: texts of which nobody knows whether they were stored, for the commit's answer was lost. The carrier
 * sends them again; until then they are kept here. NULL = none yet.
 */
struct turn_unsure;
void turn_unsure_add(struct turn_unsure **all, const struct turn *t, int64_t now_us);
/* When this text first came and was put off; 0: it was not. */
int64_t turn_unsure_since(const struct turn_unsure *u, const struct turn *t, int64_t now_us);
void turn_unsure_drop(struct turn_unsure *u, const struct turn *t); /* it is stored and answered */
bool turn_store_is_down(const char *sqlstate);						/* nobody's fault: everything comes again */

/* One connection with at most one batch under way. */
struct turn_lane {
	struct pg *pg;
	struct turn_batch *batch; /* NULL: idle */
};

struct turns {
	struct gateway *g;
	struct turn_queue queue;
	struct turn_lane *lanes; /* the first one is the gateway's pg_turn; phones of different batches are different */
	int nlanes;
	struct turn_parts *parts;
	struct turn_unsure *unsure;
	struct turn_keep *keep;
	struct ussd_live *live; /* sessions heard of */
	struct event *unsaid;
	int64_t began_us; /* nothing of ours was stored before it */
	struct event *run;
	int64_t *ids; /* taken from row_id by the first lane, not used yet; the smallest last */
	size_t nids, ids_room;
	size_t promised; /* of them, those that batches under way may use */
	int single_left; /* turns of a refused batch: stepped one by one until they are through */
};

struct turns *turns_new(struct gateway *g);
/* More connections than the gateway's own, so that one batch is loaded while another is saved. */
int turns_connect(struct turns *t);
void turns_free(struct turns *t);

#endif
