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
    """

    name: str
    suffix: str
    folder: str
    words: str

    @property
    def space(self) -> str:
        """What outputs on its grid are named by."""
        return "CT" if self.is_ct else self.suffix

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
        ImageKind("ct", "ct", "ct", "CT"),
    )
}
"""Kinds by the names of their values."""

IMAGES = ("t1w", "flair", "t2w", "gre", "ct")
"""All images of a session, the gradient echo among them; the first that there is becomes the
reference of the others."""
