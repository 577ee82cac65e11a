"""Who somebody is: PHP sessions, own sessions, guests; and what must never prove anything."""

import concurrent.futures
import hashlib
import os
import time
import uuid

import pytest

from conftest import PASSWORD
from harness import processes, program
from harness.program import Program
from harness.web import Nginx


def me(client):
    return client.get("auth/me")


def session_file(client, php):
    return php.sessions / f"sess_{client.http.cookies['PHPSESSID']}"


def test_php_session_of_each_role(browser, people):
    customer_id = people.customer().id
    for fields, kind, number in (({"user": customer_id}, "user", customer_id),
                                 ({"admin": 1}, "admin", 1), ({"worker": 1}, "worker", 1),
                                 ({"user": customer_id, "object": 1}, "user", customer_id)):
        status, body = me(browser().php_login(**fields))
        assert status == 200, body
        assert (body["user"]["type"], body["user"]["id"]) == (kind, number)


def test_php_logout_ends_the_identity(browser, people):
    client = browser().php_login(user=people.customer().id)
    assert me(client)[0] == 200
    client.raw("POST", "/logout.php")
    assert me(client)[0] == 401


def test_admin_idle_rule(browser):
    assert me(browser().php_login(admin=1, idle=1700))[0] == 200
    assert me(browser().php_login(admin=1, idle=1900))[0] == 401


@pytest.mark.parametrize("content", [
    b"", b"user_id", b"user_id|s:1:\"4", b"user_id|s:99:\"4\";", b"user_id|i:4", b"\x00\xff\xfe",
    b"user_id|b:1;", b"user_id|s:3:\"4 x\";", b"user_id|a:1:{i:0;i:4;}", b"user_id|i:-4;",
    b"x|s:20:\"a\";user_id|i:4;\";", b"a|" + b"a:1:{i:0;" * 5000, b"user_id|i:99999999;",
    b"x|O:8:\"stdClass\":1:{s:7:\"user_id\";i:4;}", b"x|a:999999999:{}"])
def test_torn_and_foreign_session_files_are_nobody(browser, php, content):
    identifier = uuid.uuid4().hex
    (php.sessions / f"sess_{identifier}").write_bytes(content)
    client = browser()
    client.http.cookies["PHPSESSID"] = identifier
    assert me(client)[0] == 401


@pytest.mark.parametrize("identifier", [
    "../../../../etc/passwd", "a" * 21, "a" * 257, "aaaaaaaaaaaaaaaaaaaaaaaa/b", "a.b" * 10,
    "%2e%2e%2f" * 4])
def test_paths_in_the_session_cookie(browser, php, identifier):
    client = browser()
    response = client.raw("GET", "/api/auth/me", headers={"Cookie": f"PHPSESSID={identifier}"})
    assert response.status_code == 401


def test_a_linked_session_file_is_not_followed(browser, php, people):
    client = browser().php_login(user=people.customer().id)
    real = session_file(client, php)
    identifier = uuid.uuid4().hex
    os.symlink(real, php.sessions / f"sess_{identifier}")
    client.http.cookies.clear()
    client.http.cookies["PHPSESSID"] = identifier
    assert me(client)[0] == 401


def test_a_session_that_php_holds_is_read_without_waiting(browser, php, people, folder):
    client = browser().php_login(user=people.customer().id)
    flag = folder / f"hold-{uuid.uuid4().hex}"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow_page = pool.submit(client.raw, "POST", "/hold.php", data={"flag": str(flag)})
        processes.wait_until(flag.exists, "the slow page")
        assert me(client)[0] == 200
        assert not slow_page.done()
        flag.unlink()
        assert slow_page.result().text == "ok"


def test_actions_renew_the_session_file_and_polls_do_not(browser, php, people):
    client = browser().php_login(user=people.customer().id)
    path = session_file(client, php)
    content = path.read_bytes()
    old = time.time() - 1000
    os.utime(path, (old, old))
    me(client)
    client.get("chat/list")
    assert abs(path.stat().st_mtime - old) < 1
    client.start()
    assert time.time() - path.stat().st_mtime < 60
    assert path.read_bytes() == content


def test_deleted_and_disabled_accounts_end(browser, people, database):
    customer_id = people.customer().id
    client = browser().php_login(user=customer_id)
    assert me(client)[0] == 200
    database.query("DELETE FROM tbl_user WHERE id = %s", customer_id)
    processes.wait_until(lambda: me(client)[0] == 401, "the deleted account's end")

    admin = people.admin()
    username = f"admin-{uuid.uuid4().hex[:10]}"
    admin_id = admin.good(admin.post("auth/staff", type="admin", full_name="Short Stay",
                                     username=username, password=PASSWORD))["id"]
    own, site = browser().login(username, PASSWORD), browser().php_login(admin=admin_id)
    assert me(own)[0] == me(site)[0] == 200
    database.query("UPDATE tbl_admin SET status = 'inactive' WHERE id = %s", admin_id)
    processes.wait_until(lambda: me(own)[0] == 401, "the end of the disabled account's session")
    processes.wait_until(lambda: me(site)[0] == 401, "the disabled account's end")
    assert browser().post("auth/login", username=username, password=PASSWORD)[0] == 401


