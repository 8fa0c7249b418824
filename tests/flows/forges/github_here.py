"""GitHub as tests have it: the emulator's state, GitHub's own description for requests, its schema for GraphQL.

What GitHub does and the emulator does not is done in front of it: a second open pull request of a branch is refused, a
wrong token is refused, GraphQL's two mutations of drafts change the emulator's state, and those of auto-merge and merge
queues, and the statuses of commits, are kept here; all repositories are the App's.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from graphql import DocumentNode, GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from tests.flows.forges.front import Front, Request, Response, passed_on, serving
from tests.flows.forges.npm import DESCRIPTION, EMULATOR, GRAPHQL_SCHEMA, installed, one_file

TOKEN = "token-of-octocat"
APP_TOKEN = "ghs_of-octocat"
HERE = Path(__file__).parent


class Description:
    """GitHub's own description of its API, against which requests are held."""

    def __init__(self) -> None:
        self._whole = json.loads(one_file(DESCRIPTION, "generated/api.github.com.json").read_bytes())
        resource = Resource.from_contents(self._whole, default_specification=DRAFT7)
        self._registry = Registry().with_resource("github:", resource)
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in self._whole["paths"]
        ]

    def faults(self, request: Request) -> list[str]:
        """What the request does that the description does not know."""
        path = request.path
        matching = [known for pattern, known in self._paths if pattern.fullmatch(path)]
        known = min(matching, key=lambda each: each.count("{"), default=None)
        operation = self._whole["paths"].get(known, {}).get(request.method.lower())
        if operation is None:
            return [f"{request.method} {path} is in no description"]
        return [*self._query_faults(request, operation), *self._body_faults(request, operation, known)]

    def _query_faults(self, request: Request, operation: dict[str, Any]) -> Iterator[str]:
        known = {}
        for given in operation.get("parameters", ()):
            parameter = self._found(given)
            if parameter["in"] == "query":
                known[parameter["name"]] = parameter["schema"]
        for name, value in parse_qsl(urlsplit(request.target).query):
            if name not in known:
                yield f"{request.method} {request.path} takes no {name}"
            elif "enum" in known[name] and value not in known[name]["enum"]:
                yield f"{request.method} {request.path}: {name} is not {value}"

    def _body_faults(self, request: Request, operation: dict[str, Any], known: str) -> Iterator[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if not request.body or "application/json" not in content:
            return
        properties = content["application/json"]["schema"].get("properties", {})
        if properties and isinstance(request.json, dict):
            for name in request.json.keys() - properties.keys():
                yield f"{request.method} {known} has no {name}"
        words = (
            "paths",
            known,
            request.method.lower(),
            "requestBody",
            "content",
            "application/json",
            "schema",
        )
        pointer = "/".join(word.replace("~", "~0").replace("/", "~1") for word in words)
        # Its words also allow labels as a bare list, which PyGithub sends.
        body = {"labels": request.json} if known.endswith("/labels") else request.json
        for fault in Draft7Validator({"$ref": f"github:#/{pointer}"}, registry=self._registry).iter_errors(
            body
        ):
            yield f"{request.method} {known}: {fault.message}"

    def _found(self, given: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in given:
            return given
        place: Any = self._whole
        for word in given["$ref"].removeprefix("#/").split("/"):
            place = place[word]
        return dict(place)


class GitHubHere:
    """The emulator and what stands in front of it. `faults` are what requests did wrong."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.faults: list[str] = []
        self.upstream = httpx.Client()
        self.app_key = _new_key()
        self.repositories: Path | None = None
        self.parents: dict[str, dict[str, Any]] = {}
        self.required: set[str] = set()
        self.queued: dict[str, list[str]] = {}
        self.passing: set[str] = set()
        self.merging: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, list[dict[str, Any]]] = {}

    @cached_property
    def schema(self) -> GraphQLSchema:
        """GitHub's own; the two assumptions are about rules that it breaks itself."""
        source = installed(GRAPHQL_SCHEMA) / "@octokit/graphql-schema/schema.graphql"
        return build_schema(source.read_text(), assume_valid=True, assume_valid_sdl=True)

    def answer(self, request: Request) -> Response:
        if request.headers.get("authorization", "").split()[-1:] != [TOKEN] and not self._is_of_app(request):
            return Response.of(401, {"message": "Bad credentials"})
        if request.path.endswith("/graphql"):
            return self._graphql(request)
        self.faults += self.description.faults(request)
        if request.path == "/installation/repositories":
            repositories = self.as_person("octocat", "GET", "/user/repos?per_page=100")
            listed = {"total_count": len(repositories), "repositories": repositories}
            return Response.of(200, listed)
        if status := re.fullmatch(
            r"(/repos/[^/]+/[^/]+)/(?:commits/(\w+)/status|statuses/(\w+))", request.path
        ):
            return self._status(status[1], status[2] or status[3], request)
        target = request.target
        if request.method == "POST" and request.path.endswith("/forks") and self.repositories:
            self._fork(request.path.removeprefix("/repos/").removesuffix("/forks"))
        if request.method == "POST" and target.endswith("/pulls") and self._has_open(target, request):
            return Response.of(
                422,
                {
                    "message": "Validation Failed",
                    "errors": [{"message": "A pull request already exists for octocat:branch."}],
                },
            )
        response = passed_on(self.upstream, request, target)
        if request.method == "GET" and re.fullmatch(r"/repos/[^/]+/[^/]+", request.path):
            response = self._with_rights(response)
        return self._with_merging(response)

    def _with_rights(self, response: Response) -> Response:
        """The answer about a repository: octocat may push to its own only, and what it has forked has a parent."""
        data = json.loads(response.body)
        if response.status != 200 or data["owner"]["login"] == "octocat":
            parent = self.parents.get(data.get("full_name", ""))
            return replace(response, body=json.dumps(data | ({"parent": parent} if parent else {})).encode())
        data["permissions"] |= {"push": False, "admin": False, "maintain": False}
        return replace(response, body=json.dumps(data).encode())

    def protect(self, path: str, *, queue: bool = False) -> None:
        """Require a check of what is merged into a repository, through a queue if it has one."""
        self.required.add(path)
        if queue:
            self.queued[path] = []

    def set_status(self, path: str, commit: str, name: str, state: str, said: str) -> dict[str, Any]:
        """Set the status of a commit in a repository, which is known by its path in the API."""
        made = {"context": name, "state": state, "description": said, "target_url": None}
        self.statuses.setdefault(f"{path}@{commit}", []).insert(0, made)
        return made

    def _status(self, path: str, commit: str, request: Request) -> Response:
        if request.method == "POST":
            given: Any = request.json
            made = self.set_status(
                path, commit, given["context"], given["state"], given.get("description", "")
            )
            made["target_url"] = given.get("target_url")
            return Response.of(201, made)
        last: dict[str, dict[str, Any]] = {}
        for each in self.statuses.get(f"{path}@{commit}", ()):
            last.setdefault(each["context"], each)
        return Response.of(200, {"sha": commit, "state": "pending", "statuses": list(last.values())})

    def _with_merging(self, response: Response) -> Response:
        """The answer with what the emulator does not know of pull requests."""
        if b'"node_id"' not in response.body or not self.merging:
            return response
        data = json.loads(response.body)
        for each in data if isinstance(data, list) else [data]:
            each["auto_merge"] = self.merging.get(each.get("node_id"))
        return replace(response, body=json.dumps(data).encode())

    def as_person(self, login: str, method: str, path: str, **data: Any) -> Any:
        """Do something as a person does."""
        answer = self.upstream.request(
            method, path, headers={"Authorization": f"Bearer token-of-{login}"}, json=data or None
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def _is_of_app(self, request: Request) -> bool:
        """Whether the emulator knows who asks: an App by its key, or an installation by its token."""
        token = request.headers.get("authorization", "").rpartition(" ")[2]
        is_about_app = request.path.startswith("/app") or request.path.endswith("/installation")
        return token.startswith("ghs_") or (is_about_app and token.count(".") == 2)

    def _fork(self, path: str) -> None:
        """Give octocat the git repository, too."""
        assert self.repositories is not None
        source, target = (
            self.repositories / f"{path}.git",
            self.repositories / f"octocat/{path.split('/')[1]}.git",
        )
        subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(target)], check=True)
        self.parents[f"octocat/{path.split('/')[1]}"] = self.as_person("octocat", "GET", f"/repos/{path}")

    def _has_open(self, target: str, request: Request) -> bool:
        pulls = self.as_person("octocat", "GET", f"{target}?state=open")
        return any(each["head"]["ref"] == dict(request.json)["head"] for each in pulls)  # type: ignore[call-overload]

    def _graphql(self, request: Request) -> Response:
        asked: Any = request.json
        document = parse(asked["query"])
        self.faults += [str(fault) for fault in validate(self.schema, document)]
        self.faults += variable_faults(self.schema, document, asked["variables"])
        mutation = re.search(r"\{ (\w+)\(input", asked["query"])
        if mutation is None:
            return self._merge_state(asked["variables"]["id"])
        if mutation[1] in {"enablePullRequestAutoMerge", "enqueuePullRequest"}:
            return self._have_merged(mutation[1], asked["variables"]["input"])
        is_draft = {"convertPullRequestToDraft": True, "markPullRequestReadyForReview": False}[mutation[1]]
        path = self._path_of(asked["variables"]["input"]["pullRequestId"])
        self.as_person("octocat", "PATCH", path, draft=is_draft)
        return Response.of(200, {"data": {mutation[1]: {"pullRequest": {"isDraft": is_draft}}}})

    def _merge_state(self, node: str) -> Response:
        repository = self.repository_of(node)
        state = {
            "__typename": "PullRequest", "isMergeQueueEnabled": repository in self.queued,
            "isInMergeQueue": node in self.queued.get(repository, ()),
        }  # fmt: skip
        return Response.of(200, {"data": {"node": state}})

    def _have_merged(self, name: str, given: dict[str, str]) -> Response:
        node = given["pullRequestId"]
        repository = self.repository_of(node)
        pull = self.as_person("octocat", "GET", self._path_of(node))
        if pull["draft"]:
            return _refused("Pull request is in draft state")
        if pull["head"]["sha"] != given["expectedHeadOid"]:
            return _refused("Head sha didn't match expected head")
        if name == "enqueuePullRequest":
            if repository not in self.passing:
                return _refused("Pull request is not mergeable: required status checks are expected")
            self.queued[repository].append(node)
            return Response.of(200, {"data": {name: {"mergeQueueEntry": {"position": 1}}}})
        if repository not in self.required:
            return _refused("Pull request is in clean status")
        self.merging[node] = {"merge_method": given["mergeMethod"].lower()}
        return Response.of(200, {"data": {name: {"pullRequest": {"autoMergeRequest": {"enabledAt": "now"}}}}})

    def repository_of(self, node: str) -> str:
        return self._path_of(node).removeprefix("/repos/").rpartition("/pulls/")[0]

    def _path_of(self, node_id: str) -> str:
        for repository in self.as_person("octocat", "GET", "/user/repos?per_page=100"):
            path = f"/repos/{repository['full_name']}/pulls"
            for pull in self.as_person("octocat", "GET", f"{path}?state=all"):
                if pull["node_id"] == node_id:
                    return f"{path}/{pull['number']}"
        raise AssertionError(node_id)


def variable_faults(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> list[str]:
    """What the variables of a request are not, by the schema."""
    (operation,) = document.definitions
    coerced = get_variable_values(schema, operation.variable_definitions, variables)  # type: ignore[attr-defined]
    return [str(fault) for fault in coerced] if isinstance(coerced, list) else []


def _new_key() -> str:
    """A private key of an App, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    written = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return key.private_bytes(*written).decode()


def _refused(message: str) -> Response:
    return Response.of(200, {"data": None, "errors": [{"type": "UNPROCESSABLE", "message": message}]})


@contextmanager
def github_here(repositories: Path | None = None) -> Iterator[tuple[GitHubHere, Front]]:
    """The emulator, started and ended; git repositories of a folder beside it, if one is given."""
    here = GitHubHere(Description())
    here.repositories = repositories
    front = Front(here.answer, repositories, f"x-access-token:{TOKEN}")
    with serving(front):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            ["node", str(HERE / "github_emulator.mjs"), str(installed(EMULATOR)), front.url, str(port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "APP_KEY": here.app_key},
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        here.upstream.base_url = f"http://127.0.0.1:{port}"
        try:
            yield here, front
        finally:
            here.upstream.close()
            process.stdin.close()
            process.wait(10)
            process.stdout.close()
