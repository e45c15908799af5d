/* Talks that are kept in memory: a table by phone, the least used of them first to go. */
#include "gateway/turn_kept.h"

#include <stdlib.h>
#include <string.h>

struct turn_keep {
	struct turn_kept **buckets;
	size_t nbuckets, max, count;
	struct turn_kept *oldest, *newest;
};

/* ---- One piece of memory for all of a talk ------------------------------------------------------------------------
 */

/* A pass with `at` NULL counts the octets; the second one copies. */
struct piece {
	char *at;
	size_t size;
};

static void *
put(struct piece *p, const void *octets, size_t len)
{
	char *to = p->at;

	p->size += len;
	if (to == NULL)
		return NULL;
	p->at += len;
	return len == 0 ? to : memcpy(to, octets, len);
}

static void
string(struct piece *p, const char **s)
{
	if (*s == NULL)
		return;
	const char *copy = put(p, *s, strlen(*s) + 1);
	if (copy != NULL)
		*s = copy;
}

static void
octets(struct piece *p, const uint8_t **s, size_t len)
{
	if (*s == NULL)
		return;
	const uint8_t *copy = put(p, *s, len);
	if (copy != NULL)
		*s = copy;
}

static void
strings_of(struct piece *p, struct store_conversation *c, struct store_application *applications, size_t n)
{
	string(p, &c->phone);
	string(p, &c->link);
	string(p, &c->language);
	string(p, &c->dialog);
	string(p, &c->step);
	string(p, &c->slots);
	for (size_t i = 0; i < n; i++) {
		struct store_application *a = &applications[i];

		string(p, &a->status);
		string(p, &a->item_code);
		string(p, &a->name_zh);
		string(p, &a->name_en);
		string(p, &a->licence_no);
		string(p, &a->issued_on);
		string(p, &a->expires_on);
		string(p, &a->holder);
		octets(p, &a->holder_address, a->holder_address_len);
		octets(p, &a->address, a->address_len);
		string(p, &a->old_certificate);
		string(p, &a->delivery);
		string(p, &a->tracking_no);
		string(p, &a->pickup_code);
		string(p, &a->decision_reason);
		string(p, &a->verified_by);
		string(p, &a->tags);
		string(p, &a->cycle);
		string(p, &a->last_day);
		string(p, &a->changes);
		string(p, &a->certificate_no);
		string(p, &a->check_due_on);
	}
}

/* As the store would read it now: what the save only has is done. */
static void
as_read(struct store_conversation *c, struct store_application *applications, size_t n, uint32_t xid)
{
	c->outcome = "";
	c->version++;
	c->kept_xid = xid;
	c->kept_applications = NULL;
	for (size_t i = 0; i < n; i++) {
		struct store_application *a = &applications[i];

		if (a->new_address != NULL) {
			a->address = a->new_address;
			a->address_len = a->new_address_len;
		}
		a->new_address = NULL;
		a->new_rating = 0;
		a->new_complaint = NULL;
		a->xid = a->changed ? xid : a->xid;
		a->changed = false;
	}
}

struct turn_kept *
turn_kept_new(int bureau_id, int64_t read_us, uint32_t xid, const struct store_conversation *row,
	const struct store_application *applications, size_t napplications, const struct turn_kept_text *texts,
	size_t ntexts, const struct turn_kept_text *text)
{
	struct piece count = {NULL, 0}, piece;
	struct store_conversation conversation = *row;
	size_t own = sizeof(struct turn_kept) + napplications * sizeof(*applications) + (ntexts + 1) * sizeof(*texts);

	if (ntexts >= TURN_KEPT_TEXTS)
		return NULL;
	/* Only counted: nothing of theirs is changed. */
	strings_of(&count, &conversation, (struct store_application *)applications, napplications);
	for (size_t i = 0; i < napplications; i++)
		count.size += applications[i].new_address_len;
	struct turn_kept *k = malloc(own + count.size);
	if (k == NULL)
		return NULL;
	*k = (struct turn_kept){.bureau_id = bureau_id,
		.read_us = read_us,
		.row = *row,
		.applications = (struct store_application *)(k + 1),
		.napplications = napplications,
		.ntexts = ntexts + 1};
	k->texts = (struct turn_kept_text *)(k->applications + napplications);
	if (napplications > 0)
		memcpy(k->applications, applications, napplications * sizeof(*applications));
	if (ntexts > 0)
		memcpy(k->texts, texts, ntexts * sizeof(*texts));
	k->texts[ntexts] = *text;
	as_read(&k->row, k->applications, napplications, xid);
	piece = (struct piece){(char *)(k->texts + ntexts + 1), 0};
	strings_of(&piece, &k->row, k->applications, napplications);
	return k;
}

