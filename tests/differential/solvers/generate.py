"""Writes seeded pairs of policies as JSON lines `{"id", "a", "b"}`, one kind a run.

A side is a document, or a list of documents that all have to allow. Random pairs are nearly always
"not contained", so one side is made from the other by small changes, most of which are meant to
widen it. The pools of names are small on purpose: parts have to meet to make a difference. All
texts are ASCII.

usage: generate.py --kind operators|templates|splits|layered --count N [--seed N]
"""

import argparse
import copy
import json
import random

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:GetObjectTagging", "s3:ListBucket", "ec2:RunInstances"]
ACTION_PATTERNS = ["s3:Get*", "s3:*", "s3:GetObject*", "s3:GetObjec?", "S3:getobject", "s3:?*", "*", "ec2:*", "s3:*Object", "s3:*t*"]
RESOURCES = [
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::b/??*",
    "arn:aws:s3:::b/",
    "arn:aws:s3:::b",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/*a*",
    "arn:aws:s3:::b/*/c",
    "arn:aws:*:::b/*",
    "arn:aws:s3*",
    "arn:aws:ec2:*:111122223333:instance/*",
    "arn:aws:ec2:us-*:111122223333:instance/i",
    "arn:aws:ec2:us-east-?:*:instance/*",
    "arn:aws:ec2:*",
    "arn:*:s3:::b/*",
    "arn:aws:s3",
    "*",
    "*",
]

STRINGS = ["a", "b", "ab", "A", "aB", "k", "", "a:b", "a/b", "true", "dev", "prod"]
PATTERNS = ["a*", "*", "?*", "*b", "a?", "?", "*a*", "a*b", "??", "dev*", "a/*", "*/b", "p*d", ""]
NUMBERS = ["0", "1", "5", "10", "10.0", "5.5", "-1", "100", "1e1", "07", "+5", "x"]
DATES = ["2030-01-01", "2030-01-01T00:00:00Z", "1893456000", "2031-06-15T12:00:00+02:00", "2029-12-31T23:59:59.999Z", "2035-01-01", "soon"]
NETWORKS = ["10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.2.3", "10.1.2.3/24", "192.0.2.0/24", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "2001:db8::/32", "2001:db8::/33", "2001:db8:8000::/33", "2001:db8::5/64", "::/0", "::ffff:10.0.0.0/104", "010.0.0.0/08", "nowhere"]
ARNS = [
    "arn:aws:iam::111122223333:role/a",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:*",
    "arn:aws:iam::*:role/a*",
    "arn:aws:iam::1111*:role/?",
    "arn:*:iam::111122223333:role/*",
    "arn:aws:*:*:*:*",
    "arn:aws:sns:us-*-1:111122223333:t",
    "arn:aws:sns:*:111122223333:t:*",
    "arn:*",
    "*",
    "role/a",
]
TRUTHS = ["true", "false", "True", "FALSE", "yes", ""]
BINARY = ["YQ==", "YWI=", "YR==", "?"]

# Keys by the type of their values, as the catalog declares them.
KEYS = {
    "string": ["aws:PrincipalTag/team", "aws:RequestTag/team", "aws:username", "s3:prefix", "aws:userid", "made:Up"],
    "strings": ["aws:TagKeys", "aws:CalledVia", "aws:PrincipalOrgPaths", "dynamodb:LeadingKeys"],
    "number": ["aws:MultiFactorAuthAge", "s3:max-keys"],
    "date": ["aws:CurrentTime", "aws:TokenIssueTime"],
    "address": ["aws:SourceIp", "aws:VpcSourceIp"],
    "bool": ["aws:SecureTransport", "aws:MultiFactorAuthPresent"],
    "arn": ["aws:PrincipalArn", "aws:SourceArn"],
}
STRING_OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
ARN_OPERATORS = ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"]
_COMPARISONS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
OPERATORS = {
    "string": STRING_OPERATORS,
    "strings": STRING_OPERATORS,
    "number": ["Numeric" + it for it in _COMPARISONS],
    "date": ["Date" + it for it in _COMPARISONS],
    "address": ["IpAddress", "NotIpAddress"],
    "bool": ["Bool"],
    "arn": [*ARN_OPERATORS, *ARN_OPERATORS, "StringLike", "StringNotEquals", "StringEquals"],
}
VARIABLES = ["aws:username", "aws:PrincipalTag/team", "aws:PrincipalTag/team", "aws:userid", "AWS:UserName"]


