/* huizhi apikey add: a key for another program; shown once, kept as a hash. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/http/api/scopes.h"

#define KEY_OCTETS 32

static int
add_scopes(const struct cli *c, struct pg_params *p, const char *list)
{
	pg_array_begin(p);
	while (*list != '\0') {
		size_t len = strcspn(list, ",");
		const char *const *s = api_scopes;
		while (*s != NULL && (strlen(*s) != len || memcmp(*s, list, len) != 0))
			s++;
		if (*s == NULL) {
			cli_usage(c,
				"there is no scope \"%.*s\"; there are: read, personal, write, identity, decide, campaigns, manage, "
				"export, admin",
				(int)len, list);
			return -1;
		}
		pg_array_text(p, *s);
		list += len + (list[len] == ',');
	}
	pg_array_end(p);
	return 0;
}

static int
add(struct cli *c, int argc, char **argv)
{
	const char *name, *scope = NULL;
	const struct cli_option options[] = {{"--scope", &scope, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, &name, 1, 1) < 0)
		return CLI_USAGE;
	if (scope == NULL || scope[0] == '\0')
		return cli_usage(c, "--scope is missing");
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return CLI_FAILED;

	/* 256 random bits: nobody can try them out, so a plain hash is enough to keep. */
	uint8_t secret[KEY_OCTETS], hash[crypto_generichash_BYTES];
	char key[3 + 64] = "hz_";
	randombytes_buf(secret, sizeof secret);
	sodium_bin2base64(key + 3, sizeof key - 3, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_generichash(hash, sizeof hash, (const uint8_t *)key, strlen(key), NULL, 0);

	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_text(p, name);
	int code = add_scopes(c, p, scope) != 0 ? CLI_USAGE : cli_pg(c) == NULL ? CLI_FAILED : CLI_DONE;
	if (code == CLI_DONE) {
		pg_param_bytes(p, hash, sizeof hash);
		PGresult *res = cli_run(c, STMT_API_KEY_ADD, p);
		if (res == NULL)
			code = CLI_FAILED;
		else if (PQntuples(res) == 0)
			code = cli_fail(
				"there is a key called %s at bureau %s already; revoke it, or take another name", name, b->code);
		else if (c->json)
			cli_print_object(c, json_pack("{s:s, s:s, s:s}", "bureau", b->code, "name", name, "key", key), NULL);
		else
			printf("%s\nThis is the only time that the key is shown.\n", key);
		PQclear(res);
	}
	pg_params_free(p);
	sodium_memzero(key, sizeof key);
	return code;
}

static int
list(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"name", "NAME"}, {"scopes", "SCOPES"},
		{"created_at", "SINCE"}, {"revoked_at", "REVOKED"}, {NULL, NULL}};
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	return cli_list_bureaus(c, STMT_API_KEY_LIST, columns);
}

static int
revoke(struct cli *c, int argc, char **argv)
{
	const char *name;
	if (cli_args(c, argc, argv, NULL, &name, 1, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_text(p, name);
	int rows = cli_change(c, STMT_API_KEY_REVOKE, p);
	if (rows == 0)
		return cli_fail("bureau %s has no key called %s", b->code, name);
	return rows < 0 ? CLI_FAILED : cli_told_named(c, b, name, "revoked");
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"add", add}, {"list", list}, {"revoke", revoke}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_apikey = {
	.name = "apikey",
	.usage = "apikey add NAME --scope SCOPE[,SCOPE...]\napikey list\napikey revoke NAME\n",
	.summary = "keys for other programs",
	.help = "What a key may do is its scopes:\n"
			"  read       lists, applications, texts, figures; names are masked\n"
			"  personal   names and addresses of holders in full, in what read shows\n"
			"  write      holders, licences, changes, opt-outs; send, hand over\n"
			"  identity   say that a citizen's identity is proven\n"
			"  decide     approve and reject\n"
			"  campaigns  make, start, pause, resume and stop campaigns\n"
			"  manage     webhooks\n"
			"  export     everything that is kept of one person, in the clear\n"
			"  admin      all of these\n"
			"The key is printed once; only its hash is kept. How often a key may ask is the bureau's api_rate.\n",
	.run = run,
};
