"""Writes a query as SMT-LIB: is there a request that all of a allow and not all of b?

"Unsatisfiable" is "contained". The semantics are those of `rolecall compare --batch --pure`: every
document by its own result, keys independent of each other, an action any `prefix:name` in lower
case, a resource any text or none. The formula is quantifier-free, so that both polarities of every
part mean the same. Rule ids in brackets are of `src/evaluate/rules.md`.

usage: encode.py QUERIES ID [cvc5|z3]   prints the formula of one query
"""

import collections
import fractions
import json
import sys

import document
import formula
import keys
from document import Unsupported
from formula import (
    FALSE,
    ONE,
    ONE_INSIDE,
    RUN,
    RUN_INSIDE,
    TRUE,
    Term,
    choice,
    conjunction,
    disjunction,
    literal,
    negation,
)

_VISIBLE = '(re.union (re.range "!" "@") (re.range "[" "~"))'
_VISIBLE_NO_COLON = '(re.union (re.range "!" "9") (re.range ";" "@") (re.range "[" "~"))'
_ACTION = f'(re.++ (re.+ {_VISIBLE_NO_COLON}) (str.to_re ":") (re.+ {_VISIBLE}))'
_PART = '(re.* (re.diff re.allchar (str.to_re ":"))) (str.to_re ":")'
_ARN = f'(re.++ (str.to_re "arn:") {" ".join([_PART] * 4)} re.all)'
_LAST_DATE = 10**15
_WORDS = {"*": RUN, "?": ONE}

Slot = collections.namedtuple("Slot", "name present")
Slot.__doc__ = """One value of a key: the variables' common name, and whether it is there."""


