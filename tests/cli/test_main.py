from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from arteriole.cli.main import main
from arteriole.version import __version__


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "arteriole.cli.main", *words],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_help_and_version_import_nothing_heavy():
    code = (
        "import sys; from arteriole.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numba', 'scipy', 'nibabel', 'matplotlib', 'pydicom', 'numpy'}\n"
        "heavy &= set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout
    assert "BIDS App" in done.stdout
    assert "not a medical device" in done.stdout


def test_version(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert __version__ in capsys.readouterr().out


def test_info_as_json(capsys):
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["arteriole"] == __version__
    assert next(iter(facts["steps"])) == "segment-t1w"
    assert facts["steps"]["brain"] == 1


def test_info_prints_settings_that_config_takes(capsys, tmp_path):
    from arteriole.settings import Settings

    assert main(["info"]) == 0
    text = capsys.readouterr().out.partition("(as for --config)")[2]
    assert Settings.from_toml(text) == Settings()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "a", "b", "participants"], "invalid choice"),
        (["a", "b"], "level"),
        (["a", "b", "participant", "--nprocs", "0"], "one or more"),
        (["a", "b", "participant", "--mem", "lots"], "8G or 500M"),
        (["a", "b", "participant", "--participant-label", "../x"], "letters and digits"),
        ([], "COMMAND"),
    ],
)
def test_wrong_command_lines_end_with_2(words, message, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(words)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "b", "participant", "--set", "field.method=magic"], "one of pdf, resharp, vsharp"),
        (["a", "b", "participant", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["a", "b", "participant", "--force", "magic"], "no such step"),
        (["a", "b", "participant", "--bids-filter-file", "nowhere.json"], "cannot be read"),
        (["qsm", "-o", "out"], "needs --magnitude"),
        (["qsm", "-m", "nowhere.nii", "-o", "out"], "no such file"),
        (["simulate", "x", "--protocol", "magic"], "no protocol 'magic'"),
    ],
)
def test_commands_that_cannot_be_done_end_with_2(words, message, capsys):
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_not_a_data_set_ends_with_3(tmp_path, capsys):
    assert main([str(tmp_path), str(tmp_path / "out"), "participant"]) == 3
    assert str(tmp_path) in capsys.readouterr().err


def test_status_of_nowhere_ends_with_3(tmp_path, capsys):
    assert main(["status", str(tmp_path / "nowhere")]) == 3
    assert "no such output folder" in capsys.readouterr().err


def test_settings_are_documented_where_help_says(capsys):
    with pytest.raises(SystemExit):
        main(["qsm", "--help"])
    text = capsys.readouterr().out
    for option in ("--magnitude", "--phase", "--te", "--b0", "--total-field", "--local-field",
                   "--field-unit", "--mask", "--b0-direction", "--set", "--config"):  # fmt: skip
        assert option in text


def test_starting_is_quick_enough_to_be_pleasant():
    """Not a timed goal: only that nothing heavy sneaks in."""
    start = time.perf_counter()
    assert run("--version").returncode == 0
    assert time.perf_counter() - start < 20
