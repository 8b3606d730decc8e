"""What the server of child processes does once, so that each session need not.

The first kernel that a process loads makes numba register its types and functions, some tenths of
a second. This one is not parallel: no thread may run before a fork.
"""

from __future__ import annotations

from arteriole.numerics.jit import kernel


@kernel()
def _twice(number: int) -> int:
    return 2 * number


_twice(1)
