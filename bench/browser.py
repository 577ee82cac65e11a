"""From "send" pressed in one browser to the text visible in the other."""

import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from harness.clients import Client  # noqa: E402
from harness.demo import demo_site  # noqa: E402

MESSAGES = 30
FIELD = "Write a message…"


def open_chat(browser, address, login, password, path):
    page = browser.new_context().new_page()
    page.goto(address + path)
    page.get_by_label("E-mail or user name").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label(FIELD).wait_for()
    return page


def measure(browser, address):
    customer = Client(address).login("abel@example.com", "demo-customer")
    chat_id = customer.start()
    sender = open_chat(browser, address, "abel@example.com", "demo-customer",
                       f"/customer/chat?chat={chat_id}")
    reader = open_chat(browser, address, "nati", "demo-admin", f"/admin-chat?chat={chat_id}")
    # Both pages share the machine's clock: each notes its own moment.
    sender.evaluate("""() => document.querySelector('.composer').addEventListener(
        'submit', () => { window.pressed = Date.now(); }, true)""")
    reader.evaluate("""() => { window.seen = {}; new MutationObserver(() => {
        for (const each of document.querySelectorAll('.message.other .bubble')) {
          window.seen[each.textContent] ??= Date.now(); } })
        .observe(document.querySelector('.messages'), { childList: true, subtree: true }); }""")
    delays = []
    for number in range(MESSAGES):
        sender.get_by_label(FIELD).fill(f"number {number}")
        sender.get_by_role("button", name="Send").click()
        reader.locator(".bubble", has_text=f"number {number}").last.wait_for()
        delays.append(reader.evaluate(f"window.seen['number {number}']")
                      - sender.evaluate("window.pressed"))
        time.sleep(0.1)
    return delays


def main():
    with demo_site() as (address, browser):
        delays = sorted(measure(browser, address))
    print(f"From one browser to the other: median {statistics.median(delays):.0f} ms, longest"
          f" {delays[-1]} ms of {len(delays)} (wanted: a median under 300)")


main()
