"""Decides one request by hand: whether every document of a list allows it. Standard library only.

Written from `src/evaluate/rules.md`, a rule at a time, and apart from the encoder: it replays what
a solver or rolecall offers as a witness, and judges sampled requests against a "contained".

A request is `{"action", "resource", "context"}`; a resource of None is a request without one, and
a context maps a key to a text or a list of texts. Every document is decided by its own result (T1
to T4) as an identity policy.

usage: concrete.py QUERIES ANSWERS   checks the witnesses of lines `{"id", "witness"}`
"""

import json
import re
import sys

import document
import keys

NO_VALUE = object()
COLON = ("text", ":")


def layers(side):
    """A side of a query as a list of documents."""
    return side if isinstance(side, list) else [side]


class Query:
    """Both sides of a query, read once for many requests."""

    def __init__(self, query):
        self.a = [document.statements(it) for it in layers(query["a"])]
        self.b = [document.statements(it) for it in layers(query["b"])]
        self.keys = keys.of_query([it for side in self.a + self.b for it in side])

    def decide(self, request):
        """Whether a and b allow it."""
        request = Request(request, self.keys)
        return tuple(all(request.allowed(it) for it in side) for side in (self.a, self.b))

    def refuted_by(self, request):
        """Whether a allows it and b does not."""
        return self.decide(request) == (True, False)


