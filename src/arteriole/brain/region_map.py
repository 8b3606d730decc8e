"""A map of regions: which region each voxel belongs to, and what the regions are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["left", "right"]

_SIDED = re.compile(r"^(?:ctx[-_ ])?(left|right|lh|rh)[-_ ]+(.+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """A region's name and side; None for a region of both sides or of the middle."""

    name: str
    side: Side | None = None


@dataclass(frozen=True, eq=False)
class RegionMap:
    """Regions of one scan, on its grid.

    Parameters
    ----------
    labels : ndarray, int32, (x, y, z)
        Label of each voxel, 0 for none.
    names : mapping of int to Region
        What the labels stand for; labels that it lacks are called by their number.

    Raises
    ------
    ValueError
        If the labels are not three-dimensional whole numbers of 0 or more.
    """

    labels: NDArray[np.int32]
    names: Mapping[int, Region]

    def __post_init__(self) -> None:
        if self.labels.ndim != 3 or self.labels.dtype.kind not in "iu":
            kind = f"{self.labels.ndim}-D {self.labels.dtype}"
            raise ValueError(f"labels are whole numbers on a 3-D grid, not {kind}")
        if self.labels.size and int(self.labels.min()) < 0:
            raise ValueError(f"labels are 0 or more, not {int(self.labels.min())}")

    def region(self, label: int) -> Region:
        """Return the region of a label."""
        return self.names.get(label) or Region(f"label {label}")

    def where(self, chosen: Callable[[Region], bool]) -> NDArray[np.bool_]:
        """Return the voxels of the regions that ``chosen`` is true for."""
        found = [int(label) for label in np.unique(self.labels) if label]
        wanted = [label for label in found if chosen(self.region(label))]
        return np.isin(self.labels, wanted)


def region_called(text: str) -> Region:
    """Return the region that a name of a table stands for; its side may lead the name.

    Examples
    --------
    >>> region_called("Left-Lateral-Ventricle")
    Region(name='lateral ventricle', side='left')
    >>> region_called("ctx-rh-insula")
    Region(name='insula', side='right')
    >>> region_called("pallidum")
    Region(name='pallidum', side=None)
    """
    match = _SIDED.match(text.strip())
    if match is None:
        return Region(_words(text))
    return Region(_words(match[2]), "left" if match[1].lower() in ("left", "lh") else "right")


def is_ventricle(region: Region) -> bool:
    """Tell whether a region is fluid of the lateral or third ventricle.

    The fourth ventricle is left out: it is narrow, and the field beside the mastoid cells is poor.
    """
    name = region.name.lower()
    other = ("fourth", "4th", "5th", "fifth", "wall", "choroid")
    return "ventric" in name and not any(word in name for word in other)


def _words(text: str) -> str:
    """Return a name as words; capitals go unless the name has no small letters."""
    words = re.sub(r"[-_\s]+", " ", text).strip()
    return words if words.isupper() else words.lower()
