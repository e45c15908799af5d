/* The forms of `huizhi dialog` that work on a bureau's published versions; rows of dialog.c's table. */
#ifndef GATEWAY_CLI_DIALOG_VERSION_H
#define GATEWAY_CLI_DIALOG_VERSION_H

#include "gateway/cli/cli.h"

int cli_dialog_versions(struct cli *c, int argc, char **argv);
int cli_dialog_publish(struct cli *c, int argc, char **argv);
int cli_dialog_undo(struct cli *c, int argc, char **argv);
int cli_dialog_diff(struct cli *c, int argc, char **argv);
int cli_dialog_waiting(struct cli *c, int argc, char **argv);
int cli_dialog_begin(struct cli *c, int argc, char **argv);
int cli_dialog_drop(struct cli *c, int argc, char **argv);
int cli_dialog_move(struct cli *c, int argc, char **argv);

struct version_text;
/* A version: a number, "draft" (0), "file" (-1). -2, printed, when it is none of these. */
int cli_dialog_version_of(const struct cli *c, const char *word);
/* That version of a dialog. 0 (free with version_text_free), or -1 with the reason printed. */
int cli_dialog_text(
	struct cli *c, const struct conf_bureau *b, const char *name, int version, struct version_text *v);
/* Parameters that begin with the bureau and the dialog. The caller frees. */
struct pg_params *cli_dialog_params(const struct conf_bureau *b, const char *name);

#endif
