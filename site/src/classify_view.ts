/* A picture, made a network input here, classified there: scores as bars. */

import type { Session } from "./board_view";
import type { Classification, Hello } from "./board";
import { answerName, UNKNOWN } from "./decision";
import { bar, byId, element } from "./element";
import { count, percent, probability } from "./format";
import { pictureOf } from "./gallery";
import { toNetworkInput, type InputShape } from "./network_input";
import { decodePicture, drawInput, finishedInput } from "./picture";
import { PersonError } from "./serial_line";
import type { Sample, Story } from "./story";

const MOST_SHOWN = 10; // classes, the likeliest first

export class ClassifyView {
  private readonly card = byId<HTMLFieldSetElement>("classify");
  private readonly file = byId<HTMLInputElement>("picture");
  private readonly drop = byId("drop");
  private readonly takeButton = byId<HTMLButtonElement>("take");
  private session: Session | undefined;

  constructor(private readonly story: Story) {
    this.file.addEventListener("click", () => {
      this.file.value = ""; // the same file may be chosen again
    });
    this.file.addEventListener("change", () => {
      const file = this.file.files?.[0];
      if (file !== undefined) {
        this.classifyFile(file);
      }
    });
    this.takeButton.addEventListener("click", () => this.take());
    this.listenToDrops();
    const samples = [...story.right.slice(0, 6), ...story.wrong.slice(0, 3)];
    byId("samples").append(...samples.map((sample) => element("li", {}, this.sampleButton(sample))));
  }

  begin(session: Session): void {
    this.session = session;
    this.takeButton.hidden = (session.hello.fields.get("camera") ?? "none").startsWith("none");
    this.card.disabled = !session.hello.fields.has("height") || session.hello.fields.get("mode") === "safe";
  }

  end(): void {
    this.session = undefined;
    this.card.disabled = true;
    byId("result").hidden = true;
  }

  private listenToDrops(): void {
    const over = (event: DragEvent, is: boolean) => {
      event.preventDefault();
      this.drop.classList.toggle("over", is);
    };
    this.drop.addEventListener("dragover", (event) => over(event, true));
    this.drop.addEventListener("dragleave", (event) => over(event, false));
    this.drop.addEventListener("drop", (event) => {
      over(event, false);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined && !this.card.disabled) {
        this.classifyFile(file);
      }
    });
  }

  private sampleButton(sample: Sample): HTMLElement {
    const button = element("button", { type: "button", class: "sample" }, pictureOf(this.story, sample));
    button.addEventListener("click", () => this.classifySample(sample));
    return button;
  }

  private classifyFile(file: File): void {
    this.classify(async (shape) => toNetworkInput(await decodePicture(file), shape));
  }

  private classifySample(sample: Sample): void {
    this.classify(async (shape) => {
      const { height, width, channels } = this.story.input;
      if (shape.height !== height || shape.width !== width || shape.channels !== channels) {
        throw new PersonError("The board's model takes other pictures than this page's; choose a file.");
      }
      const blob = await (await fetch(sample.picture)).blob();
      return finishedInput(await decodePicture(blob), channels);
    }, sample);
  }

  /** The board keeps the picture: there is nothing of it to draw. */
  private take(): void {
    const session = this.session;
    if (session === undefined) {
      return;
    }
    void session.run("Taking a picture …", async () => {
      shapeOf(session.hello.fields); // says what the board's camera cannot give
      const photograph = await session.board.photograph();
      const said = this.show(photograph, session.hello);
      const { captureMicroseconds, prepareMicroseconds } = photograph;
      byId("seen").hidden = true;
      byId("time").append(
        `, camera ${milliseconds(captureMicroseconds)}, preparation ${milliseconds(prepareMicroseconds)}`,
      );
      return said;
    });
  }

  private classify(make: (shape: InputShape) => Promise<Uint8Array>, sample?: Sample): void {
    const session = this.session;
    if (session === undefined) {
      return;
    }
    void session.run("Classifying …", async () => {
      const shape = shapeOf(session.hello.fields);
      const input = await make(shape);
      drawInput(byId<HTMLCanvasElement>("input"), input, shape);
      const classified = await session.board.classify(input);
      byId("seen").hidden = false;
      return this.show(classified, session.hello, sample);
    });
  }

  private show(classified: Classification, { classes, fields }: Hello, sample?: Sample): string {
    const { scores, answer } = classified;
    const probabilities = (fields.get("output") ?? "probabilities") === "probabilities"; // older firmware: always
    const value = (index: number) =>
      probabilities ? percent(probability(scores[index]!)) : `score ${scores[index]!}`;
    const likeliest = scores.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]! || a - b);
    const rows = likeliest.slice(0, MOST_SHOWN).map((index) => {
      const bars = probabilities ? [bar(probability(scores[index]!))] : [];
      return element(
        "tr",
        { "data-class": String(index), "data-score": String(scores[index]) },
        element("th", { scope: "row" }, answerName(classes, index)),
        element("td", {}, value(index), ...bars),
      );
    });
    byId("scores-caption").textContent = `${probabilities ? "Probability" : "Score"} of each class`;
    byId("scores").replaceChildren(...rows);
    byId("best").textContent = answerName(classes, answer);
    byId("time").textContent =
      `${milliseconds(classified.microseconds)}, ${count(classified.cycles)} cycles`;
    byId("verdict").textContent = this.verdict(classified, sample);
    byId("result").hidden = false;
    return `${answerName(classes, answer)}, ${value(answer === UNKNOWN ? likeliest[0]! : answer)}.`;
  }

  /** A test picture's scores are known. */
  private verdict({ modelCrc, scores }: Classification, sample?: Sample): string {
    if (modelCrc !== this.story.model.crc32) {
      return "The board runs another model than the one this page tells of.";
    }
    if (sample === undefined) {
      return "";
    }
    const equal = sample.scores.every((score, index) => score === scores[index]);
    return equal
      ? "Bit for bit the scores of TensorFlow Lite's reference kernels."
      : "These are not the reference's scores: run the self-test.";
  }
}

function milliseconds(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(1)} ms`;
}

/** What the board's model takes. */
export function shapeOf(fields: ReadonlyMap<string, string>): InputShape {
  const number = (key: string) => Number(fields.get(key));
  const channels = number("channels");
  if (channels !== 1 && channels !== 3) {
    throw new PersonError(
      `The board's model takes ${channels} channels, and a picture has 1 (grey) or 3 (colour).`,
    );
  }
  return {
    height: number("height"),
    width: number("width"),
    channels,
    standardise: fields.get("standardise") === "1",
  };
}
