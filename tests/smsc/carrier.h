/*
 * The carrier as a whole: what it owns, and what its parts ask of each other. main.c makes one. Everything runs in one
 * event loop.
 *
 *   session.c  sockets, framing, the bind                          -> carrier_submit, queue_answered
 *   output.c   what goes out, and how it is broken
 *   submit.c   takes a text for a phone, answers it                -> receipt.c, phone.c, carrier_react
 *   receipt.c  message ids, receipts                               -> queue_add
 *   hold.c     texts on their way, query_sm, cancel_sm             -> phone.c, receipt.c
 *   mobile.c   texts that phones write, by hand or by script       -> queue_add
 *   ussd.c     USSD sessions of the phones                         -> queue_add
 *   queue.c    what waits for an ESME: receipts and phones' texts  -> session_deliver
 */
#ifndef SMSC_CARRIER_H
#define SMSC_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "tests/smsc/fault.h"
#include "tests/smsc/later.h"
#include "tests/smsc/pdu.h"
#include "tests/smsc/phone.h"
#include "tests/smsc/record.h"
#include "tests/smsc/script.h"
#include "tests/smsc/ussd.h"

struct event_base;
struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct carrier;
struct session;
struct queue;
struct sent;
struct receipt;

enum {
	SESSIONS_MAX = 1000,
	QUEUES_MAX = 1000,	 /* different system_ids; more are refused at the bind */
	QUEUE_MAX = 1000000, /* deliver_sm that wait for one ESME */
	IN_FLIGHT = 1024,	 /* slots per session; a power of two, at least twice the largest window */
	ID_ROOM = 32,
};

/* One deliver_sm on its way to an ESME: part of a phone's text, or a receipt. Sent until it is answered. */
struct delivery {
	TAILQ_ENTRY(delivery) next;
	struct queue *queue;
	struct session *session; /* where it is in flight; NULL while it waits */
	struct phone *phone;	 /* of a phone's text; NULL for a receipt */
	uint64_t text;			 /* its n */
	uint8_t part, parts;
	bool copy; /* a needless second one, by the redeliver switch: its answer does not count */
	unsigned attempts;
	uint32_t sequence;
	int64_t sent_us;  /* monotonic */
	char id[ID_ROOM]; /* of a receipt */
	bool is_ussd;
	struct phone *ussd;	  /* whose session it moves on; NULL for what ends it: that goes out anyhow */
	uint64_t ussd_serial; /* which session of that phone */
	size_t len;
	uint8_t pdu[]; /* as it goes out; the sequence is patched in */
};
TAILQ_HEAD(delivery_list, delivery);

/* What waits for one ESME, by its system_id: outlives its connections. */
struct queue {
	TAILQ_ENTRY(queue) next;
	char system_id[16];
	struct delivery_list waiting;
	size_t count;			/* waiting, in flight, or waiting for their next try */
	uint64_t dropped;		/* did not fit */
	unsigned receivers;		/* bound sessions that take deliver_sm */
	int64_t bound_until_us; /* until then it counts as bound still: the already-bound switch */
};
TAILQ_HEAD(queue_list, queue);

enum session_state {
	SESSION_OPEN,
	SESSION_BOUND,
	SESSION_UNBINDING,
	SESSION_DEAD
};

struct session {
	TAILQ_ENTRY(session) next;
	struct carrier *carrier;
	struct bufferevent *bev;
	uint32_t id;
	enum session_state state;
	char peer[64];
	char mode[12]; /* transmitter, receiver, transceiver, "" */
	bool sends, receives;
	struct queue *queue; /* from the bind on */
	int64_t since_us;
	uint32_t sequence; /* last one used */
	uint64_t pdus_in, pdus_out, octets_out;
	bool close_when_written;
	bool deaf;		/* not read, by the switch */
	bool high;		/* the sequences switch has set its beginning */
	bool called;	/* we made the connection, for an outbind */
	unsigned owing; /* responses that the delay switch keeps back */

	struct delivery *slot[IN_FLIGHT]; /* by sequence */
	struct delivery_list in_flight;	  /* oldest first */
	unsigned window;				  /* in flight */

	struct held { /* responses kept back by the reorder switch */
		uint8_t *octets;
		size_t len;
	} * held;
	unsigned nheld;
	uint32_t group; /* counts the groups that were written */

	int64_t heard_us;	   /* monotonic */
	int asked;			   /* enquire_links since then */
	struct evbuffer *drip; /* what the split-writes switch keeps back; NULL until it is needed */
	bool dripping;
	bool merging; /* writing is put off by the merged-writes switch */
};
TAILQ_HEAD(session_list, session);

struct carrier_stats {
	uint64_t submits, accepted, refused, texts, receipts, mo_texts, deliver_sm, delivered, redelivered, lost, nacks;
};

struct carrier {
	struct event_base *base;
	struct later *later;
	struct phones *phones;
	struct record *record;
	struct script *script;
	struct faults faults;
	struct carrier_stats stats;
	const char *system_id, *password; /* "" = anyone may bind */
	uint64_t seed;
	uint64_t next_id; /* of the next submit */

