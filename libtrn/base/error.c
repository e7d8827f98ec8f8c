// SPDX-License-Identifier: MIT
/*
 * Errors in words, for people who have to do something about them.
 */
#include <errno.h>

#include "base/exports.h"

const char *trn_strerror(int err)
{
	switch (err) {
	case 0:
		return "no error";
	case -E2BIG:
		return "the driver is older than this library, and does not know a part of the "
		       "request: load a newer one";
	case -EACCES:
		return "permission denied: open the node as a user who may read and write it, "
		       "do not write to memory pinned read-only, and ask for high priority "
		       "with CAP_SYS_NICE only";
	case -EAGAIN:
		return "the rings are full: ring the doorbell, and wait for an earlier point";
	case -EBADF:
		return "the file descriptor is not open";
	case -EBUSY:
		return "no hardware queue is free, or the device is being reset: ask for any "
		       "engine, close other users, or try again";
	case -ECANCELED:
		return "the work was cancelled, for its queue died or the device was reset: "
		       "make a new queue and submit again";
	case -EDQUOT:
		return "this program, or its user in all programs, has as much device memory, or "
		       "as many page tables or hardware queues, as it may: free some";
	case -EEXIST:
		return "something is mapped or reserved at this address: unmap it, or let the "
		       "library choose";
	case -EFAULT:
		return "the memory is not mapped, or not writable: check address and size, and, of "
		       "a user-mode queue, its state for where the device met it";
	case -EINPROGRESS:
	case -ETIMEDOUT:
		return "the work is not done yet: wait longer";
	case -EINTR:
		return "a signal interrupted the call before anything was done: try again";
	case -EINVAL:
		return "an argument is out of range: check sizes, offsets, overlap and limits";
	case -EIO:
		return "the device reported an error: ask the state of the queue for the fault, "
		       "and look at the kernel log";
	case -ELOOP:
	case -ENAMETOOLONG:
		return "the path of the node has too many symbolic links, or is too long";
	case -EMFILE:
		return "this program, or its user in all programs, has as many queues, address "
		       "spaces or files as it may: close some";
	case -EMSGSIZE:
		return "it is more than the rings of the queue hold: put less at once, or make a "
		       "larger ring";
	case -ENFILE:
		return "the machine has as many open files as it may: close some";
	case -ENODEV:
		return "there is no such device, or it is gone: check that the driver is loaded "
		       "(modprobe trn), and that a container was given the node";
	case -ENOENT:
		return "no such object: it was destroyed, or belongs to another open device";
	case -ENOMEM:
		return "not enough memory, or the limit of locked memory is too small: "
		       "raise it (ulimit -l) or pin less";
	case -ENOSPC:
		return "no region of the placement, or no range of addresses, has that much room, "
		       "or all address spaces of the device are taken: free some, or allow more "
		       "regions";
	case -ENOSYS:
		return "the system call is missing or forbidden here (by seccomp, for example)";
	case -ENOTTY:
		return "the driver is older than this library, and has no such call: load a newer "
		       "one";
	case -ENXIO:
		return "the memory of an import was taken back by the device that it lies in: "
		       "import it again";
	case -EOVERFLOW:
	case -ERANGE:
		return "a number is larger than this program can hold";
	case -EOPNOTSUPP:
		return "this device, kernel or mode of the queue has no such thing: ask what the "
		       "device offers";
	case -EPERM:
		return "this memory cannot be mapped (allocate it without TRN_BO_NO_MMAP), or too "
		       "many queues of this program died of faults";
	case -EPROTO:
		return "the kernel contradicts itself: is the queue's syncobj signalled by "
		       "someone else?";
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
