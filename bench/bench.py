"""The measurements of scripts/bench, which builds what this starts."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from harness import processes, program  # noqa: E402
from harness.mariadb import IS_ROOT, MariaDB  # noqa: E402
from harness.program import BINARY, Program  # noqa: E402
from harness.web import free_port  # noqa: E402

SESSION = "abcdefghijklmnopqrstuvwxyz"
COOKIE = f"PHPSESSID={SESSION}"
OURS = "/ours/api/chat/"
# name, path, kind, yardstick, wanted ratio
MEASURED = [
    ("C hello, libfcgi's accept loop", "/accept/", "get", None, None),
    ("C hello, epoll, kept connections", "/epoll/", "get", None, None),
    ("PHP messages, 20 rows", "/php/messages.php?chat_id=CHAT", "get", None, None),
    ("PHP unread_count", "/php/unread_count.php?chat_id=CHAT&sender_type=user&sender_id=1", "get",
     None, None),
    ("PHP send_message", "/php/send_message.php", "send", None, None),
    ("health?database=0", OURS + "health?database=0", "get", "C hello, epoll, kept connections",
     0.8),
    ("messages, 20 rows", OURS + "messages?chat_id=CHAT", "get", "PHP messages, 20 rows", 3.0),
    ("unread_count", OURS + "unread_count?chat_id=CHAT&sender_type=user&sender_id=1", "get",
     "PHP unread_count", 4.0),
    ("send_message", OURS + "send_message", "send", "PHP send_message", 1.6),
]


def fill(database):
    """2,000 chats of customer 1; the first 1,000 have 20 messages each, half of the worker's."""
    database.query("""INSERT INTO tbl_chats (user_id, worker_id)
                      SELECT 1, 1 FROM seq_1_to_2000""")
    database.query("""INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)
                      SELECT 1 + seq % 1000, IF(seq % 2000 < 1000, 'user', 'worker'), 1,
                        CONCAT('Message number ', seq, ' about the brakes of the car.')
                      FROM seq_1_to_20000""")
    # Somebody who has read all but the newest, as most are.
    database.query("""INSERT INTO tbl_chat_read_marks
                      SELECT chat_id, 'user', 1, MAX(message_id) - 1, NOW()
                      FROM tbl_chat_messages GROUP BY chat_id""")
    database.query("UPDATE tbl_chat_messages SET is_read = 1")
    database.query("ANALYZE TABLE tbl_chat_messages, tbl_chats, tbl_chat_read_marks")


