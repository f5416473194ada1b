#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes abi_slots_test.cc from vtable_slots.txt and enum_values.txt.

usage: generate_abi_test.py vtable_slots.txt enum_values.txt OUTPUT.cc
"""

import sys


def blocks(path, keyword):
    """Yields (head without the keyword, body lines) of each block that starts with the keyword."""
    head, body = None, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith(keyword + " "):
                if head is not None:
                    yield head, body
                head, body = line[len(keyword) + 1 :], []
            elif head is None:
                raise SystemExit(f"{path}: a line before the first `{keyword}`: {line}")
            else:
                body.append(line)
    if head is not None:
        yield head, body


def split_namespace(qualified):
    """The namespace to open (nvinfer1 or nvonnxparser) and the name as seen from inside it."""
    namespace, name = qualified.split("::", 1)
    return namespace, name


def class_test(head, body):
    name, _, base = head.partition(" : ")
    namespace, name = split_namespace(name)
    test = head.partition(" : ")[0].replace("::", "_")
    out = [f"namespace {namespace} {{"]
    slots = int(body[0].split()[1])
    out.append(f"struct Probe_{test} : {name} {{ virtual void abiProbe(); }};")
    out.append(f"TEST(AbiSlots, {test}) {{")
    for line in body[1:]:
        slot, method, _, signature = line.split(" ", 3)
        result, rest = signature.split("(", 1)
        out.append(f"    expectSlot<{result.strip()} ({name}::*)({rest}>(&{name}::{method}, {slot}, \"{method}\");")
    out.append(f"    expectSlot(&Probe_{test}::abiProbe, {slots}, \"(end of the table)\");")
    if base:
        namespaced = base if "::" in base or not name.startswith("apiv::") else "apiv::" + base
        out.append(f"    EXPECT_TRUE((std::is_base_of<{namespaced}, {name}>::value));")
    out.append("}")
    out.append(f"}}  // namespace {namespace}")
    return out


def enum_test(head, body):
    name, _, rest = head.partition(" : ")
    underlying, _, count = rest.partition(", ")
    namespace, short = split_namespace(name)
    out = [f"namespace {namespace} {{", f"TEST(AbiEnums, {name.replace('::', '_')}) {{"]
    out.append(f"    EXPECT_TRUE((std::is_same<std::underlying_type<{short}>::type, {underlying}>::value));")
    for line in body:
        enumerator, value = line.split(" = ")
        out.append(f"    EXPECT_EQ(static_cast<int64_t>({short}::{enumerator}), {value}) << \"{enumerator}\";")
    if count != "-":
        out.append(f"    EXPECT_EQ(EnumMax<{short}>(), {count});")
    out += ["}", f"}}  // namespace {namespace}"]
    return out


def main():
    slots, enums, output = sys.argv[1:4]
    out = ["// Written by generate_abi_test.py.", '#include "abi_slots.h"']
    for head, body in blocks(slots, "class"):
        out += class_test(head, body)
    for head, body in blocks(enums, "enum"):
        out += enum_test(head, body)
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
