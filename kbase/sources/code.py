"""The code of a kernel that is read for the callers of ops: the VFS, memory, the block layer, and what they share.

The drivers and file systems, which implement ops, are not read.
"""

import re

FOLDERS = ("block", "fs", "include/linux", "ipc", "kernel", "mm")  # of a tree, that have code
CODE = re.compile(
    r"(?:(?:fs|mm|block|kernel|ipc|fs/(?:iomap|quota|crypto|verity|exportfs)|fs/notify(?:/\w+)*)/[^/]+\.[ch]"
    r"|include/linux/.+\.h)"
)
MAX_FILE = 1 << 20  # bytes; the longest of 6.12 has 500,000
MAX_CODE = 128 << 20  # bytes of one tree; those of 6.12 have 32 MB


def is_code(path: str) -> bool:
    """Whether the file at a path of a kernel tree is such code."""
    return CODE.fullmatch(path) is not None


def is_searched(path: str) -> bool:
    """Whether calls are looked for in such a file: the headers beside the code are read for what they declare."""
    return path.endswith(".c") or path.startswith("include/linux/")
