"""Answers kept in memory, each object's own, the ones asked for last."""

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Concatenate, ParamSpec, TypeVar, cast
from weakref import proxy

Owner = TypeVar("Owner")
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def kept(
    most: int,
) -> Callable[[Callable[Concatenate[Owner, Asked], Answer]], cached_property[Callable[Asked, Answer]]]:
    """A method whose last `most` answers are kept for what it was asked; safe to call from several threads.

    What is kept does not keep its owner: an `lru_cache` over a bound method holds the object that holds it, and a whole
    knowledge base that no one uses any longer would wait in memory for the garbage collector to find that circle.
    The method sees its object through a weak reference, so no answer may hold on to `self`.
    """

    def keep(method: Callable[Concatenate[Owner, Asked], Answer]) -> cached_property[Callable[Asked, Answer]]:
        def answers(owner: Owner) -> Callable[Asked, Answer]:
            return cast(Callable[Asked, Answer], lru_cache(most)(partial(method, cast(Owner, proxy(owner)))))

        return cached_property(answers)

    return keep
