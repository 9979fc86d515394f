"""Which of a folder's runs a comparison is about: those that its studies ask for, or once may have."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from suite.spec.runs import Run
from suite.store.record import Record
from suite.study import Study


class Asked(NamedTuple):
    """What some studies, all of one scale, ask for."""

    scale: str
    ids: frozenset[str]
    """Of the runs that they ask for now. Which variant asked for one first does not matter: runs of equal
    settings are one run.
    """
    own: frozenset[tuple[str, str]]
    """The studies' experiments, each with a variant."""
    lent: frozenset[tuple[str, str, str]]
    """The experiments and arms that they borrow, each with a variant."""

    def among(self, records: Mapping[str, Record]) -> frozenset[str]:
        """The ids of the runs that are asked for."""
        return frozenset(run_id for run_id, record in records.items() if self._has(run_id, record.run))

    def scales(self, records: Iterable[Record]) -> frozenset[str]:
        """The scales of the runs that would be asked for, were the scale another."""
        return frozenset(record.run.scale for record in records if self._may_have(record.run))

    def _has(self, run_id: str, run: Run) -> bool:
        return run.scale == self.scale and (run_id in self.ids or self._may_have(run))

    def _may_have(self, run: Run) -> bool:
        """Of an arm that is no more, at another setting, or with a further seed."""
        own, lent = (run.experiment, run.variant), (run.experiment, run.arm, run.variant)
        return own in self.own or lent in self.lent


def asked(studies: Sequence[Study]) -> Asked:
    """The runs of some studies, with the arms that are lent to them."""
    return Asked(
        scale=studies[0].scale if studies else "",
        ids=frozenset(run.id for study in studies for run in study.all_runs()),
        own=frozenset((study.experiment.id, study.variant) for study in studies),
        lent=frozenset(
            (loan.experiment, loan.arm, study.variant)
            for study in studies
            for loan in study.experiment.borrowed.values()
        ),
    )
