/*
 * Octets of a peer through framing, guard and libsmpp34: no octet out of bounds, no allocation in the library, and its
 * reading of the mandatory fields is ours.
 *
 * links: gateway/smpp/pdu.c gateway/smpp/pdu_library.c gateway/smpp/pdu_encode.c gateway/smpp/frame.c
 */
#include <libsmpp34/smpp34_heap.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/smpp/frame.h"
#include "gateway/smpp/pdu.h"

#define must(what)                                                                                                     \
	do {                                                                                                               \
		if (!(what))                                                                                                   \
			abort();                                                                                                   \
	} while (0)

static void *
no_malloc(size_t n)
{
	(void)n;
	abort();
}

static void *
no_realloc(void *p, size_t n)
{
	(void)p;
	(void)n;
	abort();
}

static void
no_free(void *p)
{
	if (p)
		abort();
}

static void
inside(const uint8_t *octets, size_t len, const uint8_t *p, size_t n)
{
	must(n == 0 || (p >= octets && n <= len && (size_t)(p - octets) <= len - n));
}

static void
check_bounds(const uint8_t *octets, size_t len, const struct pdu *p)
{
	inside(octets, len, p->message, p->message_len);
	must(p->ntlvs <= PDU_TLVS_MAX);
	for (size_t i = 0; i < p->ntlvs; i++)
		inside(octets, len, p->tlvs[i].value, p->tlvs[i].len);
	must(memchr(p->source, 0, sizeof(p->source)) && memchr(p->dest, 0, sizeof(p->dest)));
	must(memchr(p->message_id, 0, sizeof(p->message_id)) && memchr(p->system_id, 0, sizeof(p->system_id)));
	must(memchr(p->schedule, 0, sizeof(p->schedule)) && memchr(p->validity, 0, sizeof(p->validity)));
}

/* With sequence 0 the library is not asked: the fields must come out the same without it. */
static void
check_library(uint8_t *octets, size_t len, const struct pdu *with)
{
	struct pdu without;

	memset(octets + 12, 0, 4);
	must(pdu_decode(octets, len, &without) == PDU_GOOD && !without.by_library);
	must(strcmp(with->service_type, without.service_type) == 0);
	must(strcmp(with->source, without.source) == 0 && strcmp(with->dest, without.dest) == 0);
	must(with->source_ton == without.source_ton && with->source_npi == without.source_npi);
	must(with->dest_ton == without.dest_ton && with->dest_npi == without.dest_npi);
	must(with->esm_class == without.esm_class && with->data_coding == without.data_coding);
	must(with->protocol_id == without.protocol_id && with->priority_flag == without.priority_flag);
	must(with->registered_delivery == without.registered_delivery);
	must(with->replace_if_present == without.replace_if_present && with->default_msg_id == without.default_msg_id);
	must(strcmp(with->schedule, without.schedule) == 0 && strcmp(with->validity, without.validity) == 0);
	must(strcmp(with->message_id, without.message_id) == 0 && strcmp(with->system_id, without.system_id) == 0);
	must(with->message == without.message && with->message_len == without.message_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct smpp34_memory_functions none = {no_malloc, no_realloc, no_free};
	uint8_t *octets = malloc(size ? size : 1), out[PDU_ENCODED_MAX];
	size_t len;
	struct pdu p;
	enum pdu_verdict v;
	uint32_t number;
	char text[72];
	int n;

	smpp34_set_memory_functions(&none);
	memcpy(octets, data, size);
	/* Most of the time the length is made right: a wrong one is refused at once, and there is little to learn. */
	if (size >= PDU_HEADER && octets[0] != 0xff) {
		octets[0] = 0;
		octets[1] = (uint8_t)(size >> 16);
		octets[2] = (uint8_t)(size >> 8);
		octets[3] = (uint8_t)size;
	}
	if (size >= FRAME_LENGTH && frame_check(octets, size, &len) == FRAME_READY)
		must(len >= PDU_HEADER && len <= size && len <= PDU_MAX);
	v = pdu_decode(octets, size, &p);
	check_bounds(octets, size, &p);
	if (v != PDU_BAD_LENGTH) {
		n = pdu_encode_simple(p.command | PDU_RESPONSE, p.status, p.sequence, out, sizeof(out));
		must(n == 16 || n == 17);
		must(memcmp(out + 12, octets + 12, 4) == 0);
		for (size_t i = 0; i < p.ntlvs; i++) {
			pdu_tlv_number(&p, p.tlvs[i].tag, &number);
			pdu_tlv_string(&p, p.tlvs[i].tag, text, sizeof(text));
		}
	}
	if (v == PDU_GOOD && p.by_library)
		check_library(octets, size, &p);
	free(octets);
	return 0;
}