class Generator:
    """Makes the parts of policies with one source of randomness."""

    def __init__(self, rng):
        self.rng = rng

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, options):
        return self.rng.choice(options)

    def some(self, options, most=3):
        return self.rng.sample(options, min(self.rng.choices((1, 2, 3), (6, 3, 1))[0], most, len(options)))

    def one_or_list(self, values):
        return values[0] if len(values) == 1 and self.chance(0.6) else values

    # Statements.

    def statement(self, effect="Allow"):
        statement = {"Effect": effect}
        if self.chance(0.08):
            statement["NotAction"] = self.one_or_list(self.some(ACTIONS + ACTION_PATTERNS))
        else:
            statement["Action"] = self.one_or_list(self.some(ACTIONS + 2 * ACTION_PATTERNS))
        name = "NotResource" if self.chance(0.1) else "Resource"
        statement[name] = self.one_or_list(self.some(RESOURCES))
        return statement

    def document(self, statements):
        version = "2012-10-17" if self.chance(0.95) else self.pick(["2008-10-17", None])
        document = {"Version": version, "Statement": statements}
        if version is None:
            del document["Version"]
        return document

    def add_condition(self, statement, operator, key, values):
        block = statement.setdefault("Condition", {}).setdefault(operator, {})
        block.setdefault(key, values)

    # Conditions.

    def value(self, operator, kind):
        base = operator.rpartition(":")[2].removesuffix("IfExists")
        if base.startswith("Arn"):
            return self.pick(ARNS)
        if base.startswith("Numeric"):
            value = self.pick(NUMBERS)
            return int(value) if value.isdigit() and value[0] != "0" and self.chance(0.3) else value
        if base.startswith("Date"):
            return self.pick(DATES)
        if "IpAddress" in base:
            return self.pick(NETWORKS)
        if base in ("Bool", "Null"):
            value = self.pick(TRUTHS)
            return value == "true" if value in ("true", "false") and self.chance(0.4) else value
        if base == "BinaryEquals":
            return self.pick(BINARY)
        if kind == "arn":
            return self.pick(ARNS)
        return self.pick(PATTERNS if base.endswith("Like") and self.chance(0.7) else STRINGS)

    def operator(self, kind):
        operator = self.pick(OPERATORS[kind])
        if kind == "string" and self.chance(0.03):
            operator = "BinaryEquals"
        quantified = 0.92 if kind == "strings" else 0.06
        if self.chance(0.2):
            operator += "IfExists"
        if self.chance(quantified):
            operator = self.pick(["ForAllValues:", "ForAnyValue:"]) + operator
        return "Null" if self.chance(0.1) else operator

    def condition(self, statement, pool):
        kind, key = self.pick(pool)
        operator = self.operator(kind)
        values = [self.value(operator, kind) for _ in range(self.rng.choices((1, 2, 3), (6, 3, 1))[0])]
        if self.chance(0.01):
            values = []
        self.add_condition(statement, operator, key, self.one_or_list(values) if values else [])

    def key_pool(self):
        """A few keys that the whole query uses."""
        kinds = self.rng.choices(list(KEYS), (5, 4, 2, 2, 3, 2, 4), k=self.pick([1, 2, 2, 3]))
        return [(kind, self.pick(KEYS[kind])) for kind in kinds]

    def policy(self, pool, conditions=(0, 1, 1, 2)):
        statements = []
        for at in range(self.rng.choices((1, 2, 3), (5, 4, 2))[0]):
            effect = "Deny" if at and self.chance(0.4) else "Allow"
            statement = self.statement(effect)
            for _ in range(self.pick(conditions)):
                self.condition(statement, pool)
            statements.append(statement)
        self.rng.shuffle(statements)
        return self.document(statements)

    # Changes.

    def changed(self, document, pool, change):
        """A copy after one to three changes."""
        result = copy.deepcopy(document)
        for _ in range(self.rng.choices((1, 2, 3), (6, 3, 1))[0]):
            change(result, pool)
        return result

    def widen(self, document, pool):
        """A change after which more should be allowed; not all of them keep that promise."""
        statements = document["Statement"]
        allows = [it for it in statements if it["Effect"] == "Allow"]
        denies = [it for it in statements if it["Effect"] == "Deny"]
        allow = self.pick(allows) if allows else self.pick(statements)
        options = ["action", "resource", "loosen", "drop", "add", "spell", "more"]
        move = self.pick(options + ["undeny", "deny"] * bool(denies))
        if move == "action":
            self.edit_texts(allow, "Action", self.wider_pattern)
        elif move == "resource":
            self.edit_texts(allow, "Resource", self.wider_pattern)
        elif move == "loosen":
            self.loosen(allow)
        elif move == "drop":
            self.drop_condition(allow)
        elif move == "add":
            statement = self.statement()
            if self.chance(0.5):
                self.condition(statement, pool)
            statements.append(statement)
        elif move == "more":
            statement = copy.deepcopy(allow)
            statements.append(statement)
            self.condition(statement, pool)
        elif move == "spell":
            self.respell(allow)
        elif move == "undeny":
            statements.remove(self.pick(denies))
        elif move == "deny":
            self.condition(self.pick(denies), pool)

    def narrow(self, document, pool):
        statements = document["Statement"]
        statement = self.pick(statements)
        move = self.pick(["condition", "deny", "remove", "action"])
        if move == "condition":
            self.condition(statement, pool)
        elif move == "deny":
            deny = self.statement("Deny")
            self.condition(deny, pool)
            statements.append(deny)
        elif move == "remove" and len(statements) > 1:
            statements.remove(statement)
        else:
            self.edit_texts(statement, "Action", self.narrower_pattern)

    def edit_texts(self, statement, name, edit):
        name = name if name in statement else "Not" + name
        texts = statement[name] if isinstance(statement[name], list) else [statement[name]]
        if texts:
            at = self.rng.randrange(len(texts))
            texts = [*texts[:at], edit(texts[at]), *texts[at + 1 :]]
        statement[name] = self.one_or_list(texts) if texts else []

    def wider_pattern(self, text):
        start = min(len(text), max(text.find(":") + 1, text.rfind(":") + 1 if self.chance(0.6) else 0))
        at = self.rng.randint(start, len(text))
        move = self.rng.random()
        if move < 0.35 or at == len(text):
            return text[:at].rstrip("*") + "*"
        if move < 0.6:
            end = self.rng.randint(at, len(text))
            return text[:at] + "*" + text[end:]
        if text[at] in "*${}":
            return text
        return text[:at] + ("?" if move < 0.8 else "?*") + text[at + 1 :]

    def narrower_pattern(self, text):
        return text.replace("*", self.pick(["?*", "a*", "Get*", "?", ""]), 1)

    def conditions_of(self, statement):
        return [
            (operator, key)
            for operator, block in statement.get("Condition", {}).items()
            for key in block
        ]

    def drop_condition(self, statement):
        present = self.conditions_of(statement)
        if present:
            operator, key = self.pick(present)
            del statement["Condition"][operator][key]
            if not statement["Condition"][operator]:
                del statement["Condition"][operator]
            if not statement["Condition"]:
                del statement["Condition"]

    def loosen(self, statement):
        """Makes a condition easier to fulfil: another value, a wider one, IfExists, a like operator."""
        present = self.conditions_of(statement)
        if not present:
            return
        operator, key = self.pick(present)
        values = statement["Condition"][operator][key]
        values = list(values) if isinstance(values, list) else [values]
        negated = "Not" in operator
        kind = next((kind for kind, names in KEYS.items() if key in names), "string")
        move = self.pick(["value", "value", "exists", "operator", "pattern", "quantifier"])
        renamed = operator
        if move == "exists" and operator != "Null" and not operator.endswith("IfExists"):
            renamed = operator + "IfExists"
        elif move == "operator":
            for old, new in (
                ("StringEqualsIgnoreCase", "StringEquals"),
                ("StringNotEqualsIgnoreCase", "StringNotEquals"),
                ("StringEquals", self.pick(["StringLike", "StringEqualsIgnoreCase"])),
                ("StringNotLike", "StringNotEquals"),
                ("LessThan", "LessThanEquals"),
                ("GreaterThan", "GreaterThanEquals"),
                ("ArnEquals", "ArnLike"),
                ("ArnLike", "StringLike"),
            ):
                if old in operator and new not in operator:
                    renamed = operator.replace(old, new)
                    break
        elif move == "quantifier":
            renamed = operator.replace("ForAnyValue:", "").replace("ForAllValues:", "")
            if self.chance(0.7) and renamed != "Null":
                renamed = self.pick(["ForAnyValue:", "ForAllValues:"]) + renamed
        elif move == "pattern" and values and isinstance(values[0], str) and "Like" in operator:
            at = self.rng.randrange(len(values))
            values[at] = self.wider_pattern(str(values[at]))
        elif negated and len(values) > 1:
            values.remove(self.pick(values))
        elif not negated:
            values.insert(self.rng.randint(0, len(values)), self.value(operator, kind))
        del statement["Condition"][operator][key]
        if not statement["Condition"][operator]:
            del statement["Condition"][operator]
        self.add_condition(statement, renamed, key, self.one_or_list(values) if values else [])

    def respell(self, statement):
        """A change that should not matter: letter case, order, one statement as two lists."""
        for name in ("Action", "Resource"):
            if isinstance(statement.get(name), list):
                self.rng.shuffle(statement[name])
        self.edit_texts(statement, "Action", self.pick([str.upper, str.lower, str.swapcase]))
        for operator, key in self.conditions_of(statement)[:1]:
            block = statement["Condition"][operator]
            block.setdefault(key.upper() if self.chance(0.5) else key.lower(), block.pop(key))

    def perturb(self, document, pool):
        """A change of which nothing is promised."""
        statement = self.pick(document["Statement"])
        present = self.conditions_of(statement)
        move = self.pick(["operator", "values", "values", "pattern", "pattern", "effect", "narrow"])
        if move in ("operator", "values") and present:
            operator, key = self.pick(present)
            values = statement["Condition"][operator].pop(key)
            if not statement["Condition"][operator]:
                del statement["Condition"][operator]
            kind = next((kind for kind, names in KEYS.items() if key in names), "string")
            if move == "operator":
                base = operator.rpartition(":")[2].removesuffix("IfExists")
                same = [it for it in OPERATORS[kind] if it[:3] == base[:3]]
                if base != "Null" and same:
                    operator = operator.replace(base, self.pick(same))
            else:
                values = self.one_or_list([self.value(operator, kind) for _ in range(self.pick([1, 1, 2, 3]))])
            self.add_condition(statement, operator, key, values)
        elif move == "pattern":
            name = self.pick(["Action", "Resource"])
            pool_of = ACTIONS + ACTION_PATTERNS if name == "Action" else RESOURCES
            near = self.pick([self.narrower_pattern, self.narrower_pattern, lambda text: self.pick(pool_of)])
            self.edit_texts(statement, name, near)
        elif move == "effect" and len(document["Statement"]) > 1 and self.chance(0.4):
            statement["Effect"] = "Deny" if statement["Effect"] == "Allow" else "Allow"
        else:
            self.narrow(document, pool)

    def either(self, document, pool):
        (self.widen if self.chance(0.3) else self.perturb)(document, pool)

    def pair(self, document, pool):
        """A query from a document: mostly one that is about to be contained."""
        changed = self.changed(document, pool, self.either)
        return (document, changed) if self.chance(0.65) else (changed, document)


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
        return "${*}" if generator.chance(0.6) else "${?}"
    if move < 0.25:
        return "${aws:TagKeys, 'd'}"
    return "${%s}" % name


