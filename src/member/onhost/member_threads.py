"""A daemon without one of its threads is only half there: it ends, and systemd starts it anew."""

import logging
import os
import threading

log = logging.getLogger("member")


def end_with_any_thread() -> None:
    threading.excepthook = end


def end(failure: threading.ExceptHookArgs) -> None:
    name = failure.thread.name if failure.thread else "a thread"
    error = (failure.exc_type, failure.exc_value, failure.exc_traceback)
    log.critical("%s has ended, and with it this daemon", name, exc_info=error)
    logging.shutdown()
    # Not sys.exit: this is not the main thread.
    os._exit(1)
