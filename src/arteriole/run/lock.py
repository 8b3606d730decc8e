"""One run a session: a lock file that knows whether its owner still lives."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arteriole.errors import LockedError, OutputError

SILENT_S = 600.0
"""A lock whose heartbeat is older than this is stale."""

BEAT_S = 20.0


@contextlib.contextmanager
def session_lock(folder: Path, *, break_lock: bool = False) -> Iterator[None]:
    """Hold the session's folder against other runs while the block lasts.

    The lock names its owner by process, boot and a hash of the machine's name; it beats every 20 s.
    A lock is stale when its process is dead (same machine and boot), when the machine has been
    started anew, or when it has been silent for ten minutes.

    Raises
    ------
    LockedError
        When another run holds the folder.
    OutputError
        When the folder cannot be written.
    """
    path = folder / ".lock"
    me = _me()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _take(path, me, break_lock=break_lock)
    except OSError as error:
        raise OutputError(
            f"the folder cannot be written ({error.strerror})",
            file=folder,
            remedy="Choose another output folder, or make this one writable.",
        ) from error
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(path, done), daemon=True)
    beat.start()
    try:
        yield
    finally:
        done.set()
        beat.join()
        if (_read(path) or {}).get("token") == me["token"]:
            path.unlink(missing_ok=True)


def is_held(folder: Path) -> bool:
    """Tell whether a living run holds the session's folder."""
    owner = _read(folder / ".lock")
    return owner is not None and not _stale(folder / ".lock", owner)


def _take(path: Path, me: dict[str, Any], *, break_lock: bool) -> None:
    """Create the lock file, or take over a stale one."""
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "w") as file:
            json.dump(me, file)
            return
    except FileExistsError:
        owner = _read(path)
    if owner is None or break_lock or _stale(path, owner):
        mine = path.with_name(f".lock-{me['token']}")
        mine.write_text(json.dumps(me))
        mine.replace(path)
        # Of two runs that take over at once only the later one finds its own name after a moment.
        time.sleep(0.1)
        owner = _read(path)
    if owner is None or owner.get("token") != me["token"]:
        raise LockedError(
            f"another run (process {(owner or {}).get('pid')}) is working on this session",
            file=path.parent,
            remedy="Wait for it, or give --break-lock if you are sure that it is gone.",
        )


def _beat(path: Path, done: threading.Event) -> None:
    while not done.wait(BEAT_S):
        with contextlib.suppress(OSError):
            os.utime(path)


def _me() -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "boot": _boot(),
        "machine": _machine(),
        "token": secrets.token_hex(8),
    }


def _read(path: Path) -> dict[str, Any] | None:
    """Return the owner written in a lock; an unreadable one that is young may be being written."""
    try:
        owner = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {"pid": 0, "boot": _boot(), "machine": ""}
    return owner if isinstance(owner, dict) else {"pid": 0, "boot": "", "machine": ""}


def _stale(path: Path, owner: dict[str, Any]) -> bool:
    try:
        silent = time.time() - path.stat().st_mtime
    except OSError:
        return True
    if silent > SILENT_S:
        return True
    if owner.get("machine") != _machine():
        return False
    return owner.get("boot") != _boot() or not _alive(int(owner.get("pid", 0)))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid > 0


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _machine() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]
