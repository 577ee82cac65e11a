"""The program does what openapi.yaml says, whatever is sent: schemathesis asks as every role."""

import json
import pathlib
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Statuses, types and shapes of all answers; and that nothing gets in without an identity.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance," \
         "response_schema_conformance"


@pytest.mark.parametrize("role", ["nobody", "customer", "guest", "worker", "admin"])
def test_schemathesis(role, people, nginx, database, tmp_path):
    description = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    for parameter in description["paths"]["/api/chat/updates"]["get"]["parameters"]:
        # Waiting has tests of its own: here it would only take its time.
        if parameter["name"] == "wait":
            parameter["schema"]["maximum"] = 0
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    headers = []
    if role != "nobody":
        client = getattr(people, role)()
        name, value = next((name, value) for name, value in client.http.cookies.items())
        headers = ["-H", f"Cookie: {name}={value}"]
    command = pathlib.Path(sys.executable).with_name("schemathesis")
    # Log-in and log-out would end what the others are tested with.
    left_out = ["--exclude-path-regex", "/api/auth/log"] if role != "nobody" else []
    done = subprocess.run(
        [command, "run", str(tmp_path / "openapi.json"), "--url", nginx.address, "--checks", CHECKS,
         "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "7",
         "--request-timeout", "20", "--no-color", "--max-failures", "20", *left_out, *headers],
        capture_output=True, text=True, timeout=240)
    database.query("DELETE FROM tbl_chat_failed_logins")
    assert done.returncode == 0, done.stdout[-6000:]


def test_every_route_is_described():
    """openapi.yaml has what the table of routes has, no more and no less."""
    import re
    source = (ROOT / "Sources/FCGIApp/Routes.swift").read_text()
    routes = {(method, f"/api/{path}") for method, path in re.findall(
        r'method: \.(get|post), path: "([a-z_/]+)"', source)}
    described = {(method, path) for path, methods in
                 yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"].items()
                 for method in methods}
    assert routes == described
