"""How near to the front a searcher comes with its evaluations: over a run, and after a change."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures._sweep import STUDY, few
from experiments.figures.style import GREY, band, key, line, logarithmic, panels, unique
from experiments.source import Source

SHOWN = 4  # changes of the run that are drawn


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each problem, searcher, seed, environment and step: evaluation, since, igd.

    igd: of what is non-dominated among all that was evaluated since the change (experiments.rows.step).
    """
    frame = source.frame(STUDY, [*few(smoke), *([] if smoke else ["seeds=5"])], "step")
    return frame[["problem", "searcher", "seed", "env", "evaluation", "since", "igd"]]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """Over the first changes of the run; and after a change, all changes of all seeds together."""
    problems = unique(frame["problem"])
    run, over = panels(len(problems))
    after, since = panels(len(problems))
    for i, problem in enumerate(problems):
        part = frame[frame["problem"] == problem]
        begun = part[part["env"].between(1, SHOWN)]
        for j, (searcher, group) in enumerate(part.groupby("searcher", sort=False)):
            early = group[group["env"] <= SHOWN]
            for _, piece in early.groupby("env"):
                middle = piece.groupby("evaluation")["igd"].median()
                over[i].plot(
                    middle.index, middle, **line(j), label=searcher if piece["env"].iloc[0] == 0 else None
                )
            changed = group[group["env"] > 0]
            band(
                since[i],
                changed.pivot(index="since", columns=["seed", "env"], values="igd"),
                str(searcher),
                j,
            )
        for start in begun.groupby("env")["evaluation"].min() - np.diff(sorted(begun["since"].unique()))[0]:
            over[i].axvline(start, color=GREY, lw=0.5, zorder=0)
        over[i].set(title=problem.upper(), xlabel="evaluations", ylabel="IGD")
        since[i].set(title=problem.upper(), xlabel="evaluations since the change", ylabel="IGD")
        logarithmic(over[i].yaxis)
        logarithmic(since[i].yaxis)
    key(run, over[0])
    key(after, since[0])
    return {"run": run, "reaction": after}
