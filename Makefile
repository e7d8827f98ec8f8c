# SPDX-License-Identifier: GPL-2.0-only
# trn: a software Trainium3, its driver, library and tools.  "make help"

ifneq ($(words $(CURDIR)),1)
$(error The path '$(CURDIR)' has a space, which make cannot take: move the checkout)
endif

BUILD := $(abspath build)
SETUP := tools/setup/setup
TRN_VM := tools/vm/trn-vm
export TRN_BUILD := $(BUILD)
export QEMU_SRC QEMU KDIR KERNEL TRN_CACHE TRN_ACCEL

# Options of trn-vm, for run, shell and vm: make vm VM='--mem 8G' CMD='free'
VM ?=
CMD ?=
# As it was typed: its dollars are the shell's, not make's.
export TRN_CMD := $(value CMD)
unexport CMD
# Another make would expand it. The others of the command line are in its environment.
ifeq ($(origin CMD),command line)
MAKEOVERRIDES :=
endif
STAGE ?= all
FUZZ_SECONDS ?= 7200
RUNS ?= 5
PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man

.DEFAULT_GOAL := help
.PHONY: help packages setup run shell vm check bench lint unit fuzz modules device lib tools \
	selftests guest install uninstall clean

help:
	@sed -n 's/^#: //p' $(firstword $(MAKEFILE_LIST))

#: make run          boot a VM, show the device at work, power off
#: make shell        boot a VM, give a shell in it
#: make vm CMD='..'  boot a VM, run the command; fails with it
#: make check        all tests; STAGE=NAME runs one stage (tools/check/check --list)
#: make unit         the tests that need no VM
#: make bench        speed, compared with NVMe and memcpy: a table, build/bench.json; RUNS=5
#: make lint         style and static checks
#: make fuzz         device and driver against random input, for hours [FUZZ_SECONDS=7200]
#:
#: make device       QEMU with the device
#: make modules      the driver, trn.ko
#: make lib          the library, libtrn.so
#: make tools        trnctl
#: make selftests    the driver's tests
#: make setup        only fetch and build what these need
#: make install      install library and tools [DESTDIR=] [PREFIX=/usr/local] [LIBDIR=]
#: make uninstall    remove them again, with the same variables
#: make clean        remove build/ (what was fetched stays in the cache)
#:
#: Overrides: VM= more options for the VM (tools/vm/trn-vm --help), QEMU_SRC= a source
#: tree of QEMU, QEMU= a QEMU binary that has the device, KDIR= a kernel's build
#: folder, KERNEL= its image, TRN_CACHE= folder for all that is fetched,
#: TRN_ACCEL= tcg, kvm or auto.

packages:
	@$(SETUP) packages

setup:
	@$(SETUP) packages firmware stock

device: setup
	@$(SETUP) qemu

modules: setup
	@$(SETUP) module-stock

lib: packages
	@$(MAKE) -s --no-print-directory -C libtrn O=$(BUILD)/libtrn

tools: lib
	@$(MAKE) -s --no-print-directory -C tools/trnctl O=$(BUILD)/trnctl LIBTRN=$(BUILD)/libtrn

selftests: lib
	@$(SETUP) linux
	@$(MAKE) -s --no-print-directory -C selftests O=$(BUILD)/selftests \
		KSRC=$(BUILD)/deps/linux LIBTRN=$(BUILD)/libtrn

# All that a guest needs.
guest: setup device modules tools

run: guest
	@$(TRN_VM) $(VM) -- sh /usr/lib/trn/demo

shell: guest
	@$(TRN_VM) $(VM)

vm: guest
	@[ -n "$$TRN_CMD" ] || { echo "make vm: say what to run: CMD='...'" >&2; exit 2; }; \
		$(TRN_VM) $(VM) -- sh -c "$$TRN_CMD"

check: packages
	@tools/check/check $(STAGE)

bench: guest
	@$(MAKE) -s --no-print-directory -C tools/bench O=$(BUILD)/bench LIBTRN=$(BUILD)/libtrn
	@tools/bench/bench --runs $(RUNS)

lint: packages
	@tools/check/check lint

unit: packages
	@tools/check/check unit

# First the cores alone, then all of it in QEMU under AddressSanitizer, then the driver
# under a device that lies, with other noise each day.
fuzz:
	@$(SETUP) packages qemu-asan
	@$(MAKE) -s --no-print-directory -C qemu-device/tests fuzz O=$(BUILD)/device-tests \
		FUZZ_SECONDS=$(FUZZ_SECONDS)
	@TRN_FUZZ_SECONDS=$(FUZZ_SECONDS) TRN_FUZZ_SEED=$$(date +%Y%m%d) \
		ASAN_OPTIONS=detect_leaks=0 \
		$(MAKE) -s --no-print-directory -C qemu-device/tests qtest O=$(BUILD)/device-tests \
		QEMU_SRC=$(BUILD)/deps/qemu-source QEMU_BUILD=$(BUILD)/deps/qemu-build \
		QTEST_QEMU=$(BUILD)/qemu-asan/qemu-system-x86_64 \
		QTEST_ARGS='--match /fuzz/ --timeout $(shell expr $(FUZZ_SECONDS) + 300)'
	@TRN_MALICE_SECONDS=$(FUZZ_SECONDS) TRN_MALICE_SEED=$$(date +%Y%m%d) tools/check/check malice

INSTALL_LIB := -C libtrn O=$(BUILD)/libtrn
INSTALL_TOOLS := -C tools/trnctl O=$(BUILD)/trnctl LIBTRN=$(BUILD)/libtrn

# What is built is only copied, so that root neither fetches nor builds.
install: $(if $(wildcard $(BUILD)/trnctl/trnctl),,tools)
	@$(MAKE) -s --no-print-directory $(INSTALL_LIB) install
	@$(MAKE) -s --no-print-directory $(INSTALL_TOOLS) install
	@install -d "$(DESTDIR)$(MANDIR)/man4"
	@install -m 644 driver/Documentation/trn.4 "$(DESTDIR)$(MANDIR)/man4"

uninstall:
	@$(MAKE) -s --no-print-directory $(INSTALL_LIB) uninstall
	@$(MAKE) -s --no-print-directory $(INSTALL_TOOLS) uninstall
	@rm -f "$(DESTDIR)$(MANDIR)/man4/trn.4"

clean:
	rm -rf $(BUILD)
