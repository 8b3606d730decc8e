"""How many threads the kernels and transforms of this process may use."""

from __future__ import annotations

import os

_count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """Return the number of threads in use."""
    return _count


def set_threads(count: int) -> None:
    """Let numba kernels and FFTs use ``count`` threads; results do not depend on it.

    Raises
    ------
    ValueError
        If ``count`` is below one.
    """
    global _count
    if count < 1:
        raise ValueError(f"at least one thread is needed, not {count}")
    import numba

    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    _count = count
