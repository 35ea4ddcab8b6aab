"""All rules, in the order in which a request meets them: who may not ask is told nothing else."""

from tests.support.aws import (
    condition_rules,
    form_rules,
    item_rules,
    object_rules,
    payloads,
    request_rules,
    signed_rules,
    transaction_rules,
)

RULES = (
    *signed_rules.RULES,
    *form_rules.RULES,
    *payloads.RULES,
    *request_rules.RULES,
    *item_rules.RULES,
    *transaction_rules.RULES,
    *object_rules.RULES,
    *condition_rules.RULES,
)
