"""Vendors by their own many names."""

from __future__ import annotations

from arteriole.io.dicom_headers import Frame

_VENDORS = {
    "GE": ("GE ", "GE", "GEMS", "GENERAL ELECTRIC"),
    "Siemens": ("SIEMENS",),
    "Philips": ("PHILIPS", "MARCONI", "PICKER"),
    "Canon": ("CANON", "TOSHIBA"),
    "UIH": ("UIH", "UNITED IMAGING", "SHANGHAI UNITED"),
    "Hitachi": ("HITACHI", "FUJIFILM"),
    "Neusoft": ("NEUSOFT",),
    "Bruker": ("BRUKER",),
    "Hyperfine": ("HYPERFINE",),
}


def vendor_of(frame: Frame) -> str | None:
    """Return the vendor's short name, or None for one that is not known."""
    name = frame.text("Manufacturer").upper()
    for vendor, starts in _VENDORS.items():
        if any(name == s or (name.startswith(s) and len(s) > 2) for s in starts):
            return vendor
    return None
