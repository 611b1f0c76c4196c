"""gate_replay.py LOG LIMITS: what a gate says of a log of requests, looked at as it grows; the host is switched at the second 1000."""

import json
import sys

sys.path.insert(0, "src/web/onhost")
import gate_report
from gate_judge import Judge, Limits
from gate_watch import LOOKS_PER_S, requests_in

SINCE = 1000
with open(sys.argv[1], "rb") as log:
    requests = sorted(requests_in(log.read().split(b"\n")))
limits = Limits(**json.loads(sys.argv[2]))
judge, problem, look = Judge(limits, SINCE), None, 0
while not problem and look <= limits.seconds * LOOKS_PER_S:
    now = SINCE + look / LOOKS_PER_S
    while requests and requests[0].ended <= now:
        judge.see(requests.pop(0))
    problem = judge.problem(now)
    look += 1
report = gate_report.seen(judge, now) if problem else gate_report.passed("a", judge)
print(json.dumps({"problem": problem, "after": round(now - SINCE, 1), "report": report}))
