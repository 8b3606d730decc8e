"""Volumes to acquisitions: all echoes and parts of one run, from as many series as it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from arteriole.io.dicom_checks import fault_of
from arteriole.io.dicom_groups import Volume, series_key, stack_key
from arteriole.io.dicom_part import Part
from arteriole.io.dicom_privacy import person_of
from arteriole.io.dicom_recognise import Kind, named_t1, recognise

_SHORT_TE_MS = 8.0
_SAME_TIME_S = 1.0


@dataclass(eq=False)
class Acquisition:
    """What was measured at once: one volume, or echoes and parts of a gradient echo."""

    kind: Kind
    volumes: list[Volume] = field(default_factory=list)

    @property
    def te_ms(self) -> list[float]:
        """All echo times, ms, increasing."""
        return sorted({round(v.te_ms or 0.0, 3) for v in self.volumes})

    @property
    def slots(self) -> set[tuple[Part, float]]:
        """Which parts of which echoes are there."""
        return {slot_of(v) for v in self.volumes}

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, empty if it is whole."""
        stack_mm = _whole_stack(self.volumes)
        return [
            f"{self._name(v)}: {fault}" for v in self.volumes if (fault := fault_of(v, stack_mm))
        ]

    @property
    def gaps(self) -> list[str]:
        """Which parts some echoes have and others lack."""
        parts = {part for part, _ in self.slots}
        return [
            f"echo {number} ({te:g} ms) has no {part} image, other echoes do"
            for number, te in enumerate(self.te_ms, start=1)
            for part in sorted(parts)
            if (part, te) not in self.slots
        ]

    def echo_number(self, volume: Volume) -> int:
        """Return the number of a volume's echo, counted from 1."""
        return self.te_ms.index(round(volume.te_ms or 0.0, 3)) + 1

    def _name(self, volume: Volume) -> str:
        if self.kind != "gre":
            return "image"
        return f"{volume.part} of echo {self.echo_number(volume)}"


@dataclass
class Sorted:
    """Acquisitions that are used and volumes that are not, with the reason."""

    acquisitions: list[Acquisition] = field(default_factory=list)
    unused: list[tuple[Volume, str]] = field(default_factory=list)


def slot_of(volume: Volume) -> tuple[Part, float]:
    """Return which part of which echo a volume is."""
    return volume.part, round(volume.te_ms or 0.0, 3)


def sort_acquisitions(volumes: Iterable[Volume]) -> Sorted:
    """Recognise volumes and join what was acquired together.

    Volumes come sorted by study and series number. A gradient-echo series joins the acquisition
    of the same study, stack, repetition time and flip angle that it completes: one that was
    acquired at the same time if there is any, otherwise (other parts of the same echoes only) the
    only one that lacks it. Siemens and GE keep magnitude and phase in different series.
    """
    result = Sorted()
    for volume in volumes:
        found = recognise(volume)
        if found.kind is None:
            result.unused.append((volume, found.reason))
        elif found.kind == "gre":
            _join(result.acquisitions, volume)
        elif volume.part != "mag":
            result.unused.append((volume, f"{volume.part} of a {found.kind} image"))
        else:
            result.acquisitions.append(Acquisition(found.kind, [volume]))
    result.acquisitions = [a for a in result.acquisitions if not _settled(a, result)]
    return result


def _join(acquisitions: list[Acquisition], volume: Volume) -> None:
    open_ones = [a for a in acquisitions if a.kind == "gre" and _completes(a, volume)]
    same_series = [a for a in open_ones if _series(a.volumes[0]) == _series(volume)]
    same_time = [a for a in open_ones if _same_time(a, volume)]
    other_parts = [a for a in open_ones if slot_of(volume)[1] in a.te_ms]
    if same_series or same_time:
        (same_series or same_time)[-1].volumes.append(volume)
    elif len(other_parts) == 1:
        other_parts[0].volumes.append(volume)
    else:
        acquisitions.append(Acquisition("gre", [volume]))


def _completes(acquisition: Acquisition, volume: Volume) -> bool:
    """Tell whether a volume has the acquisition's protocol and fills an empty place in it."""
    return (
        _protocol(acquisition.volumes[0]) == _protocol(volume)
        and slot_of(volume) not in acquisition.slots
    )


def _protocol(volume: Volume) -> tuple[object, ...]:
    frame = volume.first
    same = ("SOPClassUID", "StudyInstanceUID", "RepetitionTime", "FlipAngle")
    return (*stack_key(frame), person_of(frame), *(frame.text(name) for name in same))


def _series(volume: Volume) -> tuple[object, ...]:
    repetition = volume.first.number("TemporalPositionIdentifier")
    return (*series_key(volume.first), repetition, volume.first.number("AcquisitionNumber"))


def _same_time(acquisition: Acquisition, volume: Volume) -> bool:
    times = [v.time_s for v in (acquisition.volumes[0], volume)]
    if times[0] is None or times[1] is None:
        return False
    return abs(times[0] - times[1]) <= _SAME_TIME_S


def _settled(acquisition: Acquisition, result: Sorted) -> bool:
    """Settle a lone short-echo magnitude: T1w by its name, otherwise not used."""
    only = acquisition.volumes[0]
    alone = acquisition.kind == "gre" and acquisition.slots == {("mag", slot_of(only)[1])}
    if not alone or (only.te_ms or 0.0) >= _SHORT_TE_MS:
        return False
    if named_t1(only.first):
        acquisition.kind = "T1w"
        return False
    reason = f"a gradient echo of {only.te_ms:g} ms without phase or other echoes"
    result.unused.append((only, reason))
    return True


def _whole_stack(volumes: list[Volume]) -> NDArray[np.float64]:
    """Return every place along the normal that any of the volumes has."""
    depths = np.sort(np.concatenate([v.depths_mm for v in volumes]))
    return depths[np.concatenate([[True], np.diff(depths) > 0.02])]
