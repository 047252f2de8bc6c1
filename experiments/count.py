"""Count what every subnet of a network executes, patches included: features of its surrogates.

python -m experiments.count network=resnet out=resnet_graphs.npz
"""

from __future__ import annotations

from omegaconf import DictConfig

from experiments.entry import build, entry


@entry("count")
def run(config: DictConfig) -> None:
    """Count and write what `config` names."""
    from pathlib import Path

    from tqdm import tqdm

    from dmo.checks import at_least, listed
    from problems.deployment.graph.executed import Executed

    listed("patches", config.patches, int)
    at_least("patches", min(config.patches, default=0), 1)
    network = build(config.network)
    bar = tqdm(unit="graph", desc=f"counting {network.name}", disable=None)

    def progress(done: int, total: int) -> None:
        bar.total, bar.n = total, done
        bar.refresh()

    counted = Executed.of(network.module, network.elastic, tuple(config.patches), progress)
    bar.close()
    out = Path(config.out)
    counted.save(out)
    print(f"wrote {out}; surrogates use it when it lies at {Executed.file(network.name)}")


if __name__ == "__main__":
    run()
