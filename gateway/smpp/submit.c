/* Turns a part into a submit_sm (SMPP 3.4, 4.4.1) or a data_sm (4.7.1). */
#include "gateway/smpp/submit.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/ussd.h"
#include "gateway/conf.h"

#include <stdlib.h>
#include <string.h>

#define TON_UNKNOWN 0
#define TON_INTERNATIONAL 1
#define TON_ALPHANUMERIC 5
#define NPI_UNKNOWN 0
#define NPI_ISDN 1
#define ALPHANUMERIC_MAX 11
#define ADDRESS_MAX 20
#define MESSAGE_MAX 254	   /* octets of short_message */
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

/* What the configuration says, where it says a number ("auto" and absent are none). */
static void
override(const char *key, uint8_t *value)
{
	if (key && *key >= '0' && *key <= '9')
		*value = (uint8_t)strtoul(key, NULL, 10);
}

const char *
submit_source(const struct conf_link *conf, const char *source, uint8_t *ton, uint8_t *npi)
{
	const char *bare = address(source, ton, npi);

	/* A name is a name: the numbers' type would make another address of it. */
	if (*ton != TON_ALPHANUMERIC) {
		override(conf->source_ton, ton);
		override(conf->source_npi, npi);
	}
	return bare;
}

const char *
submit_dest(const struct conf_link *conf, const char *dest, uint8_t *ton, uint8_t *npi)
{
	const char *bare = address(dest, ton, npi);

	override(conf->dest_ton, ton);
	override(conf->dest_npi, npi);
	return bare;
}

/* Fills both where they are not set yet. 0, or the status that a carrier would refuse them with. */
static uint32_t
addresses(const struct link_part *p, const struct conf_link *conf, struct pdu_submit *s)
{
	if (!s->source)
		s->source = submit_source(conf, p->source, &s->source_ton, &s->source_npi);
	s->dest = submit_dest(conf, p->dest, &s->dest_ton, &s->dest_npi);
	if (strlen(s->source) > (s->source_ton == TON_ALPHANUMERIC ? ALPHANUMERIC_MAX : ADDRESS_MAX))
		return STATUS_INVALID_SOURCE;
	return strlen(s->dest) > ADDRESS_MAX || !*s->dest ? STATUS_INVALID_DESTINATION : 0;
}

int
submit_encode(const struct link_part *p, const struct conf_link *conf, uint32_t sequence, time_t now, uint8_t *out,
	size_t room, uint32_t *status)
{
	bool data = conf->submit_with && strcmp(conf->submit_with, "data_sm") == 0;
	bool whole = conf->long_text && strcmp(conf->long_text, "payload") == 0;
	struct pdu_submit s = {.command = data ? PDU_DATA_SM : PDU_SUBMIT_SM,
		.sequence = sequence,
		.service_type = conf->service_type,
		.esm_class = p->udh ? PDU_ESM_UDHI : 0,
		.registered_delivery = p->receipt && conf->receipts ? 1 : 0,
		.data_coding = p->data_coding,
		.octets = p->octets,
		.len = p->len,
		.payload = p->len > MESSAGE_MAX};
	struct pdu_options options = {0};
	char validity[PDU_TIME_MAX + 1] = "";
	time_t until = now + (time_t)p->validity;
	struct tm utc;

	*status = addresses(p, conf, &s);
	if (!*status && p->len > (whole ? LINK_PART_MAX : MESSAGE_MAX))
		*status = STATUS_INVALID_MESSAGE_LENGTH;
	if (*status)
		return -1;
	/* Absolute and UTC: relative times are read differently by too many carriers. A data_sm counts seconds (5.3.2.9).
	 */
	if (p->validity && data) {
		pdu_option_number(&options, PDU_TLV_QOS_TIME_TO_LIVE, p->validity);
		s.options = &options;
	} else if (p->validity && gmtime_r(&until, &utc)) {
		strftime(validity, sizeof(validity), "%y%m%d%H%M%S000+", &utc);
	}
	s.validity = validity;
	return pdu_encode_submit(&s, out, room);
}

int
submit_encode_ussd(const struct link_part *p, const struct conf_link *conf, const struct ussd_profile *ussd,
	uint32_t sequence, uint8_t *out, size_t room, uint32_t *status, const char **why)
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
	*status = addresses(p, conf, &s);
	return *status ? -1 : pdu_encode_submit(&s, out, room);
}
