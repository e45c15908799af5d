/*
 * A row of licences: eleven cells, each checked, brought to one form, encrypted where personal, and handed to the
 * store. And a line of a holder alone: the same without the licence's.
 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "gateway/bulk_internal.h"
#include "gateway/conf.h"
#include "gateway/keys.h"

enum {
	BUREAU,
	ITEM,
	LICENCE_NO,
	HOLDER,
	PHONE,
	LANGUAGE,
	ISSUED_ON,
	EXPIRES_ON,
	ID_NUMBER,
	ADDRESS,
	TAGS
};

static void check_row(struct bulk *b), check_holder(struct bulk *b);

const struct bulk_columns bulk_licence_columns = {
	.names = {"bureau", "item", "licence_no", "holder", "phone", "language", "issued_on", "expires_on", "id_number",
		"address", "tags"},
	.absent = 1u << BUREAU,
	.facts = true,
	.row = check_row,
};

const struct bulk_columns bulk_holder_columns = {
	.names = {"bureau", "item", "licence_no", "holder", "phone", "language", "issued_on", "expires_on", "id_number",
		"address", "tags"},
	.absent = 1u << BUREAU | 1u << ITEM | 1u << LICENCE_NO | 1u << ISSUED_ON | 1u << EXPIRES_ON,
	.row = check_holder,
};

/* What a row's cells became. */
struct cells {
	const struct conf_bureau *bureau;
	const struct conf_item *item;
	char item_code[CHECK_TEXT_MAX + 1], licence_no[CHECK_TEXT_MAX + 1], holder[CHECK_TEXT_MAX + 1];
	char language[CHECK_TEXT_MAX + 1], address[CHECK_TEXT_MAX + 1], tags[CHECK_TEXT_MAX + 1];
	char phone[24], issued_on[11], expires_on[11], id_number[41];
	bool mobile, never;
	char tag_room[CHECK_TEXT_MAX + 1];
	const char *tag_list[CHECK_TAGS_MAX];
	int ntags;
};

static void
check_item(struct bulk *b, struct cells *c)
{
	const struct conf *conf = b->o->conf;
	size_t faults = b->nfaults;
	bool known = false;

	bulk_cell(b, ITEM, true, 100, c->item_code);
	if (b->nfaults > faults)
		return;
	for (size_t i = 0; i < conf->nitems && !known; i++) {
		const struct conf_item *it = &conf->items[i];

		/* people write the name that stands on the licence */
		if (strcmp(it->name_zh, c->item_code) == 0 || strcasecmp(it->name_en, c->item_code) == 0)
			snprintf(c->item_code, sizeof c->item_code, "%s", it->code);
		known = strcmp(it->code, c->item_code) == 0;
	}
	if (c->item_code[0] == '\0' && b->r->short_list)
		return;
	if (c->item_code[0] == '\0')
		bulk_fault(b, ITEM, "is empty; write the item's code");
	else if (!known)
		bulk_fault(b, ITEM, "is no item of the catalogue; write its code, such as food-business-renewal");
	else if (c->bureau && (c->item = conf_item_for(conf, c->bureau, c->item_code)) == NULL)
		bulk_fault(b, ITEM, "is not offered at this bureau; correct it or the bureau");
}

static void
check_needed(struct bulk *b, int column, size_t max, char *cell)
{
	size_t faults = b->nfaults;

	bulk_cell(b, column, false, max, cell);
	if (b->nfaults == faults && cell[0] == '\0')
		bulk_fault(b, column, "is empty");
}

static void
check_phone(struct bulk *b, struct cells *c)
{
	char cell[CHECK_TEXT_MAX + 1];

	size_t faults = b->nfaults;

	bulk_cell(b, PHONE, true, 64, cell);
	if (cell[0] == '\0' && b->nfaults == faults && b->o->list_of && !b->r->short_list)
		bulk_fault(b, PHONE, "is empty; write a mobile number, or take the row out");
	if (cell[0] == '\0' || !c->bureau)
		return;
	if (conf_phone_normalise(c->bureau, cell, c->phone, sizeof c->phone, &c->mobile) < 0) {
		c->phone[0] = '\0';
		bulk_fault(b, PHONE,
			b->o->list_of ? "is no telephone number; write one mobile number"
						  : "is no telephone number; write one number, or leave the cell empty");
	} else if (b->o->list_of && !c->mobile) {
		bulk_fault(b, PHONE, "is a landline; texts need a mobile number");
	}
}

