/* Tokens: what was signed comes back, every altered bit is refused, keys rotate, time is an argument; short codes. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include "dialog/token.h"

#define EXPIRES 1800000000 /* on the full hour */

static uint8_t public_key[3][32], secret_key[3][64], mac_key[3][32];

static int
make_keys(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		uint8_t seed[32];

		memset(seed, 17 + i, sizeof seed);
		crypto_sign_seed_keypair(public_key[i], secret_key[i], seed);
		memset(mac_key[i], 40 + i, sizeof mac_key[i]);
	}
	return 0;
}

/* A list of keys by their numbers, "02": the first and the third. */
static struct token_keys
keys(const char *numbers)
{
	static const uint8_t *publics[3], *macs[3];
	size_t n = strlen(numbers);

	for (size_t i = 0; i < n; i++) {
		publics[i] = public_key[numbers[i] - '0'];
		macs[i] = mac_key[numbers[i] - '0'];
	}
	return (struct token_keys){.publics = publics, .npublics = n, .macs = macs, .nmacs = n};
}

static struct token
sample(void)
{
	return (struct token){.bureau = 7,
		.conversation = 123456789,
		.grant = 987654,
		.purpose = TOKEN_RENEW,
		.expires_at = EXPIRES,
		.nonce = {1, 2, 3, 4, 5, 6, 7, 8}};
}

static enum token_result
verify(const char *s, const char *numbers, int64_t now, struct token *t)
{
	struct token_keys k = keys(numbers);

	return token_verify(s, strlen(s), &k, now, t);
}

static void
full_goes_round(void **state)
{
	struct token t = sample(), got;
	char s[TOKEN_MAX + 1], again[TOKEN_MAX + 1];

	(void)state;
	assert_int_equal(token_make_full(&t, secret_key[0], s), 0);
	assert_int_equal(strlen(s), TOKEN_FULL_LEN);
	assert_int_equal(verify(s, "0", EXPIRES - 1, &got), TOKEN_OK);
	assert_int_equal(got.form, TOKEN_FULL);
	assert_int_equal(got.bureau, 7);
	assert_int_equal(got.conversation, 123456789);
	assert_int_equal(got.grant, 987654);
	assert_int_equal(got.purpose, TOKEN_RENEW);
	assert_int_equal(got.expires_at, EXPIRES);
	assert_memory_equal(got.nonce, t.nonce, TOKEN_NONCE_LEN);
	assert_int_equal(token_make_full(&t, secret_key[0], again), 0);
	assert_string_equal(s, again);
	t.nonce[0] = 9;
	assert_int_equal(token_make_full(&t, secret_key[0], again), 0);
	assert_string_not_equal(s, again);
}

static void
full_needs_only_the_public_key(void **state)
{
	const uint8_t *publics[] = {public_key[0]};
	struct token_keys k = {.publics = publics, .npublics = 1};
	struct token t = sample(), got;
	char s[TOKEN_MAX + 1];

	(void)state;
	token_make_full(&t, secret_key[0], s);
	assert_int_equal(token_verify(s, strlen(s), &k, 0, &got), TOKEN_OK);
	token_make_short(&t, mac_key[0], s);
	assert_int_equal(token_verify(s, strlen(s), &k, 0, &got), TOKEN_BAD_SIGNATURE);
}

static void
short_goes_round(void **state)
{
	struct token t = sample(), got;
	char s[TOKEN_MAX + 1];

	(void)state;
	t.purpose = TOKEN_PICKUP;
	assert_int_equal(token_make_short(&t, mac_key[0], s), 0);
	assert_true(strlen(s) <= 36);
	assert_int_equal(verify(s, "0", EXPIRES - 1, &got), TOKEN_OK);
	assert_int_equal(got.form, TOKEN_SHORT);
	assert_int_equal(got.bureau, 7);
	assert_int_equal(got.grant, 987654);
	assert_int_equal(got.purpose, TOKEN_PICKUP);
	assert_int_equal(got.expires_at, EXPIRES);
	assert_int_equal(got.conversation, 0);
	/* A token lives to the end of its hour: nobody loses time that the grant gives. */
	t.expires_at = EXPIRES + 1;
	token_make_short(&t, mac_key[0], s);
	assert_int_equal(verify(s, "0", EXPIRES + 3599, &got), TOKEN_OK);
	assert_int_equal(got.expires_at, EXPIRES + 3600);
	assert_int_equal(verify(s, "0", EXPIRES + 3600, &got), TOKEN_EXPIRED);
}

