/* SPDX-License-Identifier: MIT */
/* What this thread asks of the kernel, and what the driver does meanwhile. */
#ifndef TRACE_H
#define TRACE_H

/** struct trace_counts - Events between trace_begin() and trace_end(). */
struct trace_counts {
	unsigned int syscalls;		/* that the calling thread made */
	unsigned int driver;		/* tracepoints of the driver, whoever met them */
};

/* Root only; both need /sys/kernel/tracing. */
int trace_begin(void);
int trace_end(struct trace_counts *counts);

#endif /* TRACE_H */
