/* Reads public keys from their files. */
#include "gateway/keys_public.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char said[600];

int
keys_public_read(const char *path, uint8_t out[32], const char **error)
{
	char text[128] = "";
	size_t got;
	FILE *in = fopen(path, "re");

	*error = said;
	if (in == NULL) {
		snprintf(said, sizeof said, "cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	bool read = fgets(text, sizeof text, in) != NULL;
	fclose(in);
	text[strcspn(text, " \t\r\n")] = '\0';
	if (read && strlen(text) == 64 && sodium_hex2bin(out, 32, text, 64, NULL, &got, NULL) == 0 && got == 32)
		return 0;
	snprintf(
		said, sizeof said, "%s is no public key file: it must hold 64 hexadecimal digits, as sign.N.pub does", path);
	return -1;
}

int
keys_public_list(const char *paths, uint8_t out[KEYS_PUBLIC_MAX][32], const char **error)
{
	int n = 0;
	for (const char *at = paths; *at != '\0';) {
		char path[512];
		size_t len = strcspn(at, ",");
		if (n == KEYS_PUBLIC_MAX || len == 0 || len >= sizeof path) {
			snprintf(said, sizeof said, "cannot read the list of public keys: %s", paths);
			*error = said;
			return -1;
		}
		snprintf(path, sizeof path, "%.*s", (int)len, at);
		if (keys_public_read(path, out[n], error) != 0)
			return -1;
		n++;
		at += len + (at[len] == ',');
	}
	return n;
}

static bool
is_public(const char *name)
{
	size_t digits = strncmp(name, "sign.", 5) == 0 ? strspn(name + 5, "0123456789") : 0;
	return digits > 0 && strcmp(name + 5 + digits, ".pub") == 0;
}

int
keys_public_folder(const char *folder, uint8_t out[KEYS_PUBLIC_MAX][32], const char **error)
{
	DIR *dir = opendir(folder);
	int n = 0;

	if (dir == NULL) {
		snprintf(said, sizeof said, "cannot open keys folder %s: %s", folder, strerror(errno));
		*error = said;
		return -1;
	}
	for (struct dirent *e = readdir(dir); e != NULL && n >= 0 && n < KEYS_PUBLIC_MAX; e = readdir(dir)) {
		char path[600];
		if (!is_public(e->d_name))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		n = keys_public_read(path, out[n], error) == 0 ? n + 1 : -1;
	}
	closedir(dir);
	return n;
}