	struct evconnlistener *listener;
	struct event *tick;
	struct session_list sessions, dead;
	struct event *bury;
	uint32_t last_session;
	struct queue_list queues;
	struct code {
		char code[NUMBER_ROOM];
		struct queue *queue;
	} codes[256]; /* which ESME a short code belongs to, learned from what it sends */
	unsigned ncodes;
	int64_t rate_second; /* of the rate switch */
	int64_t rate_count;
	struct sent *sent;	   /* hold.c: what became of the latest texts */
	struct ussd_list ussd; /* live sessions */
	uint64_t ussd_serial, ussd_version;
	struct queue nobody; /* texts to a code that nobody has sent from, while nobody is bound */
};

/* session.c */
int session_listen(struct carrier *c, const char *address, char *bound, size_t room);
void session_close(struct session *s, const char *why);
void session_unbind(struct session *s); /* asks the ESME to go */
struct session *session_by_id(struct carrier *c, uint32_t id);
/* Can it take a deliver_sm now? */
bool session_has_room(const struct session *s);
void session_deliver(struct session *s, struct delivery *d);
void sessions_free(struct carrier *c);
void sessions_hear(struct carrier *c); /* or no more, as the deaf switch says */
void session_nack(struct session *s, uint32_t status, uint32_t sequence, const char *why);
/* Calls an ESME that listens, and sends an outbind (4.1.7); it binds on the same connection. 0, or -1 with why not. */
int session_outbind(
	struct carrier *c, const char *address, const char *system_id, const char *password, const char **why);

/* output.c */
/* Has everything been handed to the socket? */
bool session_all_written(const struct session *s);
/* Writes a response through the switches that delay, reorder and break it. */
void session_respond(struct session *s, uint32_t command, const uint8_t *pdu, size_t len);
/* Writes a PDU of ours as it is. */
void session_write(struct session *s, const uint8_t *pdu, size_t len);
/* submit.c */
void carrier_submit(struct session *s, const struct pdu_header *h, const uint8_t *body);

/* flood.c */
void flood_begin(struct session *s); /* what the flood and malformed switches ask for when a receiver binds */

/* hold.c */
/* A text that was taken, on its way to its phone. */
struct arrival {
	char phone[NUMBER_ROOM], code[NUMBER_ROOM];
	enum concat concat;
	uint16_t reference;
	uint8_t part, parts;
	enum alphabet alphabet;
	enum text_state end;
	uint64_t id;
	bool receipt;
	struct receipt *told; /* its receipt; NULL = none is wanted */
	char *text;			  /* UTF-8 */
};
/* Puts it on its phone now, or when the delivery-delay is over; then the receipt goes. Copied. false: too many phones.
 */
bool hold_arrival(struct carrier *c, const struct arrival *a);
void hold_query(struct session *s, const struct pdu_header *h, const uint8_t *body);
void hold_cancel(struct session *s, const struct pdu_header *h, const uint8_t *body);
void hold_free(struct carrier *c);

/* receipt.c */
/* A deliver_sm, or a data_sm, with what the switches add to it. Returns its octets, 0 when it does not fit. */
size_t delivery_encode(const struct faults *f, const struct pdu_sm *sm, uint8_t *out, size_t room);
/* The text of a message id in the style that is set. other: in the other base. */
void id_write(const struct faults *f, uint64_t id, bool other, char out[ID_ROOM]);
/* message_state, 5.2.28. */
uint8_t receipt_state(enum text_state s);
struct receipt {
	struct carrier *carrier;
	struct queue *queue;
	uint64_t id;
	char phone[NUMBER_ROOM], code[NUMBER_ROOM];
	uint8_t code_ton, code_npi;
	enum text_state state;
	int64_t submitted_us;
	char text[24]; /* the first 20 characters, where they are ASCII */
};
/* Sends it after the receipt delay (at_once: now). Copied. */
void receipt_send(const struct receipt *r, bool at_once);
/* The deliver_sm of a receipt, without a queue: for tests. Returns its octets, 0 when it does not fit. */
size_t receipt_encode(
	const struct faults *f, const struct receipt *r, bool intermediate, int64_t done_us, uint8_t *out, size_t room);

/* mobile.c */
/* A phone writes a text. to "" = the short code that wrote to it last. Returns the text, or NULL and why not. */
struct text *mobile_send(struct carrier *c, struct phone *ph, const char *to, const char *body, const char *encoding,
	enum concat concat, const char **why);
/* A text arrived on a phone: let the script answer. */
void mobile_react(struct carrier *c, struct phone *ph, const struct text *t);
/* Puts another script in place; takes it over. */
void mobile_set_script(struct carrier *c, struct script *s);

/* queue.c */
struct queue *queue_get(struct carrier *c, const char *system_id); /* finds or makes; NULL when there are too many */
/* The queue of a short code, or that of anyone who is bound, or the homeless one. */
struct queue *queue_for_code(struct carrier *c, const char *code);
void queue_learn_code(struct carrier *c, const char *code, struct queue *q);
/* Copies pdu. Returns the delivery, or NULL when the queue is full. */
struct delivery *queue_add(struct carrier *c, struct queue *q, const uint8_t *pdu, size_t len);
void queue_pump(struct carrier *c, struct queue *q); /* hands out what the sessions have room for */
/* The ESME answered. */
void queue_answered(struct session *s, uint32_t sequence, uint32_t status);
/* What is in flight on this session goes back to the head of its queue. */
void queue_take_back(struct session *s, const char *why);
void queue_time_out(struct session *s, int64_t now_us);
void queue_receiver_bound(struct session *s); /* homeless texts find their way */
void queues_free(struct carrier *c);

#endif
