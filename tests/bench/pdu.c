/*
 * What one PDU costs: our own writing and reading beside libsmpp34's, in the same run; nanoseconds of the best of some
 * rounds, and how many times as much the library takes.
 *
 *   build/tests/bench/pdu [ROUNDS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gateway/smpp/pdu_library.h"

#define EACH 1000 /* short, so that some rounds are left alone by the rest of the machine */

static uint8_t out[PDU_ENCODED_MAX], deliver[PDU_ENCODED_MAX], resp[64];
static size_t deliver_len, resp_len;
static struct pdu_options options;
static struct pdu_submit submit = {.sequence = 77,
	.source_npi = 1,
	.source = "10690001",
	.dest_ton = 1,
	.dest_npi = 1,
	.dest = "8613900000001",
	.registered_delivery = 1,
	.data_coding = 8,
	.validity = "260102090000000+",
	.len = 140};
static long sum; /* keeps the work from being left out */

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
write_ours(void)
{
	sum += pdu_encode_submit(&submit, out, sizeof(out));
}

static void
write_library(void)
{
	sum += pdu_library_submit(&submit, out, sizeof(out));
}

static void
read_deliver(void)
{
	struct pdu p;

	sum += pdu_decode(deliver, deliver_len, &p) + p.source[0];
}

static void
read_deliver_library(void)
{
	struct pdu p;

	pdu_decode(deliver, deliver_len, &p);
	sum += pdu_library_read(deliver, &p);
}

static void
read_resp(void)
{
	struct pdu p;

	sum += pdu_decode(resp, resp_len, &p) + p.message_id[0];
}

static void
read_resp_library(void)
{
	struct pdu p;

	pdu_decode(resp, resp_len, &p);
	sum += pdu_library_read(resp, &p);
}

static double
best(void (*what)(void), int rounds)
{
	double least = 1e18;

	for (int i = 0; i < rounds; i++) {
		double begun = now_ns(), took;

		for (int k = 0; k < EACH; k++)
			what();
		took = (now_ns() - begun) / EACH;
		if (took < least)
			least = took;
	}
	return least;
}

static void
compare(const char *name, void (*ours)(void), void (*library)(void), int rounds)
{
	double a = best(ours, rounds), b = best(library, rounds);

	printf("%-36s %8.1f ns %8.1f ns %7.0f times\n", name, a, b, b / a);
}

int
main(int argc, char **argv)
{
	static const uint8_t body[] = "abc123";
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
	uint8_t text[140];

	memset(text, 0x4e, sizeof(text));
	submit.octets = text;
	/* A deliver_sm has a submit_sm's layout; the library takes no validity there. */
	submit.validity = "";
	deliver_len = (size_t)pdu_encode_submit(&submit, deliver, sizeof(deliver));
	deliver[7] = PDU_DELIVER_SM;
	submit.validity = "260102090000000+";
	resp_len = (size_t)pdu_encode_simple(PDU_SUBMIT_SM_RESP, 0, 77, resp, sizeof(resp));
	memcpy(resp + resp_len, body, sizeof(body));
	resp_len += sizeof(body);
	resp[3] = (uint8_t)resp_len;
	printf("%-36s %11s %11s\n", "best of the rounds, one PDU", "ours", "libsmpp34");
	compare("write submit_sm, 140 octets", write_ours, write_library, rounds);
	pdu_option_number(&options, PDU_TLV_SAR_REFERENCE, 7);
	pdu_option_number(&options, PDU_TLV_SAR_TOTAL, 2);
	pdu_option_number(&options, PDU_TLV_SAR_PART, 1);
	submit.options = &options;
	compare("the same with three TLVs", write_ours, write_library, rounds);
	compare("read deliver_sm, 140 octets", read_deliver, read_deliver_library, rounds);
	compare("read submit_sm_resp", read_resp, read_resp_library, rounds);
	return sum == 0;
}