static void
short_stays_short(void **state)
{
	struct token t = sample(), got;
	char s[TOKEN_MAX + 1];

	(void)state;
	t.bureau = 16383;
	for (int bits = 1; bits <= 42; bits++) {
		t.grant = (UINT64_C(1) << bits) - 1;
		assert_int_equal(token_make_short(&t, mac_key[0], s), 0);
		assert_true(strlen(s) <= TOKEN_SHORT_TYPICAL);
	}
	t.bureau = UINT32_MAX;
	t.grant = UINT64_MAX;
	assert_int_equal(token_make_short(&t, mac_key[0], s), 0);
	assert_true(strlen(s) < TOKEN_MAX);
	assert_int_equal(verify(s, "0", 0, &got), TOKEN_OK);
	assert_int_equal(got.bureau, UINT32_MAX);
	assert_true(got.grant == UINT64_MAX);
}

/* Phones leave a dash at a link's end out of the link. */
static void
no_token_ends_in_a_dash(void **state)
{
	struct token t = sample(), got;
	char s[TOKEN_MAX + 1];
	int inside = 0;

	(void)state;
	for (uint64_t grant = 1; grant < 40000; grant += 7) {
		t.grant = grant;
		assert_int_equal(token_make_short(&t, mac_key[0], s), 0);
		assert_int_not_equal(s[strlen(s) - 1], '-');
		assert_int_not_equal(s[strlen(s) - 1], '_');
		inside += strchr(s, '-') != NULL;
		assert_int_equal(verify(s, "0", 0, &got), TOKEN_OK);
		assert_true(got.grant == grant);
	}
	assert_true(inside > 0); /* they do occur elsewhere: the alphabet is the URL's */
	for (int i = 0; i < 100; i++) {
		t.nonce[0] = (uint8_t)i;
		assert_int_equal(token_make_full(&t, secret_key[0], s), 0);
		assert_int_not_equal(s[TOKEN_FULL_LEN - 1], '-');
	}
}

static void
zeroed(const struct token *t)
{
	static const struct token zero;

	assert_memory_equal(t, &zero, sizeof zero);
}

