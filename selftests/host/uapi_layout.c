// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of the interface. The compiler does the checking, once as a 64-bit
 * and once as a 32-bit program; a run only reports which of them were made.
 */
#include <kselftest_harness.h>

#include "uapi_layout.h"

TEST(layout_holds_for_64_bit)
{
	if (sizeof(void *) != 8)
		SKIP(return, "not built as a 64-bit program");
	EXPECT_EQ(8, sizeof(void *));
}

TEST(layout_holds_for_32_bit)
{
	/* The Makefile compiles uapi_layout32.c and says whether it could. */
	if (!HAVE_M32)
		SKIP(return, "the compiler makes no 32-bit code");
	EXPECT_TRUE(HAVE_M32);
}

TEST_HARNESS_MAIN
