"""Functions of the kernel that a source calls, and what became of them: from the headers of two kernel trees."""

from collections.abc import Collection, Iterator, Mapping

from kbase.diff.late_documents import functions_gone_in
from kbase.diff.port import Kernel
from kbase.diff.port_types import Fit, Types
from kbase.model.port import HelperVerdict, PortHelper
from kbase.model.records import PortingEntry
from kbase.model.source_code import FunctionHead
from kbase.model.states import Cited
from kbase.parsers.source.kernel_headers import KernelHeaders
from kbase.parsers.source.reader import SourceCode


def helpers(source: SourceCode, old: Kernel, new: Kernel, types: Types) -> Iterator[PortHelper]:
    """The calls of functions that the new kernel's headers declare otherwise or no longer, by path and line.

    A function or macro of that name in the source is not the kernel's.
    """
    if old.headers is None or new.headers is None:
        return
    found = dict(_changed(source.called, old.headers, new.headers, types))
    source.read_functions(found.keys())
    own = {name for name in found if source.functions(name, "") or name in source.macros}
    calls = [(path, line, name) for name in found.keys() - own for path, line in source.places(name)]
    for path, line, name in sorted(calls):
        verdict, before, after = found[name]
        yield PortHelper(function=name, path=path, line=line, verdict=verdict, old=before, new=after)


def named_helpers(source: SourceCode, entries: Mapping[str, tuple[Cited[PortingEntry], ...]]) -> Iterator[PortHelper]:
    """The calls of functions that entries of a porting log name; `entries` has them by the name of the function.

    What an entry says of a function is not known: `changed`, unless a sentence says that it is gone.
    """
    names = source.called & entries.keys()
    source.read_functions(names)
    own = {name for name in names if source.functions(name, "") or name in source.macros}
    calls = [(path, line, name) for name in names - own for path, line in source.places(name)]
    for path, line, name in sorted(calls):
        gone = any(name in functions_gone_in(cited.record.text) for cited in entries[name])
        verdict = HelperVerdict.GONE if gone else HelperVerdict.CHANGED
        yield PortHelper(
            function=name, path=path, line=line, verdict=verdict, old=None, new=None, porting=entries[name]
        )


def _changed(
    names: Collection[str], old: KernelHeaders, new: KernelHeaders, types: Types
) -> Iterator[tuple[str, tuple[HelperVerdict, str, str | None]]]:
    """The functions that differ, with both declarations."""
    for name in sorted(names):
        before, after = old.functions(name), new.functions(name)
        if before and not after and name not in new.macros and not new.mentions(name):
            yield name, (HelperVerdict.GONE, before[0].text, None)
        elif before and after and not _same(before, after, types):
            yield name, (HelperVerdict.CHANGED, before[0].text, after[0].text)


def _same(old: Collection[FunctionHead], new: Collection[FunctionHead], types: Types) -> bool:
    """Whether a declaration of one side may be one of the other side's: those that cannot be read may be any."""
    texts = {(head.returns, head.parameters) for head in old}
    if any((head.returns, head.parameters) in texts for head in new):
        return True
    return any(types.fitting_heads(a, b) is not Fit.NO for a in old for b in new)
