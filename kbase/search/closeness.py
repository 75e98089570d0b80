"""Words that stand beside each other in a question count for more where they stand so in a text: "rcu read lock"."""

import re
from collections.abc import Callable
from heapq import nlargest
from itertools import pairwise
from operator import itemgetter

from kbase.search.plan import Plan

LOOKED_AT = 40  # texts in which the words are looked for side by side
CLOSE = 0.8  # what is added at most where they stand so
WHOLE = 2.0  # factor where the whole question stands so
ARTICLES = ("a", "an", "the")


def closer(scores: dict[int, float], plan: Plan, text: Callable[[int], str]) -> None:
    """Raise the scores of the best documents in whose texts words stand beside each other as in the question.

    `text` gives the beginning of a document's text in lower case.
    """
    pairs = _pairs(plan)
    if not pairs:
        return
    best = nlargest(LOOKED_AT, scores.items(), key=itemgetter(1))
    for document, score in best:
        low = text(document)
        beside = sum(pair.search(low) is not None for pair in pairs)
        whole = WHOLE if 1 < beside == len(plan.words) - 1 else 1.0
        scores[document] = score * (1 + CLOSE * beside / len(pairs)) * whole


def _pair(one: str, other: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9]){re.escape(one)}[\W_]{{1,3}}{re.escape(other)}")


def _pairs(plan: Plan) -> list[re.Pattern[str]]:
    """Words of the question that follow each other in it, articles left out, as they stand in a text."""
    asked = {word.typed for word in plan.words if not word.aside}
    said = [word for word in plan.said if word not in ARTICLES]
    return [_pair(one, other) for one, other in pairwise(said) if one in asked and other in asked]
