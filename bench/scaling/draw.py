#!/usr/bin/env python3
"""Draws the figures of docs/guides/performance.md from what `run` has measured.

    bench/scaling/draw.py bench/runs/DATE-scaling.json

Prints the rows of the tables there.

Writes docs/guides/performance-requests.svg and performance-outputs.svg: both axes logarithmic, no
background, colours that can be read on a light and a dark one.
"""

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

GUIDES = Path(__file__).resolve().parent.parent.parent / "docs" / "guides"
WIDTH, HEIGHT = 720, 400
# Room around the plot: for the labels of both axes and, on the right, of the lines.
LEFT, RIGHT, TOP, BOTTOM = 72, 176, 44, 56
INK, GRID = "#7d8590", "#7d8590"
COLOURS = ["#2f81f7", "#d9730d", "#2da44e"]
FONT = "font-family='system-ui, sans-serif' font-size='13'"


@dataclass
class Figure:
    """What a figure says besides its points."""

    file: str
    title: str
    x_label: str
    x_from: float
    x_to: float
    y_from: float
    y_to: float
    x_marks: list[float]


FIGURES = {
    "requests": Figure(
        "performance-requests.svg",
        "CPU time over requests, one GPU",
        "requests",
        1e3,
        1e7,
        1e-3,
        1e2,
        [1e3, 1e4, 1e5, 1e6, 1e7],
    ),
    "outputs": Figure(
        "performance-outputs.svg",
        "CPU time over output length, 20,000 requests",
        "times as many output tokens",
        1,
        100,
        1e-2,
        1e1,
        [1, 2, 5, 10, 20, 50, 100],
    ),
}


def plain(value):
    """A number as people write it."""
    if value >= 1e6:
        return f"{value / 1e6:g} M"
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def seconds(value):
    """A time as a label: two digits and a unit."""
    for unit, scale in [("s", 1), ("ms", 1e3)]:
        if value * scale >= 1 or unit == "ms":
            number = value * scale
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    raise AssertionError("a unit fits")


class Drawing:
    """An SVG in the making."""

    def __init__(self, figure):
        self.figure = figure
        self.parts = [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' "
            f"width='{WIDTH}' height='{HEIGHT}' role='img' {FONT}>",
            f"<title>{figure.title}</title>",
        ]

    def x(self, value):
        low, high = math.log(self.figure.x_from), math.log(self.figure.x_to)
        return LEFT + (math.log(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = math.log(self.figure.y_from), math.log(self.figure.y_to)
        share = (math.log(value) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def text(self, x, y, text, anchor="middle", fill=INK, more=""):
        self.parts.append(
            f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{fill}'{more}>{text}</text>"
        )

    def grid(self, x1, y1, x2, y2):
        self.parts.append(
            f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' "
            f"stroke='{GRID}' stroke-opacity='0.35'/>"
        )

    def axes(self):
        figure = self.figure
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for mark in figure.x_marks:
            self.grid(self.x(mark), TOP, self.x(mark), bottom)
            self.text(self.x(mark), bottom + 20, plain(mark))
        decades = range(round(math.log10(figure.y_from)), round(math.log10(figure.y_to)) + 1)
        for decade in decades:
            y = self.y(10.0**decade)
            self.grid(LEFT, y, right, y)
            self.text(LEFT - 8, y + 4, f"{10.0**decade:g} s", "end")
        self.text((LEFT + right) / 2, HEIGHT - 14, figure.x_label)
        self.text(LEFT, 24, figure.title, "start", more=" font-weight='600' font-size='15'")

    def line(self, colour, points):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(
            f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2.5'/>"
        )
        for x, y in points:
            self.parts.append(
                f"<circle cx='{self.x(x):.1f}' cy='{self.y(y):.1f}' r='4' fill='{colour}'/>"
            )

    def save(self):
        path = GUIDES / self.figure.file
        path.write_text("\n".join([*self.parts, "</svg>"]) + "\n")


def spread(wanted, distance):
    """Heights as near to the wanted ones as lets no two be closer than `distance`."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    heights = list(wanted)
    for before, index in zip(order, order[1:]):
        heights[index] = max(heights[index], heights[before] + distance)
    return heights


def draw(figure, points):
    """Draws the points of a figure, each line with its name and its last value at the end."""
    drawing = Drawing(figure)
    drawing.axes()
    series = {}
    for point in points:
        series.setdefault(point["series"], []).append((point["x"], point["cpu_s"]))
    lines = list(zip(series.items(), COLOURS))
    at_end = [line for line in lines if line[0][1][-1][0] == figure.x_to]
    heights = spread([drawing.y(points[-1][1]) for (_, points), _ in at_end], 34)
    for (name, points), colour in lines:
        drawing.line(colour, points)
        x, cpu_s = points[-1]
        if x < figure.x_to:
            text = f"{name}: {seconds(cpu_s)}"
            drawing.text(drawing.x(x) + 8, drawing.y(cpu_s) - 12, text, "end", colour)
    for ((name, points), colour), height in zip(at_end, heights):
        x, cpu_s = points[-1]
        drawing.text(drawing.x(x) + 12, height, name, "start", colour)
        drawing.text(drawing.x(x) + 12, height + 15, seconds(cpu_s), "start", colour)
    drawing.save()


def table(points):
    """A row of the guide's table per value of x: processor times and peak memory by series."""
    names = list(dict.fromkeys(point["series"] for point in points))
    for x in dict.fromkeys(point["x"] for point in points):
        at = {point["series"]: point for point in points if point["x"] == x}
        cells = [f"{x:,}"]
        for name in names:
            point = at.get(name)
            cells.append(f"{seconds(point['cpu_s'])}, {point['peak_mib']:,.0f} MiB" if point else "")
        print("| " + " | ".join(cells) + " |")


def main():
    measured = json.loads(Path(sys.argv[1]).read_text())
    for name, figure in FIGURES.items():
        points = [point for point in measured["points"] if point["figure"] == name]
        draw(figure, points)
        table(points)


if __name__ == "__main__":
    main()
