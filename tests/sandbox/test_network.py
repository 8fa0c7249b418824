"""The proxy and its policy, and what commands and setups reach through it in each tier."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from overhaul.sandbox.choose import choose, load
from overhaul.sandbox.docker_network import MOUNTED, SOCKET, way_out
from overhaul.sandbox.environment import detect
from overhaul.sandbox.errors import EnvironmentFailed, NoSandbox
from overhaul.sandbox.network import Network, why_no_way_out
from overhaul.sandbox.provider import SandboxSettings
from overhaul.sandbox.proxy import Proxy, Request, is_public
from tests.sandbox.conftest import Tier, python, write_tree

TIERS = ["landlock", "bubblewrap", pytest.param("docker", marks=pytest.mark.docker)]


class Answers(BaseHTTPRequestHandler):
    """Says what it was asked for; /away leads to the address that follows."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        body = f"{self.headers['Host']} {self.path}".encode()
        if self.path.startswith("/away/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/away/"))
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as found:
        found.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=found.serve_forever, args=(0.05,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def ask() -> Iterator[object]:
    """Send bytes to a proxy with a network and return its answer."""
    proxies = []

    def send(network: Network, data: bytes) -> bytes:
        proxies.append(Proxy(network))
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        proxies[-1].serve(listener)
        with socket.create_connection(address, 10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    yield send
    for proxy in proxies:
        proxy.close()


def get(url: str) -> bytes:
    return f"GET {url} HTTP/1.1\r\nHost: elsewhere.example\r\nProxy-Authorization: x\r\n\r\n".encode()


def test_named_host_is_reached_and_told_its_own_name(server, ask):
    port = server.server_port
    answer = ask(Network.of([f"localhost:{port}"]), get(f"http://localhost:{port}/path?query"))
    assert answer.startswith(b"HTTP/1.0 200")
    assert answer.endswith(f"localhost:{port} /path?query".encode())


def test_tunnel_leads_to_a_named_host(server, ask):
    port = server.server_port
    inner = f"CONNECT localhost:{port} HTTP/1.1\r\n\r\nGET /inner HTTP/1.0\r\nHost: h\r\n\r\n".encode()
    answer = ask(Network.of([f"localhost:{port}"]), inner)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"h /inner")


REFUSED = {
    "another host": "http://other.example/",
    "another port": "http://localhost:1/",
    "address of an allowed host": "http://127.0.0.1:{port}/",
    "address in other words": "http://2130706433:{port}/",
    "address in hex": "http://0x7f000001:{port}/",
    "address of version 6": "http://[::1]:{port}/",
    "mapped address": "http://[::ffff:127.0.0.1]:{port}/",
    "null byte in the name": "http://localhost\0.other.example:{port}/",
    "name behind a user": "http://localhost:{port}@other.example/",
    "name that begins alike": "http://localhost.other.example:{port}/",
    "line break": "http://localhost:{port}/\r\nHost: other\n",
    "another scheme": "file:///etc/passwd",
    "no address": "/path",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=[name.replace(" ", "-") for name in REFUSED])
def test_everything_else_is_refused(url: str, server, ask):
    answer = ask(Network.of([f"localhost:{server.server_port}"]), get(url.format(port=server.server_port)))
    assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400")), answer
    assert not server.asked


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"]
)
def test_public_does_not_mean_this_machine(host: str, ask):
    for request in (get(f"http://{host}/"), f"CONNECT {host}:80 HTTP/1.1\r\n\r\n".encode()):
        assert b" 403 " in ask(Network(public=True), request).partition(b"\r\n")[0]


def test_redirect_is_a_request_of_its_own(server, ask):
    port = server.server_port
    answer = ask(
        Network.of([f"localhost:{port}"]), get(f"http://localhost:{port}/away/http://127.0.0.1:{port}/secret")
    )
    assert answer.startswith(b"HTTP/1.0 302")
    assert server.asked == [f"/away/http://127.0.0.1:{port}/secret"]


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "172.17.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1"],
)  # fmt: skip
def test_address_that_is_not_public(address: str):
    assert not is_public(address)


def test_address_that_is_public():
    assert is_public("1.1.1.1")
    assert is_public("2606:4700::1111")
    assert is_public("64:ff9b::101:101")
    assert is_public("198.51.100.7"), "nobody's own network"


def test_words_of_a_user_become_a_network():
    network = Network.of(["*.example.org", "db.example.org:5432"])
    assert network.names("api.example.org", 443)
    assert network.names("db.example.org", 5432)
    assert not network.names("example.org", 443)
    assert not network.names("api.example.org", 5432)
    assert not network.names("notexample.org", 443)
    assert Network.of(["full"]).full
    assert Network.of([]).is_none
    for word in ("http://a", "a b", "a:b", "a:", "*", "full stop"):
        with pytest.raises(ValueError, match="no name of a host"):
            Network.of([word])


def test_setup_reaches_the_indexes_that_the_user_has():
    settings = {"UV_DEFAULT_INDEX": "https://user:password@index.internal:8443/simple", "PIP_NO_INDEX": "0"}
    network = Network().for_setup(settings)
    assert network.names("index.internal", 8443)
    assert network.public


