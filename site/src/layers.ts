/* Where bytes, memory and time go: one row for each step of the program. */

import { bar, element, scrollingTable } from "./element";
import { count, percent } from "./format";
import type { Layer, Story } from "./story";

export function layersSection({ layers }: Story): HTMLElement {
  const most = {
    code: Math.max(...layers.map((layer) => layer.code_bytes)),
    arena: Math.max(...layers.map((layer) => layer.arena_bytes)),
    instructions: Math.max(...layers.map((layer) => layer.instructions)),
  };
  const rows = layers.map((layer) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, layer.name.replaceAll("_", " ")),
      element("td", { class: "detail" }, layer.output.join(" × ")),
      element("td", { class: "detail" }, weights(layer)),
      measured(layer.code_bytes, most.code),
      measured(layer.arena_bytes, most.arena),
      measured(layer.instructions, most.instructions),
    ),
  );
  const total = (key: "weights" | "code_bytes" | "instructions") =>
    count(layers.reduce((sum, layer) => sum + layer[key], 0));
  const foot = element(
    "tr",
    {},
    element("th", { scope: "row" }, "together"),
    element("td", { class: "detail" }),
    element("td", { class: "detail" }, total("weights")),
    element("td", {}, total("code_bytes")),
    element("td", {}, `${count(most.arena)} at the peak`),
    element("td", {}, total("instructions")),
  );
  const heads: [string, string][] = [
    ["Step", ""],
    ["Output", "detail"],
    ["Weights, zeros", "detail"],
    ["Coded weights, bytes", ""],
    ["Arena in use, bytes", ""],
    ["Instructions", ""],
  ];
  return scrollingTable(
    "Coded weights, memory and instructions of each step",
    "figures layers",
    element(
      "thead",
      {},
      element("tr", {}, ...heads.map(([head, kind]) => element("th", { scope: "col", class: kind }, head))),
    ),
    element("tbody", {}, ...rows),
    element("tfoot", {}, foot),
  );
}

function weights(layer: Layer): string {
  return layer.weights === 0
    ? "–"
    : `${count(layer.weights)}, ${percent(layer.zeros / layer.weights, 0)}`;
}

function measured(value: number, most: number): HTMLElement {
  return value === 0
    ? element("td", {}, "–")
    : element("td", {}, count(value), bar(value / Math.max(most, 1)));
}
