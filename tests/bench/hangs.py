"""Which regular expressions of kbase hang, and on what: each is run on strings made to hang it.

    python tests/bench/hangs.py [PATTERN ...]

Prints `MODULE NAME METHOD: BEGINNING + PIECE * n + END` for each that does, and ends with status 1. A pattern hangs if
a text of 100,000 characters takes 300 times the processor time that a linear scan of it takes: it is linear, or has
bounds, or hangs. Runs in children of its own, which the system ends when their processor time is spent.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator

from patterns import SEARCHES, Use, patterns
from pumps import Pumps

LENGTHS = (4_000, 16_000, 100_000)  # characters: of a first look, of a second one, and of what decides
SHORT, LONG = LENGTHS[0], LENGTHS[-1]
MUCH, TOO_MUCH = 6, 300  # times a linear scan: what is looked at longer, and what hangs
GROWTH = 6  # times the time of a fourth of the text: less is linear
SCAN = re.compile(r"(?:(?!\x01)[^\x02])*")
Report = tuple[str, str, str, str, str, str]


def scan(length: int) -> float:
    """The processor seconds that a linear scan of so many characters takes."""
    text = "a" * length
    return min(_seconds(lambda: SCAN.fullmatch(text)) for _ in range(5))


def _seconds(run: Callable[[], object]) -> float:
    start = time.thread_time()
    run()
    return time.thread_time() - start


def runs(use: Use) -> Iterator[tuple[str, Callable[[str], object]]]:
    """What is done with a pattern, by its name: a text is searched to its end, whatever searches it."""
    for method in sorted(use.methods - SEARCHES):
        yield method, getattr(use.pattern, method)
    if use.methods & SEARCHES:
        yield "search", lambda text: sum(1 for _ in use.pattern.finditer(text))


def look(uses: list[Use], first: int, place: int) -> None:
    """Run the patterns from the first on; before each text that may take long, write what it is to the stream."""
    much, limit = MUCH * scan(SHORT), TOO_MUCH * scan(LONG)
    for number, use in enumerate(uses[first:], first):
        for start, word, end in Pumps(use.pattern).pieces():
            for method, run in runs(use):
                os.pwrite(place, repr((number, method, start, word, end)).encode().ljust(4096), 0)
                enough = much
                for length in LENGTHS:
                    signal.setitimer(signal.ITIMER_PROF, limit)
                    text = start + word * (length // len(word)) + end
                    spent = _seconds(lambda text=text, run=run: run(text))  # type: ignore[misc]
                    if spent < enough:
                        break
                    enough = GROWTH * spent
    signal.setitimer(signal.ITIMER_PROF, 0)


def main(given: list[str]) -> int:
    """Look at all patterns, or at those given, in a new child behind each one that hangs."""
    methods = frozenset({"fullmatch", "search"})
    uses = [Use("given", "pattern", re.compile(pattern), methods) for pattern in given] or list(patterns())
    first, hanging = 0, 0
    place = os.memfd_create("place")
    while first < len(uses):
        child = os.fork()
        if not child:
            look(uses, first, place)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            break
        number, method, start, word, end = eval(os.pread(place, 4096, 0))  # the child wrote it
        use = uses[number]
        print(f"{use.module} {use.name} {method}: {start!r} + {word!r} * n + {end!r}    {use.pattern.pattern!r}")
        first, hanging = number + 1, hanging + 1
    return 1 if hanging else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