def test_setup_does_not_speak_to_the_users_proxy_itself():
    settings = {"HTTPS_PROXY": "http://proxy.internal:3128", "PIP_PROXY": "http://other.internal:8080"}
    network = Network().for_setup(settings)
    assert not network.names("proxy.internal", 3128)
    assert not network.names("other.internal", 8080)


@pytest.mark.parametrize("name", ["all_proxy", "https_proxy", "http_proxy"])
@pytest.mark.parametrize(
    "proxy", ["socks5://user:secret@proxy.internal:1080", "https://user:secret@proxy.internal"]
)
def test_proxy_that_cannot_be_gone_through_is_an_error_from_the_start(monkeypatch, tmp_path, name, proxy):
    monkeypatch.setenv(name, proxy)
    monkeypatch.delenv("HTTPS_PROXY" if name == "all_proxy" else name.upper(), raising=False)
    if name == "all_proxy":
        monkeypatch.delenv("https_proxy", raising=False)
    with pytest.raises(NoSandbox, match=r"://proxy\.internal, and only http:// proxies") as refused:
        choose("landlock", tmp_path)
    assert "secret" not in str(refused.value)
    full = SandboxSettings(network=Network(full=True))
    assert [choose("landlock", tmp_path, full).name, choose("process", tmp_path).name] == [
        "landlock",
        "process",
    ]


def test_http_proxy_is_gone_through():
    assert (
        why_no_way_out({"https": "http://proxy.internal:3128", "http": "proxy.internal", "all": "socks5://x"})
        is None
    )


def test_listening_place_is_free_when_serving_has_ended():
    proxy = Proxy(Network(("a.example",)))
    try:
        for _ in range(50):
            with socket.socket() as inside:
                listener = socket.socket()
                listener.bind(("127.0.0.1", 0))
                address = listener.getsockname()
                listener.listen()
                proxy.serve(listener)()
                inside.bind(address)
    finally:
        proxy.close()


def test_way_out_of_a_container_is_no_way_out_for_other_users():
    with way_out(Network(("a.example",))) as out:
        folder = out.mounts[MOUNTED]
        assert (folder / SOCKET).is_socket()
        assert folder.parent.stat().st_mode & 0o077 == 0


def test_request_keeps_what_is_the_hosts():
    request = Request.parse(
        b"POST http://a.example/x HTTP/1.1\r\nContent-Length: 3\r\nProxy-Connection: close\r\n\r\n"
    )
    assert request.head_for_host() == (
        b"POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    )


ASK = """
import socket, urllib.request
def probe(name, action):
    try: print(name, action())
    except OSError as error: print(name, "denied")
probe("named", lambda: urllib.request.urlopen("http://localhost:PORT/x", timeout=10).read().decode())
probe("other", lambda: urllib.request.urlopen("http://127.0.0.1:PORT/y", timeout=10).status)
probe("public", lambda: urllib.request.urlopen("http://example.org/", timeout=10).status)
probe("direct", lambda: socket.create_connection(("127.0.0.1", PORT), 5) and "open")
probe("gateway", lambda: socket.create_connection(("172.17.0.1", PORT), 2) and "open")
"""


@pytest.fixture(params=TIERS)
def isolating(request: pytest.FixtureRequest, make_environment, tmp_path: Path) -> Tier:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    return Tier(*make_environment(request.param), tmp_path)


def test_tests_reach_the_hosts_that_a_run_names_and_no_other(isolating: Tier, server):
    port = server.server_port
    settings = SandboxSettings(network=Network.of([f"localhost:{port}"]))
    provider = load(isolating.name, isolating.folder / "home", settings)
    with Tier(provider, isolating.environment, isolating.folder).open() as workspace:
        for _ in range(2):
            outcome = workspace.run(python(ASK.replace("PORT", str(port))))
            assert outcome.output.decode().splitlines() == [
                f"named localhost:{port} /x",
                "other denied",
                "public denied",
                "direct denied",
                "gateway denied",
            ]
    assert server.asked == ["/x", "/x"]


def test_setup_does_not_reach_this_machine(isolating: Tier, server, tmp_path: Path):
    port = server.server_port
    probe = f"import urllib.request; urllib.request.urlopen('http://localhost:{port}/secret', timeout=5)"
    source = write_tree(
        tmp_path / "project", {".overhaul/setup.sh": f'python3 -c "{probe}"\n', "test_a.py": ""}
    )
    provider = load(isolating.name, tmp_path / "home")
    with pytest.raises(EnvironmentFailed, match=r"step 'script'"):
        provider.prepare(detect(source), source, tmp_path / "log")
    assert server.asked == []


def test_setup_that_is_refused_a_host_is_told_so(isolating: Tier, tmp_path: Path):
    probe = "import urllib.request; urllib.request.urlopen('http://10.0.0.1/secret', timeout=5)"
    source = write_tree(
        tmp_path / "project", {".overhaul/setup.sh": f'python3 -c "{probe}"\n', "test_a.py": ""}
    )
    provider = load(isolating.name, tmp_path / "home")
    with pytest.raises(EnvironmentFailed, match=r"not let out: 10\.0\.0\.1 is no public address"):
        provider.prepare(detect(source), source, tmp_path / "log")
    assert "not let out: 10.0.0.1" in (tmp_path / "log").read_text()
