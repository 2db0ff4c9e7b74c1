"""Prints the path of each policy below a folder that parliament has findings for."""

import pathlib
import sys

import parliament

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    analyzed = parliament.analyze_policy_string(path.read_text())
    if [it for it in map(parliament.enhance_finding, analyzed.findings) if it.severity != "MUTE"]:
        print(path)
