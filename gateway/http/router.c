/* Matching a path against the rows of a route table. */
#include "gateway/http/router.h"

#include <stdbool.h>
#include <string.h>

static bool
match(const char *row, const char *path, struct router_params *params)
{
	params->count = 0;
	while (*row != '\0') {
		if (*row != ':') {
			if (*row++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");
		if (len == 0 || len > ROUTER_PARAM_MAX || params->count == ROUTER_PARAMS_MAX)
			return false;
		memcpy(params->values[params->count], path, len);
		params->values[params->count++][len] = '\0';
		path += len;
		row++;
	}
	return *path == '\0';
}

const struct route *
router_match(const struct route *routes, size_t count, const char *path, struct router_params *params)
{
	for (size_t i = 0; i < count; i++)
		if (match(routes[i].path, path, params))
			return &routes[i];
	params->count = 0;
	return NULL;
}
