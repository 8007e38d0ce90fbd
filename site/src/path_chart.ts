/* Accuracy against bytes, from float32 to the file that the chip runs: a picture, and the table of its points. */

import { bar, element } from "./element";
import { count, percent } from "./format";
import { line, placed } from "./plot";
import type { Step, Story } from "./story";

const MARGIN = 0.12; // of log10 of the bytes, at both ends

/** Bytes that an axis may name. */
const ROUND_SIZES: readonly (readonly [number, string])[] = [
  [1e3, "1 KB"],
  [1e4, "10 KB"],
  [3e4, "30 KB"],
  [1e5, "100 KB"],
  [3e5, "300 KB"],
  [1e6, "1 MB"],
  [3e6, "3 MB"],
  [1e7, "10 MB"],
];

export function pathSection(story: Story): HTMLElement {
  return element("div", { class: "path" }, chart(story.path), table(story.path));
}

/** Shares of the plot's width and height at which a point lies. */
interface Axes {
  x(bytes: number): number;
  y(accuracy: number): number;
  readonly lowest: number;
  readonly highest: number;
}

/** Smaller is further right; whole per cent of accuracy below and above all points. */
function axesOf(steps: readonly Step[]): Axes {
  const sizes = steps.map((step) => Math.log10(step.bytes));
  const left = Math.max(...sizes) + MARGIN;
  const right = Math.min(...sizes) - MARGIN;
  const accuracies = steps.map((step) => 100 * step.accuracy);
  const lowest = Math.floor(Math.min(...accuracies)) - 1;
  const highest = Math.ceil(Math.max(...accuracies)) + 1;
  return {
    x: (bytes) => (left - Math.log10(bytes)) / (left - right),
    y: (accuracy) => (highest - 100 * accuracy) / (highest - lowest),
    lowest,
    highest,
  };
}

function chart(steps: readonly Step[]): HTMLElement {
  const axes = axesOf(steps);
  const first = steps[0]!;
  const last = steps[steps.length - 1]!;
  const points = steps.map((step) => [axes.x(step.bytes), axes.y(step.accuracy)] as const);
  const plot = element("div", { class: "plot" }, ...ticks(axes), line(points));
  steps.forEach((step, index) => {
    plot.append(placed("point", axes.x(step.bytes), axes.y(step.accuracy), String(index + 1)));
  });
  const told =
    `Test accuracy over bytes: from ${percent(first.accuracy, 2)} in ${count(first.bytes)} bytes ` +
    `to ${percent(last.accuracy, 2)} in ${count(last.bytes)} bytes`;
  return element(
    "figure",
    {},
    element("div", { class: "chart", role: "img", "aria-label": told }, plot),
    element("figcaption", {}, "Test accuracy over bytes, logarithmic: further right is smaller"),
  );
}

function ticks(axes: Axes): HTMLElement[] {
  const step = Math.max(1, Math.ceil((axes.highest - axes.lowest) / 5));
  const made: HTMLElement[] = [];
  for (let tick = axes.lowest; tick <= axes.highest; tick += step) {
    made.push(placed("grid", 0, axes.y(tick / 100), ""));
    made.push(placed("tick-y", 0, axes.y(tick / 100), `${tick} %`));
  }
  for (const [bytes, name] of ROUND_SIZES) {
    const x = axes.x(bytes);
    if (x >= 0 && x <= 1) {
      made.push(placed("tick-x", x, 1, name));
    }
  }
  return made;
}

function table(steps: readonly Step[]): HTMLElement {
  const most = steps[0]!.bytes;
  const rows = steps.map((step, index) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("span", { class: "number" }, String(index + 1)), " ", step.name),
      element("td", {}, percent(step.accuracy, 2)),
      element("td", {}, count(step.bytes), bar(step.bytes / most)),
      element("td", { class: "detail" }, `${(most / step.bytes).toFixed(1)} ×`),
    ),
  );
  const heads: [string, string][] = [
    ["Model", ""],
    ["Accuracy", ""],
    ["Bytes", ""],
    ["Smaller", "detail"],
  ];
  return element(
    "table",
    { class: "figures" },
    element("caption", { class: "hidden" }, "Accuracy and size of each state of the model"),
    element("thead", {}, element("tr", {}, ...heads.map(([head, kind]) => element("th", { scope: "col", class: kind }, head)))),
    element("tbody", {}, ...rows),
  );
}
