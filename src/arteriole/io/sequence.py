"""What sidecars say of scanner and sequence, for the reporting table; nothing here changes maps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeGuard

from arteriole.io.sidecar import Sidecar

_NUMBERS = {
    "RepetitionTime": "repetition_time_s",
    "FlipAngle": "flip_angle_deg",
    "PixelBandwidth": "pixel_bandwidth_hz",
    "ParallelReductionFactorInPlane": "acceleration",
    "PartialFourier": "partial_fourier",
}
_WORDS = {
    "SoftwareVersions": "software",
    "ReceiveCoilName": "coil",
    "MRAcquisitionType": "dimensions",
    "ScanningSequence": "sequence",
}


def sequence_facts(sidecars: Iterable[Sidecar]) -> dict[str, Any]:
    """Return the facts that the first sidecar to hold them gives; the rest is left out.

    A value of the wrong kind is left out too: a report can say that it is not known.
    """
    facts: dict[str, Any] = {}
    for sidecar in sidecars:
        for key, name in _NUMBERS.items():
            value = sidecar.values.get(key)
            if _is_number(value):
                facts.setdefault(name, float(value))
        for key, name in _WORDS.items():
            words = _words(sidecar.values.get(key))
            if words:
                facts.setdefault(name, words)
    return facts


def _is_number(value: Any) -> TypeGuard[float]:
    kind = isinstance(value, int | float) and not isinstance(value, bool)
    return kind and math.isfinite(value)


def _words(value: Any) -> str:
    """Return text, or a list of texts joined by ``/``, as in ``GR/SE``."""
    parts = value if isinstance(value, list) else [value]
    return "/".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
