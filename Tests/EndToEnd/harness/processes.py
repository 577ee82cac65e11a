"""Processes of the tests: started privately, stopped by pid, never left behind."""

import signal
import subprocess
import time


def start(arguments, log, **options):
    """Starts a process that ends when the tests' own process does."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            # SIGTERM, so that nginx and php-fpm take their own children with them. By a program of its
            # own: code between fork and exec may hang where the tests have threads.
            ["setpriv", "--pdeathsig", "TERM", *map(str, arguments)],
            stdout=output, stderr=output,
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
