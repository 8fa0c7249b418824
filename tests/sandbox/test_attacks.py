"""Attacks from inside a sandbox (SANDBOX.md 13 and 15 to 23), against every isolating tier; no canary sings.

What a tier keeps from a command is probed in test_guarantees.py; attack_table.py has the tests of every attack.
"""

from __future__ import annotations

import ast
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.environment import detect
from overhaul.sandbox.formatting import Formatter, format_files
from overhaul.sandbox.provider import Limits, Outcome, Provider
from tests.sandbox.attack_table import ATTACKS
from tests.sandbox.conftest import Tier, python
from tests.sandbox.test_contract_ends import processes_with, wait_until

Tree = Callable[[Mapping[str, str]], Path]
ROOT = Path(__file__).parent.parent


def test_every_attack_is_shown_or_its_absence_explained() -> None:
    assert [attack.number for attack in ATTACKS] == list(range(1, 31))
    for attack in ATTACKS:
        assert attack.shown_by or attack.not_yet, attack
        for name in attack.shown_by:
            file, _, function = name.partition("::")
            assert function in functions_of(ROOT / file), name


def functions_of(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.FunctionDef)}


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A folder of the machine's that anybody may write to."""
    folder = tmp_path / "canary"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "secret").write_text("canary-5812")
    yield folder
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert (folder / "secret").read_text() == "canary-5812"


# Tries everything; nothing of it may show, and nothing may go wrong for want of it.
TOUCH = """
import os, subprocess
for action in (
    lambda: open({canary!r} + "/written", "w").close(),
    lambda: os.symlink("/etc", {canary!r} + "/link"),
    lambda: os.link({canary!r} + "/secret", "hard-link"),
    lambda: os.rename({canary!r} + "/secret", {canary!r} + "/moved"),
    lambda: os.unlink({canary!r} + "/secret"),
    lambda: os.chmod({canary!r} + "/secret", 0),
    lambda: os.truncate({canary!r} + "/secret", 0),
    lambda: subprocess.run(["sh", "-c", "echo x >> " + {canary!r} + "/shell"], stderr=-3),
    lambda: print("read:", open({canary!r} + "/secret").read()),
    lambda: os.chroot({canary!r}),
    lambda: os.open("/proc/1/root" + {canary!r} + "/written", os.O_CREAT | os.O_WRONLY),
    lambda: os.open("/proc/self/root/../.." + {canary!r} + "/written", os.O_CREAT | os.O_WRONLY),
):
    try: action()
    except (OSError, subprocess.SubprocessError): pass
"""


def test_conftest_reaches_no_file_of_the_machine(isolating: Tier, canary: Path, tree: Tree) -> None:
    source = tree({"conftest.py": TOUCH.format(canary=str(canary)), "test_it.py": "def test_it(): pass"})
    report = isolating.test(source)
    assert report.status == "passed", report
    assert "canary-5812" not in Path(report.log).read_text()


def test_build_and_setup_script_reach_no_file_of_the_machine(
    isolating: Tier, canary: Path, tree: Tree, tmp_path: Path
) -> None:
    touch = TOUCH.format(canary=str(canary))
    source = tree(
        {
            "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'
            '[project]\nname = "evil"\nversion = "1"\n',
            "evil.py": f"{touch}\nprint('the build ran', flush=True)\nraise SystemExit('no wheel')\n",
            ".overhaul/setup.sh": f"python3 - <<'END'\n{touch}\nprint('the script ran')\nEND\n",
        }
    )
    provider = load(isolating.name, tmp_path / "home")
    made = provider.prepare(detect(source), source, tmp_path / "setup.log")
    remove(provider, made.location)
    log = (tmp_path / "setup.log").read_text()
    assert "the build ran" in log
    assert "the script ran" in log
    assert "canary-5812" not in log


def remove(provider: Provider, image: str) -> None:
    if isinstance(provider, DockerProvider):
        provider.client().images.remove(image, force=True)


# What a formatter of the repository's own may leave in the place of the file that it was given.
LEFT_BEHIND = (
    "os.truncate(path, 20 << 30)",
    "os.truncate(path, 1 << 29)",
    "os.unlink(path); os.mkfifo(path)",
    "os.unlink(path); os.mkdir(path)",
    "os.unlink(path); os.symlink('/etc/passwd', path)",
    "os.unlink(path); os.symlink('/dev/zero', path)",
    "os.rename(folder, folder + '.moved'); os.symlink('/etc', folder)",
    "open(path, 'w').write('x = 1  # ' + 'canary' * 9_000_000)",
    "open(path, 'w').write('x = 2')",
    "open(path, 'w').write('x = 1')",  # the last is honest
)


