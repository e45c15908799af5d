/* Campaigns on the console; rows of staff.c's route table, and what their files share. */
#ifndef GATEWAY_HTTP_CONSOLE_CAMPAIGN_H
#define GATEWAY_HTTP_CONSOLE_CAMPAIGN_H

#include "gateway/http/staff/desk.h"

struct evbuffer;

#define CAMPAIGN_UPLOAD_MAX (40 << 20) /* octets of an uploaded list: 100,000 rows of 400 octets have room in it */

void console_campaigns(struct http_request *r);		   /* GET /campaigns */
void console_campaign(struct http_request *r);		   /* GET /campaigns/ID */
void console_campaign_act(struct http_request *r);	   /* POST /campaigns/ID */
void console_campaign_live(struct http_request *r);	   /* GET /campaigns/ID/live: the moving part of the page */
void console_campaign_picture(struct http_request *r); /* GET /campaigns/ID/states.svg */
void console_campaign_report(struct http_request *r);  /* GET /campaigns/ID/report.csv */

/* ---- campaign_new.c ---- */
void console_campaign_new(struct http_request *r);	  /* GET /campaigns/new */
void console_campaign_make(struct http_request *r);	  /* POST /campaigns/new */
void console_campaign_upload(struct http_request *r); /* POST /campaigns/list and /campaigns/ID/list: multipart */
void console_campaign_sample(struct http_request *r); /* GET /campaigns/list.csv: what a list may look like */
/*
 * Has a draft counted by `huizhi campaign preview`, or its list read (input: a file, taken over) by `huizhi campaign
 * audience`; the draft says meanwhile that it is being done. then (may be NULL) is called when that is noted.
 */
void campaign_work(struct desk_call *c, int64_t id, int input, void (*then)(struct desk_call *c));
/* 303 to the campaign that c->data["made"] names, or to `id`. */
void campaign_see(struct desk_call *c, int64_t id, const char *query);

/* ---- campaign_refused.c: the rows of lists that were refused ---- */
/* Keeps a file without a name (taken over) of a draft for a day, among so many; an older one of the draft goes. */
void campaign_refused_keep(int bureau_id, int64_t id, int fd);
bool campaign_refused_there(int bureau_id, int64_t id);
void console_campaign_refused(struct http_request *r); /* GET /campaigns/ID/refused.csv */

/* ---- campaign_draft.c ---- */
/* The page of a draft: c->data has campaign, draft, history. */
void campaign_draft_show(struct desk_call *c);
/* Adds what the count found, in the words of pages: c->data has campaign and draft. */
void campaign_draft_describe(struct desk_call *c);
/* An act of a draft, or of one that waits for a person or its time. False: the word is not one of those. */
bool campaign_draft_act(struct desk_call *c, const char *word);

/* 1203 -> "1,203", for people. */
void campaign_digits(int64_t n, char out[32]);
json_t *campaign_number(int64_t n);
/* Adds to a campaign's row what pages show beside its columns: its end, its progress, the item's name. */
void campaign_complete(const struct desk_call *c, json_t *row);

/* One point of the course of a campaign: how many texts had left, arrived and failed by then. */
struct campaign_point {
	int64_t sent, delivered, failed;
};
struct campaign_course {
	int64_t all;			  /* texts there are in all */
	bool narrow;			  /* for a phone's screen */
	const char *from, *until; /* what stands at the ends of the time axis */
	size_t n;				  /* points, at equal distances */
	const struct campaign_point *points;
};
/* Draws it as a stack: arrived, failed, on the way; what is left to `all` stays white. */
void campaign_draw(const struct campaign_course *course, struct evbuffer *out);

#endif
