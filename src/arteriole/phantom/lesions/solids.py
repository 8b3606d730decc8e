"""Small irregular solids, and what they hold once painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.shapes import ellipsoid
from arteriole.phantom.anatomy.structure import Size3, Structure
from arteriole.phantom.random_field import gaussian_field


def blob(
    tissue: int,
    centre_mm: Size3,
    radii_mm: Size3,
    *,
    name: str = "lesion",
    rng: np.random.Generator | None = None,
    rough: float = 0.0,
    edge_mm: float = 0.3,
    chi_ppm: float | None = None,
) -> Structure:
    """Return an ellipsoid, turned and dented at random if there is an ``rng``.

    Parameters
    ----------
    tissue : int
        Row of `TISSUES` that fills it.
    centre_mm : tuple of 3 float
        World position, mm.
    radii_mm : tuple of 3 float
        Half axes, mm.
    name : str
        What it is.
    rng : numpy.random.Generator, optional
        Turns and dents it.
    rough : float
        Depth of the dents (standard deviation) against its smallest half axis.
    edge_mm : float
        Width of its edge, mm.
    chi_ppm : float, optional
        Susceptibility against water, its tissue's unless given.

    Returns
    -------
    Structure
        Known about every sixth of its smallest half axis, at least every millimetre.
    """
    small, large = min(radii_mm), max(radii_mm)
    spacing = float(np.clip(small / 6.0, 0.1, 1.0))
    reach = large + 0.5 * edge_mm + 3.0 * rough * small
    cells = int(np.ceil(reach / spacing)) + 2
    along = (spacing * np.arange(-cells, cells + 1)).astype(np.float32)
    x, y, z = np.meshgrid(along, along, along, indexing="ij")
    bumps: NDArray[np.float32] | float = 0.0
    if rng is not None:
        turn = random_axes(rng).astype(np.float32)
        bumps = gaussian_field(rng, 1.6 * small, bandwidth=0.5, size=32).at(x, y, z)
        x, y, z = (turn[0, a] * x + turn[1, a] * y + turn[2, a] * z for a in range(3))
    level = ellipsoid(x, y, z, (0.0, 0.0, 0.0), radii_mm) + np.float32(rough * small) * bumps
    low = [c - cells * spacing for c in centre_mm]
    return Structure(
        name,
        tissue,
        np.ascontiguousarray(level, dtype=np.float32),
        (low[0], low[1], low[2]),
        spacing,
        chi_ppm=chi_ppm,
        edge_mm=edge_mm,
    )


def random_axes(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random rotation (3, 3)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return np.asarray(q if np.linalg.det(q) > 0 else -q)


def painted_volume_mm3(solid: Structure) -> float:
    """Return the volume (mm3) that a solid replaces, its soft edge and strength included."""
    return float(_share(solid).sum(dtype=np.float64)) * solid.spacing_mm**3


def painted_moment_ppm_mm3(solids: tuple[Structure, ...]) -> float:
    """Return chi times volume (ppm mm3) of solids that replace each other in order.

    Each solid must have a chi of its own. What lies around all of them counts as water.
    """
    fine = max(min(s.spacing_mm for s in solids), 0.25)
    low = np.min([s.origin_mm for s in solids], axis=0)
    high = np.max([np.add(s.origin_mm, _span(s)) for s in solids], axis=0)
    x, y, z = (np.arange(a, b + fine, fine) for a, b in zip(low, high, strict=True))
    total = 0.0
    for across in x:
        rows = np.stack([g.ravel() for g in np.meshgrid([across], y, z, indexing="ij")], axis=1)
        chi = np.zeros(len(rows), dtype=np.float64)
        for solid in solids:
            if solid.chi_ppm is None:
                raise ValueError(f"{solid.name} has no susceptibility of its own")
            width = max(solid.edge_mm, fine)
            share = solid.strength * np.clip(0.5 + solid.depth(rows) / width, 0.0, 1.0)
            chi += share * (solid.chi_ppm - chi)
        total += float(chi.sum())
    return total * fine**3


def _share(solid: Structure) -> NDArray[np.float32]:
    """Return the share of what was there that a solid replaces, on its lattice."""
    width = max(solid.edge_mm, solid.spacing_mm)
    return np.asarray(solid.strength * np.clip(0.5 + solid.level / width, 0.0, 1.0))


def _span(solid: Structure) -> NDArray[np.float64]:
    """Return the size (mm) of a solid's lattice."""
    return np.asarray(solid.spacing_mm * (np.asarray(solid.level.shape) - 1))
