"""Magnitude, phase, real or imaginary: what a frame of complex MR holds."""

from __future__ import annotations

from typing import Literal

from arteriole.io.dicom_headers import Frame

Part = Literal["mag", "phase", "real", "imag"]

_COMPONENT: dict[str, Part] = {
    "MAGNITUDE": "mag",
    "PHASE": "phase",
    "REAL": "real",
    "IMAGINARY": "imag",
}
_GE_PART: dict[int, Part] = {0: "mag", 1: "phase", 2: "real", 3: "imag"}
_IMAGE_TYPE: dict[str, Part] = {
    "M": "mag", "M_FFE": "mag", "M_SE": "mag", "M_IR": "mag", "MAGNITUDE": "mag",
    "P": "phase", "PHASE MAP": "phase", "PHASE": "phase",
    "R": "real", "R_FFE": "real", "REAL": "real",
    "I": "imag", "I_FFE": "imag", "IMAGINARY": "imag",
}  # fmt: skip


def part_of(frame: Frame) -> Part:
    r"""Tell which part of the complex signal a frame holds.

    The vendor's own word counts first: GE's private (0043,102F), since GE calls all parts
    "OTHER" in the image type; then Complex Image Component; then the words of Image Type from
    the third on (the first two are ORIGINAL/DERIVED and PRIMARY/SECONDARY). A frame that says
    nothing holds magnitude.

    Notes
    -----
    Siemens writes ``ORIGINAL\PRIMARY\P\...``, Philips ``...\PHASE MAP\P\FFE`` (classic) and a
    Complex Image Component per frame (enhanced). A last word PHASE beside M occurs where another
    program added its own: the first word that fits decides.
    """
    code = frame.number("GePart")
    if code is not None and int(code) in _GE_PART:
        return _GE_PART[int(code)]
    for word in frame.words("ComplexImageComponent"):
        if word in _COMPONENT:
            return _COMPONENT[word]
    for word in frame.words("ImageType")[2:]:
        if word in _IMAGE_TYPE:
            return _IMAGE_TYPE[word]
    return "mag"
