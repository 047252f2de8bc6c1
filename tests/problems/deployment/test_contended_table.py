"""Tables with levels of contention: rows by level, old tables as before."""

import json

import numpy as np
import pytest

from dmo.errors import ArgumentError
from problems.deployment.network import SHIPPED
from problems.deployment.table import COLUMNS, CONTENTION, Table

META = {"network": "tiny", "threads": 1, "knobs": [["a", [0, 1, 2]], ["b", [0, 1]]]}
X = np.array([[0, 0], [1, 1], [2, 0]])


def contended(levels=(0, 1, 2)):
    x = np.concatenate([X] * len(levels))
    columns = {name: np.arange(len(x)) + 1.0 for name in COLUMNS}
    columns[CONTENTION] = np.repeat(levels, len(X)).astype(float)
    return Table(x, columns, ("sample",) * len(x), META)


def test_a_row_is_found_at_its_level():
    table = contended()
    assert table.levels == 3
    for level in range(3):
        assert table.find(X[::-1].astype(float), level).tolist() == [3 * level + 2, 3 * level + 1, 3 * level]
    assert table.find(X.astype(float)).tolist() == [0, 1, 2]
    assert table.find(np.array([[0.0, 1.0]]), 1).tolist() == [-1]
    assert table.find(X.astype(float), 7).tolist() == [-1] * 3


def test_it_is_saved_and_read(tmp_path):
    table = contended()
    table.save(tmp_path / "t.npz")
    read = Table.load(tmp_path / "t.npz")
    assert read.sha256 == table.sha256
    assert read.contention.tolist() == table.contention.tolist()


@pytest.mark.parametrize("levels", [(0, 0), (0, 0.5), (0, -1)])
def test_a_strategy_twice_or_half_a_level_is_refused(levels):
    with pytest.raises(ArgumentError, match="level"):
        contended(levels)


def test_the_table_of_schema_1_loads_without_contention():
    with np.load(SHIPPED / "resnet_host.npz") as stored:
        assert json.loads(str(stored["head"]))["schema"] == 1
    table = Table.load(SHIPPED / "resnet_host.npz")
    assert table.levels == 1
    assert not table.contention.any()
