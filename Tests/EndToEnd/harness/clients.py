"""People who use the chat over HTTP."""

import requests


class Client:
    """A browser with its cookies; `api` calls answer the reply, its JSON checked for the shape."""

    def __init__(self, address, base=""):
        self.address = address
        self.base = base
        self.http = requests.Session()
        self.id = None

    def raw(self, method, path, **options):
        base = self.base if path.startswith("/api/") else ""
        return self.http.request(method, f"{self.address}{base}{path}", timeout=30, **options)

    def reply(self, response):
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert response.headers["X-Request-Id"]
        body = response.json()
        assert body["success"] == (response.status_code == 200)
        assert (body["error"] is None) == body["success"]
        return response.status_code, body

    def get(self, path, **parameters):
        return self.reply(self.raw("GET", f"/api/{path}", params=parameters))

    def post(self, path, **fields):
        return self.reply(self.raw("POST", f"/api/{path}", json=fields))

    def form(self, path, **fields):
        return self.reply(self.raw("POST", f"/api/{path}", data=fields))

    def good(self, result):
        status, body = result
        assert status == 200, body
        return body

    def start(self, **fields):
        return self.good(self.post("chat/start", **fields))["chat_id"]

    def send(self, chat_id, message, **fields):
        return self.good(self.post("chat/send_message", chat_id=chat_id, message=message, **fields))

    def messages(self, chat_id, **parameters):
        return self.good(self.get("chat/messages", chat_id=chat_id, **parameters))["messages"]

    def php_login(self, **identities):
        """Logs in at the site's own PHP page."""
        response = self.raw("POST", "/login.php", data=identities)
        assert response.status_code == 200 and response.text == "ok", response.text
        return self

    def login(self, login, password, **fields):
        body = self.good(self.post("auth/login", login=login, password=password, **fields))
        self.id = body["user"]["id"]
        return self
