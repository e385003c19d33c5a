"""programs.py: numeral and its peers, as things that measure a workload.

A program has a name, says which precisions it has for a workload, looks for its
fastest settings, and measures. Must not know tables.
"""

import json
import os
import platform
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TUNE_SECONDS = 0.12

# glibc gives large blocks back to the system after every layer unless told not to
ALLOCATORS = {
    "given back": {},
    "kept": {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "4000000000",
             "MALLOC_TOP_PAD_": "200000000"},
}


class Absent(Exception):
    """The program, or this precision of it, is not to be had here."""


def lower_is_better(workload):
    return workload["task"] == "predict" and workload["batch"] == 1


class Numeral:
    """Each measurement is a process of its own; there is nothing to tune."""

    settings = {}

    def __init__(self, program, data, threads, env=None):
        self.program, self.data = program, data
        self.env = {**os.environ, **(env or {})}
        self.about = json.loads(self.run("describe", threads))
        self.name = f"numeral {self.about['version']}"

    def run(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], env=self.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise Absent(done.stderr.strip())
        return done.stdout

    def precisions(self, workload):
        return [p for p in self.about["precisions"]
                if workload["task"] == "predict" or p != "int8"]

    def tune(self, workload):
        self.measure(workload, 0.01)  # raises Absent

    def measure(self, workload, seconds):
        return float(self.run(workload["task"], workload["net"], workload["batch"],
                              workload["threads"], workload["precision"], seconds, *self.data))

    def close(self):
        pass


class Peer:
    """A library: a worker process for each way to allocate memory and each number
    of threads, started when it is asked, also again after close()."""

    def __init__(self, name, python, worker, data, env=None, allocators=tuple(ALLOCATORS)):
        self.command = [python, os.path.join(HERE, worker), *data]
        self.env, self.allocators = env or {}, allocators
        self.settings, self.workers = {}, {}
        try:
            self.about = self.ask(allocators[0], os.cpu_count(), {"do": "describe"})
        except (OSError, Absent) as error:
            self.close()
            raise Absent(f"not installed where {python} would find it") from error
        self.name = f"{name} {self.about['version']}"

    def start(self, allocator, threads):
        return subprocess.Popen(
            self.command, env=self.environment(threads, {**ALLOCATORS[allocator], **self.env}),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    @staticmethod
    def environment(threads, extra):
        """OpenMP's OpenBLAS where there is one, and no setting of the user's that
        would slow a library down."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
        env.update(OMP_PROC_BIND="true", OMP_NUM_THREADS=str(threads),
                   TF_CPP_MIN_LOG_LEVEL="3", **extra)
        openmp_blas = f"/usr/lib/{platform.machine()}-linux-gnu/openblas-openmp"
        if os.path.isdir(openmp_blas):
            env["LD_LIBRARY_PATH"] = openmp_blas
        return env

    def ask(self, allocator, threads, request):
        if (allocator, threads) not in self.workers:
            self.workers[allocator, threads] = self.start(allocator, threads)
        worker = self.workers[allocator, threads]
        try:
            worker.stdin.write(json.dumps(request) + "\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Absent("its process ended")
        reply = json.loads(line)
        if "error" in reply:
            raise Absent(reply["error"])
        return reply

    def precisions(self, workload):
        return self.about[workload["task"]]

    def measure_with(self, workload, setting, seconds):
        setting = dict(setting)
        allocator = setting.pop("memory")
        return self.ask(allocator, workload["threads"],
                        {"do": "measure", "workload": workload, "setting": setting,
                         "seconds": seconds})["value"]

    def options(self, workload):
        """{setting: its values, the usual one first}"""
        asked = self.ask(self.allocators[0], workload["threads"],
                         {"do": "settings", "workload": workload})
        return {"memory": self.allocators, **asked["settings"]}

    def tune(self, workload):
        """From the usual settings, one change after the other, each kept where it
        is faster. Twice: one may depend on another; and what else the machine does
        only makes a setting slower, so the better of its tries counts."""
        sign = -1 if lower_is_better(workload) else 1
        scores, reason = {}, ""

        def score(setting):
            nonlocal reason
            key = tuple(setting.values())
            if scores.get(key) != float("-inf"):
                try:
                    value = sign * self.measure_with(workload, setting, TUNE_SECONDS)
                except Absent as why:
                    value, reason = float("-inf"), str(why)
                scores[key] = max(value, scores.get(key, float("-inf")))
            return scores[key]

        options = self.options(workload)
        best = {name: values[0] for name, values in options.items()}
        for _ in range(2):
            high = score(best)
            for name, values in options.items():
                for value in values:
                    other = {**best, name: value}
                    if other != best and score(other) > high:
                        best, high = other, scores[tuple(other.values())]
        if high == float("-inf"):
            raise Absent(reason)
        self.settings[json.dumps(workload, sort_keys=True)] = best

    def measure(self, workload, seconds):
        return self.measure_with(workload, self.setting_of(workload), seconds)

    def setting_of(self, workload):
        return self.settings[json.dumps(workload, sort_keys=True)]

    def close(self):
        for worker in self.workers.values():
            worker.stdin.close()
            worker.wait()
        self.workers.clear()