def start_web(folder, ours, php_socket, port):
    owner = "user root;" if IS_ROOT else ""
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in (
        "client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
    (folder / "nginx.conf").write_text(f"""
        daemon off; worker_processes 2; pid {folder}/nginx.pid; {owner}
        error_log {folder}/nginx-error.log warn;
        events {{ worker_connections 1024; }}
        http {{
            access_log off; {temporary} keepalive_requests 1000000;
            upstream accept {{ server unix:{folder}/accept.sock; }}
            upstream epoll {{ server unix:{folder}/epoll.sock; keepalive 64; keepalive_requests 1000000; }}
            upstream nati_chat {{ server unix:{ours}; keepalive 64; keepalive_requests 1000000; }}
            server {{
                listen 127.0.0.1:{port};
                location /accept/ {{ fastcgi_pass accept; fastcgi_param REQUEST_METHOD GET; }}
                location /epoll/ {{
                    fastcgi_pass epoll; fastcgi_keep_conn on; fastcgi_param REQUEST_METHOD GET;
                }}
                location /php/ {{
                    fastcgi_pass unix:{php_socket};
                    fastcgi_param SCRIPT_FILENAME {ROOT}/bench$uri;
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param QUERY_STRING $query_string;
                    fastcgi_param CONTENT_TYPE $content_type;
                    fastcgi_param CONTENT_LENGTH $content_length;
                }}
                location /ours/ {{ include {ROOT}/nginx/nati-chat-fastcgi.conf; gzip off; }}
            }}
        }}""".replace("gzip off;", ""))
    return processes.start(["nginx", "-p", folder, "-c", folder / "nginx.conf",
                            "-e", folder / "nginx-error.log"], folder / "nginx.log")


def start_php(folder, database):
    account = "user = root\ngroup = root\n" if IS_ROOT else ""
    (folder / "php-fpm.conf").write_text(f"""
[global]
error_log = {folder}/php-fpm.log
daemonize = no
[bench]
{account}listen = {folder}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 8
env[BENCH_DB] = {database.socket}
php_admin_value[opcache.enable] = 1
""")
    binary = shutil.which("php-fpm") or str(next(pathlib.Path("/usr/sbin").glob("php-fpm*")))
    as_root = ["--allow-to-run-as-root"] if IS_ROOT else []
    return processes.start([binary, *as_root, "--fpm-config", folder / "php-fpm.conf"],
                           folder / "php-fpm.log")


def load(port, path, kind, seconds):
    """Requests a second, the 99th percentile in milliseconds, and how many were no 2xx."""
    output = subprocess.run(
        ["wrk", "-t2", "-c32", f"-d{seconds}s", "--latency", "-s", ROOT / "bench/load.lua",
         f"http://127.0.0.1:{port}", "--", path, COOKIE, kind],
        capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    late = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return rate, late, int(wrong.group(1)) if wrong else 0


def resident(process):
    """Resident memory in MB."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def plain_cgi(env):
    """The median time of a plain CGI request in milliseconds."""
    env = {**env, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
           "PATH_INFO": "/api/chat/messages", "QUERY_STRING": "chat_id=5", "HTTP_COOKIE": COOKIE}
    times = []
    for _ in range(20):
        start = time.monotonic()
        done = subprocess.run([BINARY], env=env, capture_output=True)
        times.append((time.monotonic() - start) * 1000)
        assert done.stdout.startswith(b"Status: 200"), done.stdout
    return statistics.median(times)


def list_time(port, seconds):
    return load(port, OURS + "list", "get", seconds)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=1_000_000,
                        help="messages to compare the list with")
    parser.add_argument("--only", default="", help="measure only lines with this text")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nati-bench-"))
    started = []
    database = MariaDB()
    try:
        database.make_database("nati", "sql/demo/site_tables.sql", "sql/demo/people.sql")
        sessions = folder / "sessions"
        sessions.mkdir()
        (sessions / f"sess_{SESSION}").write_text('user_id|s:1:"1";id|s:1:"1";name|s:4:"Abel";')
        env = program.environment(database, PHP_SESSIONS=sessions)
        assert program.run(["migrate"], env).returncode == 0
        fill(database)
        ours = Program(folder, "ours", env)
        started.append(ours.process)
        for hello in ("accept", "epoll"):
            started.append(processes.start(
                [ROOT / f".build/bench/hello_{hello}", folder / f"{hello}.sock"],
                folder / f"{hello}.log"))
        started.append(start_php(folder, database))
        port = free_port()
        started.append(start_web(folder, ours.socket, folder / "php.sock", port))
        processes.wait_until(lambda: (folder / "php.sock").exists(), "php-fpm")
        processes.wait_until(lambda: (folder / "nginx.pid").exists(), "nginx")
        measure(arguments, port, ours, env, database)
    finally:
        for each in reversed(started):
            # libfcgi's own handler of SIGTERM ends no C hello world.
            is_hello = "hello" in str(each.args[0])
            processes.stop(each, signal.SIGKILL if is_hello else signal.SIGTERM)
        database.remove()
        shutil.rmtree(folder, ignore_errors=True)


def measure(arguments, port, ours, env, database):
    lines = [line for line in MEASURED if arguments.only in line[0]]
    lines += [line for line in MEASURED if line[0] in {each[3] for each in lines}
              and line not in lines]
    results = {line[0]: [] for line in lines}
    for _, path, kind, _, _ in lines:
        load(port, path, kind, 1)
    for _ in range(arguments.rounds):
        for name, path, kind, _, _ in lines:
            results[name].append(load(port, path, kind, arguments.seconds))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    print(f"\n{os.cpu_count()} cores, {memory:.0f} GiB; medians of {arguments.rounds} rounds of"
          f" {arguments.seconds} s, wrk -c32 through nginx, all on one machine\n")
    print("| | requests/s | 99 % within | to its yardstick | wanted |")
    print("|---|---:|---:|---:|---:|")
    rates = {name: statistics.median(each[0] for each in rounds)
             for name, rounds in results.items()}
    for name, _, _, yardstick, wanted in lines:
        rounds = results[name]
        wrong = sum(each[2] for each in rounds)
        late = statistics.median(each[1] for each in rounds)
        ratio = f"{rates[name] / rates[yardstick]:.2f}" if yardstick else ""
        print(f"| {name} | {rates[name]:,.0f} | {late:.1f} ms | {ratio} | {wanted or ''} |"
              + (f" VOID: {wrong} answers were no 2xx" if wrong else ""))
    if arguments.only:
        return
    print(f"\nResident memory after it all: {resident(ours.process):.0f} MB (wanted: under 60)")
    print(f"A plain CGI request: {plain_cgi(env):.1f} ms (wanted: under 30)")
    small = list_time(port, arguments.seconds)
    have = database.query("SELECT COUNT(*) AS n FROM tbl_chat_messages")[0]["n"]
    missing = max(0, arguments.messages - have)
    # As a busy site has them: 20 messages a chat, other customers' for the most part.
    database.query(f"INSERT INTO tbl_chats (user_id) SELECT 2 FROM seq_1_to_{missing // 20 + 1}")
    first = database.query("SELECT MIN(chat_id) AS id FROM tbl_chats WHERE user_id = 2")[0]["id"]
    database.query(f"""INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)
                       SELECT {first} + seq DIV 20, 'user', 2, 'more' FROM seq_1_to_{missing}""")
    large = list_time(port, arguments.seconds)
    print(f"`list` of 50 chats: {small:,.0f}/s with {have:,} messages,"
          f" {large:,.0f}/s with {have + missing:,}")


main()
