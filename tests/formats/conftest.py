"""The scripts that made the data lie beside it and are not collected: each ran on the code of its own time."""

collect_ignore_glob = ["v*/make.py"]