class Encoding:
    """The formula of one query, and how to read a request from its model."""

    def __init__(self, query, solver="cvc5", places=False):
        self.solver = solver
        self._places = places
        sides = [
            [document.statements(it) for it in (side if isinstance(side, list) else [side])]
            for side in (query["a"], query["b"])
        ]
        self._statements = [it for side in sides for layer in side for it in layer]
        self.keys = keys.of_query(self._statements)
        self._lines = []
        self._splits = {}
        self._declare("action", "String")
        self._declare("resource", "String")
        self._declare("has_resource", "Bool")
        self._assert(f"(str.in_re action {_ACTION})")
        self._scale = self._numeric_scale()
        self._slots = {
            name: self._declare_key(at, name, key)
            for at, (name, key) in enumerate(sorted(self.keys.items()))
        }
        a, b = ([self._allows(layer) for layer in side] for side in sides)
        self._assert(conjunction([*a, negation(conjunction(b))]))
        self.text = "\n".join(["(set-logic ALL)", *self._lines]) + "\n"

    def _declare(self, name, sort):
        self._lines.append(f"(declare-const {name} {sort})")

    def _assert(self, condition):
        self._lines.append(f"(assert {condition})")

    def _matches(self, term, tokens):
        return formula.matches(term, tokens, self._places)

    # Keys.

    def _numeric_scale(self):
        """Numbers are integers on a grid that has a point between any two numbers of the query."""
        digits = 0
        for condition in self._conditions():
            if condition.operator and condition.operator.test == "Numeric":
                for value in map(document.number, condition.values):
                    while value is not None and (value * 10**digits).denominator != 1:
                        digits += 1
        return 10 ** (digits + 1)

    def _conditions(self):
        return (condition for it in self._statements for condition in it.conditions)

    def _declare_key(self, at, name, key):
        """Variables for the values of a key.

        A list needs no more values than there are set operators on it: each operator needs at most
        one value that makes it true or false, and the rest may be left out of the list.
        """
        count = 1
        if key.multivalued:
            count = len(
                {
                    (it.effect, it.variables, condition)
                    for it in self._statements
                    for condition in it.conditions
                    if condition.key == name
                    and condition.operator
                    and condition.operator.quantifier
                }
            )
        slots = [Slot(f"k{at}_{index}", f"k{at}_{index}_present") for index in range(max(1, count))]
        for before, slot in zip([None, *slots], slots):
            self._declare(slot.present, "Bool")
            if before:
                self._assert(f"(=> {slot.present} {before.present})")
            self._declare_value(slot.name, key.domain)
        return slots

    def _declare_value(self, name, domain):
        if domain == "address":
            self._declare(f"{name}_is_v4", "Bool")
            self._declare(f"{name}_v4", "(_ BitVec 32)")
            self._declare(f"{name}_v6", "(_ BitVec 128)")
            # C20: these are IPv4 in a request.
            self._assert(f"(not (= ((_ extract 127 32) {name}_v6) #x{0xFFFF:024x}))")
        elif domain == "text":
            self._declare(name, "String")
        else:
            self._declare(name, "Int")
            if domain == "date":
                self._assert(f"(< (- {_LAST_DATE}) {name} {_LAST_DATE})")

    # Documents and statements (T1 to T4).

    def _allows(self, statements):
        by_effect = {"Allow": [], "Deny": []}
        for statement in statements:
            by_effect[statement.effect].append(self._applies(statement))
        return conjunction(
            [disjunction(by_effect["Allow"]), negation(disjunction(by_effect["Deny"]))]
        )

    def _applies(self, statement):
        negated, texts = statement.actions
        action = disjunction(self._matches("action", _wild(it.lower())) for it in texts)
        negated_resource, texts = statement.resources
        resource = disjunction(self._covers(it, statement.variables) for it in texts)
        return conjunction(
            [
                negation(action) if negated else action,
                negation(resource) if negated_resource else resource,
                *(self._holds(it, statement) for it in statement.conditions),
            ]
        )

    # Resources (R4 to R8, R13).

    def _covers(self, text, variables):
        if text == "*":
            return TRUE
        parts = document.pieces(text, variables)
        if all(isinstance(it, str) for it in parts):
            texts = [text]
            missing = 5 - text.count(":")
            if missing > 0 and text.startswith("arn"):
                texts.append(text + ":*" * missing)
            found = disjunction(self._matches("resource", _confined(_wild(it))) for it in texts)
        else:
            found = disjunction(
                conjunction([condition, self._matches("resource", _confined(tokens))])
                for condition, tokens in self._substitutions(parts, early=False)
            )
        return conjunction(["has_resource", found])

    # Variables (V1 to V13).

    def _substitutions(self, parts, early=True, wildcards=True):
        """Every way in which variables get values: a condition and the tokens that follow from it.

        No way at all means that the text matches nothing, which is also what happens under none of
        the conditions.
        """
        ways = [(TRUE, [])]
        for part in parts:
            if isinstance(part, str):
                more = _wild(part) if wildcards else list(part)
                ways = [(condition, tokens + more) for condition, tokens in ways]
            elif isinstance(part, tuple):
                ways = [(condition, [*tokens, part[1]]) for condition, tokens in ways]
            else:
                options = self._values_of(part)
                ways = [
                    (conjunction([condition, more]), tokens + value)
                    for condition, tokens in ways
                    if early or tokens.count(":") >= 5
                    for more, value in options
                ]
        return ways

    def _values_of(self, variable):
        key = self.keys[variable.key]
        if key.multivalued:
            return []
        (slot,) = self._slots[variable.key]
        given = f'(and {slot.present} (not (= {slot.name} "")))'
        options = [(given, [Term(slot.name)])]
        if variable.default is not None:
            options.append((negation(given), list(variable.default)))
        return options

    # Conditions (C1 to C35).

    def _holds(self, condition, statement):
        operator = condition.operator
        if operator is None:
            return FALSE
        slots = self._slots[condition.key]
        present = slots[0].present
        if operator.test == "Null":
            wanted = {document.is_true(it) for it in condition.values}
            options = {True: negation(present), False: present}
            return disjunction(options[it] for it in sorted(wanted))
        if operator.quantifier:
            absent = operator.quantifier == "all"
        else:
            absent = operator.if_exists or operator.negated
        return choice(present, self._holds_present(condition, statement, slots), _bool(absent))

    def _holds_present(self, condition, statement, slots):
        if not condition.values:
            return FALSE
        quantifier = condition.operator.quantifier
        if not quantifier and self.keys[condition.key].multivalued:
            return FALSE
        results = [
            (slot.present, self._satisfies(slot.name, condition, statement)) for slot in slots
        ]
        if quantifier == "all":
            return conjunction(disjunction([negation(is_there), it]) for is_there, it in results)
        return disjunction(conjunction([is_there, it]) for is_there, it in results)

    def _satisfies(self, value, condition, statement):
        operator = condition.operator
        if operator.test == "Arn":
            return self._satisfies_arn(value, condition, statement)
        found = disjunction(
            self._matches_value(value, it, operator, statement.variables) for it in condition.values
        )
        return negation(found) if operator.negated else found

    def _matches_value(self, value, expected, operator, variables):
        if operator.test in ("String", "Like", "IgnoreCase"):
            return self._matches_text(value, expected, operator, variables)
        if operator.test == "Bool":
            is_true = formula.matches_any_case(value, "true")
            return is_true if document.is_true(expected) else negation(is_true)
        if operator.test == "Binary":
            # There is one way to write bytes in base64.
            valid = document.base64_bytes(expected) is not None
            return f"(= {value} {literal(expected)})" if valid else FALSE
        if operator.test == "Ip":
            return _in_network(value, document.network(expected))
        if operator.test == "Numeric":
            number = document.number(expected)
            point = None if number is None else number * self._scale
        else:
            point = document.date(expected)
        if point is None:
            return FALSE
        return f"({operator.comparison} {value} {_integer(int(point))})"

    def _matches_text(self, value, expected, operator, variables):
        parts = document.pieces(expected, variables)
        wildcards = operator.test == "Like"
        found = []
        for condition, tokens in self._substitutions(parts, wildcards=wildcards):
            if operator.test != "IgnoreCase":
                found.append(conjunction([condition, self._matches(value, tokens)]))
            elif not any(isinstance(it, Term) for it in tokens):
                same = formula.matches_any_case(value, "".join(tokens))
                found.append(conjunction([condition, same]))
            else:
                lower = [
                    Term(self._lower(it.text)) if isinstance(it, Term) else it.lower()
                    for it in tokens
                ]
                found.append(conjunction([condition, self._matches(self._lower(value), lower)]))
        return disjunction(found)

    def _lower(self, term):
        if self.solver != "cvc5":
            raise Unsupported("letter case of a variable's value in z3")
        return f'(str.replace_all (str.to_lower {term}) "\\u{{212a}}" "k")'

    # ARNs (C22 to C25).

    def _satisfies_arn(self, value, condition, statement):
        """The values in order: the first that matches or is malformed decides."""
        negated = condition.operator.negated
        result = _bool(negated)
        for expected in reversed(condition.values):
            parts = document.pieces(expected, statement.variables)
            if all(isinstance(it, str) for it in parts):
                well_formed = expected == "*" or (expected.count(":") >= 5 and expected[0] in "a*?")
                malformed = _bool(not well_formed)
                found = FALSE
                if well_formed:
                    tokens = [RUN] if expected == "*" else _in_fields(_wild(expected))
                    found = self._matches(value, tokens)
            else:
                malformed, found = self._arn_template(value, parts)
            result = choice(found, _bool(not negated), result)
            result = choice(malformed, _bool(statement.effect == "Deny"), result)
        return conjunction([f"(str.in_re {value} {_ARN})", result])

    def _arn_template(self, value, parts):
        """Whether a template is no ARN with its values in it, and whether the value matches it."""
        malformed, found = [], []
        for condition, tokens in self._substitutions(parts):
            for colons, fields in self._fields(tokens):
                here = conjunction([condition, colons])
                if len(fields) < 6:
                    malformed.append(here)
                else:
                    found.append(conjunction([here, self._fields_match(value, fields)]))
        return disjunction(malformed), disjunction(found)

    def _fields(self, tokens):
        """C23: every way in which colons, also those inside values, split tokens into parts."""
        ways = [(TRUE, [[]])]
        for token in tokens:
            following = []
            for condition, fields in ways:
                if len(fields) == 6 or not (token == ":" or isinstance(token, Term)):
                    following.append((condition, fields[:-1] + [[*fields[-1], token]]))
                elif token == ":":
                    following.append((condition, [*fields, []]))
                else:
                    following += self._spread(condition, fields, token)
            ways = following
        return ways

    def _spread(self, condition, fields, term):
        """A value over the parts from the current one on, by its number of colons."""
        needed = 6 - len(fields)
        split = self._split(term.text)
        for colons in range(needed + 1):
            pieces = [Term(it) for it in split.firsts[:colons]]
            last = Term(split.rests[colons])
            exactly = split.more[colons - 1] if colons else TRUE
            if colons < needed:
                exactly = conjunction([exactly, negation(split.more[colons])])
            spread = [[it] for it in (*pieces, last)]
            spread[0] = fields[-1] + spread[0]
            yield conjunction([condition, exactly]), fields[:-1] + spread

    def _fields_match(self, value, fields):
        """Whether a value that is an ARN matches six parts."""
        if not any(isinstance(it, Term) for field in fields[:5] for it in field):
            head = [it for field in fields[:5] for it in (*field, ":")]
            if not any(it in (RUN, ONE) for it in head):
                return self._matches(value, head + fields[5])
        split = self._split(value)
        return conjunction(
            self._matches(term, field)
            for term, field in zip((*split.firsts, split.rests[5]), fields)
        )

    def _split(self, term):
        """The texts between the first five colons of a term."""
        if term in self._splits:
            return self._splits[term]
        number = len(self._splits)
        split = Split([], [term], [])
        for at in range(5):
            first, rest = f"s{number}_{at}_first", f"s{number}_{at}_rest"
            self._declare(first, "String")
            self._declare(rest, "String")
            before = split.rests[-1]
            more = f'(str.contains {before} ":")'
            self._assert(
                f'(ite {more} (and (= {before} (str.++ {first} ":" {rest}))'
                f' (not (str.contains {first} ":"))) (and (= {first} {before}) (= {rest} "")))'
            )
            split.firsts.append(first)
            split.rests.append(rest)
            split.more.append(conjunction([*split.more[-1:], more]))
        self._splits[term] = split
        return split

    # Requests.

    def pins(self, context):
        """Conditions that fix every key to its value in a context; None if a list is too long."""
        conditions = []
        for name, slots in self._slots.items():
            values = context.get(name, [])
            values = values if isinstance(values, list) else [values]
            values = list(dict.fromkeys(values))
            if len(values) > len(slots):
                return None
            for slot, value in zip(slots, values):
                conditions += [slot.present, self._pin(slot.name, self.keys[name].domain, value)]
            conditions += [negation(it.present) for it in slots[len(values) :]]
        return conditions

    def _pin(self, name, domain, text):
        if domain == "text":
            return f"(= {name} {literal(text)})"
        if domain == "address":
            family, bits = document.address(text)
            flag = f"{name}_is_v4" if family == 4 else f"(not {name}_is_v4)"
            return f"(and {flag} (= {name}_v{family} (_ bv{bits} {32 if family == 4 else 128})))"
        value = document.number(text) * self._scale if domain == "number" else document.date(text)
        return f"(= {name} {_integer(int(value))})"

    def request(self, model):
        """The request that a model describes: a value for each declared constant by its name."""
        context = {}
        for name, slots in self._slots.items():
            values = [
                self._value(it.name, self.keys[name].domain, model)
                for it in slots
                if model[it.present]
            ]
            if values:
                context[name] = values if self.keys[name].multivalued else values[0]
        resource = model["resource"] if model["has_resource"] else None
        return {"action": model["action"], "resource": resource, "context": context}

    def _value(self, name, domain, model):
        if domain == "address":
            is_v4 = model[f"{name}_is_v4"]
            return _address_text(is_v4, model[f"{name}_v4" if is_v4 else f"{name}_v6"])
        value = model[name]
        if domain == "number":
            return _decimal_text(fractions.Fraction(value, self._scale))
        if domain == "date":
            return f"{'-' if value < 0 else ''}{abs(value) // 1000}.{abs(value) % 1000:03}"
        return value


