# SPDX-License-Identifier: GPL-2.0-or-later

unit-dir := $(here)/unit
unit-out := $(O)/unit
core-dir := $(here)/../core
core-src := $(sort $(wildcard $(core-dir)/*.c))
core-obj := $(core-src:$(core-dir)/%.c=$(unit-out)/core-%.o)
unit-names := $(patsubst $(unit-dir)/%.c,%,$(sort $(wildcard $(unit-dir)/test-*.c)))
unit-bins := $(unit-names:%=$(unit-out)/%)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
# No QEMU include path: a core that needs QEMU does not compile here.
unit-cflags = -std=gnu11 -O1 -g $(WARN) $(SANITIZE) -fno-omit-frame-pointer \
	-MMD -MP -I$(here)/.. $(shell pkg-config --cflags glib-2.0)
unit-libs = $(shell pkg-config --libs glib-2.0) -lm -pthread

$(unit-out):
	mkdir -p $@

$(unit-out)/core-%.o: $(core-dir)/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(unit-cflags) -c -o $@ $<

$(unit-out)/%.o: $(unit-dir)/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(unit-cflags) -c -o $@ $<

$(unit-out)/test-%: $(unit-out)/test-%.o $(unit-out)/fake-bus.o $(core-obj)
	$(quiet) LINK $@
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(unit-libs)

$(unit-out)/test-noise: $(unit-out)/fuzz-udma.o

# ThreadSanitizer cannot share a program with AddressSanitizer.
tsan-cflags = $(filter-out -fsanitize=address%,$(unit-cflags)) -fsanitize=thread

$(unit-out)/tsan-core-%.o: $(core-dir)/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(tsan-cflags) -c -o $@ $<

$(unit-out)/tsan-%.o: $(unit-dir)/%.c | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(tsan-cflags) -c -o $@ $<

$(unit-out)/threads: $(addprefix $(unit-out)/tsan-,threads.o fake-bus.o) \
		$(core-src:$(core-dir)/%.c=$(unit-out)/tsan-core-%.o)
	$(quiet) LINK $@
	$(Q)$(CC) -fsanitize=thread -o $@ $^ $(unit-libs)

unit-build: $(unit-bins) $(unit-out)/threads

unit: unit-build
	@python3 $(here)/run-tap.py --jobs $(UNIT_JOBS) $(UNIT_ARGS) $(unit-bins) $(unit-out)/threads

# As QEMU is compiled: optimized, no sanitizer.
$(unit-out)/bench: $(addprefix $(unit-dir)/,bench.c fake-bus.c) $(core-src) | $(unit-out)
	$(quiet) CC $@
	$(Q)$(CC) $(filter-out -fsanitize=% -fno-sanitize% -MMD -MP -O1,$(unit-cflags)) -O2 -o $@ $^ $(unit-libs)

bench: $(unit-out)/bench
	@'$(unit-out)/bench'

.PHONY: bench

UNIT_JOBS ?= 2
.PHONY: unit unit-build

# With clang's libFuzzer: guided by coverage, for FUZZ_SECONDS.
fuzz-check:
	@command -v '$(FUZZ_CC)' >/dev/null || { echo 'fuzz-udma: $(FUZZ_CC) is not' \
	  'here: install clang and libclang-rt-dev, or run the noise of make unit' >&2; exit 2; }

$(unit-out)/fuzz-udma: $(unit-dir)/fuzz-udma.c $(unit-dir)/fake-bus.c $(core-src) | $(unit-out)
	$(quiet) FUZZ $@
	$(Q)$(FUZZ_CC) $(filter-out -MMD -MP,$(unit-cflags)) -fsanitize=fuzzer -o $@ $^ $(unit-libs)

fuzz-seeds:
	$(Q)python3 $(unit-dir)/fuzz-seeds.py '$(unit-out)/seeds'

fuzz-udma: fuzz-check $(unit-out)/fuzz-udma fuzz-seeds
	$(Q)mkdir -p '$(unit-out)/corpus'
	$(Q)cd '$(unit-out)' && ./fuzz-udma -max_total_time=$(FUZZ_SECONDS) -max_len=3600 \
	  -timeout=20 -print_final_stats=1 -verbosity=0 corpus seeds

.PHONY: fuzz-check fuzz-seeds fuzz-udma
-include $(wildcard $(unit-out)/*.d)
