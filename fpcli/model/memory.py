"""How freed memory is kept for the next activation."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # mallopt's parameters in glibc's malloc.h
KEPT_BYTES = 2**31 - 1
STEP_BYTES = 64 * 2**20


def keep_freed_memory() -> bool:
    """Ask the C library to keep freed memory instead of handing it back to the system.

    Training frees and allocates tens of megabytes for every layer; by default each is mapped anew,
    page by page, and the kernel then works as long as the arithmetic of a small network does.
    Returns whether the C library took the request: glibc does, others are left as they are.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wishes = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, KEPT_BYTES), (M_TOP_PAD, STEP_BYTES))
    return all(mallopt(parameter, value) == 1 for parameter, value in wishes)
