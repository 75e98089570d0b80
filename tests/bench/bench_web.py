"""Pages beside a bare Flask page with a Jinja template, in the same process.

    python tests/bench/bench_web.py DATABASE

An uncached page is asked for under an address that was not asked for before; that of the search includes the search,
and has no limit: it was promised while answers were cached. Processor time of the thread, in milliseconds; the pages
take turns.
"""

import statistics
import sys
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus

from clock import milliseconds
from flask import Flask, render_template
from jinja2 import DictLoader
from ratios import Ratio, record

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.web import create_app

ROUNDS = 150
BESIDE = "a bare Flask page"
LIMITS: dict[str, float | None] = {
    "op page, uncached": 6,
    "op page, cached": 2,
    "search page, uncached": None,
    "search page, cached": 2,
}
BARE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1><ul>{% for item in items %}<li>{{ item }}</li>{% endfor %}</ul></body></html>"""
QUESTIONS = ("which lock is held when rename is called", "may d_revalidate block", "lock:i_rwsem held:shared")


def bare() -> Flask:
    """The page that ours are measured by: one template, ten values."""
    app = Flask("bare")
    app.jinja_loader = DictLoader({"bare.html": BARE})

    @app.get("/")
    def page() -> str:
        return render_template("bare.html", title="A page", items=range(10))

    return app


def main(db: Path) -> None:
    kb = KnowledgeBase.open(db)
    version, fresh = kb.latest(), count()
    plain, site = bare().test_client(), create_app(db).test_client()
    ops = [f"/v/{version}/{op.struct}/{op.name}/" for op in kb.state(version).ops.values()]

    def get(address: str) -> None:
        assert site.get(address).status_code == 200, address

    def search_page(number: int) -> float:
        question = QUESTIONS[number % len(QUESTIONS)]
        return milliseconds(partial(get, f"/search?q={quote_plus(question)}&fresh={next(fresh)}"))

    for address in ops:
        get(address)
    for question in QUESTIONS:
        get(f"/search?q={quote_plus(question)}&fresh={next(fresh)}")
    times: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        op = ops[number % len(ops)]
        times.setdefault(BESIDE, []).append(milliseconds(partial(plain.get, "/")))
        times.setdefault("op page, uncached", []).append(milliseconds(partial(get, f"{op}?fresh={next(fresh)}")))
        times.setdefault("op page, cached", []).append(milliseconds(partial(get, op)))
        times.setdefault("search page, uncached", []).append(search_page(number))
        times.setdefault("search page, cached", []).append(
            milliseconds(partial(get, "/search?q=may+d_revalidate+block"))
        )
    kb.close()
    unit = statistics.median(times.pop(BESIDE))
    for name, each in times.items():
        middle, worst = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        print(f"{name:40} median {middle:6.2f} ms  95 % {worst:6.2f} ms")
    medians = {name: statistics.median(times[name]) for name in LIMITS}
    record(__file__, [Ratio(name, medians[name], unit, beside=BESIDE, limit=LIMITS[name]) for name in LIMITS])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
