/* huizhi conf: prints the configuration as it was understood, the sample file, the manual's list of keys. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/conf_json.h"

static int
run(struct cli *c, int argc, char **argv)
{
	const char *word;
	if (cli_args(c, argc, argv, NULL, &word, 1, 1) < 0)
		return CLI_USAGE;
	bool keys = strcmp(word, "sample") == 0 || strcmp(word, "man") == 0;
	if (c->json && keys)
		return cli_print_list(c, conf_json_keys(), NULL);
	if (strcmp(word, "sample") == 0) {
		conf_print_sample(stdout);
	} else if (strcmp(word, "man") == 0) {
		conf_print_man(stdout);
	} else if (strcmp(word, "print") == 0) {
		if (cli_conf(c) == NULL)
			return CLI_FAILED;
		if (c->json)
			return cli_print_object(c, conf_json(c->conf), NULL);
		conf_print(c->conf, stdout);
	} else {
		return cli_usage(c, "there is no conf %s", word);
	}
	return CLI_DONE;
}

const struct cli_command cli_conf_command = {
	.name = "conf",
	.usage = "conf print\nconf sample\nconf man\n",
	.summary = "print the configuration as it was understood, or every key there is",
	.help = "print   the configuration with every key; it holds the passwords\n"
			"sample  every key at its default with a sentence, as conf/huizhi.conf has it\n"
			"man     the same for the manual page huizhi.conf(5)\n"
			"With --json print gives an object of every key, the others an array of what is known of each key.\n",
	.run = run,
};
