/* Turns a part into a submit_sm (SMPP 3.4, 4.4.1). */
#include "gateway/smpp/submit.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/ussd.h"

#include <string.h>

#define TON_UNKNOWN 0
#define TON_INTERNATIONAL 1
#define TON_ALPHANUMERIC 5
#define NPI_UNKNOWN 0
#define NPI_ISDN 1
#define ALPHANUMERIC_MAX 11
#define ADDRESS_MAX 20
#define MESSAGE_MAX 254
#define DATA_CODING_UCS2 8 /* as the part says it; on the wire it is the profile's */

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

/* The addresses of a part into s. 0, or the status that a carrier would give. */
static uint32_t
addresses(const struct link_part *p, struct pdu_submit *s)
{
	if (!s->source)
		s->source = address(p->source, &s->source_ton, &s->source_npi);
	s->dest = address(p->dest, &s->dest_ton, &s->dest_npi);
	if (strlen(s->source) > (s->source_ton == TON_ALPHANUMERIC ? ALPHANUMERIC_MAX : ADDRESS_MAX))
		return STATUS_INVALID_SOURCE;
	return strlen(s->dest) > ADDRESS_MAX || !*s->dest ? STATUS_INVALID_DESTINATION : 0;
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

	*status = addresses(p, &s);
	if (!*status && p->len > MESSAGE_MAX)
		*status = STATUS_INVALID_MESSAGE_LENGTH;
	if (*status)
		return -1;
	/* Absolute and UTC: relative times are read differently by too many carriers. */
	if (p->validity && gmtime_r(&until, &utc))
		strftime(validity, sizeof(validity), "%y%m%d%H%M%S000+", &utc);
	s.validity = validity;
	return pdu_encode_submit(&s, out, room);
}

int
submit_encode_ussd(const struct link_part *p, const struct ussd_profile *ussd, uint32_t sequence, uint8_t *out,
	size_t room, uint32_t *status, const char **why)
{
	struct ussd_wire w;
	struct pdu_submit s = {.sequence = sequence};

	*why = "this link has no USSD";
	*status = STATUS_INVALID_SERVICE_TYPE;
	if (!ussd || ussd_write(ussd, p->ussd, p->data_coding == DATA_CODING_UCS2, p->octets, p->len, &w, status, why) != 0)
		return -1;
	*why = "an address is too long";
	s.command = w.data_sm ? PDU_DATA_SM : PDU_SUBMIT_SM;
	s.service_type = w.service_type;
	s.source = w.source;
	s.source_ton = w.source_ton;
	s.source_npi = w.source_npi;
	s.data_coding = w.data_coding;
	s.octets = w.octets;
	s.len = w.len;
	s.payload = w.payload;
	s.options = &w.options;
	*status = addresses(p, &s);
	return *status ? -1 : pdu_encode_submit(&s, out, room);
}
