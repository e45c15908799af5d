/* The files of <templates>/web that both listeners serve: page templates, style sheet, icon; read once, at start. */
#ifndef GATEWAY_HTTP_ASSETS_H
#define GATEWAY_HTTP_ASSETS_H

#include <stddef.h>

struct conf;
struct html;

/* The page templates, checked. NULL after every fault was logged. The caller frees with html_free. */
struct html *assets_html(const struct conf *conf);
/* One file, malloc'd. NULL after the reason was logged. */
char *assets_read(const struct conf *conf, const char *name, size_t *len);

#endif
