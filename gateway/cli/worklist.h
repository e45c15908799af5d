/* huizhi worklist: what its files share. */
#ifndef GATEWAY_CLI_WORKLIST_H
#define GATEWAY_CLI_WORKLIST_H

#include "gateway/cli/commands.h"
#include "gateway/roles.h"

/*
 * An account of the bureau needs the role that the console would ask of it; a login or a key that is no account is not
 * asked. 0, or -1 with the reason printed.
 */
int worklist_may(struct cli *c, const struct conf_bureau *b, const char *actor, enum role role);

/* ---- worklist_talk.c: in the talk that an entry is about ---- */
int worklist_show(struct cli *c, int argc, char **argv);
int worklist_next(struct cli *c, int argc, char **argv);
int worklist_answer(struct cli *c, int argc, char **argv);
int worklist_pick(struct cli *c, int argc, char **argv);

/* ---- worklist_many.c: one entry or several at once ---- */
int worklist_claim(struct cli *c, int argc, char **argv);
int worklist_release(struct cli *c, int argc, char **argv);
int worklist_done(struct cli *c, int argc, char **argv);
int worklist_act(struct cli *c, int argc, char **argv);
int worklist_undo(struct cli *c, int argc, char **argv);

#endif
