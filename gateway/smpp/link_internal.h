/* What the files of a link share; nobody else looks in here. */
#ifndef GATEWAY_SMPP_LINK_INTERNAL_H
#define GATEWAY_SMPP_LINK_INTERNAL_H

#include "gateway/smpp/alphabet.h"
#include "gateway/smpp/carrier_id.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/pace.h"
#include "gateway/smpp/session.h"
#include "gateway/smpp/ussd.h"
#include "dialog/text.h"

struct event;
struct outbind;
struct wire;

#define TEXT_ROOM (3 * 65535 + 1) /* UTF-8 of the longest message_payload */

_Static_assert(LINK_HABITS == CARRIER_HABITS, "the habits of carrier_id.h");

struct link {
	struct event_base *base;
	const struct conf_link *conf;
	struct link_owner owner;
	struct session *sessions[2]; /* the first is the one that submits */
	size_t nsessions;
	struct wire *wire;
	struct outbind *outbind; /* NULL: the carrier does not connect to us */
	enum link_state state;	 /* of all sessions together */
	int64_t since;
	struct pace pace;
	int64_t congestion_told; /* when it may be told of again */
	uint64_t throttled;
	enum carrier_id_setting id_setting;
	struct carrier_id_learnt learnt;
	struct alphabet alphabet;
	enum text_coding default_coding; /* of data_coding 0 */
	struct ussd_reading moved;
	uint64_t sent, received, refused;
	struct event *command; /* start and drain act from the loop, out of the owner's own callbacks */
	bool run;
	struct event *wake; /* on_room, once per pass */
	char text[TEXT_ROOM];
};

void link_wake_later(struct link *l); /* on_room in this pass when there is room, otherwise when the pace allows it */
/* A deliver_sm or data_sm that a session brought (link_in.c). */
void link_deliver_pdu(void *arg, struct session *s, const struct pdu *p);
/* Slows down by the congestion_state that any PDU of the carrier may have (link_in.c). */
void link_heed_congestion(struct link *l, const struct pdu *p);

#endif
