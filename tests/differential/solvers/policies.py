"""Makes policies and changes them, at random."""

import copy

from vocabulary import (
    ACTION_PATTERNS,
    ACTIONS,
    ARNS,
    BINARY,
    DATES,
    KEYS,
    NETWORKS,
    NUMBERS,
    OPERATORS,
    PATTERNS,
    RESOURCES,
    STRINGS,
    TRUTHS,
)


class Generator:
    """Makes the parts of policies with one source of randomness."""

    def __init__(self, rng):
        self.rng = rng

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, options):
        return self.rng.choice(options)

    def some(self, options, most=3):
        return self.rng.sample(
            options, min(self.rng.choices((1, 2, 3), (6, 3, 1))[0], most, len(options))
        )

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
        values = [
            self.value(operator, kind) for _ in range(self.rng.choices((1, 2, 3), (6, 3, 1))[0])
        ]
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
        start = min(
            len(text), max(text.find(":") + 1, text.rfind(":") + 1 if self.chance(0.6) else 0)
        )
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
        """Makes a condition easier to fulfil: a value, a wider one, IfExists, a like operator."""
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
                values = self.one_or_list(
                    [self.value(operator, kind) for _ in range(self.pick([1, 1, 2, 3]))]
                )
            self.add_condition(statement, operator, key, values)
        elif move == "pattern":
            name = self.pick(["Action", "Resource"])
            pool_of = ACTIONS + ACTION_PATTERNS if name == "Action" else RESOURCES
            near = self.pick(
                [self.narrower_pattern, self.narrower_pattern, lambda text: self.pick(pool_of)]
            )
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
        return (document, changed) if self.chance(0.58) else (changed, document)
