/* Pages and forms of the staff console, and the programs' interface; rows of staff.c's route table. */
#ifndef GATEWAY_HTTP_CONSOLE_H
#define GATEWAY_HTTP_CONSOLE_H

#include "gateway/http/desk.h"

#define CONSOLE_ROWS 100 /* rows of one page of a list */

void console_today(struct http_request *r);			/* GET / */
void console_applications(struct http_request *r);	/* GET /applications */
void console_application(struct http_request *r);	/* GET /applications/ID */
void console_worklist(struct http_request *r);		/* GET /worklists/NAME */
void console_phone(struct http_request *r);			/* GET /phones/PHONE */
void console_act(struct http_request *r);			/* POST /applications/ID */
void console_worklist_done(struct http_request *r); /* POST /worklists/NAME */

/* Shows application ID of the address; error (may be NULL) is what a refused act said. Answers and frees the call. */
void console_show_application(struct desk_call *c, const char *error);
/* Is this the name of a worklist? */
bool console_is_worklist(const char *name);
/* The number in the address, 0 when it is none. */
int64_t console_id(const struct http_request *r);
/* Six random digits for the counter. */
void console_pickup_code(char out[7]);

void api_openapi(struct http_request *r);
void api_applications(struct http_request *r);
void api_application(struct http_request *r);
void api_trail(struct http_request *r);
void api_decide(struct http_request *r);
void api_send(struct http_request *r);
void api_collect(struct http_request *r);
void api_messages(struct http_request *r);
void api_worklists(struct http_request *r);
void api_worklist(struct http_request *r);

#endif
