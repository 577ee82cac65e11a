"""The pages in a real browser, as the people of both source documents use them."""

import hmac
import re
import time
import uuid

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from conftest import PASSWORD
from harness import processes, program
from harness.clients import Client
from harness.mariadb import ROOT
from harness.program import Program
from harness.web import Nginx

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> & "quotes"'
WRITE = "Write a message…"
SECRET = "the tests' own secret, long enough"


@pytest.fixture(scope="module")
def site(database, mariadb, folder, php):
    """The address of a site with all its pages, in the database that the other tests have used."""
    env = program.environment(
        mariadb, DB_USER="nati_chat", DB_PASSWORD="secret", PHP_SESSIONS=php.sessions,
        SITE_URL="https://nati.example", SECRET=SECRET)
    # Other tests try out what people can change of themselves.
    mariadb.query("UPDATE tbl_admin SET full_name = 'Nati Bekele' WHERE username = 'nati'")
    mariadb.query("DELETE FROM tbl_chat_preferences")
    one = Program(folder, "pages", env)
    server = Nginx(folder, [one.socket], php, has_pages=True)
    yield server.address
    server.stop()
    assert one.stop() == 0


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, site):
    """Opens a browser of somebody's own; no script may fail in any of them."""
    contexts, errors = [], []

    def open_browser(options=DESK, path="/"):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(site + path)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert errors == []


def log_in(page, login, password, path=None):
    page.get_by_label("E-mail or user name").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    if path:
        page.goto(re.match(r"https?://[^/]+", page.url).group() + path)
    return page


def make_customer(site, name="Marta Page"):
    client = Client(site)
    client.email = f"{uuid.uuid4().hex}@example.com"
    client.good(client.post("auth/signup", name=name, email=client.email, password=PASSWORD))
    return client.login(client.email, PASSWORD)


def make_worker(site, name):
    admin = Client(site).login("nati", "demo-admin")
    username = f"w{uuid.uuid4().hex[:10]}"
    admin.good(admin.post("auth/staff", type="worker", full_name=name, username=username,
                          password=PASSWORD))
    client = Client(site).login(username, PASSWORD)
    client.username = username
    return client


def raw_body(url):
    """What is sent to a browser that takes gzip."""
    with requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=10) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        return response.raw.read(decode_content=False)


def write(page, text):
    page.get_by_label(WRITE).fill(text)
    page.get_by_label(WRITE).press("Enter")


def bubble(page, text):
    return page.locator(".message .bubble", has_text=text)


def test_guest_to_admin_to_worker_and_back(visit, site):
    """Three browsers at once: nobody reloads anything."""
    worker_name = f"Sara {uuid.uuid4().hex[:6]}"
    account = make_worker(site, worker_name)
    admin = log_in(visit(path="/admin-chat"), "nati", "demo-admin")
    worker = log_in(visit(path="/worker"), account.username, PASSWORD)
    guest = visit(PHONE)
    name = f"Gete {uuid.uuid4().hex[:6]}"
    guest.get_by_role("button", name="Chat with us").click()
    guest.get_by_placeholder(WRITE).fill("Do you repair Ladas?")
    guest.get_by_label("Your name (optional)").fill(name)
    guest.get_by_role("button", name="Start a chat").click()
    expect(bubble(guest, "Do you repair Ladas?")).to_be_visible()

    listed = admin.locator(".chats li", has_text=name)
    expect(listed).to_contain_text("Do you repair Ladas?")
    expect(listed.locator(".badge")).to_contain_text("1")
    expect(admin).to_have_title(re.compile(r"^\((\d+|99\+)\) "))
    listed.locator("button").click()
    expect(bubble(admin, "Do you repair Ladas?")).to_be_visible()
    expect(listed.locator(".badge")).to_have_count(0)
    expect(guest.locator(".state[data-state=read]")).to_be_visible()
    choice = admin.locator("[data-assign] option", has_text=worker_name)
    open_chats = int(re.search(r"(\d+) open", choice.inner_text()).group(1))
    admin.locator("[data-assign]").select_option(choice.get_attribute("value"))
    expect(choice).to_contain_text(f"{open_chats + 1} open chat")

    theirs = worker.locator(".chats li", has_text=name)
    theirs.locator("button").click()
    expect(bubble(worker, "Do you repair Ladas?")).to_be_visible()
    worker.get_by_label(WRITE).press_sequentially("Y")
    expect(guest.locator(".typing")).to_contain_text(f"{worker_name} is typing")
    write(worker, "Yes, all of them. ሰላም")
    expect(bubble(guest, "Yes, all of them. ሰላም")).to_be_visible()
    expect(bubble(admin, "Yes, all of them.")).to_be_visible()
    expect(guest.locator(".message.other .author")).to_contain_text(worker_name)

    # Reload: the chat is still there; the panel is open as before.
    guest.reload()
    expect(bubble(guest, "Yes, all of them. ሰላም")).to_be_visible()
    worker.locator("[data-tool=escalate]").click()
    expect(admin.locator(".chats li", has_text=name)).to_contain_text("Needs an admin")
    admin.locator("[data-tool=close]").click()
    expect(guest.get_by_text("This chat is closed.")).to_be_visible()


