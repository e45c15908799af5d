/* Reads, makes and uses the secret keys of the keys folder. Formats: keys.h. */
#include "gateway/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_MAX 8		/* of one kind; older ones would verify nothing that is still valid */
#define NUMBER_MAX 9999 /* of a key in its file's name */
#define KEY_OCTETS_MAX crypto_sign_SECRETKEYBYTES

enum kind {
	KIND_SIGN,
	KIND_MAC,
	KIND_SEAL,
	KIND_HASH,
	KINDS
};

static const struct {
	const char *name;
	size_t octets;
} kinds[KINDS] = {
	[KIND_SIGN] = {"sign", crypto_sign_SECRETKEYBYTES},
	[KIND_MAC] = {"mac", crypto_generichash_KEYBYTES},
	[KIND_SEAL] = {"seal", crypto_secretbox_KEYBYTES},
	[KIND_HASH] = {"hash", crypto_generichash_KEYBYTES},
};

struct key {
	int number;
	uint8_t octets[KEY_OCTETS_MAX];
};

struct ring {
	struct key list[KEYS_MAX]; /* newest first */
	size_t count;
};

struct keys {
	struct ring rings[KINDS];
	uint8_t sign_public[KEYS_MAX][crypto_sign_PUBLICKEYBYTES];
};

/* Ciphers begin with this octet, then the key's number (two octets, high first), then nonce and box. */
#define SEAL_VERSION 1
#define SEAL_HEAD (3 + crypto_secretbox_NONCEBYTES)

static char error_text[768];

static int __attribute__((format(printf, 2, 3))) fail(const char **error, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(error_text, sizeof error_text, fmt, ap);
	va_end(ap);
	*error = error_text;
	return -1;
}

/* ---- Files ------------------------------------------------------------------------------------------------------ */

/* "KIND.NUMBER.key" -> kind and number. False for any other file of the folder. */
static bool
parse_name(const char *name, enum kind *kind, int *number)
{
	for (enum kind k = 0; k < KINDS; k++) {
		size_t len = strlen(kinds[k].name);
		if (strncmp(name, kinds[k].name, len) != 0 || name[len] != '.')
			continue;
		char *end;
		if (name[len + 1] < '1' || name[len + 1] > '9')
			return false;
		long n = strtol(name + len + 1, &end, 10);
		if (n > NUMBER_MAX || strcmp(end, ".key") != 0)
			return false;
		*kind = k;
		*number = (int)n;
		return true;
	}
	return false;
}

/* Reads one key file into octets; its mode is judged on the open file, so that it cannot be changed in between. */
static int
read_key(const char *path, size_t octets, uint8_t *out, const char **error)
{
	char text[2 * KEY_OCTETS_MAX + 64];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(error, "cannot open key file %s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail(error, "%s is no file", path);
	}
	if ((st.st_mode & 077) != 0) {
		close(fd);
		return fail(error, "key file %s has mode %04o, so others may read it; run: chmod 600 %s", path,
			(unsigned)st.st_mode & 07777, path);
	}
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n < 0)
		return fail(error, "could not read key file %s: %s", path, strerror(errno));
	text[n] = '\0';
	text[strcspn(text, " \t\r\n")] = '\0';

	size_t got = 0;
	const char *end = NULL;
	int rc = sodium_hex2bin(out, octets, text, strlen(text), NULL, &got, &end);
	bool good = rc == 0 && got == octets && end != NULL && *end == '\0';
	sodium_memzero(text, sizeof text);
	if (!good)
		return fail(
			error, "key file %s is damaged: it must hold %zu hexadecimal digits; put the copy back", path, octets * 2);
	return 0;
}

static int
write_file(const char *path, mode_t mode, const uint8_t *octets, size_t n, const char **error)
{
	char text[2 * KEY_OCTETS_MAX + 2];
	sodium_bin2hex(text, sizeof text, octets, n);
	size_t len = strlen(text);
	text[len++] = '\n';

	/* Written beside and linked in place: whoever is killed meanwhile leaves no half of a key, and a key that exists is
	 * never written over. */
	char beside[520];
	snprintf(beside, sizeof beside, "%s.XXXXXX", path);
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0) {
		sodium_memzero(text, sizeof text);
		return fail(error, "cannot make key file %s: %s", path, strerror(errno));
	}
	bool good = write(fd, text, len) == (ssize_t)len && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	int why = errno;
	close(fd);
	sodium_memzero(text, sizeof text);
	if (good && link(beside, path) != 0) {
		why = errno;
		good = false;
	}
	unlink(beside);
	return good ? 0 : fail(error, "could not make key file %s: %s", path, strerror(why));
}

