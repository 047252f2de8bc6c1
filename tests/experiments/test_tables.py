"""Comparison tables against a small example computed by hand and against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dmo.errors import ArgumentError
from experiments.summary import differences, summary
from experiments.tables import (
    compare,
    latex,
    latex_effects,
    markdown,
    markdown_effects,
    natural,
    numbers,
    profile,
)

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


def test_effects_by_hand():
    c = compare(DATA, ["problem", "searcher"], "migd", "a")
    assert markdown_effects(c).splitlines() == [
        "| A12 of MIGD | b | c |",
        "| --- | --- | --- |",
        "| df2 | 1.00 L | 0.50 N |",
        # SAME is 0.01 above GOOD: of 64 pairs it is smaller in the 28 where GOOD is a whole number larger.
        f"| df10 | 0.00 L | {28 / 64:.2f} S |",
    ]
    assert markdown_effects(compare(DATA, ["problem", "searcher"], "migd")) == ""


def test_numbers_are_all_there():
    c = compare(DATA, ["problem", "searcher"], "migd", "a")
    found = numbers(c).set_index(["row", "searcher"])
    assert found.loc[("df10", "b"), "sign"] == "-"
    assert found.loc[("df10", "b"), "a12"] == 0.0
    assert found["runs"].tolist() == [8] * 6


def test_profiles_by_hand():
    c = compare(DATA, ["problem", "searcher"], "migd")
    # Means 13.5, 3.5, 13.5 on df2 and 3.5, 13.5, 3.51 on df10.
    steps = {one: part[["ratio", "share"]].to_numpy() for one, part in profile(c).groupby("searcher")}
    np.testing.assert_allclose(steps["a"], [[1.0, 0.5], [13.5 / 3.5, 1.0]])
    np.testing.assert_allclose(steps["b"], steps["a"])
    np.testing.assert_allclose(steps["c"], [[1.0, 0.0], [3.51 / 3.5, 0.5], [13.5 / 3.5, 1.0]])


def test_profiles_of_what_should_be_large_are_of_the_inverse():
    larger = DATA.assign(mhv=1.0 / DATA.groupby(["problem", "searcher"])["migd"].transform("mean"))
    axes = ["problem", "searcher"]
    pd.testing.assert_frame_equal(profile(compare(larger, axes, "mhv")), profile(compare(DATA, axes, "migd")))
    some = DATA.assign(migd=np.where(DATA.searcher == "c", 0.0, DATA.migd))
    assert profile(compare(some, axes, "migd")).empty


@pytest.mark.parametrize("text", [latex, latex_effects])
def test_latex_parses_strictly(text):
    """A parser that forgives nothing finds one tabular whose rows are as wide as it says."""
    from pylatexenc.latexwalker import LatexCharsNode, LatexEnvironmentNode, LatexMacroNode, LatexWalker

    awkward = DATA.replace({"a": "my_searcher", "df2": "df2 50 % & #1 ~ ^"})
    source = text(compare(awkward, ["problem", "searcher"], "migd", "my_searcher"))
    nodes, _, read = LatexWalker(source, tolerant_parsing=False).get_latex_nodes()
    assert read == len(source)
    (tabular,) = [n for n in nodes if isinstance(n, LatexEnvironmentNode)]
    assert tabular.environmentname == "tabular"
    body = source[source.index("toprule") :]
    columns = source[source.index("{l") + 1 : source.index("}\n")].removesuffix("}")
    rows = [r.replace(r"\&", "") for r in body.split(r"\\")[:-1]]
    assert {r.count("&") for r in rows} == {len(columns) - 1}
    assert not [
        n for n in nodes if isinstance(n, LatexMacroNode | LatexCharsNode) and n.latex_verbatim().strip()
    ]
