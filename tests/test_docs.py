"""What the pages say is so: examples run, commands parse, settings exist, nothing is fetched."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

import arteriole
from arteriole.cli import anatomy, app, import_, info, insert, plain, simulate, status
from arteriole.cli.common import read_settings
from arteriole.cli.main import main
from arteriole.errors import SettingsError
from arteriole.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")])
PAGES = [page for page in PAGES if "_build" not in page.parts]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"`(?:--set )?([a-z0-9]+)\.([a-z0-9_]+)(?: ?= ?\"?([^\s`\"]+)\"?)?`")
HOSTS = re.compile(
    r"pypi\.org|pythonhosted|npmjs|conda\.anaconda|crates\.io|docker\.io|ghcr\.io|quay\.io"
    r"|index-url|127\.0\.0\.1|localhost",
    re.IGNORECASE,
)


def commands(text: str) -> list[str]:
    """The arteriole commands of a page's console examples."""
    lines = []
    for language, block in FENCE.findall(text):
        if language in ("console", "bash"):
            joined = block.replace("\\\n", " ")
            lines += [line.removeprefix("$ ").strip() for line in joined.splitlines()]
    return [line for line in lines if line.startswith("arteriole ")]


COMMANDS = sorted({c for page in PAGES for c in commands(page.read_text(encoding="utf-8"))})


def modules() -> list[str]:
    found = pkgutil.walk_packages(arteriole.__path__, "arteriole.")
    return ["arteriole", *(module.name for module in found)]


def test_docstring_examples_give_what_they_say():
    finder = doctest.DocTestFinder()
    ran = 0
    for name in modules():
        module = importlib.import_module(name)
        for example in finder.find(module, name):
            result = doctest.DocTestRunner(verbose=False).run(example)
            assert result.failed == 0, f"{example.name}: {result}"
            ran += result.attempted
    assert ran > 5


def test_pages_have_commands():
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("command", COMMANDS)
def test_command_parses_and_its_settings_exist(command, monkeypatch):
    seen = []
    for module, work in (
        (app, "work"),
        (import_, "run"),
        (plain, "work"),
        (anatomy, "work"),
        (simulate, "simulate_work"),
        (simulate, "demo_work"),
        (insert, "work"),
        (status, "work"),
        (info, "work"),
    ):
        monkeypatch.setattr(module, work, lambda args: seen.append(args) or 0)
    monkeypatch.setattr(plain, "existing", Path)
    monkeypatch.setattr(anatomy, "existing", Path)
    monkeypatch.setattr(insert, "existing", Path)
    assert main(shlex.split(command)[1:]) == 0
    (args,) = seen
    if hasattr(args, "set"):
        args.config = None
        read_settings(args)
    if hasattr(args, "flair"):
        anatomy._paths(args)
    if hasattr(args, "tool"):
        plain._need_something(args)
    if getattr(args, "force", None) and hasattr(args, "level"):
        app._known_steps(args.force)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_that_a_page_names_exist(page):
    sections = Settings().to_dict()
    for section, key, value in SETTING.findall(page.read_text(encoding="utf-8")):
        if section not in sections:
            continue
        assert key in sections[section], f"{section}.{key}"
        if value and value not in ("...", "VALUE"):
            Settings.from_pairs([f"{section}.{key}={value}"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_files_on_a_page_are_read(page):
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "toml" and set(tomllib.loads(block)) & set(Settings().to_dict()):
            Settings.from_toml(block)


def test_the_check_of_settings_would_find_a_wrong_one():
    assert SETTING.findall("`field.method`, `--set field.method=nowhere`") == [
        ("field", "method", ""),
        ("field", "method", "nowhere"),
    ]
    with pytest.raises(SettingsError):
        Settings.from_pairs(["field.method=nowhere"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_registry(page):
    assert not HOSTS.search(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def from_code():
    pytest.importorskip("sphinx", reason="the pages are built with Sphinx: make setup-dev")
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    try:
        yield importlib.import_module("from_code")
    finally:
        sys.path.remove(str(ROOT / "docs" / "_ext"))


def test_every_setting_is_in_the_table(from_code):
    text = from_code.settings_tables()
    for section, values in Settings().to_dict().items():
        for key in values:
            assert f"`{section}.{key}`" in text


def test_every_command_has_its_help_on_the_page(from_code):
    page = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    for name in from_code.command_names():
        assert f"<!-- from code: help {name} -->" in page


def test_every_science_module_is_in_the_reference(from_code):
    pages = ROOT.glob("docs/reference/python-*.md")
    text = "\n".join(from_code.filled(page.read_text(encoding="utf-8")) for page in pages)
    for stage in ("scan", "brain", "phase", "field", "susceptibility", "contrast", "regions"):
        for name in from_code.documented_modules(f"arteriole.{stage}"):
            assert f".. automodule:: {name}\n" in text


def test_every_mark_on_a_page_is_filled(from_code):
    for page in PAGES:
        if page.is_relative_to(ROOT / "docs"):
            assert "<!-- from code" not in from_code.filled(page.read_text(encoding="utf-8"))


def test_pages_ask_nothing_of_the_network(from_code):
    """Neither the configuration nor the style brings in what lies elsewhere."""
    for path in (ROOT / "docs").glob("**/*"):
        if path.suffix in (".py", ".css") and "_build" not in path.parts:
            assert not re.search(r"https?://|@import", path.read_text(encoding="utf-8")), path
