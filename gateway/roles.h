/*
 * What the people of a bureau may do: five roles, as bits and as the words that the database, the command line and the
 * pages use. Pure.
 */
#ifndef GATEWAY_ROLES_H
#define GATEWAY_ROLES_H

#include <stddef.h>

enum role {
	ROLE_LOOK = 1,	  /* see lists and pages, numbers masked; everybody may */
	ROLE_SEND = 2,	  /* work through lists: texts, campaigns, certificates, the counter; numbers in full */
	ROLE_WRITE = 4,	  /* the wording and the dialogs */
	ROLE_APPROVE = 8, /* decisions, and campaigns that need a second person */
	ROLE_MANAGE = 16, /* the people of the bureau, and what each did */
	ROLE_ALL = 31,
};

/* The word of one role: "look", ...; NULL after the last (i counts from 0 in the order above). */
const char *role_word(size_t i);
/*
 * Reads "look,send", "{look,send}" as the database writes it, or the names of earlier versions (clerk, approver,
 * manager, admin). ROLE_LOOK comes with any other. Returns the bits, or -1 with *bad, *bad_len at the word that is no
 * role; an empty list is 0.
 */
int roles_parse(const char *list, const char **bad, size_t *bad_len);

#endif
