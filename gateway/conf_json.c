/* The configuration, and the table of its keys, for programs. */
#include "gateway/conf_json.h"

#include <stdbool.h>

#include "gateway/conf_internal.h"

static json_t *
field_json(const struct conf_key *key, const char *target)
{
	const char *field = target + key->offset;

	switch (key->type) {
	case CONF_TEXT:
		return *(const char *const *)field != NULL ? json_string(*(const char *const *)field) : json_null();
	case CONF_NUMBER:
		return json_integer(*(const int *)field);
	case CONF_BOOL:
		return json_boolean(*(const bool *)field);
	case CONF_LIST:
	case CONF_NUMBER_LIST:
		break;
	}
	if (*(void *const *)field == NULL)
		return json_null();
	json_t *list = json_array();
	size_t n = *(const size_t *)(target + key->count);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, key->type == CONF_LIST ? json_string((*(const char *const *const *)field)[i])
														   : json_integer((*(const int *const *)field)[i]));
	return list;
}

static json_t *
section_json(enum conf_section kind, const char *title, const void *target)
{
	json_t *o = json_object();

	if (title != NULL)
		json_object_set_new(o, "title", json_string(title));
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section == kind && !conf_key_stays_hidden(key, target))
			json_object_set_new(o, key->name, field_json(key, target));
	}
	return o;
}

json_t *
conf_json(const struct conf *c)
{
	json_t *o = section_json(CONF_ROOT, NULL, c), *links = json_array(), *bureaus = json_array();

	json_object_set_new(o, "public", section_json(CONF_PUBLIC, NULL, c));
	json_object_set_new(o, "staff", section_json(CONF_STAFF, NULL, c));
	for (size_t i = 0; i < c->nlinks; i++)
		json_array_append_new(links, section_json(CONF_LINK, c->links[i].name, &c->links[i]));
	for (size_t i = 0; i < c->nbureaus; i++)
		json_array_append_new(bureaus, section_json(CONF_BUREAU, c->bureaus[i].code, &c->bureaus[i]));
	json_object_set_new(o, "link", links);
	json_object_set_new(o, "bureau", bureaus);
	return o;
}

json_t *
conf_json_keys(void)
{
	static const char *const types[] = {
		[CONF_TEXT] = "text",
		[CONF_NUMBER] = "number",
		[CONF_BOOL] = "boolean",
		[CONF_LIST] = "texts",
		[CONF_NUMBER_LIST] = "numbers",
	};
	json_t *list = json_array();

	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		const char *section = conf_sections[key->section].name;
		json_t *o = json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:s}", "section", section != NULL ? section : "", "key",
			key->name, "type", types[key->type], "default", key->fallback, "required", key->required, "reload",
			key->reload, "sentence", key->sentence);
		if (key->words != NULL) {
			json_t *words = json_array();
			for (const char *const *w = key->words; *w != NULL; w++)
				json_array_append_new(words, json_string(*w));
			json_object_set_new(o, "words", words);
		}
		json_array_append_new(list, o);
	}
	return list;
}
