/* Grants: made with the daemon's keys, read back in all three forms, refused for each reason. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/grants.h"
#include "gateway/keys.h"
#include "tests/lib/folder.h"

#define NOW INT64_C(1767225600000000) /* 2026-01-01 00:00 UTC */
#define HOUR INT64_C(3600000000)

static char folder[256];
static struct keys *keys;
static struct conf_bureau bureau = {.id = 7, .code = "wendeng", .grant_hours = 72, .code_minutes = 30};
static struct conf conf = {.public_url = "https://v.example.org/", .bureaus = &bureau, .nbureaus = 1};

static int
make_keys(void **state)
{
	const char *error;

	(void)state;
	if (sodium_init() < 0 || folder_make(folder, sizeof folder, "grants") != 0 || keys_generate(folder, &error) < 0)
		return -1;
	keys = keys_load(folder, &error);
	if (keys == NULL)
		print_error("%s\n", error);
	return keys == NULL ? -1 : 0;
}

static int
remove_keys(void **state)
{
	DIR *d = opendir(folder);
	char path[600];

	(void)state;
	keys_free(keys);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	return rmdir(folder);
}

static void
make(struct grants_made *m)
{
	assert_int_equal(grants_make(&conf, keys, &bureau, 42, GRANTS_RENEW, 1234567, NOW, m), 0);
}

static void
a_link_reads_back(void **state)
{
	struct grants_made m;
	struct grants_read r;

	(void)state;
	make(&m);
	assert_memory_equal(m.url, "https://v.example.org/r/", 24);
	assert_true(strlen(m.url) < 70); /* it must leave a Chinese text in two parts */
	assert_int_equal(m.expires_us, NOW + 72 * HOUR);
	assert_int_equal(m.code_expires_us, NOW + HOUR / 2);
	assert_int_equal(grants_read(&conf, keys, m.url, NOW, &r), GRANTS_GOOD);
	assert_ptr_equal(r.bureau, &bureau);
	assert_int_equal(r.id, 1234567);
	assert_int_equal(r.purpose, GRANTS_RENEW);
	assert_false(r.full);
	assert_int_equal(grants_read(&conf, keys, strrchr(m.url, '/') + 1, NOW, &r), GRANTS_GOOD);
	assert_int_equal(grants_read(&conf, keys, m.url, NOW + 73 * HOUR, &r), GRANTS_EXPIRED);
	assert_ptr_equal(r.bureau, &bureau);
}

static void
the_full_form_tells_everything(void **state)
{
	struct grants_made m;
	struct grants_read r;
	char token[GRANTS_TOKEN_MAX + 1], url[GRANTS_URL_MAX + 1];

	(void)state;
	make(&m);
	struct grants_stored s = {
		.bureau_id = 7, .id = m.id, .conversation_id = 42, .purpose = GRANTS_PICKUP, .expires_us = m.expires_us};
	memcpy(s.nonce, m.nonce, sizeof(s.nonce));
	assert_int_equal(grants_token_full(keys, &s, token, sizeof(token)), 0);
	assert_int_equal(grants_url(&conf, token, url, sizeof(url)), 0);
	assert_int_equal(grants_read(&conf, keys, url, NOW, &r), GRANTS_GOOD);
	assert_true(r.full);
	assert_int_equal(r.id, m.id);
	assert_int_equal(r.conversation_id, 42);
	assert_int_equal(r.purpose, GRANTS_PICKUP);
	assert_int_equal(r.expires_us, m.expires_us);
	assert_memory_equal(r.nonce, m.nonce, sizeof(r.nonce));
	assert_int_equal(grants_read(&conf, keys, url, m.expires_us, &r), GRANTS_EXPIRED);
	assert_int_equal(grants_token_full(keys, &s, token, 10), -1);
	assert_int_equal(grants_url(&conf, token, url, 20), -1);
}

static void
each_reason_is_told(void **state)
{
	struct grants_made m;
	struct grants_read r;
	char altered[GRANTS_URL_MAX + 1];

	(void)state;
	make(&m);
	const char *token = strrchr(m.url, '/') + 1;
	/* Whatever character is changed, nothing unproven is read. */
	for (size_t i = 0; i < strlen(token); i++) {
		snprintf(altered, sizeof(altered), "%s", token);
		altered[i] = altered[i] == 'A' ? 'B' : 'A';
		enum grants_reason reason = grants_read(&conf, keys, altered, NOW, &r);
		assert_true(reason == GRANTS_ALTERED || reason == GRANTS_UNREADABLE);
		assert_null(r.bureau);
		assert_int_equal(r.id, 0);
	}
	snprintf(altered, sizeof(altered), "%.*s", (int)strlen(token) - 1, token);
	assert_int_not_equal(grants_read(&conf, keys, altered, NOW, &r), GRANTS_GOOD);
	assert_int_equal(grants_read(&conf, keys, "", NOW, &r), GRANTS_UNREADABLE);
	assert_int_equal(grants_read(&conf, keys, "hello", NOW, &r), GRANTS_UNREADABLE);
	struct conf none = conf;
	none.nbureaus = 0;
	assert_int_equal(grants_read(&none, keys, token, NOW, &r), GRANTS_FOREIGN);
	for (int i = GRANTS_GOOD; i <= GRANTS_FOREIGN; i++)
		assert_true(strlen(grants_reason_text((enum grants_reason)i)) > 3);
}

static void
codes_are_eight_digits_kept_as_a_hash(void **state)
{
	struct grants_made m, other;
	char digits[GRANTS_CODE_DIGITS + 1];
	uint8_t hash[32];

	(void)state;
	make(&m);
	make(&other);
	assert_int_equal(strlen(m.code), 9);
	assert_int_equal(m.code[4], ' ');
	assert_int_equal(grants_code_normalise(m.code, digits), 0);
	assert_int_equal(strspn(digits, "0123456789"), 8);
	grants_code_hash(keys, digits, hash);
	assert_memory_equal(hash, m.code_hash, 32);
	assert_memory_not_equal(m.code_hash, other.code_hash, 32);
	assert_memory_not_equal(m.nonce, other.nonce, GRANTS_NONCE);
	assert_int_equal(grants_code_normalise("１２３４-5678", digits), 0);
	assert_string_equal(digits, "12345678");
	assert_int_equal(grants_code_normalise("1234567", digits), -1);
	assert_int_equal(grants_code_normalise("123456789", digits), -1);
	assert_int_equal(grants_code_normalise("1234567x", digits), -1);
}

static void
purposes_have_names(void **state)
{
	enum grants_purpose p;

	(void)state;
	assert_int_equal(grants_purpose_from_name(grants_purpose_name(GRANTS_PICKUP), &p), 0);
	assert_int_equal(p, GRANTS_PICKUP);
	assert_int_equal(grants_purpose_from_name("renew", &p), 0);
	assert_int_equal(p, GRANTS_RENEW);
	assert_int_equal(grants_purpose_from_name("other", &p), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_reads_back),
		cmocka_unit_test(the_full_form_tells_everything),
		cmocka_unit_test(each_reason_is_told),
		cmocka_unit_test(codes_are_eight_digits_kept_as_a_hash),
		cmocka_unit_test(purposes_have_names),
	};
	return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
