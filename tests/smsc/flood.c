/* What nobody should send, in quantities: texts by the thousand, and PDUs that no table allows. */
#include <stdio.h>
#include <string.h>
#include "tests/smsc/carrier.h"

/* The short code that texts to this ESME go to. */
static const char *
code_of(const struct carrier *c, const struct queue *q)
{
	for (unsigned i = 0; i < c->ncodes; i++)
		if (c->codes[i].queue == q)
			return c->codes[i].code;
	return "10690001";
}

static void
flood(struct session *s, int64_t n)
{
	struct carrier *c = s->carrier;
	const char *why;
	char number[NUMBER_ROOM], text[32];

	for (int64_t i = 0; i < n && s->state != SESSION_DEAD; i++) {
		snprintf(number, sizeof(number), "+86137%08lld", (long long)(i % 100000000));
		snprintf(text, sizeof(text), "flood %lld", (long long)(i % 100000000));
		struct phone *ph = phones_get(c->phones, number);
		if (ph == NULL || mobile_send(c, ph, code_of(c, s->queue), text, "auto", CONCAT_UDH8, &why) == NULL)
			return;
	}
}

/* Behind a header whose length is right: so the stream goes on. */
static void
malformed(struct session *s, int64_t n)
{
	static const struct {
		uint32_t command;
		const char *body;
		size_t len;
	} shapes[] = {
		{PDU_DELIVER_SM, "", 0},												 /* no body at all */
		{PDU_DELIVER_SM, "USSD with no end", 16},								 /* a string without its NUL */
		{PDU_DELIVER_SM, "\0\1\0011\0\1\0012\0\0\0\0\0\0\0\0\0\0\377x", 19},	 /* sm_length past the end */
		{PDU_DELIVER_SM, "\0\1\0011\0\1\0012\0\0\0\0\0\0\0\0\0\0\1x\4\x24", 21}, /* half an optional parameter */
		{PDU_DELIVER_SM, "\0\1\0011\0\1\0012\0\0\0\0\0\0\0\0\0\0\1x\4\x24\377\377",
			23},										   /* one that is longer than all */
		{PDU_DATA_SM, "\0\1\0011\0\1\0012\0\0", 9},		   /* ends in the middle */
		{0x00000102, "\xff\xff", 2},					   /* alert_notification without sense */
		{0x7FFFFFFF, "?", 1},							   /* no such command */
		{PDU_SUBMIT_SM, "", 0},							   /* from the wrong side */
		{PDU_SUBMIT_SM | PDU_RESPONSE, "\xff\xff\xff", 3}, /* an answer to nothing */
	};
	uint8_t pdu[128];
	struct pdu_out o;

	for (int64_t i = 0; i < n && s->state != SESSION_DEAD; i++) {
		size_t k = (size_t)i % (sizeof(shapes) / sizeof(shapes[0]));
		pdu_begin(&o, pdu, sizeof(pdu), shapes[k].command, 0, (uint32_t)(0x40000000 + i));
		pdu_add_octets(&o, shapes[k].body, shapes[k].len);
		session_write(s, pdu, pdu_end(&o));
	}
}

void
flood_begin(struct session *s)
{
	malformed(s, s->carrier->faults.number[FAULT_MALFORMED]);
	flood(s, s->carrier->faults.number[FAULT_FLOOD]);
}
