#!/bin/sh
# Compares this engine with another one on a file of cases and explains the differences.
#
# usage: tests/differential/run.sh CASES PEER...
#
# CASES is in the format of testdata/evaluate/FORMAT.md, one case a line. The property tests write
# such a file: PROPERTY_WRITE=/tmp/cases.jsonl cargo test --test properties naive.
#
# PEER is a command that reads cases on standard input and writes one verdict a line on standard
# output, in any order: {"id": …, "decision": "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied" |
# "Error"}. It is called a second time with the cases that differ, each again without the features
# that evaluators are known to treat differently (see compare.py).
#
# The peer this was made for is the npm package @cloud-copilot/iam-simulate (AGPL-3.0). It is a
# program of its own: install it yourself, outside this repository, and never link it or copy from
# it. A driver has to call its evaluation core with the case's request and policies, every condition
# key as given, RCPFullAWSAccess first at every level of RCPs, and whether the request is for an
# action without resource types (`noResourceLevel`).
#
# Needs python3 and a release build (cargo build --release). Exit code: 0 when every difference is
# explained by a rule that the peer follows otherwise.
set -eu

cases=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
rolecall=${ROLECALL:-$here/../../target/release/rolecall}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

ours() {
    "$rolecall" simulate --builtin-catalog --batch "$1"
}

ours "$cases" > "$work/ours"
"$@" < "$cases" > "$work/peer"
python3 "$here/compare.py" "$cases" "$work/ours" "$work/peer" --without "$work/again" && exit
ours "$work/again" > "$work/ours-again"
"$@" < "$work/again" > "$work/peer-again"
python3 "$here/compare.py" "$cases" "$work/ours" "$work/peer" \
    --retried "$work/ours-again" "$work/peer-again"
