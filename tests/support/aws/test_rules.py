"""The layer as a whole: no rule without a case that shows it, and none that is not in force."""

import pytest

from tests.support.aws import (
    test_item_rules,
    test_object_rules,
    test_payloads,
    test_signed_rules,
    test_transaction_rules,
)
from tests.support.aws.rules import RULES
from tests.support.moto_aws import MotoAws

SHOWN_BY_A_RACE = {test_transaction_rules.MEET, test_object_rules.OVERTAKEN}


def test_each_rule_is_shown_by_a_call_that_moto_accepts() -> None:
    cases = [
        *test_item_rules.CASES,
        *test_transaction_rules.CASES,
        *test_object_rules.CASES,
        *test_signed_rules.CASES,
        *test_payloads.CASES,
    ]
    names = [rule.name for rule in RULES]
    assert sorted(names) == sorted({case.rule for case in cases} | SHOWN_BY_A_RACE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_says_where_aws_says_it(rule: object) -> None:
    assert "202" in getattr(rule, "source", "")


def test_no_rule_can_be_left_out_that_there_is_not(aws: MotoAws) -> None:
    with pytest.raises(AssertionError, match="no rule is called"), aws.rules.without("an item of 400 KB"):
        pass
