from __future__ import annotations

import pickle

import pytest

from arteriole import errors


def test_a_message_says_where_what_and_what_to_do():
    error = errors.MetadataError("EchoTime is missing", file="a.json", remedy="Add it in seconds.")
    assert str(error) == "a.json: EchoTime is missing. Add it in seconds."


@pytest.mark.parametrize(
    ("kind", "code"),
    [(errors.SettingsError, 2), (errors.DatasetError, 3), (errors.ArterioleError, 1)],
)
def test_exit_codes(kind, code):
    assert kind("x").exit_code == code


def test_errors_cross_process_boundaries():
    error = errors.LockedError("held", file="b", remedy="Wait.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.LockedError
    assert (again.what, again.file, again.remedy) == ("held", "b", "Wait.")


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = {word for word in errors.__doc__.split() if word.endswith("Error")}
    named = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, errors.ArterioleError)
        and not name.startswith("_")
    }
    assert drawn - {"``ValueError``"} == named
