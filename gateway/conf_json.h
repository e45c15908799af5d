/* The configuration, and the table of its keys, for programs. */
#ifndef GATEWAY_CONF_JSON_H
#define GATEWAY_CONF_JSON_H

#include <jansson.h>

struct conf;

/*
 * Every key with its value, by its name; the sections public and staff are objects, link and bureau arrays of objects
 * with their title. A key without a value is null. It holds the passwords. The caller owns the reference.
 */
json_t *conf_json(const struct conf *c);
/* One object a key there is: section ("" = at the top of the file), key, type, default, required, reload, sentence. */
json_t *conf_json_keys(void);

#endif