def test_formatter_of_the_repositorys_own_sends_back_only_a_file_of_the_same_meaning(
    isolating: Tier, tree: Tree
) -> None:
    """13, and 14 on the way back: `python -m ruff` is the tree's own module; what it leaves is data, and capped."""
    paths = [f"pkg{number}/passwd.py" for number in range(len(LEFT_BEHIND))]
    lines = ["import os, sys", "for path in sys.argv[3:]:", "    folder = os.path.dirname(path)", "    try:"]
    for path, attack in zip(paths, LEFT_BEHIND, strict=True):
        lines.append(f"        if path == {path!r}: {attack}")
    program = "\n".join([*lines, "    except OSError: pass\n"])
    untouched = dict.fromkeys(paths, "x = 1\n")
    before = tree({"ruff.py": "", **untouched})  # as it would leave it: so that the others are formatted
    after = tree({"ruff.py": program, **dict.fromkeys(paths, "x  =  1\n")})
    memory = psutil.Process().memory_info().rss
    formatter = Formatter("ruff", "ruff", "")
    asked = {path: path for path in paths}
    sent_back = format_files(isolating.provider, isolating.environment, formatter, before, after, asked)
    assert sent_back == {paths[-1]: b"x = 1"}
    assert psutil.Process().memory_info().rss - memory < 150 << 20


def test_sparse_file_larger_than_the_limit_is_refused(isolating: Tier) -> None:
    code = """
for size in (20 << 40, 20 << 30, 2 << 30):
    try:
        with open("sparse", "wb") as file: file.truncate(size)
    except OSError: print("refused")
"""
    outcome = isolating.python(code, limits=Limits(wall_seconds=60, file_bytes=1 << 30))
    assert outcome.output.split() == [b"refused"] * 3, outcome


