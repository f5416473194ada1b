"""That every member which version 10 dropped is used by a test of the older APIs, and declared where it was there."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "compat"


def members():
    for line in (TESTS / "members.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            owner, versions, *names = line.split()
            for name in names:
                yield owner, versions, name


def test_each_member_is_used():
    text = "\n".join(p.read_text() for pattern in ("*_test.cc", "*_testing.h") for p in TESTS.glob(pattern))
    missing = [f"{owner}::{name}" for owner, _, name in members()
               if not re.search(rf"(->|\.|::|~|\s){name}\s*\(", text)]
    assert not missing, missing


def test_each_member_is_declared():
    shared = ROOT / "include" / "compat" / "shared"
    text = "\n".join(p.read_text() for p in shared.glob("*.h"))
    for owner, _, name in members():
        body = re.findall(rf"class (?:TENSORRTAPI )?{owner.split('::')[-1]}\b[^;{{]*{{(.*?)\n}};", text, re.S)
        # What a class inherits is in its base.
        assert any(re.search(rf"\b{name}\(", b) for b in body) or name == "setInput", (owner, name)