def test_customer_from_sign_up_to_answer(visit, site):
    email = f"{uuid.uuid4().hex}@example.com"
    page = visit(PHONE)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name").fill("Hana Page")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_contain_text("8")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Car brand").fill("Lada")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_contain_text("Welcome, Hana Page")
    page.get_by_role("link", name="Log in").first.click()
    log_in(page, email, PASSWORD)
    expect(page).to_have_url(f"{site}/customer")
    expect(page.get_by_role("heading", name="Welcome, Hana Page")).to_be_visible()
    expect(page.locator("[data-car-brand]")).to_have_text("Lada")
    expect(page.locator("[data-team] li", has_text="Dawit Tesfaye").first).to_be_visible()
    page.get_by_role("link", name="Open the chat").click()
    page.get_by_label("What is it about?").fill("Brakes")
    page.get_by_role("button", name="Start a chat").click()
    page.get_by_label(WRITE).fill("My brakes squeak.")
    page.get_by_role("button", name="Send").click()
    expect(bubble(page, "My brakes squeak.")).to_be_visible()
    # On a phone Enter breaks the line.
    page.get_by_label(WRITE).press_sequentially("one")
    page.get_by_label(WRITE).press("Enter")
    expect(page.get_by_label(WRITE)).to_have_value("one\n")

    # An answer comes while the dashboard is shown: the number rises by itself.
    page.goto(f"{site}/customer")
    admin = Client(site).login("nati", "demo-admin")
    (chat,) = admin.good(admin.get("chat/list", q="Hana Page", status="open"))["chats"][:1]
    admin.send(chat["chat_id"], "Come at nine.")
    expect(page.locator("[data-unread]")).to_have_text("1")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    page.locator("[data-bell]").click()
    expect(page.locator(".menu")).to_contain_text("Message from Nati Bekele")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Open the chat").click()
    page.locator(".chats li button").first.click()
    expect(bubble(page, "Come at nine.")).to_be_visible()
    expect(page.locator(".unread-line")).to_have_count(1)
    expect(page).to_have_title(re.compile(r"^My chats"))
    # What was typed before is still there; "back" leads to the list.
    expect(page.get_by_label(WRITE)).to_have_value("one\n")
    page.go_back()
    expect(page.get_by_role("button", name="Start a chat")).to_be_visible()

    page.goto(f"{site}/customer/profile")
    expect(page.get_by_label("Car brand")).to_have_value("Lada")
    page.get_by_label("Phone").fill("+251911222333")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Phone")).to_have_value("+251911222333")


def open_chat(visit, site, options=DESK):
    """A customer's page with an open chat, and the admin on the other side."""
    customer = make_customer(site)
    chat_id = customer.start()
    page = log_in(visit(options, f"/customer/chat?chat={chat_id}"), customer.email, PASSWORD)
    expect(page.get_by_label(WRITE)).to_be_visible()
    return page, chat_id, Client(site).login("nati", "demo-admin"), customer


def test_text_is_never_markup(visit, site):
    page, chat_id, admin, customer = open_chat(visit, site)
    customer.post("chat/profile", name=HOSTILE[:90])
    admin.send(chat_id, HOSTILE)
    expect(bubble(page, HOSTILE)).to_be_visible()
    write(page, HOSTILE + " mine")
    expect(bubble(page, HOSTILE + " mine")).to_be_visible()
    panel = log_in(visit(path=f"/admin-chat?chat={chat_id}"), "nati", "demo-admin")
    expect(bubble(panel, HOSTILE + " mine")).to_be_visible()
    for each in (page, panel):
        assert each.evaluate("window.hacked") is None
        assert each.locator(".bubble img, .bubble script, .chats img").count() == 0
    admin.send(chat_id, "see https://example.com/a?b=1&c=<d>. javascript:alert(1)")
    link = page.locator(".bubble a")
    expect(link).to_have_attribute("href", "https://example.com/a?b=1&c=")
    expect(link).to_have_attribute("rel", re.compile("noopener"))


