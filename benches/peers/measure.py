"""Runs one linter over a folder of policies: CPU seconds, peak memory, policies it speaks about.

Each peer runs in its own virtual environment by its own program or its documented library, as its
users run it; the time is that of the whole process, children included.

usage: measure.py NAME POLICIES COMMAND…   (prints one line of JSON)
"""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys


def spoken(name, folder, output):
    """Returns the files that the output of a linter names."""
    files = {path.name for path in folder.glob("*.json")}
    if name == "rolecall":
        report = json.loads(output)
        return {pathlib.Path(it["file"]).name for it in report["findings"]}
    if name in ("parliament", "cloudsplaining"):
        return {pathlib.Path(line).name for line in output.splitlines() if line.endswith(".json")} & files
    report = json.loads(output[output.index("{"):])
    return {
        pathlib.Path(it["policy_file"]).name
        for it in report["results"]
        if it.get("issues")
    }


def main():
    name, folder, command = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = usage.ru_utime + usage.ru_stime
    count = len(list(folder.glob("*.json")))
    try:
        speaks = len(spoken(name, folder, run.stdout))
    except (ValueError, KeyError) as error:
        sys.exit(f"{name}: {error}\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    print(json.dumps({
        "name": name,
        "policies": count,
        "cpu_seconds": round(cpu, 3),
        "policies_per_cpu_second": round(count / cpu, 1),
        "peak_megabytes": round(usage.ru_maxrss / 1024),
        "speaks_about": speaks,
    }))


main()
