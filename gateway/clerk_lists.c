/* The lists that wait for a person: what a clerk may do with several entries at once, and why one was left as it was.
 */
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
#include "store/pg.h"

static const char *const lists[] = {"phone", "read", "approve", "collect", "send", "check", NULL};

const char *const *
clerk_lists(void)
{
	return lists;
}

bool
clerk_is_list(const char *name)
{
	for (size_t i = 0; lists[i] != NULL; i++)
		if (strcmp(lists[i], name) == 0)
			return true;
	return false;
}

bool
clerk_by_hand(const char *list)
{
	return strcmp(list, "phone") == 0 || strcmp(list, "read") == 0 || strcmp(list, "check") == 0;
}

void
clerk_by_hand_lists(struct pg_params *p)
{
	pg_array_begin(p);
	for (size_t i = 0; lists[i] != NULL; i++)
		if (clerk_by_hand(lists[i]))
			pg_array_text(p, lists[i]);
	pg_array_end(p);
}

const struct clerk_together *
clerk_togethers(size_t *n)
{
	static const struct clerk_together all[] = {
		{"approve", "approve", ROLE_APPROVE, APPLICATION_APPROVE, "bulk_approved"},
		{"ready", "send", ROLE_SEND, APPLICATION_READY, "bulk_ready"},
		{"passed", "check", ROLE_APPROVE, APPLICATION_PASSED, "bulk_passed"},
	};

	*n = sizeof(all) / sizeof(all[0]);
	return all;
}

static const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text == NULL ? "" : text;
}

/* NULL: it is as it was asked for. */
static const char *
why_left(const json_t *row, const char *actor, const char **by)
{
	const json_t *changed = json_object_get(row, "changed");

	*by = text_of(row, "claimed_by");
	if (changed == NULL) /* of a claim: who has it now; of a release: nothing */
		return **by == '\0' || strcmp(*by, actor) == 0 ? NULL : "held";
	if (json_is_true(changed))
		return NULL;
	*by = text_of(row, "held_by");
	if (**by != '\0')
		return "held";
	*by = text_of(row, "done_by");
	if (json_is_string(json_object_get(row, "done_at")))
		return "closed";
	return json_is_true(json_object_get(row, "owed")) ? "owed" : "itself";
}

static int64_t
id_of(const json_t *row)
{
	return json_integer_value(json_object_get(row, "id"));
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

size_t
clerk_ids_sort(int64_t *ids, size_t n)
{
	size_t kept = 0;

	qsort(ids, n, sizeof(*ids), by_number);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || ids[i] != ids[kept - 1])
			ids[kept++] = ids[i];
	return kept;
}

json_t *
clerk_left(const json_t *rows, const int64_t *ids, size_t n, const char *absent, const char *actor)
{
	json_t *left = json_array();
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const char *why = absent, *by = "";

		while (k < json_array_size(rows) && id_of(json_array_get(rows, k)) < ids[i])
			k++;
		if (k < json_array_size(rows) && id_of(json_array_get(rows, k)) == ids[i])
			why = why_left(json_array_get(rows, k), actor, &by);
		if (why != NULL)
			json_array_append_new(left, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)ids[i], "why", why, "by", by));
	}
	return left;
}
