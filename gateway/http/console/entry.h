/* What the files of one entry's page share; the entry's row is c->data.entry (STMT_WORKLIST_SHOW). */
#ifndef GATEWAY_HTTP_CONSOLE_ENTRY_H
#define GATEWAY_HTTP_CONSOLE_ENTRY_H

#include "gateway/http/console/console.h"

/* ---- console_entry.c ---- */
const char *entry_text(const struct desk_call *c, const char *key); /* "" when absent */
bool entry_is(const struct desk_call *c, const char *key);
int64_t entry_number(const struct desk_call *c, const char *key);
bool entry_is_closed(const struct desk_call *c);
/* The page again, 409, with what was wrong; NULL: it stands in c->data beside its field. */
void entry_again(struct desk_call *c, const char *error);
/* 303 to the page, which says entry.told.DONE. */
void entry_see(struct desk_call *c, const char *done);

/* ---- console_call.c ---- */
/* Is this the entry of somebody to phone, and this person's to work on? */
bool call_here(const struct desk_call *c);
/* Two more questions for the page; how many were put into asks, 0 when there is nobody to phone. */
size_t call_asks(const struct desk_call *c, struct desk_ask *asks);
/* Puts what the page shows of the call into c->data.call. */
void call_show(struct desk_call *c);
/* The acts: what came of the call, of a loaded entry that is this person's; and taking that back. */
void call_result(struct desk_call *c);
void call_undo(struct desk_call *c);

#endif
