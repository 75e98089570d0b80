"""Vendors' trees are known by their labels and by the macros in their headers."""

from collections.abc import Callable

import pytest

from kbase.kernel.vendors import vendor_macro, vendor_signs
from kbase.model.states import VersionState

HEADER = "struct seq_operations {{\n\tint (*show)(struct seq_file *);\n\t{macro}\n}};\n"
PATH = "include/linux/seq_file.h"


@pytest.mark.parametrize(
    ("line", "macro"),
    [
        ("\tRH_KABI_RESERVE(1)", "RH_KABI_RESERVE"),
        ("	_RH_KABI_REPLACE(int a, int b);", "_RH_KABI_REPLACE"),
        ("#include <linux/android_kabi.h>", None),
        ("ANDROID_KABI_USE(1, int (*f)(void));", "ANDROID_KABI_USE"),
        ("ANDROID_VENDOR_DATA(1);", "ANDROID_VENDOR_DATA"),
        ("KABI_RESERVE(2)", "KABI_RESERVE"),
        ("void *suse_kabi_padding;", "suse_kabi_padding"),
        ("#ifdef CONFIG_KABI", None),
        ("int (*kabi_reserve)(void);", None),
        ("__GENKSYMS__", None),
    ],
)
def test_macros_that_no_release_has(line: str, macro: str | None) -> None:
    assert vendor_macro(line) == macro


def test_signs_of_a_version(read_version: Callable[..., VersionState]) -> None:
    plain, marked = HEADER.format(macro=""), HEADER.format(macro="RH_KABI_RESERVE(1)")
    assert vendor_signs(read_version("v6.12", {PATH: plain})) is None
    assert vendor_signs(read_version("v6.12", {PATH: marked})) == f"{PATH} has macros of a vendor"
    assert vendor_signs(read_version("v6.12-250.el10", {PATH: plain})) == "its label ends in -250.el10"


def test_the_macro_is_a_diagnostic_at_its_line(read_version: Callable[..., VersionState]) -> None:
    state = read_version("v6.12", {PATH: HEADER.format(macro="RH_KABI_RESERVE(1)\n\tRH_KABI_RESERVE(2)")})
    (found,) = state.diagnostics
    assert (found.record.code, found.line, found.record.excerpt) == ("vendor-macro", 3, "RH_KABI_RESERVE(1)")
    assert list(state.ops) == ["seq_operations.show"]
