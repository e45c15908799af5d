/* What an API key may do: words, apart from the listener, for the command that makes keys asks for them too. */
#include "gateway/http/api/scopes.h"

#include <stddef.h>
#include <string.h>

const char *const api_scopes[] = {
	"read", "personal", "write", "identity", "decide", "campaigns", "manage", "export", "admin", NULL};

static bool
has(const char *scopes, const char *scope)
{
	size_t len = strlen(scope);

	for (const char *at = scopes; (at = strstr(at, scope)) != NULL; at += len) {
		bool begins = at == scopes || at[-1] == '{' || at[-1] == ',';
		if (begins && (at[len] == '\0' || at[len] == '}' || at[len] == ','))
			return true;
	}
	return false;
}

bool
api_scope_in(const char *scopes, const char *scope)
{
	return has(scopes, scope) || has(scopes, "admin");
}
