"""What a version asks for itself. Versions with equal code keep their results in one folder, also where
their experiments differ: of these a version's own are those of the settings that it asks for.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from suite.compare.side import NOW, Side
from suite.errors import UserError
from suite.spec.borrow import experiment_id
from suite.spec.library import find
from suite.spec.load import load
from suite.spec.overrides import Variant
from suite.spec.run_names import condition_of
from suite.study import Study

EXPERIMENTS = "experiments"


def with_own(side: Side, chosen: Sequence[Study], overrides: Sequence[Variant], *, shipped: bool) -> Side:
    """The side with the criteria and of the records those that its version asks for, where it is a version
    of this code; another comes from a folder that does not tell. ``chosen`` are the studies of this
    checkout; where they are not those it ships, every version is run with them.
    """
    if side.name == NOW or (side.revision and not shipped):
        return _restricted(side, chosen)
    return _restricted(side, studies_at(side.revision, chosen, overrides)) if side.revision else side


def studies_at(revision: str, chosen: Sequence[Study], overrides: Sequence[Variant]) -> list[Study]:
    """The same studies as a revision has them; those that it lacks, or that cannot be read, left out."""
    from suite.revisions.git import here

    repository, variants = here(), {variant.text: variant for variant in overrides}
    found = []
    with TemporaryDirectory(prefix="wgan-suite-") as folder, suppress(UserError):
        repository.extract(repository.commit(revision), Path(folder), EXPERIMENTS)
        paths = {experiment_id(path): path for path in find(Path(folder, EXPERIMENTS))}
        for study in (study for study in chosen if study.experiment.id in paths):
            path = paths[study.experiment.id]
            with suppress(UserError):
                experiment = load(path, study.scale, variants[study.variant])
                found.append(Study(study.paper, experiment, study.scale, study.overrides, path))
    return found


def _restricted(side: Side, studies: Iterable[Study]) -> Side:
    """Without the records of conditions that the studies have at another setting."""
    known = list(studies)
    first = [next(study.runs(condition, 1)) for study in known for condition in study.conditions]
    settings = {condition_of(run): run.setting for run in first}
    others = {
        run_id: record
        for run_id, record in side.records.items()
        if settings.get(condition_of(record.run), record.run.setting) != record.run.setting
    }
    return side._replace(
        records={run_id: record for run_id, record in side.records.items() if run_id not in others},
        others=frozenset(others),
        criteria={f"{study.name}:{name}": rule for study in known for name, rule in study.criteria.items()},
    )
