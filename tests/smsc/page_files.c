/* The page's files, as they are in tests/smsc/page, inside the binary: it needs nothing beside it. */
#include "tests/smsc/page_files.h"

/* Built from the top folder, as the Makefile does. */
#define EMBED(name, file)                                                                                              \
	__asm__(".section .rodata\n"                                                                                       \
			".global " #name "\n" #name ":\n"                                                                          \
			".incbin \"tests/smsc/page/" file "\"\n"                                                                   \
			".byte 0\n"                                                                                                \
			".previous\n");

EMBED(page_phone_html, "phone.html")
EMBED(page_phone_css, "phone.css")
EMBED(page_phone_js, "phone.js")
EMBED(page_favicon_svg, "favicon.svg")
