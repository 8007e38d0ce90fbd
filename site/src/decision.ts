/*
 * From scores to an answer, where the model's file says how: the twin of squeezenet_lib/sqz/decision.py, which says what
 * the fields are.
 */

export interface Decision {
  readonly class: number | null;
  readonly class_score: number;
  readonly unknown: "none" | "score" | "margin";
  readonly threshold: number;
}

export const UNKNOWN = -1; // the answer that is no class
const NOTHING = -1024; // the score of a class that is not there

/** The class that int8 scores are answered with, or UNKNOWN. Without a decision the highest is it, the first of equals. */
export function decide(decision: Decision | null, scores: readonly number[]): number {
  const index = decision?.class ?? undefined;
  let [best, highest, next] = [0, NOTHING, NOTHING];
  scores.forEach((score, at) => {
    if (at === index) {
      return;
    }
    if (score > highest) {
      [best, highest, next] = [at, score, highest];
    } else if (score > next) {
      next = score;
    }
  });
  if (decision === null) {
    return best;
  }
  let margin = highest - next;
  if (index !== undefined) {
    const above = scores[index]! - decision.class_score;
    if (above >= 0) {
      [best, highest, margin] = [index, scores[index]!, above];
    } else {
      margin = Math.min(margin, -above);
    }
  }
  const sure = decision.unknown === "score" ? highest : margin;
  return decision.unknown !== "none" && sure < decision.threshold ? UNKNOWN : best;
}

/** What the answer is called. */
export function answerName(classes: readonly string[], answer: number): string {
  return answer === UNKNOWN ? "unknown" : (classes[answer] ?? `class ${answer}`);
}

/** The rule in words, for people; nothing where the highest score decides. */
export function inWords(decision: Decision | null, classes: readonly string[]): string {
  if (decision === null) {
    return "";
  }
  const probability = (score: number) => ((score + 128) / 256).toFixed(3);
  const point =
    decision.class === null
      ? []
      : [`${classes[decision.class]!} from a probability of ${probability(decision.class_score)} on`];
  const unknown = {
    none: [],
    score: [`unknown below a probability of ${probability(decision.threshold)}`],
    margin: [`unknown within ${(decision.threshold / 256).toFixed(3)} of another answer`],
  }[decision.unknown];
  return `The model answers ${[...point, ...unknown].join(", ")}.`;
}
