/*
 * A link: one SMPP connection set to a carrier. Owns the socket, the bind's session machine, the window and the
 * reconnects. It stores nothing: it tells its owner what came and is told what to send and when to answer.
 *
 * The process must ignore SIGPIPE: a carrier may be gone when something is written.
 *
 * Order of calls for a text out:   link_submit -> on_submitted (the response, or what became of it)
 * Order of calls for a text in:    on_deliver -> the owner stores it -> link_answer
 * Order of calls for a question about a text, or a request to take one back:
 *                                  link_query, link_cancel -> on_operated
 */
#ifndef GATEWAY_SMPP_LINK_H
#define GATEWAY_SMPP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialog/text.h"
#include "gateway/smpp/ussd.h"

struct event_base;
struct conf_link; /* gateway/conf.h */
struct link;
struct wire;

enum link_state {
	LINK_STOPPED,	 /* not asked to run, or drained */
	LINK_CONNECTING, /* TCP (and TLS) under way */
	LINK_BINDING,	 /* bind sent */
	LINK_BOUND,		 /* texts may flow */
	LINK_UNBINDING,	 /* unbind sent or answered; draining */
	LINK_WAITING,	 /* backing off before the next try */
};
const char *link_state_name(enum link_state s); /* "stopped", "connecting", ... */

#define LINK_PART_MAX 65535 /* octets of a whole text, where the link takes it in one piece */

/* One part of a text, as it goes out: exactly one submit_sm or data_sm. */
struct link_part {
	uint64_t message_id; /* the owner's; comes back in on_submitted */
	int part, parts;	 /* 1..n */
	int attempt;		 /* the owner's; comes back */
	void *tag;			 /* the owner's; comes back */
	const char *source;	 /* short code or alphanumeric sender */
	const char *dest;	 /* E.164 with plus */
	uint8_t data_coding;
	bool udh;			   /* octets begin with a user data header */
	const uint8_t *octets; /* short_message as it goes on the wire, header included; copied */
	size_t len;			   /* at most 254 in a part; a whole text goes up to LINK_PART_MAX */
	bool receipt;		   /* ask for a receipt */
	uint32_t validity;	   /* seconds from now; 0 = the carrier's own */
	/* NULL for a text. Otherwise part 1 of 1, copied too; such a part is never sent a second time, whatever comes back.
	 */
	const struct ussd_out *ussd;
};

enum link_outcome {
	LINK_ACCEPTED,	/* status 0: carrier_id holds the carrier's id */
	LINK_REFUSED,	/* a status other than 0 */
	LINK_UNCERTAIN, /* written, then the connection dropped or the response never came */
	LINK_UNSENT,	/* never written: the link went down first */
};

struct link_submitted {
	uint64_t message_id;
	int part, parts, attempt;
	void *tag;
	enum link_outcome outcome;
	uint32_t status;		/* command_status of the response; gateway/smpp/status.h says what to do about it */
	const char *carrier_id; /* verbatim, "" when none */
	const char *session;	/* the bind it was written on */
};

/* A question about a part that the carrier has accepted, or the request to take it back (query_sm, cancel_sm). */
enum link_operation {
	LINK_QUERY,
	LINK_CANCEL,
};

struct link_operate {
	uint64_t message_id; /* these five are the owner's; they come back in on_operated */
	int part, parts, attempt;
	void *tag;
	const char *carrier_id;	   /* verbatim, as link_submitted had it; copied */
	const char *source, *dest; /* as the part was submitted */
};

struct link_operated {
	enum link_operation operation;
	uint64_t message_id;
	int part, parts, attempt;
	void *tag;
	/*
	 * LINK_ACCEPTED: answered with status 0; a cancelled part will not be delivered any more, a queried one's state is
	 * below. LINK_REFUSED: the status says why (0x11 cannot be cancelled any more, 0x67 query failed, 0x03 this carrier
	 * does not know the command). LINK_UNCERTAIN: written, then the connection dropped or no response came: what became
	 * of a cancel shows in the part's receipt. LINK_UNSENT: never written.
	 */
	enum link_outcome outcome;
	uint32_t status;
	/* of an accepted query */
	const char *state; /* "ENROUTE", "DELIVRD", ... as in receipts; "" when none */
	int64_t final_at;  /* unix seconds of the final state; 0 when there is none yet, or none was readable */
	int error;		   /* the carrier's own network error code; 0 when none */
};

/* What a deliver_sm (or data_sm) brought, decoded. Strings live until the callback returns. */
struct link_deliver {
	uint64_t token;		 /* give to link_answer; valid while the session lasts, then ignored */
	const char *session; /* names this bind; another bind has another one */
	uint32_t sequence;
	const char *source; /* as the carrier sent it */
	uint8_t source_ton; /* 1 = it says international: the number has a country code, with or without plus */
	const char *dest;
	bool is_receipt;

	/* a text */
	const char *text;	/* UTF-8, one part of it when parts > 1; "" when empty; unreadable octets as U+FFFD */
	const uint8_t *raw; /* short_message or message_payload, header included */
	size_t raw_len;
	uint8_t data_coding, esm_class;
	enum text_coding coding; /* what data_coding means on this link */
	uint8_t locking, single; /* national tables, as the header names them */
	size_t header;			 /* octets of raw before the text */
	const char *concat;		 /* "udh8", "udh16", "sar" or "" */
	int reference, part, parts;
	const char *carrier_message_id; /* from a TLV where the carrier sends one, else "" */

