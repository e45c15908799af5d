/* huizhi signature verify: what the holder signed on the page for an application, and whether it is whole. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/cli/commands.h"
#include "gateway/keys.h"
#include "gateway/signature.h"
#include "store/view.h"

static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"id", "SIGNATURE"}, {"signed_at", "SIGNED"},
	{"short", "IN THE TEXT"}, {"good", "GOOD"}, {"fault", "FAULT"}, {"document", "DOCUMENT"}, {NULL, NULL}};

static size_t
octets(const PGresult *res, int row, int column, uint8_t *out, size_t room)
{
	size_t len = 0;
	unsigned char *bytes = PQgetisnull(res, row, column)
							   ? NULL
							   : PQunescapeBytea((const unsigned char *)PQgetvalue(res, row, column), &len);
	if (bytes != NULL && len <= room)
		memcpy(out, bytes, len);
	PQfreemem(bytes);
	return len <= room ? len : 0;
}

static json_t *
judge(const struct keys *keys, const struct conf_bureau *b, const PGresult *res, int i)
{
	struct signature s = {.bureau_id = b->id,
		.conversation_id = strtoll(PQgetvalue(res, i, 1), NULL, 10),
		.grant_id = strtoll(PQgetvalue(res, i, 2), NULL, 10),
		.at = strtoll(PQgetvalue(res, i, 5), NULL, 10)};
	const uint8_t *publics[8];
	uint8_t signature[SIGNATURE_OCTETS] = {0}, hash[SIGNATURE_HASH] = {0};
	char brief[SIGNATURE_SHORT];
	bool kept = !PQgetisnull(res, i, 4);
	octets(res, i, 3, s.hash, sizeof s.hash);
	octets(res, i, 6, signature, sizeof signature);
	char *document = kept ? keys_open(keys, PQgetvalue(res, i, 4)) : NULL;
	if (document != NULL)
		signature_hash(document, strlen(document), hash);
	signature_short(s.hash, brief);
	const char *fault = "";
	if (!signature_good(&s, publics, keys_sign_public(keys, publics), signature))
		fault = "no key of this gateway made the signature, or what it is about was altered";
	else if (!kept)
		fault = "the document was taken out when its time was over; the signature of its hash stands";
	else if (document == NULL || memcmp(hash, s.hash, sizeof hash) != 0)
		fault = "the document is not the one that was signed";
	json_t *row = json_pack("{s:s, s:I, s:o, s:s, s:b, s:s, s:s*}", "bureau", b->code, "id",
		(json_int_t)strtoll(PQgetvalue(res, i, 0), NULL, 10), "signed_at", view_time(s.at), "short", brief, "good",
		fault[0] == '\0' || !kept, "fault", fault, "document", document);
	free(document);
	return row;
}

static int
verify(struct cli *c, int argc, char **argv)
{
	const char *word;
	int64_t id;
	size_t n, i;
	if (cli_args(c, argc, argv, NULL, &word, 1, 1) < 0 || cli_number(c, "application", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *rows = json_array(), *row;
	bool good = true;
	for (i = 0; i < n; i++) {
		struct pg_params *p = pg_params_new();
		pg_param_int(p, b[i].id);
		pg_param_int(p, id);
		PGresult *res = cli_run(c, STMT_SIGNATURES_OF, p);
		pg_params_free(p);
		for (int k = 0; res != NULL && k < PQntuples(res); k++)
			json_array_append_new(rows, judge(c->keys, &b[i], res, k));
		bool failed = res == NULL;
		PQclear(res);
		if (failed) {
			json_decref(rows);
			return CLI_FAILED;
		}
	}
	if (json_array_size(rows) == 0) {
		json_decref(rows);
		return cli_fail("nothing was signed on the page for application %lld", (long long)id);
	}
	json_array_foreach (rows, i, row)
		good = good && json_is_true(json_object_get(row, "good"));
	cli_print_list(c, rows, columns);
	return good ? CLI_DONE : CLI_FAILED;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"verify", verify}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_signature = {
	.name = "signature",
	.usage = "signature verify APPLICATION\n",
	.summary = "what the holder signed on the page, and whether it is whole",
	.help =
		"The document is what the page showed, with the choices; its hash stands in the text that the holder got. Our\n"
		"signature (Ed25519) says that whoever had proven identity for the link agreed to it then.\n",
	.run = run,
};
