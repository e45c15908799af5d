/* Log lines: level, time, one line each whatever the arguments hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/log.h"

static char told[16384];

/* Runs `write` with standard error into a pipe's place, a file; what came out is in `told`. */
static void
capture(void (*write_lines)(void))
{
	FILE *file = tmpfile();
	assert_non_null(file);
	int before = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	write_lines();
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(file);
	told[fread(told, 1, sizeof told - 1, file)] = '\0';
	fclose(file);
}

static void
assert_matches(const char *pattern)
{
	regex_t re;
	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	int rc = regexec(&re, told, 0, NULL, 0);
	regfree(&re);
	if (rc != 0)
		fail_msg("\"%s\" does not match %s", told, pattern);
}

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"

static void
write_all(void)
{
	log_debug("d=%d", 1);
	log_info("i=%d", 2);
	log_warn("w=%d", 3);
	log_error("e=%d", 4);
}

static void
test_levels(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_int_equal(log_level_set("loud"), -1);
	assert_int_equal(log_level_set("warn"), 0);
	assert_false(log_enabled(LOG_LEVEL_INFO));
	assert_true(log_enabled(LOG_LEVEL_ERROR));
	capture(write_all);
	assert_matches("^" TIME " warn w=3\n" TIME " error e=4\n$");
	assert_int_equal(log_level_set("debug"), 0);
	capture(write_all);
	assert_matches("^" TIME " debug d=1\n" TIME " info i=2\n" TIME " warn w=3\n" TIME " error e=4\n$");
}

static void
test_journal_priorities(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:2", 1);
	capture(write_all);
	unsetenv("JOURNAL_STREAM");
	assert_matches("^<7>" TIME " debug d=1\n<6>" TIME " info i=2\n<4>" TIME " warn w=3\n<3>" TIME " error e=4\n$");
}

static void
write_odd(void)
{
	log_info("text=%s", "a\nb\r\x1b[2J\x7f文");
}

static void
write_long(void)
{
	static char big[9000];
	memset(big, 'x', sizeof big - 1);
	log_info("%s", big);
	memset(big, '\n', sizeof big - 1);
	log_info("%s", big);
}

static void
test_one_line_each(void **state)
{
	(void)state;
	capture(write_odd);
	assert_non_null(strstr(told, "text=a\\x0Ab\\x0D\\x1B[2J\\x7F文\n"));
	capture(write_long);
	char *first = strchr(told, '\n');
	assert_non_null(first);
	char *second = strchr(first + 1, '\n');
	assert_non_null(second);
	assert_int_equal(second[1], '\0');
	assert_in_range(second - told, 2000, 2 * 2048);
}

static void
write_phones(void)
{
	log_warn("phone=%s to=+4915112345678, twice +8613800138000+8613800138001 at 10:00+0800 sum=1+1 part of +123456789",
		"+8613800138000");
	log_wire("phone=%s", "+8613800138000");
}

static void
test_phones_lose_their_middle(void **state)
{
	(void)state;
	capture(write_phones);
	assert_non_null(
		strstr(told, "phone=+86138****8000 to=+49151****5678, twice +86138****8000+86138****8001 at 10:00+0800 sum=1+1 "
					 "part of +1****6789\n"));
	assert_non_null(strstr(told, "phone=+8613800138000\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_journal_priorities),
		cmocka_unit_test(test_one_line_each),
		cmocka_unit_test(test_phones_lose_their_middle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