static void
check_language(struct bulk *b, struct cells *c)
{
	char text[200] = "is no language of this bureau; it has";
	size_t used = strlen(text), faults = b->nfaults;

	bulk_cell(b, LANGUAGE, true, 16, c->language);
	if (c->language[0] == '\0' || !c->bureau || b->nfaults > faults)
		return;
	for (size_t i = 0; i < c->bureau->nlanguages; i++) {
		if (strcmp(c->bureau->languages[i], c->language) == 0)
			return;
		if (used < 150)
			used += (size_t)snprintf(text + used, sizeof text - used, " %.20s", c->bureau->languages[i]);
	}
	bulk_fault(b, LANGUAGE, text);
}

/* The words that registers put where a licence never runs out. */
static bool
is_never(const char *cell)
{
	return strcmp(cell, "长期") == 0 || strcmp(cell, "永久") == 0 || strcmp(cell, "never") == 0;
}

static void
check_dates(struct bulk *b, struct cells *c)
{
	char cell[CHECK_TEXT_MAX + 1], fault[CHECK_FAULT_MAX + 1];
	size_t faults = b->nfaults;

	bulk_cell(b, ISSUED_ON, true, 40, cell);
	if (cell[0] != '\0' && check_date(cell, c->issued_on, fault) < 0)
		bulk_fault(b, ISSUED_ON, fault);
	bulk_cell(b, EXPIRES_ON, true, 40, cell);
	c->never = is_never(cell);
	if (cell[0] != '\0' && !c->never && check_date(cell, c->expires_on, fault) < 0)
		bulk_fault(b, EXPIRES_ON, fault);
	if (b->nfaults > faults)
		return;
	if (cell[0] == '\0' && c->item && strcmp(c->item->trigger, "change") != 0)
		bulk_fault(b, EXPIRES_ON, "is empty; write the last day, or 长期 when the licence never runs out");
	else if (c->issued_on[0] && c->expires_on[0] && strcmp(c->issued_on, c->expires_on) > 0)
		bulk_fault(b, EXPIRES_ON, "is before issued_on; correct one of them");
}

static void
check_identity(struct bulk *b, struct cells *c)
{
	char cell[CHECK_TEXT_MAX + 1], fault[CHECK_FAULT_MAX + 1];

	bulk_cell(b, ID_NUMBER, true, 64, cell);
	if (cell[0] == '\0' || !c->bureau)
		return;
	if (check_id_number(c->bureau->country, cell, c->id_number, fault) < 0) {
		c->id_number[0] = '\0';
		bulk_fault(b, ID_NUMBER, fault);
	}
}

static void
check_duplicate(struct bulk *b, const struct cells *c)
{
	char key[2 * CHECK_TEXT_MAX + 40], text[100];
	int64_t before;
	int len;

	if (!c->bureau || (!c->item && !b->r->short_list) || c->licence_no[0] == '\0')
		return;
	len = snprintf(key, sizeof key, "%d\n%s\n%s", c->bureau->id, c->item ? c->item->code : "", c->licence_no);
	before = seen_add(b->seen, key, (size_t)len, b->row->number);
	if (before < 0) {
		bulk_fail(b, "no memory");
	} else if (before > 0) {
		snprintf(text, sizeof text, "is in row %lld already; keep one of the two rows", (long long)before);
		bulk_fault(b, LICENCE_NO, text);
	}
}

/*
 * Who the holder is: the identity number; without one name and phone together; without either, the licence itself, so
 * that two people of one name are never taken for one.
 */
static void
identity_hash(const struct bulk *b, const struct cells *c, uint8_t out[IMPORT_HASH])
{
	char text[3 * CHECK_TEXT_MAX + 40];
	int len;

	if (c->id_number[0]) {
		keys_hash(b->o->keys, "identity", c->id_number, strlen(c->id_number), out);
		return;
	}
	if (c->phone[0])
		len = snprintf(text, sizeof text, "%s\n%s", c->holder, c->phone);
	else
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a holder without an item has a number or a phone */
		len = snprintf(text, sizeof text, "%s\n\n%s\n%s", c->holder, c->item->code, c->licence_no);
	keys_hash(b->o->keys, "holder", text, (size_t)len, out);
}

