/* SIGHUP: what of a configuration read anew a running daemon takes over, and what it cannot. */
#include <stdio.h>
#include <string.h>

#include "gateway/conf_internal.h"

static int
compare_section(enum conf_section kind, const char *title, const void *a, const void *b, FILE *err)
{
	int n = 0;
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section != kind || key->reload || conf_same_field(key, a, b))
			continue;
		fprintf(err, "%s%s%s%s%s: a change needs a restart\n", kind == CONF_ROOT ? "" : conf_sections[kind].name,
			title != NULL ? " " : "", title != NULL ? title : "", kind == CONF_ROOT ? "" : " ", key->name);
		n++;
	}
	return n;
}

/* The n-th section of a kind and its title; an item's title alone does not name it, its file and bureaus count too. */
static const void *
get_section(const struct conf *c, enum conf_section kind, size_t n, const char **title)
{
	if (kind == CONF_LINK && n < c->nlinks)
		return *title = c->links[n].name, &c->links[n];
	if (kind == CONF_BUREAU && n < c->nbureaus)
		return *title = c->bureaus[n].code, &c->bureaus[n];
	if (kind == CONF_ITEM && n < c->nitems)
		return *title = c->items[n].code, &c->items[n];
	if (kind == CONF_PROFILE && n < c->nprofiles)
		return *title = c->profiles[n].name, &c->profiles[n];
	return NULL;
}

static const void *
find_section(const struct conf *c, enum conf_section kind, const char *wanted, const char *service)
{
	const char *title;
	const void *section;
	for (size_t i = 0; (section = get_section(c, kind, i, &title)) != NULL; i++) {
		if (strcmp(title, wanted) == 0 &&
			(kind != CONF_ITEM || strcmp(((const struct conf_item *)section)->service, service) == 0))
			return section;
	}
	return NULL;
}

static int
compare_sections(const struct conf *now, const struct conf *next, enum conf_section kind, FILE *err)
{
	const char *title;
	const void *a, *b;
	int n = 0;
	for (size_t i = 0; (a = get_section(now, kind, i, &title)) != NULL; i++) {
		b = find_section(next, kind, title, kind == CONF_ITEM ? ((const struct conf_item *)a)->service : NULL);
		if (b != NULL) {
			n += compare_section(kind, title, a, b, err);
		} else {
			fprintf(err, "%s %s is gone: that needs a restart\n", conf_sections[kind].name, title);
			n++;
		}
	}
	for (size_t i = 0; (b = get_section(next, kind, i, &title)) != NULL; i++) {
		if (find_section(now, kind, title, kind == CONF_ITEM ? ((const struct conf_item *)b)->service : NULL) == NULL) {
			fprintf(err, "%s %s is new: that needs a restart\n", conf_sections[kind].name, title);
			n++;
		}
	}
	return n;
}

int
conf_reload_check(const struct conf *now, const struct conf *next, FILE *err)
{
	int n = compare_section(CONF_ROOT, NULL, now, next, err) + compare_section(CONF_PUBLIC, NULL, now, next, err) +
			compare_section(CONF_STAFF, NULL, now, next, err);
	for (enum conf_section kind = CONF_LINK; kind < CONF_SECTIONS; kind++)
		n += compare_sections(now, next, kind, err);
	return n;
}

/* ---- Taking over ------------------------------------------------------------------------------------------------ */

static size_t
size_of_type(enum conf_type type)
{
	return type == CONF_NUMBER ? sizeof(int) : type == CONF_BOOL ? sizeof(bool) : sizeof(void *);
}

static void
adopt_section(enum conf_section kind, void *now, const void *next)
{
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section != kind || !key->reload)
			continue;
		memcpy((char *)now + key->offset, (const char *)next + key->offset, size_of_type(key->type));
		if (key->type == CONF_LIST || key->type == CONF_NUMBER_LIST)
			memcpy((char *)now + key->count, (const char *)next + key->count, sizeof(size_t));
	}
}

void
conf_adopt(struct conf *now, struct conf *next)
{
	const char *title;
	const void *a, *b;

	adopt_section(CONF_ROOT, now, next);
	for (enum conf_section kind = CONF_LINK; kind <= CONF_ITEM; kind++) {
		for (size_t i = 0; (a = get_section(now, kind, i, &title)) != NULL; i++) {
			b = find_section(next, kind, title, kind == CONF_ITEM ? ((const struct conf_item *)a)->service : NULL);
			if (b != NULL)
				adopt_section(kind, (void *)a, b);
		}
	}
	/* Its values are in use now: it goes when the configuration goes that took them over. */
	struct conf **end = &now->adopted;
	while (*end != NULL)
		end = &(*end)->adopted;
	*end = next;
}
