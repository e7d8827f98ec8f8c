# SPDX-License-Identifier: GPL-2.0-or-later

qtest-dir := $(here)/qtest
qtest-out := $(O)/qtest
qtest-names := $(patsubst $(qtest-dir)/%.c,%,$(sort $(wildcard $(qtest-dir)/test-*.c)))
qtest-bins := $(qtest-names:%=$(qtest-out)/%)
QTEST_QEMU ?= $(QEMU_BUILD)/qemu-system-x86_64
QTEST_JOBS ?= 2

GLIB_CFLAGS = $(shell pkg-config --cflags glib-2.0)
GLIB_LIBS = $(shell pkg-config --libs glib-2.0)
qemu-cflags = -std=gnu11 -O2 -g -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-D_LARGEFILE_SOURCE -fno-strict-aliasing -fwrapv -fPIE -MMD -MP \
	-iquote $(QEMU_BUILD) -iquote $(QEMU_BUILD)/qapi \
	-I$(QEMU_BUILD) -I$(QEMU_BUILD)/qapi \
	-isystem $(QEMU_SRC)/linux-headers -isystem $(QEMU_BUILD)/linux-headers \
	-iquote $(QEMU_SRC) -iquote $(QEMU_SRC)/include \
	-iquote $(QEMU_SRC)/host/include/x86_64 \
	-iquote $(QEMU_SRC)/host/include/generic \
	-I$(QEMU_SRC)/tests/qtest $(GLIB_CFLAGS)

# libqtest speaks QMP, whose objects are in libqemuutil; that one wants QOM.
# QTEST_LIBS is a folder with copies of them, for a tree that others build in.
QTEST_LIBS ?=
qemu-libs = $(if $(QTEST_LIBS),$(QTEST_LIBS)/libqemuutil.a $(wildcard $(QTEST_LIBS)/*.o),\
	$(QEMU_BUILD)/libqemuutil.a $(wildcard \
	$(addprefix $(QEMU_BUILD)/,libqom.a.p/*.o libevent-loop-base.a.p/*.o)))

qtest-check:
	@test -n '$(QEMU_SRC)' && test -n '$(QEMU_BUILD)' || \
	  { echo 'qtest: set QEMU_SRC= and QEMU_BUILD=' >&2; exit 2; }
	@test -f '$(QEMU_SRC)/tests/qtest/libqtest.c' || \
	  { echo 'qtest: $(QEMU_SRC) is not a QEMU source tree' >&2; exit 2; }
	@test -x '$(QTEST_QEMU)' || \
	  { echo 'qtest: $(QTEST_QEMU) is not built' >&2; exit 2; }

$(qtest-out):
	mkdir -p $@

$(qtest-out)/lib%.o: $(QEMU_SRC)/tests/qtest/lib%.c | $(qtest-out)
	$(quiet) CC $@
	$(Q)$(CC) $(qemu-cflags) -c -o $@ $<

$(qtest-out)/%.o: $(qtest-dir)/%.c | $(qtest-out)
	$(quiet) CC $@
	$(Q)$(CC) $(qemu-cflags) $(WARN) -c -o $@ $<

qtest-common := $(addprefix $(qtest-out)/,qt-migrate.o qt-port.o qt-queue.o qt-vendor.o qt-vm.o libqtest.o libqmp.o)

$(qtest-out)/test-%: $(qtest-out)/test-%.o $(qtest-common)
	$(quiet) LINK $@
	$(Q)$(CC) -pie -o $@ $^ -Wl,--start-group $(qemu-libs) -Wl,--end-group $(GLIB_LIBS) -lm -pthread

# The vCPU of a qtest machine never runs, so its firmware may be empty.
$(qtest-out)/blank.bin: | $(qtest-out)
	head -c 65536 /dev/zero > $@

# Guests that run, for x86-64, with nothing under them and nothing linked to them.
guest-cflags = -std=gnu11 -O2 $(WARN) -m64 -ffreestanding -fno-pie -fno-stack-protector \
	-fcf-protection=none -mno-red-zone -mno-sse -nostdlib -static -no-pie

guest-src := guest-start.S guest.c guest-code.c guest-icount.c guest-unplug.c

$(qtest-out)/guest.elf: $(addprefix $(qtest-dir)/,$(guest-src) guest.h guest.ld) | $(qtest-out)
	$(quiet) CC $@
	$(Q)$(CC) $(guest-cflags) -Wl,--build-id=none -T $(qtest-dir)/guest.ld -o $@ $(filter %.S %.c,$^)

$(qtest-out)/guest.bin: $(qtest-out)/guest.elf
	$(Q)objcopy -O binary $< $@

.SECONDARY:
qtest-build: qtest-check $(qtest-bins) $(qtest-out)/blank.bin $(qtest-out)/guest.bin

qtest: qtest-build
	@QTEST_QEMU_BINARY='$(QTEST_QEMU)' TRN_QTEST_BIOS='$(qtest-out)/blank.bin' \
	  TRN_QTEST_GUEST='$(qtest-out)/guest.bin' \
	  /usr/bin/python3 -I $(here)/run-tap.py --jobs $(QTEST_JOBS) $(QTEST_ARGS) $(qtest-bins)

.PHONY: qtest-check
-include $(wildcard $(qtest-out)/*.d)