def test_offline_and_back(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    page.context.set_offline(True)
    expect(page.locator(".banner")).to_contain_text("offline")
    write(page, "written in the tunnel")
    write(page, "and another")
    expect(page.locator(".message.sending")).to_have_count(2)
    page.context.set_offline(False)
    expect(page.locator(".message.sending")).to_have_count(0)
    expect(page.locator(".banner")).to_be_hidden()
    assert [m["text"] for m in admin.messages(chat_id)] == ["written in the tunnel", "and another"]
    expect(bubble(page, "written in the tunnel")).to_have_count(1)


def test_unsent_messages_survive_the_page(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    page.route("**/send_message", lambda route: route.abort())
    write(page, "kept in the browser")
    expect(page.locator(".message.sending")).to_have_count(1)
    page.unroute("**/send_message")
    page.reload()
    expect(page.locator(".message.own:not(.sending) .bubble")).to_have_text("kept in the browser")
    assert [m["text"] for m in admin.messages(chat_id)] == ["kept in the browser"]


def test_lost_answer_is_no_second_message(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    lost = []

    def lose_once(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        route.abort()

    page.route("**/send_message", lose_once)
    write(page, "once only")
    expect(page.locator(".message.sending")).to_have_count(0)
    expect(bubble(page, "once only")).to_have_count(1)
    assert len(admin.messages(chat_id)) == 1 and len(lost) == 1


def test_refused_message_can_be_discarded(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    page.route("**/send_message", lambda route: route.fulfill(
        status=409, content_type="application/json",
        body='{"success":false,"error":"This chat is closed."}'))
    write(page, "too late")
    failed = page.locator(".message.failed")
    expect(failed).to_contain_text("This chat is closed.")
    page.unroute("**/send_message")
    failed.get_by_role("button", name="Not sent").click()
    expect(page.locator(".message.own:not(.sending):not(.failed)")).to_have_count(1)
    assert [m["text"] for m in admin.messages(chat_id)] == ["too late"]


def test_two_tabs_hold_one_poll(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    asked = []
    page.context.on("request", lambda request: asked.append(request.frame.page)
                    if "/updates" in request.url else None)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_label(WRITE)).to_be_visible()
    for number in range(3):
        admin.send(chat_id, f"for both {number}")
        for tab in (page, other):
            expect(bubble(tab, f"for both {number}")).to_be_visible()
    assert set(asked) == {page}
    # The tab that asks is closed: the other goes on.
    page.close()
    admin.send(chat_id, "for the one that is left")
    expect(bubble(other, "for the one that is left")).to_be_visible()
    expect(bubble(other, "for both")).to_have_count(3)


def test_server_that_does_not_wait_is_not_pressed(visit, site):
    """Plain CGI answers at once: the page comes again when it is told to."""
    page, chat_id, _, _ = open_chat(visit, site)
    asked = []

    def at_once(route):
        asked.append(time.monotonic())
        route.fulfill(json={
            "success": True, "error": None, "cursor": "1", "reset": False, "events": [],
            "unread": {"total": 0, "chats": {}}, "notifications": {"unread": 0}, "next_poll_ms": 1500})

    page.route("**/updates*", at_once)
    page.reload()
    expect(page.get_by_label(WRITE)).to_be_visible()
    processes.wait_until(lambda: page.wait_for_timeout(100) or len(asked) >= 4, "the polls", 20)
    assert all(later - earlier > 1.2 for earlier, later in zip(asked, asked[1:]))


def test_cursor_of_another_time_loads_anew(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    refused = []

    def refuse_once(route):
        if refused:
            return route.continue_()
        refused.append(admin.send(chat_id, "meanwhile"))
        route.fulfill(status=422, json={"success": False, "error": "This cursor did not come from a reply."})

    page.route("**/updates*", refuse_once)
    page.reload()
    expect(bubble(page, "meanwhile")).to_be_visible()


def test_older_messages_load_without_a_jump(visit, site, mariadb):
    customer = make_customer(site)
    chat_id = customer.start()
    mariadb.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                  " SELECT %s, 'admin', 1, CONCAT('number ', seq) FROM seq_1_to_130", chat_id,
                  database="nati")
    page = log_in(visit(PHONE, f"/customer/chat?chat={chat_id}"), customer.email, PASSWORD)
    expect(page.locator(".message")).to_have_count(50)
    expect(bubble(page, re.compile("^number 130$"))).to_be_in_viewport()
    anchor = page.locator(".message", has=page.get_by_text("number 83", exact=True))
    page.locator(".scroller").evaluate("each => { each.scrollTop = 100; }")
    before = anchor.evaluate("each => each.getBoundingClientRect().top")
    expect(page.locator(".message")).to_have_count(100)
    after = anchor.evaluate("each => each.getBoundingClientRect().top")
    assert abs(after - before) < 3
    # Who reads above is not moved by what comes below.
    Client(site).login("nati", "demo-admin").send(chat_id, "newest of all")
    expect(page.locator(".jump")).to_be_visible()
    expect(bubble(page, "newest of all")).not_to_be_in_viewport()
    page.locator(".jump").click()
    expect(bubble(page, "newest of all")).to_be_in_viewport()


def test_pages_are_kept_from_others(visit, site):
    for path in ("/customer", "/customer/chat", "/customer/profile", "/worker", "/admin-chat"):
        answer = Client(site).http.get(site + path, allow_redirects=False)
        assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/login?next={path}")
    customer = make_customer(site)
    worker = Client(site).login("dawit", "demo-worker")
    admin = Client(site).login("nati", "demo-admin")
    for client, own in ((customer, "/customer"), (worker, "/worker"), (admin, "/admin-chat")):
        for path in ("/customer", "/worker", "/admin-chat"):
            answer = client.http.get(site + path, allow_redirects=False)
            assert answer.status_code == (200 if path == own else 403), (own, path)
            assert (b"<main" in answer.content) == (path == own)
        policy = client.http.get(site + own).headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    # Another site's address is no place to go after the log-in.
    page = visit(path="/login?next=https://example.com/")
    log_in(page, "dawit", "demo-worker")
    assert page.url == f"{site}/worker"


def test_language_of_the_browser(visit):
    page = visit({**DESK, "locale": "am-ET"}, "/login")
    expect(page.get_by_role("heading", name="ግባ")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "am")
    # What is not translated yet stays English.
    expect(page.get_by_label("E-mail or user name")).to_be_visible()
    page.goto(page.url.replace("/login", "/"))
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_placeholder("መልእክት ይጻፉ…")).to_be_visible()


def test_log_out_ends_the_page(visit, site):
    page, _, _, _ = open_chat(visit, site)
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto(f"{site}/customer")
    page.wait_for_url("**/login?next=/customer")


def test_admin_makes_staff_and_starts_chats(visit, site):
    customer = make_customer(site, f"Zed {uuid.uuid4().hex[:6]}")
    name = customer.good(customer.get("chat/profile"))["profile"]["name"]
    page = log_in(visit(path="/admin-chat"), "nati", "demo-admin")
    page.get_by_role("button", name="New staff").click()
    username = f"n{uuid.uuid4().hex[:8]}"
    dialog = page.locator("[data-new-staff]")
    dialog.get_by_label("Full name").fill("New Worker")
    dialog.get_by_label("User name").fill(username)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("The account of New Worker is ready.")
    Client(site).login(username, PASSWORD)
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="New chat").click()
    page.get_by_label("Find a person").fill(name)
    page.locator("[data-new-chat] li button", has_text=name).click()
    write(page, "We have found the part.")
    expect(bubble(page, "We have found the part.")).to_be_visible()
    assert [c["last_message"]["text"] for c in customer.good(customer.get("chat/list"))["chats"]] == [
        "We have found the part."]
    # Filters and search
    page.get_by_label("Search").fill(name)
    expect(page.locator(".chats li")).to_have_count(1)
    page.locator("[data-filter]").select_option("closed")
    expect(page.locator(".chats li")).to_have_count(0)


def test_notices_are_given_once_and_only_if_wanted(visit, site):
    page, chat_id, admin, _ = open_chat(visit, site)
    page.context.grant_permissions(["notifications"])
    record = """
        window.noticed = []; window.tones = 0;
        window.Notification = class { static permission = 'granted';
          static requestPermission() { return Promise.resolve('granted'); }
          constructor(title, options) { window.noticed.push(options.body); }
          addEventListener() {} };
        const Plain = window.AudioContext;
        window.AudioContext = class extends Plain { constructor() { super(); window.tones += 1; } };
        Document.prototype.hasFocus = () => false;"""
    page.context.add_init_script(record)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{site}/customer/chat")
        expect(tab.locator(".chats li")).to_have_count(1)
    page.evaluate("localStorage.removeItem('nati-chat:/api/:front')")
    page.locator("[data-bell]").click()
    page.locator("[data-notices]").click()
    expect(page.locator("[data-notices]")).to_have_text("Notices off")
    total = "() => window.noticed.length"

    def noticed():
        return page.evaluate(total) + other.evaluate(total)

    admin.send(chat_id, "before")
    expect(other.locator(".chats li .badge")).to_contain_text("1")
    assert noticed() == 0
    page.locator("[data-notices]").click()
    expect(page.locator("[data-notices]")).to_have_text("Notices on")
    admin.send(chat_id, "please look")
    expect(other.locator(".chats li .badge")).to_contain_text("2")
    assert noticed() == 1
    tones = page.evaluate("window.tones") + other.evaluate("window.tones")
    assert tones == 2
    page.locator("[data-sound]").click()
    expect(page.locator("[data-sound]")).to_have_text("Sound off")
    admin.send(chat_id, "quietly")
    expect(other.locator(".chats li .badge")).to_contain_text("3")
    assert noticed() == 2
    assert page.evaluate("window.tones") + other.evaluate("window.tones") == 2


def link_token(claims):
    """As the program signs them."""
    key = f"nati-chat link {SECRET}".encode()
    return f"{claims}~{hmac.new(key, claims.encode(), 'sha256').hexdigest()}"


def test_bell_rises_and_falls_by_itself(visit, site):
    page, chat_id, admin, customer = open_chat(visit, site)
    page.goto(f"{site}/customer")
    badge = page.locator("[data-bell] .badge")
    expect(page.locator("[data-bell]")).to_be_visible()
    expect(badge).to_be_hidden()
    for text in ("The brakes", HOSTILE):
        admin.send(chat_id, text)
    expect(badge).to_have_text("1")
    page.locator("[data-bell]").click()
    item = page.locator(".menu li").first
    expect(item).to_contain_text("2 messages from Nati Bekele")
    expect(item).to_contain_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    # The chat is opened in another tab.
    other = page.context.new_page()
    other.goto(f"{site}/customer/chat?chat={chat_id}")
    expect(bubble(other, "The brakes")).to_be_visible()
    other.bring_to_front()
    expect(badge).to_be_hidden()
    expect(page.locator(".menu .is-new")).to_have_count(0)
    other.close()
    # From the bell into the chat.
    admin.send(chat_id, "one more")
    expect(badge).to_have_text("1")
    item.locator("button").click()
    page.wait_for_url(f"**/customer/chat?chat={chat_id}")
    expect(bubble(page, "one more")).to_be_visible()
    expect(page.locator("[data-bell] .badge")).to_be_hidden()


def test_worker_is_told_of_an_assignment_and_sets_preferences(visit, site):
    worker = make_worker(site, "Sara Bell")
    customer = make_customer(site, "Marta Bell")
    chat_id = customer.start(message="hello")
    page = log_in(visit(PHONE, "/worker"), worker.username, PASSWORD)
    expect(page.locator("[data-bell]")).to_be_visible()
    admin = Client(site).login("nati", "demo-admin")
    # Told of the message is who has the chat at that moment: not the worker yet.
    processes.wait_until(lambda: any(
        each["chat_id"] == chat_id
        for each in admin.good(admin.get("chat/notifications"))["notifications"]), "the admins' bell")
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
    expect(page.locator("[data-bell] .badge")).to_have_text("1")
    page.locator("[data-bell]").click()
    expect(page.locator(".menu li").first).to_contain_text("The chat with Marta Bell is yours now")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("[data-bell] .badge")).to_be_hidden()
    page.get_by_role("button", name="Settings").click()
    form = page.locator("[data-preferences]")
    form.get_by_label("My e-mail address").fill("sara@example.com")
    form.get_by_label("Play a sound").uncheck()
    form.get_by_label("Quiet from").fill("22:00")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("Quiet hours need both quiet_from and quiet_until.")
    form.get_by_label("until").fill("06:00")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("Saved.")
    found = worker.good(worker.get("chat/preferences"))["preferences"]
    assert (found["mail_address"], found["sound"], found["quiet_from"], found["quiet_until"]) == (
        "sara@example.com", False, "22:00", "06:00")
    # The administrator looks at what was tried.
    page = log_in(visit(path="/admin-chat"), "nati", "demo-admin", f"/admin-chat?chat={chat_id}")
    page.locator('[data-tool="deliveries"]').click()
    tried = page.locator("[data-deliveries] li")
    expect(tried.filter(has_text="assignment")).to_contain_text("Bell: assignment Sara Bell")
    expect(tried.filter(has_text="assignment")).to_contain_text("seen")


def test_links_of_mails(visit, site):
    guest = Client(site)
    started = guest.good(guest.post("chat/start", message="I was here", name="Gete Link"))
    until = int(time.time()) + 600
    token = link_token(f"guest.{started['guest_id']}.{started['chat_id']}.{until}")
    page = visit(PHONE, f"/chat-return#{token}")
    assert token not in page.url
    page.get_by_role("button", name="Open my chat").click()
    page.wait_for_url(f"{site}/")
    expect(bubble(page, "I was here")).to_be_visible()
    page.goto(f"{site}/chat-return#{token[:-1]}0")
    page.get_by_role("button", name="Open my chat").click()
    expect(page.get_by_role("alert")).to_contain_text("This link does not work any more.")
    customer = make_customer(site)
    page.goto(f"{site}/chat-unsubscribe#" + link_token(f"unsubscribe.user.{customer.id}"))
    page.get_by_role("button", name="Stop the mails").click()
    expect(page.get_by_role("alert")).to_have_text("Done. You get no more of these mails.")
    assert customer.good(customer.get("chat/preferences"))["preferences"]["mail"] is False


def test_widget_asks_nothing_before_it_is_pressed(visit, site):
    requests = []
    page = visit(PHONE, "/login")
    page.context.on("request", lambda request: requests.append(request.url))
    page.add_init_script("""
        window.shift = 0;
        new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shift += each.value; })
          .observe({ type: 'layout-shift', buffered: true });""")
    page.goto(site + "/")
    button = page.get_by_role("button", name="Chat with us")
    expect(button).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not [url for url in requests if "/api/" in url or "panel" in url]
    assert page.context.cookies() == []
    assert page.evaluate("window.shift") == 0
    button.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


def test_widget_is_small(visit, site):
    requests = []
    page = visit(PHONE, "/login")
    page.context.on("request", lambda request: requests.append(request.url))
    page.goto(site + "/")
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_placeholder(WRITE)).to_be_visible()
    files = {re.sub(r"^.*/chat/", "", url) for url in requests if "/chat/" in url and "/api/" not in url}
    files -= {"icon.svg", "page.css"}
    # As it travels: nginx compresses each.
    size = sum(len(raw_body(f"{site}/chat/{name}")) for name in files)
    assert len(files) >= 6 and size <= 15 * 1024, (size, sorted(files))


def test_no_page_is_wider_than_a_phone(visit, site):
    customer = make_customer(site, "A Name That Is Rather Long For A Phone")
    chat_id = customer.start(subject="Brakes", message="hello")
    phone = {**PHONE, "viewport": {"width": 360, "height": 740}}

    def check(page, path, ready="h1"):
        page.goto(site + path)
        page.locator(ready).first.wait_for(state="attached")
        wide = page.evaluate("""() => [...document.querySelectorAll('body *')].filter((each) =>
            each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1
            && !each.closest('.hidden-text, .own .author')).map((each) => each.outerHTML.slice(0, 120))""")
        assert wide == [], path

    for path in ("/", "/login", "/customer-signup", "/chat-return", "/chat-unsubscribe"):
        check(visit(phone, "/login"), path)
    for login, password, paths in (
            (customer.email, PASSWORD, ("/customer", "/customer/profile", f"/customer/chat?chat={chat_id}")),
            ("dawit", "demo-worker", ("/worker",)),
            ("nati", "demo-admin", ("/admin-chat", f"/admin-chat?chat={chat_id}"))):
        page = log_in(visit(phone, "/login"), login, password)
        for path in paths:
            check(page, path, ".message" if "chat=" in path else ".who")
            if page.locator("[data-bell]").is_visible():
                page.locator("[data-bell]").click()
                expect(page.locator(".menu")).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_barriers(visit, site, scheme):
    options = {**DESK, "color_scheme": scheme}
    customer = make_customer(site)
    chat_id = customer.start(subject="Brakes", message="Hello")
    Client(site).login("nati", "demo-admin").send(chat_id, "Good morning https://example.com")

    def check(page, what):
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa",
                                                     "best-practice"]})
        violations = [(each["id"], [node["html"][:200] for node in each["nodes"][:3]])
                      for each in found.response["violations"]]
        assert violations == [], what

    page = visit(options)
    check(page, "home")
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_placeholder(WRITE)).to_be_visible()
    check(page, "widget")
    for path in ("/chat-return", "/chat-unsubscribe", "/customer-signup", "/login"):
        page.goto(site + path)
        check(page, path)
    log_in(page, customer.email, PASSWORD)
    for path in ("/customer", "/customer/profile", f"/customer/chat?chat={chat_id}"):
        page.goto(site + path)
        page.wait_for_load_state("load")
        expect(page.locator(".who")).to_be_visible()
        if "chat=" in path:
            expect(bubble(page, "Good morning")).to_be_visible()
        check(page, path)
    for login, password, path in (("nati", "demo-admin", f"/admin-chat?chat={chat_id}"),
                                  ("dawit", "demo-worker", "/worker")):
        panel = log_in(visit(options, path), login, password)
        expect(panel.locator(".who")).to_be_visible()
        if "chat=" in path:
            expect(bubble(panel, "Good morning")).to_be_visible()
        check(panel, path)
        panel.get_by_role("button", name="New chat").click()
        expect(panel.locator("[data-new-chat]")).to_be_visible()
        check(panel, f"{path}, new chat")