def template(generator):
    """A text of variables, wildcards beside them, and letters."""
    one = variable(generator)
    other = one if generator.chance(0.3) else variable(generator)
    shapes = [
        "{0}", "{0}/*", "{0}*", "?{0}", "{0}?", "*{0}", "*{0}*", "{0}{1}", "{0}-{1}", "{0}/{1}",
        "a{0}", "{0}/?*", "*/{0}", "{0}/a", "*{0}/*{1}", "?*{0}", "a*{0}b", "*", "?*", "alice/*",
        "{0}/*/c", "a?{0}*", "*a?{0}*",
    ]
    weights = [6 if it in ("{0}", "{0}/*") else 2 for it in shapes]
    return generator.rng.choices(shapes, weights)[0].format(one, other)


def resource_template(generator):
    heads = ["arn:aws:s3:::b/", "arn:aws:s3:::b/", "arn:aws:s3:::", "arn:aws:ec2:*:*:instance/", "arn:aws:s3:::b/home/", "arn:aws:sqs:us-east-?:1:", "arn:aws:sqs:*:"]
    return generator.rng.choices(heads, (8, 4, 2, 1, 1, 1, 1))[0] + template(generator)


def condition_template(generator, statement):
    move = generator.rng.random()
    if move < 0.2:
        operator = generator.pick(ARN_OPERATORS)
        early = generator.chance(0.25)
        text = "arn:aws:iam::%s:role/a" % variable(generator) if early else "arn:aws:iam::1:role/" + template(generator)
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
    key = generator.pick(["aws:username", "aws:PrincipalTag/team", "aws:PrincipalTag/team", "aws:userid"])
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
    statement = {"Effect": effect, "Action": generator.pick(["s3:GetObject", "s3:*", "*", ["s3:GetObject", "s3:PutObject"]])}
    where = generator.rng.random()
    if where < 0.65:
        name = "NotResource" if generator.chance(0.1) else "Resource"
        texts = [resource_template(generator) for _ in range(generator.rng.choices((1, 2), (7, 2))[0])]
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
    new = generator.pick(["*", "*", "*", "?*", "?", "a", "", text[start:end] + "*", "*" + text[start:end], text[start : end - 1].split(",")[0] + ", 'd'}"])
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
    return (first, second) if generator.chance(0.72) else (second, first)


