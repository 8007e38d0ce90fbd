/* Numbers for people. */

const GROUPED = new Intl.NumberFormat("en");

export function count(number: number): string {
  return GROUPED.format(number);
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** 29,774,313 -> "29.8 M" */
export function millions(number: number): string {
  return `${(number / 1e6).toFixed(1)} M`;
}

/** An int8 score that is softmax's output. */
export function probability(score: number): number {
  return (score + 128) / 256;
}
