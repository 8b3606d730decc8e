"""A head from a label map: real anatomy, deformed and aged by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.anatomy import label_additions as add
from arteriole.phantom.anatomy.ageing import ageing_shift, receding
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.deform import (
    Deformation,
    checked,
    deformed,
    draw_affine,
    draw_elastic,
)
from arteriole.phantom.anatomy.label_divisions import label_divisions
from arteriole.phantom.anatomy.label_frame import LabelFrame, fit_frame
from arteriole.phantom.anatomy.label_lattice import LabelLattice, lay_out
from arteriole.phantom.anatomy.label_solids import BRAIN_ROWS, SURROUNDING_ROWS, Solids
from arteriole.phantom.anatomy.label_table import named
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.anatomy.tracts import tracts
from arteriole.phantom.anatomy.trunk import trunk
from arteriole.phantom.streams import stream

SHIFT_MM = 3.0
"""Distance between the points at which a change of shape is known."""

ELASTIC_WAVELENGTH_MM = 75.0
"""Size of elastic changes of shape."""


def label_map_anatomy(
    labels: NDArray[np.int32],
    grid: Grid,
    *,
    seed: int,
    atrophy: float = 0.0,
    elastic_mm: float = 1.5,
    affine: float = 0.03,
    spacing_mm: float = 1.0,
    extra: Mapping[int, str] | None = None,
) -> Anatomy:
    """Return the solids of the head that a label map shows, in another shape.

    Parameters
    ----------
    labels : ndarray, int32, (x, y, z)
        FreeSurfer's labels, and those of whole-head maps (`label_table`); 0 is air.
    grid : Grid
        Where the voxels are; any axis order, flip, anisotropy and obliqueness. The patient lies
        roughly along the world's axes.
    seed : int
        Decides everything that is random: change of shape, sheets of fat, iron gradients.
    atrophy : float
        From 0 (as labelled) to 1: ventricles up to twice as large, sulci wider by about
        1.8 mm, hippocampus smaller by a quarter.
    elastic_mm : float
        Standard deviation of smooth shifts, mm, in [0, 4].
    affine : float
        Standard deviation of size and, by half, of each axis' length and of shears, in [0, 0.1].
    spacing_mm : float
        Distance between the points at which surfaces are known, in [0.5, 3].
    extra : mapping of int to str, optional
        What further labels are: names of `label_table.NAMES`.

    Returns
    -------
    Anatomy
        With the names of a generated one, as far as the map holds them, and ``"venous sinuses"``,
        ``"arteries"``, ``"spinal cord"``, ``"mucosa"`` where it marks them. ``frame`` leads to the
        template that generated heads are written in.

    Raises
    ------
    ValueError
        For labels that are not known, a map without skull and scalp or without the nuclei that
        place it, values out of range, or a change of shape that would fold tissue.

    Notes
    -----
    Labels become smooth signed distances, compared so that the picture painted from them is the
    map (`label_solids`). Lesions of white matter (labels 25, 57, 77 to 79) become white matter.
    A map that was cut at the neck goes on downwards with what its last slices show, and one cut
    at the vertex is closed by a dome; a nose cut by the edge of the map stays cut.
    On the nine training maps at 1 mm, undeformed, visible volumes are those of the labels within
    0.1 % (white matter), 1.2 % (cortex), 0.4 % (lateral ventricles), 1.5 % (caudate, putamen,
    pallidum, thalamus, hippocampus, amygdala), 4 % (accumbens), 8 % (optic nerve, eye muscles);
    bone loses up to 10 %, mostly to the dura that is drawn on its inside.
    """
    _check(labels, grid, atrophy, elastic_mm, affine, spacing_mm)
    marked, fill = named(labels, extra={} if extra is None else extra)
    space = lay_out(marked, grid, fill=fill)
    if not space.whole_head:
        raise ValueError(
            "this label map holds a brain without skull and scalp, whose field would be that of "
            "a brain in air; give a whole-head map (with labels for bone, soft tissue and skin)"
        )
    fit = fit_frame(space)
    change = _change(space, seed, atrophy, elastic_mm, affine)
    solids, brain = _solids(space, fit, seed, atrophy)
    moved = [_moved(s, change, spacing_mm) for s in solids]
    frame = LabelFrame(change, fit)
    at = [s.name for s in moved].index("white matter") + 1
    moved[at:at] = tracts(frame, moved[at - 1])
    return Anatomy(
        tuple(s.cropped() for s in moved),
        _moved(brain, change, spacing_mm),
        _trunk(frame),
        frame,
        tuple(_moved(s, change, spacing_mm) for s in label_divisions(labels, grid, space)),
    )


def _check(
    labels: NDArray[np.int32],
    grid: Grid,
    atrophy: float,
    elastic_mm: float,
    affine: float,
    spacing_mm: float,
) -> None:
    if labels.shape != grid.shape:
        raise ValueError(f"labels have shape {labels.shape}, the grid {grid.shape}")
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels are whole numbers, not {labels.dtype}")
    if not 0.0 <= atrophy <= 1.0:
        raise ValueError(f"atrophy lies in [0, 1], not {atrophy}")
    if not 0.0 <= elastic_mm <= 4.0:
        raise ValueError(f"elastic shifts lie in [0, 4] mm, not {elastic_mm}")
    if not 0.0 <= affine <= 0.1:
        raise ValueError(f"affine changes lie in [0, 0.1], not {affine}")
    if not 0.5 <= spacing_mm <= 3.0:
        raise ValueError(f"surfaces are known every 0.5 to 3 mm, not {spacing_mm}")


def _change(
    space: LabelLattice, seed: int, atrophy: float, elastic_mm: float, affine: float
) -> Deformation:
    """Draw the way from the new head's world to the map's."""
    size = np.asarray(space.codes.shape) * space.spacing_mm
    middle = np.asarray(space.origin_mm) + 0.5 * size
    draw = stream(seed, "label map affine")
    matrix = draw_affine(draw, scale=affine, shear=0.5 * affine, centre_mm=middle)
    low = middle - 0.6 * size
    shape = np.ceil(1.2 * size / SHIFT_MM).astype(int) + 1
    axes = [
        (a + SHIFT_MM * np.arange(n)).astype(np.float32) for a, n in zip(low, shape, strict=True)
    ]
    x, y, z = np.ix_(*axes)
    origin = (float(low[0]), float(low[1]), float(low[2]))
    shift = np.zeros((3, *shape), dtype=np.float32)
    if elastic_mm > 0:
        shift += draw_elastic(
            stream(seed, "label map elastic"),
            (x, y, z),
            amplitude_mm=elastic_mm,
            wavelength_mm=ELASTIC_WAVELENGTH_MM,
        )
    change = Deformation(matrix, shift, origin, SHIFT_MM)
    if atrophy > 0:
        shift += _Aged(space, atrophy)(*change(x, y, z))
    return checked(replace(change, shift_mm=shift))


class _Aged:
    """Shift (mm) of an aged head, sampled anywhere in the map's world."""

    def __init__(self, space: LabelLattice, atrophy: float) -> None:
        step = max(1, round(2.0 / space.spacing_mm))
        self.spacing_mm = step * space.spacing_mm
        self.origin_mm = space.world(np.full(3, 0.5 * (step - 1)))
        hollow = ("lateral ventricles", "third ventricle", "fourth ventricle", "choroid plexus")
        shares = [_share(space.mask(names), step) for names in (hollow, ("hippocampus",))]
        self.shift = ageing_shift(shares[0], shares[1], self.spacing_mm, atrophy=atrophy)

    def __call__(
        self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        at = [(c - o) / self.spacing_mm for c, o in zip((x, y, z), self.origin_mm, strict=True)]
        return np.stack(
            [scipy.ndimage.map_coordinates(s, at, order=1, output=np.float32) for s in self.shift]
        )


def _share(mask: NDArray[np.bool_], step: int) -> NDArray[np.float32]:
    """Return the share of a mask in blocks of ``step`` voxels."""
    n = [m // step * step for m in mask.shape]
    blocks = mask[: n[0], : n[1], : n[2]].reshape(
        n[0] // step, step, n[1] // step, step, n[2] // step, step
    )
    return np.asarray(blocks.mean(axis=(1, 3, 5)), dtype=np.float32)


def _solids(
    space: LabelLattice, fit: Deformation, seed: int, atrophy: float
) -> tuple[list[Structure], Structure]:
    """Return solids in the map's own shape, in the order of painting, and the brain's mask."""
    solids = Solids(space)
    still = LabelFrame(_identity(), fit)
    head = solids.whole(coarse=2)
    fat, lenses = add.orbits(solids.distance(("eyes",)), still)
    made = add.layers(head, still, stream(seed, "label map layers"))
    made += add.joined(fat)
    for row in SURROUNDING_ROWS:
        made += solids.make(row)
    made += solids.meninges()
    for row in BRAIN_ROWS:
        made += solids.make(row)
    names = [s.name for s in made]
    made[names.index("dura") : names.index("dura")] = add.joined(lenses)
    stem, white = (
        next((s for s in made if s.name == n), None)
        for n in ("brainstem", "cerebellar white matter")
    )
    at = [s.name for s in made].index("lateral ventricles")
    made[at:at] = add.iron_nuclei(stem, white, still, nigra="substantia nigra" not in names)
    if atrophy > 0:
        made = _receded(made, space, stream(seed, "label map sulci"), atrophy)
    return add.with_iron_gradient(made, stream(seed, "label map iron")), solids.brain()


def _receded(
    made: list[Structure], space: LabelLattice, rng: np.random.Generator, atrophy: float
) -> list[Structure]:
    """Let cortex recede from fluid, and white matter half as far where fluid is near."""
    surface = next(s for s in made if s.name == "cortex")
    white = next(s for s in made if s.name == "white matter")
    away = receding(rng, surface.points(), atrophy=atrophy)
    start = np.rint((np.asarray(white.origin_mm) - surface.origin_mm) / space.spacing_mm)
    box = tuple(slice(a, a + n) for a, n in zip(start.astype(int), white.level.shape, strict=True))
    near = np.clip((7.0 - surface.level[box]) / 3.0, 0.0, 1.0)
    less = {
        "cortex": away,
        "white matter": (np.float32(0.5) * away[box] * near).astype(np.float32),
    }
    return [replace(s, level=s.level - less[s.name]) if s.name in less else s for s in made]


def _identity() -> Deformation:
    return Deformation(np.eye(3, 4), np.zeros((3, 2, 2, 2), np.float32), (0.0, 0.0, 0.0), 1.0)


def _moved(solid: Structure, change: Deformation, spacing_mm: float) -> Structure:
    """Return a solid in the new shape, on a lattice of the spacing asked for."""
    coarse = spacing_mm * max(1.0, round(solid.spacing_mm / spacing_mm))
    same = np.array_equal(change.matrix, np.eye(3, 4)) and not change.shift_mm.any()
    if same and abs(coarse - solid.spacing_mm) < 1e-6:
        return solid
    return deformed(solid, change, coarse)


def _trunk(frame: LabelFrame) -> Structure:
    """Return neck and shoulders, moved under this head."""
    below = trunk()
    neck = np.array([[0.0, -34.0, -60.0]])
    move = (frame.to_world(neck) - neck)[0]
    o = np.asarray(below.origin_mm) + move
    return replace(below, origin_mm=(float(o[0]), float(o[1]), float(o[2])))
