"""Experiments by id and tag, and the JSON Schema of their files."""

import json
from pathlib import Path

import jsonschema
import pytest
from spec_sample import SAMPLES, changed

from suite.errors import UserError
from suite.spec import json_schema
from suite.spec.library import find, select
from suite.spec.merge import plain
from suite.spec.nodes import parse


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, tags in (
        ("wgan/example_1", "[toy]"),
        ("wgan_gp/surfaces", "[toy, slow]"),
        ("wgan_gp/norms", "[]"),
    ):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"tags: {tags}\n")
        (path.parent / "paper.yaml").write_text("id: x\n")
    return tmp_path


def names(paths: tuple[Path, ...]) -> list[str]:
    return [path.stem for path in paths]


def test_papers_are_no_experiments(root: Path) -> None:
    assert names(find(root)) == ["example_1", "norms", "surfaces"]


def test_what_editors_leave_beside_a_file_is_no_experiment(root: Path) -> None:
    (root / "wgan" / ".#norms.yaml").symlink_to("somebody@somewhere.1234")
    (root / "wgan" / ".example_1.yaml").write_text("not: one")
    hidden = root / ".ipynb_checkpoints"
    hidden.mkdir()
    (hidden / "norms-checkpoint.yaml").write_text("not: one")
    assert names(find(root)) == ["example_1", "norms", "surfaces"]


@pytest.mark.parametrize(
    ("patterns", "tags", "expected"),
    [
        ([], [], ["example_1", "norms", "surfaces"]),
        (["wgan-gp/*"], [], ["norms", "surfaces"]),
        (["wgan-gp/norms"], [], ["norms"]),
        (["example-1", "norms"], [], ["example_1", "norms"]),
        ([], ["toy"], ["example_1", "surfaces"]),
        ([], ["toy", "slow"], ["surfaces"]),
        (["wgan/*"], ["toy"], ["example_1"]),
        (["wgan_gp/norms", "example_1"], [], ["example_1", "norms"]),
        (["wgan_gp/s*"], [], ["surfaces"]),
    ],
)
def test_selection(root: Path, patterns: list[str], tags: list[str], expected: list[str]) -> None:
    assert names(select(root, patterns, tags)) == expected


@pytest.mark.parametrize(
    ("patterns", "tags", "expected"),
    [
        (
            ["normes"],
            [],
            """\
no experiment matches 'normes'
    did you mean 'wgan-gp/norms'?""",
        ),
        (
            ["quite/other"],
            [],
            """\
no experiment matches 'quite/other'
    experiments: wgan/example-1, wgan-gp/norms, wgan-gp/surfaces; one of a pack needs --pack FOLDER""",
        ),
        ([], ["toi"], "no experiment has the tags toi\n    tags there are: slow, toy"),
        (["norms"], ["toy"], "no experiment has the tags toy\n    tags there are: none"),
    ],
)
def test_nothing_selected(root: Path, patterns: list[str], tags: list[str], expected: str) -> None:
    with pytest.raises(UserError) as caught:
        select(root, patterns, tags)
    assert str(caught.value) == expected


def test_a_papers_id_is_no_experiment_but_its_folder_is_meant(root: Path) -> None:
    fields = "title: t\nauthors: a\nyear: 2017\nvenue: v\nurl: u\nbibtex: b\n"
    (root / "wgan_gp" / "paper.yaml").write_text(f"id: gulrajani2017\n{fields}")
    with pytest.raises(
        UserError, match=r"^no experiment matches 'gulrajani'\n    did you mean 'wgan-gp/\*'\?$"
    ):
        select(root, ["gulrajani"])


@pytest.mark.parametrize("pattern", ["my-paper/first-figure", "first-figure", "my_paper/*"])
def test_an_experiment_of_a_pack_that_was_not_named(
    root: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root / "here" / "my pack"
    (folder / "things" / "my_paper").mkdir(parents=True)
    (folder / "things" / "my_paper" / "first_figure.yaml").write_text("")
    (root / "here" / "broken").mkdir()
    (root / "here" / "broken" / "pack.yaml").write_text("{")
    (folder / "pack.yaml").write_text("pack: my-paper\nexperiments: things\n")
    monkeypatch.chdir(root / "here")
    with pytest.raises(UserError) as caught:
        select(root, [pattern])
    assert str(caught.value) == (
        f"no experiment matches {pattern!r}\n    it is of a pack: add --pack 'my pack'"
    )


def test_an_empty_folder_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no experiments"):
        find(tmp_path)


def test_ids_are_unique(root: Path) -> None:
    (root / "wgan_gp" / "a_b.yaml").touch()
    (root / "wgan_gp" / "a-b.yaml").touch()
    with pytest.raises(UserError, match="both are experiment 'wgan-gp/a-b'"):
        find(root)


# --- JSON Schema --------------------------------------------------------------------------

VALIDATOR = jsonschema.Draft202012Validator(json_schema.file_schema())


def is_valid(text: str) -> bool:
    """Whether a text is valid for an editor, which keeps keys that are null."""
    json_text = json.dumps(bare(parse(text.encode(), "x")))
    return bool(VALIDATOR.is_valid(json.loads(json_text)))


def bare(node: object) -> object:
    entries = getattr(node, "entries", None)
    if entries is not None:
        return {key: bare(entry.node) for key, entry in entries.items()}
    return [bare(item) for item in node.items] if hasattr(node, "items") else plain(node)  # type: ignore[arg-type]


def test_the_written_schema_is_current() -> None:
    assert json_schema.PATH.read_text() == json_schema.rendered()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema.file_schema())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_pass(name: str) -> None:
    assert is_valid(SAMPLES[name])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    width: 512", "    widht: 512"),
        ("data: parallel_lines", "data: paralel_lines"),
        ("lr: 5e-5", "lr: fast"),
        ("    metric: slope\n", ""),
        ("  paper: {}\n", ""),
        ("{optimizer: {lr: 1e-3}", "{optimiser: {lr: 1e-3}"),
        ("claims: {grows: null}", "claims: {grows: {looks: six}}"),
    ],
)
def test_a_mistake_does_not_pass(old: str, new: str) -> None:
    assert not is_valid(changed(old, new))


def test_a_scale_may_give_a_claim_in_part() -> None:
    assert is_valid(changed("claims: {grows: null}", "claims: {grows: {looks: [5]}}"))
