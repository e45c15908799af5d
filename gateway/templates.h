/*
 * The dialogs and wordings of the templates folder, loaded and checked, found by name and version.
 *
 * Files: NAME.dlg (the newest version) with NAME.LANG.txt; common.LANG.txt goes with every dialog. An older version
 * that conversations still finish on may lie beside as NAME.VERSION.dlg, with NAME.VERSION.LANG.txt where its wording
 * differs. The folder `web` is not looked into.
 */
#ifndef GATEWAY_TEMPLATES_H
#define GATEWAY_TEMPLATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "dialog/dialog.h"

struct conf;
struct templates;

/* Loads all dialogs. NULL with every fault printed to err as "FILE:LINE: text". The caller frees. */
struct templates *templates_load(const char *folder, FILE *err);
/*
 * Loads again and takes the result over: newer versions become the newest, versions that are in memory stay there for
 * the conversations on them. A changed file that keeps its version number is a fault: give it the next number; changed
 * wording alone is taken as it is. 0, or -1 with the faults printed; then nothing has changed.
 */
int templates_reload(struct templates *t, FILE *err);
void templates_free(struct templates *t);
/* One dialog file with the wordings beside it. NULL with the faults printed. The caller frees with dialog_free. */
struct dialog *templates_load_file(const char *path, FILE *err);

/* The dialog of this name; version 0 = the newest. NULL when there is none. Lives until templates_free. */
const struct dialog *templates_find(const struct templates *t, const char *name, int version);
/* The n-th dialog, all versions, newest first within a name; NULL after the last. */
const struct dialog *templates_get(const struct templates *t, size_t n);
/*
 * Versions that a bureau has published itself stand beside those of the files, which hold as long as there are none.
 * Their numbers are VERSION_FIRST (gateway/version_text.h) and above; the newest is what version 0 finds for this
 * bureau.
 */
const struct dialog *templates_find_for(const struct templates *t, int bureau_id, const char *name, int version);
/* Takes over a dialog that this bureau has published; it is not there yet. */
void templates_add_own(struct templates *t, int bureau_id, struct dialog *d);
/* The n-th dialog that this bureau has published; NULL after the last. */
const struct dialog *templates_get_own(const struct templates *t, int bureau_id, size_t n);
/*
 * Reads NAME.dlg and its wordings: take gets each file's text, language NULL for the flow, and those of one language in
 * order; base: borrowed, only what the others have not counts. Returns the version that the file holds, 0 when there is
 * no such dialog or it is at fault (told on err).
 */
int templates_read(const char *folder, const char *name,
	void (*take)(void *arg, const char *language, const char *text, size_t len, bool base), void *arg, FILE *err);

/*
 * Whether every item that a bureau offers has its dialog, in every language of the bureau, and the dialog `visitor`
 * (texts without an open conversation) is there. published: what bureaus have published is there too; without it a
 * dialog that is no file is only warned of, for it may be theirs. Returns how many faults were printed.
 */
int templates_check(const struct templates *t, const struct conf *c, bool published, FILE *err);
const char *templates_folder(const struct templates *t);
/* Prints faults in English, "FILE:LINE: text" each, and frees them. */
void templates_tell(struct dialog_faults *faults, FILE *err);

#endif
