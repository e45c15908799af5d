/*
 * From "host:port" to an open connection, without ever blocking the loop: resolves, tries every address in turn, does
 * TLS with verification where the link asks for it.
 */
#ifndef GATEWAY_SMPP_CONNECT_H
#define GATEWAY_SMPP_CONNECT_H

struct event_base;
struct bufferevent;
struct conf_link;
struct connect;

/*
 * The connection, which the callee then owns (TCP_NODELAY set, no callbacks, nothing read yet), or NULL with a sentence
 * that says why not. Called once, from the loop, never from within connect_start; the attempt is over afterwards and
 * must not be cancelled any more.
 */
typedef void (*connect_done_fn)(void *arg, struct bufferevent *bev, const char *error);

/*
 * host: "name:port", "1.2.3.4:port", "[::1]:port"; port 2775 when absent. conf, which must outlive the attempt, says
 * whether to speak TLS and whom to trust (gateway/smpp/tls.h; SSL_CERT_FILE names other authorities than the system's).
 * NULL without memory.
 */
struct connect *connect_start(
	struct event_base *base, const char *host, const struct conf_link *conf, connect_done_fn done, void *arg);
/* Give up; done is not called. */
void connect_cancel(struct connect *c);

#endif
