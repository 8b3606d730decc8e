"""CT numbers of tissues, and how those with calcium change with the tube voltage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.tissue import TISSUES

HU_120: dict[int, float] = {
    tissue.AIR: -1000.0,
    tissue.SKIN: 45.0,
    tissue.FAT: -95.0,
    tissue.MUSCLE: 55.0,
    tissue.BONE: 1350.0,
    tissue.MARROW: 450.0,
    tissue.CSF: 7.0,
    tissue.GREY: 38.0,
    tissue.WHITE: 30.0,
    tissue.BRAINSTEM: 31.0,
    tissue.CEREBELLAR_GREY: 37.0,
    tissue.CEREBELLAR_WHITE: 31.0,
    tissue.CAUDATE: 38.0,
    tissue.PUTAMEN: 38.0,
    tissue.PALLIDUM: 37.0,
    tissue.THALAMUS: 36.0,
    tissue.RED_NUCLEUS: 36.0,
    tissue.NIGRA: 36.0,
    tissue.DENTATE: 37.0,
    tissue.VENTRICLE: 6.0,
    tissue.CHOROID: 38.0,
    tissue.EYE: 8.0,
    tissue.LENS: 75.0,
    tissue.VEIN: 50.0,
    tissue.DURA: 55.0,
    tissue.MICROBLEED: 40.0,
    tissue.CALCIFICATION: 450.0,
    tissue.ARTERY: 44.0,
    tissue.HIPPOCAMPUS: 36.0,
    tissue.AMYGDALA: 36.0,
    tissue.ACCUMBENS: 37.0,
    tissue.CALLOSUM: 29.0,
    tissue.CAPSULE: 29.0,
    tissue.RADIATION: 29.0,
    tissue.MUCOSA: 40.0,
    tissue.FLOW_VOID: 44.0,
    tissue.HYPERINTENSITY: 24.0,
    tissue.GLIOSIS: 24.0,
    tissue.CAVITY: 9.0,
    tissue.PERIVASCULAR: 10.0,
    tissue.RECENT_INFARCT: 24.0,
    tissue.OLD_INFARCT: 14.0,
    tissue.HAEMATOMA: 60.0,
    tissue.HAEMOSIDERIN: 40.0,
    tissue.CAVERNOMA: 55.0,
    tissue.OPTIC_NERVE: 33.0,
}
"""CT number (HU) of each tissue at 120 kVp; our own round figures within what textbooks give (grey
matter 37-41, white matter 20-34, fluid 0-15, fat -100 to -80, compact bone above 1000)."""

SOFT_HU: dict[int, float] = {
    tissue.BONE: 60.0,
    tissue.MARROW: -40.0,
    tissue.CALCIFICATION: 40.0,
}
"""CT number of what is left of a tissue without its calcium."""

CALCIUM_BY_KVP: tuple[tuple[float, float], ...] = (
    (70.0, 1.68),
    (80.0, 1.43),
    (100.0, 1.17),
    (120.0, 1.0),
    (140.0, 0.89),
)
"""Tube voltage (kVp), and what calcium adds there against 120 kVp; our own round figures."""

BLOOD_HU_PER_HAEMATOCRIT, PLASMA_HU = 90.0, 12.0
"""Blood's CT number is a line in haematocrit (New & Aronow 1976, doi:10.1148/121.3.635 tell of the
dependence; the figures are rounded)."""


def hounsfield(*, kvp: float = 120.0, haematocrit: float | None = None) -> NDArray[np.float64]:
    """Return the CT number (HU) of each row of `TISSUES`.

    Parameters
    ----------
    kvp : float
        Tube voltage, 70 to 140 kVp.
    haematocrit : float, optional
        Of the person's blood; `HU_120` as it stands unless given.

    Raises
    ------
    ValueError
        For a voltage out of range.

    Notes
    -----
    ``HU(kVp) = soft + (HU(120) - soft) c(kVp)``: the part that calcium adds is scaled, water, fat
    and air stay, which leaves out a few HU of fat and of grey against white matter.
    """
    volts, share = (np.array(column) for column in zip(*CALCIUM_BY_KVP, strict=True))
    if not volts[0] <= kvp <= volts[-1]:
        raise ValueError(f"the tube voltage lies in [{volts[0]:g}, {volts[-1]:g}] kVp, not {kvp}")
    made = np.array([HU_120[row] for row in range(len(TISSUES))])
    of_calcium = float(np.interp(kvp, volts, share))
    for row, soft in SOFT_HU.items():
        made[row] = soft + (made[row] - soft) * of_calcium
    if haematocrit is not None:
        blood = PLASMA_HU + BLOOD_HU_PER_HAEMATOCRIT * haematocrit
        made[[tissue.VEIN, tissue.ARTERY, tissue.FLOW_VOID]] = blood
    return made
