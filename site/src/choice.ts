/* What a class's operating point may be: precision over recall as a picture, and the thresholds for some recalls. */

import { element, scrollingTable } from "./element";
import { percent } from "./format";
import { line, placed } from "./plot";
import type { Choice, PointRow } from "./story";

const TICKS = [0, 0.25, 0.5, 0.75, 1];
const RECALLS = [0.99, 0.95, 0.9, 0.8, 0.7, 0.5];

export function choiceSection(choice: Choice): HTMLElement {
  return element("div", { class: "path" }, chart(choice), table(choice));
}

/** What answering the class from `probability` on gives. Rows go from much recall to little. */
export function at(rows: readonly PointRow[], probability: number): PointRow | undefined {
  return rows.find((row) => row.probability >= probability);
}

/** The highest probability with the recall. */
export function highestWith(rows: readonly PointRow[], recall: number): PointRow | undefined {
  return rows.filter((row) => row.recall >= recall).at(-1);
}

function chart(choice: Choice): HTMLElement {
  const plot = element("div", { class: "plot" });
  for (const tick of TICKS) {
    const name = percent(tick, 0);
    plot.append(placed("grid", 0, 1 - tick, ""), placed("tick-y", 0, 1 - tick, name), placed("tick-x", tick, 1, name));
  }
  plot.append(curve(choice.test, "test"), curve(choice.validation, "validation"));
  const told = `Precision over recall of ${choice.class}, on the validation and the test split`;
  return element(
    "figure",
    {},
    element("div", { class: "chart", role: "img", "aria-label": told }, plot),
    element("figcaption", {}, `Precision over recall of ${choice.class}: validation, and pale the test split`),
  );
}

function curve(rows: readonly PointRow[], split: string): SVGElement {
  const drawn = line(rows.map((row) => [row.recall, 1 - row.precision]));
  drawn.setAttribute("class", split);
  return drawn;
}

function table({ class: name, validation, test }: Choice): HTMLElement {
  const rows = RECALLS.flatMap((recall) => {
    const chosen = highestWith(validation, recall);
    const then = chosen && at(test, chosen.probability);
    if (chosen === undefined || then === undefined) {
      return [];
    }
    const cells = [percent(chosen.precision), chosen.probability.toFixed(3), percent(then.recall), percent(then.precision)];
    return [
      element(
        "tr",
        {},
        element("th", { scope: "row" }, `${percent(recall, 0)} or more`),
        ...cells.map((text) => element("td", {}, text)),
      ),
    ];
  });
  const heads = ["Recall", "Precision", "From a probability of", "Recall, test", "Precision, test"];
  return scrollingTable(
    `Thresholds for ${name}, chosen on the validation split`,
    "figures",
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows),
  );
}
