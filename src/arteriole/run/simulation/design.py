"""What a simulated study is made of: who is scanned, how, and what is written."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.scanner.ct_protocol import CtProtocol
from arteriole.phantom.scanner.protocol import DEMO, Protocol
from arteriole.phantom.scanner.sequence import Vendor, check_visible
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol
from arteriole.run.simulation.placed import Placed

VENDORS: tuple[Vendor, ...] = ("siemens", "philips", "ge")
"""Whose habits DICOM files can follow."""


@dataclass(frozen=True)
class Design:
    """A simulated study.

    Parameters
    ----------
    seed : int
        Decides everything that is random; the same design gives the same bytes.
    subjects, sessions : int
        How many heads, and how many scans of each.
    protocols : tuple of Protocol
        Gradient echoes; each session has a scan by every one.
    weighted : tuple of WeightedProtocol
        T1w, T2w and FLAIR of the same head, each with the head moved a little.
    ct : tuple of CtProtocol
        CT of the same head.
    age_y : tuple of 2 float
        Ages are drawn between these, years.
    severity : float, optional
        How much disease, 0 (none) to 3 (severe); drawn with age for each head unless given.
    burden : Burden, optional
        Exactly these lesions in every head instead.
    placed : tuple of Placed
        Further lesions at places of the template.
    label_maps : tuple of Path
        Segmentations of whole heads to take the anatomy from, one a subject in turn; heads are
        generated unless given.
    dicom : {"siemens", "philips", "ge"}, optional
        Vendor whose DICOM files are written to ``sourcedata/`` besides.
    scanner_swi : bool
        Whether to write the SWI and minimum-intensity projection that a scanner would make.
    cell_mm, spacing_mm : float, optional
        See `acquire` and `make_head`; for quick tests.

    Raises
    ------
    ValueError
        For counts below one, ages or severities out of range, protocols that share a name, a placed
        lesion that is smaller than a voxel, or an unknown vendor.
    """

    seed: int = 0
    subjects: int = 1
    sessions: int = 1
    protocols: tuple[Protocol, ...] = (DEMO,)
    weighted: tuple[WeightedProtocol, ...] = ()
    ct: tuple[CtProtocol, ...] = ()
    age_y: tuple[float, float] = (50.0, 85.0)
    severity: float | None = None
    burden: Burden | None = None
    placed: tuple[Placed, ...] = ()
    label_maps: tuple[Path, ...] = ()
    dicom: Vendor | None = None
    scanner_swi: bool = False
    cell_mm: float | None = None
    spacing_mm: float | None = None

    def __post_init__(self) -> None:
        if min(self.subjects, self.sessions) < 1:
            raise ValueError(
                f"subjects and sessions count from one, not {self.subjects}, {self.sessions}"
            )
        labels = [acquisition_label(p) for p in self.scans]
        if not labels or len(set(labels)) < len(labels):
            raise ValueError(f"protocols need names of their own, not {labels}")
        if self.placed and not self.protocols:
            raise ValueError(
                f"a {self.placed[0].kind} is seen by gradient echo; there is none among {labels}"
            )
        if self.dicom is not None and not self.protocols:
            raise ValueError(f"DICOM is written of gradient echoes; there is none among {labels}")
        if not 18.0 <= self.age_y[0] <= self.age_y[1] <= 100.0:
            raise ValueError(f"ages lie between 18 and 100 years, youngest first, not {self.age_y}")
        if self.severity is not None and not 0.0 <= self.severity <= 3.0:
            raise ValueError(f"severity lies in [0, 3], not {self.severity}")
        for protocol in self.protocols:
            for lesion in self.placed:
                check_visible(protocol, lesion.diameter_mm)
        if self.dicom is not None and self.dicom not in VENDORS:
            raise ValueError(f"DICOM is written as {', '.join(VENDORS)}, not {self.dicom!r}")

    @property
    def scans(self) -> tuple[Protocol | WeightedProtocol | CtProtocol, ...]:
        """All that is scanned in a session."""
        return (*self.protocols, *self.weighted, *self.ct)

    @property
    def subject_labels(self) -> tuple[str, ...]:
        """Labels of the subjects, ``01`` and on."""
        return _numbers(self.subjects, max(self.subjects, self.sessions))

    @property
    def session_labels(self) -> tuple[str, ...]:
        """Labels of the sessions, ``01`` and on."""
        return _numbers(self.sessions, max(self.subjects, self.sessions))

    def stream(self, subject: str, session: str, step: str) -> int:
        """Return the seed of one random stream: a hash of seed, subject, session and step."""
        text = f"{self.seed}/{subject}/{session}/{step}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")

    def label_map(self, subject: str) -> Path | None:
        """Return the label map that a subject's anatomy comes from."""
        if not self.label_maps:
            return None
        return self.label_maps[(int(subject) - 1) % len(self.label_maps)]


def acquisition_label(protocol: Protocol | WeightedProtocol | CtProtocol) -> str:
    """Return a protocol's name as a BIDS label: letters and digits."""
    return re.sub(r"[^A-Za-z0-9]", "", protocol.name)


def _numbers(count: int, largest: int) -> tuple[str, ...]:
    digits = max(2, len(str(largest)))
    return tuple(f"{n + 1:0{digits}d}" for n in range(count))
