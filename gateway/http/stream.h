/*
 * An answer that is longer than anybody wants to hold: piece by piece, the next one when the last has been written.
 */
#ifndef GATEWAY_HTTP_STREAM_H
#define GATEWAY_HTTP_STREAM_H

#include <stdbool.h>

struct evbuffer;
struct http_request;
struct http_stream;

/*
 * Begins an answer of 200. more is called whenever a piece has been written, and once when the reader has gone away;
 * it adds the next piece or ends. NULL without memory: nothing was answered.
 */
struct http_stream *http_stream_begin(struct http_request *r, const char *type, void (*more)(void *arg), void *arg);
/* Is somebody still reading? */
bool http_stream_open(const struct http_stream *s);
/* Writes a piece (body is drained); more is called later, never from here. */
void http_stream_add(struct http_stream *s, struct evbuffer *body);
/* The end; frees the request and s. */
void http_stream_end(struct http_stream *s);

#endif