BOMBS = {
    # Each would go on for ever; the processor limit is for the machine's sake should the tier fail.
    "forks": "while True:\n    try: os.fork()\n    except OSError: pass",
    "waits": "while True:\n    try:\n        if os.fork() == 0: time.sleep(60)\n    except OSError: time.sleep(0.01)",
    "threads": "while True:\n    try: threading.Thread(target=time.sleep, args=(60,)).start()\n    except RuntimeError: time.sleep(0.01)",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_fork_bomb_is_held_and_ended(bomb: str, isolating: Tier) -> None:
    code = f"import os, resource, threading, time\nresource.setrlimit(resource.RLIMIT_CPU, (3, 3))\n{BOMBS[bomb]}"
    with isolating.open() as workspace:
        outcome = workspace.run(python(code, limits=Limits(wall_seconds=2, processes=64)))
        assert outcome.status in ("timed_out", "too_many_processes", "signalled"), outcome
        assert workspace.run(python("print('goes on')")).output == b"goes on\n"


def test_memory_that_is_a_file_is_memory(isolating: Tier) -> None:
    code = (
        "import os, time\nfile = os.memfd_create('held')\n"
        "for _ in range(100):\n    os.write(file, bytes(16 << 20)); time.sleep(0.02)"
    )
    outcome = isolating.python(code, limits=Limits(wall_seconds=60, memory_bytes=256 << 20))
    assert outcome.status == "out_of_memory", outcome


def test_mapped_memory_that_is_a_file_counts_once(isolating: Tier) -> None:
    code = (
        "import mmap, os, time\nfile = os.memfd_create('held')\nos.truncate(file, 160 << 20)\n"
        "held = mmap.mmap(file, 160 << 20)\n"
        "for place in range(0, 160 << 20, 4096): held[place] = 1\ntime.sleep(1)\nprint('held')"
    )
    outcome = isolating.python(code, limits=Limits(wall_seconds=60, memory_bytes=256 << 20))
    assert (outcome.status, outcome.output) == ("exited", b"held\n"), outcome


@pytest.mark.parametrize("isolating", ["bubblewrap", "landlock"], indirect=True)
def test_disk_of_files_without_a_name_is_disk(isolating: Tier) -> None:
    code = (
        "import os, time\nheld = []\n"
        "for number in range(64):\n"
        "    held.append(open('gone', 'wb', buffering=0)); os.unlink('gone')\n"
        "    held[-1].write(bytes(16 << 20)); time.sleep(0.05)"
    )
    outcome = isolating.python(code, limits=Limits(wall_seconds=60, disk_bytes=256 << 20))
    assert outcome.status == "disk_full", outcome


def test_memory_is_watched_through_a_storm_of_ending_orphans(isolating: Tier) -> None:
    """18: each orphan's end wakes the supervisor, which must look at its clock all the same."""
    code = """
import os, time
if os.fork() == 0:
    while True:
        if os.fork() == 0:
            os.fork()
            os._exit(0)
        os.wait()
held = []
while True:
    held.append(b"x" * (16 << 20))
    time.sleep(0.05)
"""
    outcome = isolating.python(code, limits=Limits(wall_seconds=60, memory_bytes=256 << 20))
    assert outcome.status == "out_of_memory", outcome


def test_line_of_300_megabytes_ends_in_a_short_log(process_tier: Tier, tree: Tree) -> None:
    code = "import os\ndef test_it():\n    for _ in range(300): os.write(1, b'x' * (1 << 20))\n"
    memory = psutil.Process().memory_info().rss
    report = process_tier.test(tree({"test_it.py": code, "pytest.ini": "[pytest]\naddopts = -s\n"}))
    assert report.status == "passed", report
    assert Path(report.log).stat().st_size < 70 << 20
    assert psutil.Process().memory_info().rss - memory < 200 << 20


def test_daemon_that_hides_behind_many_forks_and_sessions_is_found(isolating: Tier) -> None:
    """20: each step gets a new session, ignores what it can, and closes what it holds."""
    mark = f"hidden-{isolating.name}-{os.getpid()}"
    code = f"""
import os, signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for _ in range(20):
    if os.fork(): os._exit(0)
    os.setsid()
os.closerange(0, 64)
os.execlp("sh", "sh", "-c", "sleep 300 # {mark}")
"""
    with isolating.open() as workspace:
        workspace.run(python(code))
        assert wait_until(lambda: not processes_with(f"# {mark}"), 5)


@pytest.mark.docker
def test_command_that_kills_its_wrapper_forges_no_exit_code(docker_tier: Tier) -> None:
    """16: the wrapper's mark is in its command line; its last word counts only if it came to say it."""
    code = r"""
import glob, os, time
for path in glob.glob("/proc/[0-9]*/cmdline"):
    words = open(path, "rb").read().split(b"\0")
    if b"/overhaul-tools/run_limited.sh" in words:
        mark = words[words.index(b"/overhaul-tools/run_limited.sh") + 1]
        os.write(1, b'\x1e' + mark + b' {"code": 0, "memory": 0}\x1e\n')
        os.kill(int(path.split("/")[2]), 9)
time.sleep(5)
"""
    outcome = docker_tier.python(code)
    assert (outcome.status, outcome.exit_code) == ("signalled", None), outcome


def test_nothing_leaves_by_the_machines_own_servers(isolating: Tier, tmp_path: Path) -> None:
    """21: a server of the machine's hears nothing, by any of its addresses, names or redirections of the loader."""
    heard: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    code = f"""
import socket, urllib.request
hosts = ["127.0.0.1", "127.1.2.3", "localhost", "0.0.0.0", "172.17.0.1", "host.docker.internal", "[::1]", "[::ffff:127.0.0.1]", {own_address()!r}]
for host in hosts:
    try: urllib.request.urlopen(f"http://{{host}}:{server.server_port}/canary", timeout=2)
    except OSError as error: print(host, type(error).__name__)
"""
    try:
        variables = {"http_proxy": "", "HTTP_PROXY": ""}
        outcome = isolating.python(code, environment=variables)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert outcome.exit_code == 0, outcome
    assert heard == []


def own_address() -> str:
    addresses = [
        each.address for found in psutil.net_if_addrs().values() for each in found if each.family == 2
    ]
    return next((address for address in addresses if not address.startswith("127.")), "127.0.0.1")


def test_no_secret_of_the_machine_is_in_what_a_command_can_read(
    isolating: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """22: environments of all processes, open descriptors, and the files of a home."""
    monkeypatch.setenv("HOST_TOKEN", "canary-7130")
    code = """
import glob, os
found = []
for pattern in ("/proc/[0-9]*/environ", "/proc/self/task/*/environ", "/proc/[0-9]*/cmdline", "/root/.*", "/home/*/.*", "/run/secrets/*"):
    for path in glob.glob(pattern):
        try: found.append((path, open(path, "rb").read()))
        except OSError: pass
print([path for path, data in found if b"canary-" + b"7130" in data])
print([number for number in range(3, 256) if os.path.exists(f"/proc/self/fd/{number}") and os.readlink(f"/proc/self/fd/{number}").startswith(("socket", "pipe"))])
"""
    outcome: Outcome = isolating.python(code)
    assert outcome.output.split(b"\n")[:2] == [b"[]", b"[]"], outcome
