# SPDX-License-Identifier: MIT
# Tests of libtrn that need no device; included by ../Makefile.

T := $(O)/tests
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
CXX ?= c++

# Built apart from the library, with the sanitizers.
TEST_OBJECTS := $(SOURCES:%.c=$(T)/%.o) $(T)/fake_kernel.o
TESTS := $(T)/test_device $(T)/test_bo $(T)/test_queue

$(T):
	mkdir -p $@

$(T)/%.o: %.c Makefile | $(T)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

$(T)/%.o: tests/%.c Makefile tests/tests.mk | $(T)
	$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

$(TESTS): %: %.o $(TEST_OBJECTS)
	$(CC) $(ALL_CFLAGS) $(SANITIZE) $(LDFLAGS) -rdynamic -o $@ $^ $(DRM_LIBS)

# trn.h needs nothing before it, in C and in C++; the example builds as shown.
$(T)/header-c.o: include/trn.h Makefile | $(T)
	$(CC) -std=c99 -pedantic $(WARNINGS) -Iinclude -x c -c -o $@ $<

$(T)/header-c++.o: include/trn.h Makefile | $(T)
	$(CXX) -std=c++11 -pedantic -Wall -Wextra -Werror -Iinclude -x c++ -c -o $@ $<

$(T)/copy: examples/copy.c $(O)/libtrn.so | $(T)
	$(CC) -Wall -Wextra -Werror -Iinclude -o $@ $< -L$(O) -ltrn

check: all $(TESTS) $(T)/header-c.o $(T)/header-c++.o $(T)/copy
	set -e; for test in $(TESTS); do $$test; done
	sh tests/symbol-check.sh $(O)/libtrn.so
	sh tests/man-check.sh $(PAGES)

-include $(wildcard $(T)/*.d)
