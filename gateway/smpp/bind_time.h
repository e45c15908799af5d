/* How long a session waits, by its configuration: in milliseconds, jitter included. Part of the bind machine. */
#ifndef GATEWAY_SMPP_BIND_TIME_H
#define GATEWAY_SMPP_BIND_TIME_H

#include "gateway/smpp/bind.h"

int64_t bind_ms_connect(const struct bind *b);	/* for a connection, and for the answer to a bind */
int64_t bind_ms_response(const struct bind *b); /* for a response */
int64_t bind_ms_dead(const struct bind *b);		/* for anything after enquire_link */
int64_t bind_ms_unbind(const struct bind *b);	/* for the end of a session that was unbound */
int64_t bind_ms_silence(const struct bind *b);	/* until enquire_link; -1 = never */
/* Until the next look at the preferred host; longer each time that a return did not come to a bind. -1 = never. */
int64_t bind_ms_return(const struct bind *b);

/* Until the next try. Exponential with jitter, so that many links do not come back in step; counts a failure. */
int64_t bind_ms_backoff(struct bind *b);
/* After a bind that was refused for now: the same, with the carrier's own floor. */
int64_t bind_ms_backoff_bind(struct bind *b);
/* The same wrong password again at once would only lock the account. */
int64_t bind_ms_backoff_slow(const struct bind *b);

#endif
