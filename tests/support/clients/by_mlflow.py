"""Ask a server as MLflow's own client does: a job on stdin, its answers on stdout. It imports nothing of Lepton."""

import json
import sys


def main() -> None:
    """Ask servers of one model each, which the client knows by host and port alone."""
    import pandas as pd
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient  # type: ignore[import-not-found]

    job = json.load(sys.stdin)
    frame = pd.DataFrame(job["rows"])
    whole = pd.DataFrame([row for row in job["rows"] if None not in row.values()])
    found = {}
    for model, port in job["ports"].items():
        client = ScoringServerClient(job["host"], port)
        client.wait_server_ready()
        answer = client.invoke(whole.to_numpy())
        error = ""
        try:
            client.invoke(frame, params={"top": 1})
        except Exception as raised:  # noqa: BLE001  (the client raises no other class)
            error = str(raised)
        found[model] = {
            "frame": client.invoke(frame)["predictions"],
            "array": answer["predictions"],
            "rows": len(answer.get_predictions()),
            "version": client.get_version(),
            "error": error,
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
