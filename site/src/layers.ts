/* Where bytes, memory and time go: one row for each step of the program. */

import { bar, element, scrollingTable } from "./element";
import { count, percent } from "./format";
import type { Layer, Story } from "./story";

/** Whether the model was made for two cores. */
export function areShared(layers: readonly Layer[]): boolean {
  return layers.some((layer) => layer.instructions_of_two !== layer.instructions);
}

/** What all steps have together. */
export function total(layers: readonly Layer[], key: Summed): number {
  return layers.reduce((sum, layer) => sum + layer[key], 0);
}

type Summed = "weights" | "code_bytes" | "instructions" | "instructions_of_two";

export function layersSection({ layers }: Story): HTMLElement {
  const shared = areShared(layers);
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
      ...(shared ? [measured(layer.instructions_of_two, most.instructions)] : []),
    ),
  );
  const foot = element(
    "tr",
    {},
    element("th", { scope: "row" }, "together"),
    element("td", { class: "detail" }),
    element("td", { class: "detail" }, count(total(layers, "weights"))),
    element("td", {}, count(total(layers, "code_bytes"))),
    element("td", {}, `${count(most.arena)} at the peak`),
    element("td", {}, count(total(layers, "instructions"))),
    ...(shared ? [element("td", {}, count(total(layers, "instructions_of_two")))] : []),
  );
  const heads: [string, string][] = [
    ["Step", ""],
    ["Output", "detail"],
    ["Weights, zeros", "detail"],
    ["Coded weights, bytes", ""],
    ["Arena in use, bytes", ""],
    ["Instructions", ""],
    ...(shared ? [["On two cores", ""] as [string, string]] : []),
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
