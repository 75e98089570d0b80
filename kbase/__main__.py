"""`python -m kbase`: the command line.

Python puts the current folder first on its path, where a `json.py` or a `docutils.py` may lie that is none of ours. It
is taken off; the folder of a checkout, which kbase itself comes from, stays as the last one.
"""

import os.path
import sys

if not sys.flags.safe_path:
    _folder = sys.path.pop(0)
    if _folder == os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120 - pathlib would be imported from there
        sys.path.append(_folder)

from kbase.cli import main

main()
