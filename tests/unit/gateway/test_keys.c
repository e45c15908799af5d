/* Keys: made with mode 0600, refused when damaged or readable by others, rotated with overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/keys.h"
#include "tests/lib/folder.h"

static char folder[256];
static const char *error;

static int
make_folder(void **state)
{
	(void)state;
	return folder_make(folder, sizeof folder, "keys");
}

static int
remove_folder(void **state)
{
	(void)state;
	DIR *dir = opendir(folder);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	return rmdir(folder);
}

static char *
path_of(const char *name)
{
	static char path[300];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *name, const char *text)
{
	FILE *out = fopen(path_of(name), "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	chmod(path_of(name), 0600);
}

static void
assert_refused(const char *expected)
{
	error = NULL;
	struct keys *k = keys_load(folder, &error);
	assert_null(k);
	assert_non_null(error);
	if (strstr(error, expected) == NULL)
		fail_msg("expected \"%s\" in \"%s\"", expected, error);
}

static void
test_generate_and_load(void **state)
{
	(void)state;
	assert_int_equal(keys_generate(folder, &error), 4);
	assert_int_equal(keys_generate(folder, &error), 0);
	static const char *const secret[] = {"sign.1.key", "mac.1.key", "seal.1.key", "hash.1.key"};
	for (size_t i = 0; i < 4; i++) {
		struct stat st;
		assert_int_equal(stat(path_of(secret[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	struct keys *k = keys_load(folder, &error);
	assert_non_null(k);

	/* The public file is the key that checks what the secret one signs. */
	char text[128];
	uint8_t public[32], signature[64];
	FILE *in = fopen(path_of("sign.1.pub"), "r");
	assert_non_null(in);
	assert_non_null(fgets(text, sizeof text, in));
	fclose(in);
	size_t len;
	assert_int_equal(sodium_hex2bin(public, 32, text, 64, NULL, &len, NULL), 0);
	crypto_sign_detached(signature, NULL, (const uint8_t *)"x", 1, keys_sign_secret(k));
	assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)"x", 1, public), 0);
	const uint8_t *list[8];
	assert_int_equal(keys_sign_public(k, list), 1);
	assert_memory_equal(list[0], public, 32);
	assert_int_equal(keys_mac(k, list), 1);
	keys_free(k);
}

static void
test_makes_only_what_is_missing(void **state)
{
	(void)state;
	assert_int_equal(keys_generate(folder, &error), 4);
	unlink(path_of("mac.1.key"));
	assert_refused("has no mac key; run: huizhi keygen");
	assert_int_equal(keys_generate(folder, &error), 1);
	struct keys *k = keys_load(folder, &error);
	assert_non_null(k);
	keys_free(k);
}

static void
test_encrypt(void **state)
{
	(void)state;
	keys_generate(folder, &error);
	struct keys *k = keys_load(folder, &error);
	size_t len, len2;
	uint8_t *a = keys_encrypt(k, "370681199001011234", 18, &len), *b = keys_encrypt(k, "370681199001011234", 18, &len2);
	assert_int_equal(len, len2);
	assert_memory_not_equal(a, b, len); /* a fresh nonce each time */
	char *plain = keys_decrypt(k, a, len);
	assert_string_equal(plain, "370681199001011234");
	free(plain);
	/* As the database writes octets, with and without its mark. */
	char hex[2 + 2 * 128 + 1] = "\\x";
	assert_true(len <= 128);
	sodium_bin2hex(hex + 2, sizeof hex - 2, a, len);
	for (int marked = 0; marked < 2; marked++) {
		plain = keys_open(k, marked ? hex : hex + 2);
		assert_string_equal(plain, "370681199001011234");
		free(plain);
	}
	assert_null(keys_open(k, NULL));
	assert_null(keys_open(k, ""));
	assert_null(keys_open(k, "\\x"));
	assert_null(keys_open(k, "none"));
	hex[2 + 2 * len - 1] = '\0';
	assert_null(keys_open(k, hex));
	for (size_t i = 0; i < len; i++) {
		a[i] ^= 1;
		assert_null(keys_decrypt(k, a, len));
		a[i] ^= 1;
	}
	for (size_t n = 0; n < len; n++)
		assert_null(keys_decrypt(k, a, n));
	free(a);
	free(b);
	a = keys_encrypt(k, "", 0, &len);
	plain = keys_decrypt(k, a, len);
	assert_string_equal(plain, "");
	free(plain);
	free(a);
	keys_free(k);
}

static void
test_hash(void **state)
{
	(void)state;
	uint8_t a[32], b[32];
	keys_generate(folder, &error);
	struct keys *k = keys_load(folder, &error);
	keys_hash(k, "identity", "1", 1, a);
	keys_hash(k, "identity", "1", 1, b);
	assert_memory_equal(a, b, 32);
	keys_hash(k, "identity", "2", 1, b);
	assert_memory_not_equal(a, b, 32);
	keys_hash(k, "code", "1", 1, b);
	assert_memory_not_equal(a, b, 32);
	keys_hash(k, "identity1", "", 0, b);
	assert_memory_not_equal(a, b, 32);
	keys_free(k);
}

