"""JSON sidecars: merged by the inheritance rule, and checked numbers taken from them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arteriole.errors import MetadataError
from arteriole.units import GAMMA_HZ_PER_TESLA

_MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class Sidecar:
    """What the JSON files of one image say.

    Parameters
    ----------
    values : dict
        Merged keys; a more specific file wins.
    image : Path
        The image they describe.
    sources : tuple of Path
        The JSON files read, the most general first.
    """

    values: dict[str, Any]
    image: Path
    sources: tuple[Path, ...] = ()

    def text(self, key: str) -> str | None:
        """Return a text value, or None."""
        value = self.values.get(key)
        return value.strip() or None if isinstance(value, str) else None

    def number(self, key: str, *, low: float, high: float, unit: str) -> float | None:
        """Return a number, or None if the key is absent.

        Raises
        ------
        MetadataError
            If the value is no number, or not from ``low`` to ``high`` (``unit`` says of what).
        """
        value = self.values.get(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.wrong(key, f"is {value!r}, not a number")
        if not low <= value <= high:
            raise self.wrong(key, f"is {value:g}, not from {low:g} to {high:g} {unit}")
        return float(value)

    def wrong(self, key: str, what: str, remedy: str = "") -> MetadataError:
        """Make the error that names the key and the file that holds it."""
        place = self.sources[-1] if self.sources else self.image
        return MetadataError(f"{key} {what}", file=place, remedy=remedy or f"Correct {key} there.")

    def missing(self, key: str, remedy: str = "") -> MetadataError:
        """Make the error for a key that is in none of the files."""
        where = " or ".join(source.name for source in self.sources)
        what = f"{key} is missing from {where}" if where else f"there is no JSON sidecar with {key}"
        return MetadataError(what, file=self.image, remedy=remedy or f"Add {key} to its sidecar.")


def read_sidecar(image: Path, sources: Sequence[Path]) -> Sidecar:
    """Read and merge JSON files, the most general first.

    Raises
    ------
    MetadataError
        If a file cannot be read, is not JSON, or holds something else than keys and values.
    """
    values: dict[str, Any] = {}
    for source in sources:
        values.update(_read(source))
    return Sidecar(values, image, tuple(sources))


def echo_times_s(sidecar: Sidecar) -> list[float] | None:
    """Return the echo time(s) in seconds, or None if the sidecar has none.

    Raises
    ------
    MetadataError
        If a time is not positive, or so large that milliseconds must be meant.
    """
    value = sidecar.values.get("EchoTime")
    if value is None:
        return None
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise sidecar.wrong("EchoTime", "is an empty list")
    return [_echo_time(sidecar, one) for one in listed]


def field_strength_tesla(sidecar: Sidecar) -> float | None:
    """Return the field strength in tesla, by its own key or from ImagingFrequency, or None.

    Raises
    ------
    MetadataError
        If the value cannot be that of an MR scanner for people.
    """
    tesla = sidecar.number("MagneticFieldStrength", low=0.2, high=15.0, unit="tesla")
    if tesla is not None:
        return tesla
    top = 15.0 * GAMMA_HZ_PER_TESLA * 1e-6
    megahertz = sidecar.number("ImagingFrequency", low=8.0, high=top, unit="MHz")
    return None if megahertz is None else round(megahertz * 1e6 / GAMMA_HZ_PER_TESLA, 4)


def _echo_time(sidecar: Sidecar, value: object) -> float:
    """Check one echo time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise sidecar.wrong("EchoTime", f"is {value!r}, not a number")
    if value > 1:
        raise sidecar.wrong(
            "EchoTime",
            f"is {value:g} s; this must be milliseconds",
            f"BIDS counts echo times in seconds: write {value / 1000:g}.",
        )
    if value <= 0:
        raise sidecar.wrong("EchoTime", f"is {value:g} s, not above zero")
    return float(value)


def _read(source: Path) -> dict[str, Any]:
    """Read one JSON file of keys and values."""
    try:
        if source.stat().st_size > _MAX_BYTES:
            raise MetadataError("is too large for a sidecar", file=source)
        values = json.loads(source.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise MetadataError(f"cannot be read ({error.strerror})", file=source) from error
    except (ValueError, RecursionError) as error:
        raise MetadataError(
            f"is not valid JSON ({error})", file=source, remedy="Correct it or convert again."
        ) from error
    if not isinstance(values, dict):
        raise MetadataError("holds no keys and values", file=source)
    return values
