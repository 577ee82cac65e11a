"""Processes of the tests: started privately, stopped by pid, never left behind."""

import ctypes
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1


def _end_with_parent():
    # SIGTERM, so that nginx and php-fpm take their own children with them.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(arguments, log, **options):
    """Starts a process that ends when the tests' own process does."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            [str(argument) for argument in arguments],
            stdout=output, stderr=output, preexec_fn=_end_with_parent,
            **{"stdin": subprocess.DEVNULL, **options})


def stop(process, signal_number=signal.SIGTERM, seconds=20):
    """Ends a process and waits for it; its exit code."""
    if process.poll() is None:
        process.send_signal(signal_number)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def wait_until(condition, what, seconds=20):
    """Waits until the condition holds; its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.01)
