/* Turns a part into a submit_sm (SMPP 3.4, 4.4.1). */
#include "gateway/smpp/submit.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"

#include <string.h>

#define TON_UNKNOWN 0
#define TON_INTERNATIONAL 1
#define TON_ALPHANUMERIC 5
#define NPI_UNKNOWN 0
#define NPI_ISDN 1
#define ALPHANUMERIC_MAX 11
#define ADDRESS_MAX 20
#define MESSAGE_MAX 254

static bool
all_digits(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* "+86139..." international; "10690001" as the carrier knows it; anything else is a name. */
static const char *
address(const char *in, uint8_t *ton, uint8_t *npi)
{
	*npi = NPI_ISDN;
	if (in[0] == '+' && all_digits(in + 1)) {
		*ton = TON_INTERNATIONAL;
		return in + 1;
	}
	if (all_digits(in)) {
		*ton = TON_UNKNOWN;
		return in;
	}
	*ton = TON_ALPHANUMERIC;
	*npi = NPI_UNKNOWN;
	return in;
}

int
submit_encode(const struct link_part *p, uint32_t sequence, bool receipts, time_t now, uint8_t *out, size_t room,
	uint32_t *status)
{
	struct pdu_submit s = {.sequence = sequence,
		.esm_class = p->udh ? PDU_ESM_UDHI : 0,
		.registered_delivery = p->receipt && receipts ? 1 : 0,
		.data_coding = p->data_coding,
		.octets = p->octets,
		.len = p->len};
	char validity[PDU_TIME_MAX + 1] = "";
	time_t until = now + (time_t)p->validity;
	struct tm utc;

	s.source = address(p->source, &s.source_ton, &s.source_npi);
	s.dest = address(p->dest, &s.dest_ton, &s.dest_npi);
	*status = 0;
	if (strlen(s.source) > (s.source_ton == TON_ALPHANUMERIC ? ALPHANUMERIC_MAX : ADDRESS_MAX))
		*status = STATUS_INVALID_SOURCE;
	else if (strlen(s.dest) > ADDRESS_MAX || !*s.dest)
		*status = STATUS_INVALID_DESTINATION;
	else if (p->len > MESSAGE_MAX)
		*status = STATUS_INVALID_MESSAGE_LENGTH;
	if (*status)
		return -1;
	/* Absolute and UTC: relative times are read differently by too many carriers. */
	if (p->validity && gmtime_r(&until, &utc))
		strftime(validity, sizeof(validity), "%y%m%d%H%M%S000+", &utc);
	s.validity = validity;
	return pdu_encode_submit(&s, out, room);
}
