"""Decides queries with cvc5 and z3 and compares the verdicts with rolecall's.

Results are appended to a file as they come, and queries that it already holds are left out, so a
run can be stopped and started again; with a higher limit it tries again what was undecided. Every
model becomes a request that `concrete.py` has to
decide as a witness; so does every witness of rolecall. Exit code: 0 when nobody disagrees.

usage: run.py QUERIES --results FILE [--answers FILE] [--z3 none|undecided|all]
              [--limit SECONDS] [--workers N] [--failures FOLDER]

ANSWERS holds rolecall's lines `{"id", "verdict": "contained"|"not"|"unknown", "witness"?, …}`.
"""

import argparse
import collections
import hashlib
import json
import multiprocessing
import multiprocessing.connection
import pathlib
import statistics
import sys
import time

import concrete
import encode
import solve
from document import Unsupported

GRACE = 5  # seconds after which a solver that ignores its limit is killed


def digest(query):
    text = json.dumps([query["a"], query["b"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def decide(query, solver, limit):
    """One line of results."""
    line = {"id": query["id"], "digest": digest(query), "solver": solver, "limit": limit}
    line["seconds"] = 0
    for places in (False, True):
        try:
            encoding = encode.Encoding(query, solver, places)
        except Unsupported as reason:
            return line | {"status": "skipped", "reason": str(reason)}
        try:
            status, model, seconds = solve.solve(solver, encoding.text, int(limit * 500))
        except Exception as error:  # a solver that refuses a formula leaves the query undecided
            line |= {"status": "unknown", "reason": f"{type(error).__name__}: {error}"[:300]}
            continue
        line |= {"status": status, "seconds": round(line["seconds"] + seconds, 4)}
        line["places"] = places
        line.pop("reason", None)
        if status == "sat":
            line["request"] = encoding.request(model)
            line["replayed"] = concrete.Query(query).refuted_by(line["request"])
        if status != "unknown":
            break
    return line


def work(pipe, limit):
    """A worker: one query after the other."""
    while True:
        task = pipe.recv()
        if task is None:
            return
        pipe.send(decide(*task, limit))


class Worker:
    """A process that solves, and what it is at."""

    def __init__(self, limit):
        self.limit = limit
        self.start()

    def start(self):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=work, args=(theirs, self.limit), daemon=True)
        self.process.start()
        theirs.close()
        self.task = None

    def give(self, task):
        self.task = task
        self.deadline = time.monotonic() + 2 * self.limit + GRACE
        self.pipe.send(task)

    def result(self):
        """The line of its task, if there is one by now."""
        try:
            if self.pipe.poll():
                line, self.task = self.pipe.recv(), None
                return line
        except EOFError:
            return self.abandoned("the process ended")
        if time.monotonic() > self.deadline:
            return self.abandoned("killed after the limit")
        return None

    def abandoned(self, reason):
        query, solver = self.task
        self.process.kill()
        self.process.join()
        self.start()
        line = {"id": query["id"], "digest": digest(query), "solver": solver, "limit": self.limit}
        return line | {"status": "unknown", "reason": reason}


def solve_all(tasks, workers, limit, output):
    """Yields the line of each task, in any order, after it is written."""
    free = [Worker(limit) for _ in range(workers)]
    busy = []
    tasks = iter(tasks)
    while True:
        while free and (task := next(tasks, None)):
            worker = free.pop()
            worker.give(task)
            busy.append(worker)
        if not busy:
            return
        multiprocessing.connection.wait([it.pipe for it in busy], timeout=1)
        for worker in list(busy):
            line = worker.result()
            if line:
                busy.remove(worker)
                free.append(worker)
                output.write(json.dumps(line) + "\n")
                output.flush()
                yield line


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):  # a run that was stopped may leave half a line
                yield json.loads(line)


def known_results(path, queries):
    """{(id, solver): line} of the lines that belong to these very queries, the last of each."""
    digests = {id_: digest(query) for id_, query in queries.items()}
    found = {}
    if path.exists():
        for line in read_lines(path):
            if digests.get(line["id"]) == line["digest"]:
                found[line["id"], line["solver"]] = line
    return found


VERDICTS = {"unsat": "contained", "sat": "not"}


def report(queries, results, answers, failures):
    """Prints the counts; returns the number of disagreements."""
    problems = []
    for solver in ("cvc5", "z3"):
        lines = [line for (_, name), line in results.items() if name == solver]
        if not lines:
            continue
        counts = collections.Counter(line["status"] for line in lines)
        times = sorted(line["seconds"] for line in lines if "seconds" in line)
        print(
            f"{solver}: {len(lines)} queries, {counts['unsat']} contained, {counts['sat']} not, "
            f"{counts['unknown']} unknown, {counts['skipped']} skipped"
        )
        if times:
            print(
                f"  CPU seconds: total {sum(times):.1f}, median {statistics.median(times):.4f}, "
                f"p99 {times[int(len(times) * 0.99)]:.3f}, max {times[-1]:.3f}"
            )
        reasons = collections.Counter(line["reason"] for line in lines if "reason" in line)
        for reason, count in reasons.most_common():
            print(f"  {count:6} {reason}")
        for line in lines:
            if line.get("replayed") is False:
                problems.append((line["id"], f"the model of {solver} is no witness"))

    proven = collections.Counter()
    for id_ in queries:
        verdicts = {
            solver: VERDICTS[line["status"]]
            for solver in ("cvc5", "z3")
            if (line := results.get((id_, solver))) and line["status"] in VERDICTS
        }
        answer = answers.get(id_)
        if answer and answer["verdict"] in ("contained", "not"):
            proven["both"] += bool(verdicts)
            proven["contained"] += answer["verdict"] == "contained" and bool(verdicts)
            verdicts["rolecall"] = answer["verdict"]
        if len(set(verdicts.values())) > 1:
            problems.append((id_, ", ".join(f"{who}: {it}" for who, it in verdicts.items())))
        if answer and answer.get("witness"):
            try:
                if concrete.Query(queries[id_]).refuted_by(answer["witness"]):
                    proven["witness"] += 1
                else:
                    problems.append((id_, "the witness of rolecall is none"))
            except Unsupported:
                pass
    if answers:
        report_answers(queries, answers, proven)

    print(f"{len(problems)} disagreements")
    for id_, what in problems:
        print(f"  {id_}: {what}")
        write_failure(failures, queries[id_], what, results, answers)
    return len(problems)


def report_answers(queries, answers, proven):
    lines = [answers[it] for it in queries if it in answers]
    counts = collections.Counter(it["verdict"] for it in lines)
    print(
        f"rolecall: {len(lines)} answers, {counts['contained']} contained, {counts['not']} not, "
        f"{counts['unknown']} unknown; {proven['both']} decided by both sides"
    )
    print(
        f"  of its contained {proven['contained']} decided by a solver too, "
        f"of its not {proven['witness']} shown by its witness"
    )
    codes = collections.Counter(
        json.dumps(it.get("reason", it.get("unknown", it.get("code", ""))))
        for it in lines
        if it["verdict"] == "unknown"
    )
    for code, count in codes.most_common(20):
        print(f"  {count:6} {code}")
    times = sorted(it["microseconds"] for it in lines if "microseconds" in it)
    if times:
        print(
            f"  microseconds: total {sum(times):.0f}, median {statistics.median(times):.1f}, "
            f"p99 {times[int(len(times) * 0.99)]:.1f}, max {times[-1]:.1f}"
        )


def write_failure(folder, query, what, results, answers):
    folder.mkdir(parents=True, exist_ok=True)
    id_ = query["id"]
    shown = {
        "what": what,
        "query": query,
        "results": [line for (name, _), line in results.items() if name == id_],
        "answer": answers.get(id_),
    }
    (folder / f"{id_}.json").write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
    for solver in ("cvc5", "z3"):
        try:
            text = encode.Encoding(query, solver).text
        except Unsupported:
            continue
        (folder / f"{id_}.{solver}.smt2").write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("queries")
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--answers")
    parser.add_argument("--z3", choices=("none", "undecided", "all"), default="none")
    parser.add_argument("--limit", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--failures", type=pathlib.Path, default=pathlib.Path("failures"))
    arguments = parser.parse_args()

    queries = {it["id"]: it for it in read_lines(arguments.queries)}
    results = known_results(arguments.results, queries)
    with open(arguments.results, "a", encoding="utf-8") as output:

        def run(solver, chosen):
            tasks = [
                (queries[it], solver)
                for it in chosen
                if not (line := results.get((it, solver)))
                or (line["status"] == "unknown" and line.get("limit", 0) < arguments.limit)
            ]
            start = time.monotonic()
            done = solve_all(tasks, arguments.workers, arguments.limit, output)
            for count, line in enumerate(done, 1):
                results[line["id"], solver] = line
                if count % 1000 == 0:
                    elapsed = time.monotonic() - start
                    print(f"{solver}: {count} of {len(tasks)}, {elapsed:.0f} s", file=sys.stderr)

        run("cvc5", queries)
        if arguments.z3 != "none":
            undecided = (it for it in queries if results[it, "cvc5"]["status"] == "unknown")
            run("z3", queries if arguments.z3 == "all" else undecided)

    answers = {}
    if arguments.answers:
        answers = {it["id"]: it for it in read_lines(arguments.answers)}
    return 1 if report(queries, results, answers, arguments.failures) else 0


if __name__ == "__main__":
    sys.exit(main())
