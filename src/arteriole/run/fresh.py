"""Whether a session has nothing to do, told in a fraction of a millisecond."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from arteriole.run.job import Job
from arteriole.run.keys import request_key


def nothing_to_do(job: Job, *, request: str | None = None) -> bool:
    """Tell whether an earlier run did all that a job asks for, with the files as they are now.

    Only names, sizes and times are looked at; whatever differs is left to the session itself, which
    compares contents.

    Parameters
    ----------
    job : Job
        The session.
    request : str, optional
        ``request_key(job)``, when many jobs ask for the same.
    """
    if job.force or job.verify:
        return False
    try:
        record = json.loads(job.record.read_bytes())
        return (
            record["status"] in ("done", "skipped")
            and record["request"] == (request or request_key(job))
            and tuple(record["listed"]) == job.source.list_names()
            and _as_they_were(record["inputs"], job.source.locate)
            and all(_as_they_were(step["outputs"], job.folder.joinpath) for step in record["steps"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _as_they_were(stamps: Iterable[Mapping[str, Any]], locate: Any) -> bool:
    return all(_same(locate(stamp["file"]), stamp) for stamp in stamps)


def _same(path: Path, stamp: Mapping[str, Any]) -> bool:
    about = os.stat(path)
    return about.st_size == stamp["size"] and about.st_mtime_ns == stamp["mtime_ns"]
