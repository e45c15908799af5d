/* Puts the words of staff into rows of messages. */
#ifndef GATEWAY_DELIVERY_ROWS_H
#define GATEWAY_DELIVERY_ROWS_H

#include <jansson.h>

/* An array of objects with a `state`: each gets a `status`, the state in words (gateway/delivery.h). */
void delivery_rows(json_t *rows, const char *language);

#endif
