# Builds, tests, shows and installs Huizhi. Sources are found by folder: a new .c file needs no line here.
#   make            build/huizhid, build/huizhi, build/huizhi-smsc
#   make demo       the whole job on this machine, with made-up people    (DEMO=once: one conversation, then exit)
#   make test       everything; ends with "N passed, N failed"
#   make bench      figures beside a peer or a floor, as ratios
#   SANITIZE=1      the same under ASan and UBSan, in build/sanitize
SHELL   := /bin/bash
MAKEFLAGS += --no-print-directory
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
PREFIX  ?= /usr/local
VERSION := 0.4.0
# B is the build folder; a second one beside the first keeps builds apart.
B       ?= build
ifdef SANITIZE
override B := $(B)/sanitize
endif

PKGS    := libevent libevent_openssl libpq libqrencode libsodium libconfuse jansson libpng openssl libsystemd
# Asked only when something is compiled, so that `make deps` runs before the packages are there.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lsmpp34)$(PKG_LIBS)

WARN    := -Wall -Wextra -Wshadow -Werror
OPT     ?= -O2 -g
CFLAGS_ALL  = -std=c17 -D_GNU_SOURCE $(WARN) $(OPT) -fno-omit-frame-pointer -fstack-protector-strong -I. \
	-DHUIZHI_VERSION='"$(VERSION)"' -DHUIZHI_PREFIX='"$(PREFIX)"' $(CFLAGS) $(SAN) $(PKG_CFLAGS)
LDFLAGS_ALL = -Wl,--as-needed $(LDFLAGS) $(SAN)
ifdef SANITIZE
SAN     := -fsanitize=address,undefined -fno-sanitize-recover=all
OPT     := -O1 -g
else
CPPFLAGS_FORTIFY := -D_FORTIFY_SOURCE=2
endif

src      = $(sort $(wildcard $(1)))
obj      = $(patsubst %.c,$(B)/%.o,$(1))
DIALOG  := $(call obj,$(call src,dialog/*.c))
STORE   := $(call obj,$(call src,store/*.c)) $(B)/store/schema_files.o
GATEWAY := $(call obj,$(filter-out gateway/main.c,$(call src,gateway/*.c gateway/smpp/*.c gateway/http/*.c gateway/http/*/*.c)))
CLI     := $(call obj,$(call src,gateway/cli/*.c))
SMSC    := $(call obj,$(call src,tests/smsc/*.c))
LIBS    := $(B)/libgateway.a $(B)/libstore.a $(B)/libdialog.a

# A test's folder says what it links: dialog tests link dialog/*.o and nothing else of ours.
TESTS_DIALOG  := $(patsubst %.c,$(B)/%,$(call src,tests/unit/dialog/test_*.c))
TESTS_GATEWAY := $(patsubst %.c,$(B)/%,$(call src,tests/unit/gateway/test_*.c tests/smpp/test_*.c))
TESTS_STORE   := $(patsubst %.c,$(B)/%,$(call src,tests/store/test_*.c))
TESTS_SMSC    := $(patsubst %.c,$(B)/%,$(call src,tests/unit/smsc/test_*.c))
TESTS         := $(TESTS_DIALOG) $(TESTS_GATEWAY) $(TESTS_STORE) $(TESTS_SMSC)
FUZZ          := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(call src,tests/fuzz/fuzz_*.c))
BENCH_C       := $(patsubst %.c,$(B)/%,$(call src,tests/bench/*.c))

.PHONY: all deps demo test bench install uninstall format lint clean tests fuzz benches
all: $(B)/huizhid $(B)/huizhi $(B)/huizhi-smsc

deps:
	@tools/deps build

$(B)/huizhid: $(B)/gateway/main.o $(LIBS)
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)
$(B)/huizhi: $(CLI) $(LIBS)
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)
# The pretend carrier shares no code with the gateway, or both could be wrong together.
$(B)/huizhi-smsc: $(SMSC)
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)
$(B)/libdialog.a: $(DIALOG)
$(B)/libstore.a: $(STORE)
$(B)/libgateway.a: $(GATEWAY)
$(B)/lib%.a:
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $(filter %.o,$^)

$(B)/%.o: %.c
	@mkdir -p $(@D); echo "  CC      $<"; $(CC) $(CPPFLAGS_FORTIFY) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The page's files are taken in with .incbin, which -MMD does not see.
$(B)/tests/smsc/page_files.o: $(wildcard tests/smsc/page/*)

# The migrations are part of the binary: huizhi init needs no file beside it. The folder itself tells of a removed one.
$(B)/store/schema_files.c: store/schema $(sort $(wildcard store/schema/*.sql)) tools/embed
	@mkdir -p $(@D); tools/embed schema_files $(filter %.sql,$^) > $@.tmp && mv $@.tmp $@
$(B)/store/schema_files.o: $(B)/store/schema_files.c
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(TESTS_DIALOG): $(B)/%: $(B)/%.o $(B)/libdialog.a
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(shell pkg-config --libs libsodium)
$(TESTS_GATEWAY) $(TESTS_STORE): $(B)/%: $(B)/%.o $(LIBS)
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(PKG_LIBS)
$(TESTS_SMSC): $(B)/%: $(B)/%.o $(filter-out $(B)/tests/smsc/main.o,$(SMSC))
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(PKG_LIBS)
$(BENCH_C): $(B)/%: $(B)/%.o $(LIBS)
	@echo "  LD      $@"; $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)
tests: $(TESTS)
benches: $(BENCH_C)

# Fuzz targets are built from source in one go: libFuzzer wants clang and its own instrumentation everywhere.
# Which, the target's first comment says.
fuzz_links = $(filter %.c,$(shell sed -n 's/^ \* links: //p' tests/fuzz/$(1).c))
.SECONDEXPANSION:
$(B)/fuzz/%: tests/fuzz/%.c $$(wildcard $$(call fuzz_links,$$*)) \
	$(wildcard tests/fuzz/*.h dialog/*.h gateway/*.h gateway/smpp/*.h gateway/http/*.h gateway/http/api/*.h)
	@mkdir -p $(@D); echo "  FUZZ    $@"; clang -std=c17 -D_GNU_SOURCE $(WARN) -O1 -g -I. -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all $(PKG_CFLAGS) -o $@ $< $$(sed -n 's/^ \* links: //p' $<) $(PKG_LIBS)
fuzz: $(FUZZ)

demo:
	@tools/deps demo
	@$(MAKE) -j$$(nproc) all
	@DEMO=$(DEMO) B=$(B) demo/run

test:
	@tools/deps test
	@$(MAKE) -j$$(nproc) all tests fuzz
	@$(MAKE) -j$$(nproc) SANITIZE=1 all tests
	@B=$(B) tests/run $(ONLY)

bench:
	@tools/deps test
	@$(MAKE) -j$$(nproc) all benches
	@B=$(B) tests/bench/run

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/huizhi \
	  $(DESTDIR)$(PREFIX)/share/doc/huizhi $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(B)/huizhid $(DESTDIR)$(PREFIX)/sbin/huizhid
	install -m 755 $(B)/huizhi $(DESTDIR)$(PREFIX)/bin/huizhi
	install -m 755 $(B)/huizhi-smsc $(DESTDIR)$(PREFIX)/bin/huizhi-smsc
	cp -R templates conf $(DESTDIR)$(PREFIX)/share/huizhi/
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 man/*.7 $(DESTDIR)$(PREFIX)/share/man/man7/
	install -m 644 man/*.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	$(B)/huizhi completion > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/huizhi
	install -m 644 README.md NEWS.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/huizhi/

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

lint:
	@tools/lint

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
