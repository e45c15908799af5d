/* Keys on which responses and receipts meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/carrier_id.h"

static char key[CARRIER_KEY_MAX];

static const char *
response(enum carrier_id_setting s, const char *id)
{
	carrier_id_response_key(s, id, key, sizeof(key));
	return key;
}

static const char *
receipt(enum carrier_id_setting s, struct carrier_id_learnt *l, const char *id, const char *dest)
{
	carrier_id_receipt_key(s, l, id, dest, key, sizeof(key));
	return key;
}

static void
settings_by_name(void **state)
{
	enum carrier_id_setting s;

	(void)state;
	assert_int_equal(carrier_id_setting_by_name("auto", &s), 0);
	assert_int_equal(s, CARRIER_ID_AUTO);
	assert_int_equal(carrier_id_setting_by_name("decimal", &s), 0);
	assert_int_equal(s, CARRIER_ID_DECIMAL);
	assert_int_equal(carrier_id_setting_by_name("octal", &s), -1);
}

static void
responses_fold(void **state)
{
	(void)state;
	assert_string_equal(response(CARRIER_ID_AUTO, "00000003E9"), "3e9");
	assert_string_equal(response(CARRIER_ID_AUTO, " 3e9 "), "3e9");
	assert_string_equal(response(CARRIER_ID_AUTO, "0"), "0");
	assert_string_equal(response(CARRIER_ID_AUTO, "000"), "0");
	assert_string_equal(response(CARRIER_ID_AUTO, ""), "");
	assert_string_equal(response(CARRIER_ID_AUTO, "0f8fad5b-D9CB-469f"), "f8fad5b-d9cb-469f");
	assert_string_equal(response(CARRIER_ID_VERBATIM, "00000003E9"), "00000003E9");
}

static void
by_setting(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	assert_string_equal(receipt(CARRIER_ID_VERBATIM, &l, "00000003E9", "1"), "00000003E9");
	assert_string_equal(receipt(CARRIER_ID_HEX, &l, "1001", "1"), "3e9");
	assert_string_equal(receipt(CARRIER_ID_HEX, &l, "0000001001", "1"), "3e9");
	assert_string_equal(receipt(CARRIER_ID_HEX, &l, "3E9", "1"), "3e9"); /* no decimal number: as it is */
	assert_string_equal(receipt(CARRIER_ID_DECIMAL, &l, "3E9", "1"), "1001");
	assert_string_equal(receipt(CARRIER_ID_DECIMAL, &l, "00000003e9", "1"), "1001");
	assert_string_equal(receipt(CARRIER_ID_DECIMAL, &l, "x-1", "1"), "x-1");
	assert_string_equal(receipt(CARRIER_ID_HEX, &l, "", "1"), "");
}

/* Wider than any machine word, both ways. */
static void
long_numbers(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	assert_string_equal(receipt(CARRIER_ID_HEX, &l, "340282366920938463463374607431768211455", "1"),
		"ffffffffffffffffffffffffffffffff");
	assert_string_equal(receipt(CARRIER_ID_DECIMAL, &l, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "1"),
		"340282366920938463463374607431768211455");
	/* 64 hexadecimal digits take more decimal ones than a key holds: then it stays as it is */
	assert_int_equal(strlen(receipt(CARRIER_ID_DECIMAL, &l,
						 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "1")),
		64);
}

static void
give_out(struct carrier_id_learnt *l, const char *id, const char *dest)
{
	char k[CARRIER_KEY_MAX];

	carrier_id_response_key(CARRIER_ID_AUTO, id, k, sizeof(k));
	carrier_id_remember(l, k, dest);
}

static void
auto_learns_decimal_receipts(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "1001", "8613900000001"), "1001"); /* knows nothing yet */
	give_out(&l, "00000003E9", "+8613900000001");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "1001", "8613900000001"), "3e9");
	/* and now for one that it does not remember: of a daemon before it */
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "255", "8613911111111"), "ff");
}

static void
auto_learns_hexadecimal_receipts(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	give_out(&l, "1001", "+8613900000001");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "00000003E9", "13900000001"), "1001");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "FF", "13911111111"), "255");
}

static void
auto_same_base(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	give_out(&l, "0000ABC1", "+8613900000001");
	give_out(&l, "1001", "+8613900000002");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "abc1", "8613900000001"), "abc1");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "1001", "8613900000002"), "1001");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "2002", "8613900000003"), "2002");
	assert_int_equal(l.met[CARRIER_HABIT_SAME], 2);
}

/* 10 may be 10 or the hexadecimal of 16: with both given out to one phone nothing is learnt, and it stays as it is. */
static void
ambiguous_evidence_teaches_nothing(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	give_out(&l, "10", "+8613900000001");
	give_out(&l, "a", "+8613900000001");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "10", "8613900000001"), "10");
	assert_int_equal(l.met[CARRIER_HABIT_SAME] + l.met[CARRIER_HABIT_HEX] + l.met[CARRIER_HABIT_DECIMAL], 0);
}

/* The destination is part of the evidence. */
static void
another_phone_is_no_evidence(void **state)
{
	struct carrier_id_learnt l = {0};

	(void)state;
	give_out(&l, "3E9", "+8613900000001");
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "1001", "8613955555555"), "1001");
	assert_int_equal(l.met[CARRIER_HABIT_HEX], 0);
}

/* Thousands of others in between: the id is forgotten, the habit is not. */
static void
forgets_ids_not_habits(void **state)
{
	struct carrier_id_learnt l = {0};
	char id[16];

	(void)state;
	for (int i = 1; i < 5000; i++) {
		snprintf(id, sizeof(id), "%X", i * 1000);
		give_out(&l, id, "+8613900000001");
		snprintf(id, sizeof(id), "%d", i * 1000);
		carrier_id_receipt_key(CARRIER_ID_AUTO, &l, id, "8613900000001", key, sizeof(key));
	}
	assert_string_equal(receipt(CARRIER_ID_AUTO, &l, "1000", "8613900000001"), "3e8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_by_name),
		cmocka_unit_test(responses_fold),
		cmocka_unit_test(by_setting),
		cmocka_unit_test(long_numbers),
		cmocka_unit_test(auto_learns_decimal_receipts),
		cmocka_unit_test(auto_learns_hexadecimal_receipts),
		cmocka_unit_test(auto_same_base),
		cmocka_unit_test(ambiguous_evidence_teaches_nothing),
		cmocka_unit_test(another_phone_is_no_evidence),
		cmocka_unit_test(forgets_ids_not_habits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
