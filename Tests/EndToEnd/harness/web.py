"""nginx and PHP in front of the program, as on the site."""

import os
import pathlib
import shutil
import signal
import socket

import requests

from . import processes
from .mariadb import IS_ROOT, ROOT

SITE = pathlib.Path(__file__).resolve().parents[1] / "site"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PHP:
    """php-fpm with the tests' own small site and a session folder of its own."""

    def __init__(self, folder):
        self.sessions = folder / "sessions"
        self.sessions.mkdir(mode=0o700)
        self.socket = folder / "php.sock"
        configuration = folder / "php-fpm.conf"
        account = "user = root\ngroup = root\n" if IS_ROOT else ""
        configuration.write_text(f"""
[global]
error_log = {folder}/php-fpm.log
daemonize = no
[site]
{account}listen = {self.socket}
listen.mode = 0666
pm = static
pm.max_children = 4
php_admin_value[session.save_path] = {self.sessions}
php_admin_value[session.gc_probability] = 0
""")
        binary = shutil.which("php-fpm") or str(next(pathlib.Path("/usr/sbin").glob("php-fpm*")))
        as_root = ["--allow-to-run-as-root"] if IS_ROOT else []
        self.process = processes.start(
            [binary, *as_root, "--fpm-config", configuration], folder / "php-fpm.log")
        processes.wait_until(self.socket.exists, "php-fpm")

    def stop(self):
        processes.stop(self.process)


class Nginx:
    """nginx with the configuration that is shipped, in front of processes of the program."""

    def __init__(self, folder, sockets, php=None, has_pages=False, entry_rate=10_000):
        pages = """
            include nati-chat-pages.conf;
            location = / { include nati-chat-page.conf; try_files /pages/index.html =404; }
            location = /assets/js/jquery.min.js { alias /usr/share/javascript/jquery/jquery.min.js; }
            location /assets/ { alias %s/web/site/assets/; types { text/css css; text/javascript js; } }
            """ % ROOT if has_pages else ""
        self.folder = folder / f"nginx-{free_port()}"
        self.folder.mkdir()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        for path in (ROOT / "nginx").glob("nati-chat*.conf"):
            text = path.read_text().replace("/usr/share/nati-chat/web", str(ROOT / "web"))
            (self.folder / path.name).write_text(text)
        servers = "".join(f"server unix:{path};\n" for path in sockets)
        php_location = f"""
            root {SITE};
            location ~ \\.php$ {{
                fastcgi_param SCRIPT_FILENAME $document_root/$fastcgi_script_name;
                fastcgi_param REQUEST_METHOD $request_method;
                fastcgi_param QUERY_STRING $query_string;
                fastcgi_param CONTENT_TYPE $content_type;
                fastcgi_param CONTENT_LENGTH $content_length;
                fastcgi_pass unix:{php.socket};
            }}""" if php else ""
        (self.folder / "nginx.conf").write_text(f"""
            daemon off; worker_processes 2; pid {self.folder}/pid;
            {"user root;" if IS_ROOT else ""}
            error_log {self.folder}/error.log warn;
            events {{ worker_connections 1024; }}
            http {{
                access_log off;
                client_body_temp_path {self.folder}/body;
                fastcgi_temp_path {self.folder}/fastcgi;
                proxy_temp_path {self.folder}/proxy;
                scgi_temp_path {self.folder}/scgi;
                uwsgi_temp_path {self.folder}/uwsgi;
                upstream nati_chat {{ {servers} keepalive 64; }}
                limit_req_zone $binary_remote_addr zone=nati_chat_entry:1m rate={entry_rate}r/s;
                server {{
                    listen 127.0.0.1:{self.port};
                    include nati-chat.conf;
                    {pages}
                    {php_location}
                }}
            }}""")
        self.process = processes.start(
            ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf",
             "-e", self.folder / "error.log"], self.folder / "output.log")
        processes.wait_until(self._answers, f"nginx, see {self.folder}")

    def _answers(self):
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        try:
            requests.get(self.address, timeout=5)
            return True
        except requests.ConnectionError:
            return False

    def stop(self):
        processes.stop(self.process)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
