/* The forms of `huizhi dialog` that work on a bureau's published versions; rows of dialog.c's table. */
#ifndef GATEWAY_CLI_DIALOG_VERSION_H
#define GATEWAY_CLI_DIALOG_VERSION_H

#include "gateway/cli/cli.h"

int cli_dialog_versions(struct cli *c, int argc, char **argv);
int cli_dialog_publish(struct cli *c, int argc, char **argv);
int cli_dialog_undo(struct cli *c, int argc, char **argv);
int cli_dialog_diff(struct cli *c, int argc, char **argv);

#endif