void
turn_kept_free(struct turn_kept *k)
{
	free(k);
}

/* ---- The table ----------------------------------------------------------------------------------------------------
 */

/* FNV-1a, 32 bits: phones are not chosen by those who would have chains grow long, and the chains are bounded. */
static size_t
bucket_of(const struct turn_keep *all, int bureau_id, const char *phone)
{
	uint32_t h = 2166136261u ^ (uint32_t)bureau_id;

	for (; *phone != '\0'; phone++)
		h = (h ^ (unsigned char)*phone) * 16777619u;
	return h & (all->nbuckets - 1);
}

struct turn_keep *
turn_keep_new(size_t max)
{
	struct turn_keep *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->max = max;
	for (all->nbuckets = 16; all->nbuckets < max; all->nbuckets *= 2)
		;
	all->buckets = calloc(all->nbuckets, sizeof(struct turn_kept *));
	if (all->buckets == NULL) {
		free(all);
		return NULL;
	}
	return all;
}

static struct turn_kept **
find(struct turn_keep *all, int bureau_id, const char *phone)
{
	struct turn_kept **at = &all->buckets[bucket_of(all, bureau_id, phone)];

	while (*at != NULL && ((*at)->bureau_id != bureau_id || strcmp((*at)->row.phone, phone) != 0))
		at = &(*at)->hash_next;
	return at;
}

static struct turn_kept *
take_out(struct turn_keep *all, struct turn_kept **at)
{
	struct turn_kept *k = *at;

	*at = k->hash_next;
	if (k->older != NULL)
		k->older->newer = k->newer;
	else
		all->oldest = k->newer;
	if (k->newer != NULL)
		k->newer->older = k->older;
	else
		all->newest = k->older;
	k->hash_next = k->older = k->newer = NULL;
	all->count--;
	return k;
}

static bool
too_old(const struct turn_kept *k, int64_t now_us)
{
	return now_us < k->read_us || now_us - k->read_us > (int64_t)TURN_KEPT_SECONDS * 1000000;
}

struct turn_kept *
turn_keep_take(struct turn_keep *all, int bureau_id, const char *phone, int64_t now_us)
{
	struct turn_kept **at = find(all, bureau_id, phone), *k;

	if (*at == NULL)
		return NULL;
	k = take_out(all, at);
	if (too_old(k, now_us)) {
		turn_kept_free(k);
		return NULL;
	}
	return k;
}

void
turn_keep_put(struct turn_keep *all, struct turn_kept *k)
{
	struct turn_kept **at = find(all, k->bureau_id, k->row.phone);

	if (*at != NULL)
		turn_kept_free(take_out(all, at));
	while (all->count > 0 && all->count >= all->max) {
		const struct turn_kept *oldest = all->oldest;

		turn_kept_free(take_out(all, find(all, oldest->bureau_id, oldest->row.phone)));
	}
	if (all->max == 0) {
		turn_kept_free(k);
		return;
	}
	at = &all->buckets[bucket_of(all, k->bureau_id, k->row.phone)];
	k->hash_next = *at;
	*at = k;
	k->newer = NULL;
	k->older = all->newest;
	if (all->newest != NULL)
		all->newest->newer = k;
	else
		all->oldest = k;
	all->newest = k;
	all->count++;
}

void
turn_keep_clear(struct turn_keep *all)
{
	while (all->oldest != NULL)
		turn_kept_free(take_out(all, find(all, all->oldest->bureau_id, all->oldest->row.phone)));
}

void
turn_keep_sweep(struct turn_keep *all, int64_t now_us)
{
	struct turn_kept *next;

	for (struct turn_kept *k = all->oldest; k != NULL; k = next) {
		next = k->newer;
		if (too_old(k, now_us))
			turn_kept_free(take_out(all, find(all, k->bureau_id, k->row.phone)));
	}
}

size_t
turn_keep_count(const struct turn_keep *all)
{
	return all->count;
}

void
turn_keep_free(struct turn_keep *all)
{
	if (all == NULL)
		return;
	turn_keep_clear(all);
	free(all->buckets);
	free(all);
}
