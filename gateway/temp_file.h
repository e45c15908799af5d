/* A file without a name: nothing of it is left, whatever happens. */
#ifndef GATEWAY_TEMP_FILE_H
#define GATEWAY_TEMP_FILE_H

/* Opened for reading and writing in the folder of TMPDIR, else in /tmp. -1 with errno. */
int temp_file(void);

#endif
