"""The values of a session: in memory while it runs, in files between runs, the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.io.atomic import write_json
from arteriole.io.nifti import as_stored, read_image, write_image
from arteriole.run.job import Job
from arteriole.run.products import BY_VALUE, PRODUCTS, Product, is_written, max_error
from arteriole.run.record import FileStamp, Record
from arteriole.step import Acquisition, Result, Step


class Store:
    """Values of one session by name.

    What a step makes is replaced by what its file holds (16 bits, with a stated largest error)
    before a later step sees it, so that a run in one go and a resumed run give the same numbers.
    """

    def __init__(self, job: Job, prefix: str) -> None:
        self.job = job
        self.prefix = prefix
        self.values: dict[str, Any] = {}
        self.acquisition: Acquisition | None = None

    def path(self, product: Product) -> Path:
        """Return where a product lies."""
        return self.job.images / f"{self.prefix}{product.suffix}.nii.gz"

    def holds(self, name: str) -> bool:
        """Tell whether a value can be had without computing it."""
        return name in self.values or (name in BY_VALUE and self.path(BY_VALUE[name]).exists())

    def value(self, name: str) -> Any:
        """Return a value from memory or from its file."""
        if name not in self.values:
            self.values[name] = self._read(BY_VALUE[name])
        return self.values[name]

    def made(self, record: Record) -> dict[str, Any]:
        """Return all values that the record's steps made and that are at hand."""
        outputs = {stamp.file for step in record.steps for stamp in step.outputs}
        for product in PRODUCTS:
            name = str(self.path(product).relative_to(self.job.folder))
            if product.value not in self.values and name in outputs and self.path(product).exists():
                self.value(product.value)
        return dict(self.values)

    def keep(self, step: Step, result: Result) -> list[FileStamp]:
        """Take in what a step made, write what the output level asks for, and name the files."""
        self.values.update(result.values)
        stamps: list[FileStamp] = []
        for name in step.makes:
            if name in result.values and name in BY_VALUE:
                stamps += self._keep_one(BY_VALUE[name], step, result)
        return stamps

    def _keep_one(self, product: Product, step: Step, result: Result) -> list[FileStamp]:
        level = self.job.settings.output.level
        value = self.values[product.value]
        path = self.path(product)
        error = max_error(product, self.values, level=level)
        if not is_written(product.value, level):
            stored = as_stored(value, max_error=error)
        else:
            assert self.acquisition is not None
            stored = write_image(path, value, self.acquisition.grid, max_error=error)
        self.values[product.value] = stored.astype(value.dtype, copy=False)
        if not is_written(product.value, level):
            return []
        sidecar = path.with_name(path.name.removesuffix(".nii.gz") + ".json")
        write_json(sidecar, self._about(product, step, result.facts, error))
        return [self._stamp(path), self._stamp(sidecar)]

    def _about(
        self, product: Product, step: Step, facts: Mapping[str, Any], error: float | None
    ) -> dict[str, Any]:
        """Return the JSON sidecar of a map."""
        about: dict[str, Any] = {"Description": product.about}
        if product.kind == "mask":
            about["Type"] = "Brain" if product.value == "brain_mask" else "ROI"
        else:
            about["Units"] = product.unit or "arbitrary"
            about["SkullStripped"] = True
        if error is not None:
            about["StorageError"] = error
        about["Step"] = {"Name": step.name, "Version": step.version}
        sections = self.job.settings.to_dict()
        about["Settings"] = {name: sections[name] for name in step.settings}
        if facts:
            about["Facts"] = dict(facts)
        return about

    def _stamp(self, path: Path) -> FileStamp:
        return FileStamp.of(path, str(path.relative_to(self.job.folder)))

    def _read(self, product: Product) -> Any:
        data = read_image(self.path(product)).data
        return data.astype(np.bool_) if product.kind == "mask" else data
