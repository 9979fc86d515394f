"""What a bisection asks of a revision: a claim's verdict, or a run's digest."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from suite.errors import UserError
from suite.judge.assess import ClaimResult, assess
from suite.judge.reasons import REFUTED
from suite.revisions.records import records_of
from suite.revisions.revision import Revision, asked_for
from suite.spec.places import advice
from suite.spec.run_names import condition_of, name_of
from suite.spec.runs import Run, run_of, seeds
from suite.store.record import Record
from suite.store.series import series_of
from suite.store.store import read_record
from suite.study import Study


class Reply(NamedTuple):
    """What a revision answered."""

    value: str
    """Which is compared; empty where there is none."""
    told: str
    """The same for people, or why there is none."""
    more: tuple[str, ...] = ()
    """Words to run the revision with for an answer that is still open."""


class Question(Protocol):
    """Something that a bisection asks of every revision it tries, answered in one word."""

    @property
    def experiment(self) -> str:
        """The id of the experiment whose runs answer it."""

    def ask(self, revision: Revision, words: tuple[str, ...]) -> Reply:
        """The answer of a revision that was run with these words."""


class Verdict(NamedTuple):
    """A claim's verdict by its criterion in one study, whichever revision trained the runs."""

    study: Study
    claim: str

    @property
    def experiment(self) -> str:
        """See ``Question``."""
        return self.study.experiment.id

    def ask(self, revision: Revision, words: tuple[str, ...]) -> Reply:
        """See ``Question``."""
        records = renamed(self.study, trained(revision, words, self.study))
        found = assess(self.study, records, partial(series_of, revision.store))
        result = next(each for each in found if each.name == self.claim)
        judgement = result.judgement
        if judgement.verdict == "not evaluated":
            return Reply("", judgement.reason)
        told = f"{judgement.verdict} ({judgement.n} seeds): {judgement.reason.removeprefix(REFUTED)}"
        return Reply(judgement.verdict, told, self._more(result))

    def _more(self, result: ClaimResult) -> tuple[str, ...]:
        """A revision whose own criterion asks for fewer seeds stops too early; it is told how many."""
        return () if result.next_look is None else (f"claims.{self.claim}.looks=[{result.next_look}]",)


class OwnVerdict(NamedTuple):
    """A claim's verdict by each revision's own criterion and judgement."""

    experiment: str
    claim: str

    def ask(self, revision: Revision, words: tuple[str, ...]) -> Reply:
        """See ``Question``."""
        claims = revision.asked("report", *words).get("claims")
        found = [each for each in claims if each["id"] == self.id] if isinstance(claims, list) else []
        if not found:
            return Reply("", f"has no claim {self.id}")
        verdict, reason = str(found[0]["verdict"]), str(found[0]["reason"])
        return Reply("" if verdict == "not evaluated" else verdict, f"{verdict}: {reason}")

    @property
    def id(self) -> str:
        """Experiment and claim."""
        return f"{self.experiment}:{self.claim}"


class Digest(NamedTuple):
    """The bits of a run: of its final parameters and all its series."""

    run: Run

    @property
    def experiment(self) -> str:
        """See ``Question``."""
        return self.run.experiment

    def ask(self, revision: Revision, words: tuple[str, ...]) -> Reply:
        """See ``Question``. A run is the same by its arm, levels and seed; its setting may change."""
        wanted = name_of(self.run)
        every = trained(revision, words, self.run)
        found = [each for each in every if name_of(each.run) == wanted and each.digest]
        if not found:
            return Reply("", f"has no run of arm {self.run.arm!r} with seed {self.run.seed}")
        changed = "" if found[0].run.id == self.run.id else ", of another setting"
        return Reply(found[0].digest, f"digest {found[0].digest[:12]}{changed}")


def trained(revision: Revision, words: tuple[str, ...], of: Study | Run) -> list[Record]:
    """The records of what a revision trains where it is asked for an experiment at the scale and with the
    overrides ``of`` this, and of further seeds of the same: none that the same code has made of another
    version of the experiment's file.
    """
    asked = asked_for(revision.asked("plan", *words))
    # Runs of equal settings are one: whichever overrides asked first for what is asked for now.
    records = {id_: _as_asked(record, of) for id_, record in records_of(revision).items()}
    settings = {condition_of(records[id_].run): records[id_].run.setting for id_ in asked if id_ in records}
    return [each for each in records.values() if settings.get(condition_of(each.run)) == each.run.setting]


def _as_asked(record: Record, of: Study | Run) -> Record:
    return replace(record, run=replace(record.run, scale=of.scale, variant=of.variant))


def renamed(study: Study, records: Iterable[Record]) -> dict[str, Record]:
    """Records by the ids that a study's runs have, matched by arm, levels and seed: by what a run is for,
    not by how it was set.
    """
    by_name = {name_of(record.run): record for record in records}
    most = max(max(claim.looks) for claim in study.experiment.claims.values())
    runs = (
        run_of(study.experiment, condition, study.scale, study.variant, seed)
        for condition in study.conditions
        for seed in seeds(most)
    )
    return {run.id: by_name[name_of(run)] for run in runs if name_of(run) in by_name}


def verdict_question(studies: Mapping[str, Study], name: str) -> Verdict:
    """The question for a claim's name, EXPERIMENT:CLAIM. UserError for one there is not."""
    experiment, _, claim = name.partition(":")
    found = [study for id_, study in studies.items() if experiment in (id_, id_.rpartition("/")[2])]
    if not found:
        what = f"no experiment {experiment!r}" if claim else f"{name!r} is no EXPERIMENT:CLAIM"
        raise UserError(f"{what}\n    {advice(experiment, list(studies), 'experiments')}")
    if claim not in found[0].experiment.claims:
        names = [f"{found[0].experiment.id}:{each}" for each in found[0].experiment.claims]
        raise UserError(f"no claim {name!r}\n    {advice(name, names, 'claims')}")
    return Verdict(found[0], claim)


def digest_question(studies: Mapping[str, Study], results: Path, id_: str) -> Digest:
    """The question for a run's id: one that a study asks for, or of which there is a record."""
    asked = {run.id: run for study in studies.values() for run in study.all_runs()}
    if id_ in asked:
        return Digest(asked[id_])
    paths = sorted(results.glob(f"runs/*/{id_}/record.json")) if _is_plain(id_) else []
    known = [record for path in paths if (record := read_record(path)) is not None and record.run.id == id_]
    if not known:
        raise UserError(f"no run {id_!r}\n    ids are those of `run_suite.py status --json`")
    return Digest(known[0].run)


def _is_plain(id_: str) -> bool:
    """Whether a word has only what ids have, and nothing that a pattern or a path has."""
    return all(letter.isalnum() or letter in ".-+" for letter in id_) and not id_.startswith(".")
