/* Test pictures with what the model says of them. */

import { element } from "./element";
import { percent, probability } from "./format";
import type { Sample, Story } from "./story";

export function gallerySection(story: Story): HTMLElement {
  const { licence, citation } = story.provenance;
  return element(
    "div",
    {},
    ...group(story, "Right", story.right),
    ...group(story, "Wrong", story.wrong),
    element("p", { class: "remark" }, remark(story)),
    element("p", { class: "remark" }, `Licence of the pictures: ${licence}. ${citation}`),
  );
}

function remark({ input }: Story): string {
  const colour = input.channels === 1 ? "grey" : "in colour";
  const evened = input.standardise ? ", brightness and contrast evened out" : "";
  return (
    `From the test split, as the network sees them: ${input.width} × ${input.height}, ${colour}${evened}. ` +
    "Bars show the probability of the class that was chosen."
  );
}

function group(story: Story, title: string, samples: readonly Sample[]): HTMLElement[] {
  if (samples.length === 0) {
    return [];
  }
  const cards = samples.map((sample) => element("li", {}, card(story, sample)));
  return [element("h3", {}, title), element("ul", { class: "gallery" }, ...cards)];
}

function card(story: Story, sample: Sample): HTMLElement {
  const best = bestOf(sample.scores);
  const named = story.classes[best]!;
  const truth = story.classes[sample.label]!;
  const right = best === sample.label;
  const meter = element("span", { class: "meter", "aria-hidden": "true" });
  meter.style.setProperty("--share", String(probability(sample.scores[best]!)));
  const lines = [
    element("span", { class: "named" }, named),
    element("span", { class: "share" }, percent(probability(sample.scores[best]!))),
  ];
  const verdict = right ? [] : [element("span", { class: "truth" }, `is ${truth}`)];
  return element(
    "figure",
    { class: right ? "card" : "card miss" },
    pictureOf(story, sample),
    meter,
    element("figcaption", {}, ...lines, ...verdict),
  );
}

/** The picture itself, for every part of the page that shows it. */
export function pictureOf(story: Story, sample: Sample): HTMLImageElement {
  return element("img", {
    src: sample.picture,
    alt: `A picture of ${story.classes[sample.label]!}`,
    width: String(story.input.width),
    height: String(story.input.height),
    loading: "lazy",
  });
}

/** The class with the highest score; of equal ones the first, as everywhere in the project. */
export function bestOf(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}
