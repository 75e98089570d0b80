"""Trees of vendors: kernels of distributions and devices, which have parts of later releases and ops of their own.

A vendor's tree is known by the suffix of its label (6.12.0-250.el10) and by the macros in its headers that keep room
for such ops: RH_KABI_RESERVE, ANDROID_KABI_RESERVE, KABI_USE, suse_kabi_padding. No release has them.
"""

import re

from kbase.model.releases import vendor_suffix
from kbase.model.states import VersionState

VENDOR_MACRO = "vendor-macro"  # the code of the diagnostic about such a macro
WORD = re.compile(r"\w++")
PREFIXES = ("ANDROID_VENDOR_DATA", "ANDROID_OEM_DATA", "suse_kabi_")


def vendor_macro(line: str) -> str | None:
    """The macro of a vendor in a line of a header."""
    return next(filter(_is_of_vendor, WORD.findall(line)), None)


def _is_of_vendor(word: str) -> bool:
    return word.startswith(PREFIXES) or ("KABI_" in word and word.isupper())


def vendor_signs(state: VersionState) -> str | None:
    """Why a version is a vendor's tree, in words; None if neither its label nor its headers say so."""
    marked = (cited.path for cited in state.diagnostics if cited.record.code == VENDOR_MACRO)
    return sign_of_label(state.label) or next(map(sign_of_header, marked), None)


def sign_of_label(label: str) -> str | None:
    """The sign that a label is."""
    suffix = vendor_suffix(label)
    return f"its label ends in {suffix}" if suffix else None


def sign_of_header(path: str) -> str:
    """The sign that a header with such macros is."""
    return f"{path} has macros of a vendor"
