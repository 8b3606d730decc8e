"""Peak memory of this process, and how much a session will want."""

from __future__ import annotations

import resource
from collections.abc import Iterable, Mapping

from arteriole.settings import Settings
from arteriole.step import Step

_IDLE_BYTES = 350 * 2**20
"""What a child holds before its first step: interpreter, numpy, scipy, numba, compiled kernels."""

_BYTES_PER_IMAGE_VOXEL = 12
"""What stays of an image on a grid of its own: its voxels, and labels and masks made of them."""

METHOD_BYTES: dict[str, dict[str, float]] = {
    "field": {"resharp": 90, "vsharp": 50, "pdf": 80, "lbv": 45, "ismv": 40},
    "susceptibility": {
        "smv-tv": 140,
        "tv": 130,
        "weak-harmonic": 160,
        "medi": 140,
        "rts": 110,
        "l2": 45,
        "tkd": 45,
    },
}
"""Peak memory of a method beyond what the process holds before it, bytes a voxel: as measured (peak
of a child process at 144 x 144 x 112 voxels, 0.37 of them in the mask), and a third more."""


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


def estimate_bytes(
    steps: Iterable[Step],
    *,
    voxels: int,
    echoes: int,
    settings: Settings | None = None,
    images: Mapping[str, int] | None = None,
) -> int:
    """Return the memory that a session of ``echoes`` volumes of ``voxels`` voxels will want.

    ``images`` holds the voxels of each image on a grid of its own.
    """
    sizes = dict(images or {})
    meant = (step for step in steps if step.image in ("", "gre") or step.image in sizes)
    most = max((_of_step(s, settings, voxels, echoes, sizes) for s in meant), default=0.0)
    return int(_beside(voxels, echoes, sizes) + most)


def too_large(
    step: Step,
    settings: Settings,
    *,
    voxels: int,
    echoes: int,
    allowed_bytes: int,
    images: Mapping[str, int] | None = None,
) -> str | None:
    """Say what a step needs when that is more than allowed, and which method fits; None if it fits.

    Parameters
    ----------
    step : Step
        About to run.
    settings : Settings
        With its method.
    voxels, echoes : int
        Size of the scan.
    allowed_bytes : int
        Memory that the session may take.
    images : mapping of str to int, optional
        Voxels of each image on a grid of its own.
    """
    sizes = dict(images or {})
    beside = _beside(voxels, echoes, sizes)
    needed = beside + _of_step(step, settings, voxels, echoes, sizes)
    if needed <= allowed_bytes:
        return None
    known = METHOD_BYTES.get(step.name, {})
    by = f" by {getattr(settings, step.name).method}" if known else ""
    many = "" if step.image in sizes else f" and {max(echoes, 1)} echoes"
    what = (
        f"{step.name}{by} of {_voxels(step, voxels, sizes):.3g} voxels{many} needs about "
        f"{_gib(needed)} of memory, {_gib(allowed_bytes)} are allowed or free"
    )
    fit = {n: beside + b * voxels for n, b in known.items() if beside + b * voxels <= allowed_bytes}
    if not fit:
        others = "no other method of it fits; " if known else ""
        return f"{what}: {others}take a machine with more, or a larger --mem"
    least = min(fit, key=lambda name: fit[name])
    names = ", ".join(sorted(fit))
    return f"{what}: {names} would fit (--set {step.name}.method={least} needs {_gib(fit[least])})"


def _beside(voxels: int, echoes: int, images: Mapping[str, int]) -> float:
    """Return what a session holds beside the step that runs."""
    scan = 2 * 4 * echoes * voxels + 4 * 12 * voxels
    return float(_IDLE_BYTES + scan + _BYTES_PER_IMAGE_VOXEL * sum(images.values()))


def _voxels(step: Step, voxels: int, images: Mapping[str, int]) -> int:
    """Return the size of what a step works on; of the largest image in a session without a scan."""
    if step.image in images:
        return images[step.image]
    return voxels or max(images.values(), default=0)


def _of_step(
    step: Step, settings: Settings | None, voxels: int, echoes: int, images: Mapping[str, int]
) -> float:
    per_voxel = step.bytes_per_voxel
    if settings is not None and step.name in METHOD_BYTES:
        per_voxel = METHOD_BYTES[step.name].get(getattr(settings, step.name).method, per_voxel)
    size = _voxels(step, voxels, images)
    return step.bytes_fixed + per_voxel * size + step.bytes_per_echo_voxel * echoes * voxels


def _gib(count: float) -> str:
    return f"{count / 2**30:.1f} GiB"
