/* Public keys as files: one that is given to somebody, and all that lie in the keys folder. */
#ifndef GATEWAY_KEYS_PUBLIC_H
#define GATEWAY_KEYS_PUBLIC_H

#include <stddef.h>
#include <stdint.h>

#define KEYS_PUBLIC_MAX 64

/* 64 hexadecimal digits, as sign.N.pub has them. 0, or -1 with *error (static). */
int keys_public_read(const char *path, uint8_t out[32], const char **error);
/* Files between commas. Returns how many, or -1 with *error. */
int keys_public_list(const char *paths, uint8_t out[KEYS_PUBLIC_MAX][32], const char **error);
/* Every sign.N.pub of the folder: also of secret keys that were taken away since. Returns how many, or -1 with *error.
 */
int keys_public_folder(const char *folder, uint8_t out[KEYS_PUBLIC_MAX][32], const char **error);

#endif
