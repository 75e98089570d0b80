"""Lock rules as pages show them: cells of tables, sentences, rules over tables, and the chips of their readings."""

import re
from collections.abc import Iterator
from dataclasses import replace

from kbase.kernel.locks import blanket_reading, is_remark_column, subject_of
from kbase.model import addresses
from kbase.model.records import BlanketRule, Held, LockRule, NoteKind, ProseRule, Reading
from kbase.model.states import Cited, OpState
from kbase.model.words import Mode
from kbase.pages.parts import BlanketView, Cell, Chip, Tone, cite


def reading_chips(reading: Reading, blank: bool = False, lock: str | None = None) -> tuple[Chip, ...]:
    """The chips of one reading: how the lock is held, then what the op does with it."""
    word, tone = _word(reading, blank)
    href = addresses.lock_address(lock) if lock else None
    chips = [Chip(word=word, tone=tone, lock=lock, href=href)]
    if not reading.effect:
        return tuple(chips)
    effect = Chip(word=reading.effect.replace("-", " "), tone=Tone.EFFECT, lock=lock, href=href)
    return (effect,) if reading.held is Held.UNKNOWN else (*chips, effect)


def _word(reading: Reading, blank: bool) -> tuple[str, Tone]:
    if reading.held is Held.UNKNOWN:
        return ("not stated" if blank else "unclear"), Tone.UNKNOWN
    if reading.held is Held.NO:
        return "no", Tone.NO
    modes = " or ".join(reading.modes)
    if reading.held is Held.MAYBE:
        return f"maybe {modes}".strip(), Tone.MAYBE
    if len(reading.modes) > 1:
        return modes, Tone.EITHER
    if not reading.modes:
        return "yes", Tone.YES
    return modes, Tone.SHARED if reading.modes[0] is Mode.SHARED else Tone.EXCLUSIVE


def rule_chips(rule: LockRule) -> tuple[Chip, ...]:
    """The chips of a cell, those of each lock that it names; a remark in a column of remarks is no yes or no.

    Of several readings about one lock, "shared (exclusive if X)", the first; the remark has the others.
    """
    header, remarks = subject_of(rule.lock), is_remark_column(rule.lock)
    first = {reading.subject: reading for reading in reversed(rule.readings)}
    chips = [
        chip
        for reading in rule.readings
        if reading is first[reading.subject]
        if not reading.context or (reading.subject == header and not remarks)  # a remark is no yes or no
        for chip in reading_chips(reading, not rule.cell, None if reading.subject == header else reading.subject)
    ]
    if remarks:
        return tuple(chips)
    return tuple(chips) or (Chip(word="unclear" if rule.cell else "not stated", tone=Tone.UNKNOWN),)


POINTER = re.compile(r"see below|\[\d+\]")


def cell_of(op: OpState, cited: Cited[LockRule]) -> Cell:
    """One cell of an op's row, with the address of the note on the op's page that it points at."""
    plain = cell(cited)
    if not op.notes or not POINTER.search(plain.text):
        return plain
    wanted = NoteKind.FOOTNOTE if "[" in plain.text else NoteKind.PARAGRAPH
    kinds = [note.record.kind for note in op.notes]
    number = kinds.index(wanted) + 1 if wanted in kinds else 1
    return replace(plain, note=f"{addresses.op_address(op.version, op.struct, op.name)}#note-{number}")


def cell(cited: Cited[LockRule]) -> Cell:
    """One cell of a locking table, or a rule in a sentence, as the pages show it."""
    rule, sentence = cited.record, isinstance(cited.record, ProseRule)
    chips = rule_chips(rule)
    reading = rule.readings[0] if rule.readings else None
    subject = reading.subject if reading else None
    context = rule.is_context
    return Cell(
        lock=rule.lock,
        subject=subject,
        href=addresses.lock_address(subject) if subject == subject_of(rule.lock) and subject and not context else None,
        text=rule.cell,
        chips=chips,
        remark="; ".join(_limits(reading)) if sentence and reading else beyond(rule.cell, chips),
        scope=reading.scope if reading else None,
        condition=reading.condition if reading else None,
        context=context,
        candidates=rule.candidates,
        citation=cite(cited),
        sentence=sentence,
    )


def _limits(reading: Reading) -> Iterator[str]:
    if reading.scope:
        yield f"on {reading.scope}"
    if reading.condition:
        yield reading.condition


def rank(chip: Chip) -> tuple[int, str]:
    """The place of a chip among others: the strongest first, unknown last."""
    return list(Tone).index(chip.tone), chip.word


def beyond(text: str, chips: tuple[Chip, ...]) -> str:
    """What the cell says beyond its chips: "(both)" of "exclusive (both)", "[1]_" of "maybe[1]_", nothing of "yes"."""
    for chip in chips:
        word = chip.word
        rest = text[len(word) :] if text.lower().startswith(word) else text
        text = rest.strip(" ,") if rest[:1] in ("", " ", ",", "(", "[") else text
    return "" if text in [chip.lock for chip in chips] else text


def blanket(cited: Cited[BlanketRule], op: str | None = None) -> BlanketView:
    """A blanket rule as it reaches `op`."""
    rule = cited.record
    excepted = op is not None and op in rule.exceptions
    reading = blanket_reading(rule, op)
    return BlanketView(
        text=rule.text,
        lock=rule.lock or ("any lock" if rule.reading else ""),
        lock_rule=reading is not None and not reading.context,
        says=_in_short(rule, excepted=excepted),
        exceptions=rule.exceptions,
        excepted=excepted,
        chips=reading_chips(reading) if reading else (),
        citation=cite(cited),
    )


def _in_short(rule: BlanketRule, *, excepted: bool) -> str:
    """A rule about all locks in a few words; any other as the document has it."""
    if rule.reading is None or rule.reading.subject or rule.reading.held is not Held.NO:
        return rule.text
    if excepted:
        return "an exception from: no locks held"
    return f"no locks held{', unless noted' if rule.unless_noted else ''}"
