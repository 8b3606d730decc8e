"""Which lobe of the cerebrum a point lies in: planes in the template's coordinates.

Rules of the truth, not of any program under test. Template mm (RAS+, near MNI152), s = ``|x|``:

- occipital: behind the plane through the parieto-occipital sulcus, (8, -58, 10) to (8, -78, 40),
  and the preoccipital notch, (52, -66, -12);
- temporal: below the Sylvian fissure, and lateral of the basal forebrain and the brainstem.
  Laterally (s >= 40) the fissure rises as ``z = 1 - 0.44 y`` up to its end at y = -45 and falls
  steeply in front of y = 10; medially (s <= 20) the border is z = 2, linear in between;
- frontal: before the plane of the central sulcus through (5, -33, 72), (38, -22, 52) and
  (58, -7, 18);
- parietal: what is left.

The points are read off MNI152 at the landmarks of Talairach and Tournoux's atlas; a gyrus beside
a border may fall on its other side, by up to about a centimetre.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOBES = ("frontal lobe", "parietal lobe", "temporal lobe", "occipital lobe")
FRONTAL, PARIETAL, TEMPORAL, OCCIPITAL = range(4)

Coordinates = NDArray[np.float32]


def lobe_at(x: Coordinates, y: Coordinates, z: Coordinates) -> NDArray[np.uint8]:
    """Return the lobe of template points of the cerebrum, an index of `LOBES`.

    Parameters
    ----------
    x, y, z : ndarray, float32
        Template coordinates, mm; arrays that broadcast.

    Returns
    -------
    ndarray, uint8
        Every point gets a lobe; whether it lies in the cerebrum is not asked.
    """
    s = np.abs(x)
    lobe = np.where(y > -6.1 + 0.10 * s - 0.38 * z, FRONTAL, PARIETAL)
    beside = s > 10.0 + 0.7 * np.clip(y + 10.0, 0.0, 20.0)
    below = (z < _sylvian(s, y)) & beside & (y < 24.0)
    lobe = np.where(below, TEMPORAL, lobe)
    behind = y < -47.2 - 0.515 * s - 0.667 * z
    return np.where(behind, OCCIPITAL, lobe).astype(np.uint8)


def _sylvian(s: Coordinates, y: Coordinates) -> Coordinates:
    """Height (mm) of the temporal lobe's upper border."""
    lateral = 1.0 - 0.44 * np.clip(y, -45.0, 10.0) - 1.3 * np.maximum(y - 10.0, 0.0)
    share = np.clip((s - 20.0) / 20.0, 0.0, 1.0)
    return np.asarray(share * lateral + (1.0 - share) * np.minimum(2.0, lateral), dtype=np.float32)
