"""Which packs there are, and names that clash."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.spec.packs import found
from suite.spec.packs.code import code, is_here, made
from suite.spec.packs.words import needed
from suite.store.version import ROOT
from tests.packs.conftest import BAG, EXAMPLE

Load = Callable[..., None]


def pack(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(text)
    return folder


def error() -> str:
    with pytest.raises(UserError) as caught:
        found.packs()
    return str(caught.value)


def test_folders_are_packs_where_they_are_named_only(load: Load) -> None:
    assert found.packs() == ()
    load(BAG, EXAMPLE)
    assert [each.name for each in found.packs()] == ["bag", "spectral-normalization"]


def test_a_folder_that_is_named_twice_is_one_pack(load: Load) -> None:
    load(BAG)
    found.place([BAG, BAG / ".." / "bag"])
    assert [each.name for each in found.packs()] == ["bag"]


def test_a_folder_without_a_declaration_is_no_pack(load: Load, tmp_path: Path) -> None:
    load(tmp_path)
    assert error().startswith(
        f"{tmp_path}/pack.yaml: cannot be read: No such file or directory\n    a pack is"
    )


def test_every_mistake_of_a_declaration_has_its_place(load: Load, tmp_path: Path) -> None:
    text = "pack: One\nconstraint: {}\nlosses:\n  mine: {at: nowhere}\n"
    load(pack(tmp_path / "one", text))
    places = [line.split(" ")[0] for line in error().splitlines() if "pack.yaml:" in line]
    assert places == [f"{tmp_path}/one/pack.yaml:{at}:" for at in ("1:7", "2:1", "4:14")]


@pytest.mark.parametrize(
    ("section", "name", "noun"),
    [
        ("data", "swiss_roll", "data set"),
        ("generators", "resampled", "generator"),
        ("critics", "dcgan", "critic"),
        ("losses", "hinge", "loss"),
        ("constraints", "clip", "constraint"),
        ("probes", "quality", "probe"),
        ("probes", "losses", "probe"),
        ("metrics", "last", "metric"),
        ("figures", "curves", "figure"),
    ],
)
def test_a_name_of_the_suites_own_is_taken(
    load: Load, tmp_path: Path, section: str, name: str, noun: str
) -> None:
    load(pack(tmp_path / "one", f"pack: one\n{section}: {{{name}: {{at: 'a:b'}}}}\n"))
    assert error() == (
        f"{tmp_path}/one/pack.yaml: {noun} {name!r} of pack 'one' is one of the suite's own\n"
        "    give it another name"
    )


def test_two_packs_cannot_bring_the_same_name(load: Load, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pack(
            tmp_path / name,
            f"pack: {name}\nlosses: {{mine: {{at: 'a:b'}}}}\nmetrics: {{{name}: {{at: 'a:b'}}}}\n",
        )
    load(tmp_path / "two", tmp_path / "one")
    assert error() == (
        f"{tmp_path}/two/pack.yaml and {tmp_path}/one/pack.yaml: "
        "packs 'two' and 'one' both bring a loss 'mine'\n"
        "    rename one of them, or give one pack only"
    )


def test_two_packs_cannot_have_the_same_name(load: Load, tmp_path: Path) -> None:
    load(pack(tmp_path / "one", "pack: same\n"), pack(tmp_path / "two", "pack: same\n"))
    assert error() == (
        f"{tmp_path}/one/pack.yaml and {tmp_path}/two/pack.yaml: both are pack 'same'\n"
        "    leave one out, or rename it"
    )


# --- Installed packages -------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with an entry point, in a place of its own."""
    place = tmp_path / "site"
    pack(place / "my_pack", "pack: mine\nmetrics: {largest: {at: 'numbers:largest'}}\n")
    (place / "my_pack" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (place / "my_pack" / "numbers.py").write_text("def largest(series):\n    return max(series)\n")
    about = place / "my_pack-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-pack\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[wgan_suite.packs]\nmine = my_pack\n")
    monkeypatch.syspath_prepend(str(place))
    found._packs.cache_clear()
    yield place
    found._packs.cache_clear()


