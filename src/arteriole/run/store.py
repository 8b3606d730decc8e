"""The values of a session: in memory while it runs, in files between runs, the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arteriole.io.atomic import write_json
from arteriole.run.forms import (
    about_value,
    as_read,
    read_product,
    sidecar_of,
    write_names,
    write_product,
)
from arteriole.run.job import ChosenImage, Job
from arteriole.run.products import BY_VALUE, TRANSFORMS, Product, is_written, max_error
from arteriole.run.record import FileStamp, Record
from arteriole.step import Acquisition, Result, Step


class Store:
    """Values of one session by name.

    What a step makes is replaced by what its file holds (16 bits, with a stated largest error)
    before a later step sees it, so that a run in one go and a resumed run give the same numbers.

    Parameters
    ----------
    job : Job
        With the folders.
    prefix : str
        Start of the names of what lies on the grid of the gradient echo.
    images : mapping of str to ChosenImage
        Images on grids of their own.
    """

    def __init__(self, job: Job, prefix: str, images: Mapping[str, ChosenImage]) -> None:
        self.job = job
        self.prefix = prefix
        self.images = images
        self.values: dict[str, Any] = {}
        self.acquisition: Acquisition | None = None

    def path(self, product: Product) -> Path:
        """Return where a product lies; of an image that there is."""
        if product.kind in TRANSFORMS:
            ending = ".json" if product.kind == "alignment" else ".nii.gz"
            return self.job.images / f"{self.job.prefix}{product.suffix}{ending}"
        if not product.image:
            return self.job.images / f"{self.prefix}{product.suffix}.nii.gz"
        image = self.images[product.image]
        name = f"{image.prefix}space-{image.kind.space}_{product.suffix}.nii.gz"
        return self.job.images_of(image.kind) / name

    def holds(self, name: str) -> bool:
        """Tell whether a value can be had without computing it."""
        if name in self.values:
            return True
        product = BY_VALUE.get(name)
        return product is not None and self._has_grid(product) and self.path(product).exists()

    def value(self, name: str) -> Any:
        """Return a value from memory or from its file."""
        if name not in self.values:
            self.values[name] = read_product(BY_VALUE[name], self.path(BY_VALUE[name]))
        return self.values[name]

    def made(self, record: Record) -> dict[str, Any]:
        """Return all values that the record's steps made and that are at hand."""
        outputs = {stamp.file for step in record.steps for stamp in step.outputs}
        for product in BY_VALUE.values():
            if product.value in self.values or not self._has_grid(product):
                continue
            path = self.path(product)
            if str(path.relative_to(self.job.folder)) in outputs and path.exists():
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

    def _has_grid(self, product: Product) -> bool:
        return not product.image or product.image in self.images

    def _keep_one(self, product: Product, step: Step, result: Result) -> list[FileStamp]:
        level = self.job.settings.output.level
        value = self.values[product.value]
        error = max_error(product, self.values, level=level)
        if not is_written(product.value, level):
            self.values[product.value] = as_read(product, value, max_error=error)
            return []
        path, sidecar = self.path(product), sidecar_of(self.path(product))
        grid = self.acquisition.grid if self.acquisition else None
        stored = write_product(product, path, value, grid, max_error=error)
        self.values[product.value] = stored
        write_json(
            sidecar, self._about(product, step, result.facts, error) | about_value(product, stored)
        )
        written = {path, sidecar}
        if product.names is not None:
            written.add(write_names(path, product.names()))
        return [self._stamp(one) for one in sorted(written)]

    def _about(
        self, product: Product, step: Step, facts: Mapping[str, Any], error: float | None
    ) -> dict[str, Any]:
        """Return the JSON sidecar of a map."""
        about: dict[str, Any] = {"Description": product.about}
        if product.kind == "mask":
            about["Type"] = "Brain" if "brain_mask" in product.value else "ROI"
        elif product.kind == "warp":
            about["Units"] = product.unit
        elif product.kind == "map":
            about["Units"] = product.unit or "arbitrary"
            about["SkullStripped"] = True
        if product.image:
            about["SpatialReference"] = "orig"
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