/* Every bit of the octets, and every character of the text. */
static void
alterations_are_refused(const char *s)
{
	uint8_t octets[128];
	size_t len, text_len = strlen(s);
	char altered[TOKEN_MAX + 1];
	struct token got;

	assert_int_equal(sodium_base642bin(octets, sizeof octets, s, text_len, NULL, &len, NULL,
						 sodium_base64_VARIANT_URLSAFE_NO_PADDING),
		0);
	for (size_t bit = 0; bit < len * 8; bit++) {
		enum token_result r;

		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		sodium_bin2base64(altered, sizeof altered, octets, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = verify(altered, "012", 0, &got);
		assert_true(r == TOKEN_MALFORMED || r == TOKEN_WRONG_VERSION || r == TOKEN_BAD_SIGNATURE);
		zeroed(&got);
	}
	for (size_t i = 0; i < text_len; i++) {
		struct token_keys keys_all = keys("012");
		enum token_result r;

		memcpy(altered, s, text_len + 1);
		for (int octet = 0; octet < 256; octet++) {
			/* Signatures are slow to refuse: a few letters stand for all. What is no letter must not come so far. */
			bool readable = octet != 0 && strchr("AZaz09-_", octet) != NULL;

			if ((char)octet == s[i] || (!readable && octet < 128 && isalnum(octet)))
				continue;
			altered[i] = (char)octet;
			r = token_verify(altered, text_len, &keys_all, 0, &got);
			assert_true(readable ? r != TOKEN_OK && r != TOKEN_EXPIRED : r == TOKEN_MALFORMED);
		}
	}
	for (size_t n = 0; n < text_len; n++) {
		struct token_keys keys_all = keys("012");

		assert_int_not_equal(token_verify(s, n, &keys_all, 0, &got), TOKEN_OK);
		zeroed(&got);
	}
	memcpy(altered, s, text_len);
	for (size_t extra = 1; extra <= 4 && text_len + extra <= TOKEN_MAX; extra++) {
		memset(altered + text_len, 'A', extra);
		altered[text_len + extra] = '\0';
		assert_int_not_equal(verify(altered, "012", 0, &got), TOKEN_OK);
	}
}

static void
every_alteration_is_refused(void **state)
{
	struct token t = sample();
	char s[TOKEN_MAX + 1];

	(void)state;
	token_make_full(&t, secret_key[0], s);
	alterations_are_refused(s);
	token_make_short(&t, mac_key[0], s);
	alterations_are_refused(s);
	t.grant = 70; /* another length, with the zero before the mac or without */
	token_make_short(&t, mac_key[0], s);
	alterations_are_refused(s);
	t.grant = 70000;
	token_make_short(&t, mac_key[0], s);
	alterations_are_refused(s);
}

static void
keys_rotate(void **state)
{
	struct token t = sample(), got;
	char full[TOKEN_MAX + 1], brief[TOKEN_MAX + 1];

	(void)state;
	token_make_full(&t, secret_key[1], full);
	token_make_short(&t, mac_key[1], brief);
	assert_int_equal(verify(full, "01", 0, &got), TOKEN_OK);
	assert_int_equal(verify(brief, "01", 0, &got), TOKEN_OK);
	assert_int_equal(verify(full, "021", 0, &got), TOKEN_OK);
	assert_int_equal(verify(brief, "021", 0, &got), TOKEN_OK);
	assert_int_equal(verify(full, "02", 0, &got), TOKEN_BAD_SIGNATURE);
	zeroed(&got);
	assert_int_equal(verify(brief, "02", 0, &got), TOKEN_BAD_SIGNATURE);
	assert_int_equal(verify(full, "", 0, &got), TOKEN_BAD_SIGNATURE);
	assert_int_equal(verify(brief, "", 0, &got), TOKEN_BAD_SIGNATURE);
}

static void
time_is_an_argument(void **state)
{
	struct token t = sample(), got;
	char s[TOKEN_MAX + 1];

	(void)state;
	for (int form = 0; form < 2; form++) {
		if (form == 0)
			token_make_full(&t, secret_key[0], s);
		else
			token_make_short(&t, mac_key[0], s);
		assert_int_equal(verify(s, "0", EXPIRES - 1, &got), TOKEN_OK);
		assert_int_equal(verify(s, "0", EXPIRES, &got), TOKEN_EXPIRED);
		assert_int_equal(got.grant, 987654); /* genuine: the page may say whose link it was */
		/* Forged and expired is forged. */
		assert_int_equal(verify(s, "1", EXPIRES, &got), TOKEN_BAD_SIGNATURE);
		zeroed(&got);
	}
}

static void
nonsense_is_malformed(void **state)
{
	static const char *const nonsense[] = {"", "A", "AA", "AQ", "hello", "====", "AQEB", "../../etc/passwd", "EgEBAQE",
		"%41%42", "AQEBAAAABwAAAAAHW80VAAAAAAAPEgYAAAAAa0nSAAECAwQFBgcI"};
	struct token got;

	(void)state;
	for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
		enum token_result r = verify(nonsense[i], "0", 0, &got);

		assert_true(r == TOKEN_MALFORMED || r == TOKEN_WRONG_VERSION);
		zeroed(&got);
	}
	assert_int_equal(verify("AgEBAAAABwAA", "0", 0, &got), TOKEN_WRONG_VERSION); /* version 2 */
	assert_int_equal(verify("AQMBAAAABwAA", "0", 0, &got), TOKEN_WRONG_VERSION); /* form 3 */
	assert_int_equal(verify("IgEBAAAABwAA", "0", 0, &got), TOKEN_WRONG_VERSION);
}

