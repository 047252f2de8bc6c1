"""Train an elastic network's shared weights, report what subnets reach, and write them.

python -m experiments.train network=resnet
"""

from __future__ import annotations

from omegaconf import DictConfig

from experiments.entry import build, entry


@entry("train")
def run(config: DictConfig) -> None:
    """Train and evaluate what `config` names."""
    from pathlib import Path

    import torch

    from dmo.checks import at_least
    from experiments.training import table, train_and_write
    from problems.deployment.process import keep_freed_memory

    at_least("threads", config.threads, 1)
    at_least("seed", config.seed, 0)
    at_least("recalibration", config.recalibration, 1)
    at_least("subnets", config.subnets, 0)
    torch.set_num_threads(config.threads)
    keep_freed_memory()
    network = build(config.network)
    out = Path(config.out)
    rows = train_and_write(
        network,
        build(config.data),
        build(config.recipe),
        config.seed,
        Path(config.folder),
        out,
        config.recalibration,
        config.subnets,
        Path(config.start) if config.start else None,
        config.half,
    )
    print(table(rows))
    print(f"wrote {out}")


if __name__ == "__main__":
    run()
