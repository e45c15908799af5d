/* huizhi link: the carriers' connections, as the daemons last said. */
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/cli/link.h"
#include "store/view.h"

static const struct cli_column columns[] = {
	{"link", "LINK"},
	{"daemon", "DAEMON"},
	{"state", "STATE"},
	{"host", "HOST"},
	{"in_flight", "IN FLIGHT"},
	{"sent", "SENT"},
	{"received", "RECEIVED"},
	{"since", "SINCE"},
	{"seen_at", "HEARD"},
	{"error", "ERROR"},
	{"alarm", "ALARM"},
	{NULL, NULL},
};

static int
status(struct cli *c, int argc, char **argv)
{
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = pg_params_new();
	PGresult *res = cli_run(c, STMT_VIEW_LINKS, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	json_t *rows = view_rows(res), *row;
	PQclear(res);

	/* A link that no daemon has spoken of is shown too: then no daemon runs with this configuration. */
	for (size_t i = 0; i < c->conf->nlinks; i++) {
		const char *name = c->conf->links[i].name;
		bool known = false;
		size_t k;
		json_array_foreach (rows, k, row)
			known = known || strcmp(json_string_value(json_object_get(row, "link")), name) == 0;
		if (!known)
			json_array_append_new(
				rows, json_pack("{s:s, s:n, s:s, s:s, s:s, s:s, s:b}", "link", name, "daemon", "state", "unknown",
						  "host", "", "error", "no daemon has said anything of it", "alarm", "", "fresh", 0));
	}
	return cli_print_list(c, rows, columns);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {
		{"status", status}, {"log", link_log}, {"capture", link_capture}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_link = {
	.name = "link",
	.usage = "link status\n"
			 "link log LINK on|off|full\n"
			 "link capture LINK on|off\n",
	.summary = "the carriers' connections, as the daemons last said; what the daemons show of them",
	.help =
		"A state that is older than a minute is shown as unknown: the daemon that said it is gone.\n"
		"log writes each PDU of a link into the daemon's log, on = with phones and texts masked, full = with them;\n"
		"capture writes them into the link's wire_pcap file for Wireshark. Both take effect at once in every daemon\n"
		"that runs the link, until they are switched again or the configuration is read again.\n",
	.run = run,
};
