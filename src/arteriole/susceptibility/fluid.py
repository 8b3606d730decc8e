"""Which voxels of fluid chi is referred to: from a map of regions, else from magnitude."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.region_map import is_ventricle
from arteriole.numerics.morphology import erode
from arteriole.step import Acquisition
from arteriole.susceptibility.reference import Reference, RegionName, reference_chi
from arteriole.susceptibility.ventricles import find_ventricular_fluid

LEAST_ML = 1.0
"""Less fluid than this is no reference."""


@dataclass(frozen=True, eq=False)
class Fluid:
    """Fluid to refer chi to, where it comes from; without a mask, why there is none."""

    mask: NDArray[np.bool_] | None
    words: str


def reference_fluid(given: Mapping[str, Any], scan: Acquisition) -> Fluid:
    """Return the fluid of the ventricles inside the QSM mask.

    Parameters
    ----------
    given : mapping
        ``qsm_mask``, and ``regions`` or ``magnitude`` when there.
    scan : Acquisition
        Grid and echo times.

    Returns
    -------
    Fluid
        From the map of regions (eroded by the smallest voxel size) when it names ventricles, else
        by their slow decay.
    """
    mask = given["qsm_mask"]
    voxel = scan.grid.voxel_size_mm
    regions = given.get("regions")
    why = ""
    if regions is not None:
        inner = erode(regions.where(is_ventricle), min(voxel), voxel_size_mm=voxel) & mask
        if inner.sum() * scan.grid.voxel_volume_mm3 >= 1000.0 * LEAST_ML:
            return Fluid(inner, "ventricles of the map of regions")
        why = f"the map of regions names less than {LEAST_ML:g} mL of ventricles in the mask; "
    if given.get("magnitude") is None or len(scan.te_s) < 2:
        return Fluid(None, f"{why}to find fluid, magnitude of two or more echoes is needed")
    found = find_ventricular_fluid(
        given["magnitude"], scan.te_s, mask, voxel_size_mm=voxel, least_ml=LEAST_ML
    )
    if not found.any():
        return Fluid(None, f"{why}no fluid of {LEAST_ML:g} mL or more was found deep in the brain")
    return Fluid(found, "fluid deep in the brain that decays more slowly than 5 1/s")


def refer(
    chi_ppm: NDArray[np.float32],
    given: Mapping[str, Any],
    scan: Acquisition,
    *,
    region: RegionName,
) -> tuple[NDArray[np.float32], Reference, tuple[str, ...]]:
    """Refer chi to what the settings name; to the brain, with a warning, where fluid is not found.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility as inverted, ppm.
    given : mapping
        As `reference_fluid` takes it.
    scan : Acquisition
        Grid and echo times.
    region : {"brain", "csf", "none"}
        What is to have a mean of zero.

    Returns
    -------
    chi_ppm : ndarray, float32, (x, y, z)
        Referenced, ppm.
    reference : Reference
        What it was referred to.
    warnings : tuple of str
        Why it is not what was asked for.
    """
    mask = given["qsm_mask"]
    if region != "csf":
        return *reference_chi(chi_ppm, mask, region=region), ()
    fluid = reference_fluid(given, scan)
    if fluid.mask is None:
        words = f"chi is relative to the brain, not to CSF as asked for: {fluid.words}"
        return *reference_chi(chi_ppm, mask), (words,)
    chi, reference = reference_chi(
        chi_ppm, mask, region="csf", fluid=fluid.mask, source=fluid.words
    )
    return chi, reference, ()
