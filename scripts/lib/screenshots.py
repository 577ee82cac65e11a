"""Takes the pictures of docs/screenshots from a site with a day's worth of chats."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from harness.clients import Client  # noqa: E402
from harness.demo import demo_site  # noqa: E402

FOLDER = ROOT / "docs/screenshots"
SIZES = {"390": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
         "1280": {"viewport": {"width": 1280, "height": 800}}}


def make_chats(address):
    """People and what they said."""
    abel = Client(address).login("abel@example.com", "demo-customer")
    lidia = Client(address).login("lidia@example.com", "demo-customer")
    nati = Client(address).login("nati", "demo-admin")
    dawit = Client(address).login("dawit", "demo-worker")
    hana = Client(address).login("hana", "demo-worker")
    for client in (nati, dawit, hana):
        client.get("chat/updates")
    brakes = abel.start(subject="Brakes squeak")
    nati.good(nati.post("chat/assign_worker", chat_id=brakes, worker_id=dawit.id))
    abel.send(brakes, "Good morning! My brakes squeak since yesterday, mostly when I go slowly.")
    abel.send(brakes, "It is a Toyota Corolla, 2014.")
    dawit.send(brakes, "Good morning, Abel. Does it stop when you press the pedal harder?")
    abel.send(brakes, "Yes, then it is quiet.")
    dawit.send(brakes, "Then the pads are worn. Bring it tomorrow at 9, it takes an hour.\n"
                       "The price list: https://natiautomotive.example/prices")
    last = abel.send(brakes, "ጥሩ፣ ነገ እመጣለሁ። Thank you!")["message_id"]
    dawit.good(dawit.post("chat/mark_read", chat_id=brakes, message_id=last))
    oil = lidia.start(subject="Oil change", message="What does an oil change cost for a Hyundai?")
    nati.send(oil, "2,400 birr with the filter. When would it suit you?")
    lidia.send(oil, "On Saturday, if that is possible.")
    bill = lidia.start(subject="Bill of last week", message="One position is there twice.")
    nati.good(nati.post("chat/assign_worker", chat_id=bill, worker_id=hana.id))
    hana.good(hana.post("chat/escalate", chat_id=bill))
    guest = Client(address)
    guest.start(name="Gete", message="Do you repair Ladas?")
    done = abel.start(subject="Winter tyres", message="Do you store tyres?")
    nati.send(done, "Yes, 600 birr for half a year.")
    nati.good(nati.post("chat/close", chat_id=done))
    return abel, brakes


def take(browser, address, chat_id):
    for size, options in SIZES.items():
        for scheme in ("light", "dark"):
            def shoot(page, name):
                page.wait_for_timeout(700)
                page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")

            def visit(login, password, path):
                context = browser.new_context(**options, color_scheme=scheme)
                page = context.new_page()
                page.goto(f"{address}{path}")
                if login:
                    page.get_by_label("E-mail or user name").fill(login)
                    page.get_by_label("Password").fill(password)
                    page.get_by_role("button", name="Log in").click()
                    page.wait_for_url(lambda url: "/login" not in url)
                return page

            page = visit(None, None, "/")
            page.get_by_role("button", name="Chat with us").wait_for()
            shoot(page, "home")
            page.get_by_role("button", name="Chat with us").click()
            page.get_by_placeholder("Write a message…").wait_for()
            shoot(page, "widget")
            page.goto(f"{address}/customer-signup")
            shoot(page, "signup")
            page.goto(f"{address}/login")
            shoot(page, "login")
            for name in ("chat-return", "chat-unsubscribe"):
                page.goto(f"{address}/{name}")
                shoot(page, name)
            page.context.close()
            page = visit("abel@example.com", "demo-customer", "/customer")
            shoot(page, "customer")
            page.goto(f"{address}/customer/chat")
            shoot(page, "customer-chats")
            page.goto(f"{address}/customer/chat?chat={chat_id}")
            shoot(page, "customer-chat")
            page.goto(f"{address}/customer/profile")
            page.screenshot(path=FOLDER / f"profile-{size}-{scheme}.png", full_page=True)
            page.context.close()
            page = visit("dawit", "demo-worker", "/worker")
            shoot(page, "worker")
            page.goto(f"{address}/worker?chat={chat_id}")
            shoot(page, "worker-chat")
            page.context.close()
            page = visit("nati", "demo-admin", "/admin-chat")
            shoot(page, "admin")
            page.locator("[data-bell]").click()
            page.locator(".menu li").first.wait_for()
            shoot(page, "bell")
            page.locator("[data-settings]").click()
            shoot(page, "settings")
            page.goto(f"{address}/admin-chat?chat={chat_id}")
            shoot(page, "admin-chat")
            page.locator('[data-tool="deliveries"]').click()
            page.locator("[data-deliveries] li").first.wait_for()
            shoot(page, "deliveries")
            page.context.close()


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo_site() as (address, browser):
        _, chat_id = make_chats(address)
        take(browser, address, chat_id)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}")


main()
