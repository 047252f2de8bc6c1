"""Every figure can be made from tiny runs, is drawn from its CSV alone, and can be checked."""

import json
import shutil

import matplotlib.image
import pandas as pd
import pytest

from dmo.errors import DataError, DmoError
from experiments import figure


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One folder of records for all figures: one study serves many of them."""
    return tmp_path_factory.mktemp("runs")


@pytest.mark.parametrize("name", figure.names())
def test_smoke_is_as_expected(name, runs, capsys, monkeypatch, tmp_path):
    assert figure.main([name, "--smoke", "--check", "--runs", str(runs)]) == 0, capsys.readouterr().err
    folder = runs / "figures" / "smoke"
    manifest = json.loads((folder / f"{name}.json").read_text())
    assert manifest["command"].startswith(f"python -m experiments.figure {name} --smoke")
    pictures = [f for f in manifest["files"] if f.endswith(".png")]
    assert pictures
    for picture in pictures:
        image = matplotlib.image.imread(folder / picture)
        assert image[..., :3].std() > 0.01, "an empty picture"
        assert (folder / picture).with_suffix(".pdf").stat().st_size > 1000

    # what it is held against is told from an altered copy
    known = figure.expected(name, True)
    monkeypatch.setattr(figure, "HERE", tmp_path)
    frame = pd.read_csv(folder / f"{name}.csv")
    assert figure.check(name, frame, smoke=True) == 1
    (tmp_path / "expected" / "smoke").mkdir(parents=True)
    altered = pd.read_csv(known)
    column = altered.select_dtypes("number").columns[-1]
    altered[column] = 2 * altered[column] + 1
    altered.to_csv(figure.expected(name, True), index=False)
    assert figure.check(name, frame, smoke=True) == 1
    assert "differs" in capsys.readouterr().err
    figure.accept(name, frame, smoke=True)
    assert figure.check(name, frame, smoke=True) == 0


def test_what_is_expected_comes_with_its_figure():
    known = {f.stem for f in (figure.HERE / "expected" / "smoke").glob("*.csv")}
    assert known == set(figure.names())


def test_a_damaged_expected_file_is_told_from_a_difference(monkeypatch, tmp_path):
    monkeypatch.setattr(figure, "HERE", tmp_path)
    file = figure.expected("box_plots", True)
    file.parent.mkdir(parents=True)
    file.write_text("problem,searcher\n")
    frame = pd.DataFrame({"problem": ["df1"], "searcher": ["a"], "seed": [0], "migd": [1.0]})
    with pytest.raises(DataError, match=r"without seed, migd; make it again with: python -m experiments\."):
        figure.check("box_plots", frame, smoke=True)


def test_words_change_the_study_and_the_manifest_tells_them(tmp_path):
    words = ["problem=df1", "searcher=dnsga2_a,dnsga2_b", "schedule.n_env=2", "pop_size=8", "seeds=2"]
    assert figure.main(["box_plots", *words, "--runs", str(tmp_path), "--jobs", "1"]) == 0
    folder = tmp_path / "figures"
    frame = pd.read_csv(folder / "box_plots.csv")
    assert frame.groupby(["problem", "searcher"])["seed"].count().tolist() == [2, 2]
    manifest = json.loads((folder / "box_plots.json").read_text())
    assert manifest["command"].split()[3:9] == ["box_plots", *words]
    assert len(manifest["records"]) == 1


def test_words_need_one_figure(capsys):
    with pytest.raises(SystemExit):
        figure.main(["all", "seeds=2"])
    assert "name one of them" in capsys.readouterr().err


def test_an_unknown_figure_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        figure.main(["mona_lisa"])
    assert "expected all or one of" in capsys.readouterr().err
    assert figure.main([]) == 0
    assert all(name in capsys.readouterr().out for name in figure.names()[:1])


WITHOUT_A_STUDY = (
    "adainfer_gains",
    "adainfer_main",
    "deployment_traces",
    "gallery",
    "regret",
    "surrogate_learning",
)
STUDIES = [n for n in figure.names() if n not in WITHOUT_A_STUDY]


@pytest.mark.parametrize("name", STUDIES)
def test_records_of_several_versions_do_not_meet_unless_allowed(name, runs, tmp_path, capsys):
    """Of what the figures were made from above, one record is made another version's."""
    figure.main([name, "--smoke", "--runs", str(runs), "--out", str(tmp_path)])
    copy = tmp_path / "runs"
    shutil.copytree(runs, copy)
    for info in copy.rglob("run.json"):
        if json.loads(info.read_text())["seed"] == 0:
            info.write_text(json.dumps({**json.loads(info.read_text()), "git": info.parent.name}))
    arguments = [name, "--smoke", "--runs", str(copy)]
    with pytest.raises(DmoError, match="are of several versions of the code"):
        figure.main(arguments)
    assert figure.main([*arguments, "--mixed"]) == 0
    manifest = json.loads((copy / "figures" / "smoke" / f"{name}.json").read_text())
    assert len(manifest["records"]) > 1
    assert "--mixed" in manifest["command"]


def test_learning_curves_of_a_fit_are_drawn(tmp_path):
    scores = {"target": "latency_ms", "seed": 0, "rmspe": 0.2, "spearman": 0.9, "within10": 0.5}
    rows = [
        {"network": network, "device": "host", "family": family, "samples": n, **scores}
        for network in ("resnet", "vgg")
        for family in ("ridge", "mlp")
        for n in (30, 100)
    ]
    file = tmp_path / "learning_curves.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    assert figure.main(["surrogate_learning", f"file={file}", "--out", str(tmp_path / "out")]) == 0
    drawn = pd.read_csv(tmp_path / "out" / "surrogate_learning.csv")
    assert len(drawn) == 4
    assert set(drawn["family"]) == {"ridge", "mlp"}
    with pytest.raises(DataError, match="no learning curve of network=vit device=host"):
        figure.main(["surrogate_learning", f"file={file}", "network=vit", "--out", str(tmp_path)])
