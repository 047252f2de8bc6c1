"""Re-deploy a network live: search, build each chosen plan, run it in a fresh process, compare.

python -m experiments.adapt network=resnet scenario=memory_pressure environments=10
"""

from __future__ import annotations

from omegaconf import DictConfig

from experiments.entry import build, entry


@entry("adapt")
def main(config: DictConfig) -> None:
    """Print one line per environment, then the means."""
    from pathlib import Path

    import numpy as np

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
    )
    print(
        f"{'env':>3} {'state':>8} {'budget MiB':>10} {'deadline ms':>11} {'floor %':>7}   "
        f"{'predicted ms / MiB / %':>22}   {'measured ms / MiB / %':>22}   violated           "
        f"{'search':>7} {'build':>7} {'load ms':>7}   strategy",
        flush=True,
    )
    steps = []
    for step in controller.steps(config.seed):
        steps.append(step)
        budget, deadline, error = step.limits
        broken = ", ".join(step.violated) or "-"
        print(
            f"{step.env:>3} {step.label:>8} {budget:>10.2f} {deadline:>11.3f} {100 * (1 - error):>7.2f}   "
            f"{figures(step.predicted):>22}   {figures(step.measured):>22}   {broken:<17}  "
            f"{step.search_ms:>7.0f} {step.build_ms:>7.0f} {step.load_ms:>7.1f}   {step.strategy}",
            flush=True,
        )
    predicted, measured = (np.array([getattr(s, n) for s in steps]) for n in ("predicted", "measured"))
    off = np.abs(predicted[:, :2] / measured[:, :2] - 1.0)
    points = 100 * np.abs(predicted[:, 2] - measured[:, 2])
    print(
        f"\nmedian |predicted / measured - 1|: latency {100 * np.median(off[:, 0]):.1f} %, memory "
        f"{100 * np.median(off[:, 1]):.1f} %; median accuracy difference {np.median(points):.2f} points "
        f"on {steps[0].images} test images; median search {np.median([s.search_ms for s in steps]):.0f} ms; "
        f"environments with a violation as measured: {sum(bool(s.violated) for s in steps)} of {len(steps)}"
    )


if __name__ == "__main__":
    main()
