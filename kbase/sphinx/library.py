"""The knowledge base of a Sphinx project, opened on first use and once in each process."""

import os
from pathlib import Path

from sphinx.environment import BuildEnvironment

from kbase import places
from kbase.knowledge.knowledge_base import KnowledgeBase


class Library:
    """Gives the knowledge base that `kbase_db` names (default: the user's own).

    Sphinx reads documents in forked processes, and a database connection must not cross a fork.
    """

    def __init__(self, env: BuildEnvironment) -> None:
        self._env = env  # has its configuration only when a build begins
        self._opened: tuple[int, KnowledgeBase] | None = None

    @property
    def kb(self) -> KnowledgeBase:
        """The knowledge base.

        Raises:
            StoreError: there is none, or it is not one of ours.
        """
        process = os.getpid()
        if self._opened is None or self._opened[0] != process:
            self._opened = process, KnowledgeBase.open(self._path())
        return self._opened[1]

    def _path(self) -> Path:
        named = self._env.config.kbase_db or os.environ.get("KBASE_DB")
        return Path(named).expanduser() if named else places.default_database()
