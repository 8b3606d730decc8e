from __future__ import annotations

import pytest

from arteriole.phantom.lesions.burden import Burden


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"microbleeds": -1}, "microbleeds counts from zero, not -1"),
        ({"hyperintensity": 3.5}, r"hyperintensity lies in \[0, 3\], not 3.5"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        Burden(**change)
