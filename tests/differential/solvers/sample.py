"""Requests at the boundaries of what a query's texts say, to refute a wrong "contained".

Values are instances of the query's own patterns with wildcards and variables filled in several
ways, its numbers and dates and their neighbours, and first, last and outside addresses of its
networks; a key may be absent, a list has up to three values.
"""

import random
import re

import document

_FILLINGS = ["", "a", "b", "x", "aa", "a/b", "a:b", "d", ":", "/", "q" * 3]
_LETTERS = ["a", "x", "/", "b"]


def requests(query, count, seed=0):
    """Requests for a `concrete.Query`, half of them made from one statement of a."""
    rng = random.Random(f"{seed}")
    statements = [it for side in query.a + query.b for it in side]
    allows = [it for layer in query.a for it in layer if it.effect == "Allow"]
    pools = {name: _values(name, key, statements) for name, key in query.keys.items()}
    for at in range(count):
        aim = rng.choice(allows) if allows and at % 4 else None
        yield _request(query, statements, aim, pools, rng)


def _request(query, statements, aim, pools, rng):
    context = {}
    for name, key in query.keys.items():
        if rng.random() < 0.25:
            continue
        values = pools[name]
        own = [it for it in aim.conditions if it.key == name] if aim else []
        if own and rng.random() < 0.6:
            near = _values(name, key, [aim])
            values = near if near else values
        if key.multivalued:
            some = [rng.choice(values) for _ in range(rng.choice([1, 1, 2, 3]))]
            context[name] = [_filled(it, key, context, rng) for it in some]
        else:
            context[name] = _filled(rng.choice(values), key, context, rng)
    source = [aim] if aim and rng.random() < 0.7 else statements
    actions = [text.lower() for it in source for text in it.actions[1]] or ["s3:getobject"]
    resources = [text for it in source for text in it.resources[1]] or ["*"]
    action = _filled_text(rng.choice(actions), {}, rng)
    if not re.fullmatch(r"[^:]+:.+", action):
        action = rng.choice(["s3:getobject", "s3:x", "zz:y"])
    resource = None
    if rng.random() < 0.9:
        resource = _filled_text(_padded(rng.choice(resources)), context, rng)
        if rng.random() < 0.1:
            resource = resource[:-1] if rng.random() < 0.5 else resource + "z"
    return {"action": action, "resource": resource, "context": context}


def _padded(text):
    missing = 5 - text.count(":")
    return text + ":*" * missing if text.startswith("arn") and missing > 0 else text


def _values(name, key, statements):
    texts = [
        (condition.operator.test, value)
        for statement in statements
        for condition in statement.conditions
        if condition.key == name and condition.operator
        for value in condition.values
    ]
    if key.domain == "text":
        patterns = [value for test, value in texts if test != "Null"]
        return [
            *patterns,
            "",
            "a",
            "b",
            "ab",
            "A",
            "d",
            "x",
            "a/b",
            "a:b",
            "zz",
            "true",
            "arn:aws:iam::1:role/a",
        ]
    if key.domain == "number":
        points = {p for _, value in texts if (p := document.number(value)) is not None} or {0}
        return [str(float(p + step)) for p in points for step in (-1, -0.5, 0, 0.5, 1)]
    if key.domain == "date":
        points = {p for _, value in texts if (p := document.date(value)) is not None} or {0}
        return [_date(p + step) for p in points for step in (-86400000, -1, 0, 1, 86400000)]
    found = ["8.8.8.8", "2001:4860::1", "10.200.0.1", "2001:db8:9000::1"]
    for _, value in texts:
        if network := document.network(value):
            family, bits, length = network
            width = 32 if family == 4 else 128
            last = bits + (1 << (width - length)) - 1
            for point in (bits - 1, bits, last, last + 1):
                if 0 <= point < 1 << width:
                    found.append(_address(family, point))
    return found


def _date(milliseconds):
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{abs(milliseconds) // 1000}.{abs(milliseconds) % 1000:03}"


def _address(family, bits):
    if family == 4:
        return ".".join(str(it) for it in bits.to_bytes(4, "big"))
    return ":".join(f"{bits >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))


def _filled(text, key, context, rng):
    if key.domain != "text":
        return text
    if rng.random() < 0.1:
        return rng.choice([text.upper(), text.lower(), text + "z"])
    return _filled_text(text, context, rng)


def _filled_text(text, context, rng):
    result = ""
    for piece in document.pieces(text, True):
        if isinstance(piece, tuple):
            result += rng.choice([piece[1], piece[1], "a"])
        elif isinstance(piece, str):
            result += "".join(
                rng.choice(_FILLINGS) if it == "*" else rng.choice(_LETTERS) if it == "?" else it
                for it in piece
            )
        else:
            value = context.get(piece.key, "")
            value = value if isinstance(value, str) and value else piece.default
            result += value if value is not None and rng.random() < 0.9 else rng.choice(_FILLINGS)
    return result
