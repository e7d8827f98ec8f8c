# SPDX-License-Identifier: MIT
# Tests of libtrn that need no device; included by ../Makefile.

T := $(O)/tests
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
CXX ?= c++

# Built apart from the library, with the sanitizers.
FAKE_SOURCES := fake_kernel.c fake_bo.c fake_query.c fake_sync.c fake_vm.c fake_ring.c fake_inline.c
TEST_OBJECTS := $(SOURCES:%.c=$(T)/%.o) $(FAKE_SOURCES:%.c=$(T)/%.o)
TESTS := $(addprefix $(T)/,test_error test_device test_bo test_queue test_vm test_ring test_array \
	 test_user_wait test_share test_copier test_fork test_sweep \
	 test_threads)

$(T):
	$(Q)mkdir -p $@

$(T)/%.o: %.c Makefile
	@echo "  CC  $(@F)"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

$(T)/%.o: tests/%.c Makefile tests/tests.mk | $(T)
	@echo "  CC  $(@F)"
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

# Allocations of the library go by the test.
$(T)/test_sweep: LDFLAGS += -Wl,--wrap=calloc

# One program has another sanitizer, and so all of its parts.
$(T)/test_threads: tests/test_threads.c $(FAKE_SOURCES:%=tests/%) $(SOURCES) tests/tap.h | $(T)
	@echo "  CC  $(@F)"
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) -fsanitize=thread -rdynamic -o $@ \
		$(filter %.c,$^) $(DRM_LIBS) -pthread

$(filter-out %/test_threads,$(TESTS)): %: %.o $(TEST_OBJECTS)
	@echo "  CC  $(@F)"
	$(Q)$(CC) $(ALL_CFLAGS) $(SANITIZE) $(LDFLAGS) -rdynamic -o $@ $^ $(DRM_LIBS)

# The headers need nothing before them, in C and in C++; the example builds as shown.
$(T)/header-c.o: include/trn_prep.h $(HEADERS) Makefile | $(T)
	@echo "  CC  $(@F)"
	$(Q)$(CC) -std=c99 -pedantic $(WARNINGS) -Iinclude -x c -c -o $@ $<

$(T)/header-c++.o: include/trn_prep.h $(HEADERS) Makefile | $(T)
	@echo "  CXX $(@F)"
	$(Q)$(CXX) -std=c++11 -pedantic -Wall -Wextra -Werror -Iinclude -x c++ -c -o $@ $<

$(T)/copy: examples/copy.c $(O)/libtrn.so | $(T)
	@echo "  CC  $(@F)"
	$(Q)$(CC) -Wall -Wextra -Werror -Iinclude -o $@ $< -L$(O) -ltrn

check: all $(TESTS) $(T)/header-c.o $(T)/header-c++.o $(T)/copy
	@failed=0; \
	for test in $(TESTS); do $$test || failed=1; done; \
	sh tests/symbol-check.sh $(O)/libtrn.so || failed=1; \
	sh tests/barrier-check.sh || failed=1; \
	sh tests/circle-check.sh $(OBJECTS) || failed=1; \
	sh tests/man-check.sh $(PAGES) || failed=1; \
	exit $$failed

-include $(wildcard $(T)/*.d $(T)/*/*.d)