def test_site_pages_with_the_new_script(visit, site):
    """chat-screen.php, single-chat-screen.php and admin_chat.php, unchanged, in two browsers."""
    customer = make_customer(site, "Old Page")
    page = visit(PHONE, "/login")
    page.request.post(f"{site}/login.php", form={"user": str(customer.id)})
    customer.start(message="an earlier chat")
    page.goto(f"{site}/chat-screen.php")
    expect(page.locator(".chatscree2-content")).to_have_count(1)
    page.locator("#start-chat-btn").click()
    page.wait_for_url("**/single-chat-screen.php?chat_id=*")
    chat_id = int(page.url.split("=")[1])
    field = page.locator("textarea.message-input")
    field.fill(HOSTILE)
    # The attachment button sends nothing.
    page.locator("button.message-submit").first.click()
    page.locator("button.message-submit").last.click()
    own = page.locator(".messages-content .message.message-personal")
    expect(own).to_have_count(1)
    expect(own).to_contain_text(HOSTILE)
    field.fill("by Enter")
    field.press("Enter")
    expect(own).to_have_count(2)
    expect(page.locator(".nati-chat-pending")).to_have_count(0)
    assert [m["text"] for m in customer.messages(chat_id)] == [HOSTILE, "by Enter"]
    assert page.evaluate("window.hacked") is None

    admin = visit(path="/login")
    admin.request.post(f"{site}/login.php", form={"admin": "1"})
    admin.goto(f"{site}/admin/admin_chat.php")
    admin.locator(f'[data-chat="{chat_id}"]').click()
    expect(admin.locator("#chat-messages .message", has_text="by Enter")).to_be_visible()
    expect(own.last).to_have_attribute("title", "Read")
    admin.locator("#admin-message-input").fill("An answer")
    admin.locator("#admin-message-input").press("Enter")
    answer = page.locator(".messages-content .message:not(.message-personal)")
    expect(answer).to_contain_text("An answer")
    # One event in three seconds: what was typed a moment ago may have been it.
    def is_told():
        field.press_sequentially("a", delay=100)
        return "Old Page is typing" in admin.locator(".nati-chat-typing").inner_text()
    processes.wait_until(is_told, "the typing", 20)
    field.fill("Thank you")
    field.press("Enter")
    expect(admin.locator("#chat-messages .message", has_text="Thank you")).to_have_count(1)
    admin.locator("#admin-message-input").fill("by the button")
    admin.locator("#admin-send").click()
    expect(answer.last).to_contain_text("by the button")
    expect(admin.locator("#chat-messages", has_text="by the button")).to_be_visible()
    page.reload()
    expect(page.locator(".messages-content .message")).to_have_count(5)
