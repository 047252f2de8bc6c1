"""Comparing families: splits, figures, curves, and published latencies."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dmo.errors import ArgumentError, DataError
from experiments import active
from experiments.compare_fits import compare, of_hat, plain
from experiments.comparison import (
    Measured,
    agreement,
    by_group,
    by_level,
    curve,
    figures,
    repeatability,
    score,
)
from experiments.few_shot import few_shot
from experiments.fitting import Rows
from experiments.hat import Latencies
from surrogates import Columns, Conformal, Ridge

HEAD = "encoder_embed_dim,encoder_layer_num,latency_mean_encoder,latency_mean_decoder"


def file(tmp_path: Path, n: int = 120) -> Path:
    """Latencies that are a power of the two design columns, 2 % noise, in the published layout."""
    rng = np.random.default_rng(0)
    rows = [f"{HEAD},latency_std_encoder,latency_std_decoder"]
    for _ in range(n):
        dim, layers = rng.choice([512, 640, 768]), rng.integers(1, 7)
        encoder, decoder = 0.01 * dim * np.exp(rng.normal(0.0, 0.02)), 5.0 * layers
        rows.append(f"{dim},{layers},{encoder},{decoder},0.3,0.4")
    made = tmp_path / "board.csv"
    made.write_text("\n".join(rows) + "\n")
    return made


def test_published_latencies_are_the_sum_of_both_parts(tmp_path: Path) -> None:
    found = Latencies.load(file(tmp_path))
    assert found.names == ("encoder_embed_dim", "encoder_layer_num")
    assert found.x.shape == (120, 2)
    np.testing.assert_allclose(found.std, 0.5)
    assert (np.abs(found.latency - 0.01 * found.x[:, 0] - 5.0 * found.x[:, 1]) < 1.0).all()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", f"{HEAD}\n1,2,3\n", f"{HEAD}\n1,2,x,4\n1,2,3,4\n"])
def test_other_files_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(text)
    with pytest.raises(DataError, match=r"cannot be read as HAT latencies.*; download"):
        Latencies.load(tmp_path / "other.csv")
    with pytest.raises(DataError, match="no latencies at"):
        Latencies.load(tmp_path / "none.csv")


def test_groups_are_not_parted_and_levels_held_out_whole() -> None:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 30, 200)
    masks = by_group(group, 4, rng)
    assert (np.sum(masks, axis=0) == 1).all()
    for mask in masks:
        assert not {*group[mask]} & {*group[~mask]}
    knobs = rng.integers(0, 4, (200, 3))
    for mask in by_level(knobs, 5, rng):
        assert any(
            len({*knobs[mask, k]}) == 1 and not {*knobs[mask, k]} & {*knobs[~mask, k]} for k in range(3)
        )


def test_figures_of_a_perfect_and_of_a_calibrated_prediction() -> None:
    rng = np.random.default_rng(1)
    true = rng.uniform(1.0, 2.0, 4000)
    perfect = figures(true, true, np.ones(4000))
    for name in ("within_5", "within_10", "spearman", "kendall"):
        assert perfect[name] == pytest.approx(1.0)
    assert perfect["rmspe"] == 0.0
    assert figures(true, true + rng.normal(0.0, 0.1, 4000), np.full(4000, 0.1))["calibration"] < 0.02


def test_what_repeated_visits_allow_at_most() -> None:
    """Every pair within the share where the range is; all but those of one visit where it is not."""
    assert agreement(np.array([0.05, 0.02]), np.array([4.0, 4.0])) == 1.0
    assert agreement(np.array([0.2]), np.array([4.0])) == 0.5
    assert agreement(np.array([0.2]), np.array([2.0])) == 0.0
    assert agreement(np.array([0.2, 0.0]), np.array([2.0, 1.0])) == 0.0
    assert np.isnan(agreement(np.zeros(2), np.ones(2)))
    visits = np.array([1.0, 1.01, 1.02, 1.3])
    pairs = np.abs(visits[:, None] / visits - 1.0)[np.triu_indices(4, 1)] <= 0.1
    assert pairs.mean() <= agreement(np.array([0.15]), np.array([4.0]))


def test_how_often_halves_of_the_visits_agree() -> None:
    """Row 0: least of 1.0, 1.3 and of 2.0, 1.05. Row 1 was visited once. Row 2: 1.0 against 1.2."""
    row = np.array([0, 0, 0, 0, 1, 2, 2])
    latency = np.array([1.0, 2.0, 1.3, 1.05, 5.0, 1.2, 1.0])
    assert repeatability(row, latency, latency) == 0.5
    assert repeatability(row, latency, latency, 0.2) == 1.0
    # The figure is that of the visit of least latency, not the least figure.
    assert repeatability(row[:4], latency[:4], np.array([3.0, 1.0, 1.0, 3.0])) == 1.0
    assert np.isnan(repeatability(row[4:5], latency[4:5], latency[4:5]))


def test_the_ceiling_of_visits_with_known_noise() -> None:
    """Two visits with a log-normal noise of 5 %: their ratio's is sqrt(2) times as much."""
    from scipy import stats

    rng = np.random.default_rng(3)
    row = np.repeat(np.arange(20000), 2)
    latency = np.exp(rng.normal(0.0, 0.05, len(row)))
    expected = 2.0 * stats.norm.cdf(np.log(1.1) / (0.05 * np.sqrt(2.0))) - 1.0
    assert repeatability(row, latency, latency) == pytest.approx(expected, abs=0.01)


