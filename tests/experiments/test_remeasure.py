"""Choices of a policy, run for real: what is said of them is the table's, what is measured is found again."""

import pandas as pd
import pytest

from dmo.errors import DmoError
from experiments import remeasure
from problems.deployment import measure
from problems.deployment.images import FashionMNIST, shipped_slice

GIVEN = ("--policy", "static_full", "--device", "host", "--cells", "2", "--images", "20")
SMALL = ("surrogate=ridge", "schedule.n_env=3")


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    part = shipped_slice()
    monkeypatch.setattr(remeasure, "_data", lambda _: FashionMNIST(part, part[:50], part))


def test_choices_are_measured_and_found_again(tmp_path, monkeypatch, capsys):
    runs = ("--runs", str(tmp_path))
    remeasure.main([*SMALL, *GIVEN, *runs])
    assert "all" in capsys.readouterr().out
    frame = pd.read_csv(tmp_path / "remeasured.csv", keep_default_na=False)
    assert len(frame) == 2
    assert set(frame["device"]) == {"host"}
    # The full network is known to policies as it was measured, and takes about as much memory today.
    assert frame["predicted_memory_mib"].tolist() == frame["tabulated_memory_mib"].tolist()
    assert frame["measured_memory_mib"].tolist() == pytest.approx(
        frame["tabulated_memory_mib"].tolist(), rel=0.4
    )
    assert (frame["measured_latency_ms"] > 0.0).all()
    assert (frame["measured_error"] < 0.5).all()

    def again(*_):
        raise AssertionError("measured before")

    monkeypatch.setattr(measure, "measure", again)
    remeasure.main([*SMALL, *GIVEN, *runs, "--out", str(tmp_path / "again.csv")])
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "remeasured.csv").read_bytes()


def test_a_device_without_a_table_is_named():
    with pytest.raises(DmoError, match="toaster"):
        remeasure.main([*SMALL, "--device", "toaster"])
