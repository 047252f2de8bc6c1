"""Policies compared among the rows of a profile table: every number that is reported was measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig, OmegaConf

from dmo.checks import at_least
from dmo.errors import DmoError
from dmo.files import UNREADABLE, replacing
from dmo.identity import describe
from dmo.types import Array
from experiments.entry import CONF, build
from experiments.fitting import Rows, fit
from problems.deployment.network import SHIPPED
from problems.deployment.policies import Policy
from problems.deployment.policies.play import Outcome, play
from problems.deployment.problem import Deployment, objectives
from problems.deployment.tabulated import Tabulated
from surrogates import Surrogate

SMOKE = "resnet", "host"  # network and device of a smoke test
VERSION = 2  # of cross-predictions: raise it when they come out otherwise


def policy_names() -> list[str]:
    """The policies there are, by the name of their YAML."""
    return sorted(f.stem for f in (CONF / "policy").glob("*.yaml"))


def tabulated(
    problem: Deployment, surrogate: Surrogate, folds: int, folder: Path, seed: int = 0
) -> Tabulated:
    """What policies choose among: each row predicted by a surrogate fitted to other rows.

    The rows are dealt into `folds`; those of one fold are predicted by a surrogate of the others, so no
    policy sees what its choice was measured at. The static full network is known as it was measured, as
    budgets are shares of that. Predictions are kept in `folder`.
    """
    table = problem.table
    identity = json.dumps([VERSION, table.sha256, describe(surrogate), folds, seed, problem.margin])
    file = folder / f"predictions-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.npz"
    try:
        with np.load(file, allow_pickle=False) as stored:
            mean, relied = stored["mean"], stored["relied"]
    except (*UNREADABLE, OSError):
        mean, relied = _cross(problem, surrogate, folds, seed)
        with replacing(file) as partial:
            np.savez(partial, mean=mean, relied=relied)
    made = Tabulated(problem, problem.by_level(mean), problem.by_level(relied))
    full = problem.tabulated[:, made.full]
    for part in (made.mean, made.relied):
        part[:, made.full] = full
    return made


def _cross(problem: Deployment, surrogate: Surrogate, folds: int, seed: int) -> tuple[Array, Array]:
    """Objectives of each row of the table as predicted without it, and with the margin: (rows, 3) each."""
    rows = Rows.of(problem.table, problem.strategies, "all")
    rng = np.random.default_rng(seed)
    strategy = np.unique(problem.table.x, axis=0, return_inverse=True)[1].ravel()
    # All levels of contention of a strategy are in one fold: one would give the others away.
    fold = (rng.permutation(strategy.max() + 1) % folds)[strategy]
    mean = np.empty((len(rows), rows.y.shape[1]))
    std = np.empty_like(mean)
    for k in range(folds):
        held = fold == k
        mean[held], std[held] = fit(surrogate, rows[~held], rng).predict(rows.x[held])
    return objectives(mean), objectives(mean + problem.margin * std)


def outcomes(policy: Policy, problem: Tabulated, environments: int, seed: int) -> list[Outcome]:
    """All environments of one play."""
    return list(play(policy, problem, environments, np.random.default_rng(seed)))


def summary(found: Sequence[Outcome]) -> dict[str, Any]:
    """One row of the comparison, means over the environments unless said otherwise.

    violated: share of environments with a limit exceeded, as measured; needless: the same among those
    where some strategy keeps all limits; regret: cost over the oracle's - 1, where all limits were kept;
    search_ms: median.
    """
    f = np.array([o.f for o in found])
    full = np.array([o.full for o in found])
    possible = np.array([o.possible for o in found])
    violated = np.array([bool(o.violated) for o in found])
    kept = possible & ~violated
    regret = np.array([o.cost / o.oracle - 1.0 for o in found])
    return {
        "environments": len(found),
        "latency_ms": f[:, 0].mean(),
        "memory_mib": f[:, 1].mean(),
        "accuracy": 1.0 - f[:, 2].mean(),
        "accuracy_lost": (f[:, 2] - full[:, 2]).mean(),
        "violated": violated.mean(),
        "possible": possible.mean(),
        "needless": violated[possible].mean() if possible.any() else np.nan,
        "regret": regret[kept].mean() if kept.any() else np.nan,
        "switches": sum(o.switched for o in found),
        "switch_ms": np.mean([o.switch_ms for o in found]),
        "search_ms": np.median([o.search_ms for o in found]),
    }


def compare(config: DictConfig, names: Sequence[str]) -> pd.DataFrame:
    """A row for each policy of `names` in the cell that `config`, of conf/compare.yaml, describes."""
    known = policy_names()
    unknown = [name for name in names if name not in known]
    if unknown:  # told before the others are played
        raise DmoError(f"policies: expected some of {', '.join(known)}, got {', '.join(unknown)}")
    where = table_of(config)
    labels = {"network": config.network.name, "device": config.device.name}
    return pd.DataFrame(
        [{**labels, "policy": name, **summary(played(name, config, where))} for name in names]
    )


def table_of(config: DictConfig) -> Tabulated:
    """What policies choose among in the cell that `config`, of conf/compare.yaml, describes."""
    at_least("folds", config.folds, 2)
    at_least("seed", config.seed, 0)
    folder = Path(config.runs) / "adainfer"
    return tabulated(build(config.problem), build(config.surrogate), config.folds, folder, config.seed)


def played(name: str, config: DictConfig, where: Tabulated) -> list[Outcome]:
    """All environments of the cell as the policy of a YAML lived through them.

    Raises DmoError when there is no policy of this name.
    """
    known = policy_names()
    if name not in known:
        raise DmoError(f"policy: expected one of {', '.join(known)}, got {name}")
    whole = OmegaConf.create(OmegaConf.to_container(config, resolve=False))
    whole.policy = OmegaConf.load(CONF / "policy" / f"{name}.yaml")  # it may refer to the searcher chosen
    return outcomes(build(whole.policy), where, config.schedule.n_env, config.seed)


def cells(
    runs: str, scenarios: Sequence[str], smoke: bool = False, overrides: Sequence[str] = ()
) -> pd.DataFrame:
    """The comparison of all policies in every cell whose table and surrogate ship.

    smoke: a few environments of one network and device, by a linear surrogate; overrides: of
    conf/compare.yaml, such as surrogate=ridge.
    """
    parts = []
    for labels, config in compositions(runs, scenarios, smoke, overrides):
        frame = compare(config, policy_names())
        frame.insert(2, "scenario", labels["scenario"])
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def compositions(
    runs: str, scenarios: Sequence[str], smoke: bool = False, overrides: Sequence[str] = ()
) -> Iterator[tuple[dict[str, str], DictConfig]]:
    """Labels and configuration of every cell whose table and surrogate ship; arguments: see cells."""
    from hydra import compose, initialize_config_dir

    small = ["schedule.n_env=4", "surrogate=ridge"] if smoke else []
    for network, device in [SMOKE] if smoke else shipped():
        for scenario in scenarios:
            given = [f"problem=deployment/{network}", f"device={device}", f"scenario={scenario}"]
            with initialize_config_dir(str(CONF), version_base="1.3"):
                config = compose("compare", [*given, f"runs={runs}", *small, *overrides])
            yield {"network": network, "device": device, "scenario": scenario}, config


def shipped() -> list[tuple[str, str]]:
    """Network and device of every table that ships with a surrogate."""
    networks = sorted(f.stem for f in (CONF / "problem" / "deployment").glob("*.yaml"))
    devices = sorted(f.stem for f in (CONF / "device").glob("*.yaml"))
    return [
        (n, d)
        for n in networks
        for d in devices
        if all((SHIPPED / f"{n}_{d}{part}.npz").is_file() for part in ("", "_surrogate"))
    ]
