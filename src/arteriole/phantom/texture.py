"""Irregularity within tissues: iron and myelin that vary from the millimetre to the lobe."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Frame
from arteriole.phantom.anatomy.shapes import Level, Point, smoothstep, tube
from arteriole.phantom.anatomy.structure import Size3
from arteriole.phantom.random_field import RandomField, rough_field
from arteriole.phantom.tissue import Tissue

FINE_MM, MIDDLE_MM, BROAD_MM = 2.0, 8.0, 50.0
"""Shortest wavelength, where one lattice hands over to the other, and longest wavelength."""

FINE_SHARE = 0.6
"""Share of the variance in the fine lattice."""

REGION_STEP_MM = 4.0
"""Distance between the points at which regions are known."""

REGIONAL: dict[int, tuple[float, float]] = {
    tissue.GREY: (0.012, 0.16),
    tissue.CEREBELLAR_GREY: (0.004, 0.05),
    tissue.WHITE: (-0.008, 0.12),
    tissue.CALLOSUM: (-0.006, 0.06),
    tissue.RADIATION: (-0.006, 0.06),
}
"""By how much chi (ppm) and R2* (relative) are higher where the regional pattern is 1."""


@dataclass(frozen=True, eq=False)
class Texture:
    """Irregularity within tissues of one head, in world mm.

    Parameters
    ----------
    source : tuple of 2 RandomField
        Fine and broad variation that chi and R2* share: iron or myelin.
    other : tuple of 2 RandomField
        Fine and broad variation of R2* and water alone.
    regions : ndarray, float32, (x, y, z)
        Regional pattern of iron and myelin, about -1 to 1: primary cortices and the long bundles
        high, frontal pole and corona radiata low.
    origin_mm, step_mm
        World position of the first point of the pattern, and the distance between points.
    """

    source: tuple[RandomField, RandomField]
    other: tuple[RandomField, RandomField]
    regions: NDArray[np.float32]
    origin_mm: Size3
    step_mm: float


def draw_texture(rng: np.random.Generator, frame: Frame) -> Texture:
    """Draw the texture of one head.

    Notes
    -----
    Cortex richest in iron and myelin is that of the senses and of movement (R2* at 7 T: Cohen-Adad
    2012, doi:10.1016/j.neuroimage.2012.01.053). In white matter the pattern stands for bundles of
    differing myelin and differing angle to the field; it does not turn with the head. It is
    written in the template, its size and form our own estimate.
    """
    fine = [rough_field(rng, FINE_MM, MIDDLE_MM, slope=1.5) for _ in range(2)]
    broad = [rough_field(rng, MIDDLE_MM, BROAD_MM, slope=2.0) for _ in range(2)]
    low, shape = _box(frame)
    axes = [
        (a + REGION_STEP_MM * np.arange(n)).astype(np.float32)
        for a, n in zip(low, shape, strict=True)
    ]
    x, y, z = np.ix_(*axes)
    pattern = _pattern(*frame.to_template(x, y, z))
    return Texture(
        (fine[0], broad[0]), (fine[1], broad[1]), pattern, (low[0], low[1], low[2]), REGION_STEP_MM
    )


def texture_spread(tissues: tuple[Tissue, ...]) -> NDArray[np.float32]:
    """Return per tissue: SD of chi (ppm), relative SD of R2*, their correlation, regional gains.

    Returns
    -------
    ndarray, float32, (tissues, 5)
        The gains are what chi (ppm) and R2* (relative) have more where the pattern is 1.
    """
    rows = [
        (t.chi_texture_ppm, t.texture, t.coupling, *REGIONAL.get(row, (0.0, 0.0)))
        for row, t in enumerate(tissues)
    ]
    return np.asarray(rows, dtype=np.float32)


def _box(frame: Frame) -> tuple[list[float], list[int]]:
    """Return first point and number of points of a world lattice over the brain."""
    ends = product((-76.0, 76.0), (-112.0, 76.0), (-60.0, 84.0))
    corners = frame.to_world(np.array(list(ends)))
    low = np.floor(corners.min(axis=0) / REGION_STEP_MM) * REGION_STEP_MM
    count = np.ceil((corners.max(axis=0) - low) / REGION_STEP_MM).astype(int) + 2
    return [float(a) for a in low], [int(n) for n in count]


def _pattern(x: Level, y: Level, z: Level) -> NDArray[np.float32]:
    """Return the regional pattern at template coordinates (mm)."""
    side = np.abs(x)
    rich: list[tuple[float, float, list[Point]]] = [
        (1.0, 12.0, [(6, -26, 70), (34, -24, 58), (52, -10, 38), (60, -4, 18)]),
        (1.0, 12.0, [(6, -98, 0), (8, -84, 4), (14, -66, 8)]),
        (0.7, 9.0, [(40, -26, 10), (56, -14, 8)]),
        (0.8, 9.0, [(38, -46, 2), (30, -66, 4), (20, -84, 4)]),
        (0.6, 9.0, [(34, 20, 24), (36, -10, 28), (34, -40, 28)]),
        (-1.0, 12.0, [(24, -24, 22), (22, -22, 44), (16, -24, 56)]),
        (-0.8, 24.0, [(14, 60, 4), (36, 48, 0)]),
        (-0.6, 18.0, [(34, 14, -34), (48, 4, -34)]),
    ]
    pattern = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape), dtype=np.float32)
    for gain, reach, course in rich:
        depth = tube(side, y, z, course, [0.0] * len(course))
        pattern += np.float32(gain) * smoothstep(depth, -1.8 * reach, 0.0)
    return np.ascontiguousarray(np.clip(pattern, -1.2, 1.2), dtype=np.float32)
