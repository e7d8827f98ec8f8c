// SPDX-License-Identifier: MIT
/*
 * Errors as sentences: the cause, and a remedy. An errno with several causes names each
 * of them, with the call that it comes from.
 */
#include <errno.h>

#include "base/exports.h"

const char *trn_strerror(int err)
{
	switch (err) {
	case 0:
		return "no error";
	case -E2BIG:
		return "the driver is older than this library and does not know a part of the "
		       "request: load a newer driver";
	case -EACCES:
		return "permission denied: opening needs read and write access to the node, "
		       "writing needs memory that was not pinned read-only, and a queue of high "
		       "priority needs CAP_SYS_NICE";
	case -EAGAIN:
		return "the rings are full: ring the doorbell, and wait for an earlier point";
	case -EBADF:
		return "the file descriptor is not open";
	case -EBUSY:
		return "no hardware queue is free, or the device is being reset: allow any engine, "
		       "close other users, or try again";
	case -ECANCELED:
		return "the work was cancelled because its queue died or the device was reset: "
		       "make a new queue and submit again";
	case -EDQUOT:
		return "a quota is used up: device memory or hardware queues of this program or "
		       "its user, or page tables of this open device: free some";
	case -EEXIST:
		return "something is mapped or reserved at this address: unmap it, or let the "
		       "library choose";
	case -EFAULT:
		return "an address is not mapped or not writable: if pinning failed, check address "
		       "and size of the program's memory; if work failed, the state of its queue "
		       "has the device's address";
	case -EINPROGRESS:
	case -ETIMEDOUT:
		return "the work is not done yet: wait longer";
	case -EINTR:
		return "a signal interrupted the call before anything was done: try again";
	case -EINVAL:
		return "an argument is out of range: check sizes, offsets, overlap and limits";
	case -EIO:
		return "the device reported an error: the state of the queue and the kernel log "
		       "have the fault";
	case -ELOOP:
	case -ENAMETOOLONG:
		return "the path of the node is too long or has too many symbolic links";
	case -EMFILE:
		return "this program, or its user in all programs, has the most queues, address "
		       "spaces or open files that are allowed: close some";
	case -EMSGSIZE:
		return "the work needs more descriptors than the rings of the queue have: prepare "
		       "less at once, or make a queue with larger rings";
	case -ENFILE:
		return "the machine has the most open files that are allowed: close some";
	case -ENODEV:
		return "there is no such device, or it is gone: check that the driver is loaded "
		       "(modprobe trn), and that a container was given the node";
	case -ENOENT:
		return "no such object: it was destroyed, or belongs to another open device";
	case -ENOMEM:
		return "not enough memory, or the limit of locked memory is too small: "
		       "raise it (ulimit -l) or pin less";
	case -ENOSPC:
		return "no room: in no region of the placement, in the addresses of the VM, or in "
		       "the address spaces of the device: free some, or allow more regions";
	case -ENOSYS:
		return "the system call is missing or forbidden here (by seccomp, for example)";
	case -ENOTTY:
		return "the driver is older than this library and has no such call: load a newer "
		       "driver";
	case -ENXIO:
		return "the memory of an import was taken back by its exporter: import it again";
	case -EOVERFLOW:
	case -ERANGE:
		return "a number is larger than this program can hold";
	case -EOPNOTSUPP:
		return "this device, kernel or mode of the queue does not offer the operation: "
		       "trn_device_get_info() tells what the device offers";
	case -EPERM:
		return "not permitted: a BO made with TRN_BO_NO_MMAP cannot be mapped, and an open "
		       "device with max_faults dead queues gets no more queues";
	case -EPROTO:
		return "the kernel contradicts itself: another program may have signalled the "
		       "queue's syncobj";
	case -EPROTONOSUPPORT:
		return "this is not a node of the trn driver, or of another version of it: "
		       "use a library and a driver of the same major version";
	case -ETIME:
		return "the device hung and the work was given up: make a new queue";
	default:
		return err > 0 ? "this is no error of the library: those are negative" :
				 "unexpected error: look at the kernel log";
	}
}
