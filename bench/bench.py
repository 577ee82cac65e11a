"""The measurements of scripts/bench, which builds what this starts."""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import requests

from stage import ROOT, Stage
from waiting import print_waiting
from harness.program import BINARY

ACCEPT = "C hello, libfcgi's accept loop"
EPOLL = "C hello, epoll, kept connections"
OURS = "/ours/api/chat/"
UNREAD = "?chat_id=CHAT&sender_type=user&sender_id=1"


@dataclass(frozen=True)
class Line:
    """What one line of the table measures."""

    name: str
    path: str
    kind: str = "get"
    yardstick: str | None = None
    wanted: float | None = None
    identity: str = "customer"
    # The same for a second yardstick.
    second: str | None = None
    second_wanted: float | None = None


# A yardstick stands beside what is compared with it, so that both meet the same minute.
LINES = [
    Line(ACCEPT, "/accept/"),
    Line(EPOLL, "/epoll/"),
    Line("health?database=0", OURS + "health?database=0", "get", EPOLL, 0.8),
    # Tells how much of the distance to the line above nginx takes: no target.
    Line("C hello, epoll, all parameters of ours", "/epoll-all-parameters/", "get", EPOLL),
    Line("PHP messages, 20 rows", "/php/messages.php?chat_id=CHAT"),
    Line("messages, 20 rows", OURS + "messages?chat_id=CHAT", "get", "PHP messages, 20 rows", 3.0),
    Line("messages, own session", OURS + "messages?chat_id=CHAT", "get", "PHP messages, 20 rows",
         3.0, "own session"),
    Line("messages unchanged, If-None-Match", OURS + "messages?chat_id=7", "unchanged", EPOLL, 0.7,
         second="PHP messages, 20 rows", second_wanted=8.0),
    Line("PHP unread_count", "/php/unread_count.php" + UNREAD),
    Line("unread_count", OURS + "unread_count" + UNREAD, "get", "PHP unread_count", 4.0),
    Line("unread_count, own session", OURS + "unread_count" + UNREAD, "get", "PHP unread_count",
         4.0, "own session"),
    Line("PHP updates, nothing new", "/php/updates.php?chat_id=CHAT&user_id=1&after_id=99999999"),
    Line("updates?wait=0, nothing new", OURS + "updates?wait=0&cursor=CURSOR", "get", EPOLL, 0.7,
         second="PHP updates, nothing new", second_wanted=8.0),
    Line("PHP send_message", "/php/send_message.php", "send"),
    Line("send_message", OURS + "send_message", "send", "PHP send_message", 1.6),
    Line("send_message, own session", OURS + "send_message", "send", "PHP send_message", 1.6,
         "own session"),
]


@dataclass
class Load:
    """What wrk saw in one round."""

    requests: int
    rate: float
    late: float
    wrong: int
    statements: int


def load(stage, line, seconds):
    path, etag = line.path, ""
    if "CURSOR" in path:
        path = path.replace("CURSOR", get(stage, OURS + "updates").json()["cursor"])
    if line.kind == "unchanged":
        etag = get(stage, path).headers["ETag"]
    before = stage.statements()
    output = subprocess.run(
        ["wrk", "-t2", "-c32", f"-d{seconds}s", "-s", ROOT / "bench/load.lua", stage.address, "--",
         path, stage.cookies[line.identity], line.kind, etag],
        capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) ([\d.]+) ([\d.]+) (\d+) (\d+)", output)
    assert found, output
    count, duration, late, refused, broken = (float(number) for number in found.groups())
    return Load(int(count), count / duration, late, int(refused + broken),
                stage.statements() - before)


def get(stage, path):
    answer = requests.get(stage.address + path, timeout=10,
                          headers={"Cookie": stage.cookies["customer"]})
    assert answer.status_code == 200, answer.text
    return answer


def check_answers(stage):
    """PHP and ours must do the same work, or comparing them says nothing."""
    def ask(line):
        answer = requests.get(stage.address + line.path.replace("CHAT", "7"), timeout=10,
                              headers={"Cookie": stage.cookies[line.identity]})
        assert answer.status_code == 200, f"{line.name}: {answer.text}"
        return answer.json()

    for line in LINES:
        if line.kind == "get" and "CURSOR" not in line.path:
            answer = ask(line)
            if "messages" in line.name:
                assert len(answer["messages"]) == 20, line.name
            if "unread_count" in line.name:
                assert answer["unread_count"] == 1, f"{line.name}: {answer}"


def stored(stage):
    return stage.database.query("SELECT COUNT(*) AS n FROM tbl_chat_messages")[0]["n"]


def measure(stage, lines, rounds, seconds):
    """Rounds in which each line has its turn; what was acknowledged must be stored."""
    results = {line: [] for line in lines}
    for line in lines:
        load(stage, line, 1)
    for _ in range(rounds):
        for line in lines:
            before = stored(stage) if line.kind == "send" else 0
            result = load(stage, line, seconds)
            if line.kind == "send" and stored(stage) - before < result.requests - result.wrong:
                sys.exit(f"{line.name}: acknowledged messages are missing in the database")
            results[line].append(result)
    return results


