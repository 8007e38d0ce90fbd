/* What plots are made of. Places are shares of the plot: x from the left, y from the top. */

import { element } from "./element";

const SVG = "http://www.w3.org/2000/svg";

/** A mark or a text in its place. */
export function placed(kind: string, x: number, y: number, text: string): HTMLElement {
  const made = element("span", { class: kind }, text);
  made.style.setProperty("--x", String(x));
  made.style.setProperty("--y", String(y));
  return made;
}

/** Through the points [x, y]. Stretched with the plot; its stroke is not. */
export function line(points: readonly (readonly [number, number])[]): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  const polyline = document.createElementNS(SVG, "polyline");
  polyline.setAttribute("points", points.map(([x, y]) => `${100 * x},${100 * y}`).join(" "));
  svg.append(polyline);
  return svg;
}
