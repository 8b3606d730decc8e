"""The way from one person's world to the template, fitted to what the labels mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.deform import Coordinates, Deformation, checked
from arteriole.phantom.anatomy.label_lattice import LabelLattice
from arteriole.phantom.anatomy.label_table import BRAIN, CEREBRUM, codes

Points = NDArray[np.float64]

LANDMARKS: tuple[tuple[tuple[str, ...], tuple[float, float, float]], ...] = (
    (("caudate",), (14.7, 7.8, 8.9)),
    (("putamen",), (27.3, 2.1, 1.1)),
    (("pallidum",), (20.5, -3.0, -1.2)),
    (("thalamus",), (11.5, -18.0, 6.0)),
    (("hippocampus",), (26.0, -22.0, -14.0)),
    (("amygdala",), (24.0, -4.0, -19.0)),
    (("accumbens",), (9.5, 11.5, -7.0)),
    (("cerebellar cortex", "cerebellar white matter"), (25.0, -61.5, -35.8)),
)
"""Names, and the centroid of the right one in the template: of the generated head's own nuclei and
hull where it has them, elsewhere of FreeSurfer's structures in MNI152 space, rounded."""

EXTENT = (((-67.0, 67.0)), ((-103.0, 69.0)), ((-43.0, 75.0)))
"""Where the cerebrum ends in the template along each axis."""

REACH_MM = 35.0
"""Width of the Gaussians that carry what the affine leaves over."""

STIFFNESS = 0.3
"""Ridge of the smooth part; 0 would meet every landmark."""


@dataclass(frozen=True, eq=False)
class LabelFrame:
    """World to template: back to the source map, then by what was fitted there."""

    change: Deformation
    fit: Deformation

    def to_template(
        self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32]
    ) -> Coordinates:
        """Return template coordinates of world coordinates (arrays that broadcast)."""
        return self.fit(*self.change(x, y, z))

    def to_world(self, points: Points) -> Points:
        """Return the world position of template points (n, 3)."""
        return self.change.inverse(self.fit.inverse(np.asarray(points, dtype=np.float64)))


def fit_frame(space: LabelLattice) -> Deformation:
    """Fit the way from the map's world to the template.

    Parameters
    ----------
    space : LabelLattice
        The person's labels.

    Returns
    -------
    Deformation
        An affine, by least squares over centroids of nuclei and the cerebrum's ends, and a smooth
        rest; one-to-one.

    Raises
    ------
    ValueError
        If fewer than four kinds of landmark are labelled, or the fit folds space.

    Notes
    -----
    The head must lie roughly along the world's axes, as after any scanner: sides are told by x.
    Centroids on the nine training maps end 1.2 to 2.1 mm (median) from their place, 3.4 mm at
    most but for one hippocampus (8.5 mm) that its map labels in part only.
    """
    world, template, use = _landmarks(space)
    matrix = _affine(world, template, use)
    for _ in range(3):
        w, t, u = _ends(space, matrix)
        world2, template2 = np.concatenate([world, w]), np.concatenate([template, t])
        use2 = np.concatenate([use, u])
        matrix = _affine(world2, template2, use2)
    rest = np.where(use2, template2 - (world2 @ matrix[:, :3].T + matrix[:, 3]), 0.0)
    shift, origin = _smooth(space, world2, rest)
    return checked(Deformation(matrix, shift, origin, 8.0))


def landmark_error(space: LabelLattice, fit: Deformation) -> NDArray[np.float64]:
    """Return how far (mm, in the template) each centroid lies from where it belongs."""
    world, template, _ = _landmarks(space)
    return np.asarray(np.linalg.norm(np.stack(fit(*world.T), axis=1) - template, axis=1))


def _landmarks(space: LabelLattice) -> tuple[Points, Points, NDArray[np.bool_]]:
    """Return centroids of both sides' structures, theirs in the template, and what counts."""
    middle = space.world(np.argwhere(np.isin(space.codes, codes(CEREBRUM)))).mean(axis=0)[0]
    world, template = [], []
    for names, (x, y, z) in LANDMARKS:
        at = space.world(np.argwhere(np.isin(space.codes, codes(names))))
        for sign in (-1.0, 1.0):
            side = at[(at[:, 0] - middle) * sign > 0]
            if len(side) > 20:
                world.append(side.mean(axis=0))
                template.append((sign * x, y, z))
    if len(world) < 8:
        raise ValueError(
            f"only {len(world)} of {2 * len(LANDMARKS)} landmarks are labelled; a head needs deep "
            "nuclei, hippocampus, amygdala and cerebellum on both sides to be placed"
        )
    return np.array(world), np.array(template), np.ones((len(world), 3), dtype=np.bool_)


def _ends(space: LabelLattice, matrix: Points) -> tuple[Points, Points, NDArray[np.bool_]]:
    """Return where the cerebrum ends along each axis of the template: one coordinate counts."""
    at = space.world(np.argwhere(np.isin(space.codes, codes(CEREBRUM)))[::7])
    there = at @ matrix[:, :3].T + matrix[:, 3]
    world, template, use = [], [], []
    for axis in range(3):
        low, high = np.quantile(there[:, axis], (0.0005, 0.9995))
        for side, found in enumerate((there[:, axis] <= low, there[:, axis] >= high)):
            world.append(at[found].mean(axis=0))
            template.append([EXTENT[axis][side] if a == axis else 0.0 for a in range(3)])
            use.append([a == axis for a in range(3)])
    return np.array(world), np.array(template), np.array(use)


def _affine(world: Points, template: Points, use: NDArray[np.bool_]) -> Points:
    """Return the affine (3, 4) by least squares over what counts."""
    rows = np.concatenate([world, np.ones((len(world), 1))], axis=1)
    return np.stack(
        [np.linalg.lstsq(rows[use[:, a]], template[use[:, a], a], rcond=None)[0] for a in range(3)]
    )


def _smooth(
    space: LabelLattice, world: Points, rest: Points
) -> tuple[NDArray[np.float32], tuple[float, float, float]]:
    """Return what is left over as a smooth shift on a lattice of 8 mm."""

    def near(a: Points, b: Points) -> NDArray[Any]:
        apart = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        return np.exp(-0.5 * apart / REACH_MM**2)

    weight = np.linalg.solve(near(world, world) + STIFFNESS * np.eye(len(world)), rest)
    brain = space.world(np.argwhere(np.isin(space.codes, codes(BRAIN)))[::50])
    low = brain.min(axis=0) - 70.0
    shape = np.ceil((brain.max(axis=0) + 70.0 - low) / 8.0).astype(int) + 1
    points = np.stack(np.meshgrid(*[8.0 * np.arange(n) for n in shape], indexing="ij"), axis=-1)
    shift = near(points.reshape(-1, 3) + low, world) @ weight
    values = np.moveaxis(shift.reshape(*shape, 3), -1, 0)
    origin = (float(low[0]), float(low[1]), float(low[2]))
    return np.ascontiguousarray(values, dtype=np.float32), origin
