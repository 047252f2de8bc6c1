"""Fit the surrogate of a profile table, say how far it can be trusted, and write it.

python -m experiments.fit network=resnet device=host surrogate=mlp
python -m experiments.fit -m surrogate=ridge,mlp,gaussian_process    # compare families
python -m experiments.fit compare=true table=hat file=FILE.csv       # on published latencies
python -m experiments.fit surrogate=gaussian_process active=[30,60,90]   # choose what to measure, or draw it
"""

from __future__ import annotations

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from dmo.errors import ArgumentError
from experiments.entry import build, entry


@entry("fit")
def run(config: DictConfig) -> None:
    """Fit and write what `config` names."""
    from pathlib import Path

    from dmo.checks import at_least, fraction, listed
    from experiments.fitting import Rows, fit_and_write
    from problems.deployment.network import SHIPPED
    from problems.deployment.space import StrategySpace
    from problems.deployment.table import Table

    network = build(config.network)
    names = network.name, build(config.device).name
    file = Path(config.table) if config.table else SHIPPED / f"{'_'.join(names)}.npz"
    out = Path(config.out)
    at_least("seed", config.seed, 0)
    at_least("seeds", config.seeds, 1)
    fraction("test_share", config.test_share)
    at_least("folds", config.folds, 2)
    listed("curves", config.curves, int)
    listed("active", config.active, int)
    listed("splits", config.splits, str)
    at_least("curves", min(config.curves, default=2), 2)
    if not isinstance(config.compare, bool):
        raise ArgumentError("compare", "true or false", repr(config.compare), "set it to one of them")
    if config.table == "hat" and config.file is None:
        raise ArgumentError(
            "file", "a CSV of published latencies, with table=hat", "none", "give file=FILE.csv"
        )
    surrogate = build(config.surrogate)
    hydra = HydraConfig.get()
    # Of a surrogate within another, such as `conformal`, both names.
    choices = hydra.runtime.choices
    family = "-".join(str(v) for k, v in choices.items() if k.split("@")[0].split("/")[0] == "surrogate")
    if not config.active and (config.compare or config.table == "hat" or hydra.mode is RunMode.MULTIRUN):
        from experiments.compare_fits import run as compare

        print(compare(config, network, names[1], surrogate, file, family))
        return
    remedy = "make it with: python -m experiments.profile network={} device={}".format(*names)
    table = Table.load(file, remedy)
    space = StrategySpace.of(network, **table.options)
    if config.active:
        from experiments import active

        rows = Rows.of(table, space, config.rows, active.OBJECTIVES)
        name = {"network": names[0], "device": names[1], "family": family}
        folder = Path(config.runs) / "fit"
        print(active.compare(name, rows, surrogate, list(config.active), config.seeds, folder))
        return
    print(fit_and_write(table, space, surrogate, out, config.seed, config.test_share, config.rows))
    print(f"wrote {out}; use it with: problem.table={file} problem.surrogate={out}")


if __name__ == "__main__":
    run()
