/* What a citizen signs on the page: the applications as they are shown, with the choices, as one document. */
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/signature.h"
#include "store/grant.h"
#include "store/pg.h"

static json_t *
changes_of(const struct visit *v, const struct grant_application *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->nchanges; i++) {
		char *from = visit_unseal(v, &a->changes[i].from), *to = visit_unseal(v, &a->changes[i].to);

		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "field", a->changes[i].field, "from", from, "to", to));
		free(from);
		free(to);
	}
	return list;
}

json_t *
sign_shown(const struct visit *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->view->napplications; i++) {
		const struct grant_application *a = &v->view->applications[i];

		if (!a->selected)
			continue;
		char *address = visit_unseal(v, &a->holder->address);
		json_array_append_new(
			list, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "application", (json_int_t)a->id, "item",
					  a->item_code, "licence_no", a->licence_no, "holder", a->holder->name, "issued_on", a->issued_on,
					  "expires_on", a->expires_on, "address", address, "changes", changes_of(v, a)));
		free(address);
	}
	return json_pack("{s:s, s:o, s:s}", "bureau", v->bureau->name, "applications", list, "language", v->language);
}

void
sign_shown_hash(const struct visit *v, char out[2 * SIGNATURE_HASH + 1])
{
	json_t *shown = sign_shown(v);
	char *text = json_dumps(shown, JSON_COMPACT | JSON_SORT_KEYS);
	uint8_t hash[SIGNATURE_HASH];

	signature_hash(text == NULL ? "" : text, text == NULL ? 0 : strlen(text), hash);
	(void)sodium_bin2hex(out, 2 * SIGNATURE_HASH + 1, hash, sizeof(hash));
	free(text);
	json_decref(shown);
}

int
sign_store(struct visit *v, const char *old, const char *delivery, const char *address, char brief[SIGNATURE_SHORT],
	void (*done)(void *arg, const char *error, const char *sqlstate), void *arg)
{
	json_t *document = sign_shown(v);
	struct signature s = {.bureau_id = v->bureau->id,
		.conversation_id = v->view->conversation_id,
		.grant_id = v->view->id,
		.at = now_us() / 1000000};
	uint8_t signature[SIGNATURE_OCTETS];
	size_t len;

	json_object_set_new(document, "old_certificate", json_string(old));
	json_object_set_new(document, "delivery", json_string(delivery));
	json_object_set_new(document, "send_to", json_string(address));
	char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(document);
	if (text == NULL)
		return -1;
	signature_hash(text, strlen(text), s.hash);
	signature_short(s.hash, brief);
	signature_make(&s, keys_sign_secret(v->r->g->keys), signature);
	uint8_t *sealed = keys_encrypt(v->r->g->keys, text, strlen(text), &len);
	free(text);
	if (sealed == NULL)
		return -1;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, s.bureau_id);
	pg_param_int(p, s.conversation_id);
	pg_param_int(p, s.grant_id);
	pg_param_bytes(p, s.hash, sizeof(s.hash));
	pg_param_bytes(p, sealed, len);
	pg_param_int(p, s.at);
	pg_param_bytes(p, signature, sizeof(signature));
	int rc = pg_run(v->r->g->pg_side, STMT_SIGNATURE_ADD, p, arg, NULL, done);
	pg_params_free(p);
	free(sealed);
	return rc;
}
