"""Run a packaged network on an array: onnxruntime, on the processor, the same answer every time."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

THREADS = 2
"""Threads inside an operation; fixed, because their number may change the last bits."""


def run_network(name: str, image: NDArray[Any]) -> NDArray[np.float32]:
    """Return what a packaged network makes of one image.

    Parameters
    ----------
    name : str
        Of the file ``weights/NAME.onnx`` in this package.
    image : ndarray, (x, y, z)
        Input in the range that the network was trained on; see its card.

    Returns
    -------
    ndarray, float32, (c, x, y, z)
        Output channels.

    Raises
    ------
    ValueError
        If there is no such network, or the image is not 3-D or not finite.
    """
    if image.ndim != 3 or not np.isfinite(image).all():
        raise ValueError(f"a network takes a finite 3-D image, not shape {image.shape}")
    session = _session(name)
    given = {session.get_inputs()[0].name: np.asarray(image, np.float32)[None, None]}
    return np.asarray(session.run(None, given)[0][0], dtype=np.float32)


def weights_digest(name: str) -> str:
    """Return the SHA-256 of a packaged network, for the keys of steps that use it."""
    return hashlib.sha256(_weights(name)).hexdigest()


def _weights(name: str) -> bytes:
    file = files("arteriole.networks").joinpath("weights").joinpath(f"{name}.onnx")
    if not file.is_file():
        raise ValueError(f"there is no network {name!r} in this package")
    return file.read_bytes()


@lru_cache(maxsize=2)
def _session(name: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        _weights(name), sess_options=options, providers=["CPUExecutionProvider"]
    )