/* After a rotation the new keys sign and encrypt, the old ones still read; look-ups do not change. */
static void
test_rotation(void **state)
{
	(void)state;
	keys_generate(folder, &error);
	struct keys *k = keys_load(folder, &error);
	size_t len;
	uint8_t *cipher = keys_encrypt(k, "secret", 6, &len), hash[32], after[32], old_sign[64];
	keys_hash(k, "identity", "1", 1, hash);
	memcpy(old_sign, keys_sign_secret(k), 64);
	const uint8_t *list[8];
	keys_mac(k, list);
	uint8_t old_mac[32];
	memcpy(old_mac, list[0], 32);
	keys_free(k);

	for (int i = 0; i < 9; i++) {
		assert_int_equal(keys_rotate(folder, &error), 3);
		unlink(path_of("seal.3.key"));
		unlink(path_of("mac.3.key"));
	}
	assert_int_equal(access(path_of("sign.10.key"), F_OK), 0);
	assert_int_equal(access(path_of("hash.2.key"), F_OK), -1);
	k = keys_load(folder, &error);
	assert_non_null(k);
	assert_int_equal(keys_sign_public(k, list), 8); /* the newest eight of ten */
	assert_memory_not_equal(keys_sign_secret(k), old_sign, 64);
	uint8_t public[32];
	crypto_sign_ed25519_sk_to_pk(public, keys_sign_secret(k));
	assert_memory_equal(list[0], public, 32);
	assert_int_equal(keys_mac(k, list), 2);
	assert_memory_equal(list[1], old_mac, 32);
	char *plain = keys_decrypt(k, cipher, len);
	assert_string_equal(plain, "secret");
	free(plain);
	free(cipher);
	keys_hash(k, "identity", "1", 1, after);
	assert_memory_equal(hash, after, 32);
	cipher = keys_encrypt(k, "x", 1, &len);
	assert_int_equal(cipher[1] << 8 | cipher[2], 2); /* the newest number */
	free(cipher);
	keys_free(k);
}

static void
test_refusals(void **state)
{
	(void)state;
	char expected[800];
	keys_generate(folder, &error);

	chmod(path_of("seal.1.key"), 0640);
	snprintf(expected, sizeof expected, "key file %s has mode 0640, so others may read it; run: chmod 600 %s",
		path_of("seal.1.key"), path_of("seal.1.key"));
	assert_refused(expected);
	chmod(path_of("seal.1.key"), 0604);
	assert_refused("has mode 0604");
	chmod(path_of("seal.1.key"), 0400);
	struct keys *k = keys_load(folder, &error);
	assert_non_null(k);
	keys_free(k);
	chmod(path_of("seal.1.key"), 0600);

	static const char *const bad[] = {"", "\n", "abcd\n", "zz\n",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e\n",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fx\n"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_file("seal.1.key", bad[i]);
		assert_refused("seal.1.key is damaged: it must hold 64 hexadecimal digits");
	}
	unlink(path_of("seal.1.key"));
	assert_int_equal(mkdir(path_of("seal.1.key"), 0700), 0);
	assert_refused("seal.1.key is no file");
	rmdir(path_of("seal.1.key"));

	error = NULL;
	assert_null(keys_load("/no/such/folder", &error));
	assert_string_equal(
		error, "cannot open keys folder /no/such/folder: No such file or directory; run: huizhi keygen");
	assert_int_equal(keys_generate("/no/such/folder", &error), -1);
	assert_non_null(strstr(error, "cannot make keys folder /no/such/folder"));
}

/* Files that are no keys are left alone. */
static void
test_other_files(void **state)
{
	(void)state;
	keys_generate(folder, &error);
	static const char *const others[] = {
		"README", "sign.key", "sign.0.key", "sign.x.key", "sign.1.key.bak", "signs.1.key", "sign.+1.key"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		write_file(others[i], "rubbish");
		chmod(path_of(others[i]), 0644);
	}
	struct keys *k = keys_load(folder, &error);
	assert_non_null(k);
	keys_free(k);
}

/* Killed between the two files of a pair, or in the middle of one: the next run makes it good, and no key is half a
 * key. */
static void
what_was_broken_off_is_made_good(void **state)
{
	(void)state;
	assert_int_equal(keys_generate(folder, &error), 5 - 1);
	unlink(path_of("sign.1.pub"));
	write_file("seal.2.key.Ab3dEf", "0123"); /* half of what was being written */
	assert_int_equal(keys_generate(folder, &error), 1);
	assert_int_equal(access(path_of("sign.1.pub"), F_OK), 0);
	struct keys *k = keys_load(folder, &error);
	assert_non_null(k);
	int numbers[8];
	assert_int_equal(keys_seal_numbers(k, numbers), 1);
	keys_free(k);
	assert_int_equal(keys_rotate(folder, &error), 3);
}

/* A ninth key would push the first out of what is read, and what it sealed could not be opened. */
static void
no_seal_key_is_left_unread(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		assert_true(keys_rotate(folder, &error) > 0);
	assert_int_equal(keys_rotate(folder, &error), -1);
	assert_non_null(strstr(error, "run huizhi keys reseal"));
	struct keys *k = keys_load(folder, &error);
	assert_non_null(k);
	keys_free(k);
	write_file("seal.9.key", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	assert_null(keys_load(folder, &error));
	assert_non_null(strstr(error, "more than 8 seal keys"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_broken_off_is_made_good),
		TEST(no_seal_key_is_left_unread),
		TEST(test_generate_and_load),
		TEST(test_makes_only_what_is_missing),
		TEST(test_encrypt),
		TEST(test_hash),
		TEST(test_rotation),
		TEST(test_refusals),
		TEST(test_other_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
