/* huizhi application assist, beside application.c. */
#ifndef GATEWAY_CLI_APPLICATION_ASSIST_H
#define GATEWAY_CLI_APPLICATION_ASSIST_H

#include "gateway/assist.h"
#include "gateway/cli/commands.h"

/* Opens a talk for an application that waits for an answer and is in none. 0, or -1: it has one, or is over. */
int assist_open(struct cli *c, const struct conf_bureau *b, int64_t id);
/* A command's exit code, everything printed. */
int assist_run(struct cli *c, int64_t id, const struct assist *a);

#endif
