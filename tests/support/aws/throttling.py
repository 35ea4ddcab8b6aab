"""Services that are asked too much, at random: some requests are refused, and nothing is done."""

from random import Random
from threading import Lock

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.refusals import cancelled, refused, refused_by_s3


class Throttling:
    """Refuses a ``share`` of the requests, from 0 to 1; which of them follows from ``seed`` and their order.

    DynamoDB says it in three ways (Developer Guide, 'Error handling', 2026-11), S3 in one (API Reference, error
    SlowDown, 2026-11). ``refused`` counts them by what was said.
    """

    def __init__(self, share: float, seed: int) -> None:
        self.refused: dict[str, int] = {}
        self._share = share
        self._random = Random(seed)
        self._mutex = Lock()

    def refuse(self, asked: Asked) -> Answer | None:
        with self._mutex:
            if self._random.random() >= self._share:
                return None
            code, answer = self._said(asked)
            self.refused[code] = self.refused.get(code, 0) + 1
        return answer

    def _said(self, asked: Asked) -> tuple[str, Answer]:
        if asked.place is not None:
            return "SlowDown", refused_by_s3(503, "SlowDown", "Please reduce your request rate.")
        code = self._random.choice(("ProvisionedThroughputExceededException", "ThrottlingException"))
        if asked.operation == "dynamodb:TransactWriteItems" and self._random.random() < 0.5:
            reasons = [("None", "") for _ in asked.json["TransactItems"]]
            reasons[self._random.randrange(len(reasons))] = (
                "ThrottlingError",
                "Throughput exceeds the limit",
            )
            return "ThrottlingError", cancelled(reasons)
        return code, refused(code, "The level of configured provisioned throughput was exceeded.")
