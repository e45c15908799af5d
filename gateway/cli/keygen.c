/* huizhi keygen: makes the secret keys that are missing, or newer ones beside them. */
#include <stdio.h>

#include "gateway/cli/commands.h"
#include "gateway/keys.h"

static int
run(struct cli *c, int argc, char **argv)
{
	bool rotate = false;
	const char *folder = NULL, *error;
	const struct cli_option options[] = {{"--rotate", NULL, &rotate}, {"--keys", &folder, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (folder == NULL) {
		if (cli_conf(c) == NULL)
			return CLI_FAILED;
		folder = c->conf->keys;
	}

	int made = rotate ? keys_rotate(folder, &error) : keys_generate(folder, &error);
	if (made < 0)
		return cli_fail("%s", error);
	/* What is there now must be good: a wrong mode shows here and not at the daemon's next start. */
	struct keys *k = keys_load(folder, &error);
	if (k == NULL)
		return cli_fail("%s", error);
	keys_free(k);

	if (c->json)
		return cli_print_object(c, json_pack("{s:s, s:i}", "folder", folder, "made", made), NULL);
	if (made == 0)
		printf("every key is there already in %s; --rotate makes newer ones\n", folder);
	else
		printf(
			"made %d %s in %s; keep a copy of the folder in a safe place\n", made, made == 1 ? "key" : "keys", folder);
	if (rotate)
		puts("a running daemon takes them at its next start; older keys still verify and decrypt");
	return CLI_DONE;
}

const struct cli_command cli_keygen = {
	.name = "keygen",
	.usage = "keygen [--rotate] [--keys FOLDER]\n",
	.summary = "make the secret keys that are missing",
	.help = "Keys lie in the folder `keys` of the configuration, in files of mode 0600, and are never written over.\n"
			"--rotate makes a newer key of each kind: new links, codes and fields use it, older ones stay good.\n"
			"sign.N.pub may be given to anyone who is to check QR codes.\n",
	.run = run,
};
