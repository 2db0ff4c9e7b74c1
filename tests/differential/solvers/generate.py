"""Writes seeded pairs of policies as JSON lines `{"id", "a", "b"}`, one kind a run.

A side is a document, or a list of documents that all have to allow. Random pairs are nearly always
"not contained", so one side is made from the other by small changes, most of which are meant to
widen it.

usage: generate.py --kind operators|templates|splits|layered --count N [--seed N]
"""

import argparse
import copy
import json
import random

from policies import Generator
from vocabulary import (
    ACTION_COVERS,
    ACTION_PATTERNS,
    ACTIONS,
    ARN_OPERATORS,
    ARNS,
    DATES,
    KEYS,
    NARROWINGS,
    NUMBERS,
    RESOURCE_COVERS,
    RESOURCES,
    STRING_OPERATORS,
    STRINGS,
    VARIABLES,
)


def operators(generator):
    pool = generator.key_pool()
    return generator.pair(generator.policy(pool), pool)


# Templates.


def variable(generator):
    name = generator.pick(VARIABLES)
    move = generator.rng.random()
    if move < 0.15:
        return "${%s, '%s'}" % (name, generator.pick(["d", "a", "", "x/y", "*"]))
    if move < 0.18:
        return "${%s,d}" % name
    if move < 0.22:
        return generator.pick(["${*}", "${*}", "${?}", "${$}"])
    if move < 0.25:
        return "${aws:TagKeys, 'd'}"
    return "${%s}" % name


def template(generator):
    """A text of variables, wildcards beside them, and letters."""
    one = variable(generator)
    other = one if generator.chance(0.3) else variable(generator)
    shapes = [
        "{0}",
        "{0}/*",
        "{0}*",
        "?{0}",
        "{0}?",
        "*{0}",
        "*{0}*",
        "{0}{1}",
        "{0}-{1}",
        "{0}/{1}",
        "a{0}",
        "{0}/?*",
        "*/{0}",
        "{0}/a",
        "*{0}/*{1}",
        "?*{0}",
        "a*{0}b",
        "*",
        "?*",
        "alice/*",
        "{0}/*/c",
        "a?{0}*",
        "*a?{0}*",
    ]
    weights = [6 if it in ("{0}", "{0}/*") else 2 for it in shapes]
    return generator.rng.choices(shapes, weights)[0].format(one, other)


def resource_template(generator):
    heads = [
        "arn:aws:s3:::b/",
        "arn:aws:s3:::b/",
        "arn:aws:s3:::",
        "arn:aws:ec2:*:*:instance/",
        "arn:aws:s3:::b/home/",
        "arn:aws:sqs:us-east-?:1:",
        "arn:aws:sqs:*:",
    ]
    return generator.rng.choices(heads, (8, 4, 2, 1, 1, 1, 1))[0] + template(generator)


def condition_template(generator, statement):
    move = generator.rng.random()
    if move < 0.2:
        operator = generator.pick(ARN_OPERATORS)
        early = generator.chance(0.25)
        text = (
            "arn:aws:iam::%s:role/a" % variable(generator)
            if early
            else "arn:aws:iam::1:role/" + template(generator)
        )
        key = "aws:PrincipalArn"
    else:
        operator = generator.rng.choices(STRING_OPERATORS, (5, 3, 5, 3, 1, 1))[0]
        text = template(generator)
        key = generator.pick(["aws:RequestTag/team", "s3:prefix", "aws:PrincipalTag/team"])
        if generator.chance(0.12):
            key = "aws:TagKeys"
            operator = generator.pick(["ForAllValues:", "ForAnyValue:"]) + operator
    if generator.chance(0.12):
        operator += "IfExists"
    values = [text]
    if generator.chance(0.2):
        values.append(generator.pick([template(generator), "a", "d"]))
    generator.add_condition(statement, operator, key, generator.one_or_list(values))


def pin(generator, statement):
    """Says something about the value of a variable, or whether it has one."""
    key = generator.pick(
        ["aws:username", "aws:PrincipalTag/team", "aws:PrincipalTag/team", "aws:userid"]
    )
    operator, values = generator.pick(
        [
            ("StringEquals", ["a"]),
            ("StringEquals", ["a", "d"]),
            ("StringLike", ["a*"]),
            ("StringLike", ["?"]),
            ("StringLike", ["?*"]),
            ("StringNotLike", ["*/*"]),
            ("StringNotEquals", [""]),
            ("StringNotEquals", ["d"]),
            ("Null", ["false"]),
            ("Null", ["true"]),
        ]
    )
    generator.add_condition(statement, operator, key, generator.one_or_list(values))


def template_statement(generator, effect):
    statement = {
        "Effect": effect,
        "Action": generator.pick(["s3:GetObject", "s3:*", "*", ["s3:GetObject", "s3:PutObject"]]),
    }
    where = generator.rng.random()
    if where < 0.65:
        name = "NotResource" if generator.chance(0.1) else "Resource"
        texts = [
            resource_template(generator) for _ in range(generator.rng.choices((1, 2), (7, 2))[0])
        ]
        statement[name] = generator.one_or_list(texts)
    else:
        statement["Resource"] = generator.pick(["*", "arn:aws:s3:::b/*"])
    if where >= 0.5:
        condition_template(generator, statement)
    if generator.chance(0.3):
        pin(generator, statement)
    return statement


