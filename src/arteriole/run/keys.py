"""Content keys: what a result depends on, as a short hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from arteriole.flow import STEPS
from arteriole.run.job import Job
from arteriole.settings import Settings
from arteriole.step import Step
from arteriole.version import __version__

SCAN_VERSION = 1
"""Raised when the same files are read as other numbers."""

REPORT_VERSION = 3
"""Raised when the same record and maps make another page."""


def content_key(*parts: Any) -> str:
    """Return a hash of JSON-able parts, the same on every machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def request_key(job: Job) -> str:
    """Return the key of what a job asks for, apart from the content of its files."""
    return content_key(
        __version__,
        [(step.name, step.version) for step in STEPS],
        (SCAN_VERSION, REPORT_VERSION),
        job.settings.to_dict(),
        job.targets,
        job.seed,
        job.source.parameters(),
    )


def step_keys(
    steps: Iterable[Step],
    settings: Settings,
    *,
    given: Mapping[str, str],
    seed: int,
) -> dict[str, str]:
    """Return the key of each step: its name, version, settings, seed, and the keys of its inputs.

    Parameters
    ----------
    steps : iterable of Step
        In the order of the flow.
    settings : Settings
        All settings; each step counts only its sections.
    given : mapping of str to str
        Key of each value that is read rather than made.
    seed : int
        Seed of the run.
    """
    value_keys = dict(given)
    keys: dict[str, str] = {}
    sections = settings.to_dict()
    exact = settings.output.level == "full"
    for step in steps:
        inputs = {n: value_keys[n] for n in step.inputs(settings) if n in value_keys}
        chosen = {name: sections[name] for name in step.settings}
        built_on = [*map(_digest, step.data), *map(_minor_version, step.libraries)]
        parts = [step.name, step.version, chosen, inputs, seed, exact]
        keys[step.name] = content_key(*parts, *([built_on] if built_on else []))
        value_keys |= dict.fromkeys(step.makes, keys[step.name])
    return keys


@cache
def _digest(name: str) -> str:
    """Return the SHA-256 of a file of this package."""
    file = files("arteriole").joinpath(*name.split("/"))
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "none"


@cache
def _minor_version(library: str) -> str:
    """Return name, major and minor version of an installed library."""
    return f"{library} {'.'.join(version(library).split('.')[:2])}"
