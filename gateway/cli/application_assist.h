/* What a clerk enters for a holder on the phone. */
#ifndef GATEWAY_CLI_APPLICATION_ASSIST_H
#define GATEWAY_CLI_APPLICATION_ASSIST_H

#include "gateway/cli/cli.h"

struct assist {
	const char *words;			/* of consent, as the holder said them; NULL: consent was given before */
	const char *number;			/* last six characters of the identity or credit number */
	const char *old, *delivery; /* on_site, courier; pick_up, courier */
	const char *address;		/* NULL: the one on file */
	const char *pledge;			/* the words of the pledge; NULL: none was asked for */
	const char *staff;
};

/* Opens a talk for an application that waits for an answer and is in none. 0, or -1: it has one, or is over. */
int assist_open(struct cli *c, const struct conf_bureau *b, int64_t id);
/* A command's exit code, everything printed. */
int assist_run(struct cli *c, int64_t id, const struct assist *a);

#endif
