from __future__ import annotations

import pytest
import tomli_w

from arteriole.errors import SettingsError
from arteriole.settings import Settings


def test_toml_there_and_back():
    settings = Settings.from_pairs(["field.method=vsharp", "susceptibility.tv_weight=0.001"])
    assert Settings.from_toml(tomli_w.dumps(settings.to_dict())) == settings


def test_what_is_not_named_keeps_its_value():
    start = Settings.from_pairs(["field.method=vsharp"])
    settings = Settings.from_toml("[swi]\nmethod = 'classic'\n", start=start)
    assert (settings.field.method, settings.swi.method) == ("vsharp", "classic")


def test_whole_numbers_are_taken_for_real_ones():
    settings = Settings.from_pairs(["swi.mip_thickness_mm=10"])
    assert isinstance(settings.swi.mip_thickness_mm, float)


def test_words_need_no_quotes_and_flags_are_flags():
    settings = Settings.from_pairs(["field.method=vsharp", "phase.remove_offset=false"])
    assert settings.field.method == "vsharp"
    assert settings.phase.remove_offset is False


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("field", "section.key=value"),
        ("field.method", "section.key=value"),
        ("fields.method=pdf", "unknown section 'fields'"),
        ("field.methods=pdf", "unknown key field.methods"),
        ("field.method=magic", "field.method is one of pdf, resharp, vsharp, lbv, ismv"),
        ("swi.mip_thickness_mm=thick", "swi.mip_thickness_mm is a float, not 'thick'"),
        ("phase.remove_offset=1", "phase.remove_offset is a bool"),
    ],
)
def test_refuses_pairs(pair, message):
    with pytest.raises(SettingsError, match=message):
        Settings.from_pairs([pair])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[field", "not valid TOML"),
        ("field = 3", "is a section with keys"),
        ("[qsm]\nx = 1", "unknown section 'qsm'"),
    ],
)
def test_refuses_toml(text, message):
    with pytest.raises(SettingsError, match=message):
        Settings.from_toml(text)


def test_a_preset_is_a_set_of_settings_with_a_name():
    fast = Settings.preset("fast")
    assert (fast.field.method, fast.susceptibility.method) == ("vsharp", "tv")
    assert fast.susceptibility.tv_steps < Settings().susceptibility.tv_steps
    assert fast.preset_name == "fast"
    assert Settings.preset("default") == Settings()
    assert Settings().preset_name == "default"


def test_a_preset_keeps_its_name_whatever_is_written_and_loses_it_otherwise():
    fast = Settings.preset("fast")
    assert Settings.from_pairs(["output.level=full"], start=fast).preset_name == "fast"
    assert Settings.from_pairs(["field.method=pdf"], start=fast).preset_name == ""


def test_refuses_a_preset_that_there_is_not():
    with pytest.raises(SettingsError, match="unknown preset 'quick'; there are default, fast"):
        Settings.preset("quick")
