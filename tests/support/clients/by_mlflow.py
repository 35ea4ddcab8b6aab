"""Ask servers as MLflow's own client does: a job on stdin, what they said on stdout. It imports nothing of Lepton."""

import json
import re
import sys
from typing import Any


def main() -> None:
    """Ask servers of one model each for predictions, or for all that they must refuse.

    The client knows a server by host and port alone.
    """
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient  # type: ignore[import-not-found]

    job = json.load(sys.stdin)
    ask = _refused if job["bad"] else _answered
    found = {}
    for name, door in job["doors"].items():
        host, _, port = door["address"].partition(":")
        client = ScoringServerClient(host, int(port))
        client.wait_server_ready()
        found[name] = ask(client, job["rows"])
    json.dump(found, sys.stdout)


def _answered(client: Any, rows: Any) -> Any:
    """What it is answered in each form that it sends; a text is a body that it sends as it is."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    whole = pd.DataFrame([row for row in rows if None not in row.values()])
    forms = {
        "frame": frame,
        "columns in another order": frame[list(frame)[::-1]],
        "lists": [list(row.values()) for row in rows],
        "objects": rows,
        "records": json.dumps({"dataframe_records": rows}),
        "instances": json.dumps({"instances": rows}),
        "columns": json.dumps({"inputs": {name: [row[name] for row in rows] for name in rows[0]}}),
    }
    of_whole = {"array": whole.to_numpy(), "typed columns": whole.convert_dtypes()}
    return {
        "version": client.get_version(),
        "rows": len(client.invoke(frame).get_predictions()),
        "answers": {form: client.invoke(data)["predictions"] for form, data in forms.items()},
        "whole": {form: client.invoke(data)["predictions"] for form, data in of_whole.items()},
    }


def _refused(client: Any, rows: Any) -> Any:
    """Status and body of each refusal, as the client shows them."""
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame(rows)
    calls = {
        "a cell": lambda: client.invoke(pd.DataFrame({"visits": ["3", "x"]})),
        "no row": lambda: client.invoke(frame.iloc[:0]),
        "no column of the model": lambda: client.invoke(pd.DataFrame({"zip": [1]})),
        "columns of two lengths": lambda: client.invoke('{"inputs": {"amount": [1, 2], "visits": [1]}}'),
        "no JSON": lambda: client.invoke('{"inputs": '),
        "two forms": lambda: client.invoke('{"inputs": [], "instances": []}'),
        "a nested cell": lambda: client.invoke([{"visits": {"x": 1}}]),
        "an array of another width": lambda: client.invoke(np.ones((2, 3))),
        "too many rows": lambda: client.invoke(pd.DataFrame({"amount": np.ones(20_001)})),
        "params": lambda: client.invoke(frame, params={"top": 1}),
    }
    found = {}
    for kind, call in calls.items():
        try:
            found[kind] = ["answered", str(call())]
        except Exception as error:  # noqa: BLE001  (the client raises no other class)
            told = re.fullmatch(
                r"Invocation failed \(error code (\d+), response: (.*)\)", str(error), re.DOTALL
            )
            found[kind] = [told[1], told[2]] if told else ["no refusal", repr(error)]
    return found


if __name__ == "__main__":
    main()
