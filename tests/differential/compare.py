"""Compares the verdicts of two evaluators and explains where they differ. Standard library only.

usage: compare.py CASES OURS PEERS [--without FILE]
       compare.py CASES OURS PEERS --retried OURS2 PEERS2

CASES is in the format of testdata/evaluate/FORMAT.md; OURS and PEERS hold one verdict a line,
`{"id": …, "decision": …}`. The first form lists the differences and writes, for each, the case
again without one feature that the evaluators are known to treat differently, once per feature
that it has (`ID#FEATURE`), and without all of them (`ID#all`). Let both evaluators decide that
file, and the second form tells which feature makes the difference: the one without which it is
gone. What is left has to be understood by reading it.

A feature is named after the rule that this project follows there, as in `src/evaluate`.
Exit code: 0 when every difference is explained, else 1.
"""

import argparse
import collections
import copy
import ipaddress
import json
import re
import sys
import time

LISTS = ("identityPolicies", "permissionsBoundaries", "sessionPolicies", "vpcEndpointPolicies")
RCP_SERVICES = {"s3", "sts", "sqs", "kms", "secretsmanager", "dynamodb", "logs"}


def many(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def documents(case):
    for name in LISTS:
        yield from many(case.get(name))
    for name in ("scps", "rcps"):
        for level in case.get(name) or []:
            yield from level["policies"]
    if case.get("resourcePolicy"):
        yield case["resourcePolicy"]


def statements(case):
    for document in documents(case):
        yield from many(document["Statement"])


def conditions(case):
    """Every (block of one operator, operator, key)."""
    for statement in statements(case):
        for operator, block in statement.get("Condition", {}).items():
            for key in list(block):
                yield block, operator, key


def edit_values(case, edit, operators="", drop=False):
    """Edits each value of conditions whose operator matches; `edit` returns None to leave it."""
    for block, operator, key in conditions(case):
        if not re.search(operators, operator, re.I):
            continue
        values = many(block[key])
        edited = [edit(operator, key, value) for value in values]
        if any(it is not None for it in edited):
            if drop:
                del block[key]
            else:
                block[key] = [new if new is not None else old for new, old in zip(edited, values)]


def edit_resources(case, edit, names=("Resource", "NotResource")):
    for statement in statements(case):
        for name in names:
            if name in statement:
                texts = many(statement[name])
                edited = [edit(text) for text in texts]
                if any(it is not None for it in edited):
                    statement[name] = [
                        new if new is not None else old for new, old in zip(edited, texts)
                    ]


def value_of(case, variable):
    key = variable.split(",")[0].strip().lower()
    context = case["request"].get("context", {})
    return {name.lower(): value for name, value in context.items()}.get(key)


def variables(text):
    return re.findall(r"\$\{([^}]*)\}", str(text))


def is_account(case):
    return str(case["request"]["principal"]).startswith("arn:")


# One feature each: takes it out of the case, in place, and touches as little else as it can, so that
# no other difference goes with it. A case that changes has the feature.


def literal_variables(case):
    for document in documents(case):
        if "${" in json.dumps(document) and document.get("Version") != "2012-10-17":
            document["Version"] = "2012-10-17"


def escapes(case):
    edit_values(
        case,
        lambda operator, key, value: re.sub(r"\$\{([*?$])\}", r"\1", str(value))
        if re.search(r"\$\{[*?$]\}", str(value))
        else None,
        "^(For.*:)?String(Not)?Equals",
    )


def negated_without_value(case):
    def edit(operator, key, value):
        empty = [it for it in variables(value) if value_of(case, it) in (None, "")]
        return "" if empty and "," not in str(value) else None

    edit_values(case, edit, "Not", drop=True)


def multivalued_variables(case):
    def lists(text):
        return any(isinstance(value_of(case, it), list) for it in variables(text))

    edit_values(case, lambda operator, key, value: "" if lists(value) else None, drop=True)
    edit_resources(case, lambda text: "arn:aws:no:::no" if lists(text) else None)


def whole_family(case):
    def edit(operator, key, value):
        return "x" if re.match(r"^(0\.0\.0\.0|::)/0$", str(value)) else None

    for block, operator, key in conditions(case):
        if any(edit(operator, key, value) for value in many(block[key])):
            halves = {"0.0.0.0/0": ["0.0.0.0/1", "128.0.0.0/1"], "::/0": ["::/1", "8000::/1"]}
            block[key] = [half for it in many(block[key]) for half in halves.get(it, [it])]


def spelt_addresses(case):
    def edit(operator, key, value):
        try:
            network = str(ipaddress.ip_network(value))
        except ValueError:
            return "203.0.113.77/32"
        return network if network != value else None

    edit_values(case, edit, "IpAddress")


def epoch_dates(case):
    def edit(operator, key, value):
        if re.match(r"^\d{5,}$", str(value)):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(value)))
        return None

    edit_values(case, edit, "Date")


