"""What a gradient-echo scanner is told to do, and what it cannot do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.scanner.motion import Motion

Vendor = Literal["siemens", "philips", "ge"]


@dataclass(frozen=True)
class Protocol:
    """What the scanner is told to do.

    Parameters
    ----------
    name : str
        What the protocol is called.
    shape : tuple of 3 int
        Voxels along each axis of the slab.
    voxel_size_mm : tuple of 3 float
        Voxel size, mm; for 2-D slices the last is the distance between their middles.
    te_s : tuple of float
        Echo times, s, increasing.
    tr_s : float
        Repetition time, s, longer than the last echo time.
    flip_deg : float
        Flip angle, degrees.
    b0_tesla : float
        Main field, T.
    tilt_deg, turn_deg : float
        The slab is turned by ``tilt_deg`` about the left-right axis (nodding), then by
        ``turn_deg`` about the bore; the head lies still.
    centre_mm : tuple of 3 float
        World position of the middle of the slab.
    snr : float
        Magnitude of white matter at the first echo over the noise's standard deviation per
        channel, before any k-space is left out.
    kind : {"MEGRE", "T2starw"}
        BIDS suffix of its images.
    cell_mm : float
        Largest size of the cells that the simulation computes on. 0.5 mm is the rule; larger is
        for quick tests.
    slice_mm : float, optional
        Thickness of slices that are excited one by one along the last axis; the rest of the
        voxel is the gap. None excites the whole slab and encodes the last axis by phase (3-D).
    readout : {0, 1, 2}
        Axis of frequency encoding.
    bandwidth_hz : float, optional
        Readout bandwidth per voxel, Hz: what is off resonance by that much moves by one voxel.
        None moves nothing.
    bipolar : bool
        Every second echo is read backwards.
    partial_fourier : tuple of 3 float
        Acquired share of k-space along each axis, 0.5 to 1, the rest set to zero; along
        ``readout`` it is an asymmetric echo.
    taper : float
        How much less the ends of k-space weigh than its middle in the scanner's image, 0 to 1,
        against ringing: ``1 - taper sin(pi k / n)^2`` along each encoded axis.
    motion : Motion, optional
        How the head moves during the scan.
    coils : int
        Channels that `acquire_channels` gives one by one; `acquire` gives them combined.
    transmit : float
        Relative change of the flip angle from the middle of the head to 80 mm away from it; 0 is
        even. About 0.4 at 7 T.
    vendor : {"siemens", "philips", "ge"}
        Whose convention stored phase follows (`arteriole.phantom.scanner.vendor`).

    Raises
    ------
    ValueError
        For what no scanner can do: times out of order, readouts that overlap, sizes, fields,
        angles or shares out of range.
    """

    name: str
    shape: tuple[int, int, int]
    voxel_size_mm: tuple[float, float, float]
    te_s: tuple[float, ...]
    tr_s: float
    flip_deg: float
    b0_tesla: float = 3.0
    tilt_deg: float = 0.0
    turn_deg: float = 0.0
    centre_mm: tuple[float, float, float] = (0.0, -12.0, 6.0)
    snr: float = 60.0
    kind: Literal["MEGRE", "T2starw"] = "MEGRE"
    cell_mm: float = 0.5
    slice_mm: float | None = None
    readout: Literal[0, 1, 2] = 1
    bandwidth_hz: float | None = None
    bipolar: bool = False
    partial_fourier: tuple[float, float, float] = (1.0, 1.0, 1.0)
    taper: float = 0.0
    motion: Motion | None = None
    coils: int = 1
    transmit: float = 0.0
    vendor: Vendor = "siemens"

    def __post_init__(self) -> None:
        _check_times(self)
        _check_sizes(self)
        _check_encoding(self)

    @property
    def grid(self) -> Grid:
        """Where the voxels are: the turned slab in the world."""
        return slab_grid(
            self.shape, self.voxel_size_mm, self.tilt_deg, self.turn_deg, self.centre_mm
        )

    @property
    def phase_axis(self) -> int:
        """Axis whose k-space lines are filled one after the other, the slow one."""
        return 1 if self.readout == 0 else 0

    def polarity(self, echo: int) -> int:
        """Return the direction, +1 or -1, in which an echo is read."""
        return -1 if self.bipolar and echo % 2 else 1


def slab_grid(
    shape: tuple[int, int, int],
    voxel_size_mm: tuple[float, float, float],
    tilt_deg: float,
    turn_deg: float,
    centre_mm: tuple[float, float, float],
) -> Grid:
    """Return where the voxels of a slab are: turned about its middle, see `Protocol`."""
    axes = _turn("z", turn_deg) @ _turn("x", tilt_deg)
    centred = Grid.from_voxel_size(shape, voxel_size_mm, axes)
    affine = np.array(centred.affine)
    affine[:3, 3] += centre_mm
    return Grid(shape, affine)


def check_visible(protocol: Protocol, diameter_mm: float) -> None:
    """Refuse a lesion that is smaller than a voxel.

    Parameters
    ----------
    protocol : Protocol
        The scan that is to show it.
    diameter_mm : float
        Diameter of the sphere of its source's volume, mm.

    Raises
    ------
    ValueError
        If the voxel has more volume than the sphere.
    """
    voxel = float(np.prod(protocol.voxel_size_mm))
    sphere = float(np.pi / 6.0 * diameter_mm**3)
    if not sphere >= voxel:
        least = (6.0 / np.pi * voxel) ** (1.0 / 3.0)
        raise ValueError(
            f"a lesion of {diameter_mm:g} mm ({sphere:.2f} mm3) is smaller than a voxel of "
            f"{protocol.name!r} ({voxel:.2f} mm3): at least {least:.2f} mm, or smaller voxels"
        )


def _check_times(p: Protocol) -> None:
    """Refuse echoes out of order, and readouts that do not fit between them."""
    if not p.te_s or not all(a < b for a, b in pairwise((0.0, *p.te_s, p.tr_s))):
        raise ValueError(
            f"echo times must be positive, increase and end before the repetition time "
            f"{p.tr_s} s, not {p.te_s}"
        )
    if p.bandwidth_hz is None:
        return
    if not p.bandwidth_hz > 0:
        raise ValueError(f"the bandwidth must be positive, not {p.bandwidth_hz} Hz")
    readout = 1.0 / p.bandwidth_hz
    ahead = (p.partial_fourier[p.readout] - 0.5) * readout
    room = min((b - a for a, b in pairwise(p.te_s)), default=np.inf)
    if p.te_s[0] < ahead or room < readout or p.tr_s - p.te_s[-1] < readout / 2.0:
        raise ValueError(
            f"a readout at {p.bandwidth_hz:g} Hz a voxel takes {1e3 * readout:.2f} ms, which does "
            f"not fit echoes at {p.te_s} s within {p.tr_s} s"
        )


def _check_sizes(p: Protocol) -> None:
    """Refuse impossible matrices, fields and angles."""
    if min(p.shape) < 2 or min(p.voxel_size_mm) <= 0:
        raise ValueError(f"impossible matrix {p.shape} of {p.voxel_size_mm} mm voxels")
    if not p.cell_mm > 0:
        raise ValueError(f"cells have a positive size, not {p.cell_mm} mm")
    if not (p.b0_tesla > 0 and p.snr > 0 and 0 < p.flip_deg <= 90):
        raise ValueError(
            f"field {p.b0_tesla} T and SNR {p.snr} must be positive and the flip angle "
            f"{p.flip_deg} within (0, 90] degrees"
        )
    if not (1 <= p.coils <= 128 and abs(p.transmit) <= 0.6):
        raise ValueError(
            f"1 to 128 coils and a transmit change within 0.6, not {p.coils}, {p.transmit}"
        )


def _check_encoding(p: Protocol) -> None:
    """Refuse impossible slices and shares of k-space."""
    if p.readout not in (0, 1, 2):
        raise ValueError(f"the readout runs along axis 0, 1 or 2, not {p.readout}")
    if not all(0.5 <= share <= 1.0 for share in p.partial_fourier):
        raise ValueError(f"shares of k-space lie within 0.5 and 1, not {p.partial_fourier}")
    if not 0.0 <= p.taper <= 1.0:
        raise ValueError(f"the taper of k-space lies within 0 and 1, not {p.taper}")
    if p.slice_mm is None:
        return
    if not 0 < p.slice_mm <= p.voxel_size_mm[2]:
        raise ValueError(
            f"slices of {p.slice_mm} mm do not fit middles {p.voxel_size_mm[2]} mm apart"
        )
    if p.readout == 2 or p.partial_fourier[2] != 1.0:
        raise ValueError("2-D slices have neither readout nor k-space along the last axis")


def _turn(axis: str, degrees: float) -> NDArray[np.float64]:
    """Return the rotation about a world axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    if axis == "x":
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
