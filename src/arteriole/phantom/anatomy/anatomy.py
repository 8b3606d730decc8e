"""The solids of one person's head, and where in it one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.structure import Structure


class Frame(Protocol):
    """Takes world positions (mm) of one person to the template's, near MNI152, and back."""

    def to_template(
        self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return template coordinates of world coordinates (arrays that broadcast)."""
        ...

    def to_world(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the world position of template points (n, 3)."""
        ...


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Solids of a head without vessels and lesions, in world mm (RAS+).

    Parameters
    ----------
    structures : tuple of Structure
        Solids in the order in which they replace each other; names are unique.
    brain : Structure
        What a brain mask should cover: brain with the fluid in its sulci.
    trunk : Structure
        Neck and shoulders below the head, felt by the field only.
    frame : Frame
        Way to the template's coordinates and back.
    divisions : tuple of Structure
        Solids that are never painted: each names the part of a painted solid that lies in it.
    """

    structures: tuple[Structure, ...]
    brain: Structure
    trunk: Structure
    frame: Frame
    divisions: tuple[Structure, ...] = ()

    def __getitem__(self, name: str) -> Structure:
        """Return the solid of that name."""
        for solid in self.structures:
            if solid.name == name:
                return solid
        raise KeyError(f"this head has no {name!r}; it has {self.names}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the solids in order."""
        return tuple(s.name for s in self.structures)

    def name_at(self, points_mm: NDArray[Any]) -> list[str]:
        """Return the name of the solid that is seen at each world point (n, 3), "" in the air."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        found = np.full(len(points), -1)
        for index, solid in enumerate(self.structures):
            found[solid.depth(points) > 0] = index
        return ["" if f < 0 else self.structures[f].name for f in found]

    def visible_depth(self, name: str, points_mm: NDArray[Any]) -> NDArray[np.float32]:
        """Return the depth (mm) inside what is left of a solid by those that replace it."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        depth = self[name].depth(points)
        for solid in self.structures[self.names.index(name) + 1 :]:
            depth = np.minimum(depth, -solid.depth(points))
        return depth
