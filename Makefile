# Builds, tests and installs dualpipe and libdualpipe. The user's CFLAGS, CPPFLAGS and LDFLAGS
# are added to, never overwritten. Everything made goes to $(BUILD).

VERSION = 0.1.0
SOVERSION = 1
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
BUILD = build
CC = cc
# Those of the compiler's target, for a cross build too.
AR = $(shell $(CC) -print-prog-name=ar)
OBJCOPY = $(shell $(CC) -print-prog-name=objcopy)
CFLAGS = -O2 -g

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
ALL_CFLAGS = -std=c11 $(WARNINGS) -fvisibility=hidden $(CFLAGS)
ALL_CPPFLAGS = -D_GNU_SOURCE -DDUALPIPE_BUILD -DVERSION='"$(VERSION)"' -Ilib/include $(ROOMS) $(CPPFLAGS)

LIB = $(patsubst lib/%.c,$(BUILD)/lib/%.o,$(wildcard lib/*/*.c))
CMD = $(patsubst cmd/%.c,$(BUILD)/cmd/%.o,$(wildcard cmd/*.c cmd/*/*.c))
SO = libdualpipe.so.$(SOVERSION)
UNIT = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/*/*_test.c))
TOOLS = $(patsubst tests/tools/%.c,$(BUILD)/%,$(wildcard tests/tools/*.c))

all: $(BUILD)/dualpipe $(BUILD)/libdualpipe.a $(BUILD)/$(SO)

# The command holds the library's code: nothing to find or relocate at its start.
$(BUILD)/dualpipe: $(CMD) $(BUILD)/libdualpipe.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# One object whose hidden names are local: nothing of ours can clash with a name of the host's.
$(BUILD)/libdualpipe.a: $(LIB)
	rm -f $@
	$(CC) -r -nostdlib -o $(BUILD)/libdualpipe.o $^
	$(OBJCOPY) --localize-hidden $(BUILD)/libdualpipe.o
	$(AR) rcs $@ $(BUILD)/libdualpipe.o

$(BUILD)/$(SO): $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SO) -o $@ $^
	ln -sf $(SO) $(BUILD)/libdualpipe.so

# The command sees the library's public headers alone; unit tests see everything.
$(BUILD)/lib/%: ROOMS = -Ilib
$(BUILD)/cmd/%: ROOMS = -Icmd -I$(BUILD)
# The command and both libraries share these objects: position-independent code that calls its own
# functions directly takes the same number of instructions for a request (0.1 % apart, measured).
$(BUILD)/lib/%: PIC = -fPIC -fno-semantic-interposition
$(BUILD)/unit/%: ROOMS = -Ilib -Icmd -I$(BUILD)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PIC) -MMD -MP -MF $@.d -c -o $@ $<

# The loops that some presets run are programs of their own; as C strings they are in one header.
KERNELS = $(wildcard cmd/kernels/*.*)
$(BUILD)/kernels.h: cmd/kernels/make-header $(KERNELS)
	@mkdir -p $(@D)
	cmd/kernels/make-header $(KERNELS) >$@.new
	mv $@.new $@
$(BUILD)/cmd/options/preset_table.o $(UNIT): $(BUILD)/kernels.h

$(BUILD)/unit/%_test: tests/unit/%_test.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) $(WRAPS) -MMD -MP -MF $@.d -o $@ $< $(LIB) \
	  -lpthread

# These stand between the library and what takes memory.
WRAPPED = malloc calloc realloc free strdup strndup
$(BUILD)/unit/%_nomem_test: WRAPS = $(WRAPPED:%=-Wl,--wrap=%)
# These start a process and run a command in it; see tests/unit/light_child.h.
$(BUILD)/unit/%_trust_test: WRAPS = -Wl,--wrap=clone -Wl,--wrap=execve

# What is to be limited must not need memory and descriptors for a sanitizer.
$(BUILD)/greedy: override CFLAGS = -O2 -g
$(BUILD)/greedy: override LDFLAGS =

$(BUILD)/%: tests/tools/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $<

# These ask by the library.
$(BUILD)/deed $(BUILD)/interrupter: $(BUILD)/%: tests/tools/%.c $(BUILD)/libdualpipe.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(BUILD)/libdualpipe.a -lpthread

# A module that is loaded or preloaded: NAME.so.c.
$(BUILD)/%.so: tests/tools/%.so.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -std=c11 $(WARNINGS) $(CFLAGS) $(LDFLAGS) -fPIC -shared -o $@ $<

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

# What the build, the demo and the tests need and this machine lacks.
deps:
	@tests/deps

# The same for the large programs of tests/real; and these conversations alone.
deps-real:
	@BUILD='$(BUILD)' tests/deps real

REAL = tests/real/*.t $(addprefix tests/real/,slurm first-tries deeds interrupts)
test-real: all $(BUILD)/deed $(BUILD)/interrupter
	@BUILD='$(BUILD)' tests/run $(REAL)

demo: all
	@BUILD='$(BUILD)' tests/demo

# What one runs after each change; what takes longer than that; and both.
test: all $(UNIT) $(TOOLS)
	@BUILD='$(BUILD)' CC='$(CC)' tests/all --part quick

test-long: all $(UNIT) $(TOOLS)
	@BUILD='$(BUILD)' CC='$(CC)' tests/all --part long

test-all: all $(UNIT) $(TOOLS)
	@BUILD='$(BUILD)' CC='$(CC)' tests/all

check: test

# The same under ASan and UBSan, the library under TSan, and all of it under valgrind.
check-sanitize:
	@tests/sanitize

bench: all
	@BUILD='$(BUILD)' tests/bench/run

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	install -d $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(MANDIR)/man7
	install -m 755 $(BUILD)/dualpipe $(DESTDIR)$(BINDIR)
	install -m 755 $(BUILD)/$(SO) $(DESTDIR)$(LIBDIR)
	ln -sf $(SO) $(DESTDIR)$(LIBDIR)/libdualpipe.so
	install -m 644 $(BUILD)/libdualpipe.a $(DESTDIR)$(LIBDIR)
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' 'Name: dualpipe' \
	  'Description: ask programs behind two pipes' 'Version: $(VERSION)' 'Libs: -L$${libdir} -ldualpipe' \
	  'Cflags: -I$${includedir}' > $(DESTDIR)$(LIBDIR)/pkgconfig/dualpipe.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/dualpipe.pc
	install -m 644 lib/include/dualpipe.h $(DESTDIR)$(INCLUDEDIR)
	for header in $(wildcard lib/include/dualpipe/*.h); do \
	  install -D -m 644 $$header $(DESTDIR)$(INCLUDEDIR)/dualpipe/$${header##*/} || exit; done
	install -m 644 man/*.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 man/*.3 $(DESTDIR)$(MANDIR)/man3
	install -d $(DESTDIR)$(MANDIR)/man5
	install -m 644 man/*.5 $(DESTDIR)$(MANDIR)/man5
	install -m 644 man/*.7 $(DESTDIR)$(MANDIR)/man7
	install -d $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	install -m 644 cmd/completion/dualpipe.bash $(DESTDIR)$(BASHDIR)/dualpipe
	install -m 644 cmd/completion/_dualpipe $(DESTDIR)$(ZSHDIR)
	install -m 644 cmd/completion/dualpipe.fish $(DESTDIR)$(FISHDIR)

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/dualpipe $(DESTDIR)$(LIBDIR)/libdualpipe.* \
	  $(DESTDIR)$(LIBDIR)/pkgconfig/dualpipe.pc $(DESTDIR)$(INCLUDEDIR)/dualpipe.h \
	  $(DESTDIR)$(BASHDIR)/dualpipe $(DESTDIR)$(ZSHDIR)/_dualpipe $(DESTDIR)$(FISHDIR)/dualpipe.fish
	rm -rf $(DESTDIR)$(INCLUDEDIR)/dualpipe
	for page in man/*; do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done

dist:
	@mkdir -p $(BUILD)
	git archive --prefix=dualpipe-$(VERSION)/ HEAD | gzip -9n > $(BUILD)/dualpipe-$(VERSION).tar.gz

clean:
	rm -rf $(BUILD)

.PHONY: all deps deps-real test-real demo test test-long test-all check \
  check-sanitize bench install uninstall dist clean
.SECONDARY:
