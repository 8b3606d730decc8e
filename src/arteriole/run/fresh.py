"""Whether a session has nothing to do, told in a fraction of a millisecond."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
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
    folder = os.fspath(job.folder)
    try:
        with open(f"{folder}/run.json", "rb") as file:
            record = json.loads(file.read())
        return (
            record["status"] in ("done", "skipped")
            and record["request"] == (request or request_key(job))
            and tuple(record["listed"]) == job.source.list_names()
            and all(_same(job.source.locate(stamp["file"]), stamp) for stamp in record["inputs"])
            and all(
                _same(f"{folder}/{stamp['file']}", stamp)
                for step in record["steps"]
                for stamp in step["outputs"]
            )
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _same(path: str, stamp: Mapping[str, Any]) -> bool:
    about = os.stat(path)
    return about.st_size == stamp["size"] and about.st_mtime_ns == stamp["mtime_ns"]
