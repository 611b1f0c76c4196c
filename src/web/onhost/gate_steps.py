"""What a gate does on a host: it tries something, watches, and keeps it or goes back."""

import argparse
import contextlib
import time

import content_releases
import content_steps
import gate_report
import gate_watch
from content_releases import current, name_of
from content_store import Manifest, Refused
from gate_judge import Judge, Limits
from gate_trial import Gate, stop_timer


def publish(gate: Gate, options: argparse.Namespace) -> None:
    manifest = gate.store.manifest(content_steps.manifest_id())
    go_on(gate, manifest, options, options.lease)


def keep(gate: Gate, options: argparse.Namespace) -> None:
    manifest = gate.store.manifest(content_steps.manifest_id())
    if gate.trial:
        stop_timer(gate.role)
        gate.trial = None
        gate.save()
    elif gate.put_back and gate.put_back["release"] == name_of(manifest.root):
        # It went back by itself, as another host of the group was not well; now that one is.
        go_on(gate, manifest, options, 0)


def lapse(gate: Gate, _: argparse.Namespace) -> None:
    if gate.trial and gate.trial["until"] and (former := gate.fails("its group was not through in time")):
        say(gate, f"release {former} again: its group was not through in time")


def go_on(gate: Gate, manifest: Manifest, options: argparse.Namespace, lease: int) -> None:
    """A release or settings that have not passed here are tried. Where nothing was served before, nobody can be worse off."""
    former, published = former_of(gate, manifest)
    state = {"id": manifest.id, "settings": options.settings}
    # One that has not come to its end has not passed.
    passed = gate.trial["passed"] if gate.trial else gate.passed
    is_new = passed not in (None, state) or former
    if is_new:
        trial(gate, manifest, former, published, options)
    else:
        say(gate, content_steps.publish_manifest(gate.role, manifest.id))
    gate.passes(state, lease if former else 0)


def former_of(gate: Gate, manifest: Manifest) -> tuple[str | None, str]:
    """The release to go back to, if there is another one, and the manifest that was published with it."""
    served, published = current(content_releases.base_of(manifest.root)), gate.store.record.published
    if gate.trial and served == gate.trial["tried"]:
        # That one has not come to its end.
        served, published = gate.trial["former"], gate.trial["published"]
    elif published == manifest.id:
        # Whatever somebody has switched to since then stays.
        served = None
    return (served if served != manifest.root else None), published


def trial(
    gate: Gate, manifest: Manifest, former: str | None, published: str, options: argparse.Namespace
) -> None:
    tried = name_of(manifest.root)
    if gate.put_back and gate.put_back["release"] == tried:
        when = gate_report.at(gate.put_back["at"])
        say(gate, f"release {tried} was put back on {when} ({gate.put_back['why']}): it is tried again")
    stop_timer(gate.role)
    limits = limits_of(options)
    before = gate_watch.before(options.log, time.time(), limits.latency)
    log = gate_watch.Log(options.log)
    gate.begin(manifest.root, former, published)
    told = content_steps.publish_manifest(gate.role, manifest.id) or "what has changed of the site"
    judge = Judge(limits, time.time())
    behind = f", before {name_of(former)}" if former else ""
    say(gate, f"{told}{behind}; watched for {limits.seconds:g} s")
    php = gate_watch.OpenRequests(options.php, limits.latency)
    problem = gate_watch.watch(judge, limits, log, php, gate_watch.Health(options.health))
    if not problem:
        say(gate, gate_report.passed(options.group, judge))
        return
    now, back = time.time(), gate.fails(problem)
    rows = {
        "served": gate_report.served(tried, back),
        "hosts": hosts(options, gate.host),
        **gate_report.seen(judge, now),
        "before": gate_report.earlier(before),
    }
    raise Refused(gate_report.tripped(options.group, problem, rows))


def hosts(options: argparse.Namespace, host: str) -> str:
    names = ", ".join(options.hosts)
    if len(options.hosts) == 1:
        return names
    if host == options.hosts[0]:
        return f"{names}: the first one was tried alone, the others were left alone"
    return f"{names}: those that have passed go back by themselves within {options.lease} s"


def limits_of(options: argparse.Namespace) -> Limits:
    latency = None if options.latency is None else options.latency / 1000
    return Limits(options.errors, latency, options.seconds, options.requests)


def say(gate: Gate, text: str | None) -> None:
    # Whoever deploys may be gone.
    with contextlib.suppress(OSError):
        if text:
            print(f"{gate.host}: {gate.role}: {text}", flush=True)
