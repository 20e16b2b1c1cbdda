"""The gates themselves: each says no where it should, and nothing that was not judged counts as passed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.db.models import CharField, TextChoices

from config.testing.coverage_floors import WHOLE, find_breaches
from config.testing.gates import __main__ as gates
from config.testing.gates import catalogue, maintainability, secrets_left
from config.testing.gates.catalogue import ROOT, Gate

pytestmark = pytest.mark.any_database

RULES = sorted((ROOT / catalogue.RULES).glob("*.yaml"))


def ran(*code: str) -> gates.Judged:
    """Return what comes of a gate that is this Python program."""
    return gates.judge(Gate("tried", ("python", "-c", "\n".join(code))))


def test_a_gate_that_fails_stands_in_the_way() -> None:
    judged = ran("print('the fault')", "raise SystemExit(3)")
    assert (judged.failed, "FAILED" in str(judged), "the fault" in str(judged)) == (True, True, True)


def test_a_gate_without_its_program_has_failed() -> None:
    assert gates.judge(Gate("missing", ("no-such-program",))).failed


def test_a_gate_that_could_not_judge_is_no_pass_and_is_named() -> None:
    judged = ran("print('nobody answered')", "raise SystemExit(77)")
    told = gates.closing_line([judged, ran("pass")], 1.0)
    assert not judged.failed
    assert "nobody answered" in str(judged)
    assert told == "1 of 2 gates passed in 1 s; not judged here: tried"


def test_an_unknown_gate_is_refused() -> None:
    with pytest.raises(SystemExit):
        gates.main(["lnit"])


def audited(**environment: str) -> subprocess.CompletedProcess[str]:
    """Return what the audit of the pins says in this environment."""
    command = [sys.executable, "-m", "config.testing.gates.advisories"]
    own = {"PATH": os.defpath, **environment}
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("required", "status"), [("", 77), ("1", 1)])
def test_pins_that_nobody_could_audit_do_not_pass(required: str, status: int) -> None:
    done = audited(AUDIT_OSV_URL="http://127.0.0.1:9/", AUDIT_REQUIRED=required)
    assert (done.returncode, "NOT AUDITED" in done.stdout) == (status, True), done.stderr


@contextmanager
def database_of(*vulnerable: tuple[str, str]) -> Iterator[str]:
    """Yield the address of a database that knows of these releases and no others, as OSV answers."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            known = {"id": "PLANTED-1", "summary": "Planted.", "affected": [{"package": asked["package"]}]}
            found = {"vulns": [known]} if (name, asked["version"]) in vulnerable else {}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


PROBE = ("django", "4.2.1")
PINNED = ("cryptography", re.findall(r"(?m)^cryptography==(\S+)", (ROOT / "requirements.txt").read_text())[0])


@pytest.mark.parametrize(
    ("vulnerable", "status"),
    [([PROBE], 0), ([PROBE, PINNED], 1), ([], 77)],
    ids=["none of ours", "one of ours", "a database that knows nothing"],
)
def test_pins_are_judged_by_a_database_that_knows_what_is_known(vulnerable: list[tuple[str, str]], status: int) -> None:
    with database_of(*vulnerable) as url:
        done = audited(AUDIT_OSV_URL=url)
    assert done.returncode == status, done.stdout + done.stderr
    assert ("PLANTED-1" in done.stdout) == (status == 1)


def test_a_function_of_many_branches_is_found(tmp_path: Path) -> None:
    branches = "\n".join(f"    if a == {number}: return {number}" for number in range(11))
    path = tmp_path / "tangled.py"
    path.write_text(f"def choose(a):\n{branches}\n")
    assert list(maintainability.find_breaches(path)) == [f"{path}:1 choose: complexity 12 > 10"]


def test_a_function_of_many_branches_is_found_within_another(tmp_path: Path) -> None:
    branches = "\n".join(f"        if a == {number}: return {number}" for number in range(11))
    path = tmp_path / "tangled.py"
    path.write_text(f"def choosing():\n    def choose(a):\n{branches}\n    return choose\n")
    assert list(maintainability.find_breaches(path)) == [f"{path}:2 choose: complexity 12 > 10"]


