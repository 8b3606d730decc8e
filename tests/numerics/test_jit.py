from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from arteriole.numerics.jit import kernel, prange

WITHOUT_A_HOME = """
from arteriole.numerics import jit
import numpy as np
assert jit._FOLDER is None, jit._FOLDER
@jit.kernel()
def twice(x):
    return 2 * x
assert twice(3) == 6
"""


@kernel(parallel=True)
def plane_sums(volume, out):
    for i in prange(volume.shape[0]):
        out[i] = volume[i].sum()


def test_parallel_kernel_runs(rng):
    volume = rng.standard_normal((7, 8, 9))
    out = np.empty(7)
    plane_sums(volume, out)
    np.testing.assert_allclose(out, volume.sum((1, 2)))


def test_compiles_in_memory_where_nothing_can_be_written(tmp_path):
    """A file in the place of the cache folder: no folder can be made there, not even by root."""
    (tmp_path / "file").write_text("")
    env = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    env |= {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache"), "HOME": str(tmp_path / "file")}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv=['x']\n" + WITHOUT_A_HOME],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
