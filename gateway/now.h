/* What time it is. Times that are stored or signed are of the calendar; waits are measured by a clock that nobody sets.
 */
#ifndef GATEWAY_NOW_H
#define GATEWAY_NOW_H

#include <stdint.h>

int64_t now_us(void);	   /* unix time in microseconds */
int64_t now_wait_us(void); /* monotonic; means something only beside another one */
int64_t now_wait_ms(void);

#endif