static void
ring_insert(struct ring *ring, const struct key *key)
{
	size_t at = ring->count;
	while (at > 0 && ring->list[at - 1].number < key->number)
		at--;
	if (at == KEYS_MAX)
		return;
	if (ring->count < KEYS_MAX)
		ring->count++;
	memmove(&ring->list[at + 1], &ring->list[at], (ring->count - at - 1) * sizeof *key);
	ring->list[at] = *key;
}

/* Reads every key there is; that a kind has none is not judged here. */
static int
read_folder(const char *folder, struct keys *k, const char **error)
{
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return fail(error, "cannot open keys folder %s: %s; run: huizhi keygen", folder, strerror(errno));

	int rc = 0;
	for (struct dirent *entry = readdir(dir); entry != NULL && rc == 0; entry = readdir(dir)) {
		char path[512];
		enum kind kind;
		struct key key = {0};
		if (!parse_name(entry->d_name, &kind, &key.number))
			continue;
		if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= sizeof path) {
			rc = fail(error, "keys folder %s: its path is too long", folder);
			break;
		}
		/* What an older one has sealed could not be opened, and nobody would be told. */
		if (kind == KIND_SEAL && k->rings[kind].count == KEYS_MAX) {
			rc = fail(error,
				"keys folder %s has more than %d seal keys; take away those that huizhi keys status says may be "
				"removed, or else the oldest",
				folder, KEYS_MAX);
			break;
		}
		rc = read_key(path, kinds[kind].octets, key.octets, error);
		if (rc == 0)
			ring_insert(&k->rings[kind], &key);
		sodium_memzero(&key, sizeof key);
	}
	closedir(dir);
	return rc;
}

static struct keys *
keys_new(const char **error)
{
	if (sodium_init() < 0) {
		fail(error, "cannot start libsodium");
		return NULL;
	}
	struct keys *k = sodium_malloc(sizeof *k);
	if (k == NULL) {
		fail(error, "no memory for the keys");
		return NULL;
	}
	memset(k, 0, sizeof *k);
	return k;
}

struct keys *
keys_load(const char *folder, const char **error)
{
	struct keys *k = keys_new(error);
	if (k == NULL)
		return NULL;
	if (read_folder(folder, k, error) != 0) {
		keys_free(k);
		return NULL;
	}
	for (enum kind kind = 0; kind < KINDS; kind++) {
		if (k->rings[kind].count == 0) {
			fail(error, "keys folder %s has no %s key; run: huizhi keygen", folder, kinds[kind].name);
			keys_free(k);
			return NULL;
		}
	}
	for (size_t i = 0; i < k->rings[KIND_SIGN].count; i++)
		crypto_sign_ed25519_sk_to_pk(k->sign_public[i], k->rings[KIND_SIGN].list[i].octets);
	return k;
}

void
keys_free(struct keys *k)
{
	if (k != NULL)
		sodium_free(k); /* wipes it */
}

/* ---- Making keys ------------------------------------------------------------------------------------------------ */

static int
make_key(const char *folder, enum kind kind, int number, const char **error)
{
	char path[512];
	uint8_t secret[KEY_OCTETS_MAX], public[crypto_sign_PUBLICKEYBYTES];

	if ((size_t)snprintf(path, sizeof path, "%s/%s.%d.key", folder, kinds[kind].name, number) >= sizeof path)
		return fail(error, "keys folder %s: its path is too long", folder);
	if (kind == KIND_SIGN)
		crypto_sign_keypair(public, secret);
	else
		randombytes_buf(secret, kinds[kind].octets);
	int rc = write_file(path, 0600, secret, kinds[kind].octets, error);
	sodium_memzero(secret, sizeof secret);
	if (rc == 0 && kind == KIND_SIGN) {
		snprintf(path, sizeof path, "%s/%s.%d.pub", folder, kinds[kind].name, number);
		rc = write_file(path, 0644, public, sizeof public, error);
	}
	return rc;
}

/* Whoever was killed between the two files of a pair left no public key; seals that it signed need it. */
static int
restore_publics(const char *folder, const struct ring *ring, const char **error)
{
	int made = 0;
	for (size_t i = 0; i < ring->count; i++) {
		char path[512];
		uint8_t public[crypto_sign_PUBLICKEYBYTES];
		if ((size_t)snprintf(path, sizeof path, "%s/sign.%d.pub", folder, ring->list[i].number) >= sizeof path ||
			access(path, F_OK) == 0)
			continue;
		crypto_sign_ed25519_sk_to_pk(public, ring->list[i].octets);
		if (write_file(path, 0644, public, sizeof public, error) != 0)
			return -1;
		made++;
	}
	return made;
}

