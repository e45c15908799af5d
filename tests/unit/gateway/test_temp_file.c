/* A file without a name lies in the folder that TMPDIR says. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/temp_file.h"

/* Where the file of this descriptor lies, or lay. */
static const char *
place(int fd)
{
	static char text[4096];
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	return text;
}

static void
in_the_folder_of_tmpdir(void **state)
{
	const char *own = getenv("TMPDIR");
	char folder[4096], back[64] = "";

	(void)state;
	snprintf(folder, sizeof(folder), "%s/huizhi-temp.XXXXXX", own != NULL && *own != '\0' ? own : "/tmp");
	assert_non_null(mkdtemp(folder));
	char *before = own != NULL ? strdup(own) : NULL;
	assert_int_equal(setenv("TMPDIR", folder, 1), 0);
	int fd = temp_file();
	assert_true(fd >= 0);
	assert_memory_equal(place(fd), folder, strlen(folder));
	assert_int_equal(write(fd, "list", 4), 4);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(read(fd, back, sizeof(back)), 4);
	assert_string_equal(back, "list");
	/* No name is left: the folder is empty again. */
	assert_int_equal(rmdir(folder), 0);
	close(fd);
	assert_int_equal(temp_file(), -1);
	assert_int_equal(errno, ENOENT);
	unsetenv("TMPDIR");
	fd = temp_file();
	assert_true(fd >= 0);
	assert_memory_equal(place(fd), "/tmp/", 5);
	close(fd);
	if (before != NULL)
		setenv("TMPDIR", before, 1);
	free(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(in_the_folder_of_tmpdir)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
