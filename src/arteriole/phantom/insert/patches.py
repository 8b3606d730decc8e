"""Training patches at speed: crops of full simulations, each with one thing put into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.insert.background import Background
from arteriole.phantom.insert.cluster import sphere_cluster
from arteriole.phantom.insert.echo_factor import EchoFactor, echo_factor
from arteriole.phantom.insert.patch_filter import highpass_patch
from arteriole.phantom.insert.source import FieldSource, cluster_source, signal_ratio, tube_source
from arteriole.phantom.scanner.dipole_field import Size3
from arteriole.phantom.scanner.signal import steady_state
from arteriole.phantom.scanner.vendor_swi import phase_mask
from arteriole.phantom.tissue import TISSUES

Channel = Literal["magnitude", "first magnitude", "phase", "highpass", "swi"]
PatchKind = Literal["none", "microbleed", "calcification", "vein", "flow void"]
Range = tuple[float, float]

_FILLING: dict[PatchKind, int] = {
    "microbleed": tissue.MICROBLEED,
    "calcification": tissue.CALCIFICATION,
    "vein": tissue.VEIN,
    "flow void": tissue.FLOW_VOID,
}


@dataclass(frozen=True, eq=False)
class Patch:
    """One patch with its truth.

    Parameters
    ----------
    channels : ndarray, float32, (c, n, n, n)
        Magnitudes over the background's median in the brain, phases in rad, SWI like magnitude.
    chi_ppm : ndarray, float32, (n, n, n)
        True susceptibility, not an inversion.
    cover : ndarray, float32, (n, n, n)
        Fraction of each voxel in what was put in.
    kind : str
        One of `PatchKind`.
    centre_voxel : tuple of 3 float
        Where it is; of a vein or flow void, the point that was aimed at.
    diameter_mm, source_ppm : float
        Size (of a cluster: of the sphere of its volume) and susceptibility against water of what
        was put in; 0 for none.
    voxel_size_mm, b0_direction : tuple of 3 float
        Of the patch as it lies.
    te_s : tuple of float
        Echo times of the background that were used, s.
    b0_tesla, snr : float
        As drawn.
    """

    channels: NDArray[np.float32]
    chi_ppm: NDArray[np.float32]
    cover: NDArray[np.float32]
    kind: PatchKind
    centre_voxel: Size3
    diameter_mm: float
    source_ppm: float
    voxel_size_mm: Size3
    b0_direction: Size3
    te_s: tuple[float, ...]
    b0_tesla: float
    snr: float


@dataclass(frozen=True)
class PatchChoice:
    """What patches are drawn from.

    Parameters
    ----------
    size : int
        Voxels along each side.
    channels : tuple of str
        Which images: magnitude (last echo, or first), wrapped or high-passed phase and SWI of the
        last echo.
    kinds : tuple of (str, float)
        How often each thing is put in.
    te_scale, b0_scale : tuple of 2 float
        Echo times and field are the background's times a draw from here.
    snr : tuple of 2 float
        White matter over noise at the background's first echo.
    diameter_mm, chi_ppm : tuple of 2 float
        Of microbleeds and calcifications, drawn evenly on a log scale; calcifications get the
        negative of chi.
    vessel_mm, vein_ppm : tuple of 2 float
        Diameter of veins and flow voids, and chi of veins.
    bend_per_mm : float
        Largest curvature of vessels.
    irregular : float
        Share of the microbleeds that are clusters of spheres, not balls.
    highpass_mm : float
        Wavelength above which phase is filtered out.

    Raises
    ------
    ValueError
        For unknown channels or kinds, empty or reversed ranges.
    """

    size: int = 32
    channels: tuple[Channel, ...] = ("magnitude", "highpass", "swi")
    kinds: tuple[tuple[PatchKind, float], ...] = (
        ("none", 0.25),
        ("microbleed", 0.3),
        ("calcification", 0.15),
        ("vein", 0.2),
        ("flow void", 0.1),
    )
    te_scale: Range = (0.8, 1.25)
    b0_scale: Range = (0.95, 1.05)
    snr: Range = (20.0, 90.0)
    diameter_mm: Range = (1.0, 6.0)
    chi_ppm: Range = (0.4, 3.0)
    vessel_mm: Range = (0.4, 2.5)
    vein_ppm: Range = (0.2, 0.5)
    bend_per_mm: float = 0.03
    irregular: float = 0.5
    highpass_mm: float = 8.0

    def __post_init__(self) -> None:
        named: set[str] = {*self.channels, *(kind for kind, _ in self.kinds)}
        unknown = named - {*get_args(Channel), *get_args(PatchKind)}
        if unknown or not self.channels or not self.kinds:
            raise ValueError(f"no channel or kind is called {sorted(unknown)}")
        if self.size < 8 or min(weight for _, weight in self.kinds) < 0:
            raise ValueError(f"patches have 8 voxels or more, not {self.size}, and weights >= 0")
        if not 0 <= self.irregular <= 1:
            raise ValueError(f"irregular is a share, not {self.irregular}")
        names = ("te_scale", "b0_scale", "snr", "diameter_mm", "chi_ppm", "vessel_mm", "vein_ppm")
        for name in names:
            low, high = getattr(self, name)
            if not 0 < low <= high:
                raise ValueError(f"{name} is a range of positive numbers, not {(low, high)}")


class PatchMaker:
    """Draws patches from a bank of backgrounds.

    Parameters
    ----------
    backgrounds : sequence of Background
        Full simulations without lesions and noise, each at least a patch wide.
    choice : PatchChoice, optional
        What is drawn.
    cell_mm, least_cells, split : float, int, int
        See `echo_factor`.

    Raises
    ------
    ValueError
        If there is no background, or one is smaller than a patch.

    Notes
    -----
    No field of the head is computed. The stated approximation: the complex crop is multiplied by
    `echo_factor`, as if the tissue around were even; its signal ratio is that against white
    matter; a change of echo time or field turns the background's phase by its own mean field and
    decay, and leaves its dephasing as it was simulated; phase is high-passed within the patch.
    How far that is from the full simulation is in ``benchmarks/patch_mode.csv``.

    One call of `draw` uses little of two threads: run one process a core, numba with one thread,
    each with a generator of its own (``np.random.Generator(np.random.SFC64(seed))`` is quick).
    """

    def __init__(
        self,
        backgrounds: Sequence[Background],
        choice: PatchChoice | None = None,
        *,
        cell_mm: float = 0.5,
        least_cells: int = 3,
        split: int = 2,
    ) -> None:
        self.choice = choice or PatchChoice()
        self.backgrounds = tuple(backgrounds)
        self.cell_mm, self.least_cells, self.split = cell_mm, least_cells, split
        if not self.backgrounds:
            raise ValueError("patches need at least one background")
        for one in self.backgrounds:
            if min(one.mask.shape) < self.choice.size:
                raise ValueError(
                    f"a background of {one.mask.shape} is smaller than a patch of "
                    f"{self.choice.size}"
                )
        self._inside = [np.flatnonzero(one.mask) for one in self.backgrounds]
        self._level = [
            np.array([np.median(np.abs(echo[one.mask])) for echo in one.echoes])
            for one in self.backgrounds
        ]

    def draw(self, rng: np.random.Generator, kind: PatchKind | None = None) -> Patch:
        """Draw one patch, of a given kind or of any."""
        names = [name for name, _ in self.choice.kinds]
        odds = np.array([weight for _, weight in self.choice.kinds])
        drawn = names[int(rng.choice(len(names), p=odds / odds.sum()))]
        kind = drawn if kind is None else kind
        which = int(rng.integers(len(self.backgrounds)))
        view = _View.drawn(self.backgrounds[which], self._inside[which], self.choice.size, rng)
        stretch = (rng.uniform(*self.choice.te_scale), rng.uniform(*self.choice.b0_scale))
        snr = _log_uniform(rng, self.choice.snr)
        level = self._level[which]
        echoes, te_s, used = view.echoes(stretch, first="first magnitude" in self.choice.channels)
        b0 = view.background.b0_tesla * stretch[1]
        chi = view.cut(view.background.chi_ppm)
        cover = np.zeros(chi.shape, dtype=np.float32)
        diameter = source_ppm = 0.0
        if kind != "none":
            source, diameter, source_ppm = self._source(kind, view, te_s, b0, rng)
            found = self._factor(source, view, te_s, b0)
            echoes[(slice(None), *found.box)] *= found.factor
            cover[found.box] = found.cover
            chi += cover * (np.float32(source_ppm) - chi)
        sigma = np.float32(level[0] / snr)
        noise = rng.standard_normal((*echoes.shape, 2), dtype=np.float32)
        noise *= sigma
        echoes += noise.view(np.complex64)[..., 0]
        return Patch(
            self._channels(echoes, level[used], view.voxel_size_mm),
            chi,
            cover,
            kind,
            view.centre,
            diameter,
            source_ppm,
            view.voxel_size_mm,
            view.b0_direction,
            te_s,
            b0,
            snr,
        )

    def _factor(
        self, source: FieldSource, view: _View, te_s: tuple[float, ...], b0_tesla: float
    ) -> EchoFactor:
        n = self.choice.size
        return echo_factor(
            source,
            (n, n, n),
            voxel_size_mm=view.voxel_size_mm,
            b0_direction=view.b0_direction,
            te_s=te_s,
            b0_tesla=b0_tesla,
            cell_mm=self.cell_mm,
            least_cells=self.least_cells,
            split=self.split,
            margin=n,
        )

    def _source(
        self,
        kind: PatchKind,
        view: _View,
        te_s: tuple[float, ...],
        b0_tesla: float,
        rng: np.random.Generator,
    ) -> tuple[FieldSource, float, float]:
        """Return what is put in, its diameter (mm) and its chi against water (ppm)."""
        choice, one = self.choice, view.background
        filling, white = TISSUES[_FILLING[kind]], TISSUES[tissue.WHITE]
        steady = [
            float(steady_state(t.density, t.t1_s, tr_s=one.tr_s, flip_deg=one.flip_deg))
            for t in (filling, white)
        ]
        ratio = signal_ratio(filling, te_s=te_s, b0_tesla=b0_tesla, start=steady[0] / steady[1])
        around = view.chi_at_centre()
        if kind in ("microbleed", "calcification"):
            diameter = _log_uniform(rng, choice.diameter_mm)
            chi = _log_uniform(rng, choice.chi_ppm) * (1 if kind == "microbleed" else -1)
            spheres = np.array([[0.0, 0.0, 0.0, diameter / 2.0]])
            if kind == "microbleed" and rng.uniform() < choice.irregular:
                spheres = sphere_cluster(rng, diameter_mm=diameter)
            ball = cluster_source(
                view.centre,
                spheres,
                contrast_ppm=chi - around,
                ratio=ratio,
                voxel_size_mm=view.voxel_size_mm,
            )
            return ball, diameter, chi
        diameter = _log_uniform(rng, choice.vessel_mm)
        chi = rng.uniform(*choice.vein_ppm) if kind == "vein" else filling.chi_ppm
        line = _bent_line(view, choice.bend_per_mm, rng)
        tube = tube_source(line, radius_mm=diameter / 2.0, contrast_ppm=chi - around, ratio=ratio)
        return tube, diameter, float(chi)

    def _channels(
        self, echoes: NDArray[np.complex64], level: NDArray[np.float64], size_mm: Size3
    ) -> NDArray[np.float32]:
        """Return the images that were asked for."""
        wanted, last = self.choice.channels, echoes[-1]
        magnitude = np.abs(last) / np.float32(level[-1])
        local = None
        if "highpass" in wanted or "swi" in wanted:
            local = highpass_patch(last, voxel_size_mm=size_mm, highpass_mm=self.choice.highpass_mm)
        images = []
        for name in wanted:
            if name == "magnitude":
                images.append(magnitude)
            elif name == "first magnitude":
                images.append(np.abs(echoes[0]) / np.float32(level[0]))
            elif name == "phase":
                images.append(np.angle(last))
            elif local is not None:
                images.append(local if name == "highpass" else magnitude * phase_mask(local))
        return np.stack(images).astype(np.float32, copy=False)


@dataclass(frozen=True, eq=False)
class _View:
    """A crop of a background, with axes of equal voxels exchanged and some turned round."""

    background: Background
    start: tuple[int, int, int]
    size: int
    order: tuple[int, int, int]
    turned: tuple[bool, bool, bool]
    centre: Size3

    @classmethod
    def drawn(
        cls, one: Background, inside: NDArray[np.int64], size: int, rng: np.random.Generator
    ) -> _View:
        """Draw a place in the brain, its place in the patch, an order of axes, and flips."""
        voxel = np.unravel_index(int(inside[rng.integers(len(inside))]), one.mask.shape)
        at = np.asarray(voxel) + rng.uniform(-0.5, 0.5, 3)
        away = rng.integers(size // 4, size - size // 4, 3)
        start = np.clip(np.asarray(voxel) - away, 0, np.subtract(one.mask.shape, size))
        turned = rng.integers(0, 2, 3).astype(bool)
        order = np.arange(3)
        a, b = rng.permutation(3)[:2]
        if abs(one.voxel_size_mm[a] - one.voxel_size_mm[b]) < 1e-3:
            order[[a, b]] = order[[b, a]]
        own = (at - start)[order]
        own = np.where(turned, size - 1 - own, own)
        return cls(
            one,
            (int(start[0]), int(start[1]), int(start[2])),
            size,
            (int(order[0]), int(order[1]), int(order[2])),
            (bool(turned[0]), bool(turned[1]), bool(turned[2])),
            (float(own[0]), float(own[1]), float(own[2])),
        )

    @property
    def voxel_size_mm(self) -> Size3:
        """Voxel sizes as the patch lies."""
        a, b, c = (self.background.voxel_size_mm[o] for o in self.order)
        return a, b, c

    @property
    def b0_direction(self) -> Size3:
        """Main field in the patch's axes."""
        a, b, c = (
            -self.background.b0_direction[o] if turned else self.background.b0_direction[o]
            for o, turned in zip(self.order, self.turned, strict=True)
        )
        return a, b, c

    def cut(self, volume: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the crop of a volume as the patch lies, a copy."""
        return np.array(self._laid(volume), dtype=np.float32, order="C")

    def _laid(self, volume: NDArray[np.generic]) -> NDArray[np.generic]:
        part = volume[tuple(slice(s, s + self.size) for s in self.start)].transpose(self.order)
        return part[tuple(slice(None, None, -1 if t else 1) for t in self.turned)]

    def echoes(
        self, stretch: Range, *, first: bool
    ) -> tuple[NDArray[np.complex64], tuple[float, ...], list[int]]:
        """Return the used echoes at stretched times and field, the times, and which they are."""
        one = self.background
        used = [0, len(one.te_s) - 1] if first and len(one.te_s) > 1 else [len(one.te_s) - 1]
        field, decay = self.cut(one.total_field_hz), self.cut(one.r2star_hz)
        out = np.empty((len(used), *field.shape), dtype=np.complex64)
        for row, e in enumerate(used):
            more = np.float32(one.te_s[e] * (stretch[0] * stretch[1] - 1.0))
            angle = np.float32(2.0 * np.pi * more) * field
            change = np.empty(field.shape, dtype=np.complex64)
            # Real functions: numpy has no vectors for the complex exponential.
            np.cos(angle, out=change.real)
            np.sin(angle, out=change.imag)
            change *= np.exp(-more * decay)
            np.multiply(self._laid(one.echoes[e]), change, out=out[row])
        return out, tuple(one.te_s[e] * stretch[0] for e in used), used

    def chi_at_centre(self) -> float:
        """Return the background's susceptibility where something is put."""
        at = np.clip(np.rint(self.centre).astype(int), 0, self.size - 1)
        return float(self._laid(self.background.chi_ppm)[tuple(at)])


def _bent_line(view: _View, bend_per_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return points of a parabola through the aimed-at point, from end to end of the patch."""
    along = rng.standard_normal(3)
    along /= np.linalg.norm(along)
    across = np.cross(along, rng.standard_normal(3))
    across /= np.linalg.norm(across)
    reach = view.size * float(np.linalg.norm(view.voxel_size_mm))
    t = np.linspace(-reach, reach, 13)
    bend = rng.uniform(0.0, bend_per_mm)
    line = t[:, None] * along + 0.5 * bend * (t**2)[:, None] * across
    middle = np.asarray(view.centre) * view.voxel_size_mm
    return np.asarray(line + middle, dtype=np.float32)


def _log_uniform(rng: np.random.Generator, ends: Range) -> float:
    return float(np.exp(rng.uniform(np.log(ends[0]), np.log(ends[1]))))
