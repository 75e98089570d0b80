"""Answers kept in memory, each object's own, the ones asked for last."""

from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from threading import Lock
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast
from weakref import proxy

Owner = TypeVar("Owner")
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Key = TypeVar("Key")
Value = TypeVar("Value")


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


class Recent(Generic[Key, Value]):
    """The values that were asked for last, where a key does not tell all that one is made from; safe in threads."""

    def __init__(self, most: int) -> None:
        """Keep at most so many."""
        self._most = most
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value that is kept, or a new one; two threads may make it at once."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made
