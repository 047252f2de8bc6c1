"""Comparison tables against a small example computed by hand and against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dmo.errors import ArgumentError
from experiments.summary import differences, summary
from experiments.tables import compare, latex, markdown, natural

GOOD, BAD, SAME = np.arange(8.0), np.arange(8.0) + 10, np.arange(8.0) + 0.01


def frame(**samples):
    rows = [
        {"problem": problem, "searcher": searcher, "seed": k, "migd": v, "mhv": -v}
        for (problem, searcher), values in samples["of"].items()
        for k, v in enumerate(values)
    ]
    return pd.DataFrame(rows)


DATA = frame(
    of={
        ("df10", "a"): GOOD, ("df10", "b"): BAD, ("df10", "c"): SAME,
        ("df2", "a"): BAD, ("df2", "b"): GOOD, ("df2", "c"): BAD,
    }
)  # fmt: skip


def test_by_hand():
    c = compare(DATA, ["problem", "searcher"], "migd", "a")
    assert c.rows == ("df2", "df10")
    assert c.signs == [["", "+", "="], ["", "-", "="]]
    assert c.best.tolist() == [1, 0]
    np.testing.assert_allclose(c.mean, [[13.5, 3.5, 13.5], [3.5, 13.5, 3.51]])
    np.testing.assert_allclose(c.std[0, 0], GOOD.std(ddof=1))
    # Holm over two comparisons: the smaller p is doubled.
    assert c.p[1, 1] == pytest.approx(2 * stats.mannwhitneyu(BAD, GOOD).pvalue)
    np.testing.assert_allclose(c.friedman.ranks, [1.75, 2.0, 2.25])


def test_larger_is_better_turns_signs_and_ranks():
    low, high = (compare(DATA, ["problem", "searcher"], m, "a") for m in ("migd", "mhv"))
    assert low.signs == high.signs
    assert low.best.tolist() == high.best.tolist()
    np.testing.assert_array_equal(low.friedman.ranks, high.friedman.ranks)
    np.testing.assert_allclose(low.effect, high.effect)


def test_texts():
    c = compare(DATA, ["problem", "searcher"], "migd", "a")
    lines = markdown(c).splitlines()
    assert lines[2] == "| df2 | 13.5 (2.4) | **3.5** (2.4) + | 13.5 (2.4) = |"
    assert "| +/-/= | control | 1/1/0 | 0/0/2 |" in lines
    assert len({line.count("|") for line in lines}) == 1
    assert r"\textbf{3.5} (2.4) +" in latex(c)
    assert latex(c).count(r"\\") == len(lines) - 1


def test_missing_cells_stay_empty():
    some = DATA[~((DATA.problem == "df2") & (DATA.searcher == "c"))]
    c = compare(some, ["problem", "searcher"], "migd", "a")
    assert c.runs[0, 2] == 0
    assert markdown(c).splitlines()[2].endswith("| - |")


def test_unknown_names_are_refused():
    with pytest.raises(ArgumentError, match="metric: expected one of migd, mhv, got 'igd2'"):
        compare(DATA, ["problem"], "igd2")
    with pytest.raises(ArgumentError, match="control: expected one of a, b, c, got 'z'"):
        compare(DATA, ["problem"], "migd", "z")


def test_natural_order():
    assert sorted(["df10 x", "df2 x", "df1 y"], key=natural) == ["df1 y", "df2 x", "df10 x"]


def test_a_study_in_few_rows():
    short = summary(DATA, ["problem", "searcher"], ["migd", "mhv"])
    one = short[(short["problem"] == "df10") & (short["searcher"] == "b") & (short["metric"] == "migd")].iloc[
        0
    ]
    assert (one["mean"], one["n"]) == (13.5, 8)
    assert one["std"] == pytest.approx(BAD.std(ddof=1))
    # A run without a value does not count.
    lost = summary(DATA.assign(migd=DATA["migd"].replace(17.0, np.inf)), ["problem", "searcher"], ["migd"])
    assert lost[(lost["problem"] == "df10") & (lost["searcher"] == "b")].iloc[0]["n"] == 7


def test_means_differ_from_the_expected_ones_by_more_than_chance():
    short = summary(DATA, ["problem", "searcher"], ["migd"])
    near, far = (short.assign(mean=short["mean"] + d * short["std"]) for d in (1.0, 3.0))
    assert differences(short, short) == []
    assert differences(near, short) == []
    assert len(differences(far, short)) == len(short)
    assert differences(far.iloc[:1], short)[0].startswith("df10 a migd: 10.85 (n = 8) where 3.5 (n = 8)")
    # Cells that one of them lacks are not compared; one run tells no spread.
    single = summary(DATA[DATA["seed"] == 0], ["problem", "searcher"], ["migd"])
    assert isinstance(differences(single, short), list)