def change_template(generator, document):
    statements = document["Statement"]
    statement = generator.pick(statements)
    move = generator.pick(["variable", "variable", "value", "value", "pin", "drop", "add", "split", "respell"])
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
    kind = generator.pick(["string", "string", "strings", "number", "date", "address", "bool", "arn"])
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
                [("ForAllValues:String" + name, key, values), ("ForAnyValue:StringNot" + name, key, values)],
                [("ForAnyValue:String" + name, key, values), ("ForAllValues:StringNot" + name, key, values)],
                [("ForAllValues:String" + name, key, values), ("ForAllValues:StringNot" + name, key, values)],
                [("String" + name, key, values), ("StringNot" + name, key, values)],
            ]
        )
    if kind in ("number", "date"):
        prefix = "Numeric" if kind == "number" else "Date"
        point = generator.pick((NUMBERS if kind == "number" else DATES)[:-1])
        later = generator.pick((NUMBERS if kind == "number" else DATES)[:-1])
        return generator.pick(
            [
                [(prefix + "LessThan", key, point), (prefix + "GreaterThanEquals", key, point), missing],
                [(prefix + "LessThan", key, point), (prefix + "GreaterThan", key, point), (prefix + "Equals", key, point), missing],
                [(prefix + "Equals", key, point), (prefix + "NotEquals", key, point)],
                [(prefix + "LessThanIfExists", key, later), (prefix + "GreaterThan", key, point)],
            ]
        )
    if kind == "address":
        return generator.pick(
            [
                [("IpAddress", key, "0.0.0.0/1"), ("IpAddress", key, "128.0.0.0/1"), ("IpAddress", key, "::/0"), missing],
                [("IpAddress", key, "10.0.0.0/8"), ("NotIpAddress", key, "10.0.0.0/8")],
                [("IpAddress", key, ["10.0.0.0/9", "10.128.0.0/9"]), ("NotIpAddress", key, "10.0.0.0/8")],
                [("IpAddress", key, "2001:db8::/32"), ("NotIpAddress", key, ["2001:db8::/33", "2001:db8:8000::/33"])],
            ]
        )
    if kind == "bool":
        return [("Bool", key, "true"), ("BoolIfExists", key, generator.pick(["false", "no"]))]
    values = generator.some(ARNS[:-1])
    name = generator.pick(["Arn", "Arn", "String"])
    return [(f"{name}Like", key, values), (f"{name}NotLike", key, values)]


