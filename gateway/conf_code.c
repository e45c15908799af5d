/* The codes that citizens dial (*123#, *123*45#): whether one can be a bureau's, and whose a dialled one is. */
#include <string.h>

#include "gateway/conf_internal.h"

#define CODE_MAX 30 /* characters of a bureau's code, more than any network takes */

/* "*123*45#", "123*45" -> "123*45": without its sign in front and its end. */
static size_t
body(const char *code, const char **out)
{
	code += strspn(code, "*#+");
	size_t len = strlen(code);
	while (len > 0 && code[len - 1] == '#')
		len--;
	*out = code;
	return len;
}

const char *
conf_check_ussd_code(const char *value)
{
	const char *digits;
	size_t len = strlen(value), n = body(value, &digits);

	if (len == 0)
		return NULL;
	if (value[0] != '*' || value[len - 1] != '#' || len > CODE_MAX || n + 2 != len || n == 0 || digits[n - 1] == '*' ||
		strspn(digits, "0123456789*") < n || strstr(digits, "**") != NULL)
		return "must be a code as it is dialled, such as *123# or *123*45#, at most 30 characters";
	return NULL;
}

/* One of the bureau's links is this one ("" = any). */
static bool
uses(const struct conf_bureau *b, const char *link)
{
	for (size_t i = 0; i < b->nlinks; i++) {
		if (link[0] == '\0' || strcmp(b->links[i], link) == 0)
			return true;
	}
	return false;
}

const struct conf_bureau *
conf_bureau_by_ussd(const struct conf *c, const char *link, const char *code)
{
	const struct conf_bureau *best = NULL;
	const char *dialled, *own;
	size_t len = body(code, &dialled), longest = 0;

	for (size_t i = 0; i < c->nbureaus; i++) {
		const struct conf_bureau *b = &c->bureaus[i];
		size_t n = body(b->ussd_code, &own);

		/* What stands behind the bureau's own code is left aside: *123*1# reaches *123#. */
		if (n > longest && n <= len && strncmp(own, dialled, n) == 0 && (n == len || dialled[n] == '*') &&
			uses(b, link)) {
			best = b;
			longest = n;
		}
	}
	return best;
}

void
conf_check_ussd(const struct conf *c, size_t n, const struct conf_file *file, struct conf_faults *faults)
{
	const struct conf_bureau *b = &c->bureaus[n];
	bool carried = false;

	if (b->ussd_code[0] == '\0')
		return;
	for (size_t i = 0; i < b->nlinks; i++) {
		const struct conf_link *l = conf_link_by_name(c, b->links[i]);
		carried = carried || l == NULL || strcmp(l->ussd, "none") != 0;
	}
	if (!carried)
		conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "ussd_code", 0),
			"bureau \"%s\": ussd_code %s cannot be dialled, for none of its links carries USSD", b->code, b->ussd_code);
	for (size_t m = 0; m < n; m++) {
		const struct conf_bureau *other = &c->bureaus[m];

		for (size_t i = 0; i < b->nlinks && strcmp(b->ussd_code, other->ussd_code) == 0; i++) {
			if (!uses(other, b->links[i]))
				continue;
			conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "ussd_code", 0),
				"bureau \"%s\": ussd_code %s belongs to bureau \"%s\" on link \"%s\" too", b->code, b->ussd_code,
				other->code, b->links[i]);
			break;
		}
	}
}
