"""What a record comes to: the warnings of its steps, and whether the session is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from arteriole.run.record import Record, SessionStatus


def warnings_of(record: Record) -> list[str]:
    """Return what a reader should know, in words: notes of reading, then step by step."""
    words = list(record.scan.get("notes", []))
    for image in record.images.values():
        if "refused" in image:
            words.append(f"the {image['words']} was not used: {image['refused']}")
        words += [f"{image['file']}: {note}" for note in image.get("notes", [])]
    for entry in record.steps:
        words += entry.warnings
        if entry.status == "failed" or entry.refused:
            words.append(f"{entry.name}: {entry.reason}")
    return list(dict.fromkeys(words))


def verdict(
    record: Record, missing: Mapping[str, str], targets: Collection[str], *, refused: str = ""
) -> tuple[SessionStatus, str]:
    """Return the status of a session, and the reason when it is not plainly done.

    Parameters
    ----------
    record : Record
        With an entry for every step.
    missing : mapping of str to str
        Values that are not there, with the reason.
    targets : collection of str
        Values that were asked for by name; without one of them the session has failed.
    refused : str
        Why a gradient echo that is there could not be used: the session has failed, although its
        other images are done.
    """
    steps = [entry for entry in record.steps if entry.name != "report"]
    failed = [entry.reason for entry in steps if entry.status == "failed"]
    if refused:
        failed.insert(0, refused)
    if failed:
        return "failed", "; ".join(failed)
    unmade = [missing[name] for name in targets if name in missing]
    if unmade:
        return "failed", _once(unmade)
    if all(entry.status == "skipped" for entry in steps):
        bad = [image["refused"] for image in record.images.values() if "refused" in image]
        if bad:
            return "failed", _once(bad)
        return "skipped", _once([entry.reason for entry in steps])
    return "done", ""


def _once(reasons: list[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))
