"""Makes an epub's bytes depend on its content only: entries in order, without the time they were packed."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

FIRST = "mimetype"  # must be first and uncompressed, according to the container format (OCF 3.3, section 4.2)
EARLIEST = (1980, 1, 1, 0, 0, 0)


def repack(book: Path) -> None:
    """Packs the book again, in place."""
    packed = book.with_suffix(".packing")
    with ZipFile(book) as old, ZipFile(packed, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != FIRST, name)):
            entry = ZipInfo(name, EARLIEST)
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name), ZIP_STORED if name == FIRST else ZIP_DEFLATED)
    packed.replace(book)
