/* Where the program `huizhi` lies, for a daemon that starts it. */
#ifndef GATEWAY_PROGRAM_H
#define GATEWAY_PROGRAM_H

#include <stddef.h>

/* Beside huizhid, or in bin beside its sbin. 0 with its path in out, or -1. */
int program_find(char *out, size_t room);

#endif
