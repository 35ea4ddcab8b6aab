"""Runs: plan -> work* -> plan, under a lease that a late worker cannot outlive.

`loop` drives one run; `places` are where its tasks are done: in threads, in worker processes, in functions.
"""