def test_login_rotates_and_logout_ends(people, browser, database):
    customer = people.customer()
    first = customer.http.cookies["nati_chat_session"]
    customer.login(customer.email, PASSWORD)
    second = customer.http.cookies["nati_chat_session"]
    assert first != second and len(second) == 64
    thief = browser()
    thief.http.cookies["nati_chat_session"] = first
    assert me(thief)[0] == 401
    customer.good(customer.post("auth/logout"))
    thief.http.cookies.clear()
    thief.http.cookies["nati_chat_session"] = second
    assert me(thief)[0] == 401
    stored = database.query("SELECT HEX(token_hash) AS hash FROM tbl_chat_sessions")
    assert second.upper() not in {row["hash"] for row in stored}


def test_cookie_attributes(browser, people):
    customer = people.customer()
    header = customer.raw("POST", "/api/auth/login", json={
        "email": customer.email, "password": PASSWORD}).headers["Set-Cookie"]
    assert "HttpOnly" in header and "SameSite=Lax" in header and "Path=/" in header
    assert "Secure" not in header
    guest = browser().raw("POST", "/api/chat/start").headers["Set-Cookie"]
    assert "HttpOnly" in guest and "SameSite=Lax" in guest


def test_the_stored_hash_is_no_token(people, browser, database):
    guest = people.guest()
    (row,) = database.query(
        "SELECT HEX(token_hash) AS hash, session_token FROM tbl_guest_sessions WHERE guest_id = %s",
        guest.id)
    for text in (row["hash"].lower(), row["session_token"], "0", "1", "", "true", "abc"):
        client = browser()
        client.http.cookies["nati_chat_guest"] = text
        assert me(client)[0] == 401, text


def test_md5_passwords_are_accepted_once_and_rewritten(browser, database):
    email = f"{uuid.uuid4().hex}@example.com"
    database.query("INSERT INTO tbl_user (name, email, phonenum, password) VALUES ('Old', %s, '', %s)",
                   email, hashlib.md5(b"old password").hexdigest())
    assert browser().post("auth/login", email=email, password="old passwort")[0] == 401
    browser().login(email, "old password")
    (row,) = database.query("SELECT password FROM tbl_user WHERE email = %s", email)
    assert row["password"].startswith("$2y$10$") and len(row["password"]) == 60
    browser().login(email, "old password")
    # The stored text itself is no password.
    assert browser().post("auth/login", email=email, password=row["password"])[0] == 401


def test_php_takes_our_passwords(people, database):
    import subprocess
    customer = people.customer()
    (row,) = database.query("SELECT password FROM tbl_user WHERE email = %s", customer.email)
    checked = subprocess.run(
        ["php", "-r", "exit(password_verify($argv[1], $argv[2]) ? 0 : 1);", PASSWORD,
         row["password"]])
    assert checked.returncode == 0


def test_unknown_name_and_wrong_password_look_the_same(browser, people):
    email = people.customer().email
    wrong = browser().post("auth/login", email=email, password="wrong password")
    unknown = browser().post("auth/login", email=f"x{email}", password="wrong password")
    assert wrong == unknown and wrong[0] == 401


def test_login_throttle_per_account(browser, people):
    email = people.customer().email
    replies = [browser().post("auth/login", email=email, password=f"guess {number}")[0]
               for number in range(12)]
    assert replies == [401] * 10 + [429] * 2
    response = browser().raw("POST", "/api/auth/login", json={"email": email, "password": PASSWORD})
    assert response.status_code == 429 and 0 < int(response.headers["Retry-After"]) <= 901


@pytest.fixture(autouse=True)
def forget_failures_of_the_tests_address(database):
    yield
    database.query("DELETE FROM tbl_chat_failed_logins")


def test_login_throttle_per_address(browser):
    replies = [browser().post("auth/login", email=f"{number}@example.com", password="guess")[0]
               for number in range(31)]
    assert replies == [401] * 30 + [429]


def test_password_change_ends_other_sessions(people, browser):
    customer = people.customer()
    other = browser().login(customer.email, PASSWORD)
    wrong = customer.post("chat/profile", current_password="wrong", new_password="another secret")
    assert wrong[0] == 422
    assert customer.post("chat/profile", new_password="another secret")[0] == 422
    assert customer.post("chat/profile", current_password=PASSWORD, new_password="short")[0] == 422
    assert me(other)[0] == 200
    customer.good(customer.post(
        "chat/profile", current_password=PASSWORD, new_password="another secret"))
    assert me(customer)[0] == 200
    assert me(other)[0] == 401
    assert browser().post("auth/login", email=customer.email, password=PASSWORD)[0] == 401
    browser().login(customer.email, "another secret")


