"""Worker processes that parse the documents of a build.

A worker is a program of its own (`python -m kbase.build.workers FD`), not a fork of the build: a fork would share the
open lock file, which would stay locked if the build is killed. Build and worker exchange documents and readings over a
socket pair; a worker parses one document at a time and ends with the build.
"""

import gc
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, Pipe, wait
from traceback import format_exc

from kbase.errors import KbaseError
from kbase.model.records import Parsed
from kbase.sources.processes import environment, python, python_path, start
from kbase.store.writer import Reading, encode_reading
from kbase.text.lines import Text
from kbase.text.saved_pages import unwrap

IN_FLIGHT = 64 << 20  # bytes of documents that are being parsed, or parsed and waiting for an earlier one
DOCUMENTS_EACH = 8  # the fewest for which starting a worker pays off
YOUNG = 50_000  # allocations between two collections of the youngest generation, as in `kbase.cli.run`
Parse = Callable[[str, Text, str], Parsed]
Work = tuple[str, str, bytes]  # name, hash and bytes of a document


def read_document(parse: Parse, work: Work) -> Reading:
    """One document parsed, ready for the store."""
    name, blob, data = work
    text = unwrap(name, data)
    return encode_reading(name, blob, data, text, parse(name, text, blob))


def read_documents(parse: Parse, works: Iterable[Work], count: int, jobs: int) -> Generator[Reading]:
    """Parse `count` documents with at most `jobs` processes, and return their readings in order.

    With several processes, `parse` must be a function that they can import.

    Raises:
        KbaseError: a worker ended before its document was parsed.
    """
    workers = min(jobs, count // DOCUMENTS_EACH)
    if workers > 1:
        return _read_in_processes(parse, iter(works), workers)
    return (read_document(parse, work) for work in works)


def _read_in_processes(parse: Parse, works: Iterator[Work], workers: int) -> Generator[Reading]:
    with ExitStack() as stack:
        idle = [stack.enter_context(_worker(parse)) for _ in range(workers)]
        busy: dict[Connection, tuple[int, Work]] = {}
        sizes: dict[int, int] = {}  # bytes of what is in flight, by the document's place
        done: dict[int, Reading] = {}
        work, place = next(works, None), 0
        while work or sizes:
            while work and idle and (not sizes or sum(sizes.values()) + len(work[2]) <= IN_FLIGHT):
                busy[_send(idle[-1], work)] = place, work
                idle.pop()
                sizes[place] = len(work[2])
                work, place = next(works, None), place + 1
            for connection in wait(busy):
                assert isinstance(connection, Connection)
                number, given = busy.pop(connection)
                done[number] = _receive(connection, given)
                idle.append(connection)
            while (first := min(sizes, default=-1)) in done:
                del sizes[first]
                yield done.pop(first)


@contextmanager
def _worker(parse: Parse) -> Iterator[Connection]:
    """The connection to a new worker, which is killed afterwards."""
    ours, theirs = Pipe()
    with ours, theirs:
        process = start(
            [*python("kbase.build.workers"), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment(python_path()),
            pass_fds=[theirs.fileno()],
            process_group=0,  # Ctrl-C in a terminal interrupts only the build
        )
        try:
            theirs.close()
            ours.send(parse)
            yield ours
        finally:
            process.kill()
            process.wait()


def _send(connection: Connection, work: Work) -> Connection:
    try:
        connection.send(work)
    except OSError as error:
        raise _ended(work) from error
    return connection


def _receive(connection: Connection, work: Work) -> Reading:
    try:
        answer = connection.recv()
    except (EOFError, OSError) as error:
        raise _ended(work) from error
    if isinstance(answer, Exception):
        raise answer
    assert isinstance(answer, Reading)
    return answer


def _ended(work: Work) -> KbaseError:
    return KbaseError("the process that parses it was ended", work[0], "if memory is short, try --jobs 1")


def main(connection: Connection) -> None:
    """Parse documents until the build closes the connection."""
    try:
        parse = connection.recv()
        while True:
            connection.send(_answer(parse, connection.recv()))
    except (EOFError, OSError):
        return  # the build has ended


def _answer(parse: Parse, work: Work) -> Reading | Exception:
    try:
        return read_document(parse, work)
    except Exception as error:  # noqa: BLE001  # the build raises it again
        error.add_note(format_exc())
        return error


if __name__ == "__main__":
    gc.set_threshold(YOUNG)
    main(Connection(int(sys.argv[1])))
