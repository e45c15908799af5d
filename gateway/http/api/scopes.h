/* What an API key may do. */
#ifndef GATEWAY_HTTP_API_SCOPES_H
#define GATEWAY_HTTP_API_SCOPES_H

#include <stdbool.h>

/* Every scope; NULL after the last. */
extern const char *const api_scopes[];
/* Does a key with these scopes ("{read,write}", as the database writes them) have this one? admin has all. */
bool api_scope_in(const char *scopes, const char *scope);

#endif
