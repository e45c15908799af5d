/* The parts of `huizhi link` that stand in files of their own. */
#ifndef GATEWAY_CLI_LINK_H
#define GATEWAY_CLI_LINK_H

#include "gateway/cli/cli.h"

int link_log(struct cli *c, int argc, char **argv);		/* huizhi link log LINK on|off|full */
int link_capture(struct cli *c, int argc, char **argv); /* huizhi link capture LINK on|off */

#endif
