/* query_sm and cancel_sm out of what the owner asks, and query_sm_resp back into it. */
#include "gateway/smpp/operate.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/receipt.h"
#include "gateway/smpp/submit.h"

#include <string.h>
#include <time.h>

#define DATE_DIGITS 12 /* YYMMDDhhmmss */
#define DATE_WHOLE 16

int
operate_encode(const struct link_operate *o, enum link_operation operation, const struct conf_link *conf,
	uint32_t sequence, uint8_t *out, size_t room)
{
	struct pdu_operate p = {.command = operation == LINK_QUERY ? PDU_QUERY_SM : PDU_CANCEL_SM,
		.sequence = sequence,
		.message_id = o->carrier_id};

	p.source = submit_source(conf, o->source, &p.source_ton, &p.source_npi);
	p.dest = submit_dest(conf, o->dest, &p.dest_ton, &p.dest_npi);
	return pdu_encode_operate(&p, out, room);
}

static int
two_digits(const char *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

int64_t
operate_time(const char *text)
{
	size_t len = strlen(text), digits = strspn(text, "0123456789");
	struct tm t = {0};
	int64_t seconds;

	if (digits < DATE_DIGITS || (len != DATE_DIGITS && len != DATE_WHOLE) ||
		(len == DATE_WHOLE && (digits != DATE_WHOLE - 1 || (text[15] != '+' && text[15] != '-'))))
		return 0;
	t.tm_year = two_digits(text) + 100;
	t.tm_mon = two_digits(text + 2) - 1;
	t.tm_mday = two_digits(text + 4);
	t.tm_hour = two_digits(text + 6);
	t.tm_min = two_digits(text + 8);
	t.tm_sec = two_digits(text + 10);
	if (t.tm_mon < 0 || t.tm_mon > 11 || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour > 23 || t.tm_min > 59 ||
		t.tm_sec > 60)
		return 0;
	seconds = timegm(&t);
	if (len == DATE_WHOLE)
		seconds -= (text[15] == '+' ? 1 : -1) * two_digits(text + 13) * 15 * 60;
	return seconds;
}

void
operate_read(const struct pdu *p, struct link_operated *out)
{
	out->state = receipt_state_of(p->message_state);
	out->final_at = receipt_is_final(out->state) ? operate_time(p->final_date) : 0;
	out->error = p->error_code;
}
