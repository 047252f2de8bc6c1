"""Every figure can be made from tiny runs, is drawn from its CSV alone, and can be checked."""

import json
import shutil

import matplotlib.image
import pandas as pd
import pytest

from dmo.errors import DmoError
from experiments import figure
from experiments.source import Source


@pytest.mark.parametrize("name", figure.names())
def test_smoke(name, tmp_path, capsys, monkeypatch):
    arguments = [name, "--smoke", "--runs", str(tmp_path)]
    assert figure.main(arguments) == 0
    folder = tmp_path / "figures" / "smoke"
    manifest = json.loads((folder / f"{name}.json").read_text())
    assert manifest["command"].startswith(f"python -m experiments.figure {name}")
    pictures = [f for f in manifest["files"] if f.endswith(".png")]
    assert pictures
    for picture in pictures:
        image = matplotlib.image.imread(folder / picture)
        assert image[..., :3].std() > 0.01, "an empty picture"
        assert (folder / picture).with_suffix(".pdf").stat().st_size > 1000

    # checked against itself it agrees, against an altered copy it does not
    monkeypatch.setattr(figure, "HERE", tmp_path)
    (tmp_path / "expected" / "smoke").mkdir(parents=True)
    expected = tmp_path / "expected" / "smoke" / f"{name}.csv"
    frame = pd.read_csv(folder / f"{name}.csv")
    assert figure.check(name, frame, smoke=True) == 1
    shutil.copy(folder / f"{name}.csv", expected)
    assert figure.check(name, frame, smoke=True) == 0
    column = frame.select_dtypes("float").columns[0]
    frame[column] *= 2.0
    frame[column] += 1.0
    assert figure.check(name, frame, smoke=True) == 1
    assert "differs" in capsys.readouterr().err


def test_an_unknown_figure_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        figure.main(["mona_lisa"])
    assert "expected all or one of" in capsys.readouterr().err
    assert figure.main([]) == 0
    assert all(name in capsys.readouterr().out for name in figure.names()[:1])


def test_records_of_several_versions_do_not_meet_unless_allowed(tmp_path):
    few = [
        "problem=df1",
        "searcher=dnsga2_a",
        "schedule=cec2018",
        "schedule.n_env=2",
        "pop_size=8",
        "seeds=2",
    ]
    source = Source(str(tmp_path))
    assert len(source.frame("cec2018", few)) == 2
    info = next(tmp_path.glob("[0-9a-f]*")) / "run.json"
    info.write_text(json.dumps({**json.loads(info.read_text()), "git": "another"}))
    with pytest.raises(DmoError, match="are of several versions of the code"):
        source.frame("cec2018", few)
    assert len(Source(str(tmp_path), mixed=True).frame("cec2018", few)) == 2