def rows(n: int = 240) -> Rows:
    """Three objectives, positive, of five features; every row a model of its own."""
    rng = np.random.default_rng(5)
    x = rng.uniform(size=(n, 5))
    latency = np.exp(2.0 * x[:, 0] - x[:, 1] + 0.3 * x[:, 2])
    memory = np.exp(-2.0 * x[:, 0] + 1.5 * x[:, 3])
    error = 0.1 * np.exp(x[:, 4] - x[:, 0])
    y = np.column_stack([latency, memory, error])
    names = tuple("abcde")
    return Rows(x, y, np.arange(n), np.zeros(n), names, (0, 4), active.OBJECTIVES)


def test_near_the_front_are_those_that_none_betters_by_far_in_all() -> None:
    y = np.array([[1.0, 2.0], [2.0, 1.0], [1.05, 2.05], [3.0, 3.0]])
    assert active.near_front(y).tolist() == [True, True, True, False]


def test_an_active_choice_is_replayed_beside_a_random_one(tmp_path: Path) -> None:
    import pandas as pd

    name = {"network": "made", "device": "up", "family": "ridge"}
    text = active.compare(name, rows(), Ridge(), [15, 30, 60], 4, tmp_path)
    assert "mean of 4 seeds" in text
    found = pd.read_csv(tmp_path / "active" / "made_up_ridge.csv")
    assert len(found) == 2 * 4 * 3
    # The first samples are the same for both; more of them never lose hypervolume.
    first = found[found["samples"] == 15].pivot(index="seed", columns="rule", values="measured")
    assert (first["near_front"] == first["random"]).all()
    for _, part in found.groupby(["rule", "seed"]):
        assert part["measured"].is_monotonic_decreasing
    # This target is what ridge can learn: choosing near the front finds more of it.
    last = found[found["samples"] == 60].groupby("rule")["measured"].mean()
    assert last["near_front"] < last["random"]


@pytest.mark.parametrize("budgets", [[], [1, 5], [20, 20], [20, 10], [20, 1000]])
def test_budgets_grow_and_fit_the_table(budgets: list[int]) -> None:
    with pytest.raises(ArgumentError, match="active: expected growing numbers"):
        active.replay(rows(), Ridge(), active.RULES["random"], budgets, 0)


def test_a_family_is_scored_and_put_beside_others(tmp_path: Path) -> None:
    import pandas as pd

    latencies = Latencies.load(file(tmp_path))
    data = of_hat(latencies)
    for family, surrogate in (
        ("one", Columns(Ridge(), ("encoder_embed_dim",))),
        ("both", Ridge()),
        ("covered", Conformal(Columns(Ridge(), ("encoder_layer_num",)))),
    ):
        learn = partial(plain, surrogate, data, latencies.names)
        name = {"network": "hat", "device": "board", "family": family}
        text = compare(name, data, learn, tmp_path / "fit", 3, [30, 80], 0)
        assert f"hat_board_{family}" in text
    table = pd.read_csv(tmp_path / "fit" / "comparison.csv")
    assert set(table["family"]) == {"one", "both", "covered"}
    assert set(table["split"]) == {"unseen models", "unseen knob levels"}
    # 6 layers by 3 widths: designs repeat, and never on both sides.
    assert len(np.unique(data.group)) == 18
    models = table[table["split"] == "unseen models"].set_index("family")
    assert models.loc["both", "rmspe"] < models.loc["one", "rmspe"]
    curves = pd.read_csv(tmp_path / "fit" / "learning_curves.csv")
    assert {"samples", "target", "family", "seed", "rmspe", "spearman", "within10"} <= {*curves.columns}
    assert set(curves["samples"]) == {30, 80}


def test_only_the_splits_asked_for_are_scored(tmp_path: Path) -> None:
    data = of_hat(Latencies.load(file(tmp_path)))
    learn = partial(plain, Ridge(), data, ("encoder_embed_dim", "encoder_layer_num"))
    name = {"network": "hat", "device": "board", "family": "ridge"}
    assert "unseen knob" not in compare(name, data, learn, tmp_path / "fit", 3, [], 0, ["unseen models"])
    with pytest.raises(ArgumentError, match="splits: expected some of unseen models, unseen knob levels"):
        compare(name, data, learn, tmp_path / "fit", 3, [], 0, ["unseen clouds"])


def test_more_rows_teach_more() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(size=(300, 6))
    y = np.exp(x @ np.arange(6.0))[:, None] * np.exp(rng.normal(0.0, 0.1, (300, 1)))
    data = Measured(x, y, ("ms",), np.arange(300), {}, {})

    def learn(mask: np.ndarray, rng: np.random.Generator):  # type: ignore[no-untyped-def]
        return Ridge().fit(x[mask], y[mask], rng)

    found = curve(data, learn, [8, 200], seeds=4)
    error = {n: np.mean([f["rmspe"] for f in found if f["samples"] == n]) for n in (8, 200)}
    assert error[200] < 0.7 * error[8]
    assert curve(data, learn, [1000], seeds=1) == []
    (row,) = score(data, learn, by_group(data.group, 3, rng), rng)
    assert row["rows"] == 300
    assert row["predict_ms"] > 0.0


def test_ten_rows_of_a_board_that_is_a_factor_away_are_enough(tmp_path: Path) -> None:
    """A made-up second board: 1.5 times as slow, to the power of 1.1."""
    known = Latencies.load(file(tmp_path))
    new = replace(known, latency=1.5 * known.latency**1.1)
    found = {(r["samples"], r["family"]): r for r in few_shot([known], new, seeds=2, rows=60)}
    assert found[10, "transfer"]["spearman"] > 0.95
    assert found[10, "transfer"]["rmspe"] < found[10, "anew"]["rmspe"]
