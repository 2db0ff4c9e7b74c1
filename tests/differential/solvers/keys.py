"""What condition keys are: their value type, and whether a request may carry several values.

The catalog's own files say so; a key that they lack is typed by the operators used on it anywhere
in the query, and multivalued if a set operator is among them.
"""

import collections
import functools
import pathlib
import re

import document

_DATA = pathlib.Path(__file__).resolve().parents[3] / "src/catalog/data"

Key = collections.namedtuple("Key", "domain multivalued")
Key.__doc__ = """`domain` is text, number, date or address: what values the key carries."""

_DOMAINS = {"Numeric": "number", "Date": "date", "IPAddress": "address"}
_TESTS = {"Numeric": "number", "Date": "date", "Ip": "address"}


@functools.cache
def _declared_in(prefix):
    """The declarations that may name keys of a service prefix: exact names, and templates."""
    lines = []
    for line in (_DATA / "global.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("global "):
            lines.append(line.split()[1:3])
    service = _DATA / "services" / f"{prefix}.txt"
    if re.fullmatch(r"[a-z0-9-]+", prefix) and service.exists():
        for line in service.read_text(encoding="utf-8").splitlines():
            if line.startswith("key "):
                lines.append(line.split()[1:3])
    exact, templates = {}, []
    for name, word in lines:
        multivalued = word.startswith("ArrayOf")
        key = Key(_DOMAINS.get(word.removeprefix("ArrayOf"), "text"), multivalued)
        if re.search(r"[$<]", name):
            parts = re.split(r"\$\{[^}]*\}|<[^>]*>", name.lower())
            templates.append((re.compile(".+".join(map(re.escape, parts))), key))
        else:
            exact.setdefault(name.lower(), key)
    return exact, templates


def declared(name):
    """What the catalog says of a key, or None."""
    exact, templates = _declared_in(name.partition(":")[0])
    if name in exact:
        return exact[name]
    return next((key for pattern, key in templates if pattern.fullmatch(name)), None)


def test_domain(test):
    """The domain that a test compares in; None for `Null`, which takes any."""
    return None if test == "Null" else _TESTS.get(test, "text")


def of_query(statements):
    """Every key of these statements by its lower-case name.

    Raises Unsupported where a test and its key are of different types: there the answer depends on
    how a text reads as another type, and `compare` answers `unknown`.
    """
    tests = collections.defaultdict(set)
    sets = set()
    for statement in statements:
        for name in document.variable_keys(statement):
            tests[name].add("variable")
        for condition in statement.conditions:
            if condition.operator:
                tests[condition.key].add(condition.operator.test)
                if condition.operator.quantifier:
                    sets.add(condition.key)
            else:
                tests[condition.key].add("Null")
    found = {}
    for name, used in tests.items():
        domains = {test_domain(it) for it in used} - {None}
        key = declared(name)
        if key is None:
            key = Key(min(domains, default="text"), name in sets)
        if domains - {key.domain}:
            raise document.Unsupported("mixed-key-type")
        found[name] = key
    return found
