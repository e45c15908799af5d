/* Makes and reads cursors. */
#include "gateway/http/api/cursor.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

void
cursor_make(const char *list, const char *key, char out[CURSOR_ROOM])
{
	char plain[CURSOR_PLAIN_MAX + 1];

	_Static_assert(CURSOR_ROOM >= sodium_base64_ENCODED_LEN(CURSOR_PLAIN_MAX, BASE64), "a cursor fits");
	snprintf(plain, sizeof(plain), "%s %s", list, key);
	sodium_bin2base64(out, CURSOR_ROOM, (const unsigned char *)plain, strlen(plain), BASE64);
}

int
cursor_read(const char *text, const char *list, char *out, size_t room)
{
	char plain[CURSOR_PLAIN_MAX + 1];
	size_t len, name = strlen(list);

	if (sodium_base642bin((unsigned char *)plain, sizeof(plain) - 1, text, strlen(text), NULL, &len, NULL, BASE64) != 0)
		return -1;
	plain[len] = '\0';
	if (strlen(plain) != len || len <= name + 1 || strncmp(plain, list, name) != 0 || plain[name] != ' ')
		return -1;
	const char *key = plain + name + 1;
	size_t sign = key[0] == '+', digits = strspn(key + sign, "0123456789");
	if (digits == 0 || digits > 18 || key[sign + digits] != '\0' || strlen(key) >= room)
		return -1;
	memcpy(out, key, strlen(key) + 1);
	return 0;
}
