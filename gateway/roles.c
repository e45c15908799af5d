/* Roles as words and bits. */
#include "gateway/roles.h"

#include <string.h>

static const struct {
	const char *word;
	int bits;
} words[] = {
	{"look", ROLE_LOOK},
	{"send", ROLE_SEND},
	{"write", ROLE_WRITE},
	{"approve", ROLE_APPROVE},
	{"manage", ROLE_MANAGE},
	/* As they were called until 0.2. */
	{"clerk", ROLE_LOOK | ROLE_SEND},
	{"approver", ROLE_LOOK | ROLE_SEND | ROLE_APPROVE},
	{"manager", ROLE_LOOK | ROLE_SEND | ROLE_WRITE | ROLE_APPROVE},
	{"admin", ROLE_ALL},
};
#define ROLES 5

const char *
role_word(size_t i)
{
	return i < ROLES ? words[i].word : NULL;
}

int
roles_parse(const char *list, const char **bad, size_t *bad_len)
{
	int bits = 0;

	for (;;) {
		list += strspn(list, "{}, ");
		size_t len = strcspn(list, "{}, "), i = 0;
		if (len == 0)
			return bits;
		while (i < sizeof(words) / sizeof(words[0]) &&
			   (strlen(words[i].word) != len || memcmp(words[i].word, list, len) != 0))
			i++;
		if (i == sizeof(words) / sizeof(words[0])) {
			if (bad != NULL) {
				*bad = list;
				*bad_len = len;
			}
			return -1;
		}
		bits |= words[i].bits | ROLE_LOOK;
		list += len;
	}
}
