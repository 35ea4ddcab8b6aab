"""Where the tasks of runs are done."""
