/* What the pipeline made and measured: story.json, written by squeezenet_lib/site/data.py. */

import type { Rule } from "./advice";
import type { Decision } from "./decision";

/** One state of the model on its way to the chip. accuracy: share of 1 on the test split. */
export interface Step {
  readonly name: string;
  readonly accuracy: number;
  readonly bytes: number;
}

/** A test picture. scores: int8, one for each class, of TensorFlow Lite's reference kernels. */
export interface Sample {
  readonly picture: string;
  readonly label: number;
  readonly scores: readonly number[];
}

/** One step of the program that the chip runs. code_bytes, weights, zeros: of convolutions; elsewhere 0.
 * instructions_of_two: until two cores that share it are done; where they do not, the same. */
export interface Layer {
  readonly name: string;
  readonly output: readonly number[];
  readonly weights: number;
  readonly zeros: number;
  readonly code_bytes: number;
  readonly arena_bytes: number;
  readonly instructions: number;
  readonly instructions_of_two: number;
}

/** What answering a class from a probability on gives. */
export interface PointRow {
  readonly recall: number;
  readonly precision: number;
  readonly probability: number;
}

/** The decide stage's curves of a class. */
export interface Choice {
  readonly class: string;
  readonly validation: readonly PointRow[];
  readonly test: readonly PointRow[];
}

/** An image that the page installs; `file` lies beside it. */
export interface Image {
  readonly family: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Story {
  readonly version: string;
  readonly input: {
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    readonly standardise: boolean;
  };
  readonly classes: readonly string[];
  readonly path: readonly Step[];
  readonly facts: readonly (readonly [string, string])[];
  readonly pictures: number;
  readonly instructions: number;
  readonly arena_bytes: number;
  readonly provenance: { readonly licence: string; readonly citation: string };
  readonly weights: { readonly licence: string; readonly citation: string; readonly notice: string } | null;
  readonly decision: Decision | null;
  readonly choice: Choice | null;
  /** Pictures by true class and answer; `unknown`: those of each class that got none,
   * where the model may say so. */
  readonly confusion: readonly (readonly number[])[];
  readonly unknown: readonly number[] | null;
  readonly right: readonly Sample[];
  readonly wrong: readonly Sample[];
  readonly layers: readonly Layer[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly packages: Readonly<Record<string, string>>;
  readonly model: { readonly bytes: number; readonly crc32: number };
  readonly firmware: readonly Image[];
  readonly baud: number;
  readonly advice: readonly Rule[];
}

export async function loadStory(): Promise<Story> {
  const answer = await fetch("story.json");
  if (!answer.ok) {
    throw new Error(`story.json cannot be loaded (${answer.status}); run make site again.`);
  }
  return (await answer.json()) as Story;
}
