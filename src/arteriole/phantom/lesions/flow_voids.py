"""Flow voids: fast blood of arteries in sulci, dark without any susceptibility to speak of.

The mimic that a detector without phase cannot tell from a microbleed in section: no signal, no
field, in fluid rather than in tissue.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.lesions.ground import Ground, row, sphere_volume_mm3
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.vessels.tubes import Tubes

CHI_PPM = -0.01
"""Arterial blood against water."""


def flow_voids(ground: Ground, rng: np.random.Generator, count: int) -> list[Lesion]:
    """Draw flow voids in the fluid of sulci: spheres, and short pieces of vessel."""
    made = []
    for _ in range(count):
        radius = float(rng.uniform(0.5, 1.1))
        centre = ground.draw(
            rng,
            "csf",
            depth_mm=0.1,
            radius_mm=radius,
            fits=lambda points: _in_sulcus(ground, points),
        )
        if rng.random() < 0.4:
            made.append(flow_void(ground, centre, 2 * radius))
        else:
            made.append(_piece(ground, rng, centre, radius))
    return made


def flow_void(ground: Ground, centre_mm: NDArray[np.float64], diameter_mm: float) -> Lesion:
    """Return a flow void that is a plain sphere: a kink, or a vessel seen end on."""
    volume = sphere_volume_mm3(diameter_mm)
    truth = row(
        "flow void",
        ground.place(centre_mm),
        centre_mm,
        volume_mm3=volume,
        moment_ppm_mm3=CHI_PPM * volume,
        form="round",
    )
    return Lesion(truth)


def _in_sulcus(ground: Ground, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points lie between gyri: inside the brain's outer form, beside the cortex."""
    beside = ground.anatomy["cortex"].depth(points) > -3.0
    return (ground.anatomy.brain.depth(points) > 2.0) & beside


def _piece(
    ground: Ground, rng: np.random.Generator, centre: NDArray[np.float64], radius: float
) -> Lesion:
    """Return a short straight piece of artery along its sulcus."""
    cortex = ground.anatomy["cortex"]
    step = np.eye(3)
    slope = cortex.depth(centre + step) - cortex.depth(centre - step)
    across = slope / max(float(np.linalg.norm(slope)), 1e-6)
    along = np.cross(across, rng.normal(size=3))
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    length = float(rng.uniform(3.0, 9.0))
    ends = centre + 0.5 * length * np.array([[-1.0], [1.0]]) * along
    tubes = Tubes(
        tissue.FLOW_VOID,
        ends[:1].astype(np.float32),
        ends[1:].astype(np.float32),
        np.full((1, 2), radius, dtype=np.float32),
        np.full(1, CHI_PPM, dtype=np.float32),
        np.zeros(1, dtype=np.int32),
    )
    volume = float(np.pi * radius**2 * length + 4.0 / 3.0 * np.pi * radius**3)
    truth = row(
        "flow void",
        ground.place(centre),
        centre,
        volume_mm3=volume,
        moment_ppm_mm3=CHI_PPM * volume,
        form="tubular",
        extent_mm=(length + 2 * radius, 2 * radius, 2 * radius),
    )
    return Lesion(truth, tubes=tubes)
