"""Re-deploy a network live: search, build each chosen plan, run it in a fresh process, compare.

python -m experiments.adapt network=resnet scenario=memory_pressure environments=10
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from experiments.entry import build, entry

if TYPE_CHECKING:
    from problems.deployment.controller import Redeployment


@entry("adapt")
def main(config: DictConfig) -> None:
    """Print one line per environment, then the means."""
    from dmo.checks import at_least
    from experiments.deployment import figures
    from problems.deployment.controller import Controller
    from problems.deployment.device import describe_host
    from problems.deployment.prepare import Workshop

    at_least("environments", config.environments, 1)
    at_least("images", config.images, 1)
    at_least("seed", config.seed, 0)
    data, network, problem = build(config.data), build(config.network), build(config.problem)
    there, here = problem.table.meta["host"]["cpu"], describe_host()["cpu"]
    if there != here:
        print(
            f"note: the table was measured on {there}, this is {here}; budgets and predictions are "
            "for that machine, so profile and fit this one for a fair comparison"
        )
    folder = Path(config.runs) / "adapt" / network.name
    controller = Controller(
        problem,
        build(config.schedule),
        build(config.searcher),
        Workshop(network, network.load(), data, folder),
        build(config.device),
        data.test[: config.images],
        build(config.timing),
        config.served,
        build(config.correction),
    )
    print(
        f"{'env':>3} {'state':>8} {'budget MiB':>10} {'deadline ms':>11} {'floor %':>7}   "
        f"{'predicted ms / MiB / %':>22}   {'measured ms / MiB / %':>22}   violated           "
        f"{'search':>7} {'build':>7} {'load':>7} {'first':>7} {'ms, charged':>11}   strategy",
        flush=True,
    )
    steps = []
    for step in controller.steps(config.seed):
        steps.append(step)
        budget, deadline, error = step.limits
        broken = ", ".join(step.violated) or "-"
        broken += "" if step.possible else " (none found that keeps all)"
        print(
            f"{step.env:>3} {step.label:>8} {budget:>10.2f} {deadline:>11.3f} {100 * (1 - error):>7.2f}   "
            f"{figures(step.predicted):>22}   {figures(step.measured):>22}   {broken:<17}  "
            f"{step.search_ms:>7.0f} {step.build_ms:>7.0f} {step.load_ms:>7.1f} {step.first_run_ms:>7.1f} "
            f"{step.charged_ms:>11.3f}   {step.strategy}",
            flush=True,
        )
    file = folder / f"{config.device.name}_{config.problem.scenario._target_.rpartition('.')[2]}.csv"
    write(steps, file)
    print(f"\n{summary(steps)}\nwrote {file}")


def write(steps: Sequence[Redeployment], file: Path) -> None:
    """Predicted and re-measured figures of every environment, as CSV."""
    import csv

    from dmo.files import replacing

    names = ("latency_ms", "memory_mib", "error")
    head = ["env", "state", "budget_mib", "deadline_ms", "greatest_error"]
    head += [f"{kind}_{name}" for kind in ("predicted", "measured") for name in names]
    costs = ("search_ms", "build_ms", "load_ms", "first_run_ms", "charged_ms")
    with replacing(file) as partial, partial.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow([*head, "violated", "possible", "switched", *costs, "strategy"])
        for s in steps:
            figures = [repr(float(v)) for part in (s.limits, s.predicted, s.measured) for v in part]
            spent = [round(getattr(s, name), 3) for name in costs]
            said = [" ".join(s.violated), s.possible, s.switched]
            writer.writerow([s.env, s.label, *figures, *said, *spent, str(s.strategy)])


def summary(steps: Sequence[Redeployment]) -> str:
    """How far predictions were off, what was violated, and what switching took."""
    import numpy as np

    predicted, measured = (np.array([getattr(s, n) for s in steps]) for n in ("predicted", "measured"))
    off = np.abs(predicted[:, :2] / measured[:, :2] - 1.0)
    points = 100 * np.abs(predicted[:, 2] - measured[:, 2])
    switched = [s for s in steps if s.switched]
    built = [s.build_ms for s in switched if s.build_ms > 1.0]
    switch = np.median([s.load_ms + s.first_run_ms for s in switched])
    return (
        f"median |predicted / measured - 1|: latency {100 * np.median(off[:, 0]):.1f} %, memory "
        f"{100 * np.median(off[:, 1]):.1f} %; median accuracy difference {np.median(points):.2f} points "
        f"on {steps[0].images} test images; median search {np.median([s.search_ms for s in steps]):.0f} ms; "
        f"environments with a violation as measured: {sum(bool(s.violated) for s in steps)} of {len(steps)}\n"
        f"{len(switched)} deployments of another strategy: load and first run {switch:.1f} ms in the median, "
        f"{len(built)} of them built first, {np.median(built or [0.0]):.0f} ms"
    )


if __name__ == "__main__":
    main()
