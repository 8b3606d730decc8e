"""Put a finished session into the data set: a folder changes as a whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from arteriole.io.atomic import writing
from arteriole.run.import_plan import series_base

_PREFIX = ".arteriole-import-"
_OLD = "replaced"

Committed = Literal["new", "same", "refused"]


@contextmanager
def staging(dataset: Path) -> Iterator[Path]:
    """Make a hidden folder within the data set; it is gone when the block ends.

    What a killed import left is cleared away first, and a folder that it was about to replace is
    put back. The caller holds the data set's lock, so that any such folder is a leftover.
    """
    with writing(dataset):
        for leftover in sorted(dataset.glob(f"{_PREFIX}*")):
            _put_back(dataset, leftover)
            shutil.rmtree(leftover)
        folder = dataset / f"{_PREFIX}{os.getpid()}"
        folder.mkdir()
    try:
        yield folder
    finally:
        _put_back(dataset, folder)
        shutil.rmtree(folder, ignore_errors=True)


def commit(stage: Path, dataset: Path, folder: Path, *, force: bool) -> Committed:
    """Move ``stage/folder`` (one datatype of one session) to ``dataset/folder``.

    Files of other acquisitions that are there already stay. If the same acquisition is there: with
    the same bytes nothing happens, with ``force`` it is replaced, otherwise it is refused.
    """
    made, target = stage / folder, dataset / folder
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            made.rename(target)
            return "new"
        bases = {series_base(p.name) for p in made.iterdir()}
        rivals = [p for p in target.iterdir() if series_base(p.name) in bases]
        if rivals and _same(made, rivals):
            return "same"
        if rivals and not force:
            return "refused"
        for path in target.iterdir():
            if path not in rivals:
                _link(path, made / path.name)
        _swap(made, target, stage / _OLD / folder)
    return "new"


def _same(made: Path, there: list[Path]) -> bool:
    """Tell whether two sets of files have the same names and bytes."""
    names = {p.name for p in made.iterdir()}
    return names == {p.name for p in there} and all(
        p.read_bytes() == (made / p.name).read_bytes() for p in there
    )


def _link(source: Path, copy: Path) -> None:
    """Give a file a second name, or copy it where the file system has no links."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copy2(source, copy)


def _swap(made: Path, target: Path, old: Path) -> None:
    old.parent.mkdir(parents=True, exist_ok=True)
    target.rename(old)
    made.rename(target)


def _put_back(dataset: Path, leftover: Path) -> None:
    """Bring back folders that were moved aside and not yet replaced."""
    kept = leftover / _OLD
    for datatype in sorted(kept.glob("sub-*/**/")) if kept.exists() else []:
        target = dataset / datatype.relative_to(kept)
        if datatype.name in ("anat", "ct") and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            datatype.rename(target)
