/* huizhi init: creates or upgrades the schema and mirrors the configuration's bureaus and items. */
#include <stdio.h>

#include "gateway/cli/commands.h"
#include "gateway/mirror.h"
#include "store/schema.h"

static int
run(struct cli *c, int argc, char **argv)
{
	const char *error;
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_pg_any(c) == NULL)
		return CLI_FAILED;

	PGconn *raw = pg_raw_begin(c->pg);
	int applied = schema_apply(raw, c->json ? NULL : stdout, &error);
	pg_raw_end(c->pg);
	if (applied < 0)
		return cli_fail("%s", error);
	if (mirror_conf(c->pg, c->conf, &error) != 0)
		return cli_fail("%s", error);

	size_t offered = 0;
	for (size_t i = 0; i < c->conf->nbureaus; i++) {
		for (size_t j = 0; j < c->conf->nitems; j++)
			offered += conf_item_for(c->conf, &c->conf->bureaus[i], c->conf->items[j].code) == &c->conf->items[j];
	}
	if (c->json)
		return cli_print_object(c,
			json_pack("{s:s, s:i, s:I, s:I}", "schema", schema_name(), "applied", applied, "bureaus",
				(json_int_t)c->conf->nbureaus, "items", (json_int_t)offered),
			NULL);
	printf("schema %s, %s; %zu %s with %zu items\n", schema_name(),
		applied > 0 ? "brought up to date" : "was up to date", c->conf->nbureaus,
		c->conf->nbureaus == 1 ? "bureau" : "bureaus", offered);
	return CLI_DONE;
}

const struct cli_command cli_init = {
	.name = "init",
	.usage = "init\n",
	.summary = "create or upgrade the database, and write bureaus and items into it",
	.help = "Nothing is ever deleted: migrations go forward only, and an item that is no longer offered is kept as "
			"inactive.\n"
			"Stop the daemon first when it is an upgrade.\n",
	.run = run,
};
