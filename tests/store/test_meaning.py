"""What counts as a change of the code."""

import pytest

from suite.store.meaning import meaning

SOURCE = '''"""A module."""

import os  # for its separator

LIMIT = 3
"""Of something."""


def half(x: float) -> float:
    """Half of it,
    on two lines.
    """
    # A reason.
    text = "# no comment: 'é'"  # é
    return x / 2 if text else 0.0
'''
PLAIN = """import os
LIMIT = 3
def half(x: float) -> float:
    text = "# no comment: 'é'"
    return x / 2 if text else 0.0"""


def test_comments_docstrings_and_blank_lines_say_nothing() -> None:
    assert meaning(SOURCE) == PLAIN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A module", "Another"),
        ("# A reason.", "# Two\n    # reasons."),
        ("Half", "A third"),
        ("\n\n\n", "\n\n"),
    ],
)
def test_a_change_of_words_is_none(old: str, new: str) -> None:
    assert meaning(SOURCE.replace(old, new)) == PLAIN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x / 2", "x / 3"),
        ("# no comment", "# a comment"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3 ; LIMIT = 3"),
    ],
)
def test_a_change_of_code_is_one(old: str, new: str) -> None:
    assert meaning(SOURCE.replace(old, new, 1)) != PLAIN


def test_a_string_in_an_expression_is_code() -> None:
    assert meaning('x = f("a")  # b\n"c" + y') == 'x = f("a")\n"c" + y'


def test_what_is_not_python_is_told() -> None:
    with pytest.raises(SyntaxError):
        meaning("x = (1,")


def test_a_form_feed_ends_no_line() -> None:
    source = "import os\n\f\nRATE = {}\n# {}\n"
    assert meaning(source.format(1, "A rate.")) == meaning(source.format(1, "Its reason."))
    assert meaning(source.format(1, "A rate.")) != meaning(source.format(2, "A rate."))


@pytest.mark.parametrize("text", ["one \ntwo", "one\n\ntwo", "one\n\n\ntwo", "one\n  \ntwo"])
def test_what_ends_lines_of_a_text_is_code(text: str) -> None:
    plain = meaning('TEXT = """one\ntwo"""')
    assert meaning(f'TEXT = """{text}"""') != plain
    assert meaning(f'"""{text}"""\nTEXT = """one\ntwo"""') == plain


def test_carriage_returns_say_nothing() -> None:
    assert meaning(SOURCE.replace("\n", "\r\n")) == PLAIN
