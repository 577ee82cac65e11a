"""The program itself, as a deployer starts it."""

import os
import pathlib
import subprocess

from . import processes
from .mariadb import ROOT

# Another build of it, such as one with a sanitizer, is named in the environment.
BINARY = pathlib.Path(os.environ.get("NATI_CHAT_TEST_BINARY", ROOT / ".build/release/nati-chat"))


def environment(database, **settings):
    """The environment of a program that uses this database server; settings without NATI_CHAT_."""
    values = {
        "DB_SOCKET": database.socket, "DB_USER": "root", "DB_NAME": "nati",
        "MIGRATIONS": ROOT / "sql/migrations", "PHP_SESSIONS": "off", **settings,
    }
    sanitizers = {name: os.environ[name] for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")
                  if name in os.environ}
    return {"PATH": os.environ["PATH"], **sanitizers,
            **{f"NATI_CHAT_{name}": str(value) for name, value in values.items()}}


def run(arguments, env, **options):
    """Runs a command of the program to its end."""
    return subprocess.run([str(BINARY), *arguments], env=env, capture_output=True, text=True,
                          timeout=60, **options)


class Program:
    """`nati-chat serve` on a unix socket."""

    def __init__(self, folder, name, env):
        self.socket = folder / f"{name}.sock"
        self.log = folder / f"{name}.log"
        self.env = {**env, "NATI_CHAT_LISTEN": f"unix:{self.socket}",
                    "NATI_CHAT_LISTEN_MODE": "0666"}
        self.process = None
        self.start()

    def start(self):
        self.process = processes.start([BINARY, "serve"], self.log, env=self.env)
        processes.wait_until(self.is_listening, f"the program, see {self.log}")

    def is_listening(self):
        assert self.process.poll() is None, self.log.read_text()
        return self.log.read_text().count("Listening on") > self._starts_before

    _starts_before = 0

    def kill(self):
        self._starts_before = self.log.read_text().count("Listening on")
        self.process.kill()
        self.process.wait()

    def stop(self):
        self._starts_before = self.log.read_text().count("Listening on")
        return processes.stop(self.process)
