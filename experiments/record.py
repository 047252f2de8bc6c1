"""Record this host's free memory, load and pressure, for the scenario `trace` to play back.

python -m experiments.record --samples 60 --interval 5 --out runs/trace.csv
python -m experiments.run problem=deployment/resnet scenario=trace scenario.file=runs/trace.csv
"""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from experiments.command import command, parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Sample and write; what was sampled before an interrupt is written too."""
    from dmo.checks import at_least
    from dmo.files import replacing
    from problems.deployment.recording import NAMES, sample

    options = parser("experiments.record", __doc__, experiment=False)
    options.add_argument("--samples", type=int, default=60, help="how many (default: 60)")
    options.add_argument("--interval", type=float, default=5.0, help="seconds between them (default: 5)")
    options.add_argument("--out", type=Path, default=Path("runs/trace.csv"), help="the CSV file")
    given = options.parse_args(arguments)
    at_least("samples", given.samples, 1)
    at_least("interval", given.interval, 0.0)
    began, rows = time.monotonic(), []
    try:
        for k in tqdm(range(given.samples), "record", unit="sample", disable=None):
            time.sleep(max(0.0, began + k * given.interval - time.monotonic()))
            rows.append({"seconds": round(time.monotonic() - began, 2), **sample()})
    finally:
        if rows:
            with replacing(given.out) as partial, partial.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, ["seconds", *NAMES], lineterminator="\n")
                writer.writeheader()
                writer.writerows({k: round(v, 3) for k, v in row.items()} for row in rows)
            play = f"scenario=trace scenario.file={given.out} schedule.n_env={len(rows)}"
            print(f"wrote {given.out}: {len(rows)} samples; play it back with: {play}")
    return 0


if __name__ == "__main__":
    command(main)()
