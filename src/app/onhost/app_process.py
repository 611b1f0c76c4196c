"""A program of an application: as its user, in its folder, with its environment and nothing of who starts it."""

import os
import pwd
import signal
import subprocess

PATH = "/usr/local/bin:/usr/bin:/bin"
# What is told to end and does not is killed then.
ENDS_S = 10


def environment(config: dict) -> dict[str, str]:
    # The first, empty part is PHP's own folder.
    settings = {"PHP_INI_SCAN_DIR": f":{config['phpSettings']}"} if config["phpSettings"] else {}
    own = {"HOME": pwd.getpwnam(config["user"]).pw_dir, "LANG": "C.UTF-8", "LOGNAME": config["user"], "PATH": PATH, "USER": config["user"]}
    return own | settings | config["environment"]


def become(config: dict, words: list[str]) -> int:
    """In place of this process."""
    if os.geteuid() == 0:
        leave_root(config["user"])
    os.chdir(config["root"])
    try:
        os.execvpe(words[0], words, environment(config))
    except OSError as problem:
        print(f"web-app: {words[0]}: {problem.strerror}")
        return 127


def leave_root(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def start(config: dict, words: list[str]) -> subprocess.Popen:
    """With a session of its own: all that it starts is ended with it."""
    return subprocess.Popen(
        words,
        cwd=config["root"],
        env=environment(config),
        user=config["user"],
        group=config["user"],
        extra_groups=os.getgrouplist(config["user"], pwd.getpwnam(config["user"]).pw_gid),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process: subprocess.Popen) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        os.killpg(process.pid, sent)
        try:
            process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            continue
