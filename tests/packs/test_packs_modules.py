"""What a module of a pack has at its top, read and not run."""

from pathlib import Path

import pytest

from suite.spec.packs.modules import defines


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("def it(): ...", True),
        ("class it: ...", True),
        ("it = other", True),
        ("it: int = 3", True),
        ("it: int", False),
        ("one, (it, two) = 1, (2, 3)", True),
        ("from math import sqrt as it", True),
        ("try:\n    from math import sqrt as it\nexcept ImportError:\n    pass", True),
        ("try:\n    import fast\nexcept ImportError:\n    def it(): ...", True),
        ("if True:\n    pass\nelse:\n    it = 3", True),
        ("def other():\n    it = 3", False),
        ("class Other:\n    it = 3", False),
        ("other = [it for it in ()]", False),
        ("other = it", False),
    ],
)
def test_names(tmp_path: Path, text: str, is_there: bool) -> None:
    (tmp_path / "module.py").write_text(text)
    assert defines(tmp_path, "module:it") == is_there
