/* huizhi link log, huizhi link capture: what a running daemon shows of a link's PDUs. */
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/link.h"
#include "gateway/smpp/wire_line.h"

static const struct cli_column columns[] = {
	{"link", "LINK"},
	{"log", "LOG"},
	{"capture", "CAPTURE"},
	{"daemons", "DAEMONS TOLD"},
	{NULL, NULL},
};

/* Tells every daemon that holds the link; each says in its log what it has done. */
static int
tell(struct cli *c, const char *link, const char *word, const char *what, const char *now)
{
	if (cli_conf(c) == NULL)
		return CLI_FAILED;
	if (conf_link_by_name(c->conf, link) == NULL)
		return cli_fail("no link %s in %s", link, c->conf->file);
	if (cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = pg_params_new();
	pg_param_text(p, link);
	pg_param_text(p, word);
	PGresult *res = cli_run(c, STMT_LINK_WIRE, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	long daemons = PQntuples(res) > 0 ? strtol(PQgetvalue(res, 0, 0), NULL, 10) : 0;
	PQclear(res);
	if (daemons == 0)
		return cli_fail(
			"no daemon runs link %s now; wire_log and wire_pcap in %s say how one starts", link, c->conf->file);
	return cli_print_object(
		c, json_pack("{s:s, s:s, s:I}", "link", link, what, now, "daemons", (json_int_t)daemons), columns);
}

int
link_log(struct cli *c, int argc, char **argv)
{
	const char *words[2];
	enum wire_detail detail;

	if (cli_args(c, argc, argv, NULL, words, 2, 2) < 0)
		return CLI_USAGE;
	if (wire_detail_by_name(words[1], &detail) != 0)
		return cli_usage(c, "%s is none of on, off and full", words[1]);
	return tell(c, words[0], wire_detail_name(detail), "log", wire_detail_name(detail));
}

int
link_capture(struct cli *c, int argc, char **argv)
{
	const char *words[2];

	if (cli_args(c, argc, argv, NULL, words, 2, 2) < 0)
		return CLI_USAGE;
	bool on = strcmp(words[1], "on") == 0;
	if (!on && strcmp(words[1], "off") != 0)
		return cli_usage(c, "%s is neither on nor off", words[1]);
	if (cli_conf(c) == NULL)
		return CLI_FAILED;
	const struct conf_link *l = conf_link_by_name(c->conf, words[0]);
	if (on && l != NULL && l->wire_pcap[0] == '\0')
		return cli_fail("link %s has no file for a capture: give the key wire_pcap in %s", words[0], c->conf->file);
	return tell(c, words[0], on ? "capture" : "no-capture", "capture", words[1]);
}
