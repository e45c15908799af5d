/*
 * Octets of a peer through framing and the walk, with libsmpp34 beside: no octet out of bounds, no allocation in the
 * library, and where it takes a PDU, its reading of the mandatory fields is ours. What was read is written again: by us
 * to fields that read the same, by the library to the same octets.
 *
 * links: gateway/smpp/pdu*.c gateway/smpp/frame.c
 */
#include <stdint.h>
#include <libsmpp34/smpp34_heap.h>
#include <libsmpp34/smpp34_structs.h>
#include "gateway/smpp/frame.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_library.h"
#include "tests/fuzz/fuzz.h"

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
	must(p == NULL);
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
	must(memchr(p->password, 0, sizeof(p->password)) && memchr(p->final_date, 0, sizeof(p->final_date)));
	must(memchr(p->schedule, 0, sizeof(p->schedule)) && memchr(p->validity, 0, sizeof(p->validity)));
}

static void
check_same(const struct pdu *a, const struct pdu *b)
{
	must(strcmp(a->service_type, b->service_type) == 0);
	must(strcmp(a->source, b->source) == 0 && strcmp(a->dest, b->dest) == 0);
	must(a->source_ton == b->source_ton && a->source_npi == b->source_npi);
	must(a->dest_ton == b->dest_ton && a->dest_npi == b->dest_npi);
	must(a->esm_class == b->esm_class && a->data_coding == b->data_coding);
	must(a->protocol_id == b->protocol_id && a->priority_flag == b->priority_flag);
	must(a->registered_delivery == b->registered_delivery);
	must(a->replace_if_present == b->replace_if_present && a->default_msg_id == b->default_msg_id);
	must(strcmp(a->schedule, b->schedule) == 0 && strcmp(a->validity, b->validity) == 0);
	must(a->message_len == b->message_len && memcmp(a->message, b->message, a->message_len) == 0);
}

/* A submit_sm or data_sm that was read goes out again, and comes back the same. */
static void
check_written(const struct pdu *p)
{
	static uint8_t ours[PDU_MAX + 1024], theirs[PDU_MAX + 1024];
	struct pdu_options options = {0};
	bool payload = p->command == PDU_DATA_SM || p->message_len > 254;
	struct pdu_submit s = {.command = p->command,
		.sequence = p->sequence,
		.service_type = p->service_type,
		.source_ton = p->source_ton,
		.source_npi = p->source_npi,
		.source = p->source,
		.dest_ton = p->dest_ton,
		.dest_npi = p->dest_npi,
		.dest = p->dest,
		.esm_class = p->esm_class,
		.protocol_id = p->protocol_id,
		.priority_flag = p->priority_flag,
		.registered_delivery = p->registered_delivery,
		.replace_if_present = p->replace_if_present,
		.data_coding = p->data_coding,
		.default_msg_id = p->default_msg_id,
		.schedule = p->schedule,
		.validity = p->validity,
		.octets = p->message,
		.len = p->message_len,
		.payload = payload,
		.options = &options};
	size_t written = payload && p->message_len ? 1 : 0;
	struct pdu again;
	int n, m;

	for (size_t i = 0; i < p->ntlvs && i < 10; i++) {
		if (p->tlvs[i].tag == PDU_TLV_MESSAGE_PAYLOAD)
			continue;
		pdu_option_octets(&options, p->tlvs[i].tag, p->tlvs[i].value, p->tlvs[i].len);
		written++;
	}
	n = pdu_encode_submit(&s, ours, sizeof(ours));
	if (n < 0)
		return; /* longer than SMPP has it, though it was read */
	must(pdu_decode(ours, (size_t)n, &again) == PDU_GOOD);
	check_same(p, &again);
	must(again.ntlvs == written);
	must(pdu_library_read(ours, &again) != PDU_DIFFERED);
	m = pdu_library_submit(&s, theirs, sizeof(theirs));
	must(m < 0 || (m == n && memcmp(ours, theirs, (size_t)n) == 0));
	/* What the library says is of no interest: only that it stayed within its buffer of 2,048 octets. */
	must(strnlen(smpp34_strerror, 2048) < 2000);
	must(pdu_encode_submit(&s, ours, (size_t)n - 1) == -1);
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
	if (v == PDU_GOOD)
		must(pdu_library_read(octets, &p) != PDU_DIFFERED);
	if (v == PDU_GOOD && (p.command == PDU_SUBMIT_SM || p.command == PDU_DATA_SM))
		check_written(&p);
	free(octets);
	return 0;
}
