"""Run studies on this machine: each claim's first look, then further looks where undecided."""

import sys
from contextlib import closing

from suite.launch.bar import Bar
from suite.launch.pool import Pool
from suite.launch.session import Session, Task
from suite.store.inventory import lock_of
from suite.store.lock import Lock
from suite.store.patches import keep_patch
from suite.store.seal import problem_lines


def run_here(task: Task, *, shown: bool) -> Session:
    """Run what is missing of a task.

    Where another process of this machine trains in the same folder, wait until it has ended, and train what
    it has not.
    """
    store = task.store
    with closing(Bar(shown)) as bar, Lock(lock_of(store.root, store.fingerprint)) as lock:
        session, jobs = _begun(task, bar)
        if jobs and not lock.is_held:
            sys.stderr.write(f"another run is at work on {store.root}: this one goes on when it has ended\n")
            lock.wait()
            bar.forget()
            session, jobs = _begun(task, bar)
        if jobs:
            keep_patch(store)
            bar.note("the workers are loading")
            Pool(task.workers, session).run(jobs)
    return session


def _begun(task: Task, bar: Bar) -> tuple[Session, list[bytes]]:
    """A session on what is in the store now, and its first jobs."""
    contents = task.store.contents_of({run.id for study in task.studies for run in study.all_runs()})
    sys.stderr.write(problem_lines(contents.problems))
    session = Session(task, contents.done, bar)
    return session, session.start()
