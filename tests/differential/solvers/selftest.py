"""Checks the oracle against itself, without rolecall.

For queries of every kind: cvc5 and z3 must not differ, models must be witnesses, no sampled
request may refute a "contained", and both ways of writing patterns must give the same verdict.
Prints how strong the sampling was: how many samples a allows, and how often it finds a witness by
itself where the solver says there is one. Then decides one request after the other by formula and
by hand.

usage: selftest.py [--count N] [--seed N] [--samples N] [--limit SECONDS] [--z3]
"""

import argparse
import collections
import json
import sys

import concrete
import encode
import generate
import sample
import solve
from document import Unsupported


def check(query, arguments, counts):
    """Problems of one query."""
    read = concrete.Query(query)
    verdicts = {}
    solvers = [("cvc5", False), ("cvc5", True)] + [("z3", False)] * arguments.z3
    for solver, places in solvers:
        try:
            encoding = encode.Encoding(query, solver, places)
        except Unsupported:
            continue
        status, model, _ = solve.solve(solver, encoding.text, int(arguments.limit * 1000))
        counts[f"{solver} {status}"] += 1
        if status != "unknown":
            verdicts[solver, places] = status
        if status == "sat" and not read.refuted_by(encoding.request(model)):
            yield f"{solver} {places}: no witness: {json.dumps(encoding.request(model))}"
    if len(set(verdicts.values())) > 1:
        yield f"verdicts differ: {verdicts}"
    status = next(iter(verdicts.values()), "unknown")
    found = False
    for request in sample.requests(read, arguments.samples, query["id"]):
        a, b = read.decide(request)
        counts["samples"] += 1
        counts["samples that a allows"] += a
        if a and not b:
            found = True
            if status == "unsat":
                yield f"contained, but refuted by {json.dumps(request)}"
    counts["not, found by sampling too"] += found and status == "sat"
    counts["undecided, found by sampling"] += found and status == "unknown"


def pinned(encoding, request):
    """The formula with everything fixed to one request; None if it has no room for it."""
    lines = []
    lines.append(f"(= action {encode.literal(request['action'])})")
    if request["resource"] is None:
        lines.append("(not has_resource)")
    else:
        lines.append("has_resource")
        lines.append(f"(= resource {encode.literal(request['resource'])})")
    pins = encoding.pins(request["context"])
    if pins is None:
        return None
    lines += pins
    return encoding.text + "".join(f"(assert {it})\n" for it in lines)


def check_points(query, arguments, counts):
    """Sampled requests one at a time: the formula must be true of it exactly if it is a witness."""
    read = concrete.Query(query)
    try:
        encoding = encode.Encoding(query)
    except Unsupported:
        return
    requests = list(sample.requests(read, arguments.samples, query["id"]))
    witnesses = [it for it in requests if read.refuted_by(it)][:2]
    others = [it for it in requests if read.decide(it)[0] and not read.refuted_by(it)][:2]
    for request in witnesses + others + requests[:1]:
        text = pinned(encoding, request)
        if text is None:
            continue
        status, _, _ = solve.solve("cvc5", text, 2000)
        counts[f"points {status}"] += 1
        wanted = "sat" if read.refuted_by(request) else "unsat"
        if status not in (wanted, "unknown"):
            yield f"the formula is {status} at {json.dumps(request)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--limit", type=float, default=1)
    parser.add_argument("--z3", action="store_true")
    arguments = parser.parse_args()
    problems = 0
    for kind in generate.KINDS:
        counts = collections.Counter()
        for query in generate.queries(kind, arguments.count, arguments.seed):
            for test in (check, check_points):
                for problem in test(query, arguments, counts):
                    problems += 1
                    print(f"{query['id']}: {problem}")
        print(kind, dict(sorted(counts.items())))
    print(f"{problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
