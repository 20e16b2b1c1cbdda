"""Random walks through all that changes who may do what, each step held against an evaluator of twenty lines.

`GATEHOUSE_STEPS=20000` takes so many steps; without it, three hundred.
"""

import multiprocessing
import os
from random import Random

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from roles.tests.model.changes import change_and_compare, make_house
from roles.tests.model.machine import RolesMachine

STEPS = int(os.environ.get("GATEHOUSE_STEPS", "300"))
IN_ONE_WALK = 50


@pytest.mark.django_db
def test_the_house_answers_as_the_plain_evaluator_does_after_every_step() -> None:
    walks = settings(
        max_examples=STEPS // IN_ONE_WALK,
        stateful_step_count=IN_ONE_WALK,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize="GATEHOUSE_STEPS" not in os.environ,
    )
    run_state_machine_as_test(RolesMachine, settings=walks)


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_change_at_once_both_answer_as_the_plain_evaluator_does() -> None:
    make_house()
    connections.close_all()
    context = multiprocessing.get_context("fork")
    changers = [context.Process(target=_change, args=(seed,)) for seed in range(2)]
    for changer in changers:
        changer.start()
    for changer in changers:
        changer.join(timeout=1200)
    assert [changer.exitcode for changer in changers] == [0, 0]


def _change(seed: int) -> None:
    """Change the house again and again; the process ends with a failure at the first answer that differs."""
    random = Random(seed)
    for _ in range(STEPS // 20):
        change_and_compare(random)
