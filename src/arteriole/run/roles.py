"""Which files of a session a raw value comes from, told by their roles in the record."""

from __future__ import annotations

from arteriole.scan.image_kind import IMAGE_KINDS

BESIDE = {"regions": "regions", "r2_hz": "R2"}
"""A word in the role of each file that a value beside the scan comes from."""


def is_part_of(role: str, value: str) -> bool:
    """Tell whether a file of this role changes a raw value.

    An image on a grid of its own, or what lies beside the scan, changes only itself.

    Examples
    --------
    >>> is_part_of("magnitude, echo 1", "phase"), is_part_of("CT", "phase"), is_part_of("CT", "ct")
    (True, False, True)
    """
    if value in BESIDE:
        return BESIDE[value] in role
    if value in IMAGE_KINDS:
        return role == IMAGE_KINDS[value].words
    of_image = any(role.endswith(kind.words) for kind in IMAGE_KINDS.values())
    return not of_image and not any(word in role for word in BESIDE.values())
