"""Compiled kernels: numba with a cache that works for read-only installs too.

``parallel=True`` kernels write disjoint outputs or fixed blocks, never a shared sum, and fastmath
stays off: results are bitwise the same for any number of threads.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any, TypeVar

from arteriole.version import __version__

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def _cache_folder() -> str | None:
    """Return a writable folder for compiled kernels of this version, or None."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.environ.get("NUMBA_CACHE_DIR") or os.path.join(
        home, "arteriole", f"numba-{__version__}"
    )
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


_FOLDER = _cache_folder()
if _FOLDER is not None:
    os.environ["NUMBA_CACHE_DIR"] = _FOLDER

import numba  # noqa: E402  (the cache folder is read when numba is imported)

prange = numba.prange


def kernel(*, parallel: bool = False) -> Callable[[_Kernel], _Kernel]:
    """Compile a function on first call; keep the machine code for the next process."""
    decorate: Callable[[_Kernel], _Kernel] = numba.njit(
        cache=_FOLDER is not None, parallel=parallel, fastmath=False, nogil=True
    )
    return decorate
