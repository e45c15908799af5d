/* Pages and forms of the staff console; rows of staff.c's route table. */
#ifndef GATEWAY_HTTP_CONSOLE_H
#define GATEWAY_HTTP_CONSOLE_H

#include "gateway/http/staff/desk.h"

#define CONSOLE_ROWS 100 /* rows of one page of a list */

void console_today(struct http_request *r);			/* GET / */
void console_applications(struct http_request *r);	/* GET /applications */
void console_application(struct http_request *r);	/* GET /applications/ID */
void console_worklist(struct http_request *r);		/* GET /worklists/NAME */
void console_phone(struct http_request *r);			/* GET /phones/PHONE */
void console_act(struct http_request *r);			/* POST /applications/ID */
void console_worklist_done(struct http_request *r); /* POST /worklists/NAME */

/*
 * Answers with a page of the console made of c->data, and frees the call: items get their names, times the bureau's
 * clock, and columns such as status their word (status_word) where the pages have one.
 */
void console_page(struct desk_call *c, int status, const char *name);
/* Shows application ID of the address; error (may be NULL) is what a refused act said. Answers and frees the call. */
void console_show_application(struct desk_call *c, const char *error);
/* Is this the name of a worklist? */
bool console_is_worklist(const char *name);
/* The number in the address, 0 when it is none. */
int64_t console_id(const struct http_request *r);
/* Six random digits for the counter. */
void console_pickup_code(char out[7]);

#endif
