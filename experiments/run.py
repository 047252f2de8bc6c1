"""Run one cell - a problem, a searcher, a schedule, some seeds - and report it; `-m` sweeps cells.

python -m experiments.run problem=df1 searcher=dnsga2_a seeds=3
python -m experiments.run -m 'problem=glob(df*)' searcher=dnsga2_a,dnsga2_b seeds=20
"""

from __future__ import annotations

from omegaconf import DictConfig

from experiments.entry import build, entry


@entry("run")
def main(config: DictConfig) -> None:
    """Run what is missing of the cell's seeds, then report on all."""
    from dataclasses import replace

    from dmo.detectors import Announced
    from experiments.cell import Cell, run_cell

    cell = Cell(build(config.problem), build(config.schedule), build(config.searcher))
    report = build(config.report)
    if not cell.schedule.announced and isinstance(getattr(cell.searcher, "detector", None), Announced):
        print("note: changes are hidden and nothing looks for them; detect them with detector=reevaluate")
    records = run_cell(
        cell,
        config.runs,
        seeds=config.seeds,
        seed=config.seed,
        front_points=config.front_points,
        evals=config.record.evals,
    )
    report(cell, [replace(one, metrics=one.metrics.after(config.skip)) for one in records])


if __name__ == "__main__":
    main()
