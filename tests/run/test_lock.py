from __future__ import annotations

import json
import os
import time

import pytest

from arteriole.errors import LockedError, OutputError
from arteriole.run import lock
from arteriole.run.lock import is_held, session_lock


def write_lock(folder, **changes):
    owner = lock._me() | changes
    (folder / ".lock").write_text(json.dumps(owner))


def test_holds_and_lets_go(tmp_path):
    with session_lock(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    assert not (tmp_path / ".lock").exists()


def test_a_second_run_is_told(tmp_path):
    told = pytest.raises(LockedError, match=r"another run .*break-lock")
    with session_lock(tmp_path), told, session_lock(tmp_path):
        raise AssertionError
    assert not (tmp_path / ".lock").exists()


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path):
    write_lock(tmp_path, pid=2**22 + 1)
    with session_lock(tmp_path):
        assert is_held(tmp_path)


def test_the_lock_of_an_earlier_boot_is_taken_over(tmp_path):
    write_lock(tmp_path, boot="another")
    with session_lock(tmp_path):
        pass


def test_the_lock_of_another_machine_counts_until_it_is_silent(tmp_path):
    write_lock(tmp_path, machine="elsewhere", pid=2**22 + 1)
    with pytest.raises(LockedError), session_lock(tmp_path):
        pass
    silent = time.time() - lock.SILENT_S - 1
    os.utime(tmp_path / ".lock", (silent, silent))
    with session_lock(tmp_path):
        pass


def test_break_lock(tmp_path):
    write_lock(tmp_path, machine="elsewhere")
    with session_lock(tmp_path, break_lock=True):
        assert is_held(tmp_path)


def test_a_lock_names_no_machine_and_no_user(tmp_path):
    import getpass
    import socket

    with session_lock(tmp_path):
        text = (tmp_path / ".lock").read_text()
    assert socket.gethostname() not in text
    assert f'"{getpass.getuser()}"' not in text


def test_a_broken_lock_that_is_young_is_respected(tmp_path):
    (tmp_path / ".lock").write_text("{")
    with pytest.raises(LockedError), session_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), session_lock(tmp_path / "file"):
        pass
