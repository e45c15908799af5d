/* Reads a condition of a rule and holds it against a case. */
#include "gateway/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/utf8.h"

#define WORD_MAX 80 /* octets of a fact's name or of a value */

enum operation {
	EQUAL,
	DIFFERENT,
	LESS,
	LESS_OR_EQUAL,
	MORE,
	MORE_OR_EQUAL,
};
static const char *const operations[] = {"=", "!=", "<", "<=", ">", ">="};

struct comparison {
	char fact[WORD_MAX + 1], value[WORD_MAX + 1];
	enum operation op;
};

/* ---- The fixed conditions -------------------------------------------------------------------------------------- */

static const struct {
	const char *words, *otherwise;
} fixed[] = {
	{"identity proven", "identity is not proven"},
	{"nothing said wrong", "the holder says that the data on file are wrong"},
	{"no change", "the business register has changed since the licence was issued"},
	{"no mark", "a pledge of the holder was not kept"},
	{"in window", "it was handed in outside the legal window"},
};
enum {
	NFIXED = sizeof(fixed) / sizeof(fixed[0])
};

static int
fixed_index(const char *condition)
{
	for (int i = 0; i < NFIXED; i++) {
		if (strcmp(fixed[i].words, condition) == 0)
			return i;
	}
	return -1;
}

static bool
fixed_holds(int i, const struct rules_case *c)
{
	const bool holds[NFIXED] = {c->verified_by[0] != '\0', !c->said_wrong, !c->changed, !c->marked, c->in_window};

	return holds[i];
}

/* ---- Comparisons ------------------------------------------------------------------------------------------------ */

static void
trim(const char *from, size_t len, char out[WORD_MAX + 1])
{
	while (len > 0 && *from == ' ') {
		from++;
		len--;
	}
	while (len > 0 && from[len - 1] == ' ')
		len--;
	if (len > WORD_MAX)
		len = 0;
	memcpy(out, from, len);
	out[len] = '\0';
}

static bool
parse(const char *condition, struct comparison *c)
{
	size_t at = strcspn(condition, "=!<>"), n;

	if (condition[at] == '\0')
		return false;
	n = condition[at + 1] == '=' ? 2 : 1;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strlen(operations[i]) != n || strncmp(condition + at, operations[i], n) != 0)
			continue;
		c->op = (enum operation)i;
		trim(condition, at, c->fact);
		trim(condition + at + n, strlen(condition + at + n), c->value);
		return c->fact[0] != '\0' && strchr(c->fact, ' ') == NULL && c->value[0] != '\0' &&
			   strpbrk(c->value, "=<>") == NULL;
	}
	return false;
}

static bool
number(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && *end == '\0';
}

const char *
rules_check(const char *condition)
{
	struct comparison c;
	double n;

	if (fixed_index(condition) >= 0)
		return NULL;
	if (!parse(condition, &c))
		return "is no condition: write \"identity proven\", \"nothing said wrong\", \"no change\", \"no mark\", \"in "
			   "window\", or FACT = VALUE (also != < <= > >=)";
	if (c.op != EQUAL && c.op != DIFFERENT && strncmp(c.value, "fact.", 5) != 0 && !number(c.value, &n))
		return "compares more and less with what is no number";
	return NULL;
}

/* A fact as text; false when it is not on file or empty. */
static bool
fact(const json_t *facts, const char *name, char out[WORD_MAX + 1])
{
	const json_t *v = json_object_get(facts, name);

	out[0] = '\0';
	if (json_is_string(v)) {
		const char *text = json_string_value(v);
		size_t n = utf8_cut(text, strlen(text), WORD_MAX);

		memcpy(out, text, n);
		out[n] = '\0';
	} else if (json_is_integer(v)) {
		(void)snprintf(out, WORD_MAX + 1, "%lld", (long long)json_integer_value(v));
	} else if (json_is_real(v)) {
		(void)snprintf(out, WORD_MAX + 1, "%g", json_real_value(v));
	} else if (json_is_boolean(v)) {
		(void)snprintf(out, WORD_MAX + 1, "%s", json_is_true(v) ? "yes" : "no");
	}
	return out[0] != '\0';
}

static bool
compare(enum operation op, const char *left, const char *right, bool *known)
{
	double a, b;
	bool numbers = number(left, &a) && number(right, &b);
	int order = strcmp(left, right);

	*known = true;
	if (numbers)
		order = (a > b) - (a < b);
	else if (op != EQUAL && op != DIFFERENT)
		return *known = false;
	switch (op) {
	case EQUAL:
		return order == 0;
	case DIFFERENT:
		return order != 0;
	case LESS:
		return order < 0;
	case LESS_OR_EQUAL:
		return order <= 0;
	case MORE:
		return order > 0;
	case MORE_OR_EQUAL:
		return order >= 0;
	}
	return false;
}

/* ---- All of them ------------------------------------------------------------------------------------------------ */

/* How many octets of a text to show, whole characters: for "%.*s". */
static int
shown(const char *text, size_t most)
{
	return (int)utf8_cut(text, strlen(text), most);
}

static void
append(char why[RULES_WHY_MAX], const char *text)
{
	size_t used = strlen(why);
	const char *between = used > 0 ? "; " : "";

	if (used + strlen(between) < RULES_WHY_MAX)
		(void)snprintf(why + used, RULES_WHY_MAX - used, "%s%.*s", between,
			shown(text, RULES_WHY_MAX - 1 - used - strlen(between)), text);
}

static bool
holds(const char *condition, const struct rules_case *c, char said[3 * WORD_MAX])
{
	struct comparison x;
	char left[WORD_MAX + 1], right[WORD_MAX + 1];
	const char *value;
	bool known;
	int i = fixed_index(condition);

	if (i >= 0) {
		bool good = fixed_holds(i, c);

		(void)snprintf(said, 3 * WORD_MAX, "%s", good ? condition : fixed[i].otherwise);
		return good;
	}
	if (!parse(condition, &x)) {
		(void)snprintf(said, 3 * WORD_MAX, "%.*s: is no condition", shown(condition, 80), condition);
		return false;
	}
	if (!fact(c->facts, x.fact, left)) {
		(void)snprintf(said, 3 * WORD_MAX, "%.*s: %.*s is not on file", shown(condition, 80), condition,
			shown(x.fact, 80), x.fact);
		return false;
	}
	value = x.value;
	if (strncmp(value, "fact.", 5) == 0) {
		if (!fact(c->facts, value + 5, right)) {
			(void)snprintf(said, 3 * WORD_MAX, "%.*s: %.*s is not on file", shown(condition, 80), condition,
				shown(value + 5, 70), value + 5);
			return false;
		}
		value = right;
	}
	bool good = compare(x.op, left, value, &known);
	(void)snprintf(said, 3 * WORD_MAX, good ? "%.*s (%.*s)" : "%.*s does not hold: it is %.*s", shown(condition, 100),
		condition, shown(left, 80), left);
	return good;
}

bool
rules_hold(const char *const *conditions, size_t n, const struct rules_case *c, char why[RULES_WHY_MAX])
{
	char said[3 * WORD_MAX];

	why[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (!holds(conditions[i], c, said)) {
			(void)snprintf(why, RULES_WHY_MAX, "%s", said);
			return false;
		}
		append(why, said);
	}
	return n > 0;
}
