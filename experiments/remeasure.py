"""Run what a policy chose in a sample of cells for real: predicted, tabulated and measured anew side by side.

python -m experiments.remeasure --cells 60
python -m experiments.remeasure --device dual --policy search --prepare   # build the plans only

A cell is one environment of one scenario for a network on a device whose table and surrogate ship. What was
chosen there is built, started as a fresh process within the device's limits and among processes that compete
as they do there, and classifies test images. A killed command goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.command import command, overrides, parser

if TYPE_CHECKING:
    import pandas as pd
    from omegaconf import DictConfig

    from dmo.types import Array
    from problems.deployment.device import Device
    from problems.deployment.images import FashionMNIST
    from problems.deployment.journal import Journal
    from problems.deployment.network import Network
    from problems.deployment.plan import Plan
    from problems.deployment.prepare import Workshop
    from problems.deployment.problem import Deployment
    from problems.deployment.strategy import Strategy

FIGURES = ("latency_ms", "memory_mib", "error")
SAMPLE = 1  # sets the draw of environments apart from the policies' random numbers


@dataclass(frozen=True, eq=False)
class Choice:
    """What a policy deployed in one cell. predicted, tabulated: latency ms, memory MiB, error; (3,) each.

    labels: network, device and scenario; policies know the full network as it was measured, so its
    prediction is that.
    """

    labels: Mapping[str, str]
    network: Network
    device: Device
    problem: Deployment
    t: float
    strategy: Strategy
    predicted: Array
    tabulated: Array


def main(arguments: Sequence[str] | None = None) -> int:
    """Choose, build, measure and compare."""
    from dmo.checks import at_least
    from dmo.files import replacing
    from experiments.adainfer import compositions
    from experiments.figures.adainfer_main import SCENARIOS
    from problems.deployment.process import keep_freed_memory

    options = parser("experiments.remeasure", __doc__, experiment=False)
    overrides(options, "change the comparison: surrogate=ridge schedule.n_env=20")
    options.add_argument("--cells", type=int, default=60, help="how many (default: 60)")
    options.add_argument("--policy", default="adainfer", help="whose choices (default: adainfer)")
    options.add_argument("--network", help="of one network only")
    options.add_argument("--device", help="of one device only")
    options.add_argument("--images", type=int, default=200, help="test images each classifies (default: 200)")
    options.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    options.add_argument("--prepare", action="store_true", help="build the plans, measure nothing yet")
    options.add_argument("--data", type=Path, help="folder of the data set (default: where it is looked for)")
    options.add_argument("--runs", default="runs", help="folder of plans and measurements (default: runs)")
    options.add_argument("--out", type=Path, help="the CSV file (default: RUNS/remeasured.csv)")
    given = options.parse_args(arguments)
    for name in ("cells", "images"):
        at_least(f"--{name}", getattr(given, name), 1)
    at_least("--seed", given.seed, 0)
    keep_freed_memory()  # of what prepares; what is measured runs in processes of its own
    where = {"network": given.network, "device": given.device}
    changed = compositions(given.runs, SCENARIOS, overrides=given.overrides)
    choices = sampled(changed, given.policy, where, given.cells, given.seed)
    rows = measured(choices, _data(given.data), Path(given.runs) / "remeasure", given.images, given.prepare)
    if given.prepare:
        print(f"{len(choices)} choices can be measured; leave --prepare out to do so")
        return 0
    import pandas as pd

    frame, out = pd.DataFrame(rows), given.out or Path(given.runs) / "remeasured.csv"
    with replacing(out) as partial:
        frame.to_csv(partial, index=False)
    print(f"{summary(frame)}\nwrote {out}")
    return 0


def sampled(
    known: Iterable[tuple[dict[str, str], DictConfig]],
    policy: str,
    where: Mapping[str, str | None],
    cells: int,
    seed: int,
) -> list[Choice]:
    """What the policy deployed in so many environments, drawn evenly from networks, devices and scenarios."""
    from dmo.errors import DmoError
    from experiments.adainfer import played, table_of
    from experiments.entry import build

    found = [
        (labels, config)
        for labels, config in known
        if all(wanted in (None, labels[name]) for name, wanted in where.items())
    ]
    if not found:
        raise DmoError(f"no table ships with a surrogate for {where}; see problems/deployment/data")
    rng = np.random.default_rng([seed, SAMPLE])
    choices = []
    for i, (labels, config) in enumerate(found):
        count = cells // len(found) + (i < cells % len(found))
        if count == 0:
            continue
        table = table_of(config)
        outcomes = played(policy, config, table)
        network, device = build(config.network), build(config.device)
        for k in sorted(rng.permutation(len(outcomes))[:count].tolist()):
            t, row, f = outcomes[k].t, outcomes[k].row, outcomes[k].f
            strategy = table.problem.strategies.decode(table.x[row])
            predicted = table.predicted(t).f[row]
            choices.append(Choice(labels, network, device, table.problem, t, strategy, predicted, f))
    return choices


def measured(
    choices: Sequence[Choice], data: FashionMNIST, folder: Path, images: int, prepare: bool = False
) -> list[dict[str, Any]]:
    """A row for each choice with what it was measured at now; none when they are only prepared."""
    from tqdm import tqdm

    from problems.deployment.device import describe_host
    from problems.deployment.journal import Journal

    host, rows = describe_host(), []
    here = {"cpu": host["cpu"], "onnxruntime": host["packages"]["onnxruntime"]}
    for key in dict.fromkeys(map(_prepared_as, choices)):
        mine = [c for c in choices if _prepared_as(c) == key]
        home = folder / "-".join(map(str, key))
        shop = _workshop(mine[0], data, home)
        identity = {**shop.identity, **here}
        with (
            Journal(home / "plans.jsonl", identity) as plans,
            Journal(home / "measured.jsonl", {**identity, "images": images}) as visits,
        ):
            made = _plans(mine, shop, plans)
            known = {json.dumps(v["cell"]): v for v in visits.entries}
            for c in tqdm([] if prepare else mine, "measure", unit="cell", disable=None):
                cell = [*c.labels.values(), c.t, c.strategy.key]
                if json.dumps(cell) not in known:
                    visit = {"cell": cell, **_visit(c, made[c.strategy.key], shop, data, images)}
                    visits.append(visit)
                    known[json.dumps(cell)] = visit
                rows.append(_row(c, known[json.dumps(cell)]))
    return rows


def _prepared_as(c: Choice) -> tuple[str, int, int]:
    """Of which network, and with how many images its table took batch-norm statistics and int8 ranges."""
    how = c.problem.table.meta["profiler"]
    return c.network.name, how["recalibration"], how["calibration"]


def _workshop(c: Choice, data: FashionMNIST, home: Path) -> Workshop:
    from problems.deployment.prepare import Workshop

    _, recalibration, calibration = _prepared_as(c)
    return Workshop(c.network, c.network.load(), data, home, recalibration, calibration)


def _plans(choices: Sequence[Choice], shop: Workshop, journal: Journal) -> dict[str, Plan]:
    """The plan of each chosen strategy, by its key, built unless the journal has it and its file is there."""
    from tqdm import tqdm

    from problems.deployment.plan import Plan

    known = (Plan.from_json(json.dumps(entry)) for entry in journal.entries)
    made = {plan.strategy: plan for plan in known if Path(plan.model).is_file()}
    missing = {c.strategy.key: c.strategy for c in choices if c.strategy.key not in made}
    for key, strategy in tqdm(missing.items(), "prepare", unit="strategy", disable=None):
        made[key] = shop.plan(strategy)
        journal.append(json.loads(made[key].to_json()))
    return made


def _visit(c: Choice, plan: Plan, shop: Workshop, data: FashionMNIST, images: int) -> dict[str, Any]:
    """One fresh process, among competitors where the table was profiled among them."""
    from problems.deployment.competitors import competing
    from problems.deployment.gate import Gate
    from problems.deployment.measure import measure
    from problems.deployment.timing import Timing

    level, test = c.problem.level(c.t), data.test[:images]
    if level == 0:
        Gate(most=2.0).wait()
    with competing(level, c.device.cpus, c.device.machine):
        probes = shop.inputs(test, c.strategy.shape.resolution)
        found = measure(plan, c.device, Timing(), probes, shared=level > 0)
    wrong = np.array(found.pop("classes")) != test.labels
    return {**found, "error": float(wrong.mean())}


def _row(c: Choice, visit: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the CSV. A table without levels of contention SIMULATES it by a factor: so does this."""
    budgets = c.problem.scenario.at(c.t)
    factor = budgets.slowdown if c.problem.table.levels == 1 else 1.0
    memory = max(visit["load_peak_mib"], visit["run_peak_mib"])
    now = np.array([factor * visit["latency_ms"], memory, visit["error"]])
    parts = {"predicted": c.predicted, "tabulated": c.tabulated, "measured": now}
    return {
        **c.labels,
        "env": int(c.t),
        "contention": c.problem.level(c.t),
        "simulated_slowdown": factor,
        "strategy": str(c.strategy),
        **{f"{kind}_{name}": v for kind, f in parts.items() for name, v in zip(FIGURES, f, strict=True)},
        **dict(zip(("budget_mib", "deadline_ms"), c.problem.limits(c.t), strict=False)),
        # Accuracy is told from few images here, so that its limit says nothing.
        "violated": " ".join(v for v in c.problem.violated(now, c.t) if v != "accuracy"),
        "steal": visit["steal"],
        "busy": visit["busy"],
    }


