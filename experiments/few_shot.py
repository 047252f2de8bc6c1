"""How few measurements a new device needs: transfer from profiled ones against starting anew.

python -m experiments.few_shot known.csv other.csv new.csv     # published latencies, see experiments.hat
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dmo.checks import at_least
from experiments.command import command, parser
from experiments.hat import Latencies
from surrogates import GaussianProcess, Transfer, scores

SAMPLES = (10, 30, 100)


def few_shot(known: Sequence[Latencies], new: Latencies, seeds: int, rows: int) -> list[dict[str, float]]:
    """Rank correlation and RMSPE on the unmeasured designs of a new device, mean over seeds.

    known: profiled devices, each learnt from at most `rows` of its rows.
    """
    fitted = []
    for device in known:
        rng = np.random.default_rng(0)
        some = rng.permutation(len(device.x))[:rows]
        fitted.append(GaussianProcess().fit(device.x[some], device.latency[some, None], rng))
    families = {"transfer": Transfer(tuple(fitted)), "anew": GaussianProcess()}
    found = []
    for n in SAMPLES:
        for family, surrogate in families.items():
            each = []
            for seed in range(seeds):
                order = np.random.default_rng(seed).permutation(len(new.x))
                some, rest = order[:n], order[n:]
                model = surrogate.fit(new.x[some], new.latency[some, None], np.random.default_rng(seed))
                said = model.predict(new.x[rest])[0][:, 0]
                true = new.latency[rest]
                each.append((scores.spearman(true, said), scores.rmspe(true, said)))
            spearman, rmspe = np.mean(each, axis=0)
            found.append({"samples": n, "family": family, "spearman": spearman, "rmspe": rmspe})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of the last file's device, learnt from those of the others."""
    options = parser("experiments.few_shot", __doc__, experiment=False)
    options.add_argument("files", nargs="+", type=Path, help="profiled devices, the new one last")
    options.add_argument("--seeds", type=int, default=10, help="draws of the measurements (default: 10)")
    options.add_argument("--rows", type=int, default=400, help="rows of a profiled device (default: 400)")
    given = options.parse_args(arguments)
    if len(given.files) < 2:
        options.error("files: expected a profiled device and a new one, got one file")
    at_least("--seeds", given.seeds, 1)
    at_least("--rows", given.rows, 2)
    *known, new = [Latencies.load(file) for file in given.files]
    print(f"{'samples':>7} {'family':<9} {'Spearman':>8} {'RMSPE %':>8}")
    for row in few_shot(known, new, given.seeds, given.rows):
        print(f"{row['samples']:>7} {row['family']:<9} {row['spearman']:>8.3f} {100 * row['rmspe']:>8.1f}")
    return 0


if __name__ == "__main__":
    command(main)()
