"""What the scanner is told to do for a T1-, T2- or fluid-attenuated image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from arteriole.grid import Grid
from arteriole.phantom.scanner.sequence import slab_grid

Sequence = Literal["spin echo", "inversion spin echo", "prepared gradient echo"]
WeightedKind = Literal["T1w", "T2w", "FLAIR"]


@dataclass(frozen=True)
class WeightedProtocol:
    """What the scanner is told to do.

    Parameters
    ----------
    name : str
        What the protocol is called.
    kind : {"T1w", "T2w", "FLAIR"}
        BIDS suffix of its image.
    sequence : {"spin echo", "inversion spin echo", "prepared gradient echo"}
        Signal equation (`arteriole.phantom.scanner.contrast`).
    shape : tuple of 3 int
        Voxels along each axis of the slab.
    voxel_size_mm : tuple of 3 float
        Voxel size, mm; for 2-D slices the last is the distance between their middles.
    tr_s, te_s : float
        Repetition time (from one inversion to the next where there is one) and (effective) echo
        time, s.
    ti_s : float, optional
        Inversion time, s: to the excitation, or to the middle of a train of gradient echoes.
    train_s : float
        Length of the train of spin echoes, s.
    flip_deg : float
        Flip angle, degrees; of gradient echoes only.
    pulses, spacing_s : int, float
        Gradient echoes in a train, and seconds between them.
    b0_tesla : float
        Main field, T.
    tilt_deg, turn_deg, centre_mm
        As for `Protocol`.
    snr : float
        Magnitude of white matter over the noise's standard deviation per channel, in the middle
        of the head, before the taper.
    slice_mm : float, optional
        Thickness of slices that are excited one by one along the last axis; the rest of the voxel
        is the gap. None encodes the last axis by phase (3-D).
    taper : float
        As for `Protocol`, against ringing.
    bias : float
        How uneven the receive coil is: 1 as it comes from the scanner, 0 corrected.
    flow : float
        How much of the fluid's signal flow changes where it flows fastest: fluid that was not
        inverted is bright in FLAIR, fluid that left the slice is dark in T2.
    fat : float
        Share of the fat's signal that is read: near 0 with fat suppression.
    cell_mm : float
        Largest size of the cells that the simulation computes on.

    Raises
    ------
    ValueError
        For what no scanner can do: times out of order, sizes, fields or angles out of range.
    """

    name: str
    kind: WeightedKind
    sequence: Sequence
    shape: tuple[int, int, int]
    voxel_size_mm: tuple[float, float, float]
    tr_s: float
    te_s: float
    ti_s: float | None = None
    train_s: float = 0.0
    flip_deg: float = 90.0
    pulses: int = 1
    spacing_s: float = 0.0
    b0_tesla: float = 3.0
    tilt_deg: float = 0.0
    turn_deg: float = 0.0
    centre_mm: tuple[float, float, float] = (0.0, -12.0, 6.0)
    snr: float = 40.0
    slice_mm: float | None = None
    taper: float = 0.0
    bias: float = 1.0
    flow: float = 0.0
    fat: float = 1.0
    cell_mm: float = 0.5

    def __post_init__(self) -> None:
        _check_times(self)
        _check_sizes(self)

    @property
    def grid(self) -> Grid:
        """Where the voxels are: the turned slab in the world."""
        return slab_grid(
            self.shape, self.voxel_size_mm, self.tilt_deg, self.turn_deg, self.centre_mm
        )


def _check_times(p: WeightedProtocol) -> None:
    """Refuse times that do not fit into each other."""
    if not 0.0 <= p.te_s < p.tr_s or p.train_s < 0.0:
        raise ValueError(
            f"an echo comes after the excitation and within the repetition time {p.tr_s} s, "
            f"not at {p.te_s} s with a train of {p.train_s} s"
        )
    if p.sequence == "spin echo":
        if p.train_s >= p.tr_s:
            raise ValueError(f"a train of {p.train_s} s does not fit {p.tr_s} s")
        return
    if p.ti_s is None:
        raise ValueError(f"{p.sequence} needs an inversion time")
    half = 0.5 * p.pulses * p.spacing_s
    ahead, behind = p.ti_s - half, p.tr_s - p.ti_s - half - p.train_s
    if p.sequence == "inversion spin echo":
        ahead = p.ti_s
    if ahead <= 0.0 or behind <= 0.0:
        raise ValueError(
            f"an inversion time of {p.ti_s} s leaves {ahead:.3g} s before and {behind:.3g} s "
            f"after what is read in a repetition time of {p.tr_s} s"
        )


def _check_sizes(p: WeightedProtocol) -> None:
    """Refuse impossible matrices, fields, angles and shares."""
    if min(p.shape) < 2 or min(p.voxel_size_mm) <= 0:
        raise ValueError(f"impossible matrix {p.shape} of {p.voxel_size_mm} mm voxels")
    if not (p.cell_mm > 0 and p.b0_tesla > 0 and p.snr > 0 and 0 < p.flip_deg <= 90):
        raise ValueError(
            f"cells of {p.cell_mm} mm, field {p.b0_tesla} T and SNR {p.snr} must be positive and "
            f"the flip angle {p.flip_deg} within (0, 90] degrees"
        )
    if p.slice_mm is not None and not 0 < p.slice_mm <= p.voxel_size_mm[2]:
        raise ValueError(
            f"slices of {p.slice_mm} mm do not fit middles {p.voxel_size_mm[2]} mm apart"
        )
    shares = (p.taper, p.flow, p.fat)
    if not (all(0.0 <= share <= 1.0 for share in shares) and 0.0 <= p.bias <= 3.0):
        raise ValueError(
            f"taper, flow and fat lie in [0, 1] and the bias in [0, 3], not {shares}, {p.bias}"
        )