static int
make_keys(const char *folder, bool rotate, const char **error)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail(error, "cannot make keys folder %s: %s", folder, strerror(errno));
	struct keys *k = keys_new(error);
	if (k == NULL)
		return -1;

	int rc = read_folder(folder, k, error), made = rc == 0 ? restore_publics(folder, &k->rings[KIND_SIGN], error) : 0;
	if (made < 0)
		rc = -1;
	if (rc == 0 && rotate && k->rings[KIND_SEAL].count == KEYS_MAX)
		rc = fail(error,
			"keys folder %s has %d seal keys, as many as are read; run huizhi keys reseal and take away those "
			"that it says may be removed",
			folder, KEYS_MAX);
	for (enum kind kind = 0; kind < KINDS && rc == 0; kind++) {
		const struct ring *ring = &k->rings[kind];
		/* The values of keyed hashes are stored: another key would find nobody again. */
		if (ring->count > 0 && (!rotate || kind == KIND_HASH))
			continue;
		rc = make_key(folder, kind, ring->count > 0 ? ring->list[0].number + 1 : 1, error);
		made += rc == 0;
	}
	keys_free(k);
	return rc == 0 ? made : -1;
}

int
keys_generate(const char *folder, const char **error)
{
	return make_keys(folder, false, error);
}

int
keys_rotate(const char *folder, const char **error)
{
	return make_keys(folder, true, error);
}

/* ---- Using them ------------------------------------------------------------------------------------------------- */

uint8_t *
keys_encrypt(const struct keys *k, const char *plain, size_t len, size_t *out_len)
{
	const struct key *key = &k->rings[KIND_SEAL].list[0];
	size_t total = SEAL_HEAD + crypto_secretbox_MACBYTES + len;
	uint8_t *out = malloc(total);
	if (out == NULL)
		return NULL;
	out[0] = SEAL_VERSION;
	out[1] = (uint8_t)(key->number >> 8);
	out[2] = (uint8_t)key->number;
	randombytes_buf(out + 3, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(out + SEAL_HEAD, (const uint8_t *)plain, len, out + 3, key->octets);
	*out_len = total;
	return out;
}

char *
keys_decrypt(const struct keys *k, const uint8_t *cipher, size_t len)
{
	const struct ring *ring = &k->rings[KIND_SEAL];
	if (len < SEAL_HEAD + crypto_secretbox_MACBYTES || cipher[0] != SEAL_VERSION)
		return NULL;
	int number = cipher[1] << 8 | cipher[2];
	size_t plain = len - SEAL_HEAD - crypto_secretbox_MACBYTES;

	for (size_t i = 0; i < ring->count; i++) {
		if (ring->list[i].number != number)
			continue;
		char *out = malloc(plain + 1);
		if (out == NULL)
			return NULL;
		if (crypto_secretbox_open_easy(
				(uint8_t *)out, cipher + SEAL_HEAD, len - SEAL_HEAD, cipher + 3, ring->list[i].octets) != 0) {
			free(out);
			return NULL;
		}
		out[plain] = '\0';
		return out;
	}
	return NULL;
}

char *
keys_open(const struct keys *k, const char *hex)
{
	if (hex != NULL && strncmp(hex, "\\x", 2) == 0)
		hex += 2;
	size_t len = hex != NULL ? strlen(hex) : 0, got;
	uint8_t *cipher = len > 0 ? malloc(len / 2 + 1) : NULL;
	char *plain = NULL;
	if (cipher != NULL && sodium_hex2bin(cipher, len / 2 + 1, hex, len, NULL, &got, NULL) == 0)
		plain = keys_decrypt(k, cipher, got);
	free(cipher);
	return plain;
}

size_t
keys_seal_numbers(const struct keys *k, int list[8])
{
	const struct ring *ring = &k->rings[KIND_SEAL];
	for (size_t i = 0; i < ring->count; i++)
		list[i] = ring->list[i].number;
	return ring->count;
}

void
keys_hash(const struct keys *k, const char *purpose, const void *data, size_t len, uint8_t out[32])
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, k->rings[KIND_HASH].list[0].octets, crypto_generichash_KEYBYTES, 32);
	/* The NUL keeps "ab" + "c" apart from "a" + "bc". */
	crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
	crypto_generichash_update(&state, data, len);
	crypto_generichash_final(&state, out, 32);
}

const uint8_t *
keys_sign_secret(const struct keys *k)
{
	return k->rings[KIND_SIGN].list[0].octets;
}

size_t
keys_sign_public(const struct keys *k, const uint8_t *list[8])
{
	size_t n = k->rings[KIND_SIGN].count;
	for (size_t i = 0; i < n; i++)
		list[i] = k->sign_public[i];
	return n;
}

size_t
keys_mac(const struct keys *k, const uint8_t *list[8])
{
	const struct ring *ring = &k->rings[KIND_MAC];
	for (size_t i = 0; i < ring->count; i++)
		list[i] = ring->list[i].octets;
	return ring->count;
}
