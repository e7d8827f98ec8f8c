// SPDX-License-Identifier: MIT
/* Copy a buffer to the device's memory and back, and see that it is the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trn.h>

#define SIZE (1 << 20)

static void check(const char *what, int ret)
{
	if (ret) {
		fprintf(stderr, "%s: %s\n", what, trn_strerror(ret));
		exit(1);
	}
}

int main(void)
{
	static char out[SIZE], back[SIZE];
	struct trn_bo *hbm, *src, *dst;
	struct trn_copier *copier;
	uint64_t placement, resets, resets_after;
	struct trn_device *dev;

	for (size_t i = 0; i < SIZE; i++)
		out[i] = i % 251;

	check("open", trn_device_open(0, &dev));
	check("copier", trn_copier_new(dev, NULL, &copier));
	check("resets", trn_device_get_resets(dev, &resets));

	/* Memory of the device, and ours, which it may reach from now on. */
	check("place", trn_place_hbm(dev, &placement));
	check("allocate", trn_bo_new(dev, SIZE, placement, 0, &hbm));
	check("pin", trn_bo_pin(dev, out, SIZE, TRN_BO_READ_ONLY, &src));
	check("pin", trn_bo_pin(dev, back, SIZE, 0, &dst));

	check("copy in", trn_copy(copier, hbm, 0, src, 0, SIZE));
	check("copy back", trn_copy(copier, dst, 0, hbm, 0, SIZE));

	/* A reset in between loses what is in memory of the device. */
	check("resets", trn_device_get_resets(dev, &resets_after));
	if (resets != resets_after) {
		fprintf(stderr, "the device was reset: try again\n");
		return 1;
	}
	if (memcmp(out, back, SIZE)) {
		fprintf(stderr, "the bytes differ\n");
		return 1;
	}
	printf("%d bytes went to the device and came back equal\n", SIZE);

	trn_bo_unref(dst);
	trn_bo_unref(src);
	trn_bo_unref(hbm);
	trn_copier_unref(copier);
	trn_device_unref(dev);
	return 0;
}
