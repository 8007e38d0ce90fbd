/* Test pictures with what the model says of them. */

import { answerName, decide, inWords, UNKNOWN } from "./decision";
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
    ...weightsRemark(story),
  );
}

/** Whose weights training started from: their licence goes with the model. */
function weightsRemark({ weights }: Story): HTMLElement[] {
  if (weights === null) {
    return [];
  }
  const notice = element("a", { href: weights.notice }, "Notice");
  const text = `Training started from the weights of others; their licence: ${weights.licence}. ${weights.citation} `;
  return [element("p", { class: "remark" }, text, notice)];
}

function remark({ input, decision, classes }: Story): string {
  const colour = input.channels === 1 ? "grey" : "in colour";
  const evened = input.standardise ? ", brightness and contrast evened out" : "";
  return (
    `From the test split, as the network sees them: ${input.width} × ${input.height}, ${colour}${evened}. ` +
    `Bars show the probability of the class that was chosen. ${inWords(decision, classes)}`
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
  const answer = decide(story.decision, sample.scores);
  const named = answerName(story.classes, answer);
  const score = answer === UNKNOWN ? Math.max(...sample.scores) : sample.scores[answer]!;
  const truth = story.classes[sample.label]!;
  const right = answer === sample.label;
  const meter = element("span", { class: "meter", "aria-hidden": "true" });
  meter.style.setProperty("--share", String(probability(score)));
  const lines = [
    element("span", { class: "named" }, named),
    element("span", { class: "share" }, percent(probability(score))),
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
