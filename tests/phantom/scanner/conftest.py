"""One painting and one field for all scans that differ in reception alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from arteriole.phantom.head import Head
from arteriole.phantom.painting.scene import paint_scene, tissue_values
from arteriole.phantom.scanner import acquire as module
from arteriole.phantom.scanner.head_field import head_field


@pytest.fixture(scope="session")
def kept() -> dict[tuple[Any, ...], Any]:
    return {}


@pytest.fixture
def painted_once(monkeypatch, kept) -> None:
    """Let `acquire` take copies of what was painted before of the same head on the same cells.

    Neither painting nor field knows how k-space is read. All of a head that is painted and all of a
    protocol that changes it, the values of tissues, are in the key. Heads with lesions are painted
    anew.
    """

    def once(head: Head, key: tuple[Any, ...], work: Callable[[], Any]) -> Any:
        if head.lesions:
            return work()
        if key not in kept:
            # With the head, so that its parts' numbers stay its own.
            kept[key] = (head, copy.deepcopy(work()))
        return copy.deepcopy(kept[key][1])

    def of(head: Head, grid: Any, values: Any) -> tuple[Any, ...]:
        parts = (head.anatomy, head.texture, head.tissues, *head.vessels)
        return (*map(id, parts), grid.shape, grid.affine.tobytes(), values.tobytes())

    def paint(head, protocol, grid):
        key = ("scene", *of(head, grid, tissue_values(head.tissues, protocol)))
        return once(head, key, lambda: paint_scene(head, protocol, grid))

    def field(head, chi, small, box, values, *, b0_tesla):
        key = ("field", *of(head, box.grid, values), box.factor, b0_tesla)
        return once(head, key, lambda: head_field(head, chi, small, box, values, b0_tesla=b0_tesla))

    monkeypatch.setattr(module, "paint_scene", paint)
    monkeypatch.setattr(module, "head_field", field)