def replace_variable(generator, text):
    """Reads one variable as something else."""
    start = text.find("${")
    if start < 0:
        return generator.wider_pattern(text)
    if generator.chance(0.3):
        start = text.rfind("${")
    end = text.index("}", start) + 1
    new = generator.pick(
        [
            "*",
            "*",
            "*",
            "?*",
            "?",
            "a",
            "",
            text[start:end] + "*",
            "*" + text[start:end],
            text[start : end - 1].split(",")[0] + ", 'd'}",
        ]
    )
    return text[:start] + new + text[end:]


def templates(generator):
    statements = []
    for at in range(generator.rng.choices((1, 2, 3), (6, 4, 1))[0]):
        effect = "Deny" if at and generator.chance(0.4) else "Allow"
        statements.append(template_statement(generator, effect))
    first = generator.document(statements)
    second = copy.deepcopy(first)
    for _ in range(generator.rng.choices((1, 2, 3), (6, 3, 1))[0]):
        change_template(generator, second)
    return (first, second) if generator.chance(0.65) else (second, first)


def change_template(generator, document):
    statements = document["Statement"]
    statement = generator.pick(statements)
    move = generator.pick(
        ["variable", "variable", "value", "value", "pin", "drop", "add", "split", "respell"]
    )
    if move == "variable":
        generator.edit_texts(statement, "Resource", lambda text: replace_variable(generator, text))
    elif move == "value":
        for operator, key in generator.conditions_of(statement)[:1]:
            values = statement["Condition"][operator][key]
            if isinstance(values, str):
                statement["Condition"][operator][key] = replace_variable(generator, values)
    elif move == "pin":
        pin(generator, statement)
    elif move == "drop":
        generator.drop_condition(statement)
    elif move == "add":
        statements.append(template_statement(generator, "Allow"))
    elif move == "split":
        other = copy.deepcopy(statement)
        pin(generator, statement)
        pin(generator, other)
        statements.append(other)
    else:
        generator.respell(statement)


# Splits.


def condition_split(generator):
    """Conditions that together cover everything, or would if a part were not missing."""
    kind = generator.pick(
        ["string", "string", "strings", "number", "date", "address", "bool", "arn"]
    )
    key = generator.pick(KEYS[kind])
    missing = ("Null", key, "true")
    present = ("Null", key, "false")
    if generator.chance(0.15):
        return [missing, present]
    if kind == "string":
        values = generator.some(STRINGS)
        if generator.chance(0.4):
            return [("StringLike", key, it) for it in ("", "?", "??*")] + [missing]
        name = generator.pick(["Equals", "Like", "EqualsIgnoreCase"])
        return [("String" + name, key, values), ("StringNot" + name, key, values)]
    if kind == "strings":
        values = generator.some(STRINGS)
        name = generator.pick(["Equals", "Like", "EqualsIgnoreCase"])
        return generator.pick(
            [
                [
                    ("ForAllValues:String" + name, key, values),
                    ("ForAnyValue:StringNot" + name, key, values),
                ],
                [
                    ("ForAnyValue:String" + name, key, values),
                    ("ForAllValues:StringNot" + name, key, values),
                ],
                [
                    ("ForAllValues:String" + name, key, values),
                    ("ForAllValues:StringNot" + name, key, values),
                ],
                [("String" + name, key, values), ("StringNot" + name, key, values)],
            ]
        )
    if kind in ("number", "date"):
        prefix = "Numeric" if kind == "number" else "Date"
        point = generator.pick((NUMBERS if kind == "number" else DATES)[:-1])
        later = generator.pick((NUMBERS if kind == "number" else DATES)[:-1])
        return generator.pick(
            [
                [
                    (prefix + "LessThan", key, point),
                    (prefix + "GreaterThanEquals", key, point),
                    missing,
                ],
                [
                    (prefix + "LessThan", key, point),
                    (prefix + "GreaterThan", key, point),
                    (prefix + "Equals", key, point),
                    missing,
                ],
                [(prefix + "Equals", key, point), (prefix + "NotEquals", key, point)],
                [(prefix + "LessThanIfExists", key, later), (prefix + "GreaterThan", key, point)],
            ]
        )
    if kind == "address":
        return generator.pick(
            [
                [
                    ("IpAddress", key, "0.0.0.0/1"),
                    ("IpAddress", key, "128.0.0.0/1"),
                    ("IpAddress", key, "::/0"),
                    missing,
                ],
                [("IpAddress", key, "10.0.0.0/8"), ("NotIpAddress", key, "10.0.0.0/8")],
                [
                    ("IpAddress", key, ["10.0.0.0/9", "10.128.0.0/9"]),
                    ("NotIpAddress", key, "10.0.0.0/8"),
                ],
                [
                    ("IpAddress", key, "2001:db8::/32"),
                    ("NotIpAddress", key, ["2001:db8::/33", "2001:db8:8000::/33"]),
                ],
            ]
        )
    if kind == "bool":
        return [("Bool", key, "true"), ("BoolIfExists", key, generator.pick(["false", "no"]))]
    values = generator.some(ARNS[:-1])
    name = generator.pick(["Arn", "Arn", "String"])
    return [(f"{name}Like", key, values), (f"{name}NotLike", key, values)]


