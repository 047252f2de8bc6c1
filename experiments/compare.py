"""Play policies through a scenario among the measured strategies of a table, and compare them.

python -m experiments.compare network=resnet device=host scenario=contention
python -m experiments.compare scenario=user_demand 'policies=[adainfer,kalman,oracle]' searcher=pps
"""

from __future__ import annotations

from omegaconf import DictConfig

from experiments.entry import entry

COLUMNS = {  # of the comparison, as they are printed: heading, factor, digits
    "latency_ms": ("ms", 1, 3),
    "memory_mib": ("MiB", 1, 2),
    "accuracy": ("accuracy %", 100, 2),
    "violated": ("violating %", 100, 1),
    "needless": ("needless %", 100, 1),
    "regret": ("regret %", 100, 2),
    "switches": ("switches", 1, 0),
    "switch_ms": ("switch ms", 1, 1),
    "search_ms": ("search ms", 1, 1),
}


@entry("compare")
def main(config: DictConfig) -> None:
    """Print a line for each policy."""
    from dmo.checks import listed
    from experiments.adainfer import compare, policy_names

    if config.policies is not None:
        listed("policies", config.policies, str)
    frame = compare(config, list(config.policies or policy_names()))
    frame = frame.sort_values("regret", kind="stable")
    possible, n = frame["possible"].iloc[0], frame["environments"].iloc[0]
    print(
        f"{config.network.name} on {config.device.name}, {n} environments, in {possible:.0%} of which some "
        "measured strategy keeps all limits; means as measured, search as median"
    )
    print(f"{'policy':<14}" + "".join(f"{head:>12}" for head, _, _ in COLUMNS.values()))
    for _, row in frame.iterrows():
        cells = "".join(f"{factor * row[c]:>12.{digits}f}" for c, (_, factor, digits) in COLUMNS.items())
        print(f"{row['policy']:<14}{cells}")


if __name__ == "__main__":
    main()
