"""A real SMTP server on a free loopback port: aiosmtpd, with STARTTLS and log-in if asked for."""

import asyncio
import email
import email.policy
import ssl
import subprocess
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from .web import free_port

USER, PASSWORD = "nati chat", "p@ss/word"


class MailServer:
    """Keeps what it takes, parsed and as it came; `answers` are given to the first mails instead."""

    def __init__(self, folder=None):
        self.mails = []
        self.contents = []
        self.recipients = []
        self.answers = []
        self.attempts = 0
        self.arrived = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        options = {}
        self.certificate = None
        if folder:
            self.certificate = folder / "mail.pem"
            key = folder / "mail.key"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                 "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                 "-keyout", str(key), "-out", str(self.certificate)],
                check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, key)
            options = {"tls_context": context, "require_starttls": True, "auth_required": True,
                       "authenticator": self._authenticate}
        self.port = free_port()
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=20, **options)
        self.controller.start()

    @staticmethod
    def _authenticate(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == USER.encode() \
            and data.password == PASSWORD.encode()
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        self.arrived.set()
        while not self.may_answer.is_set():
            await asyncio.sleep(0.05)
        if self.answers:
            answer = self.answers.pop(0)
            if answer == "break":
                server.transport.abort()
            return answer
        self.contents.append(envelope.content)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 Taken"

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address):
        """The mails to one address."""
        return [mail for mail, to in zip(self.mails, self.recipients) if address in to]

    def stop(self):
        self.may_answer.set()
        self.controller.stop()
