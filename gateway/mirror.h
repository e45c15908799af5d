/* The configuration's bureaus and items, mirrored into the database, where statements join them. */
#ifndef GATEWAY_MIRROR_H
#define GATEWAY_MIRROR_H

struct conf;
struct pg;

/*
 * Writes every bureau and its items; items that a bureau no longer offers become inactive. Waits for the database.
 * Returns 0, or -1 with *error (lives until the next call); what was written before the error stays.
 */
int mirror_conf(struct pg *pg, const struct conf *conf, const char **error);

#endif
