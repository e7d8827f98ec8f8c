// SPDX-License-Identifier: MIT
/*
 * Errors as sentences: the cause, and a remedy. An errno with several causes names each
 * of them, with the call that it comes from.
 */
#include <errno.h>

#include "base/exports.h"
#include "base/util.h"

/* Sentences of several errnos. */
#define NOT_DONE "the work is not done yet: wait longer"
#define BAD_PATH "the path of the node is too long or has too many symbolic links"
#define TOO_LARGE "a number is larger than this program can hold"

/* By positive errno. */
static const char *const sentences[] = {
	[0] = "no error",
	[E2BIG] =
		"the driver is older than this library and does not know a part of the "
		"request: load a newer driver",
	[EACCES] =
		"permission denied: opening needs read and write access to the node, "
		"writing needs memory that was not pinned read-only, and a queue of high "
		"priority needs CAP_SYS_NICE",
	[EAGAIN] = "the rings are full: ring the doorbell, and wait for an earlier point",
	[EBADF] = "the file descriptor is not open",
	[EBUSY] =
		"no hardware queue is free, or the device is being reset: allow any engine, "
		"close other users, or try again",
	[ECANCELED] =
		"the work was cancelled because its queue died or the device was reset: "
		"make a new queue and submit again",
	[EDQUOT] =
		"a quota is used up: device memory or hardware queues of this program or "
		"its user, or page tables of this open device: free some",
	[EEXIST] =
		"something is mapped or reserved at this address: unmap it, or let the "
		"library choose",
	[EFAULT] =
		"an address is not mapped or not writable: if pinning failed, check address "
		"and size of the program's memory; if work failed, the state of its queue "
		"has the device's address",
	[EINPROGRESS] = NOT_DONE,
	[ETIMEDOUT] = NOT_DONE,
	[EINTR] = "a signal interrupted the call before anything was done: try again",
	[EINVAL] = "an argument is out of range: check sizes, offsets, overlap and limits",
	[EIO] =
		"the device reported an error: the state of the queue and the kernel log "
		"have the fault",
	[ELOOP] = BAD_PATH,
	[ENAMETOOLONG] = BAD_PATH,
	[EMFILE] =
		"this program, or its user in all programs, has the most queues, address "
		"spaces or open files that are allowed: close some",
	[EMSGSIZE] =
		"the work needs more descriptors than the rings of the queue have: prepare "
		"less at once, or make a queue with larger rings",
	[ENFILE] = "the machine has the most open files that are allowed: close some",
	[ENODEV] =
		"there is no such device, or it is gone: check that the driver is loaded "
		"(modprobe trn), and that a container was given the node",
	[ENOENT] = "no such object: it was destroyed, or belongs to another open device",
	[ENOMEM] =
		"not enough memory, or the limit of locked memory is too small: "
		"raise it (ulimit -l) or pin less",
	[ENOSPC] =
		"no room: in no region of the placement, in the addresses of the VM, or in "
		"the address spaces of the device: free some, or allow more regions",
	[ENOSYS] = "the system call is missing or forbidden here (by seccomp, for example)",
	[ENOTTY] =
		"the driver is older than this library and has no such call: load a newer "
		"driver",
	[ENXIO] = "the memory of an import was taken back by its exporter: import it again",
	[EOVERFLOW] = TOO_LARGE,
	[ERANGE] = TOO_LARGE,
	[EOPNOTSUPP] =
		"this device, kernel or mode of the queue does not offer the operation: "
		"trn_device_get_info() tells what the device offers",
	[EPERM] =
		"not permitted: a BO made with TRN_BO_NO_MMAP cannot be mapped, and an open "
		"device with max_faults dead queues gets no more queues",
	[EPROTO] =
		"the kernel contradicts itself: another program may have signalled the "
		"queue's syncobj",
	[EPROTONOSUPPORT] =
		"this is not a node of the trn driver, or of another version of it: "
		"use a library and a driver of the same major version",
	[ETIME] = "the device hung and the work was given up: make a new queue",
};

const char *trn_strerror(int err)
{
	const int count = ARRAY_SIZE(sentences);

	if (err > 0)
		return "this is no error of the library: those are negative";
	if (err > -count && sentences[-err])
		return sentences[-err];
	return "unexpected error: look at the kernel log";
}
