/* The programs' interface, /api/v1: rows of staff.c's route table. */
#ifndef GATEWAY_HTTP_API_API_H
#define GATEWAY_HTTP_API_API_H

struct http_request;

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
