"""What two sides are, as rows of a table; and what each has of a study."""

from collections.abc import Mapping, Sequence

import msgspec

from suite.compare.compare import Comparison
from suite.compare.evidence import both
from suite.compare.origins import Row, environments, named
from suite.store.record import Code, Record
from tests.compare.versions import ABOVE, held_against, spread, study, version, with_environment

OF = study()


def of_a(records: Mapping[str, Record]) -> dict[str, Record]:
    """Those of the first arm."""
    return {name: found for name, found in records.items() if found.run.arm == "a"}


def with_commits(commits: Sequence[str], patch: str = "") -> dict[str, Record]:
    """As many runs."""
    records = of_a(version(OF, spread(3), seeds=len(commits)))
    return {
        name: msgspec.structs.replace(found, code=Code("c" * 12, commit, patch))
        for (name, found), commit in zip(records.items(), commits, strict=True)
    }


def compared() -> Comparison:
    """Twelve seeds before, and two after, from elsewhere."""
    old, new = (with_commits(["b1", *["b2"] * 11]), with_commits(["c1", "c1"], "a patch"))
    there = with_environment(new, threads=2, packages={"torch": "2.1", "pot": "0.9", "seaborn": "1"})
    return held_against(OF, with_environment(old, packages={"torch": "2.0"}), there)


def test_names_code_and_runs_of_two_sides() -> None:
    assert named(compared()) == [
        Row("Named", "old", "new"),
        Row("Results of", "the old one", "the new one"),
        Row("Code", "c" * 12, "c" * 12),
        Row("Commit", "b1, b2", "c1 with uncommitted changes"),
        Row("Runs", "12", "2"),
    ]


def test_commits_are_those_of_runs_that_have_one_unless_a_side_is_one() -> None:
    found = held_against(OF, with_commits(["", "b1", ""]), with_commits(["5", "3", "1", "4", "2"]))
    rows = {row.name: (row.before, row.after) for row in named(found)}
    assert rows["Commit"] == ("b1", "1, 2, 3, 2 more")
    found = found._replace(before=found.before._replace(revision="b0"))
    assert next(row.before for row in named(found) if row.name == "Commit") == "b0"
    none = held_against(OF, with_commits([""]), {})
    assert {row.name: (row.before, row.after) for row in named(none)}["Commit"] == ("none", "none")


def test_environments_of_two_sides_name_all_packages_that_count() -> None:
    rows = {row.name: (row.before, row.after) for row in environments(compared())}
    assert rows["Threads"] == ("1", "2")
    assert (rows["torch"], rows["pot"]) == (("2.0", "2.1"), ("none", "0.9"))
    assert "seaborn" not in rows


def test_each_side_has_its_own_records_of_as_many_seeds_as_claims_look_at() -> None:
    """Of two claims the one looks at 4 and 6 seeds, the other at 5 and 12."""
    claims = {
        f"looks at {looks[-1]}": msgspec.structs.replace(ABOVE, looks=looks) for looks in ((4, 6), (5, 12))
    }
    of = study(claims=claims)
    more, fewer = of_a(version(of, spread(3), seeds=13)), of_a(version(of, spread(5), seeds=2))
    expected = tuple(more.values())[:12], tuple(fewer.values())
    for turned in (1, -1):
        found = held_against(of, *(more, fewer)[::turned])
        seen = both(found, of, {run.id: run.mark for run in found.runs})
        assert (seen.before.records, seen.after.records) == expected[::turned]
        assert [seen.has_changed(condition) for condition in of.conditions] == [True, False]
