"""What a weighted protocol makes of tissues: their signal, and how it varies within them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.scanner.contrast import (
    inversion_spin_echo,
    prepared_gradient_echo,
    spin_echo,
)
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol
from arteriole.phantom.texture import REGIONAL
from arteriole.phantom.tissue import Tissue

WHITE_SIGNAL = 1000.0
"""Signal of white matter in the image's arbitrary unit."""

FAT_R2_HZ = 9.0
"""1/T2 of fat in a train of spin echoes, whose pulses undo the coupling between its protons."""

TRAIN_R2_HZ, TRAIN_SHARE = 13.0, 0.5
"""Of R2 above the first, a train of echoes keeps this share: between its close pulses water has
less time to move through the field of iron and myelin. Our own estimate."""

TRANSFER = 0.5
"""Signal that a train of echoes loses to magnetisation transfer, as a share of what is no water
(1 - density). Our own estimate."""

FLOWING: dict[int, float] = {tissue.ARTERY: 0.05, tissue.VEIN: 0.35, tissue.FLOW_VOID: 0.0}
"""Share of blood that a spin echo still sees: the rest has left between its pulses."""

INFLOW = 0.55
"""Share of an artery that an inversion pulse has not met before it is read by gradient echo."""

RELAXING = 0.25
"""Share of the texture of R2* that R2 has, and R1 as well; our own estimate."""

_WATER = 0.25
"""Share of it that the water content has, as in `paint_texture`."""


def tissue_signal(tissues: tuple[Tissue, ...], protocol: WeightedProtocol) -> NDArray[np.float64]:
    """Return the signal of each tissue, white matter's set to `WHITE_SIGNAL`.

    Parameters
    ----------
    tissues : tuple of Tissue
        Rows of one person.
    protocol : WeightedProtocol
        Sequence and times.

    Notes
    -----
    In trains of spin echoes fat has a longer T2 than by itself (J-coupling, Henkelman 1992,
    doi:10.1002/jmri.1880020511), iron and myelin shorten T2 less than between single echoes (Ye
    1996, doi:10.1002/mrm.1910360219), and tissue loses signal to magnetisation transfer (Melki &
    Mulkern 1992, doi:10.1002/mrm.1910240117). Blood that moves leaves a void in spin echoes; in
    gradient echoes arteries are bright from inflow (by the T1 of their row). The sizes of all of
    these are our own estimates.
    """
    signal = _signal(tissues, protocol)
    return np.asarray(signal * (WHITE_SIGNAL / signal[tissue.WHITE]))


def texture_gains(tissues: tuple[Tissue, ...], protocol: WeightedProtocol) -> NDArray[np.float32]:
    """Return per tissue the relative change of signal by one unit of each texture.

    Returns
    -------
    ndarray, float32, (tissues, 3)
        Along the field that chi and R2* share, along that of R2* and water, and along the
        regional pattern (`vary_signal`).

    Notes
    -----
    The signal equation at tissue values moved by one standard deviation: R2 and R1 rise by a
    quarter of what R2* does, water falls by a quarter of it along the second field.
    """
    rest = np.maximum(_signal(tissues, protocol), 1e-9)
    spread = np.array([t.texture for t in tissues])
    shared = np.array([t.coupling for t in tissues])
    region = np.array([REGIONAL.get(row, (0.0, 0.0))[1] for row in range(len(tissues))])
    steps = (
        (spread * shared, np.zeros_like(spread)),
        (spread * np.sqrt(1.0 - shared**2), -_WATER * spread),
        (region, np.zeros_like(spread)),
    )
    gains = [_signal(_moved(tissues, RELAXING * r, w), protocol) / rest - 1.0 for r, w in steps]
    fluid = [row for row, t in enumerate(tissues) if t.t1_s > 3.0]
    made = np.stack(gains, axis=1)
    # fluid is nulled in FLAIR: a relative change of next to nothing means nothing
    made[fluid] = 0.0
    return np.asarray(np.clip(made, -0.5, 0.5), dtype=np.float32)


def free_fluid(tissues: tuple[Tissue, ...], protocol: WeightedProtocol) -> float:
    """Return the signal of fluid that no pulse but the reading ones has met."""
    fluid = tissues[tissue.CSF]
    white = _signal(tissues, protocol)[tissue.WHITE]
    fresh = fluid.density * np.exp(-protocol.te_s * fluid.r2_at(protocol.b0_tesla))
    return float(fresh * WHITE_SIGNAL / white)


def _moved(
    tissues: tuple[Tissue, ...], rate: NDArray[np.float64], water: NDArray[np.float64]
) -> tuple[Tissue, ...]:
    """Return tissues with relaxation rates and water changed by these shares."""
    return tuple(
        replace(
            t,
            r2_hz=t.r2_hz * (1.0 + r),
            r2star_hz=t.r2star_hz * (1.0 + r),
            t1_s=t.t1_s / (1.0 + r),
            density=t.density * (1.0 + w),
        )
        for t, r, w in zip(tissues, rate.tolist(), water.tolist(), strict=True)
    )


def _signal(tissues: tuple[Tissue, ...], p: WeightedProtocol) -> NDArray[np.float64]:
    """Return the signal equation of each tissue, water alone being 1."""
    b0 = p.b0_tesla
    density = np.array([t.density for t in tissues])
    density[[tissue.FAT, tissue.MARROW]] *= p.fat
    t1 = np.array([t.t1_at(b0) for t in tissues])
    if p.sequence == "prepared gradient echo":
        density[tissue.ARTERY] *= INFLOW
        return np.asarray(
            prepared_gradient_echo(
                density,
                t1,
                np.array([t.r2star_at(b0) for t in tissues]),
                tr_s=p.tr_s,
                te_s=p.te_s,
                ti_s=p.ti_s or 0.0,
                flip_deg=p.flip_deg,
                pulses=p.pulses,
                spacing_s=p.spacing_s,
            )
        )
    r2 = np.array([t.r2_at(b0) for t in tissues])
    if p.train_s > 0:
        r2 -= (1.0 - TRAIN_SHARE) * np.maximum(r2 - TRAIN_R2_HZ, 0.0)
        r2[[tissue.FAT, tissue.MARROW]] = FAT_R2_HZ
        lost = TRANSFER * np.array([1.0 - t.density for t in tissues])
        lost[[tissue.FAT, tissue.MARROW]] = 0.0
        density *= 1.0 - lost
    for row, seen in FLOWING.items():
        density[row] *= seen
    t2 = 1.0 / np.maximum(r2, 1e-6)
    times = {"tr_s": p.tr_s, "te_s": p.te_s, "train_s": p.train_s}
    if p.sequence == "spin echo":
        return np.asarray(spin_echo(density, t1, t2, **times))
    return np.asarray(inversion_spin_echo(density, t1, t2, ti_s=p.ti_s or 0.0, **times))