	/* a receipt */
	const char *receipt_id;	   /* verbatim, "" when there is none */
	const char *receipt_key;   /* normalised as link_carrier_key would */
	const char *receipt_state; /* "DELIVRD", "EXPIRED", "UNDELIV", "ENROUTE", ... in the specification's spelling */
	const char *receipt_error; /* err: field or network_error_code, "" when none */

	const struct ussd_in *ussd; /* a move in a USSD session, its text as above; NULL for a text or a receipt */
};

/* What the owner wants to hear. All run in the event loop's thread; none may free the link. */
struct link_owner {
	void *arg;
	void (*on_state)(void *arg, struct link *l, enum link_state old, enum link_state now, const char *why);
	void (*on_submitted)(void *arg, struct link *l, const struct link_submitted *s);
	void (*on_deliver)(void *arg, struct link *l, const struct link_deliver *d);
	void (*on_room)(void *arg, struct link *l); /* the window has room again, or a throttle's pause is over */
	void (*on_operated)(void *arg, struct link *l, const struct link_operated *o); /* NULL: nobody queries or cancels */
};

/* conf must outlive the link. The link does nothing before link_start. NULL without memory. */
struct link *link_new(struct event_base *base, const struct conf_link *conf, const struct link_owner *owner);
void link_start(struct link *l);
/* Stop taking parts, wait for what is in flight, unbind, close; on_state tells LINK_STOPPED. */
void link_drain(struct link *l);
void link_free(struct link *l); /* closes at once; no callbacks */

/* How many parts may be submitted now: window and rate together. 0 unless bound. */
int link_room(const struct link *l);
/*
 * Queue one part for writing in this pass of the event loop. Returns 0, or -1 when there is no room (nothing changed).
 * A part that no submit_sm can hold (an address over 20 characters, a name over 11, too many octets) is taken and
 * comes back from the loop as LINK_REFUSED with the status a carrier would give (0x0A, 0x0B, 0x01).
 */
int link_submit(struct link *l, const struct link_part *p);
/*
 * Ask what became of an accepted part (SMPP 3.4, 4.8), or take it back if the carrier still holds it (4.9). Both count
 * in the window and in the rate like a part. Returns 0, or -1 when there is no room, or when the id or an address is
 * too long for any query_sm or cancel_sm (nothing changed).
 */
int link_query(struct link *l, const struct link_operate *o);
int link_cancel(struct link *l, const struct link_operate *o);
/* Answer a deliver_sm with this command_status (0 = stored, 0x64 = come again). */
void link_answer(struct link *l, uint64_t token, uint32_t status);

struct link_stats {
	enum link_state state;
	const char *host;  /* host:port in use or tried last */
	const char *error; /* the last one, "" when none */
	/* What a person must put right (credentials refused, no address to listen on); "" when nothing, and once bound. */
	const char *alarm;
	int64_t since; /* unix seconds of the last change of state */
	int in_flight;
	bool choked; /* we do not read now, because the carrier does not read or the owner does not answer */
	uint64_t sent, received, refused;
	uint64_t throttled; /* refusals for speed */
	int window;			/* parts that may be in flight */
	int rate; /* parts per second that go now, by configuration or slower for the carrier's sake; 0 = no limit */
};
void link_stats_get(const struct link *l, struct link_stats *out);
const char *link_name(const struct link *l);
struct wire *link_wire(struct link *l); /* its wire log (gateway/smpp/wire.h), which may be switched at any time */
/* Whether texts can go out on it at all: not on a link that only receives. */
bool link_can_send(const struct link *l);
/* A long text goes out whole, as part 1 of 1 without a header, and the carrier cuts it (long_text = "payload"). */
bool link_takes_whole(const struct link *l);
/* How many parts a text of `len` octets is given to this link in: 1 where it takes texts whole. */
int link_parts(const struct link *l, const char *utf8, size_t len);
/* How texts travel on this link: for counting, splitting and encoding them. */
const struct text_rules *link_text_rules(const struct link *l);
/* Whether this link carries USSD: its `ussd` profile is not "none". */
bool link_has_ussd(const struct link *l);
/* Whether its profile can say this at all; not every carrier lets us push. */
bool link_ussd_can(const struct link *l, enum ussd_say say);
/* What one screen holds: septets of the default alphabet (extension characters count two), or UTF-16 units. */
int link_ussd_limit(const struct link *l, bool ucs2);
/* Seconds within which the network wants an answer, and after which it ends a session that is silent. */
int link_ussd_reply_seconds(const struct link *l);
int link_ussd_idle_seconds(const struct link *l);
/* The normalised form of a carrier's message id by this link's `message_id` setting. out needs 72 octets. */
void link_carrier_key(const struct link *l, const char *carrier_id, char *out, size_t room);

/*
 * What `message_id = "auto"` has found out about the ids in this carrier's receipts: how often each reading met a
 * response (enum carrier_id_habit). Given to a new link before it starts, it goes on from there.
 */
#define LINK_HABITS 3
void link_habit_get(const struct link *l, uint32_t met[LINK_HABITS]);
void link_habit_set(struct link *l, const uint32_t met[LINK_HABITS]);

#endif