def pattern_in_request(case):
    resource = case["request"]["resource"]
    if len(resource) > 1 and re.search(r"[*?]", resource):
        case["request"]["resource"] = re.sub(r"[*?]", "x", resource)


def session_policies_under_grants(case):
    if case.get("sessionPolicies") and case.get("resourcePolicy"):
        case["sessionPolicies"] = [full()]


def full():
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def federated_without_session_policy(case):
    if ":federated-user/" in str(case["request"]["principal"]) and not case.get("sessionPolicies"):
        case["sessionPolicies"] = [full()]


def policies_of_callers_without_account(case):
    if not is_account(case):
        for name in ("scps", "identityPolicies"):
            case[name] = []
        case["permissionsBoundaries"] = None


def not_resource_without_value(case):
    def edit(text):
        empty = [it for it in variables(text) if value_of(case, it) in (None, "")]
        return "arn:aws:no:::no" if empty and not any("," in it for it in empty) else None

    edit_resources(case, edit, ("NotResource",))


def empty_values(case):
    context = case["request"]["context"]
    texts = json.dumps(list(documents(case))).lower()
    for key in [key for key, value in context.items() if value == ""]:
        if "${" + key.lower() in texts:
            del context[key]


def rcps_of_other_services(case):
    if case["request"]["action"].split(":")[0] not in RCP_SERVICES:
        case["rcps"] = []


def early_star(case):
    def edit(text):
        head = text.split(":")[:5]
        return "arn:aws:no:::no" if any(re.search(r"[*?].|\?", part) for part in head) else None

    edit_resources(case, edit)


FEATURES = {
    "V1": literal_variables,
    "V7": escapes,
    "V6": negated_without_value,
    "V8": multivalued_variables,
    "V13": empty_values,
    "Q4": not_resource_without_value,
    "R6": early_star,
    "R14": pattern_in_request,
    "C12": epoch_dates,
    "C17": whole_family,
    "C18": spelt_addresses,
    "E5": federated_without_session_policy,
    "E8": session_policies_under_grants,
    "X5": policies_of_callers_without_account,
    "O14": rcps_of_other_services,
}


def variants(case):
    """The case without each feature that it has, and without all."""
    everything = copy.deepcopy(case)
    for name, take_out in FEATURES.items():
        one = copy.deepcopy(case)
        take_out(one)
        if one != case:
            one["id"] = f"{case['id']}#{name}"
            yield one
        take_out(everything)
    if everything != case:
        everything["id"] = f"{case['id']}#all"
        yield everything


def verdicts(name):
    with open(name, encoding="utf-8") as lines:
        return {it["id"]: it["decision"] for it in map(json.loads, lines)}


def differences(arguments):
    ours, peers = verdicts(arguments.ours), verdicts(arguments.peers)
    count = 0
    found = []
    with open(arguments.cases, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            one, other = ours[case["id"]], peers[case["id"]]
            count += 1
            if one != other:
                found.append((case, one, other))
    return count, found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("ours")
    parser.add_argument("peers")
    parser.add_argument("--without")
    parser.add_argument("--retried", nargs=2)
    arguments = parser.parse_args()
    count, found = differences(arguments)
    print(f"{count} cases, {len(found)} differences")
    if arguments.without:
        with open(arguments.without, "w", encoding="utf-8") as out:
            for case, _, _ in found:
                for one in variants(case):
                    out.write(json.dumps(one, ensure_ascii=False) + "\n")
    if not arguments.retried:
        return 1 if found else 0
    ours, peers = (verdicts(name) for name in arguments.retried)
    groups = collections.defaultdict(list)
    for case, one, other in found:
        names = [name for name in [*FEATURES, "all"] if f"{case['id']}#{name}" in ours]
        agree = [
            name
            for name in names
            if ours[f"{case['id']}#{name}"] == peers[f"{case['id']}#{name}"]
        ]
        single = [name for name in agree if name != "all"]
        if single:
            group = single[0] if len(single) == 1 else " or ".join(single)
        elif agree:
            group = " and ".join(name for name in names if name != "all")
        else:
            group = "unexplained"
        groups[group].append((case["id"], one, other))
    for group, members in sorted(groups.items(), key=lambda it: -len(it[1])):
        kinds = collections.Counter((one, other) for _, one, other in members)
        print(f"{len(members):7} {group:24} such as {members[0][0]}")
        for (one, other), number in kinds.most_common():
            print(f"{number:15} {one} here, {other} there")
    return 1 if groups["unexplained"] else 0


sys.exit(main())