class Request:
    """A request with its keys in lower case, absent ones left out (C5, C8, C28)."""

    def __init__(self, value, known):
        self.action = value["action"].lower()
        self.resource = value["resource"]
        self.known = known
        self.context = {}
        for name, values in (value.get("context") or {}).items():
            values = values if isinstance(values, list) else [values]
            if values:
                self.context[name.lower()] = values

    def allowed(self, statements):
        effects = {it.effect for it in statements if self.applies(it)}
        return effects == {"Allow"}

    def applies(self, statement):
        """T2."""
        negated, texts = statement.actions
        if negated == any(glob_matches(it.lower(), self.action) for it in texts):
            return False
        negated, texts = statement.resources
        if negated == any(self.covers(it, statement.variables) for it in texts):
            return False
        return all(self.holds(it, statement) for it in statement.conditions)

    # Resources.

    def covers(self, text, variables):
        if text == "*":
            return True
        if self.resource is None:
            return False
        tokens = self.substituted(text, variables, early=False)
        if tokens is NO_VALUE:
            return False
        if tokens_match(confined(tokens), self.resource):
            return True
        missing = 5 - text.count(":")
        if missing <= 0 or not text.startswith("arn") or has_pieces(text, variables):
            return False
        padded = confined(wild(text + ":*" * missing))
        return tokens_match(padded, self.resource)

    def substituted(self, text, variables, early=True, wildcards=True):
        """The tokens of a text; NO_VALUE if it matches nothing (V3, V5, V8, V10, V13)."""
        tokens = []
        for piece in document.pieces(text, variables):
            if isinstance(piece, str):
                tokens += wild(piece) if wildcards else plain(piece)
            elif isinstance(piece, tuple):
                tokens += plain(piece[1])
            else:
                if not early and tokens.count(COLON) < 5:
                    return NO_VALUE
                value = self.value_of(piece)
                if value is NO_VALUE:
                    return NO_VALUE
                tokens += plain(value)
        return tokens

    def value_of(self, variable):
        if self.known[variable.key].multivalued:
            return NO_VALUE
        value = self.context.get(variable.key, [""])[0]
        if value:
            return value
        return NO_VALUE if variable.default is None else variable.default

    # Conditions.

    def holds(self, condition, statement):
        operator = condition.operator
        if operator is None:
            return False
        values = self.context.get(condition.key)
        if operator.test == "Null":
            return any(document.is_true(it) == (values is None) for it in condition.values)
        if values is None:
            if operator.quantifier:
                return operator.quantifier == "all"
            return operator.if_exists or operator.negated
        if not condition.values:
            return False
        results = [self.satisfies(it, condition, statement) for it in values]
        if operator.quantifier:
            return all(results) if operator.quantifier == "all" else any(results)
        return not self.known[condition.key].multivalued and results[0]

    def satisfies(self, value, condition, statement):
        operator = condition.operator
        if operator.test == "Arn":
            return self.satisfies_arn(value, condition, statement)
        if operator.test == "Ip" and document.address(value) is None:
            return False
        matched = any(self.matches(value, it, operator, statement) for it in condition.values)
        return matched != operator.negated

    def matches(self, value, expected, operator, statement):
        if operator.has_variables:
            wildcards = operator.test == "Like"
            tokens = self.substituted(expected, statement.variables, wildcards=wildcards)
            if tokens is NO_VALUE:
                return False
            if operator.test == "IgnoreCase":
                return "".join(text for _, text in tokens).lower() == value.lower()
            return tokens_match(tokens, value)
        if operator.test == "Bool":
            return document.is_true(value) == document.is_true(expected)
        if operator.test == "Binary":
            read = document.base64_bytes
            return read(expected) is not None and read(value) == read(expected)
        if operator.test == "Ip":
            network, (family, bits) = document.network(expected), document.address(value)
            if network is None or network[0] != family:
                return False
            host = (32 if family == 4 else 128) - network[2]
            return bits >> host == network[1] >> host
        read = document.number if operator.test == "Numeric" else document.date
        left, right = read(value), read(expected)
        if left is None or right is None:
            return False
        return {
            "=": left == right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[operator.comparison]

    def satisfies_arn(self, value, condition, statement):
        """C22 to C25: the values in order."""
        parts = value.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn":
            return False
        for expected in condition.values:
            if not has_pieces(expected, statement.variables):
                if expected == "*":
                    return not condition.operator.negated
                malformed = expected.count(":") < 5 or expected[0] not in "a*?"
            else:
                malformed = False
            tokens = self.substituted(expected, statement.variables)
            if tokens is NO_VALUE:
                continue
            fields = split_fields(tokens)
            if malformed or len(fields) < 6:
                return statement.effect == "Deny"
            if all(tokens_match(one, part) for one, part in zip(fields, parts)):
                return not condition.operator.negated
        return condition.operator.negated


def has_pieces(text, variables):
    return any(not isinstance(it, str) for it in document.pieces(text, variables))


def plain(text):
    return [("text", it) for it in text]


def wild(text):
    names = {"*": "run", "?": "one"}
    return [(names.get(it, "text"), it) for it in text]


def confined(tokens):
    """R5, R6: wildcards in the first five parts stay there, except a `*` that ends its part."""
    result = []
    colons = 0
    for at, token in enumerate(tokens):
        ends = at + 1 == len(tokens) or tokens[at + 1] == COLON
        colons += token == COLON
        inside = colons < 5 and (token[0] == "one" or (token[0] == "run" and not ends))
        result.append((token[0] + "-inside", token[1]) if inside else token)
    return result


def split_fields(tokens):
    """C22, C23: six parts at most, the last takes the rest."""
    fields = [[]]
    for token in tokens:
        if token == COLON and len(fields) < 6:
            fields.append([])
        else:
            fields[-1].append(token)
    return fields


_REGEX = {"run": ".*", "one": ".", "run-inside": "[^:]*", "one-inside": "[^:]"}


def tokens_match(tokens, text):
    """C9: `?` is one UTF-16 unit."""
    regex = "".join(re.escape(units(it)) if kind == "text" else _REGEX[kind] for kind, it in tokens)
    return re.fullmatch(regex, units(text), re.DOTALL) is not None


def units(text):
    if text.isascii():
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[at] | data[at + 1] << 8) for at in range(0, len(data), 2))


def glob_matches(pattern, text):
    return tokens_match(wild(pattern), text)


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        queries = {it["id"]: it for it in map(json.loads, lines)}
    checked = wrong = 0
    with open(sys.argv[2], encoding="utf-8") as lines:
        for answer in map(json.loads, lines):
            if answer.get("witness"):
                checked += 1
                query = Query(queries[answer["id"]])
                if not query.refuted_by(answer["witness"]):
                    wrong += 1
                    print(f"{answer['id']}: a and b decide {query.decide(answer['witness'])}")
    print(f"{checked} witnesses, {wrong} of them wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