def test_password_changed_elsewhere_ends_sessions(people, database):
    customer = people.customer()
    database.query("UPDATE tbl_user SET password = CONCAT(password, '') WHERE id = %s", customer.id)
    assert me(customer)[0] == 200
    database.query("UPDATE tbl_user SET password = %s WHERE id = %s",
                   "$2y$10$" + "a" * 53, customer.id)
    processes.wait_until(lambda: me(customer)[0] == 401, "the session's end")


def test_sign_up(browser, people, database):
    customer = people.customer()
    taken = browser().post("auth/signup", name="Again", email=customer.email.upper(),
                           password=PASSWORD)
    assert taken[0] == 409 and taken[1]["error"] == "This e-mail address has an account already."
    fields = {"name": "New", "email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    for wrong in ({"name": ""}, {"name": " "}, {"name": "a\nb"}, {"email": ""}, {"email": "x"},
                  {"email": "a@b"}, {"email": "a b@example.com"}, {"email": "a@b@example.com"},
                  {"password": "short"}, {"password": "x" * 73}, {"password": None},
                  {"password": 12345678}, {"phone": "1" * 21}, {"name": ["a"]}):
        assert browser().post("auth/signup", **{**fields, **wrong})[0] == 422, wrong
    body = browser().good(browser().post(
        "auth/signup", **fields, role="admin", type="admin", id=1, phone="+251", car_brand="Lada"))
    assert "New" in body["message"]
    (row,) = database.query("SELECT role, phonenum, car_brand FROM tbl_user WHERE id = %s",
                            body["user"]["id"])
    assert row == {"role": "user", "phonenum": "+251", "car_brand": "Lada"}


def test_staff_accounts_are_made_by_admins(people, browser):
    fields = {"type": "worker", "full_name": "X", "username": f"u{uuid.uuid4().hex[:8]}",
              "password": PASSWORD}
    for nobody, status in ((browser(), 401), (people.customer(), 403), (people.guest(), 403),
                           (people.worker(), 403)):
        assert nobody.post("auth/staff", **fields)[0] == status
    admin = people.admin()
    admin.good(admin.post("auth/staff", **fields))
    assert admin.post("auth/staff", **fields)[0] == 409
    for wrong in ({"type": "user"}, {"type": None}, {"position": "superadmin"}, {"full_name": ""}):
        assert admin.post("auth/staff", **{**fields, "username": "other", **wrong})[0] == 422, wrong


def test_guest_token_and_history(people, browser, database):
    guest = people.guest(name="ሀና", email="hana@example.com", subject="Brakes")
    guest.send(guest.chat_id, "Hello")
    reload = browser()
    reload.http.cookies["nati_chat_guest"] = guest.http.cookies["nati_chat_guest"]
    assert [m["sender_name"] for m in reload.messages(guest.chat_id)] == ["ሀና"]
    by_header = browser().raw("GET", "/api/chat/list", headers={
        "X-Guest-Token": guest.http.cookies["nati_chat_guest"]})
    assert [chat["chat_id"] for chat in by_header.json()["chats"]] == [guest.chat_id]
    other = people.guest()
    assert other.get("chat/messages", chat_id=guest.chat_id)[0] == 404
    assert other.get("chat/list", guest_id=guest.id)[0] == 403
    admin = people.admin()
    (chat,) = admin.good(admin.get("chat/list", guest=guest.id))["chats"]
    assert chat["contact"]["email"] == "hana@example.com" and chat["other"]["name"] == "ሀና"
    database.query("UPDATE tbl_guest_sessions SET last_active_at = UTC_TIMESTAMP() - INTERVAL 25 HOUR"
                   " WHERE guest_id = %s", guest.id)
    processes.wait_until(lambda: guest.get("chat/messages", chat_id=guest.chat_id)[0] == 401,
                         "the guest's end")
    assert browser().post("chat/start", email="not an address")[0] == 422


@pytest.mark.parametrize("headers,status", [
    ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 200), ({}, 200)])
def test_other_sites_cannot_act(people, headers, status):
    customer = people.customer()
    assert customer.raw("POST", "/api/chat/start", headers=headers).status_code == status
    same = customer.raw("POST", "/api/chat/start", headers={"Origin": customer.address})
    assert same.status_code == 200


def test_php_sessions_off(database, folder, php, people, browser):
    alone = Program(folder, "alone", program.environment(database))
    nginx = Nginx(folder, [alone.socket], php)
    try:
        client = type(browser())(nginx.address).php_login(user=1)
        assert me(client)[0] == 401
    finally:
        nginx.stop()
        alone.stop()
