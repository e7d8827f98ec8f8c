# SPDX-License-Identifier: GPL-2.0-or-later
# The fuzz targets under clang's libFuzzer, guided by coverage.

fuzz-dir := $(here)/fuzz
fuzz-out := $(O)/fuzz
fuzz-names := udma regs mbox mmu stream
fuzz-bins := $(fuzz-names:%=$(fuzz-out)/fuzz-%)
fuzz-corpus := $(fuzz-dir)/corpus

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
FUZZ_JOBS ?= 2
fuzz-cflags = $(filter-out -MMD -MP,$(unit-cflags)) -fsanitize=fuzzer

$(fuzz-out):
	mkdir -p $@

fuzz-check:
	@command -v '$(FUZZ_CC)' >/dev/null || { echo 'fuzz: $(FUZZ_CC) is not' \
	  'here: install clang and libclang-rt-14-dev, or run the noise of make unit' >&2; exit 2; }

$(fuzz-out)/fuzz-%: $(fuzz-dir)/fuzz-%.c $(fuzz-dir)/main.c $(unit-dir)/fake-bus.c \
		$(core-src) $(wildcard $(core-dir)/*.h $(core-dir)/*/*.h) | $(fuzz-out)
	$(quiet) FUZZ $@
	$(Q)$(FUZZ_CC) $(fuzz-cflags) -DFUZZ_TARGET=fuzz_$* -o $@ $(filter %.c,$^) $(unit-libs)

# What of the frontend needs nothing of QEMU but VMState, of which there is a copy.
state-src := $(addprefix $(here)/../migrate/,trn-vmstate.c trn-vmstate-engine.c) $(fuzz-dir)/fake/vmstate.c
$(fuzz-out)/fuzz-stream: fuzz-cflags += -I$(fuzz-dir)/fake
$(fuzz-out)/fuzz-stream: $(state-src) $(wildcard $(fuzz-dir)/fake/migration/*.h)

fuzz-build: fuzz-check $(fuzz-bins)

# One TAP line a target, FUZZ_SECONDS each.
fuzz: fuzz-build
	@/usr/bin/python3 -I $(fuzz-dir)/run.py --seconds $(FUZZ_SECONDS) --jobs $(FUZZ_JOBS) $(FUZZ_ARGS) \
	  --work '$(fuzz-out)' --corpus '$(fuzz-corpus)' $(fuzz-bins)

# What was found, cut down to what adds coverage, into the tree.
fuzz-keep: fuzz-build
	@/usr/bin/python3 -I $(fuzz-dir)/run.py --keep --work '$(fuzz-out)' --corpus '$(fuzz-corpus)' $(fuzz-bins)

.PHONY: fuzz-check fuzz-build fuzz fuzz-keep
