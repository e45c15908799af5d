/*
 * Concatenation headers of any kind, and joining: the first octet says how the message is cut into header, sar values
 * and text; parts come in the order and with the numbers that the octets say.
 *
 * links: gateway/smpp/reassembly.c gateway/smpp/pdu.c gateway/smpp/pdu_tlv.c
 */
#include <stdlib.h>
#include <string.h>
#include "gateway/smpp/reassembly.h"

#define must(what)                                                                                                     \
	do {                                                                                                               \
		if (!(what))                                                                                                   \
			abort();                                                                                                   \
	} while (0)

static void
check_header(const uint8_t *octets, size_t size)
{
	struct pdu p = {.command = PDU_DELIVER_SM, .esm_class = PDU_ESM_UDHI, .message = octets, .message_len = size};
	struct concat c;

	if (size > 4 && octets[0] & 0x80) {
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_REFERENCE, 2, octets};
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_TOTAL, 1, octets + 2};
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_PART, 1, octets + 3};
	}
	concat_read(&p, &c);
	must(c.header <= size);
	must(c.part >= 1 && c.part <= c.parts && c.parts <= 255);
	must(c.kind == CONCAT_NONE ? c.parts == 1 : c.parts >= 2);
	must(c.reference >= 0 && c.reference <= 0xffff);
}

/* Three octets a part: number, when, length of its text. */
static void
check_join(const uint8_t *octets, size_t size)
{
	struct reassembly_part list[64];
	size_t n = 0, room = size > 1 ? octets[1] : 0;
	int total = size ? octets[0] % 9 : 0;
	bool has[256] = {false}, all = total > 0;
	char *out = malloc(room + 1);
	enum reassembly r;

	for (size_t at = 2; at + 3 <= size && n < 64; n++) {
		size_t len = octets[at + 2] < size - at - 3 ? octets[at + 2] : size - at - 3;

		list[n] = (struct reassembly_part){octets[at], octets[at + 1], (const char *)octets + at + 3, len};
		if (list[n].received_at >= 10)
			has[list[n].part] = true;
		at += 3 + len;
	}
	for (int i = 1; i <= total; i++)
		all = all && has[i];
	r = reassembly_join(list, n, total, 10, out, room + 1);
	must((r != REASSEMBLY_WAITING) == all);
	if (r == REASSEMBLY_COMPLETE)
		must(memchr(out, 0, room + 1));
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *octets = malloc(size ? size : 1);

	memcpy(octets, data, size);
	check_header(octets, size);
	check_join(octets, size);
	free(octets);
	return 0;
}
