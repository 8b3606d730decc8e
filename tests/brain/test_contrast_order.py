from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain.contrast_order import unlike_kind

LEVELS = {
    "t1w": (560.0, 380.0, 90.0), "flair": (330.0, 420.0, 40.0), "t2w": (240.0, 340.0, 700.0),
}  # fmt: skip
"""Signal of white matter, cortex and ventricle."""


def head(kind, rng, count=400):
    labels = np.repeat([c.WHITE, c.CORTEX, c.LATERAL], count).reshape(3, 20, -1)
    image = np.repeat(LEVELS[kind], count).reshape(labels.shape)
    return image + rng.normal(0, 30, labels.shape), labels


@pytest.mark.parametrize("kind", LEVELS)
def test_each_contrast_by_its_own_name(rng, kind):
    assert unlike_kind(*head(kind, rng), kind) == ""
    assert unlike_kind(*head(kind, rng), "ct") == ""


@pytest.mark.parametrize(
    ("shown", "said", "words"),
    [
        ("t2w", "t1w", "fluid is brighter than white matter, unlike in T1w"),
        ("t2w", "flair", "fluid is brighter than white matter, unlike in FLAIR"),
        ("flair", "t1w", "grey matter is brighter than white matter, unlike in T1w"),
        ("t1w", "t2w", "white matter is brighter than fluid, unlike in T2w"),
        ("flair", "t2w", "white matter is brighter than fluid, unlike in T2w"),
    ],
)
def test_another_contrast_is_told(rng, shown, said, words):
    assert unlike_kind(*head(shown, rng), said) == words


def test_too_little_to_tell(rng):
    assert unlike_kind(*head("t2w", rng, count=40), "t1w") == ""
