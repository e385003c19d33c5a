"""prometheus.py: reads Prometheus' text format (0.0.4), strictly: whatever the
format's description does not allow is an error."""
import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? (\S+)")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN")
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Broken(AssertionError):
    """The text is not in the format."""


def demand(holds, line, why):
    if not holds:
        raise Broken(f"{why}: {line}")


def read_value(text, line):
    demand(NUMBER.fullmatch(text), line, "not a number")
    return float(text.replace("Inf", "inf"))


def read_labels(text):
    found = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', text or "")
    return tuple(sorted(found))


def family_of(name, types):
    """The metric that a sample belongs to: a histogram has three kinds."""
    for ending in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(ending)
        if base != name and types.get(base) == "histogram":
            return base
    return name


def parse(text):
    """{(name, ((label, value), ...)): number}, after every check."""
    demand(text.endswith("\n"), text[-80:], "the last line has no end")
    types, helps, samples, closed, current = {}, {}, {}, set(), None
    for line in text.splitlines():
        if line.startswith("# "):
            _, word, name, rest = line.split(" ", 3)
            demand(re.fullmatch(NAME, name), line, "no name")
            if name != current:
                demand(name not in closed, line, "its lines are apart")
                closed.add(current)
                current = name
            table = {"HELP": helps, "TYPE": types}[word]
            demand(name not in table, line, "told twice")
            demand(word != "TYPE" or rest in TYPES, line, "no type")
            table[name] = rest
            continue
        match = SAMPLE.fullmatch(line)
        demand(match, line, "no sample")
        name, labels, value = match.groups()
        family = family_of(name, types)
        demand(family == current and family in types and family in helps, line,
               "not under its HELP and TYPE")
        key = (name, read_labels(labels))
        demand(len({label for label, _ in key[1]}) == len(key[1]), line, "a label twice")
        demand(key not in samples, line, "a sample twice")
        samples[key] = read_value(value, line)
    check_kinds(types, samples)
    return samples


def check_kinds(types, samples):
    for (name, _), value in samples.items():
        if types.get(name) == "counter":
            demand(name.endswith("_total"), name, "a counter without _total")
            demand(value >= 0 and math.isfinite(value), name, "no count")
    for name in (name for name, kind in types.items() if kind == "histogram"):
        check_histogram(name, samples)


def check_histogram(name, samples):
    """Buckets grow, and the last one, +Inf, is the count."""
    series = {}
    for (sample, labels), value in samples.items():
        if sample == name + "_bucket":
            rest = tuple(pair for pair in labels if pair[0] != "le")
            bound = float(dict(labels)["le"].replace("Inf", "inf"))
            series.setdefault(rest, []).append((bound, value))
    for labels, buckets in series.items():
        bounds = [bound for bound, _ in buckets]
        counts = [count for _, count in buckets]
        demand(bounds == sorted(bounds) and counts == sorted(counts), name, "no order")
        demand(bounds[-1] == math.inf, name, "no +Inf")
        demand(samples.get((name + "_count", labels)) == counts[-1], name, "_count")
        demand((name + "_sum", labels) in samples, name, "no _sum")
