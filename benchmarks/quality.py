"""Our responses against pydmoo's of the same name, NSGA-II on DF1-DF14 under the CEC2018 clock.

python -m benchmarks.quality --pydmoo-python PYDMOO/bin/python --responses PPS,AE --seeds 5

Runs what is missing on both sides (each run of pydmoo is a line of RUNS/pydmoo.jsonl), then prints for each
pair of problem and response both mean MIGDs, their ratio, and whether ours is significantly better (+), worse
(-) or neither (=): rank-sum over the seeds, level 0.05, and the same after Holm's adjustment over all pairs.
With five seeds each a difference must be nearly complete to be significant: the ratio tells more. DF12 is
left out: pydmoo's multiplies over the whole population.

pydmoo's clock does not count what it evaluates after a change: the population again (100), and what the
response asks for (KTMM and IMKT 100 more). Ours pays for both, so that of 10 generations it has 8 or 9.
--same-evaluations gives ours one or two generations more per change, which makes these evaluations equal;
what pydmoo spends to detect changes, a tenth of a generation in each, is left out in both ways.
See benchmarks/_pydmoo_worker.py for its environment.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from dmo.files import replacing
from dmo.statistics import holm, rank_sum
from experiments.source import Source

ROOT = Path(__file__).resolve().parent.parent
OURS = {"A": "immigrants", "B": "hypermutation", "PPS": "pps", "AE": "ae", "KGB": "kgb", "KTMM": "ktmm",
        "IMKT": "imkt", "TR": "tr_dmoea"}  # fmt: skip
# Generations per change with which ours evaluates as much after a change as pydmoo, whose clock says 10.
GENERATIONS = {"KTMM": 12, "IMKT": 12}
PROBLEMS = [f"DF{i}" for i in range(1, 15) if i != 12]


def theirs(
    python: str | None, responses: list[str], problems: list[str], seeds: int, file: Path
) -> pd.DataFrame:
    """A row for each finished run of pydmoo; runs what is missing where its Python is named."""
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []
    have = {(row["response"], row["problem"], row["seed"]) for row in rows}
    wanted = [(r, p, s) for s in range(1, seeds + 1) for p in problems for r in responses]
    missing = [one for one in wanted if one not in have] if python else []
    file.parent.mkdir(parents=True, exist_ok=True)
    for response, problem, seed in tqdm(missing, "pydmoo", unit="run", disable=None):
        command = [python, "-m", "benchmarks._pydmoo_worker", "--response", response, "--problem", problem]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [*command, "--seed", str(seed)], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            print(
                f"pydmoo {response} {problem} {seed}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr
            )
            continue
        row = json.loads(done.stdout.strip().splitlines()[-1])
        rows.append(row)
        with file.open("a") as out:
            out.write(json.dumps(row) + "\n")
    frame = pd.DataFrame(rows)
    return frame[
        frame["problem"].isin(problems) & frame["response"].isin(responses) & (frame["seed"] <= seeds)
    ]


def compare(ours: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """A row for each problem and response that both sides have run."""
    lines = []
    for (response, problem), peer in peers.groupby(["response", "problem"], sort=False):
        mine = ours[(ours["response"] == OURS[response]) & (ours["problem"] == problem.lower())]["migd"]
        if mine.empty:
            continue
        p = rank_sum(mine.to_numpy(), peer["migd"].to_numpy())
        sign = "=" if p >= 0.05 else "+" if mine.mean() < peer["migd"].mean() else "-"
        lines.append({"response": response, "problem": problem, "ours": mine.mean(), "ours_std": mine.std(),
                      "pydmoo": peer["migd"].mean(), "pydmoo_std": peer["migd"].std(),
                      "ratio": mine.mean() / peer["migd"].mean(), "runs": len(mine), "pydmoo_runs": len(peer),
                      "p": p, "sign": sign, "seconds": ours_seconds(ours, mine),
                      "pydmoo_seconds": peer["cpu_seconds"].median()})  # fmt: skip
    return pd.DataFrame(lines)


def mine_of(
    source: Source, responses: list[str], problems: list[str], seeds: int, same: bool
) -> pd.DataFrame:
    """Our runs; same: with as many evaluations after a change as pydmoo's."""
    parts = []
    for generations in sorted({GENERATIONS.get(r, 11) if same else 10 for r in responses}):
        those = [r for r in responses if not same or GENERATIONS.get(r, 11) == generations]
        axes = [
            "problem=" + ",".join(p.lower() for p in problems),
            "response=" + ",".join(OURS[r] for r in those),
            f"schedule.frequency={generations}",
            f"seeds={seeds}",
        ]
        parts.append(source.frame("peers", axes))
    return pd.concat(parts, ignore_index=True)


def verdict(group: pd.DataFrame) -> str:
    """What the pairs of a group come to, in words."""
    counts = {sign: int((group["sign"] == sign).sum()) for sign in "+=-"}
    adjusted = holm(group["p"].to_numpy()) < 0.05
    worse, much = int((adjusted & (group["ratio"] > 1.0)).sum()), int((group["ratio"] > 1.1).sum())
    return (
        f"{len(group)} pairs: + {counts['+']}, = {counts['=']}, - {counts['-']}; not worse on "
        f"{1.0 - counts['-'] / len(group):.0%} ({1.0 - worse / len(group):.0%} after Holm); "
        f"ratio {group['ratio'].median():.2f} in the median, above 1.1 on {much}"
    )


def ours_seconds(ours: pd.DataFrame, mine: pd.Series) -> float:
    """Median seconds of these of our runs."""
    return float(ours.loc[mine.index, "wall_seconds"].median())


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pydmoo-python", default=os.environ.get("DMO_PYDMOO_PYTHON"))
    parser.add_argument("--responses", default="A,B,PPS,AE,KGB")
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", default="runs")
    parser.add_argument(
        "--mixed", action="store_true", help="allow our records to be of several code versions"
    )
    parser.add_argument(
        "--same-evaluations", action="store_true", help="give ours what pydmoo evaluates but does not count"
    )
    given = parser.parse_args()
    responses, problems = given.responses.split(","), given.problems.split(",")
    peers = theirs(given.pydmoo_python, responses, problems, given.seeds, Path(given.runs) / "pydmoo.jsonl")
    source = Source(given.runs, given.mixed)
    table = compare(mine_of(source, responses, problems, given.seeds, given.same_evaluations), peers)
    print(table.to_string(index=False, float_format="{:.4g}".format))
    for response, group in [*table.groupby("response", sort=False), ("all", table)]:
        print(f"{response}: {verdict(group)}")
    with replacing(Path(given.runs) / f"quality{'_same' if given.same_evaluations else ''}.csv") as partial:
        table.to_csv(partial, index=False)


if __name__ == "__main__":
    main()
