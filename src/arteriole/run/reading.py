"""What a session reads, when a step first asks for it; what is refused, and why."""

from __future__ import annotations

import os
from collections.abc import Callable

from arteriole.errors import InputError, OutputError
from arteriole.grid import Volume
from arteriole.run.job import Chosen, Job, Raw
from arteriole.run.record import Record


class Reading:
    """The gradient echo and the images of a session, each read once.

    Parameters
    ----------
    job : Job
        With the source and the settings.
    chosen : Chosen
        What is read.
    record : Record
        Takes what is known of scan and images.
    """

    def __init__(self, job: Job, chosen: Chosen, record: Record) -> None:
        self.job = job
        self.chosen = chosen
        self.record = record
        self._raw: Raw | None = None
        self.refused = {
            name: facts["refused"] for name, facts in record.images.items() if "refused" in facts
        }
        """Images that cannot be used, by the name of their value, and why."""
        self.scan_refused = chosen.refused
        """Why the gradient echo that is there cannot be used."""

    @property
    def has_scan(self) -> bool:
        """Whether there is a gradient echo that was not refused."""
        return bool(self.chosen.scanned) and not self.scan_refused

    @property
    def anything(self) -> bool:
        """Whether something was read."""
        return self._raw is not None or bool(self.record.images)

    def scan(self) -> Raw | None:
        """Return the gradient echo; None if there is none, or it is refused beside other images.

        Raises
        ------
        InputError
            If it cannot be used and the session has no other image.
        """
        if self._raw is None and self.has_scan:
            try:
                self._raw = self.job.source.read(self.job.settings)
            except InputError as error:
                if not self.chosen.images:
                    raise
                self.scan_refused = without_folders(error, self.job.source.name_of)
                return None
            self.record.scan = dict(self._raw.facts) | {"notes": list(self._raw.notes)}
        return self._raw

    def image(self, name: str, *, key: str) -> Volume | None:
        """Return an image; None if it is refused, then `refused` says why.

        The key is that of its content, by which a later run knows what is told of it.
        """
        # Reading needs the checks; who only lists files does without.
        from arteriole.io.image_file import read_image_file

        chosen = self.chosen.images[name]
        about = {"file": chosen.name, "words": chosen.kind.words, "choice": chosen.rule, "key": key}
        try:
            read = read_image_file(chosen.path, chosen.kind, sidecars=chosen.sidecars)
        except InputError as error:
            self.refused[name] = without_folders(error, self.job.source.name_of)
            self.record.images[name] = about | {"refused": self.refused[name]}
            return None
        self.record.images[name] = about | read.facts | {"notes": list(read.notes)}
        return read.volume


def without_folders(error: InputError | OutputError, name_of: Callable[[str], str]) -> str:
    """Return a message for the record, which does not tell where the data lie."""
    if error.file is None:
        return str(error)
    return str(type(error)(error.what, file=name_of(os.fspath(error.file)), remedy=error.remedy))
