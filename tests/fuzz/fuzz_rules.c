/*
 * Fuzz target of approval by rule: lines of conditions up to an empty one, then the facts as JSON. Nothing that a check
 * takes is "no condition" later, what is said fits and is UTF-8, and nobody is approved by a rule that does not hold.
 *
 * links: gateway/rules.c dialog/utf8.c
 */

#include "gateway/rules.h"
#include "tests/fuzz/fuzz.h"

#define CONDITIONS_MAX 8

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *at = text, why[RULES_WHY_MAX];
	const char *conditions[CONDITIONS_MAX];
	size_t n = 0;
	bool written = true;

	must(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	while (n < CONDITIONS_MAX && *at != '\0' && *at != '\n') {
		size_t len = strcspn(at, "\n");
		conditions[n++] = at;
		at += len;
		if (*at == '\n')
			*at++ = '\0';
	}
	at += *at == '\n';
	/* The configuration's texts are UTF-8; the facts are whatever somebody imported. */
	for (size_t i = 0; i < n; i++)
		written = written && readable(conditions[i]);
	struct rules_case c = {.verified_by = size % 2 ? "page" : "",
		.said_wrong = size % 3 == 0,
		.changed = size % 5 == 0,
		.marked = size % 7 == 0,
		.in_window = size % 11 != 0,
		.facts = json_loads(at, 0, NULL)};
	bool good = rules_hold(conditions, n, &c, why), each = n > 0;
	must(strlen(why) < RULES_WHY_MAX && (good || n == 0 || why[0] != '\0') && (!written || readable(why)));
	for (size_t i = 0; i < n; i++) {
		bool known = rules_check(conditions[i]) == NULL, held = rules_hold(&conditions[i], 1, &c, why);
		must(!known || strstr(why, "is no condition") == NULL || strstr(conditions[i], "condition") != NULL ||
			 strstr(at, "condition") != NULL);
		each = each && held;
	}
	must(good == each);
	json_decref((json_t *)(uintptr_t)c.facts);
	free(text);
	return 0;
}
