"""Holds the evaluator by hand (`concrete.py`) against `rolecall simulate --batch`.

Sampled requests of generated queries, one case a document, in the format of
`testdata/evaluate/FORMAT.md`. Where the two differ, one of them misreads a rule, and every verdict
above it is in doubt.

usage: cases.py QUERIES ROLECALL [--samples N]
"""

import argparse
import json
import subprocess
import sys
import tempfile

import concrete
import sample

PRINCIPAL = "arn:aws:iam::111122223333:user/u"


def cases(query, samples):
    """Pairs of a case and what `concrete.py` decides of it."""
    read = concrete.Query(query)
    documents = concrete.layers(query["a"]) + concrete.layers(query["b"])
    for at, request in enumerate(sample.requests(read, samples, query["id"])):
        if request["action"].startswith("sts:"):
            continue
        given = concrete.Request(request, read.keys)
        for layer, (document, statements) in enumerate(zip(documents, read.a + read.b)):
            case = {
                "id": f"{query['id']}/{at}/{layer}",
                "request": {
                    "principal": PRINCIPAL,
                    "action": request["action"],
                    "resource": request["resource"] or "",
                    "noResourceLevel": request["resource"] is None,
                    "resourceAccount": "111122223333",
                    "context": request["context"],
                },
                "identityPolicies": [document],
                "resourcePolicy": None,
                "permissionsBoundaries": None,
                "sessionPolicies": None,
                "scps": [],
                "rcps": [],
                "vpcEndpointPolicies": None,
            }
            # A resource of another account needs more than an identity policy.
            account = (request["resource"] or "").split(":", 5)[4:5]
            if account == ["111122223333"] or not "".join(account).isdigit():
                yield case, given.allowed(statements)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("queries")
    parser.add_argument("rolecall")
    parser.add_argument("--samples", type=int, default=10)
    arguments = parser.parse_args()
    expected = {}
    texts = {}
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        with open(arguments.queries, encoding="utf-8") as lines:
            for query in map(json.loads, lines):
                for case, allowed in cases(query, arguments.samples):
                    texts[case["id"]] = json.dumps(case)
                    expected[case["id"]] = allowed
                    file.write(texts[case["id"]] + "\n")
        file.flush()
        command = [arguments.rolecall, "simulate", "--builtin-catalog", "--batch", file.name]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    decided = {it["id"]: it["decision"] for it in map(json.loads, output.splitlines())}
    wrong = [id_ for id_, it in expected.items() if (decided[id_] == "Allowed") != it]
    print(f"{len(expected)} cases, {sum(expected.values())} allowed, {len(wrong)} differences")
    for id_ in wrong[:20]:
        print(f"{decided[id_]} by rolecall: {texts[id_]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
