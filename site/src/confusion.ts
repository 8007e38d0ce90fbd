/* What is taken for what, on the whole test split. */

import { element, scrollingTable } from "./element";
import { count, percent } from "./format";
import type { Story } from "./story";

const MOST_CLASSES = 20; // of a matrix that can be read
const MOST_PAIRS = 20;

export function confusionSection(story: Story): HTMLElement {
  return story.classes.length > MOST_CLASSES ? pairs(story) : matrix(story);
}

function matrix({ classes, confusion, unknown }: Story): HTMLElement {
  const heads = [...classes, ...(unknown ? ["unknown"] : []), "found"].map((name) => element("th", { scope: "col" }, name));
  const rows = confusion.map((row, actual) => {
    const all = sum(row) + (unknown?.[actual] ?? 0);
    const cells = row.map((pictures, predicted) => cell(pictures, all, actual === predicted));
    const found = all === 0 ? "" : percent(row[actual]! / all, 0);
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, classes[actual]!),
      ...cells,
      ...(unknown ? [cell(unknown[actual]!, all, false)] : []),
      element("td", { class: "found" }, found),
    );
  });
  const label = "Confusion matrix: rows are the true classes, columns the predicted ones";
  const corner = element("td", { class: "corner" }, "true ↓ predicted →");
  return scrollingTable(
    label,
    "confusion",
    element("thead", {}, element("tr", {}, corner, ...heads)),
    element("tbody", {}, ...rows),
  );
}

function cell(pictures: number, all: number, right: boolean): HTMLElement {
  const made = element("td", { class: right ? "right" : "miss" }, pictures === 0 ? "·" : count(pictures));
  made.style.setProperty("--share", all === 0 ? "0" : String(pictures / all));
  return made;
}

/** With many classes: the mistakes that were made most often. */
function pairs({ classes, confusion, unknown }: Story): HTMLElement {
  const mistakes = confusion
    .flatMap((row, actual) => row.map((pictures, predicted) => ({ actual, predicted, pictures })))
    .filter(({ actual, predicted, pictures }) => actual !== predicted && pictures > 0)
    .sort((a, b) => b.pictures - a.pictures)
    .slice(0, MOST_PAIRS);
  const rows = mistakes.map(({ actual, predicted, pictures }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, classes[actual]!),
      element("td", { class: "name" }, classes[predicted]!),
      element("td", {}, `${pictures} of ${sum(confusion[actual]!) + (unknown?.[actual] ?? 0)}`),
    ),
  );
  const heads = ["True class", "Taken for", "Pictures"].map((head) => element("th", { scope: "col" }, head));
  return scrollingTable(
    "The mistakes that were made most often",
    "figures",
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
