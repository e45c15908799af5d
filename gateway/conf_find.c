/* Looks things up in a loaded configuration. */
#include "gateway/conf.h"
#include "dialog/substitute.h"

#include <string.h>

const struct conf_bureau *
conf_bureau_by_id(const struct conf *c, int id)
{
	for (size_t i = 0; i < c->nbureaus; i++) {
		if (c->bureaus[i].id == id)
			return &c->bureaus[i];
	}
	return NULL;
}

const struct conf_bureau *
conf_bureau_by_code(const struct conf *c, const char *code)
{
	for (size_t i = 0; i < c->nbureaus; i++) {
		if (strcmp(c->bureaus[i].code, code) == 0)
			return &c->bureaus[i];
	}
	return NULL;
}

bool
conf_in_list(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], word) == 0)
			return true;
	}
	return false;
}

const struct conf_bureau *
conf_bureau_by_address(const struct conf *c, const char *link, const char *address)
{
	const struct conf_bureau *best = NULL;
	size_t longest = 0;

	/* Some carriers write a short code as an international number. */
	if (address[0] == '+')
		address++;
	for (size_t i = 0; i < c->nbureaus; i++) {
		const struct conf_bureau *b = &c->bureaus[i];
		size_t len = strlen(b->short_code);
		if (len > longest && strncmp(b->short_code, address, len) == 0 && conf_in_list(b->links, b->nlinks, link)) {
			best = b;
			longest = len;
		}
	}
	return best;
}

const struct conf_profile *
conf_profile_by_name(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nprofiles; i++) {
		if (strcmp(c->profiles[i].name, name) == 0)
			return &c->profiles[i];
	}
	return NULL;
}

const struct conf_link *
conf_link_by_name(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nlinks; i++) {
		if (strcmp(c->links[i].name, name) == 0)
			return &c->links[i];
	}
	return NULL;
}

const struct conf_item *
conf_item_for(const struct conf *c, const struct conf_bureau *b, const char *code)
{
	const struct conf_item *any = NULL;

	if (b->items != NULL && !conf_in_list(b->items, b->nitems, code))
		return NULL;
	for (size_t i = 0; i < c->nitems; i++) {
		const struct conf_item *it = &c->items[i];
		if (strcmp(it->code, code) != 0)
			continue;
		if (it->bureaus == NULL)
			any = it;
		else if (conf_in_list(it->bureaus, it->nbureaus, b->code))
			return it;
	}
	return any;
}

unsigned
conf_substitutions(const struct conf_bureau *b)
{
	unsigned sets = 0;

	for (size_t i = 0; i < b->nsubstitutions; i++)
		sets |= substitute_by_name(b->substitutions[i]);
	return sets;
}

const char *
conf_source(const struct conf_bureau *b)
{
	return b->sender != NULL && b->sender[0] != '\0' ? b->sender : b->short_code;
}
