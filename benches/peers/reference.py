"""Writes the catalog's services in the form of AWS's Service Reference JSON, into a folder.

iam-policy-validator has no data of its own and asks AWS for it; without a network it takes such a
folder. So it decides with the same names as rolecall.

usage: reference.py CATALOG_DATA_FOLDER OUT_FOLDER
"""

import json
import pathlib
import sys


def service(lines):
    actions, keys, types = [], [], []
    prefix, owner = lines[0].split(" ")[1], None
    for line in lines[1:]:
        words = line.split()
        if not words:
            continue
        match words[0]:
            case "key":
                keys.append({"Name": words[1], "Types": [words[2]]})
            case "type":
                owner = {"Name": words[1], "ARNFormats": [], "ConditionKeys": []}
                types.append(owner)
            case "arn":
                owner["ARNFormats"].append(words[1])
            case "action":
                levels = words[2:]
                owner = {
                    "Name": words[1],
                    "ActionConditionKeys": [],
                    "Resources": [],
                    "Annotations": {
                        "Properties": {
                            "IsList": "List" in levels,
                            "IsPermissionManagement": "Permissions-management" in levels,
                            "IsTaggingOnly": "Tagging" in levels,
                            "IsWrite": "Write" in levels,
                        }
                    },
                }
                actions.append(owner)
            case "on":
                owner["Resources"].append({"Name": words[1].rstrip("*?")})
            case "keys":
                owner.setdefault("ActionConditionKeys", owner.get("ConditionKeys", [])).extend(words[1:])
    return prefix, {
        "Name": prefix,
        "Actions": actions,
        "ConditionKeys": keys,
        "Resources": types,
        "Version": "v1.4",
    }


def main():
    data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    index = []
    for path in sorted((data / "services").glob("*.txt")):
        prefix, content = service(path.read_text().splitlines())
        (out / f"{prefix}.json").write_text(json.dumps(content))
        index.append({"service": prefix, "url": f"https://servicereference.us-east-1.amazonaws.com/v1/{prefix}/{prefix}.json"})
    (out / "_services.json").write_text(json.dumps(index))


main()