static void
fields_out_of_range_are_refused(void **state)
{
	struct token t;
	char s[TOKEN_MAX + 1] = "x";

	(void)state;
	t = sample();
	t.bureau = 0;
	assert_int_equal(token_make_full(&t, secret_key[0], s), -1);
	assert_string_equal(s, "");
	assert_int_equal(token_make_short(&t, mac_key[0], s), -1);
	t = sample();
	t.grant = 0;
	assert_int_equal(token_make_full(&t, secret_key[0], s), -1);
	assert_int_equal(token_make_short(&t, mac_key[0], s), -1);
	t = sample();
	t.purpose = (enum token_purpose)3;
	assert_int_equal(token_make_full(&t, secret_key[0], s), -1);
	assert_int_equal(token_make_short(&t, mac_key[0], s), -1);
	t = sample();
	t.expires_at = -1;
	assert_int_equal(token_make_full(&t, secret_key[0], s), -1);
	assert_int_equal(token_make_short(&t, mac_key[0], s), -1);
	t.expires_at = INT64_MAX;
	assert_int_equal(token_make_short(&t, mac_key[0], s), -1);
	assert_int_equal(token_make_full(&t, secret_key[0], s), 0);
}

static void
forms_do_not_stand_in_for_each_other(void **state)
{
	/* The same octets under the other form's signature: only the domain text tells them apart. */
	struct token t = sample(), got;
	uint8_t octets[103];
	size_t len;
	char s[TOKEN_MAX + 1];

	(void)state;
	token_make_full(&t, secret_key[0], s);
	sodium_base642bin(octets, sizeof octets, s, strlen(s), NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_sign_detached(octets + 39, NULL, octets, 39, secret_key[0]); /* signed without the domain */
	sodium_bin2base64(s, sizeof s, octets, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	assert_int_equal(verify(s, "0", 0, &got), TOKEN_BAD_SIGNATURE);

	token_make_short(&t, mac_key[0], s);
	sodium_base642bin(octets, sizeof octets, s, strlen(s), NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_generichash(octets + len - 16, 16, octets, len - 16, mac_key[0], 32);
	sodium_bin2base64(s, sizeof s, octets, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	assert_int_equal(verify(s, "0", 0, &got), TOKEN_BAD_SIGNATURE);
}

/* A short token over these fields, signed as the header's format says, by hand. */
static enum token_result
forge(const char *fields, size_t len, struct token *got)
{
	static const char domain[] = "huizhi token short 1";
	uint8_t octets[64], input[100];
	char s[TOKEN_MAX + 1];
	struct token_keys k = keys("0");

	memcpy(octets, fields, len);
	memcpy(input, domain, sizeof domain);
	memcpy(input + sizeof domain, fields, len);
	crypto_generichash(octets + len, 16, input, sizeof domain + len, mac_key[0], 32);
	sodium_bin2base64(s, sizeof s, octets, len + 16, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return token_verify(s, strlen(s), &k, 0, got);
}

static void
the_format_is_what_the_header_says(void **state)
{
	struct token t = sample(), got;
	static const char domain[] = "huizhi token full 1";
	static const char fields[] = "\x01\x01\x01\0\0\0\x07\0\0\0\0\x07\x5B\xCD\x15\0\0\0\0\0\x0F\x12\x06"
								 "\0\0\0\0\x6B\x49\xD2\0\x01\x02\x03\x04\x05\x06\x07\x08";
	uint8_t octets[128], input[100];
	size_t len;
	char s[TOKEN_MAX + 1];

	(void)state;
	assert_int_equal(sizeof fields - 1, 39);
	token_make_full(&t, secret_key[0], s);
	sodium_base642bin(octets, sizeof octets, s, strlen(s), NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	assert_int_equal(len, 39 + 64);
	assert_memory_equal(octets, fields, 39);
	memcpy(input, domain, sizeof domain);
	memcpy(input + sizeof domain, fields, 39);
	assert_int_equal(crypto_sign_verify_detached(octets + 39, input, sizeof domain + 39, public_key[0]), 0);

	/* version and form, purpose, bureau 7, grant 987654 and 500000 hours as varints; 9 + 16 octets need no zero */
	assert_int_equal(forge("\x12\x01\x07\xBC\xA4\x06\x9E\xC2\x20", 9, &got), TOKEN_OK);
	assert_int_equal(got.grant, 987654);
	assert_int_equal(got.expires_at, EXPIRES);
}

/* Even with the right key, a token has one spelling only. */
static void
a_short_token_has_one_spelling(void **state)
{
	struct token got;

	(void)state;
	assert_int_equal(forge("\x12\x01\x07\x46\x9E\xC2\x20", 7, &got), TOKEN_OK);
	assert_int_equal(forge("\x12\x01\x07\x46\x9E\xC2\x20\0", 8, &got), TOKEN_MALFORMED);   /* multiple of three */
	assert_int_equal(forge("\x12\x01\x07\xBC\x46\x9E\xC2\x20", 8, &got), TOKEN_MALFORMED); /* needs its zero */
	assert_int_equal(forge("\x12\x01\x07\xBC\x46\x9E\xC2\x20\0", 9, &got), TOKEN_OK);
	assert_int_equal(forge("\x12\x01\x07\xBC\x46\x9E\xC2\x20\x01", 9, &got), TOKEN_MALFORMED);	  /* not zero */
	assert_int_equal(forge("\x12\x01\x07\xBC\xA4\x06\x9E\xC2\x20\0", 10, &got), TOKEN_MALFORMED); /* not needed */
	assert_int_equal(forge("\x12\x01\x07\xBC\x46\x9E\xC2\x20\0\0", 10, &got), TOKEN_MALFORMED);
	assert_int_equal(forge("\x12\x01\x80\x07\xBC\x06\x9E\xC2\x20", 9, &got), TOKEN_MALFORMED); /* a longer varint */
	assert_int_equal(forge("\x12\x01\x8F\xFF\xFF\xFF\x7F\x46\x9E\xC2\x20\0", 12, &got), TOKEN_OK);
	assert_int_equal(forge("\x12\x01\x90\x80\x80\x80\x00\x46\x9E\xC2\x20\0", 12, &got), TOKEN_MALFORMED); /* 2^32 */
	assert_int_equal(forge("\x12\x01\xFF\xFF\xFF\xFF\xFF\x7F\x46\x9E\xC2\x20\0", 12, &got), TOKEN_MALFORMED);
	assert_int_equal(forge("\x12\x01\x07\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x9E\xC2\x20", 16, &got), TOKEN_OK);
	assert_true(got.grant == UINT64_MAX);
	assert_int_equal(
		forge("\x12\x01\x07\x82\x80\x80\x80\x80\x80\x80\x80\x80\x05\x9E\xC2\x20", 16, &got), TOKEN_MALFORMED);
	assert_int_equal(forge("\x12\x01\x07\x46\xFB\x87\x70", 7, &got), TOKEN_OK); /* 2016240 hours: the year 2200 */
	assert_int_equal(forge("\x12\x01\x07\x46\xFB\x87\x71", 7, &got), TOKEN_MALFORMED); /* an hour later */
	assert_int_equal(forge("\x12\x01\x07\x46\x9E\xC2\xA0", 7, &got), TOKEN_MALFORMED); /* a varint without an end */
	assert_int_equal(forge("\x12\x09\x07\x46\x9E\xC2\x20", 7, &got), TOKEN_MALFORMED); /* no such purpose */
	assert_int_equal(forge("\x12\x01\x00\x46\x9E\xC2\x20", 7, &got), TOKEN_MALFORMED); /* bureau 0 */
}

static void
names(void **state)
{
	enum token_purpose p;

	(void)state;
	assert_true(token_purpose_by_name("renew", &p));
	assert_int_equal(p, TOKEN_RENEW);
	assert_true(token_purpose_by_name("pickup", &p));
	assert_int_equal(p, TOKEN_PICKUP);
	assert_false(token_purpose_by_name("other", &p));
	assert_null(token_purpose_name((enum token_purpose)0));
	assert_string_equal(token_result_text(TOKEN_OK), "ok");
	assert_string_equal(token_result_text(TOKEN_MALFORMED), "malformed");
	assert_string_equal(token_result_text(TOKEN_WRONG_VERSION), "wrong version");
	assert_string_equal(token_result_text(TOKEN_BAD_SIGNATURE), "bad signature");
	assert_string_equal(token_result_text(TOKEN_EXPIRED), "expired");
}

static void
codes_are_drawn_fairly(void **state)
{
	char code[TOKEN_CODE_LEN + 1] = "x";
	/* 4200000000 is the first word that would favour small codes; 4199999999 the last that does not. */
	const uint8_t unfair[] = {0xFA, 0x56, 0xEA, 0x00}, last[] = {0xFA, 0x56, 0xE9, 0xFF};
	const uint8_t first[] = {0, 0, 0, 0}, second_word[] = {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 7};

	(void)state;
	assert_int_equal(token_code_draw(unfair, 4, code), -1);
	assert_string_equal(code, "");
	assert_int_equal(token_code_draw(last, 4, code), 0);
	assert_string_equal(code, "99999999");
	assert_int_equal(token_code_draw(first, 4, code), 0);
	assert_string_equal(code, "00000000");
	assert_int_equal(token_code_draw(second_word, 8, code), 0);
	assert_string_equal(code, "00000007");
	assert_int_equal(token_code_draw(second_word, 7, code), -1);
	assert_int_equal(token_code_draw(second_word, 0, code), -1);
}

static void
codes_are_written_in_two_groups(void **state)
{
	char out[TOKEN_CODE_LEN + 2];

	(void)state;
	assert_int_equal(token_code_format("12345678", out), 0);
	assert_string_equal(out, "1234 5678");
	assert_int_equal(token_code_format("1234567", out), -1);
	assert_string_equal(out, "");
	assert_int_equal(token_code_format("123456789", out), -1);
	assert_int_equal(token_code_format("1234567a", out), -1);
	assert_int_equal(token_code_format("", out), -1);
}

static void
codes_are_read_as_people_type_them(void **state)
{
	static const char *const good[] = {"12345678", "1234 5678", " 1234-5678\n", "１２３４　５６７８",
		"１２３４－５６７８", "1234–5678", "١٢٣٤ ٥٦٧٨", "۱۲۳۴۵۶۷۸", "१२३४५६७८", "1 2 3 4 5 6 7 8", "12-34-56-78"};
	static const char *const bad[] = {"", "1234567", "123456789", "1234567a", "1234.5678", "1234 567", "--------",
		"12345678\xFF", "code 12345678", "12345678901234567890"};
	char out[TOKEN_CODE_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (token_code_parse(good[i], strlen(good[i]), out) != 0)
			fail_msg("\"%s\" is refused", good[i]);
		assert_string_equal(out, "12345678");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (token_code_parse(bad[i], strlen(bad[i]), out) != -1)
			fail_msg("\"%s\" is read as %s", bad[i], out);
		assert_string_equal(out, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_goes_round),
		cmocka_unit_test(full_needs_only_the_public_key),
		cmocka_unit_test(short_goes_round),
		cmocka_unit_test(short_stays_short),
		cmocka_unit_test(no_token_ends_in_a_dash),
		cmocka_unit_test(every_alteration_is_refused),
		cmocka_unit_test(keys_rotate),
		cmocka_unit_test(time_is_an_argument),
		cmocka_unit_test(nonsense_is_malformed),
		cmocka_unit_test(fields_out_of_range_are_refused),
		cmocka_unit_test(forms_do_not_stand_in_for_each_other),
		cmocka_unit_test(the_format_is_what_the_header_says),
		cmocka_unit_test(a_short_token_has_one_spelling),
		cmocka_unit_test(names),
		cmocka_unit_test(codes_are_drawn_fairly),
		cmocka_unit_test(codes_are_written_in_two_groups),
		cmocka_unit_test(codes_are_read_as_people_type_them),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
