/* The borders of PDUs, however the network cuts the stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/frame.h"
#include "gateway/smpp/pdu.h"

static const size_t lengths[] = {16, 17, 300, 16, 1000, 70000, 16, 16, 255};
#define PDUS (sizeof(lengths) / sizeof(lengths[0]))

/* PDUs of these lengths one behind the other; every octet after the length says which PDU it belongs to. */
static uint8_t *
make_stream(size_t *total)
{
	uint8_t *s;

	*total = 0;
	for (size_t i = 0; i < PDUS; i++)
		*total += lengths[i];
	s = malloc(*total);
	for (size_t i = 0, at = 0; i < PDUS; at += lengths[i++]) {
		memset(s + at, (int)i + 1, lengths[i]);
		s[at] = 0;
		s[at + 1] = (uint8_t)(lengths[i] >> 16);
		s[at + 2] = (uint8_t)(lengths[i] >> 8);
		s[at + 3] = (uint8_t)lengths[i];
	}
	return s;
}

/* What a reader does: keeps what came, takes PDUs while there are any. */
struct reader {
	uint8_t *buffer; /* exactly as large as what is in it */
	size_t have, taken;
};

static void
feed(struct reader *r, const uint8_t *octets, size_t n)
{
	size_t len;

	r->buffer = realloc(r->buffer, r->have + n ? r->have + n : 1);
	memcpy(r->buffer + r->have, octets, n);
	r->have += n;
	while (frame_check(r->buffer, r->have, &len) == FRAME_READY) {
		uint8_t *rest;

		assert_in_range(r->taken, 0, PDUS - 1);
		assert_int_equal(len, lengths[r->taken]);
		for (size_t i = 4; i < len; i++)
			assert_int_equal(r->buffer[i], r->taken + 1);
		r->taken++;
		rest = malloc(r->have - len ? r->have - len : 1);
		memcpy(rest, r->buffer + len, r->have - len);
		free(r->buffer);
		r->buffer = rest;
		r->have -= len;
	}
}

static void
finish(struct reader *r)
{
	assert_int_equal(r->taken, PDUS);
	assert_int_equal(r->have, 0);
	free(r->buffer);
}

/* In two pieces, cut at every octet. */
static void
every_boundary(void **state)
{
	size_t total;
	uint8_t *stream = make_stream(&total);

	(void)state;
	for (size_t cut = 0; cut <= total; cut += cut < 1700 || cut > total - 400 ? 1 : 97) {
		struct reader r = {0};

		feed(&r, stream, cut);
		feed(&r, stream + cut, total - cut);
		finish(&r);
	}
	free(stream);
}

static void
one_octet_at_a_time(void **state)
{
	size_t total;
	uint8_t *stream = make_stream(&total);
	struct reader r = {0};

	(void)state;
	for (size_t i = 0; i < total; i++)
		feed(&r, stream + i, 1);
	finish(&r);
	free(stream);
}

static void
random_splits(void **state)
{
	size_t total;
	uint8_t *stream = make_stream(&total);

	(void)state;
	srandom(20260131);
	for (int round = 0; round < 300; round++) {
		struct reader r = {0};

		for (size_t at = 0, n; at < total; at += n) {
			n = (size_t)random() % (round % 3 == 0 ? 8 : 5000);
			if (n > total - at)
				n = total - at;
			feed(&r, stream + at, n);
		}
		finish(&r);
	}
	free(stream);
}

/* Refused as soon as the four octets of the length are there, and not before. */
static void
lengths_that_cannot_be(void **state)
{
	static const uint8_t bad[][4] = {
		{0, 0, 0, 0}, {0, 0, 0, 15}, {0, 1, 0x11, 0x71}, {0x7f, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xff}};
	static const uint8_t good[][4] = {{0, 0, 0, 16}, {0, 1, 0x11, 0x70}};
	size_t len;

	(void)state;
	assert_int_equal(PDU_MAX, 0x11170);
	for (size_t i = 0; i < sizeof(bad) / 4; i++) {
		for (size_t have = 0; have < 4; have++)
			assert_int_equal(frame_check(bad[i], have, &len), FRAME_MORE);
		assert_int_equal(frame_check(bad[i], 4, &len), FRAME_BAD);
		assert_int_equal(len, 0);
	}
	for (size_t i = 0; i < sizeof(good) / 4; i++) {
		assert_int_equal(frame_check(good[i], 4, &len), FRAME_MORE);
		assert_true(len >= PDU_HEADER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_boundary),
		cmocka_unit_test(one_octet_at_a_time),
		cmocka_unit_test(random_splits),
		cmocka_unit_test(lengths_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
