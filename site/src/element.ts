/* The document's elements, made by code. Text is never parsed as HTML. */

type Child = Node | string;

/** `attributes` as they would stand in HTML; `""` for those without a value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** The element of index.html with this id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`index.html has no #${id}`);
  }
  return found as T;
}

/** A table in a frame that scrolls sideways, also with the keyboard, where the window is narrow. */
export function scrollingTable(label: string, kind: string, ...parts: Child[]): HTMLElement {
  const table = element("table", { class: kind }, element("caption", { class: "hidden" }, label), ...parts);
  return element("div", { class: "scroller", role: "region", tabindex: "0", "aria-label": label }, table);
}

/** A bar as wide as its share (0 to 1) of its cell; the number beside it says the same. */
export function bar(share: number): HTMLElement {
  const made = element("span", { class: "bar", "aria-hidden": "true" });
  made.style.setProperty("--share", String(share));
  return made;
}
