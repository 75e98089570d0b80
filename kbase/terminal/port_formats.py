"""The report of `kbase port` for programs: JSON, SARIF, annotations of GitHub, a checklist in Markdown.

SARIF is version 2.1.0 (OASIS, 2020); annotations are GitHub's workflow commands, `::error file=F,line=N::text`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from itertools import groupby

from kbase.model.port import HelperVerdict, OpChange, PortHelper, PortReport, PortSlot, Verdict
from kbase.model.records import PortingEntry
from kbase.model.source_code import Unread
from kbase.model.states import Cited
from kbase.pages.parts import headline
from kbase.pages.port import counts, summary
from kbase.terminal.json_output import Json

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
NOT_READ = "not-read"
RULES = {
    Verdict.PROTOTYPE_CHANGED: "The op has another prototype.",
    Verdict.OP_RENAMED: "The op has another name, or another op of its table replaced it.",
    Verdict.OP_MOVED: "The op is in another ops table.",
    Verdict.OP_REMOVED: "The op was removed.",
    Verdict.HELPER_REMOVED: "The function of the kernel in a slot was removed.",
    Verdict.UNKNOWN_OP: "The ops table has no such op.",
    Verdict.CONTRACT_CHANGED: "The prototype is the same, a rule about locks is another one.",
    f"helper-{HelperVerdict.GONE}": "A function of the kernel that is called was removed.",
    f"helper-{HelperVerdict.CHANGED}": "A function of the kernel that is called has another declaration.",
    NOT_READ: "The code could not be read, or not compared.",
}
Finding = tuple[str, str, str, int, str, str]  # rule, level, path, line, text, key


def port_json(found: PortReport) -> Json:
    """What `kbase port --json` prints: these keys, and no others."""
    return {
        "from": found.old,
        "to": found.new,
        "source": found.source,
        "slots": [_slot(slot) for slot in found.slots],
        "helpers": [_helper(helper) for helper in found.helpers],
        "unread": [asdict(unread) for unread in found.unread],
        "summary": counts(found),
    }


def _slot(slot: PortSlot) -> Json:
    return {
        "struct": slot.struct,
        "op": slot.op,
        "table": slot.table,
        "function": slot.function,
        "path": slot.path,
        "line": slot.line,
        "function_path": slot.function_path,
        "function_line": slot.function_line,
        "verdict": slot.verdict,
        "must": slot.must,
        "old": slot.old,
        "new": slot.new,
        "now": slot.now,
        "reason": slot.reason,
        "changes": [_change(change) for change in slot.changes],
        "rules": [_change(rule) for rule in slot.rules],
        "porting": [_entry(cited) for cited in slot.porting],
        "successor": slot.successor,
        "since": slot.since,
    }


def _helper(helper: PortHelper) -> Json:
    return asdict(helper) | {"porting": [_entry(cited) for cited in helper.porting]}


def _change(change: OpChange) -> Json:
    return asdict(change)


def _entry(cited: Cited[PortingEntry]) -> Json:
    entry, place = cited.record, {"version": cited.document.version, "path": cited.path, "line": cited.line}
    return {"slug": entry.slug, "tag": entry.tag, "text": entry.text, **place}


def findings(found: PortReport) -> Iterator[Finding]:
    """What is reported, by path and line: errors, what only may matter (warnings), what was not read (notes)."""
    every = [
        *(_of_slot(slot) for slot in found.slots if slot.matters),
        *map(_of_helper, found.helpers),
        *map(_of_unread, found.unread),
    ]
    yield from sorted(every, key=lambda each: (each[2], each[3], each[0]))


def _of_slot(slot: PortSlot) -> Finding:
    since = f" since {slot.since}" if slot.since else ""
    wanted = f"; it must be: {slot.wanted}" if slot.must and slot.wanted else ""
    text = f"{slot.dotted} = {slot.function}: {slot.verdict}{since}: {slot.reason}{wanted}"
    return slot.verdict, "error" if slot.must else "warning", slot.path, slot.line, text, slot.key


def _of_helper(helper: PortHelper) -> Finding:
    texts = [f"it {word} {text}" for word, text in (("was", helper.old), ("is now", helper.new)) if text]
    texts += [f"porting log, {cited.record.tag}: {headline(cited.record.text)}" for cited in helper.porting]
    level = "error" if helper.verdict is HelperVerdict.GONE else "warning"
    text = "; ".join([f"{helper.function}() is {helper.verdict}", *texts])
    return f"helper-{helper.verdict}", level, helper.path, helper.line, text, helper.key


def _of_unread(unread: Unread) -> Finding:
    return NOT_READ, "note", unread.path, unread.line, unread.why, f"{NOT_READ} {unread.why}"


def sarif(found: PortReport) -> Json:
    """The findings as one run of SARIF."""
    rules = [{"id": str(rule), "shortDescription": {"text": text}} for rule, text in RULES.items()]
    driver = {"name": "kbase port", "version": version("kbase"), "rules": rules}
    return {"$schema": SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": _results(found)}]}


def _results(found: PortReport) -> list[Json]:
    return [
        {
            "ruleId": rule,
            "level": level,
            "message": {"text": text},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}}},
            ],
            "partialFingerprints": {"kbase/v1": key},
        }
        for rule, level, path, line, text, key in findings(found)
    ]


def github(found: PortReport) -> Iterator[str]:
    """The findings as annotations of GitHub Actions, then a notice with the counts."""
    for rule, level, path, line, text, _ in findings(found):
        word = "notice" if level == "note" else level
        yield f"::{word} file={_property(path)},line={line},title={_property(rule)}::{_message(text)}"
    yield f"::notice title=kbase port::{_message(f'{found.old} to {found.new}: {summary(found)}')}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def markdown(found: PortReport) -> Iterator[str]:
    """A checklist, by file: each box ends with the line that accepts the finding."""
    yield f"# {found.source}: {found.old} to {found.new}"
    yield ""
    yield f"{summary(found)}."
    boxes: list[PortSlot | PortHelper] = [slot for slot in found.slots if slot.matters]
    for path, group in groupby(sorted([*boxes, *found.helpers], key=_place), key=lambda each: each.path):
        yield from ("", f"## `{path}`", "")
        for each in group:
            yield from _box(each) if isinstance(each, PortSlot) else _helper_box(each)
    if found.unread:
        yield from ("", "## Not read or not decided", "")
        yield from (f"- `{each.path}:{each.line}` {each.why}" for each in found.unread)


def _place(each: PortSlot | PortHelper) -> tuple[str, int]:
    return each.path, each.line


def _box(slot: PortSlot) -> Iterator[str]:
    since = f", since {slot.since}" if slot.since else ""
    yield f"- [ ] line {slot.line}: `{slot.dotted}` = `{slot.function}`{since}: {slot.reason} (`{slot.key}`)"
    yield from _code([f"- {slot.now}"] if slot.now else [], [f"+ {slot.wanted}"] if slot.wanted else [], must=slot.must)
    yield from (f"  - {rule.kind}: {rule.before or 'nothing'} -> {rule.after or 'nothing'}" for rule in slot.rules)
    yield from (f"  - porting, {entry.record.tag}: {headline(entry.record.text)}" for entry in slot.porting)


def _helper_box(helper: PortHelper) -> Iterator[str]:
    yield f"- [ ] line {helper.line}: `{helper.function}()` is {helper.verdict} (`{helper.key}`)"
    yield from _code([f"- {helper.old}"] if helper.old else [], [f"+ {helper.new}"] if helper.new else [], must=True)
    yield from (f"  - porting, {entry.record.tag}: {headline(entry.record.text)}" for entry in helper.porting)


def _code(before: Iterable[str], after: Iterable[str], *, must: bool) -> Iterator[str]:
    lines = [*before, *after] if must else []
    yield from ("  ```diff", *(f"  {line}" for line in lines), "  ```") if lines else ()
