"""Deployment problems from what ships, and the report of a run on one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dmo.errors import ArgumentError, DataError
from dmo.files import replacing
from dmo.metrics import hypervolume
from dmo.record import Record
from dmo.types import Array
from experiments.cell import Cell
from problems.deployment.choice import Preference, choose
from problems.deployment.device import Device
from problems.deployment.network import SHIPPED, Network
from problems.deployment.problem import Deployment, state_names
from problems.deployment.scenario import Scenario
from problems.deployment.space import StrategySpace
from problems.deployment.table import Table
from surrogates import store

if TYPE_CHECKING:
    import pandas as pd


def deployment(
    network: Network,
    device: Device,
    scenario: Scenario,
    table: str | None = None,
    surrogate: str | None = None,
    margin: float = 1.0,
    preference: Preference | None = None,
) -> Deployment:
    """The deployment problem of a network on a device, from its table and surrogate (those that ship).

    Raises DataError when a file is missing, damaged or made for another space.
    """
    measured = Path(table) if table else SHIPPED / f"{network.name}_{device.name}.npz"
    fitted = Path(surrogate) if surrogate else SHIPPED / f"{network.name}_{device.name}_surrogate.npz"
    names = f"network={network.name} device={device.name}"
    read = Table.load(measured, remedy=f"make it with: python -m experiments.profile {names}")
    strategies = StrategySpace.of(network, **read.options)
    read.check(strategies)
    fit = f"make it with: python -m experiments.fit {names} table={measured} out={fitted}"
    predictor = store.load(fitted, remedy=fit, features=state_names(strategies, read))
    source = predictor.meta["rows"]["source"]
    if predictor.meta["table_sha256"] != read.digest(None if source == "all" else source):
        raise DataError(f"{fitted} was fitted to another table than {measured}; {fit}")
    return Deployment(strategies, read, predictor, scenario, margin, preference or Preference())


@dataclass(frozen=True)
class Choice:
    """What was chosen in one environment. Figures: latency ms, memory MiB, error; (3,) each.

    limits: memory MiB, deadline ms, error; row: of the table, -1 where the strategy is not in it;
    measured: nan where it is not; full and oracle: of the static full network and of the best row
    of the table, as measured; possible: whether any row of the table keeps all limits.
    """

    env: int
    t: float
    label: str
    limits: Array
    x: Array
    row: int
    predicted: Array
    measured: Array
    oracle: Array
    full: Array
    possible: bool


def choices(problem: Deployment, record: Record) -> list[Choice]:
    """What the preference chooses from each environment's answer, and what the table says of it."""
    found = []
    for k, (t, answer) in enumerate(zip(record.times, record.answers, strict=True)):
        preference = problem.prefers(float(t))
        pick = choose(answer, problem.full, preference)
        x = problem.strategies.canonical(answer.x[pick : pick + 1])
        row = int(problem.find(x)[0])
        truth = problem.truth(float(t))
        found.append(
            Choice(
                env=k,
                t=float(t),
                label=problem.scenario.at(float(t)).label,
                limits=problem.limits(float(t)),
                x=x[0],
                row=row,
                predicted=answer.f[pick],
                measured=truth.f[row] if row >= 0 else np.full(3, np.nan),
                oracle=truth.f[choose(truth, problem.full, preference)],
                possible=bool(truth.feasible.any()),
                full=problem.full,
            )
        )
    return found


@dataclass(frozen=True)
class DeploymentReport:
    """Print what was chosen in every environment and the means; write the choices and a figure.

    figure: whether to draw.
    """

    figure: bool = True

    def __call__(self, cell: Cell, records: Sequence[Record]) -> None:
        """A table per environment for the first seed, the means for all."""
        problem = cell.problem
        if not isinstance(problem, Deployment):
            raise ArgumentError(
                "report", "a deployment problem", type(problem).__name__, "set report._target_ to FrontReport"
            )
        for i, record in enumerate(records):
            found = choices(problem, record)
            if i == 0:
                print(_environments(problem, found))
            print(f"\nseed {record.info['seed']}\n{_means(problem, found)}")
            base, choice = record.folder, frame(problem, found)
            with replacing(base.with_name(f"{base.name}_choices.csv")) as partial:
                choice.to_csv(partial, index=False)
            plain = [problem.strategies.decode(c.x).to_dict() for c in found]
            unique = list({json.dumps(p, sort_keys=True): p for p in plain}.values())
            with replacing(base.with_name(f"{base.name}_chosen.json")) as partial:
                partial.write_text(json.dumps(unique, indent=1))
            missing = sum(c.row < 0 for c in found)
            if missing:
                print(
                    f"{missing} of {len(found)} choices are not in the table; measure them with: "
                    f"python -m experiments.profile strategies={base}_chosen.json"
                )
            seconds = record.info["wall_seconds"]
            print(f"searched {len(found)} environments in {seconds:.1f} s; record {base}")
            print(f"choices {base}_choices.csv")
            if self.figure:
                from experiments.figures import deployment_traces, style

                (figure,) = deployment_traces.draw(choice).values()
                print(f"figure {style.write(figure, base.with_name(f'{base.name}_traces.png'))}")

    def means(self, cell: Cell, record: Record, skip: int) -> dict[str, float]:
        """What a run's choices come to, means over the environments after the first `skip`.

        mhv: volume that the answer dominates of the box below the limits, in [0, 1]; cost: what the
        preference minimises, of the choice: 1 for the static full network; both by predictions. Of the
        share `tabulated` of choices that the table holds, as measured: `violated`, share that exceeds
        a limit, and `regret`, the cost over that of the best measured strategy less 1, of those that do not.
        """
        problem: Deployment = cell.problem  # type: ignore[assignment]
        dominated, costs, broken, regrets = [], [], [], []
        for c, answer in list(zip(choices(problem, record), record.answers, strict=True))[skip:]:
            latency, memory, error = c.limits[[1, 0, 2]]
            inside = answer.f[answer.feasible] / np.array([latency, memory, error])
            dominated.append(hypervolume(inside, np.ones(3)))
            cost = problem.prefers(c.t).cost
            costs.append(cost(c.predicted[None], problem.full)[0])
            if c.row >= 0:
                broken.append(bool(problem.violated(c.measured, c.t)))
                if not broken[-1]:
                    chosen, best = cost(np.stack([c.measured, c.oracle]), problem.full)
                    regrets.append(chosen / best - 1.0)
        return {
            "mhv": float(np.mean(dominated)),
            "cost": float(np.mean(costs)),
            "tabulated": len(broken) / len(costs),
            "violated": float(np.mean(broken)) if broken else float("nan"),
            "regret": float(np.mean(regrets)) if regrets else float("nan"),
        }


