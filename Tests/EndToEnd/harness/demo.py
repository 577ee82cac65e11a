"""A site with the demo people and a browser, for scripts that are no tests."""

import contextlib
import pathlib
import shutil
import tempfile

from playwright.sync_api import sync_playwright

from . import program
from .mariadb import ROOT, MariaDB
from .program import Program
from .web import Nginx


@contextlib.contextmanager
def demo_site():
    """The site's address and the browser; everything is gone afterwards."""
    with contextlib.ExitStack() as cleanup:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="nati-e2e-"))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        database = MariaDB()
        cleanup.callback(database.remove)
        database.make_database("nati", "sql/demo/site_tables.sql")
        env = program.environment(database)
        done = program.run(["migrate"], env)
        assert done.returncode == 0, done.stderr
        database.run_file(ROOT / "sql/demo/people.sql")
        one = Program(folder, "one", env)
        cleanup.callback(one.stop)
        nginx = Nginx(folder, [one.socket], has_pages=True)
        cleanup.callback(nginx.stop)
        playwright = cleanup.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        cleanup.callback(browser.close)
        yield nginx.address, browser
