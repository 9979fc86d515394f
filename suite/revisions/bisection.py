"""Find the commit that changed an answer, training as few revisions as possible."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.errors import USER_ERROR, UserError
from suite.revisions.environments import Choice
from suite.revisions.git import Commit, Repository
from suite.revisions.questions import Question, Reply
from suite.revisions.records import records_of
from suite.revisions.revision import Revision, asked_for, prepared
from suite.revisions.search import first_change
from suite.revisions.stages import Stage
from suite.store.record import is_done


class Trial(NamedTuple):
    """What a commit answered, and how many runs were trained for that."""

    reply: Reply
    trained: int


class Found(NamedTuple):
    """The commit that changed the answer."""

    first: Commit
    before: Commit
    """The last commit before it that answered, as GOOD did."""
    good: Reply
    bad: Reply
    doubtful: tuple[Commit, ...]
    """Commits before it that could not be tried: it may be one of them."""
    tried: int
    trained: int
    """Versions of the code of which at least one run was trained."""


Try = Callable[[Commit], Trial]
Tell = Callable[[Commit, Trial], None]


class Bisection:
    """The search over stages; results are kept by the stage's key."""

    def __init__(
        self,
        stages: Sequence[Stage],
        trial: Try,
        ready: Callable[[Commit], bool],
        tell: Tell,
        instead: str = "give another claim, or other revisions",
    ) -> None:
        self.stages, self.trial, self.ready, self.tell = stages, trial, ready, tell
        self.instead = instead  # What to ask where nothing differs.
        self.trials: dict[str, Trial] = {}

    def search(self) -> Found:
        """UserError where GOOD has no answer, or nothing differs from it."""
        good, last = self._at(0), len(self.stages) - 1
        if not good.value:
            raise UserError(f"GOOD, {self._commit(0).told}, has no answer\n    {good.told}")
        known = last if last and self.ready(self._commit(last)) and self._differs(last) else None
        change = first_change(len(self.stages), self._differs, known)
        if change.first is None:
            raise UserError(self._nothing(good, change.doubtful))
        return Found(
            first=self._commit(change.first),
            before=self.stages[change.first - 1 - len(change.doubtful)].last,
            good=good,
            bad=self._at(change.first),
            doubtful=tuple(commit for i in change.doubtful for commit in self.stages[i].commits),
            tried=len(self.trials),
            trained=sum(each.trained > 0 for each in self.trials.values()),
        )

    def _differs(self, index: int) -> bool | None:
        value = self._at(index).value
        return value != self._at(0).value if value else None

    def _at(self, index: int) -> Reply:
        stage = self.stages[index]
        if stage.key not in self.trials:
            self.trials[stage.key] = self._tried(stage)
        return self.trials[stage.key].reply

    def _tried(self, stage: Stage) -> Trial:
        """The stage's first commit tried; where that cannot be run, its last, which should do the same."""
        trial = self.trial(stage.first)
        self.tell(stage.first, trial)
        if not trial.reply.value and stage.last != stage.first:
            trial = self.trial(stage.last)
            self.tell(stage.last, trial)
        return trial

    def _commit(self, index: int) -> Commit:
        return self.stages[index].first

    def _nothing(self, good: Reply, doubtful: Sequence[int]) -> str:
        if doubtful:
            told = ", ".join(self._commit(i).short for i in doubtful)
            return f"no commit that could be tried differs from GOOD: {good.told}\n    not tried: {told}"
        return f"nothing differs between GOOD and BAD: {good.told}\n    {self.instead}"


class Trainer(NamedTuple):
    """Tries commits by running them."""

    repository: Repository
    results: Path
    environment: Choice
    question: Question
    words: tuple[str, ...]
    """What chooses the experiment and its scale."""
    options: tuple[str, ...] = ()
    """Further words for ``run``: workers, quietness."""

    def tried(self, commit: Commit) -> Trial:
        """See ``Trial``. KeyboardInterrupt where it was told to stop."""
        try:
            revision = prepared(self.repository, commit, self.results, self.environment)
        except UserError as error:
            return Trial(Reply("", " ".join(str(error).split())), 0)
        before = _done(revision)
        reply, more = self._reply(revision, self.words), None
        while reply.more and reply.more != more:
            # Refused by a revision that lacks the claim: then what there is has to do.
            more = reply.more
            reply = self._reply(revision, (*self.words, *more), reply)
        return Trial(reply, len(_done(revision) - before))

    def ready(self, commit: Commit) -> bool:
        """Whether there is nothing to train for a commit's first look."""
        try:
            revision = prepared(self.repository, commit, self.results, self.environment)
        except UserError:
            return False
        runs = asked_for(revision.asked("plan", *self.words))
        return bool(runs) and not any(runs.values())

    def _reply(self, revision: Revision, words: tuple[str, ...], instead: Reply | None = None) -> Reply:
        status = revision.listen("run", *words, "--no-report", *self.options).status
        if status == USER_ERROR:
            return instead or Reply("", "its run_suite.py does not run that experiment; see above")
        return self.question.ask(revision, words)


def _done(revision: Revision) -> set[str]:
    return {id_ for id_, record in records_of(revision).items() if is_done(record)}