def summary(frame: pd.DataFrame) -> str:
    """Medians of how far off predictions and table were, by device and for all."""
    lines = [
        "median |said / measured anew - 1| of latency and memory, %; of accuracy, points",
        f"{'device':<12} {'cells':>5}   {'predicted':>24}   {'tabulated':>24}   violating anew %",
    ]
    for name, part in [*frame.groupby("device"), ("all", frame)]:
        said = []
        for kind in ("predicted", "tabulated"):
            off = [_off(part, kind, figure) for figure in FIGURES[:2]]
            points = 100.0 * (part[f"{kind}_error"] - part["measured_error"]).abs().median()
            said.append(f"{100 * off[0]:.1f} / {100 * off[1]:.1f} / {points:.2f}")
        violating = 100.0 * (part["violated"] != "").mean()
        lines.append(f"{name:<12} {len(part):>5}   {said[0]:>24}   {said[1]:>24}   {violating:>16.1f}")
    return "\n".join(lines)


def _off(frame: pd.DataFrame, kind: str, figure: str) -> float:
    return float((frame[f"{kind}_{figure}"] / frame[f"measured_{figure}"] - 1.0).abs().median())


def _data(folder: Path | None) -> FashionMNIST:
    from omegaconf import OmegaConf

    from experiments.entry import CONF, build

    config = OmegaConf.load(CONF / "data" / "fashion_mnist.yaml")
    if folder is not None:
        config.path = str(folder)
    data: FashionMNIST = build(config)
    return data


if __name__ == "__main__":
    command(main)()
