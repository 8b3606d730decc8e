"""Images on grids of their own as part of a session: T1w, T2w, FLAIR and CT."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from arteriole.errors import AbsentError, InputError
from arteriole.io.bids import Session
from arteriole.io.bids_images import FoundImage, find_images
from arteriole.io.choice import beside
from arteriole.io.nifti import read_header
from arteriole.run.job import Chosen, ChosenImage, InputFile, Raw, Source
from arteriole.scan.image_kind import IMAGE_KINDS
from arteriole.settings import Settings

NO_SCAN = "the session has no gradient echo"


@dataclass(frozen=True)
class FoundImages:
    """Images of a session, and files of their kinds that were left aside."""

    images: Mapping[str, FoundImage]
    ignored: tuple[Mapping[str, str], ...] = ()

    def without_swi(self) -> FoundImages:
        """Leave the scanner's SWI aside: the gradient echo is what it was made of."""
        kept = {name: image for name, image in self.images.items() if name != "scanner_swi"}
        return FoundImages(kept, self.ignored)


class ImageFinder(Protocol):
    """Finds the images of a session."""

    def find(self) -> FoundImages:
        """Return one image of each kind that there is."""

    def prefix(self, image: FoundImage) -> str:
        """Return the start of the names of outputs on an image's grid."""

    def list_names(self) -> tuple[str, ...]:
        """Return the names among which they are chosen, where the scan's source lacks them."""

    def locate(self, name: str) -> str | None:
        """Return where a file of the record lies; None if the scan's source knows."""

    def name_of(self, path: str) -> str | None:
        """Return a file's name for the record; None if the scan's source knows."""


@dataclass(frozen=True)
class BidsImages:
    """The images of a session of a BIDS data set; its gradient echo's source lists its files.

    Parameters
    ----------
    session : Session
        One of ``find_sessions``.
    filters : mapping
        A filter file with sections ``t1w``, ``t2w``, ``flair``, ``ct``.
    """

    session: Session
    filters: Mapping[str, Any] = field(default_factory=dict)

    def find(self) -> FoundImages:
        """Choose one image of each kind by the stated rule."""
        images, ignored = find_images(self.session, self.filters)
        root = self.session.root
        left = tuple(
            {"file": item.path.relative_to(root).as_posix(), "reason": item.reason}
            for item in ignored
        )
        return FoundImages(images, left)

    def prefix(self, image: FoundImage) -> str:
        """Return the session's label and the image's entities."""
        entities = "".join(f"_{key}-{value}" for key, value in image.entities)
        return f"{self.session.label}{entities}_"

    def list_names(self) -> tuple[str, ...]:
        """Return nothing: the session's files are listed with its gradient echo."""
        return ()

    def locate(self, name: str) -> str | None:  # noqa: ARG002
        """Leave it to the gradient echo's source."""
        return None

    def name_of(self, path: str) -> str | None:  # noqa: ARG002
        """Leave it to the gradient echo's source."""
        return None


@dataclass(frozen=True)
class NamedImages:
    """Images named on the command line, by kind."""

    paths: Mapping[str, Path]

    def find(self) -> FoundImages:
        """Return them."""
        return FoundImages(
            {
                name: FoundImage(kind, path, beside(path), rule="named on the command line")
                for name, kind in IMAGE_KINDS.items()
                if (path := self.paths.get(name)) is not None
            }
        )

    def prefix(self, image: FoundImage) -> str:  # noqa: ARG002
        """Return nothing: a folder of plain files holds one session."""
        return ""

    def list_names(self) -> tuple[str, ...]:
        """Return their names and those of their sidecars."""
        return tuple(sorted(path.name for path in self._files()))

    def locate(self, name: str) -> str | None:
        """Return where one of them lies; None if it is none of these."""
        return next((str(path) for path in self._files() if path.name == name), None)

    def name_of(self, path: str) -> str | None:
        """Return a file's own name; None if it is none of these."""
        return next((one.name for one in self._files() if str(one) == path), None)

    def _files(self) -> list[Path]:
        found = self.find().images.values()
        return [path for image in found for path in (image.path, *image.sidecars)]


@dataclass(frozen=True)
class WithImages:
    """A gradient echo, if there is one, and images on grids of their own, as one source.

    Parameters
    ----------
    scan : Source or None
        The gradient echo.
    finder : ImageFinder
        Finds the images.
    """

    scan: Source | None
    finder: ImageFinder

    def parameters(self) -> Mapping[str, Any]:
        """Return what was said of the scan; images count by their content."""
        return self.scan.parameters() if self.scan else {}

    def list_names(self) -> tuple[str, ...]:
        """Return the names of both."""
        own = self.scan.list_names() if self.scan else ()
        return (*own, *self.finder.list_names())

    def locate(self, name: str) -> str:
        """Return where a file of the record lies now."""
        found = self.finder.locate(name)
        if found or self.scan is None:
            return found or name
        return self.scan.locate(name)

    def name_of(self, path: str) -> str:
        """Return a file's name for the record."""
        found = self.finder.name_of(path)
        if found or self.scan is None:
            return found or Path(path).name
        return self.scan.name_of(path)

    def choose(self) -> Chosen:
        """Tell what both give; a session without a gradient echo is a normal one."""
        found = self.finder.find()
        scan = self._scan(found)
        if scan.scanned:
            found = found.without_swi()
        images = {name: self._image(one) for name, one in found.images.items()}
        return replace(
            scan,
            files=(*scan.files, *(file for name in images for file in self._files(found, name))),
            given=scan.given | images.keys(),
            ignored=(*scan.ignored, *found.ignored),
            images=images,
        )

    def read(self, settings: Settings) -> Raw:
        """Read the gradient echo."""
        if self.scan is None:
            raise AbsentError(NO_SCAN)
        return self.scan.read(settings)

    def _scan(self, found: FoundImages) -> Chosen:
        """Return the gradient echo, or what is said where there is none."""
        none = {"magnitude": NO_SCAN, "phase": NO_SCAN}
        if self.scan is None:
            return Chosen((), frozenset(), none)
        try:
            return self.scan.choose()
        except InputError as error:
            if not found.images:
                if isinstance(error, AbsentError):
                    raise AbsentError(
                        f"{error.what}, and no T1w, T2w, FLAIR or CT",
                        file=error.file,
                        remedy=error.remedy,
                    ) from error
                raise
            if isinstance(error, AbsentError):
                return Chosen((), frozenset(), dict.fromkeys(none, error.what))
            named = self.name_of(error.file) if error.file else None
            why = str(type(error)(error.what, file=named, remedy=error.remedy))
            return Chosen((), frozenset(), dict.fromkeys(none, why), refused=why)

    def _image(self, found: FoundImage) -> ChosenImage:
        try:
            voxels = math.prod(read_header(found.path).grid.shape)
        except InputError:
            # Reading it will say what is wrong.
            voxels = 0
        return ChosenImage(
            found.kind,
            found.path,
            self.name_of(str(found.path)),
            self.finder.prefix(found),
            voxels,
            found.rule,
            found.sidecars,
        )

    def _files(self, found: FoundImages, name: str) -> list[InputFile]:
        image = found.images[name]
        words = image.kind.words
        about = [(image.path, words), *((path, f"sidecar of {words}") for path in image.sidecars)]
        return [InputFile(path, self.name_of(str(path)), role) for path, role in about]