def test_an_installed_package_is_a_pack_and_is_not_imported_for_it(installed: Path) -> None:
    (only,) = found.packs()
    assert (only.name, only.folder) == ("mine", installed / "my_pack")
    assert code("metrics", "mine/largest", {})([1, 3, 2]) == 3
    assert "my_pack" not in sys.modules


def test_an_entry_point_without_a_package_is_told(installed: Path) -> None:
    (installed / "my_pack-1.0.dist-info" / "entry_points.txt").write_text(
        "[wgan_suite.packs]\nmine = none_such\n"
    )
    assert error().startswith("installed pack 'mine': there is no package 'none_such'\n")


# --- Code ---------------------------------------------------------------------------------


def test_options_are_those_given_and_else_those_declared(bag: Path) -> None:
    assert made("losses", "bag/scaled_hinge", {"scale": 3.0}).scale == 3
    ball = made("constraints", "bag/ball", {"weight": 2.0})
    assert (ball.radius, ball.weight) == (1, 2)
    assert made("constraints", "bag/ball", {"weight": 2.0}) is ball


def test_a_whole_number_stays_one(bag: Path) -> None:
    power = code("metrics", "bag/spread", {"power": 2.0}).keywords["power"]  # type: ignore[attr-defined]
    assert (type(power), power) == (int, 2)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("other/ball", "constraint 'other/ball': pack 'other' is not here\n"),
        ("bag/none", "constraint 'bag/none': pack 'bag' brings none of that name\n    it brings ball: "),
    ],
)
def test_what_is_not_here_is_said_with_a_cure(bag: Path, use: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        made("constraints", use, {})
    assert str(caught.value).startswith(said)
    assert is_here(use) == use.startswith("bag/")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("nowhere:Ball", "says it is at nowhere:Ball, but there is no module 'nowhere'\n"),
        ("code:Nothing", "there is no 'Nothing' in that module"),
        ("code:np", "cannot be called"),
    ],
)
def test_code_that_is_not_where_it_should_be_is_told(copied: Path, load: Load, at: str, said: str) -> None:
    file = copied / "pack.yaml"
    file.write_text(file.read_text().replace("code:Ball", at))
    load(copied)
    with pytest.raises(UserError) as caught:
        made("constraints", "bag/ball", {})
    assert said in str(caught.value)
    assert str(caught.value).startswith("bag/ball: ")


def test_a_command_names_the_packs_that_an_experiment_comes_with_or_uses(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(BAG, EXAMPLE)
    monkeypatch.chdir(BAG.parent)
    of_the_suite, of_the_bag = ROOT / "experiments" / "a.yaml", BAG / "experiments" / "bag" / "a.yaml"
    assert needed(of_the_suite, []) == []
    assert needed(of_the_bag, []) == ["--pack", "bag"]
    assert needed(of_the_suite, ["bag", "absent"]) == ["--pack", "bag"]
    assert needed(of_the_bag, ["spectral-normalization"]) == ["--pack", "bag", "--pack", str(EXAMPLE)]


def test_a_command_does_not_name_what_is_found_without(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "_installed", lambda: iter([BAG]))
    load(EXAMPLE)
    found._packs.cache_clear()
    assert [each.is_installed for each in found.packs()] == [True, False]
    assert needed(ROOT / "a.yaml", ["bag", "spectral-normalization"]) == ["--pack", told(EXAMPLE)]
    found._packs.cache_clear()


def test_a_copy_that_a_job_runs_from_is_named_by_its_name(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(BAG)
    monkeypatch.setattr("suite.spec.packs.words.COPIED", BAG.parent)
    assert needed(ROOT / "a.yaml", ["bag"]) == ["--pack", "bag"]


def told(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)
