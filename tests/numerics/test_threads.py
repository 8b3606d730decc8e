from __future__ import annotations

import pytest

from arteriole.numerics.threads import set_threads, threads


def test_count_is_kept():
    before = threads()
    try:
        set_threads(1)
        assert threads() == 1
    finally:
        set_threads(before)
    assert threads() == before


def test_refuses_none():
    with pytest.raises(ValueError, match="not 0"):
        set_threads(0)