def _environments(problem: Deployment, found: Sequence[Choice]) -> str:
    head = (
        f"{'env':>3} {'state':>8} {'budget MiB':>10} {'deadline ms':>11} {'floor %':>7}   "
        f"{'predicted ms / MiB / %':>22}   {'tabulated ms / MiB / %':>22}   violated    strategy"
    )
    lines = [head]
    for c in found:
        budget, deadline, error = c.limits
        broken = ", ".join(problem.violated(c.measured if c.row >= 0 else c.predicted, c.t)) or "-"
        broken += "" if c.row >= 0 else " (predicted)"
        broken += "" if c.possible else "; no measured strategy keeps all limits"
        lines.append(
            f"{c.env:>3} {c.label:>8} {budget:>10.2f} {deadline:>11.3f} {100 * (1 - error):>7.2f}   "
            f"{figures(c.predicted):>22}   {figures(c.measured):>22}   {broken:<10}  "
            f"{problem.strategies.decode(c.x)}"
        )
    return "\n".join(lines)


def _means(problem: Deployment, found: Sequence[Choice]) -> str:
    # All over the same environments: those whose choice is in the table, or else every one.
    known = [c for c in found if c.row >= 0]
    environments = known or found
    rows = {
        "search, predicted": [c.predicted for c in environments],
        "search, tabulated": [c.measured for c in known],
        "static full network": [c.full for c in environments],
        "best of the table": [c.oracle for c in environments],
    }
    lines = [
        f"{'mean over environments':<24} {'n':>3} {'ms':>8} {'MiB':>8} {'accuracy %':>10} "
        f"{'violating %':>11} {'cost':>6}"
    ]
    for name, values in rows.items():
        if not values:
            lines.append(f"{name:<24} {0:>3}  (no choice is in the table)")
            continue
        f = np.array(values)
        broken = np.mean([bool(problem.violated(row, c.t)) for c, row in zip(environments, f, strict=True)])
        cost = np.mean(
            [
                problem.prefers(c.t).cost(row[None], problem.full)[0]
                for c, row in zip(environments, f, strict=True)
            ]
        )
        latency, memory, error = f.mean(axis=0)
        lines.append(
            f"{name:<24} {len(f):>3} {latency:>8.3f} {memory:>8.2f} {100 * (1 - error):>10.2f} "
            f"{100 * broken:>11.1f} {cost:>6.3f}"
        )
    return "\n".join(lines)


def figures(f: Array) -> str:
    """latency ms / memory MiB / accuracy %, of (3,); said so where there are none."""
    if np.isnan(f).any():
        return "not in the table"
    return f"{f[0]:.3f} / {f[1]:.2f} / {100 * (1 - f[2]):.2f}"


def frame(problem: Deployment, found: Sequence[Choice]) -> pd.DataFrame:
    """A row for each environment: its limits, the strategy, and every figure of it (see Choice)."""
    import pandas as pd

    names = ("latency_ms", "memory_mib", "error")
    rows = [
        {
            "env": c.env,
            "state": c.label,
            **dict(zip(("budget_mib", "deadline_ms", "greatest_error"), c.limits, strict=True)),
            "strategy": str(problem.strategies.decode(c.x)),
            **{
                f"{kind}_{name}": value
                for kind, f in (
                    ("predicted", c.predicted),
                    ("tabulated", c.measured),
                    ("oracle", c.oracle),
                    ("full", c.full),
                )
                for name, value in zip(names, f, strict=True)
            },
        }
        for c in found
    ]
    return pd.DataFrame(rows)