def split_once(generator, statement):
    """Several statements that together are one, or nearly."""
    move = generator.rng.random()
    if move < 0.2 or move < 0.4:
        name, covers = ("Resource", RESOURCE_COVERS) if move < 0.2 else ("Action", ACTION_COVERS)
        whole, parts = generator.pick(covers)
        statement.pop("Not" + name, None)
        statement[name] = whole
        if generator.chance(0.3):
            one = copy.deepcopy(statement)
            one[name] = parts
            return [one]
        return [{**copy.deepcopy(statement), name: it} for it in parts]
    if move < 0.5:
        name = generator.pick(["Action", "Resource"])
        if name in statement:
            texts = generator.some(ACTIONS + ACTION_PATTERNS if name == "Action" else RESOURCES)
            rest = copy.deepcopy(statement)
            del rest[name]
            rest["Not" + name] = texts
            covering = {**copy.deepcopy(statement), name: texts}
            statement[name] = "*"
            return [rest, covering]
    if move < 0.6:
        (whole, halves) = generator.pick(NARROWINGS["IpAddress"])
        key = generator.pick(KEYS["address"])
        parts = [copy.deepcopy(statement) for _ in halves]
        for part, half in zip(parts, halves):
            generator.add_condition(part, "IpAddress", key, half)
        generator.add_condition(statement, "IpAddress", key, whole)
        return parts
    parts = []
    for operator, key, values in condition_split(generator):
        part = copy.deepcopy(statement)
        generator.add_condition(part, operator, key, copy.deepcopy(values))
        parts.append(part)
    return parts


def splits(generator):
    pool = generator.key_pool()
    whole = generator.statement()
    if generator.chance(0.3):
        generator.condition(whole, pool)
    parts = split_once(generator, whole)
    if generator.chance(0.35):
        at = generator.rng.randrange(len(parts))
        inner = copy.deepcopy(parts[at])
        again = split_once(generator, inner)
        if inner == parts[at]:
            parts[at : at + 1] = again
    if generator.chance(0.5) and len(parts) > 1:
        parts.remove(generator.pick(parts))
    first = generator.document([whole])
    second = generator.document(parts)
    if generator.chance(0.25):
        # As what two denials leave.
        effect = {"Allow": "Deny", "Deny": "Allow"}
        flipped = [{**it, "Effect": effect[it["Effect"]]} for it in parts]
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        second = generator.document([everything, *flipped])
        if generator.chance(0.7):
            whole = {**whole, "Effect": "Deny"}
            first = generator.document([everything, whole])
            return (second, first) if generator.chance(0.7) else (first, second)
        first = generator.document([everything])
    if generator.chance(0.4):
        second = generator.changed(second, pool, generator.either)
    return (first, second) if generator.chance(0.7) else (second, first)


# Layers.


def broad(generator):
    return {
        "Action": generator.pick(["*", "s3:*", "s3:*"]),
        "Resource": generator.pick(["*", "*", "arn:aws:s3:::*"]),
    }


def layered(generator):
    pool = generator.key_pool()
    a = [generator.policy(pool, conditions=(0, 0, 1))]
    for _ in range(generator.pick([0, 1, 1, 2])):
        if generator.chance(0.6):
            a.append(generator.changed(generator.pick(a), pool, generator.either))
        else:
            a.append(generator.document([{"Effect": "Allow", **broad(generator)}]))
            generator.condition(a[-1]["Statement"][0], pool)
    b = []
    for layer in a:
        if generator.chance(0.75) or not b:
            change = generator.either if generator.chance(0.75) else lambda document, pool: None
            b.append(generator.changed(layer, pool, change))
    if generator.chance(0.25):
        b.append(generator.policy(pool, conditions=(0, 0, 1)))
    if generator.chance(0.2):
        # One layer more that says what the others say together, or half of it.
        b.append(
            generator.document([it for layer in b for it in copy.deepcopy(layer["Statement"])])
        )
    generator.rng.shuffle(b)
    b = b[:3]
    a, b = (a, b) if generator.chance(0.65) else (b, a)
    return tuple(it[0] if len(it) == 1 and generator.chance(0.5) else it for it in (a, b))


KINDS = {"operators": operators, "templates": templates, "splits": splits, "layered": layered}


def queries(kind, count, seed):
    """The queries of a kind; query n depends on the seed and n alone."""
    for at in range(count):
        a, b = KINDS[kind](Generator(random.Random(f"{kind} {seed} {at}")))
        yield {"id": f"{kind}-{seed}-{at}", "a": a, "b": b}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for query in queries(arguments.kind, arguments.count, arguments.seed):
        print(json.dumps(query))


if __name__ == "__main__":
    main()