def print_table(results):
    """Prints the medians; the names of the lines that answered anything but 2xx."""
    print("| | requests/s | 99 % within | statements each | to its yardstick | wanted | |")
    print("|---|---:|---:|---:|---:|---:|---|")
    rates = {line.name: statistics.median(each.rate for each in loads)
             for line, loads in results.items()}
    void = []
    for line, loads in results.items():
        late = statistics.median(each.late for each in loads)
        wrong = sum(each.wrong for each in loads)
        statements = statistics.median(each.statements / each.requests for each in loads)
        ratios = [(rates[line.name] / rates[name], wanted) for name, wanted in (
            (line.yardstick, line.wanted), (line.second, line.second_wanted)) if name]
        wanted = [(ratio, least) for ratio, least in ratios if least]
        verdict = ""
        if wrong:
            void.append(line.name)
            verdict = f"void: {wrong} errors"
        elif wanted:
            verdict = "reached" if all(r >= least for r, least in wanted) else "**short**"
        print(f"| {line.name} | {rates[line.name]:,.0f} | {late:.1f} ms | {statements:.2f} |"
              f" {', '.join(f'{ratio:.2f}' for ratio, _ in ratios)} |"
              f" {', '.join(str(least) for _, least in wanted)} | {verdict} |")
    return void


def peak_memory(process):
    """The most resident memory so far, in MB."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) / 1024


def plain_cgi(stage):
    """The median time of a plain CGI request in milliseconds."""
    environment = {
        **stage.environment("nati"), "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
        "PATH_INFO": "/api/chat/messages", "QUERY_STRING": "chat_id=5",
        "HTTP_COOKIE": stage.cookies["customer"]}
    times = []
    for _ in range(20):
        start = time.monotonic()
        done = subprocess.run([BINARY], env=environment, capture_output=True)
        times.append((time.monotonic() - start) * 1000)
        assert done.stdout.startswith(b"Status: 200"), done.stdout
    return statistics.median(times)


def compare_lists(stage, messages, rounds, seconds):
    """`list` on a site with 1,000 messages and on one with many."""
    stage.make_list_database("thousand", 1_000)
    stage.make_list_database("million", messages)
    lines = [Line(f"{name} {size}", f"/{size}/api/chat/list", identity=name)
             for name in ("customer", "admin") for size in ("thousand", "million")]
    results = measure(stage, lines, rounds, seconds)
    rates = {line.name: statistics.median(each.rate for each in loads)
             for line, loads in results.items()}
    print(f"\n| `list`, 50 chats | 1,000 messages | {messages:,} messages | ratio |")
    print("|---|---:|---:|---:|")
    for name in ("customer", "admin"):
        few, many = rates[f"{name} thousand"], rates[f"{name} million"]
        print(f"| of a{'n' if name == 'admin' else ''} {name} | {few:,.0f}/s | {many:,.0f}/s |"
              f" {many / few:.2f} |")
    return [line.name for line, loads in results.items() if sum(each.wrong for each in loads)]


def cost_of_the_feed(stage, rounds, seconds):
    """Sends with the event log and what follows it, against sends that leave no event.

    Telling people of messages, which the lines of sends include, is left out on both sides.
    """
    line = next(line for line in LINES if line.name == "send_message, own session")
    rates, wrong = {True: [], False: []}, 0
    with stage.nobody_told():
        for number in range(rounds * 2):
            for logs in ((True, False), (False, True))[number % 2]:
                stage.log_messages(logs)
                result = load(stage, line, seconds)
                rates[logs].append(result.rate)
                wrong += result.wrong
    stage.log_messages(True)
    logged, plain = statistics.median(rates[True]), statistics.median(rates[False])
    print(f"\nSends with the event log and its feed: {logged:,.0f}/s, without: {plain:,.0f}/s:"
          f" they cost {100 * (plain / logged - 1):.0f} % more (wanted: at most 10)")
    return ["the cost of the feed"] if wrong else []


def machine():
    model = re.search(r"model name\s*: (.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (f"{os.cpu_count()} cores{f' ({model.group(1)})' if model else ''}, {memory:.0f} GiB,"
            f" load before the start {os.getloadavg()[0]:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=1_000_000,
                        help="messages to compare the list with; 0 leaves the list out")
    parser.add_argument("--waiting", type=int, default=10_000,
                        help="polls that wait at once; 0 leaves that out")
    parser.add_argument("--only", default="", help="measure only lines with this text, and nothing else")
    arguments = parser.parse_args()
    lines = [line for line in LINES if arguments.only in line.name]
    yardsticks = {name for line in lines for name in (line.yardstick, line.second)}
    lines = [line for line in LINES if line in lines or line.name in yardsticks]
    size = machine()
    stage = Stage()
    try:
        check_answers(stage)
        results = measure(stage, lines, arguments.rounds, arguments.seconds)
        print(f"\n{size}; medians of {arguments.rounds} rounds of {arguments.seconds} s, wrk -t2 -c32"
              " through nginx, all on one machine, commits durable\n")
        void = print_table(results)
        if not arguments.only:
            print(f"\nMost resident memory: {peak_memory(stage.ours.process):.0f} MB"
                  " (wanted: under 60)")
            print(f"A plain CGI request: {plain_cgi(stage):.1f} ms (wanted: under 30)")
            void += cost_of_the_feed(stage, arguments.rounds, arguments.seconds)
            if arguments.messages:
                void += compare_lists(stage, arguments.messages, arguments.rounds,
                                      arguments.seconds)
            if arguments.waiting:
                print_waiting(stage, arguments.waiting)
    finally:
        stage.close()
    if void:
        sys.exit(f"Void, with errors: {', '.join(void)}")


main()
