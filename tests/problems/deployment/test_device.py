"""A device enforces what it says, or refuses."""

from __future__ import annotations

import json

import pytest

from dmo.errors import ArgumentError
from problems.deployment.device import Device, describe_host, usable_cores


def test_cores_are_all_usable_ones_unless_named():
    first = usable_cores()[0]
    assert Device().threads == len(usable_cores())
    assert Device(cores=[first]) == Device(cores=(first,))  # a configuration gives a list
    assert Device(cores=(first,)).threads == 1


@pytest.mark.parametrize("cores", [(), (9999,), (-1,)])
def test_cores_that_are_not_there_are_refused(cores):
    with pytest.raises(ArgumentError, match=r"device\.cores"):
        Device(cores=cores)


@pytest.mark.parametrize("limit", [{"cpu_quota": 0.1}, {"memory_limit_mib": 0.0}])
def test_limits_that_are_none_are_refused(limit):
    with pytest.raises(ArgumentError, match=next(iter(limit))):
        Device(**limit)


def test_a_number_of_cores_takes_the_first():
    assert Device(cores=1).cpus == usable_cores()[:1]
    many = Device(cores=10_000)  # its tables can be used here
    with pytest.raises(ArgumentError, match="or how many"):
        _ = many.cpus
    with pytest.raises(ArgumentError, match="cores"):
        Device(cores=0)


def test_host_is_described_in_plain_values():
    facts = describe_host()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["cores"] == len(usable_cores())
    assert facts["packages"]["numpy"]
