# SPDX-License-Identifier: MIT
"""Numbers of many runs as a table of medians, and as JSON."""

import json
import statistics


class Series:
    """One quantity, measured once a run."""

    def __init__(self, name, unit, how):
        self.name = name
        self.unit = unit
        self.how = how
        self.values = []

    def add(self, value):
        self.values.append(value)

    def median(self):
        return statistics.median(self.values)

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "how": self.how, "median": self.median(),
                "min": min(self.values), "max": max(self.values), "values": self.values}

    def __str__(self):
        low, high = (number(f(self.values)) for f in (min, max))
        middle = number(self.median())
        spread = f" ({low} to {high})" if low != high else ""
        return f"{middle}{spread}" + (f" {self.unit}" if self.unit else "")


class Bar:
    """The bar of a quantity: at least a bound, or at most."""

    def __init__(self, series, at_least=None, at_most=None, of=None, against=None):
        self.series = series
        self.bound = at_least if at_most is None else at_most
        self.at_least = at_most is None
        self.of = of
        self.against = against

    def met(self):
        value = self.series.median()
        return value >= self.bound if self.at_least else value <= self.bound

    def wanted(self):
        return f"{'at least' if self.at_least else 'at most'} {number(self.bound)}"

    def as_json(self):
        return {"name": self.series.name, "at_least" if self.at_least else "at_most": self.bound,
                "median": self.series.median(), "min": min(self.series.values),
                "max": max(self.series.values), "met": self.met()}


def ratio(name, of, against):
    """Run by run: what was measured at nearly the same time is divided."""
    series = Series(name, "", f"{of.name} / {against.name}, run by run")
    for a, b in zip(of.values, against.values):
        series.add(a / b)
    return series


def number(value):
    """Three digits, and thousands as people write them."""
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= scale:
            return f"{value / scale:.3g}{unit}"
    return f"{value:.3g}"


def markdown(head, rows):
    """A table that can be read as it is, too."""
    rows = [head, *rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def table(bars, runs):
    rows = [(bar.series.name, str(bar.of or ""), str(bar.against or ""),
             str(bar.series), bar.wanted(), "yes" if bar.met() else "NO") for bar in bars]
    head = ("what", "trn", "compared with", "result", "bar", "met")
    return f"Medians of {runs} runs (lowest to highest):\n\n{markdown(head, rows)}"


def explanation(all_series):
    """How the numbers came about: each way once."""
    ways = dict.fromkeys(series.how for series in all_series)
    return "\n".join(f"* {how}." for how in ways)


def save(path, machine, runs, all_series, bars):
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"machine": machine, "runs": runs,
                   "series": [series.as_json() for series in all_series],
                   "bars": [bar.as_json() for bar in bars]}, out, indent=1)
        out.write("\n")
