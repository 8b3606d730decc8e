from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from arteriole.cli.common import add_settings, read_settings


def settings_of(*words):
    parser = argparse.ArgumentParser()
    add_settings(parser)
    return read_settings(parser.parse_args([str(word) for word in words]))


def test_file_and_pairs_win_over_the_preset(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("[field]\nmethod = 'pdf'\n[swi]\nmethod = 'classic'\n")
    settings = settings_of("--preset", "fast", "--config", file, "--set", "swi.method=clear")
    assert settings.field.method == "pdf"
    assert settings.swi.method == "clear"
    assert settings.susceptibility == settings_of("--preset", "fast").susceptibility


def test_refuses_a_preset_that_there_is_not(capsys):
    with pytest.raises(SystemExit):
        settings_of("--preset", "quick")
    assert "invalid choice: 'quick'" in capsys.readouterr().err


def test_listing_a_study_imports_no_kernels():
    code = (
        "import sys, arteriole.run.study\n"
        "print(*sorted({'numba', 'scipy', 'nibabel', 'matplotlib'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
