/*
 * The secret keys, read from the keys folder (files of mode 0600, made by `huizhi keygen`), and what they are used for.
 * Rotation with overlap: the newest of each kind signs and encrypts, all of them verify and decrypt.
 */
#ifndef GATEWAY_KEYS_H
#define GATEWAY_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct keys;

/*
 * The folder's files, one key each, in hexadecimal: sign.N.key (Ed25519), mac.N.key (the short links), seal.N.key
 * (personal fields), hash.1.key (look-ups), and sign.N.pub, which may be given to anyone who checks QR codes.
 */

/* Reads every key of the folder. NULL with *error set to one line that names the file and what to do. */
struct keys *keys_load(const char *folder, const char **error);
void keys_free(struct keys *k);
/* Makes the folder and a key of each kind that has none. Returns how many were made, or -1 with *error. */
int keys_generate(const char *folder, const char **error);
/* Makes a newer key of each kind but `hash`, whose values are stored and looked up. As keys_generate otherwise. */
int keys_rotate(const char *folder, const char **error);

/* Personal fields. out is malloc'd; the caller frees. NULL without memory or (decrypt) when no key fits. */
uint8_t *keys_encrypt(const struct keys *k, const char *plain, size_t len, size_t *out_len);
char *keys_decrypt(const struct keys *k, const uint8_t *cipher, size_t len); /* NUL-terminated */
/* A value as PostgreSQL writes octets: hexadecimal, with or without the \\x in front. NULL for NULL too. */
char *keys_open(const struct keys *k, const char *hex);
/* The numbers of the keys for personal fields, newest first; returns how many. A sealed value names its own. */
size_t keys_seal_numbers(const struct keys *k, int list[8]);
/* Keyed BLAKE2b-256 of a text, for look-ups without the text: purpose keeps uses apart ("identity", "code", ...). */
void keys_hash(const struct keys *k, const char *purpose, const void *data, size_t len, uint8_t out[32]);
/* For the signed forms (dialog/token.h). */
const uint8_t *keys_sign_secret(const struct keys *k);				   /* 64 octets, Ed25519, newest */
size_t keys_sign_public(const struct keys *k, const uint8_t *list[8]); /* 32 octets each, newest first */
size_t keys_mac(const struct keys *k, const uint8_t *list[8]);		   /* 32 octets each, newest first */

#endif
