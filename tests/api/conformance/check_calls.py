# SPDX-License-Identifier: Apache-2.0
"""Checks that the API's tests call every method that the public headers define, by their coverage counters (gcov).

Methods of classes that the library implements are inline in the headers, so a counter in the tests' own objects tells of
each call. Interfaces have no body there: of those that programs implement, the tests' implementations must have run, and
those that the library implements must be called by name in the tests' text.
not_called.txt lists what no test calls, with the reason.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def gcov(tool, files, folder):
    """What gcov says of each source of these .gcda or .gcno files."""
    out = subprocess.run(
        [tool, "--json-format", "--stdout", *map(str, files)], cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ).stdout
    for line in out.splitlines():
        if line.strip():
            yield from json.loads(line)["files"]


def is_public_header(path):
    return re.search(r"(^|/)include/(impl/)?Nv\w+\.h$", path) is not None and "/compat/" not in path


def interface_methods(slots):
    """Class::method of the interfaces that programs implement, and the class's bases, from vtable_slots.txt."""
    current = None
    for line in slots.read_text().splitlines():
        if m := re.match(r"class (\S+)( : (\S+))?", line):
            current = m[1]
        elif (m := re.match(r"\d+ (\w+) :", line)) and current and "apiv::" not in current:
            yield f"{current}::{m[1]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gcov", default="gcov")
    parser.add_argument("--headers", required=True, type=pathlib.Path, help="an object that keeps all inline functions")
    parser.add_argument("--slots", required=True, type=pathlib.Path)
    parser.add_argument("--exceptions", required=True, type=pathlib.Path)
    parser.add_argument("programs", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    if not shutil.which(args.gcov):
        print(f"skipped: no {args.gcov}")
        return 77
    # Their results are not to be counted a second time.
    environment = {k: v for k, v in os.environ.items() if k != "GTEST_OUTPUT"}
    wanted, called, overridden = set(), set(), set()
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        for source in gcov(args.gcov, [args.headers.resolve().with_suffix(".gcno")], temp):
            if is_public_header(source["file"]):
                wanted |= {f["demangled_name"] for f in source["functions"]}
        for program in map(pathlib.Path.resolve, args.programs):
            subprocess.run([program, "--gtest_brief=1"], env={**environment, "GCOV_PREFIX": str(temp)}, check=True, stdout=subprocess.DEVNULL)
        counters = list(temp.rglob("*.gcda"))
        for c in counters:
            shutil.copy("/" / c.relative_to(temp).with_suffix(".gcno"), c.with_suffix(".gcno"))
        for source in gcov(args.gcov, counters, temp):
            for f in source["functions"]:
                if f["execution_count"]:
                    name = f["demangled_name"].replace("(anonymous namespace)", "unnamed")
                    (called if is_public_header(source["file"]) else overridden).add(name)
    wanted = {w for w in wanted if not re.search(r"::~|operator|\(anonymous namespace\)|nvinfer1::impl::", w)}
    text = "".join(f.read_text() for f in pathlib.Path(__file__).parent.parent.rglob("*.[ch]*") if f.suffix in (".cc", ".h"))
    names = set(re.findall(r"(?:->|\.)(\w+)\(", text))
    # The last name before the last list of parameters.
    names |= {m[1] for c in overridden if (m := re.search(r"(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)(?: const)?$", c))}
    plain = {re.sub(r"\(.*", "", w) for w in wanted}
    interfaces = set(interface_methods(args.slots))

    def reached(name):
        method = re.sub(r"\(.*", "", name)
        return name in called or (method in interfaces and method.rsplit("::", 1)[-1] in names)

    missing = sorted(w for w in wanted if not reached(w))
    for method in sorted(interfaces):
        if method not in plain and method.rsplit("::", 1)[-1] not in names:
            missing.append(method)
    excused = {}
    for line in args.exceptions.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition("  # ")
            excused[name.strip()] = reason
    for name in sorted(set(missing) - set(excused)):
        print(f"no test calls {name}")
    for name in sorted(set(excused) - set(missing)):
        print(f"{args.exceptions.name} lists {name}, which is called or does not exist")
    for name, reason in excused.items():
        if not reason:
            print(f"{args.exceptions.name} gives no reason for {name}")
    print(f"{len(wanted)} methods in the headers, {len(missing)} not called, {len(excused)} of them excused")
    return 1 if set(missing) != set(excused) else 0


if __name__ == "__main__":
    sys.exit(main())
