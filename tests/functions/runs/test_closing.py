"""A runner that closes waits for its drivers, and for none that gets no answer."""

import threading

from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.inline import Inline
from functions.runs.runners import LocalRunner
from tests.support.stores import Store
from tests.support.tiny_runs import tiny, tiny_run
from tests.support.waiting import happened, joined
from tests.support.world import world


def test_a_driver_whose_store_never_answers_keeps_no_process_from_ending(store: Store) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Hanging(Driver):
        def drive(self, *_: object) -> None:
            asked.set()
            happened(answered, "the store answers")

    here = world(store)
    runner = LocalRunner(Hanging(here.platform, tiny(), Inline(Worker(here.platform, tiny()))))
    runner.start("default", tiny_run(here.platform, "done"))
    happened(asked, "the driver asks its store")
    (driver,) = [thread for thread in threading.enumerate() if thread.name == "lepton-drive"]
    closing = threading.Thread(target=runner.close, daemon=True)
    closing.start()
    joined(closing)
    assert driver.is_alive()
    assert driver.daemon, "nor does the interpreter wait for it"
    answered.set()
    joined(driver)
