"""Studies: their cells, several processes on one folder, kill -9, the collected frame."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dmo.errors import ArgumentError
from dmo.record import Store
from experiments.collect import collect
from experiments.collect import main as collect_main
from experiments.grid import compose_point, experiments, points
from experiments.study import main
from experiments.table import main as table_main

SMALL = ["pop_size=8", "schedule.n_env=3", "seeds=3", "front_points=50"]


def test_a_study_is_the_product_of_its_axes_and_overrides_narrow_it():
    whole = points("cec2018")
    assert len({p.name for p in whole}) == len(whole)
    few = points("cec2018", ["problem=df2,df1", "searcher=dnsga2_b", "schedule=cec2018", *SMALL])
    assert [p.labels["problem"] for p in few] == ["df2", "df1"]
    assert all(p.labels["searcher"] == "dnsga2_b" for p in few)
    more = points("cec2018", ["problem=df1", "searcher=dnsga2_a", "schedule.n_env=3,4"])
    assert {p.labels["schedule.n_env"] for p in more} == {"3", "4"}
    task = compose_point(few[0])
    assert task.seeds == range(3)
    assert (task.cell.schedule.n_env, task.cell.searcher.optimiser.pop_size) == (3, 8)


def test_every_study_composes_and_each_of_its_cells_can_be_named():
    for name, says in experiments().items():
        assert says, f"{name} does not say what it is"
        compose_point(points(name)[0])
        compose_point(points(name)[-1])


def test_an_unknown_study_is_refused_by_name():
    with pytest.raises(ArgumentError, match=r"experiment: expected one of .*cec2018.*, got 'cec1999'"):
        points("cec1999")


def start(runs: Path, *more: str) -> subprocess.Popen[str]:
    axes = ["problem=df1,df2", "searcher=dnsga2_a,dnsga2_b", "schedule=cec2018"]
    command = [sys.executable, "-m", "experiments.study", "cec2018", *axes, *SMALL, *more]
    return subprocess.Popen(
        [*command, "--runs", str(runs), "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(process: subprocess.Popen[str]) -> int:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return int(re.search(r"(\d+) runs done", out)[1])


def keys(runs: Path) -> set[str]:
    return {json.loads((f / "run.json").read_text())["key"] for f in runs.iterdir() if f.name[0] != "."}


def test_processes_share_a_folder_without_repeating_a_run_and_outlive_a_kill(tmp_path):
    shared = tmp_path / "shared"
    workers = [start(shared) for _ in range(4)]
    assert sum(map(done, workers)) == 12
    assert len(keys(shared)) == 12
    assert not list((shared / ".claims").iterdir())

    killed = tmp_path / "killed"
    victim = start(killed)
    while victim.poll() is None and not (killed.is_dir() and keys(killed)):
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    assert done(start(killed)) <= 11
    assert keys(killed) == keys(shared)
    for key in keys(shared):
        one, other = Store(shared).load(key), Store(killed).load(key)
        for a, b in zip(one.answers, other.answers, strict=True):
            np.testing.assert_array_equal(a.f, b.f)


def test_dry_run_collect_and_table_tell_what_is_there(tmp_path, capsys):
    axes = ["problem=df1,df2,df10", "searcher=dnsga2_a,dnsga2_b", "schedule=cec2018", *SMALL]
    few = ["problem=df1,df2", *axes[1:]]
    runs = ["--runs", str(tmp_path)]
    assert main(["cec2018", *few, *runs, "--jobs", "1"]) == 0
    capsys.readouterr()
    assert main(["cec2018", *axes, *runs, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "6 cells, 18 runs: 12 on disk, 6 missing" in said
    assert re.search(r"df10 .* 0/3  missing", said)

    frame = collect(points("cec2018", few), tmp_path)
    assert list(frame["problem"].unique()) == ["df1", "df2"]
    assert frame.groupby(["problem", "searcher"]).size().tolist() == [3] * 4
    each = collect(points("cec2018", few), tmp_path, "environment")
    assert len(each) == 12 * 3
    mean = each.groupby(["problem", "searcher", "seed"], sort=False)["igd"].mean().to_numpy()
    np.testing.assert_allclose(np.sort(mean), np.sort(frame["migd"]))
    out = tmp_path / "study.csv"
    assert collect_main(["cec2018", *few, *runs, "--out", str(out)]) == 0
    assert out.read_text().count("\n") == 13

    assert table_main(["cec2018", *axes, *runs, "--control", "dnsga2_a", "--metric", "migd,mhv"]) == 0
    text = (tmp_path / "tables" / "cec2018" / "migd.md").read_text()
    assert "| +/-/= | control |" in text
    assert "PFPA 2022" in text


def test_a_cell_that_fails_is_named_and_the_others_run(tmp_path, capsys):
    code = main(["cec2018", "problem=df13,df1", "++problem.variant=code", "searcher=dnsga2_a",
                 "schedule=cec2018", *SMALL, "--runs", str(tmp_path), "--jobs", "1"])  # fmt: skip
    assert code == 1
    said = capsys.readouterr()
    assert "2 cells: 3 runs done" in said.out
    assert "1 cells failed" in said.out
    assert "error: problem=df1 " in said.err
    assert "variant" in said.err


def test_a_study_of_ones_own_lies_in_any_folder(tmp_path, capsys):
    folder = tmp_path / "my_conf" / "experiment"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(
        "# @package _global_\n# Mine.\nseeds: 1\npop_size: 8\nschedule: {n_env: 2}\n"
        "hydra: {sweeper: {params: {problem: 'df1,df2'}}}\n"
    )
    own = ["--config-dir", str(folder.parent), "--runs", str(tmp_path / "runs")]
    assert main(own) == 0
    assert "mine " in capsys.readouterr().out
    assert main(["mine", *own, "--dry-run"]) == 0
    assert "2 cells, 2 runs: 0 on disk" in capsys.readouterr().out
    assert main(["mine", "problem=df1", *own, "--jobs", "1"]) == 0
    assert "1 cells: 1 runs done" in capsys.readouterr().out
