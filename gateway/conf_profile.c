/* USSD profiles: their files, what must agree within one, and which link speaks which. */
#include "gateway/conf_internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/smpp/ussd.h"

const char *
conf_check_mask(const char *value)
{
	char *end;
	unsigned long mask = strtoul(value, &end, 16);
	if (strncmp(value, "0x", 2) != 0 || strlen(value) > 6 || *end != '\0' || mask == 0)
		return "must be a mask in hexadecimal, from 0x0001 to 0xFFFF";
	return NULL;
}

const char *
conf_check_released(const char *value)
{
	size_t digits = strspn(value, "0123456789");
	if (digits == 0 || digits > 3 || strtol(value, NULL, 10) > 255 || value[digits] != ' ' || value[digits + 1] == '\0')
		return "must be an operation from 0 to 255, a space and the reason in words";
	for (const char *p = value; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p))
			return "must be an operation and words without control characters";
	}
	return strlen(value) <= 60 ? NULL : "must be at most 60 octets";
}

const char *
conf_check_service_type(const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7E)
			return "must be at most 5 ASCII characters";
	}
	return strlen(value) <= 5 ? NULL : "must be at most 5 ASCII characters";
}

static int
section_line(const struct conf_file *file, size_t n)
{
	return n < file->nopened[CONF_PROFILE] ? file->opened[CONF_PROFILE][n] : 0;
}

static void
check_profile(const struct conf *c, const struct conf_profile *p, const struct conf_file *file, size_t n,
	struct conf_faults *faults)
{
	struct ussd_profile made;
	const char *key;
	char why[128];

	if (strlen(p->name) > 31 || strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789-+._") != strlen(p->name) ||
		p->name[0] == '\0' || strcmp(p->name, "none") == 0)
		conf_fault(faults, file->name, section_line(file, n),
			"profile \"%s\": a name is made of small letters, digits and - + . _, at most 31, and is not none",
			p->name);
	else if (conf_profile_by_name(c, p->name) != NULL)
		conf_fault(
			faults, file->name, section_line(file, n), "profile \"%s\": there is one of this name already", p->name);
	if (ussd_profile_make(p, &made, &key, why, sizeof why) != 0)
		conf_fault(faults, file->name, conf_file_line(file, CONF_PROFILE, n, key, 0), "profile \"%s\": %s %s", p->name,
			key, why);
}

void
conf_profiles_read(struct conf_box *box, const char *path, struct conf_faults *faults)
{
	struct conf *c = &box->conf;
	struct conf_file file;
	conf_file_read(&file, path, CONF_PROFILE, faults);
	size_t n = conf_file_sections(&file, CONF_PROFILE);

	struct conf_profile *profiles = conf_alloc(box, (c->nprofiles + n + 1) * sizeof *profiles);
	if (c->nprofiles > 0)
		memcpy(profiles, c->profiles, c->nprofiles * sizeof *profiles);
	c->profiles = profiles;
	for (size_t i = 0; i < n; i++) {
		struct conf_profile *p = &profiles[c->nprofiles];
		int before = faults->count;
		conf_file_fill(&file, CONF_PROFILE, i, p, box, faults);
		p->name = conf_copy(box, cfg_title(conf_file_section(&file, CONF_PROFILE, i)));
		/* Values that are at fault by themselves say nothing about how they agree. */
		if (faults->count == before)
			check_profile(c, p, &file, i, faults);
		c->nprofiles++;
	}
	conf_file_close(&file);
}

/* For a profile that has been checked. */
static const struct ussd_profile *
make_profile(struct conf_box *box, const struct conf_profile *p)
{
	struct ussd_profile *made = conf_alloc(box, sizeof *made);
	const char *key;
	char why[128];
	ussd_profile_make(p, made, &key, why, sizeof why);
	return made;
}

void
conf_profiles_load(struct conf_box *box, const struct conf_file *main_file, struct conf_faults *faults)
{
	struct conf *c = &box->conf;
	struct dirent **entries;
	int n = conf_folder_files(c->profiles_dir, &entries), before = faults->count;

	if (n < 0)
		conf_fault(faults, main_file->name, conf_file_line(main_file, CONF_ROOT, 0, "ussd_profiles", 0),
			"ussd_profiles = \"%s\": could not read this folder: %s", c->profiles_dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		conf_profiles_read(box, conf_join(box, c->profiles_dir, entries[i]->d_name), faults);
		free(entries[i]);
	}
	free(entries);
	if (faults->count != before)
		return;
	for (size_t i = 0; i < c->nlinks; i++) {
		struct conf_link *l = &c->links[i];
		if (strcmp(l->ussd, "none") == 0)
			continue;
		const struct conf_profile *p = conf_profile_by_name(c, l->ussd);
		if (p != NULL)
			l->ussd_profile = make_profile(box, p);
		else
			conf_fault(faults, main_file->name, conf_file_line(main_file, CONF_LINK, i, "ussd", 0),
				"link \"%s\": ussd = \"%s\": there is no such profile in %s; none = no USSD", l->name, l->ussd,
				c->profiles_dir);
	}
}
