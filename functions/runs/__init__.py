"""Runs: plan -> work* -> plan, under a lease that a late worker cannot outlive.

A run is one training, evaluation or update; its job says all that is asked for, and nothing of it is looked up again.
A task is a part of the job that is done alone; a long fit is one task, done a slice at a time. A result is the record
that a task leaves. A driver (`loop`) plans the tasks of a run and awaits them. It is the run's holder as long as it has
the lease (`lease`), which ends by itself unless it is renewed. A worker (`perform`) does a task. A place (`places`) has
workers: in this thread, in others, in worker processes. An order is a task on its way to a place. Where nobody drives,
an execution of a state machine has each round planned (`rounds`), and tasks done by their names (`by_name`).
"""
