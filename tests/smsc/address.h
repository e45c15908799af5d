/* Socket addresses as people write them: "127.0.0.1:2775", "[::1]:0", "localhost:8082". */
#ifndef SMSC_ADDRESS_H
#define SMSC_ADDRESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Splits into host (brackets removed) and port. 0, or -1 with errno EINVAL when it is no HOST:PORT. Port 0 is good. */
int address_split(const char *text, char *host, size_t room, uint16_t *port);
/* The first socket address that the text means. 0, or -1 with errno set. */
int address_parse(const char *text, struct sockaddr_storage *out, socklen_t *len);
/* "127.0.0.1:2775" */
void address_text(const struct sockaddr *address, socklen_t len, char *out, size_t room);

#endif