Split = collections.namedtuple("Split", "firsts rests more")
Split.__doc__ = """A text at its colons: the part before each, the rest after 0, 1, … of them, and
whether there are more than 0, 1, … of them."""


def _bool(value):
    return TRUE if value else FALSE


def _integer(value):
    return str(value) if value >= 0 else f"(- {-value})"


def _wild(text):
    return [_WORDS.get(it, it) for it in text]


def _confined(tokens):
    """R5, R6: which wildcards of a resource pattern stay inside their part."""
    result = list(tokens)
    colons = 0
    for at, token in enumerate(tokens):
        if colons == 5:
            break
        if token == ":":
            colons += 1
        elif token == ONE:
            result[at] = ONE_INSIDE
        elif token == RUN and tokens[at + 1 : at + 2] not in ([], [":"]):
            result[at] = RUN_INSIDE
    return result


def _in_fields(tokens):
    """C22: wildcards of an ARN operator's value stay inside the first five parts."""
    inside = {RUN: RUN_INSIDE, ONE: ONE_INSIDE}
    result = []
    colons = 0
    for token in tokens:
        result.append(inside.get(token, token) if colons < 5 else token)
        colons += token == ":"
    return result


def _in_network(value, network):
    """C17: whether an address is in a network."""
    if network is None:
        return FALSE
    family, bits, length = network
    width = 32 if family == 4 else 128
    family_matches = f"{value}_is_v4" if family == 4 else f"(not {value}_is_v4)"
    if length == 0:
        return family_matches
    high = f"((_ extract {width - 1} {width - length}) {value}_v{family})"
    start = f"#b{bits >> (width - length):0{length}b}"
    return conjunction([family_matches, f"(= {high} {start})"])


def _address_text(is_v4, bits):
    if is_v4:
        return ".".join(str(it) for it in bits.to_bytes(4, "big"))
    return ":".join(f"{bits >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))


def _decimal_text(value):
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    sign = "-" if value < 0 else ""
    text = str(abs(int(value * 10**digits))).rjust(digits + 1, "0")
    return sign + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        query = next(it for it in map(json.loads, lines) if it["id"] == sys.argv[2])
    print(Encoding(query, *sys.argv[3:4]).text, end="")


if __name__ == "__main__":
    main()
