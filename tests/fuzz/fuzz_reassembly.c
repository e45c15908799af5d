/*
 * From PDUs to one text: headers and sar_* parameters of any kind, then the parts read together, whatever their headers
 * say of order, number and national tables. The octets are cut into PDUs by lengths that they hold themselves.
 *
 * links: gateway/smpp/reassembly.c gateway/smpp/pdu.c gateway/smpp/pdu_tlv.c dialog/text.c dialog/text_encode.c
 * links: dialog/text_coding.c dialog/text_decode.c dialog/utf8.c dialog/gsm7.c dialog/national*.c
 */
#include "dialog/text.h"
#include "dialog/utf8.h"
#include "gateway/smpp/reassembly.h"
#include "tests/fuzz/fuzz.h"

#define PDUS 12

/* Two octets of control, then the message: UDHI or not, sar values from the message, its coding. */
static struct concat
read_part(const uint8_t *octets, size_t size, struct text_piece *piece)
{
	struct text_codings codings;
	const uint8_t *message = octets + 2;
	struct pdu p = {.command = PDU_DELIVER_SM,
		.esm_class = octets[0] & 1 ? PDU_ESM_UDHI : 0,
		.data_coding = octets[1],
		.message = message,
		.message_len = size - 2};
	struct concat c;

	if (p.message_len > 4 && octets[0] & 2) {
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_REFERENCE, 2, message};
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_TOTAL, 1, message + 2};
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_PART, 1, message + 3};
	}
	concat_read(&p, &c);
	must(c.header <= p.message_len);
	must(p.esm_class || c.header == 0);
	must(c.part >= 1 && c.part <= c.parts && c.parts <= 255);
	must(c.kind == CONCAT_NONE ? c.parts == 1 : c.parts >= 2);
	must(c.reference >= 0 && c.reference <= 0xffff);

	text_codings_fill(&codings, octets[0] & 4 ? TEXT_CODING_LATIN1 : TEXT_CODING_GSM7, octets[0] & 8);
	*piece = (struct text_piece){.coding = (enum text_coding)codings.of[p.data_coding],
		.locking = c.locking,
		.single = c.single,
		.octets = message + c.header,
		.len = p.message_len - c.header,
		.header = c.header};
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text_piece in_order[256] = {{0}}, piece;
	uint8_t *copies[PDUS];
	size_t n = 0, room = size * 3 + 256 * 8 + 1, total = 1, len;
	char *out = malloc(room), *small = malloc(size % 50 + 1);

	for (size_t at = 0; at < size && n < PDUS; n++) {
		size_t rest = size - at - 1, take = data[at] < rest ? data[at] : rest;

		/* Each PDU in memory of its own, so that a step past its end is seen. */
		copies[n] = malloc(take + 2);
		memset(copies[n], 0, 2);
		memcpy(copies[n], data + at + 1, take);
		struct concat c = read_part(copies[n], take < 2 ? 2 : take, &piece);
		in_order[c.part - 1] = piece;
		if ((size_t)c.parts > total)
			total = (size_t)c.parts;
		at += 1 + take;
	}
	len = text_join(in_order, total, "[...]", out, room);
	must(strlen(out) == len && utf8_valid(out, len, NULL));
	len = text_join(in_order, total, "[...]", small, size % 50 + 1);
	must(strlen(small) == len && memcmp(small, out, len) == 0);
	while (n > 0)
		free(copies[--n]);
	free(out);
	free(small);
	return 0;
}
