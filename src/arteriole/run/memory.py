"""Peak memory of this process, and how much a session will want."""

from __future__ import annotations

import resource
from collections.abc import Iterable

from arteriole.step import Step

_IDLE_BYTES = 350 * 2**20
"""What a child holds before its first step: interpreter, numpy, scipy, numba, compiled kernels."""


def reset_peak() -> None:
    """Start counting the peak of this process anew, where the system allows it."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return


def peak_mib() -> float:
    """Return the peak resident memory since ``reset_peak`` (or since the start), MiB."""
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process, or 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def available_bytes() -> int:
    """Return the memory that the machine can give now."""
    with open("/proc/meminfo") as file:
        for line in file:
            if line.startswith("MemAvailable"):
                return int(line.split()[1]) * 1024
    return 4 * 2**30


def estimate_bytes(steps: Iterable[Step], *, voxels: int, echoes: int) -> int:
    """Return the memory that a session of ``echoes`` volumes of ``voxels`` voxels will want."""
    raw = 2 * 4 * echoes * voxels
    most = max(
        (s.bytes_per_voxel * voxels + s.bytes_per_echo_voxel * voxels * echoes for s in steps),
        default=0.0,
    )
    kept = 4 * 12 * voxels
    return int(_IDLE_BYTES + raw + most + kept)