/* What the row says in its columns fact.NAME, as a JSON object that the caller frees; NULL when it says nothing. */
static char *
facts_of(struct bulk *b)
{
	json_t *o = NULL;
	char *text;

	for (size_t i = 0; i < b->nfacts; i++) {
		const struct csv_field *f = &b->row->fields[b->facts[i].place];
		char value[CHECK_TEXT_MAX + 1];

		if ((size_t)b->facts[i].place >= b->row->nfields ||
			check_clean(f->text, f->len, true, value, sizeof value) == 0)
			continue;
		if (o == NULL)
			o = json_object();
		json_object_set_new(o, b->facts[i].name, json_string(value));
	}
	text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static void
store_row(struct bulk *b, const struct cells *c)
{
	uint8_t identity[IMPORT_HASH], address_hash[IMPORT_HASH];
	uint8_t *id_number = NULL, *address = NULL;
	struct import_licence l = {
		.row = b->row->number,
		.bureau_id = c->bureau->id,
		.item = c->item ? c->item->code : "",
		.licence_no = c->licence_no,
		.holder = c->holder,
		.language = c->language[0] ? c->language : c->bureau->languages[0],
		.language_given = c->language[0] != '\0',
		.phone = c->phone[0] && c->mobile ? c->phone : NULL,
		.landline = c->phone[0] && !c->mobile ? c->phone : NULL,
		.issued_on = c->issued_on[0] ? c->issued_on : NULL,
		.expires_on = c->expires_on[0] ? c->expires_on : NULL,
		.expires_given = c->expires_on[0] != '\0' || c->never,
		.identified = c->id_number[0] != '\0',
		.identity_hash = identity,
		.tags = c->tag_list,
		.ntags = (size_t)c->ntags,
	};

	char *facts = facts_of(b);

	l.facts = facts;
	identity_hash(b, c, identity);
	if (c->id_number[0])
		l.id_number = id_number = bulk_encrypt(b, c->id_number, &l.id_number_len);
	if (c->address[0]) {
		l.address = address = bulk_encrypt(b, c->address, &l.address_len);
		keys_hash(b->o->keys, "address", c->address, strlen(c->address), address_hash);
		l.address_hash = address_hash;
	}
	if (!b->failed && import_add(b->im, &l) < 0)
		bulk_fail(b, "could not import: %s", import_error(b->im));
	free(facts);
	free(id_number);
	free(address);
}

/* Of a list: a good row goes to who asked for it. */
static void
tell_listed(struct bulk *b, const struct cells *c)
{
	const struct bulk_listed row = {
		.row = b->row->number, .item = c->item_code, .licence_no = c->licence_no, .phone = c->phone};

	if (b->nfaults == 0 && !b->failed && b->o->on_listed && b->o->on_listed(b->o->list_arg, &row) != 0)
		bulk_fail(b, "no memory");
}

/* The texts are written by their checks; only what those may leave alone is cleared. */
static void
clear(struct cells *c)
{
	c->item = NULL;
	c->phone[0] = c->issued_on[0] = c->expires_on[0] = c->id_number[0] = c->licence_no[0] = '\0';
	c->mobile = c->never = false;
}

/* Who the holder is, and how he is reached; the licence's days are between, as the columns are. */
static void
check_person(struct bulk *b, struct cells *c, bool licence)
{
	char fault[CHECK_FAULT_MAX + 1];

	check_needed(b, HOLDER, 200, c->holder);
	check_phone(b, c);
	check_language(b, c);
	if (licence)
		check_dates(b, c);
	check_identity(b, c);
	bulk_cell(b, ADDRESS, false, 300, c->address);
	bulk_cell(b, TAGS, false, 500, c->tags);
	c->ntags = check_tags(c->tags, c->tag_room, c->tag_list, fault);
	if (c->ntags < 0)
		bulk_fault(b, TAGS, fault);
}

static void
check_holder(struct bulk *b)
{
	struct cells c;

	clear(&c);
	c.bureau = b->o->bureau;
	check_person(b, &c, false);
	if (b->nfaults == 0 && c.id_number[0] == '\0' && c.phone[0] == '\0')
		bulk_fault(b, -1, "neither id_number nor phone is given; one of them must say who this is");
	if (b->nfaults == 0 && !b->failed)
		store_row(b, &c);
}

static void
check_row(struct bulk *b)
{
	char cell[CHECK_TEXT_MAX + 1];
	struct cells c;

	clear(&c);
	c.bureau = bulk_bureau(b, BUREAU, cell);
	check_item(b, &c);
	check_needed(b, LICENCE_NO, 100, c.licence_no);
	if (b->r->short_list) {
		check_duplicate(b, &c);
		tell_listed(b, &c);
		return;
	}
	check_person(b, &c, true);
	check_duplicate(b, &c);
	if (b->nfaults == 0 && !b->failed)
		store_row(b, &c);
	tell_listed(b, &c);
}
