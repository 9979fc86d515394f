"""Which versions of packs two sides have is told: a revision takes packs as they are now."""

import json
from pathlib import Path

import pytest

from suite.compare.as_json import as_json
from suite.compare.compare import Comparison
from suite.compare.markdown import markdown
from suite.compare.origins import named
from suite.compare.packs import notes
from suite.compare.side import side
from suite.compare.text import text
from suite.store.record import Code
from suite.store.store import Store
from suite.store.version import fingerprint
from tests.compare.versions import held_against, spread, study, version

OF = study()
MINE, OLDER, OTHERS = (f"{'a' * 12}+{packs}" for packs in ("mine.c0ffee", "mine.badbad", "theirs.ba5eba"))


def compared(before: str, after: str) -> Comparison:
    """A revision against the code as it is, each of a version."""
    found = held_against(OF, version(OF, spread(3), name=before), version(OF, spread(3), name=after))
    packed = tuple(f"there@{each}" for each in (OLDER, MINE, OTHERS))
    sides = (found.before._replace(name="v1", revision="abc", packed=packed), found.after)
    return found._replace(before=sides[0], after=sides[1]._replace(name="now", packed=packed))


def test_a_pack_beside_a_revision_is_said_to_be_as_it_is_now() -> None:
    found = compared(MINE, MINE)
    said = "pack 'mine' is taken as it is now on both sides; for what it was: compare there@"
    assert list(notes(found)) == [f"{said}{OLDER} now"]
    assert f"note    {said}{OLDER} now" in text(found, 120).splitlines()
    assert "is taken as it is now" in markdown(found)


def test_without_a_pack_or_a_revision_nothing_is_said() -> None:
    assert list(notes(compared("a" * 12, "a" * 12))) == []
    found = compared(MINE, MINE)
    assert list(notes(found._replace(before=found.before._replace(revision="")))) == []


def test_beside_a_folder_it_is_the_revision_alone() -> None:
    found = compared(OTHERS, OTHERS)
    folder = found._replace(after=found.after._replace(name="there"))
    assert list(notes(folder)) == ["pack 'theirs' is taken as it is now for 'v1'"]


def test_every_form_names_the_versions_of_packs() -> None:
    found = compared(MINE, OTHERS)
    labels = "the old one, mine.c0ffee", "the new one, theirs.ba5eba"
    assert text(found, 120).splitlines()[:2] == [f"before  {labels[0]}", f"after   {labels[1]}"]
    assert [(row.before, row.after) for row in named(found) if row.name == "Results of"] == [labels]
    assert markdown(found).startswith(f"### {labels[0]} against {labels[1]}\n")
    told = json.loads(json.dumps(as_json(found)))
    assert (told["before"]["label"], told["after"]["label"]) == labels


def test_a_label_that_names_them_is_left_as_it_is() -> None:
    found = compared(MINE, MINE)
    folder = found._replace(before=found.before._replace(label=f"there ({MINE})"))
    assert text(folder, 120).splitlines()[0] == f"before  there ({MINE})"


def test_a_version_of_the_code_knows_its_commit_and_the_versions_with_packs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.revisions.fingerprints.fingerprint_at", lambda *_: fingerprint())
    for name in (fingerprint(), f"{fingerprint()}+mine.c0ffee"):
        (Store(tmp_path, name).runs / "broken").mkdir(parents=True)
        (Store(tmp_path, name).runs / "broken" / "record.json").write_text("{}")
    now, head = side("now", tmp_path), side("HEAD", tmp_path)
    assert now.packed == head.packed == (f"{tmp_path}@{fingerprint()}+mine.c0ffee",)
    assert now.code_of is not None
    assert head.code_of is not None
    assert head.code_of() == Code(fingerprint(), head.revision, "")
    assert now.code_of().commit == head.revision
