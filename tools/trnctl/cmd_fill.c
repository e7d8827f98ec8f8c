// SPDX-License-Identifier: MIT
/* trnctl fill: let the device fill memory with a word. */
#include <stdio.h>

#include "json.h"
#include "transfer.h"
#include "units.h"

static int verify(const struct session *session, const struct buffer *dst, uint32_t pattern)
{
	const uint32_t *words = dst->cpu;
	char name[PLACE_NAME_MAX], what[32];
	uint32_t word;

	snprintf(what, sizeof(what), "fill of %s", place_name(dst->place, name));
	for (uint64_t i = 0; i < dst->size / 4; i++) {
		word = words[i];
		if (word != pattern)
			return fail_data(session, what,
					 "%s: 0x%08x instead of 0x%08x at byte %llu of %llu", what,
					 word, pattern, (unsigned long long)i * 4,
					 (unsigned long long)dst->size);
	}
	return STATUS_DONE;
}

static void print_outcome(const struct options *opts, const struct session *session, int64_t ns,
			  bool verified)
{
	double rate = ns ? 1e9 * opts->size / ns : 0;
	char to[PLACE_NAME_MAX], size[SIZE_TEXT_MAX];

	place_name(opts->to, to);
	if (!(opts->given & OPT_JSON)) {
		printf("0x%08x -> %-7s %12s %10.1f MB/s%s\n", opts->pattern, to,
		       format_size(opts->size, size), rate / 1e6, verified ? "   verified" : "");
		return;
	}
	json_open(NULL, '{');
	json_string("mode", session_mode(session));
	json_string("to", to);
	json_u64("pattern", opts->pattern);
	json_u64("size", opts->size);
	json_u64("ns", ns);
	json_real("bytes_per_second", rate);
	json_bool("verified", verified);
	json_close('}');
}

static int run(const struct options *opts)
{
	bool look = opts->given & OPT_VERIFY;
	struct session session;
	struct buffer dst;
	int64_t ns;
	int status;

	if (opts->size % 4)
		return usage_error("fill", "--size must be a multiple of 4");
	status = session_open(opts, &session);
	if (status)
		return status;
	status = buffer_make(session.dev, opts->to, opts->size, &dst);
	if (status)
		goto out_session;
	status = transfer_fill(&session, &dst, opts->pattern, &ns);
	if (!status && look)
		status = verify(&session, &dst, opts->pattern);
	if (!status)
		print_outcome(opts, &session, ns, look);
	buffer_free(&dst);
out_session:
	session_close(&session);
	return status;
}

const struct command cmd_fill = {
	.name = "fill",
	.summary = "fill host memory or HBM with a word",
	.accepts = OPT_DEVICE | OPT_TO | OPT_SIZE | OPT_PATTERN | OPT_VERIFY | OPT_MODE |
		   OPT_ENGINE | OPT_QUEUE_SIZE | OPT_JSON,
	.defaults = { .size = 64ull << 20, .pattern = 0xa5a5a5a5 },
	.run = run,
};
