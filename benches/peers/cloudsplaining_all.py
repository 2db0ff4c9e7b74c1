"""Prints the path of each policy below a folder that cloudsplaining has findings for."""

import json
import pathlib
import sys

from cloudsplaining.scan.policy_document import PolicyDocument

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    document = PolicyDocument(json.loads(path.read_text()))
    results = (
        document.allows_privilege_escalation,
        document.allows_data_exfiltration_actions,
        document.permissions_management_without_constraints,
        document.credentials_exposure,
        document.service_wildcard,
        document.infrastructure_modification,
    )
    if any(results):
        print(path)
