"""Names of BIDS files: entities, suffix, extension."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BidsName:
    """A file name taken apart, as ``sub-01_acq-x_echo-1_MEGRE.nii.gz``.

    Parameters
    ----------
    entities : dict
        Labels by key, in the order of the name.
    suffix : str
        The last word, as ``MEGRE``.
    extension : str
        With its first dot.
    """

    entities: dict[str, str]
    suffix: str
    extension: str

    @property
    def text(self) -> str:
        """The name without extension."""
        return "_".join([*(f"{k}-{v}" for k, v in self.entities.items()), self.suffix])

    def without(self, *keys: str) -> BidsName:
        """Return the name without some entities."""
        left = {k: v for k, v in self.entities.items() if k not in keys}
        return BidsName(left, self.suffix, self.extension)


def parse_name(name: str) -> BidsName | None:
    """Take a file name apart; None if it is no BIDS name.

    Examples
    --------
    >>> parse_name("sub-01_part-phase_echo-2_MEGRE.nii.gz").entities
    {'sub': '01', 'part': 'phase', 'echo': '2'}
    >>> parse_name("notes.txt") is None
    False
    >>> parse_name("._sub-01_MEGRE.nii") is None
    True
    """
    stem, dot, extension = name.partition(".")
    *pairs, suffix = stem.split("_")
    entities = dict(pair.partition("-")[::2] for pair in pairs)
    if not suffix or "-" in suffix or not all(k and v for k, v in entities.items()):
        return None
    return BidsName(entities, suffix, dot + extension)
