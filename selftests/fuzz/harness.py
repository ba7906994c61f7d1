# SPDX-License-Identifier: GPL-2.0
"""Builds the harnesses, for libFuzzer and for AFL++, and runs them. Programs
are below build/fuzz/, one for each content of the sources; what a fuzzer finds
new is kept in build/fuzz/inputs/, what broke a rule in build/fuzz/findings/."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
BUILD = TREE / "build/fuzz"
CORPUS = HERE / "corpus"
FINDINGS = BUILD / "findings"
DICTIONARY = HERE / "smtp.dict"

HARNESSES = {
    "client": "what a client sends, to a server that answers",
    "server": "what a server sends, to a client that means well",
    "both": "what both send",
    "cuts": "what both send, cut otherwise",
    "history": "what is kept for repeats",
    "ahead": "what passes before a hole is filled",
    "models": "what a client sends, to servers that read it in their own ways",
    "hello": "what both say of TLS in clear",
}
PACKAGES = {
    "libfuzzer": ["clang", "libclang-rt-14-dev"],
    "afl": ["clang", "libclang-rt-14-dev", "afl++"],
}
COMPILERS = {"libfuzzer": "clang", "afl": "afl-clang-fast"}
FLAGS = ["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror",
         "-Wno-unused-parameter", "-fsanitize=fuzzer"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
INPUT_MAX = 4096
# A container has neither a say in these nor a core to itself.
AFL = {
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
    "AFL_NO_UI": "1",
    "AFL_NO_AFFINITY": "1",
    "AFL_USE_ASAN": "1",
    "AFL_USE_UBSAN": "1",
    "AFL_QUIET": "1",
    "AFL_NO_COLOR": "1",
}


def need(engine):
    """Install what the engine needs."""
    subprocess.run([TREE / "selftests/deps", *PACKAGES[engine]], check=True)


def _compile(engine, *words):
    command = [COMPILERS[engine], *FLAGS,
               *(SANITIZERS if engine == "libfuzzer" else []), *words]
    subprocess.run(command, stdin=subprocess.DEVNULL,
                   env={**os.environ, **AFL}, check=True)


def _build_all(engine, tree, place):
    """What all harnesses share is compiled once."""
    includes = ["-I", tree / "kmod", "-I", HERE]
    shared = [path for path in sorted(HERE.glob("*.c"))
              if path.stem not in HARNESSES]
    objects = []
    for path in [*shared, *sorted((tree / "kmod/core").glob("*.c"))]:
        objects.append(place / f"{path.parent.name}-{path.stem}.o")
        _compile(engine, *includes, "-c", path, "-o", objects[-1])
    for name in HARNESSES:
        _compile(engine, *includes, HERE / f"{name}.c", *objects, "-o",
                 place / name)


def build(name, engine="libfuzzer", tree=TREE):
    """Build all harnesses if they are not there yet. Returns one's path."""
    key = hashlib.sha256(repr([COMPILERS[engine], FLAGS, SANITIZERS,
                               AFL]).encode())
    for path in [*sorted(HERE.glob("*.[ch]")),
                 *sorted((tree / "kmod/core").glob("*.[ch]"))]:
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    place = BUILD / f"{engine}-{key.hexdigest()[:16]}"
    if not place.is_dir():
        unfinished = folder(place.with_suffix(f".{os.getpid()}"))
        _build_all(engine, tree, unfinished)
        unfinished.rename(place)
    return place / name


class Result:
    """What a run came to."""

    def __init__(self, status, executions, findings, output):
        self.status = status
        self.executions = executions
        self.findings = findings
        self.output = output

    def trouble(self):
        """What was found, for people; nothing if nothing was."""
        if self.findings or "\nbroken: " in self.output:
            rules = sorted(set(re.findall(r"^broken: .*|^SUMMARY: .*",
                                          self.output, re.M)))
            return "\n".join([*rules, *map(str, self.findings)])
        if self.status or not self.executions:
            return "\n".join(self.output.split("\n")[-30:])
        return ""


def _run(command, log):
    with open(log, "wb") as out:
        done = subprocess.run(
            [str(word) for word in command], check=False,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, **AFL})
    return done.returncode, log.read_text(errors="replace")


def libfuzzer(name, folders, *options, tree=TREE):
    """Run a harness over folders of inputs; new ones go to the first."""
    program = build(name, tree=tree)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    status, output = _run(
        [program, f"-artifact_prefix={FINDINGS}/{name}-",
         "-print_final_stats=1", f"-max_len={INPUT_MAX}",
         f"-dict={DICTIONARY}", "-timeout=25", *options, *folders],
        BUILD / f"{name}.log")
    match = re.search(r"^stat::number_of_executed_units: *(\d+)", output, re.M)
    written = re.findall(r"; Test unit written to (.*)$", output, re.M)
    return Result(status, int(match[1]) if match else 0, written, output)


def replay(name, inputs, tree=TREE):
    """Each of these inputs, once."""
    return libfuzzer(name, inputs, tree=tree)


def mutate(name, inputs, count, seed, tree=TREE):
    """These inputs, and some made of them: the same ones wherever it is run,
    for libFuzzer takes what lies in a folder in the order that it lies in."""
    stored = BUILD / f"{name}.inputs"
    stored.write_text(",".join(map(str, inputs)))
    return libfuzzer(name, [], f"-seed_inputs=@{stored}", f"-seed={seed}",
                     f"-runs={len(inputs) + count}", tree=tree)


def afl_replay(name, inputs, tree=TREE):
    """Each of these inputs, once, in the program that AFL++ fuzzes."""
    program = build(name, "afl", tree)
    status, output = _run([program, *inputs], BUILD / f"{name}-afl.log")
    return Result(status, len(re.findall(r"^Execution successful",
                                         output, re.M)), [], output)


def afl(name, seconds, folders, tree=TREE):
    """Run AFL++ for some seconds, from folders of inputs."""
    program = build(name, "afl", tree)
    place = BUILD / "afl" / name
    shutil.rmtree(place, ignore_errors=True)
    begin = place / "begin"
    begin.mkdir(parents=True)
    for folder in folders:
        for path in folder.iterdir():
            shutil.copy(path, begin / path.name)
    status, output = _run(
        ["afl-fuzz", "-i", begin, "-o", place / "out", "-V", seconds, "-x",
         DICTIONARY, "-G", INPUT_MAX, "--", program],
        BUILD / f"{name}-afl.log")
    stats = place / "out/default/fuzzer_stats"
    match = re.search(r"^execs_done *: *(\d+)",
                      stats.read_text() if stats.is_file() else "", re.M)
    findings = []
    FINDINGS.mkdir(parents=True, exist_ok=True)
    for path in (place / "out/default/crashes").glob("id*"):
        digest = hashlib.sha1(path.read_bytes()).hexdigest()
        findings.append(FINDINGS / f"{name}-afl-{digest}")
        shutil.copy(path, findings[-1])
    return Result(status, int(match[1]) if match else 0, findings, output)


def folder(path):
    """A folder that is there."""
    path.mkdir(parents=True, exist_ok=True)
    return path
