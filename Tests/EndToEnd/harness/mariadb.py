"""A private MariaDB server with fresh databases."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pymysql

from . import processes

ROOT = pathlib.Path(__file__).resolve().parents[3]
IS_ROOT = os.geteuid() == 0


class MariaDB:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nati-db-"))
        self.socket = self.folder / "socket"
        self.process = None
        account = []
        if IS_ROOT:
            shutil.chown(self.folder, "mysql")
            account = ["--user=mysql"]
        self._arguments = ["mariadbd", "--no-defaults", *account,
                           f"--datadir={self.folder}/data", f"--socket={self.socket}",
                           f"--pid-file={self.folder}/pid", "--skip-networking",
                           "--character-set-server=utf8mb4", "--max-connections=200"]
        subprocess.run(["mariadb-install-db", "--no-defaults", *account,
                        f"--datadir={self.folder}/data", "--skip-test-db",
                        "--auth-root-authentication-method=normal"],
                       check=True, capture_output=True)
        self.start()

    def start(self):
        self.process = processes.start(self._arguments, self.folder / "log")
        processes.wait_until(self._answers, "MariaDB", 60)

    def _answers(self):
        try:
            self.connect(None).close()
            return True
        except pymysql.err.OperationalError:
            return False

    def stop(self):
        processes.stop(self.process, seconds=60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database="nati", user="root", password=""):
        return pymysql.connect(
            unix_socket=str(self.socket), user=user, password=password, database=database,
            charset="utf8mb4", autocommit=True, cursorclass=pymysql.cursors.DictCursor)

    def query(self, sql, *values, database="nati"):
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall()
        finally:
            connection.close()

    def run_file(self, path, database="nati"):
        """Runs a file with the server's own client, as a DBA does."""
        with open(path, "rb") as file:
            return subprocess.run(
                ["mariadb", "--no-defaults", "--user=root", f"--socket={self.socket}", database],
                stdin=file, check=True, capture_output=True, text=True)

    def make_database(self, name, *files):
        self.query(f"DROP DATABASE IF EXISTS `{name}`", database=None)
        self.query(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4", database=None)
        for file in files:
            self.run_file(ROOT / file, name)
