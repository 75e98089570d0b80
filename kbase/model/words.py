"""Closed vocabularies: their words, and those of locks and obligations."""

from enum import StrEnum


class Word(StrEnum):
    """A word of a closed vocabulary, hashed like the text that it equals, which is faster."""

    __hash__ = str.__hash__


class Mode(Word):
    """The mode in which a lock is held."""

    SHARED = "shared"  # also written read
    EXCLUSIVE = "exclusive"  # also written write


class Effect(Word):
    """What the op does with the lock."""

    LOCKS = "locks"
    UNLOCKS = "unlocks"
    RETURNS_LOCKED = "returns-locked"


class Action(Word):
    """What an implementation of an op must do."""

    TAKES = "takes"  # a lock
    DROPS = "drops"  # a lock
    CALLS = "calls"  # a function
    RETURNS = "returns"  # a value, or with a lock held


class Force(Word):
    """How strongly an obligation is stated."""

    MUST = "must"
    MUST_NOT = "must not"
    SHOULD = "should"
    SHOULD_NOT = "should not"
