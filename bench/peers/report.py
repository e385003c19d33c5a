"""report.py: what was measured, as markdown. Must not know how it was measured."""

import json
import statistics
import textwrap

PRECISIONS = ("fp32", "bf16", "int8")


def paragraph(text):
    return [*textwrap.wrap(text, 88, break_long_words=False, break_on_hyphens=False), ""]


def table(rows):
    """rows[0] is the head; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|---|" + "---:|" * (len(rows[0]) - 1), *lines[1:], ""]


def spread(values):
    if not values:
        return ""
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} - {max(values):,.0f})"


def best(cells, lower):
    """The fastest of {(program, precision): values} and its median, or None."""
    medians = {key: statistics.median(v) for key, v in cells.items() if v}
    return (min if lower else max)(medians.items(), key=lambda kv: kv[1], default=None)


def times_as_fast(ours, theirs, lower):
    """Of two answers of best()."""
    if not ours or not theirs:
        return ""
    return f"{theirs[1] / ours[1] if lower else ours[1] / theirs[1]:.2f}"


class Column:
    """One workload: {(program, precision): [values]}, and what follows from it."""

    def __init__(self, workload, cells, ours, lower):
        self.workload, self.cells, self.ours, self.lower = workload, cells, ours, lower

    def pick(self, precisions=PRECISIONS, ours=True):
        return best({(program, p): v for (program, p), v in self.cells.items()
                     if (program == self.ours) == ours and p in precisions}, self.lower)

    def fastest_peer(self, precisions=PRECISIONS):
        found = self.pick(precisions, ours=False)
        return f"{found[0][0]}, {found[0][1]}" if found else ""

    def ratio_to_peers(self, ours=PRECISIONS, theirs=PRECISIONS):
        return times_as_fast(self.pick(ours), self.pick(theirs, ours=False), self.lower)

    def gain(self, precision):
        """Of our own precision over our fp32."""
        return times_as_fast(self.pick((precision,)), self.pick(("fp32",)), self.lower)

    def share_of_peak(self, peak_gflops, flops):
        found = self.pick(("fp32",))
        if not found or not peak_gflops or not flops:
            return ""
        return f"{found[1] * flops * 1e-9 / peak_gflops:.0%}"


def speed_table(columns, peak_gflops=None):
    """A column a workload, a row a program and precision; then what to read off."""
    keys = dict.fromkeys(key for c in columns for key in c.cells)
    rows = [[""] + [", ".join(filter(None, (c.workload["title"], c.workload["unit"])))
                    for c in columns]]
    for program, precision in keys:
        rows.append([f"{program}, {precision}"] +
                    [spread(c.cells.get((program, precision))) for c in columns])
    rows += [["**fastest peer**"] + [c.fastest_peer() for c in columns],
             ["**numeral's best: times as fast**"] + [c.ratio_to_peers() for c in columns],
             ["**numeral in fp32: times as fast as peers in fp32**"] +
             [c.ratio_to_peers(("fp32",), ("fp32",)) for c in columns]]
    if peak_gflops:
        rows.append([f"share of the fp32 peak, {peak_gflops:,.0f} GFLOP/s, in fp32"] +
                    [c.share_of_peak(peak_gflops, c.workload["training_flops"])
                     for c in columns])
    for precision in PRECISIONS[1:]:
        gains = [c.gain(precision) for c in columns]
        if any(gains):
            rows.append([f"numeral in {precision} over its own fp32"] + gains)
    return table([row for row in rows if any(row[1:])])


def kernel_tables(values, ours, names):
    """A table a precision and number of threads; rates in GFLOP/s."""
    lines = []
    for precision, threads in dict.fromkeys(key[2:] for key in values):
        rows = [["kernel", *names, "ratio to the best peer"]]
        for (kernel, shape, p, t), cells in values.items():
            if (p, t) != (precision, threads) or not cells:
                continue
            peer = best({n: v for n, v in cells.items() if n != ours}, lower=False)
            own = best({n: v for n, v in cells.items() if n == ours}, lower=False)
            rows.append([f"{kernel}, {shape}"] + [spread(cells.get(n)) for n in names] +
                        [times_as_fast(own, peer, lower=False)])
        if len(rows) > 1:
            lines += [f"{precision}, {'one thread' if threads == 1 else f'{threads} threads'}:",
                      "", *table(rows)]
    return lines


def setting_text(setting):
    """{"mkldnn": True, "memory": "kept"} -> mkldnn, memory kept"""
    words = [name if value is True else f"no {name}" if value is False else f"{name} {value}"
             for name, value in setting.items()]
    return ", ".join(words).replace("_", " ")


def settings_list(programs):
    lines = []
    for program in programs:
        if program.settings:
            lines += [f"{program.name}:", ""]
            for key, setting in program.settings.items():
                workload = json.loads(key)
                lines.append(f"- {workload['task']} {workload['title']}, "
                             f"{workload['precision']}: {setting_text(setting)}")
            lines.append("")
    return lines