NARROWINGS = {
    "IpAddress": [("10.0.0.0/8", ["10.0.0.0/9", "10.128.0.0/9"]), ("10.1.0.0/16", ["10.1.0.0/17", "10.1.128.0/18", "10.1.192.0/18"])],
}
RESOURCE_COVERS = [
    ("arn:aws:s3:::b/*", ["arn:aws:s3:::b/", "arn:aws:s3:::b/?", "arn:aws:s3:::b/??*"]),
    ("arn:aws:s3:::b/*", ["arn:aws:s3:::b/", "arn:aws:s3:::b/?*"]),
    ("arn:aws:s3:::b*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b?*"]),
    ("arn:aws:s3:::b/?*", ["arn:aws:s3:::b/*?"]),
    ("arn:aws:s3:::b/*a*", ["arn:aws:s3:::b/a*", "arn:aws:s3:::b/?*a*"]),
    ("arn:aws:s3:::b/?", ["arn:aws:s3:::b/?*"]),
]
ACTION_COVERS = [
    ("s3:Get*", ["s3:Get", "s3:Get?", "s3:Get??*"]),
    ("s3:*", ["s3:?*"]),
    ("s3:Get?*", ["s3:Get*?"]),
    ("s3:*Object*", ["s3:Object*", "s3:?*Object*"]),
    ("s3:Get*", ["s3:GetObject*", "s3:Get?bject*", "s3:Get*"]),
]


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
    if generator.chance(0.4) and len(parts) > 1:
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
    return {"Action": generator.pick(["*", "s3:*", "s3:*"]), "Resource": generator.pick(["*", "*", "arn:aws:s3:::*"])}


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
        b.append(generator.document([it for layer in b for it in copy.deepcopy(layer["Statement"])]))
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
