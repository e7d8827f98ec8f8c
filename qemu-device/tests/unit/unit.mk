# SPDX-License-Identifier: GPL-2.0-or-later

unit-dir := $(here)/unit
unit-out := $(O)/unit
core-dir := $(here)/../core
core-src := $(sort $(wildcard $(core-dir)/*.c $(core-dir)/*/*.c))
core-obj := $(core-src:$(core-dir)/%.c=$(unit-out)/core/%.o)
unit-names := $(patsubst $(unit-dir)/%.c,%,$(sort $(wildcard $(unit-dir)/test-*.c)))
unit-bins := $(unit-names:%=$(unit-out)/%)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
# No QEMU include path: a core that needs QEMU does not compile here.
unit-cflags = -std=gnu11 -O1 -g $(WARN) $(SANITIZE) -fno-omit-frame-pointer \
	-MMD -MP -I$(here)/.. -I$(here) $(shell pkg-config --cflags glib-2.0)
unit-libs = $(shell pkg-config --libs glib-2.0) -lm -pthread

$(unit-out):
	mkdir -p $@

$(unit-out)/core/%.o: $(core-dir)/%.c
	$(quiet) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(unit-cflags) -c -o $@ $<

$(unit-out)/%.o: $(unit-dir)/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(unit-cflags) -c -o $@ $<

$(unit-out)/test-%: $(unit-out)/test-%.o $(unit-out)/fake-bus.o $(core-obj)
	$(quiet) LINK $@
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(unit-libs)

$(unit-out)/target-%.o: $(here)/fuzz/fuzz-%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(unit-cflags) -c -o $@ $<

$(unit-out)/state-%.o: $(here)/../migrate/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(unit-cflags) -I$(here)/fuzz/fake -c -o $@ $<

$(unit-out)/state-fake.o: $(here)/fuzz/fake/vmstate.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(unit-cflags) -I$(here)/fuzz/fake -c -o $@ $<

$(unit-out)/target-stream.o: unit-cflags += -I$(here)/fuzz/fake
$(unit-out)/test-noise: $(addprefix $(unit-out)/target-,udma.o regs.o mbox.o mmu.o stream.o) \
	$(addprefix $(unit-out)/state-,trn-vmstate.o trn-vmstate-engine.o fake.o)

# ThreadSanitizer cannot share a program with AddressSanitizer.
tsan-cflags = $(filter-out -fsanitize=address%,$(unit-cflags)) -fsanitize=thread

$(unit-out)/tsan-core/%.o: $(core-dir)/%.c
	$(quiet) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(tsan-cflags) -c -o $@ $<

$(unit-out)/tsan-%.o: $(unit-dir)/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(tsan-cflags) -c -o $@ $<

tsan-bins := $(addprefix $(unit-out)/,threads threads-order)

$(tsan-bins): $(unit-out)/%: $(unit-out)/tsan-%.o \
		$(addprefix $(unit-out)/tsan-,threads-world.o fake-bus.o) \
		$(core-src:$(core-dir)/%.c=$(unit-out)/tsan-core/%.o)
	$(quiet) LINK $@
	$(Q)$(CC) -fsanitize=thread -o $@ $^ $(unit-libs)

unit-build: $(unit-bins) $(tsan-bins)

unit: unit-build
	@TRN_FUZZ_CORPUS='$(here)/fuzz/corpus' \
	  /usr/bin/python3 -I $(here)/run-tap.py --jobs $(UNIT_JOBS) $(UNIT_ARGS) $(unit-bins) $(tsan-bins)

# As QEMU is compiled: optimized, no sanitizer.
$(unit-out)/bench: $(addprefix $(unit-dir)/,bench.c fake-bus.c) $(core-src) | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(filter-out -fsanitize=% -fno-sanitize% -MMD -MP -O1,$(unit-cflags)) -O2 -o $@ $^ $(unit-libs)

bench: $(unit-out)/bench
	@'$(unit-out)/bench'

.PHONY: bench

UNIT_JOBS ?= 2
.PHONY: unit unit-build

-include $(wildcard $(unit-out)/*.d) $(core-obj:.o=.d) \
	$(core-src:$(core-dir)/%.c=$(unit-out)/tsan-core/%.d)
