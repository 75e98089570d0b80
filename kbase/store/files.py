"""Files of the database, opened without following links, waiting for FIFOs or reading devices."""

import hashlib
import os
import stat
from errno import EINVAL
from io import FileIO
from pathlib import Path

HARMLESS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


def open_regular(path: Path) -> FileIO:
    """A regular file, opened for reading.

    Raises:
        OSError: it cannot be opened, or is a link, a folder, a FIFO or a device.
    """
    stream = FileIO(path, opener=lambda name, flags: os.open(name, flags | HARMLESS))
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(EINVAL, "not a regular file", str(path))
    return stream


def file_hash(path: Path) -> str:
    """SHA-256 of a regular file, hex.

    Raises:
        OSError: see `open_regular`.
    """
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
