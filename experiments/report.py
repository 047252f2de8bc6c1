"""Write one self-contained HTML page about finished runs: no network is needed to read it.

python -m experiments.report runs/2f1c0b9d8e7a6f54
python -m experiments.report runs/2f1c... runs/9a8b... --out comparison.html
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.command import command, parser

if TYPE_CHECKING:
    from dmo.record import Record

COLUMNS = {  # of the table of means, in words
    "migd": "distance from the true front to the answer, less is better",
    "mhv": "hypervolume of the answer, more is better",
    "mhv_front": "the true front's own",
    "feasible": "share of the answer that is feasible",
    "answered": "share of environments with a feasible point",
    "size": "points of an answer",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ddd; }}
th:first-child, td:first-child {{ text-align: left; }}
pre {{ background: #f6f6f6; padding: .8rem; overflow-x: auto; }}
</style></head><body>
<h1>{title}</h1>
{body}
</body></html>
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page that the arguments ask for."""
    options = parser("experiments.report", __doc__, experiment=False)
    options.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a finished run")
    options.add_argument("--out", type=Path, help="file to write (default: beside the first run)")
    given = options.parse_args(arguments)
    from dmo.errors import ArgumentError
    from dmo.files import replacing
    from dmo.record import load

    records = [load(folder) for folder in given.runs]
    for record in records[1:]:
        for part in ("problem", "schedule"):
            if record.info["config"][part] != records[0].info["config"][part]:
                raise ArgumentError(
                    "RUN",
                    f"runs of one {part}",
                    f"another one in {record.folder}",
                    "write a page for each: their fronts and environments do not compare",
                )
    out = given.out or given.runs[0].resolve().parent / f"report_{records[0].key[:16]}.html"
    with replacing(out) as partial:
        partial.write_text(page(records), encoding="utf-8")
    print(f"wrote {out} ({out.stat().st_size / 2**20:.1f} MiB)")
    return 0


def page(records: Sequence[Record]) -> str:
    """The whole page as text; everything that comes from a record is escaped."""
    from plotly.offline import get_plotlyjs

    from experiments.report_charts import fronts, over_time

    title = ", ".join(dict.fromkeys(name(record) for record in records))
    body = [f"<script>{get_plotlyjs()}</script>", "<h2>Means over the environments</h2>", _means(records)]
    shown = "igd" if "igd" in records[0].metrics.values else "feasible"
    body += [
        f"<h2>{'IGD' if shown == 'igd' else 'Feasible share'} in every environment</h2>",
        _embedded(over_time(records, shown), "metric"),
        "<h2>Answers over time</h2><p>What is proposed at the end of each environment, evaluated at its "
        "time. Move the slider, or play. Grey: the true front, where it is known; hollow: not feasible. A "
        "click on a name in the legend hides or shows it.</p>",
        _embedded(fronts(records), "front"),
    ]
    if records[0].answers[0].g.shape[1]:
        from experiments.report_charts import constraints

        body += [
            f"<h2>Constraints of the answers of {html.escape(name(records[0]))}, seed "
            f"{int(records[0].info['seed'])}</h2><p>Least, median and greatest over each answer; "
            "feasible at or below 0.</p>"
        ]
        body += [_embedded(constraints(records[0]), "constraints")]
    body += ["<h2>Configuration and provenance</h2>"]
    for record in records:
        text = json.dumps(dict(record.info), indent=1, sort_keys=True)
        body.append(
            f"<details><summary>{html.escape(name(record))}, seed {int(record.info['seed'])}, "
            f"{html.escape(record.key[:16])}</summary><pre>{html.escape(text)}</pre></details>"
        )
    made = " ".join(["python -m experiments.report", *sys.argv[1:]])
    body.append(f"<p>Made by <code>{html.escape(made)}</code></p>")
    return PAGE.format(title=html.escape(title), body="\n".join(body))


def name(record: Record) -> str:
    """Problem and searcher of a run, in words."""
    from experiments.report_charts import searcher

    return f"{record.info['config']['problem']['_target_'].rsplit('.', 1)[-1]}, {searcher(record)}"


def _means(records: Sequence[Record]) -> str:
    names = list(records[0].metrics.means)
    head = "".join(f"<th>{html.escape(n.upper())}</th>" for n in [*names, "seconds"])
    rows = []
    for record in records:
        means = record.metrics.means
        cells = [f"{means[n]:.4g}" if n in means else "-" for n in names]
        cells.append(f"{float(record.info['wall_seconds']):.2f}")
        label = f"{name(record)}, seed {int(record.info['seed'])}"
        rows.append(f"<tr><td>{html.escape(label)}</td>{''.join(f'<td>{c}</td>' for c in cells)}</tr>")
    legend = "; ".join(f"{n.upper()}: {COLUMNS[n]}" for n in names if n in COLUMNS)
    return f"<table id='means'><tr><th>run</th>{head}</tr>{''.join(rows)}</table><p>{legend}.</p>"


def _embedded(figure: Any, identity: str) -> str:
    return str(figure.to_html(full_html=False, include_plotlyjs=False, div_id=identity, auto_play=False))


if __name__ == "__main__":
    command(main)()
