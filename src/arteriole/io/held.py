"""Images of many volumes, kept as they are stored while their volumes are asked for one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from arteriole.io.nifti import Image, read_header, read_image, scaled


class Held:
    """Files of several volumes, each read once.

    A compressed file can only be read from its beginning; kept as it is stored it takes half of the
    memory, or less, that its volumes take as float32.
    """

    def __init__(self) -> None:
        self._images: dict[Path, Image] = {}

    def has_several(self, path: Path) -> bool:
        """Tell whether a file holds several volumes, and is worth keeping."""
        return path in self._images or read_header(path).volumes > 1

    def volume(self, path: Path, number: int) -> NDArray[np.float32]:
        """Return one volume of a file, (x, y, z)."""
        if path not in self._images:
            self._images[path] = read_image(path, stored=True)
        image = self._images[path]
        return np.asarray(scaled(image.data[..., number], image.header), dtype=np.float32)
