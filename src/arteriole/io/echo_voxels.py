"""Voxels of echoes: read into one array, and refused where they are not what they are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import ImageError, PhaseError
from arteriole.io.echoes import Echo
from arteriole.io.held import Held
from arteriole.io.nifti import read_image
from arteriole.numerics.morphology import fill_holes
from arteriole.scan.coil_dimension import vary_like_coils
from arteriole.scan.phase_wraps import observe

_LOST = 0.05
"""Of the bright voxels, at most this share may hold no number."""
_ALIKE = 0.97
"""Phase that follows magnitude as closely as this is magnitude."""


def stack(echoes: Sequence[Echo], held: Held | None = None) -> NDArray[np.float32]:
    """Return the echoes' voxels (e, x, y, z), each file read once, or not at all if it is held."""
    out = np.empty((len(echoes), *echoes[0].header.grid.shape), dtype=np.float32)
    for path in dict.fromkeys(echo.file.path for echo in echoes):
        image = None if held is not None and held.has_several(path) else read_image(path)
        for e, echo in enumerate(echoes):
            if echo.file.path == path:
                if held is not None and image is None:
                    out[e] = held.volume(path, echo.volume)
                elif image is not None:
                    data = image.data
                    out[e] = data if data.ndim == 3 else data[..., echo.volume]
                _check_not_empty(out[e], echo)
    return out


def _check_not_empty(volume: NDArray[np.float32], echo: Echo) -> None:
    """Refuse a volume without content."""
    if not volume.any():
        raise ImageError(
            f"the {echo.role} holds nothing but zeros",
            file=echo.file.path,
            remedy="Convert or export it again.",
        )
    if not np.isfinite(volume).any():
        raise ImageError(f"the {echo.role} holds no number", file=echo.file.path)


def without_gaps(
    magnitude: NDArray[np.float32],
    phase: NDArray[np.float32] | None,
    echoes: Sequence[Echo],
    notes: list[str],
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Set voxels without a number to zero in all echoes; refuse if tissue is among them."""
    gaps = ~np.isfinite(magnitude).all(axis=0)
    if phase is not None:
        gaps |= ~np.isfinite(phase).all(axis=0)
    count = int(np.count_nonzero(gaps))
    if count == 0:
        return magnitude, phase
    # A gap in every echo is not bright itself; that bright voxels enclose it shows what was there.
    bright = fill_holes(_bright(np.nan_to_num(magnitude, posinf=0, neginf=0).max(axis=0)))
    lost = int(np.count_nonzero(gaps & bright)) / max(1, int(np.count_nonzero(bright)))
    share = f"{count} voxels ({100 * count / gaps.size:.2g} %)"
    if lost > _LOST or count == gaps.size:
        worst = next((e for e in echoes if read_image(e.file.path).not_finite), echoes[0])
        raise ImageError(
            f"{share} hold no number (NaN), and {100 * lost:.2g} % of the bright ones",
            file=worst.file.path,
            remedy="Export or convert the scan again.",
        )
    notes.append(f"{share} hold no number in some echo and are taken as empty.")
    magnitude[:, gaps] = 0
    if phase is not None:
        phase[:, gaps] = 0
    return magnitude, phase


def check_magnitude(magnitude: NDArray[np.float32], echoes: Sequence[Echo]) -> None:
    """Refuse phase in the place of magnitude."""
    for volume, echo in zip(magnitude, echoes, strict=True):
        if (lowest := float(np.nanmin(volume))) < 0:
            raise ImageError(
                f"the {echo.role} has values below zero, down to {lowest:g}",
                file=echo.file.path,
                remedy="Magnitude never has: was phase given in its place?",
            )
    if observe([magnitude[0]]).period is not None:
        raise ImageError(
            f"the {echoes[0].role} wraps from its highest to its lowest value, as phase does",
            file=echoes[0].file.path,
            remedy="Was phase given in the place of magnitude?",
        )


def check_coils(magnitude: NDArray[np.float32], echoes: Sequence[Echo]) -> None:
    """Refuse coils in the place of echoes."""
    if vary_like_coils(magnitude):
        raise ImageError(
            f"each of {len(echoes)} volumes is brightest in another part of the head: these are "
            "receive coils, not echoes",
            file=echoes[0].file.path,
            remedy="Say how many coils there are, by --coils or scan.coils, and one time an echo.",
        )


def check_phase(
    magnitude: NDArray[np.float32], phase: NDArray[np.float32] | None, echoes: Sequence[Echo]
) -> None:
    """Refuse magnitude in the place of phase."""
    if phase is None:
        return
    some = _bright(magnitude[0])
    step = max(1, int(np.count_nonzero(some)) // 200_000)
    a, b = magnitude[0][some][::step], phase[0][some][::step]
    if a.size > 10 and a.std() > 0 and b.std() > 0 and abs(np.corrcoef(a, b)[0, 1]) > _ALIKE:
        raise PhaseError(
            "phase is the same picture as magnitude",
            file=echoes[0].file.path,
            remedy="Was magnitude given in the place of phase?",
        )


def _bright(volume: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the voxels that have signal for sure."""
    numbers = np.nan_to_num(volume, posinf=0, neginf=0)
    return np.asarray(numbers > 0.2 * float(np.percentile(numbers, 99)))
