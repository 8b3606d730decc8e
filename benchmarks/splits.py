"""The one way to the label maps: by the name of their split.

Maps of the split ``"test"`` are for the rows of committed tables. A call for them stands in
``benchmarks/`` alone, on a line that ends in the comment ``# test row``.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("ARTERIOLE_DATA") or HERE.parents[1] / "shared" / "data")


def label_maps(split: str) -> list[Path]:
    """Return the paths of a split's label maps.

    Parameters
    ----------
    split : {"train", "validate", "test"}
        What they are used for.

    Raises
    ------
    ValueError
        For a split that does not exist.
    FileNotFoundError
        If a map is not there: set ARTERIOLE_DATA to the folder of real images.
    """
    table = tomllib.loads((HERE / "splits.toml").read_text())
    if split not in table["maps"]:
        raise ValueError(f"there is no split {split!r}; there are {sorted(table['maps'])}")
    paths = [DATA / table["folder"] / table["file"].format(n) for n in table["maps"][split]]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"no label map {path}: set ARTERIOLE_DATA to its folder's root")
    return paths