def test_a_secret_that_nobody_has_looked_at_is_found(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text('API_KEY = "' + "9f2c1d77aa0b4e52" + 'b1b6c3"  # pragma: allowlist secret\n')
    found, _ = secrets_left.find_differences([str(path)])
    assert [line.rpartition(":")[2] for line in found] == ["1 Hex High Entropy String", "1 Secret Keyword"]


def test_what_the_baseline_holds_and_no_file_does_is_found() -> None:
    known = json.loads(secrets_left.BASELINE.read_text())["results"]
    name = min(known)
    gone = secrets_left.find_differences([one for one in known if one != name])[1]
    assert set(gone) >= {f"{name} {noted['type']}" for noted in known[name]}


def test_a_secret_scan_of_nothing_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.setattr(secrets_left, "ROOT", tmp_path)
    with pytest.raises(LookupError, match="lists no file"):
        secrets_left.list_files()


def test_everything_in_the_baseline_was_looked_at() -> None:
    results = json.loads(secrets_left.BASELINE.read_text())["results"]
    assert {noted.get("is_secret") for secrets in results.values() for noted in secrets} == {False}


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_each_rule_has_examples_that_it_finds_and_others_that_it_leaves_alone(path: Path) -> None:
    examples = path.with_suffix(".py").read_text()
    for rule in yaml.safe_load(path.read_text())["rules"]:
        assert f"# ruleid: {rule['id']}\n" in examples
        assert f"# ok: {rule['id']}\n" in examples


def models() -> list[Any]:
    """Return the models of the house."""
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in catalogue.PACKAGES]


def choices() -> set[str]:
    """Return the values of every enum of texts that a model of ours or its module knows."""
    holders = [*models(), *(sys.modules[model.__module__] for model in models())]
    return {value for holder in holders for item in vars(holder).values() for value in values_of(item)}


def values_of(item: object) -> list[str]:
    """Return the values of an enum of texts, nothing for anything else."""
    return list(item.values) if isinstance(item, type) and issubclass(item, TextChoices) else []


def loose(metavariable: str) -> re.Pattern[str]:
    """Return what the rule about loose strings looks for in the place of a metavariable."""
    (rule,) = yaml.safe_load((ROOT / catalogue.RULES / "loose-enum-string.yaml").read_text())["rules"]
    patterns = [one["metavariable-regex"] for one in rule["patterns"] if "metavariable-regex" in one]
    (known,) = [re.compile(one["regex"]) for one in patterns if one["metavariable"] == metavariable]
    return known


def test_the_rule_about_loose_strings_knows_every_enum() -> None:
    assert choices() >= {"queued", "api", "refused", "retired"}
    assert {value for value in choices() if value and not loose("$VALUE").match(value)} == set()


def test_the_rule_about_loose_strings_knows_every_field_of_an_enum() -> None:
    texts = [field for model in models() for field in model._meta.fields if isinstance(field, CharField)]
    names = {field.name for field in texts if field.choices}
    assert names >= {"status", "door", "outcome"}
    assert {name for name in names if not loose("$FIELD").match(name)} == set()


def test_every_hook_names_a_quick_gate() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    asked = {hook["entry"].rpartition(" ")[2] for hook in hooks}
    assert asked == {gate.name for gate in catalogue.GATES if gate.quick}


def report_of(tmp_path: Path, *, percent: float, **missing: list[object]) -> Path:
    """Return a report in which every file of the law is covered but for what is missing from the last one."""
    whole: dict[str, list[object]] = {"missing_lines": [], "missing_branches": []}
    files = {pattern.replace("*", "any"): dict(whole) for pattern in WHOLE}
    files["vault/any.py"] |= missing
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"totals": {"percent_covered": percent}, "files": files}))
    return path


def test_tests_that_reach_everything_pass_the_floors(tmp_path: Path) -> None:
    assert find_breaches(report_of(tmp_path, percent=95.0)) == []


def test_a_branch_that_no_test_takes_is_named_where_it_decides_who_gets_in(tmp_path: Path) -> None:
    report = report_of(tmp_path, percent=94.9, missing_branches=[[3, 7]])
    assert find_breaches(report) == [
        "all together: 94.90 % < 95 %",
        "vault/any.py: not reached: branch 3->7",
    ]


def test_every_file_of_the_floors_exists() -> None:
    assert [pattern for pattern in WHOLE if not list(ROOT.glob(pattern))] == []
