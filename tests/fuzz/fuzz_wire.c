/*
 * Octets of a peer, sound or not, as lines of the wire log and as a capture may hold them: no octet out of bounds,
 * lines that end and stay in their room, every length as it was, and nothing more to blank in what has been blanked.
 *
 * links: gateway/smpp/wire_line.c gateway/smpp/wire_words.c gateway/smpp/wire_blank.c gateway/smpp/pdu.c
 * links: gateway/smpp/pdu_tlv.c gateway/smpp/receipt.c gateway/smpp/reassembly.c gateway/smpp/status.c gateway/mask.c
 * links: dialog/[a-z]*.c
 */
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/wire_line.h"
#include "tests/fuzz/fuzz.h"

static struct text_codings codings;

static void
check_line(const uint8_t *octets, size_t size, enum wire_detail detail, size_t room)
{
	char *line = malloc(room);
	size_t n = wire_line(octets, size, detail, &codings, line, room);

	must(n < room && n == strlen(line));
	free(line);
}

/* Each detail hides at least what the one after it hides; headers and lengths stay. */
static void
check_blank(const uint8_t *octets, size_t size, enum wire_detail detail)
{
	uint8_t *once = malloc(size ? size : 1), *twice = malloc(size ? size : 1);

	memcpy(once, octets, size);
	wire_blank(once, size, detail);
	must(memcmp(once, octets, size < PDU_HEADER ? size : PDU_HEADER) == 0);
	for (size_t i = 0; i < size; i++)
		must(once[i] == octets[i] || once[i] == '*');
	memcpy(twice, once, size);
	wire_blank(twice, size, WIRE_FULL);
	must(memcmp(once, twice, size) == 0);
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *octets = malloc(size ? size : 1);

	text_codings_fill(&codings, size % 2 ? TEXT_CODING_GSM7 : TEXT_CODING_LATIN1, size % 3 == 0);
	memcpy(octets, data, size);
	/* Most of the time the length is made right: a wrong one is told at once, and there is little to learn. */
	if (size >= PDU_HEADER && octets[0] != 0xff) {
		octets[0] = 0;
		octets[1] = (uint8_t)(size >> 16);
		octets[2] = (uint8_t)(size >> 8);
		octets[3] = (uint8_t)size;
	}
	for (enum wire_detail d = WIRE_OFF; d <= WIRE_FULL; d++) {
		check_line(octets, size, d, WIRE_LINE_MAX);
		check_line(octets, size, d, 16 + size % 200);
		check_blank(octets, size, d);
	}
	free(octets);
	return 0;
}
