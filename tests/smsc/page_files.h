/* The files of tests/smsc/page as texts, NUL-terminated. */
#ifndef SMSC_PAGE_FILES_H
#define SMSC_PAGE_FILES_H

extern const char page_phone_html[], page_phone_css[], page_phone_js[], page_favicon_svg[];

#endif
