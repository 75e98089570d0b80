"""`python -m kbase`: the command line.

Python puts the current folder first on `sys.path`, and a foreign `json.py` or `docutils.py` may be there. So that
folder is removed from the path; the folder of a checkout, from which kbase is imported, remains as the last entry.
"""

import os.path
import sys

if not sys.flags.safe_path:
    _folder = sys.path.pop(0)
    if _folder == os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120 - pathlib would be imported from there
        sys.path.append(_folder)

from kbase.cli import main

main()
