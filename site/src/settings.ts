/* What the model was made with. */

import { element } from "./element";
import type { Story } from "./story";

export function settingsSection({ params, packages }: Story): HTMLElement {
  const single = Object.entries(params).filter(([, value]) => !isSection(value));
  const groups = Object.entries(params).flatMap(([name, value]) =>
    isSection(value) ? [group(name, Object.entries(flat(value)))] : [],
  );
  return element(
    "div",
    { class: "settings" },
    group("params.yaml", single),
    ...groups,
    group("Python packages", Object.entries(packages)),
  );
}

function isSection(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** {a: {b: 1}} -> {"a.b": 1} */
function flat(section: object): Record<string, unknown> {
  const entries = Object.entries(section).flatMap(([name, value]): [string, unknown][] =>
    isSection(value)
      ? Object.entries(flat(value)).map(([inner, kept]) => [`${name}.${inner}`, kept])
      : [[name, value]],
  );
  return Object.fromEntries(entries);
}

function group(title: string, entries: readonly [string, unknown][]): HTMLElement {
  const items = entries.flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, value === null ? "none" : Array.isArray(value) ? value.join(", ") : String(value)),
  ]);
  return element("section", {}, element("h3", {}, title), element("dl", { class: "pairs" }, ...items));
}
