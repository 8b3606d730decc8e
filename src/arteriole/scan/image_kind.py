"""Kinds of images beside the gradient echo, each on its own grid."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageKind:
    """A kind of image that a session may hold.

    Parameters
    ----------
    name : str
        Of its value in the flow.
    suffix : str
        Last word of its name in BIDS.
    folder : str
        Its folder in BIDS.
    words : str
        What it is called in sentences.
    also_in : tuple of str
        Other folders that it may lie in.
    """

    name: str
    suffix: str
    folder: str
    words: str
    also_in: tuple[str, ...] = ()

    @property
    def space(self) -> str:
        """What outputs on its grid are named by."""
        return self.suffix.upper() if self.suffix.islower() else self.suffix

    @property
    def section(self) -> str:
        """Its section of a filter file."""
        return self.suffix.lower()

    @property
    def is_ct(self) -> bool:
        """Whether its voxels are Hounsfield units."""
        return self.name == "ct"


IMAGE_KINDS: dict[str, ImageKind] = {
    kind.name: kind
    for kind in (
        ImageKind("t1w", "T1w", "anat", "T1-weighted image"),
        ImageKind("flair", "FLAIR", "anat", "FLAIR image"),
        ImageKind("t2w", "T2w", "anat", "T2-weighted image"),
        ImageKind("scanner_swi", "swi", "anat", "SWI of the scanner", also_in=("swi",)),
        ImageKind("ct", "ct", "ct", "CT"),
    )
}
"""Kinds by the names of their values; SWI is taken in sessions without a gradient echo."""

IMAGES = ("t1w", "flair", "t2w", "gre", "scanner_swi", "ct")
"""All images of a session, the gradient echo among them; the first that there is becomes the
reference of the others."""
