/*
 * A board at the other end of a serial line: the commands of link.h, asked again where the line fails. All tries of a
 * request share one limit, as in squeezenet_lib/device/exchange.py: whatever else comes does not prolong it.
 */

import { UNKNOWN } from "./decision";
import { CHUNK, encodeFrame, Reason, Receiver, Type, type Frame } from "./protocol";
import { PersonError, sleep } from "./serial_line";

const LARGEST_SEQUENCE = 0xffff;
const TIMES_BYTES = 8;
const UNKNOWN_CLASS = 0xffff; // as a result's class

/* Milliseconds. The limit does not count what the request's way over the line and the board's work take. */
const TRY = 2000; // after which an answer that takes no work is lost
const PATIENCE: Patience = { within: 10_000, every: TRY };
const PAUSE = 250; // after damage: it may be about an earlier frame, and the answer be about to come
const DAMAGED_TRIES = 5; // whose way and work are added to the limit

/** How long all tries last, and after how long the next one is made. */
export interface Patience {
  readonly within: number;
  readonly every: number;
}

/** What the board does before it answers takes so many milliseconds: usually, and at the longest. */
export interface Work {
  readonly usual: number;
  readonly longest: number;
}

const NO_WORK: Work = { usual: 0, longest: 0 };
const GOLDEN: Work = { usual: 8000, longest: 60_000 };
const CAMERA_MS = 5000;

/** What the board says of itself, in its order; `classes` are gathered from the repeated key. */
export interface Hello {
  readonly fields: ReadonlyMap<string, string>;
  readonly classes: readonly string[];
}

export interface Classification {
  readonly answer: number; // a class, or UNKNOWN
  readonly microseconds: number;
  readonly cycles: number;
  readonly modelCrc: number;
  readonly scores: readonly number[];
}

/** What the board's own camera saw. */
export interface Photograph extends Classification {
  readonly captureMicroseconds: number;
  readonly prepareMicroseconds: number;
}

export interface Bench {
  readonly runs: number;
  readonly least: number; // milliseconds
  readonly most: number;
  readonly mean: number;
}

/** The answer's payload, or why the question is to be put again. */
type Outcome = Uint8Array | "silence" | "noise" | "damaged";

interface Pending {
  readonly type: number;
  readonly sequence: number;
  answered(payload: Uint8Array): void;
  refused(why: PersonError): void;
  again(why: "noise" | "damaged"): void;
}

export class Board {
  private sequence = 0;
  private pending: Pending | undefined;
  private inference: Work = { usual: 2000, longest: 10_000 }; // until a result says how long one takes
  private readonly receiver: Receiver;

  constructor(
    private readonly write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
    private baud: number,
    onText: (text: string) => void,
  ) {
    this.receiver = new Receiver({
      frame: (frame) => this.take(frame),
      text: onText,
      damage: () => this.pending?.again("noise"),
    });
  }

  /** The line works at another speed from now on. */
  setBaud(baud: number): void {
    this.baud = baud;
  }

  /** Bytes from the line. */
  receive(bytes: Uint8Array): void {
    this.receiver.take(bytes);
  }

  /** The line is gone: whoever waits for an answer need not. */
  end(): void {
    this.pending?.refused(new PersonError("The board is no longer connected."));
  }

  async hello(): Promise<Hello> {
    const text = new TextDecoder().decode(await this.ask(Type.HELLO, new Uint8Array()));
    const pairs = text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line): [string, string] => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      });
    return {
      fields: new Map(pairs.filter(([key]) => key !== "class")),
      classes: pairs.filter(([key]) => key === "class").map(([, name]) => name),
    };
  }

  /** `input`: a network input, as network_input.ts makes it. */
  async classify(input: Uint8Array): Promise<Classification> {
    return this.note(classification(await this.ask(Type.CLASSIFY, input, this.inference)));
  }

  /** Let the board's camera take a picture. */
  async photograph(): Promise<Photograph> {
    const { usual, longest } = this.inference;
    const work = { usual: CAMERA_MS + usual, longest: CAMERA_MS + longest };
    const payload = await this.ask(Type.TAKE, new Uint8Array(), work);
    const times = view(payload, TIMES_BYTES);
    return {
      captureMicroseconds: times.getUint32(0, true),
      prepareMicroseconds: times.getUint32(4, true),
      ...this.note(classification(payload.subarray(TIMES_BYTES))),
    };
  }

  /** The sentence that the self-test ends with. */
  async golden(): Promise<string> {
    const payload = await this.ask(Type.GOLDEN, new Uint8Array(), GOLDEN);
    const answer = view(payload, 4);
    const pictures = answer.getUint16(2, true);
    const why = new TextDecoder().decode(payload.subarray(4));
    return answer.getUint8(0) === 1
      ? `Passed: the scores of ${pictures} golden pictures are the reference's, bit for bit.`
      : `Failed: ${why}`;
  }

  async bench(runs: number): Promise<Bench> {
    const { most } = await this.time(1, this.inference);
    return this.time(runs, { usual: 2 * most * runs, longest: 3 * most * runs });
  }

  private async time(runs: number, work: Work): Promise<Bench> {
    const request = new DataView(new ArrayBuffer(2));
    request.setUint16(0, runs, true);
    const answer = view(await this.ask(Type.BENCH, new Uint8Array(request.buffer), work), 20);
    const cyclesInMillisecond = 1000 * answer.getUint16(2, true);
    const done = answer.getUint16(0, true);
    return {
      runs: done,
      least: answer.getUint32(4, true) / cyclesInMillisecond,
      most: answer.getUint32(8, true) / cyclesInMillisecond,
      mean: Number(answer.getBigUint64(12, true)) / done / cyclesInMillisecond,
    };
  }

  /** Hand a .sqz to the board's memory; with the last chunk it answers instead of the image's own. */
  async load(model: Uint8Array, onProgress: (share: number) => void): Promise<void> {
    for (let offset = 0; offset < model.length; offset += CHUNK) {
      const chunk = model.subarray(offset, offset + CHUNK);
      const request = new Uint8Array(8 + chunk.length);
      const head = new DataView(request.buffer);
      head.setUint32(0, offset, true);
      head.setUint32(4, model.length, true);
      request.set(chunk, 8);
      await this.ask(Type.LOAD, request);
      onProgress((offset + chunk.length) / model.length);
    }
  }

  /** Learn how long an inference takes. */
  private note<T extends Classification>(result: T): T {
    const longest = (3 * result.microseconds) / 1000;
    this.inference = { usual: longest, longest };
    return result;
  }

  /**
   * Ask until an answer comes, each time with the same number. The chip hears nothing while it works, so a request is
   * repeated only after an answer that came damaged, an error that tells of a damaged request, or silence.
   */
  async ask(type: number, payload: Uint8Array, work = NO_WORK, patience = PATIENCE): Promise<Uint8Array> {
    if (this.pending !== undefined) {
      throw new PersonError("The board is busy with another question.");
    }
    this.sequence = this.sequence === LARGEST_SEQUENCE ? 1 : this.sequence + 1; // 0 is the chip's, for damage
    const frame = encodeFrame({ type, sequence: this.sequence, payload });
    const onTheLine = (10 * 1000 * frame.length) / this.baud;
    const begin = Date.now();
    let end = begin + patience.within + work.longest + onTheLine;
    let damaged = 0;
    try {
      while (Date.now() < end) {
        const longest = patience.every + work.usual + onTheLine;
        const outcome = await this.once(type, frame, Math.min(longest, end - Date.now()));
        if (outcome instanceof Uint8Array) {
          return outcome;
        }
        if (outcome === "damaged" && damaged < DAMAGED_TRIES) {
          damaged += 1;
          end += work.longest + onTheLine;
        }
      }
    } finally {
      this.pending = undefined;
    }
    throw new PersonError(
      `The board did not answer within ${Math.round((end - begin) / 1000)} s. Restart it; check that it runs this ` +
        `page's firmware and that its serial port works at ${this.baud} baud.`,
    );
  }

  /** One try. */
  private async once(type: number, frame: Uint8Array<ArrayBuffer>, milliseconds: number): Promise<Outcome> {
    let written = false;
    // Waited for before writing has ended: a refusal may come earlier.
    const outcome = this.outcome(type, milliseconds);
    const writing = this.write(frame).then(() => {
      written = true;
    });
    const settled = await Promise.race([outcome, writing.then(() => outcome)]);
    if (!written) {
      await Promise.race([writing, sleep(TRY)]); // the next question cannot be written before
    }
    if (!written) {
      throw new PersonError("The port takes no more bytes: plug the board in again, and check that it is the board's.");
    }
    return settled;
  }

  private outcome(type: number, milliseconds: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      let paused = false;
      let timer = setTimeout(() => {
        this.receiver.silence();
        resolve("silence");
      }, milliseconds);
      const settle = (action: () => void) => {
        clearTimeout(timer);
        action();
      };
      this.pending = {
        type,
        sequence: this.sequence,
        answered: (payload) => settle(() => resolve(payload)),
        refused: (why) => settle(() => reject(why)),
        again: (why) => {
          if (!paused) {
            paused = true;
            settle(() => {
              timer = setTimeout(() => resolve(why), PAUSE);
            });
          }
        },
      };
    });
  }

  private take(frame: Frame): void {
    const pending = this.pending;
    if (pending === undefined || (frame.sequence !== pending.sequence && frame.sequence !== 0)) {
      return; // an answer to a question that was put twice
    }
    if (frame.type === pending.type + Type.ANSWER && frame.sequence !== 0) {
      pending.answered(frame.payload);
    } else if (frame.type === Type.ERROR) {
      const reason = frame.payload[0] ?? 0;
      if (reason === Reason.DAMAGED || reason === Reason.TIMEOUT) {
        pending.again("damaged");
      } else {
        pending.refused(refusal(reason, new TextDecoder().decode(frame.payload.subarray(2))));
      }
    }
  }
}

function classification(payload: Uint8Array): Classification {
  const answer = view(payload, 16);
  const best = answer.getUint16(0, true);
  const classes = answer.getUint16(2, true);
  return {
    answer: best === UNKNOWN_CLASS ? UNKNOWN : best,
    microseconds: answer.getUint32(4, true),
    cycles: answer.getUint32(8, true),
    modelCrc: answer.getUint32(12, true),
    scores: Array.from({ length: classes }, (_, i) => answer.getInt8(16 + i)),
  };
}

/** The board answered that it will not. */
function refusal(reason: number, text: string): PersonError {
  const other = reason === Reason.FOREIGN || reason === Reason.TYPE;
  return new PersonError(
    `The board says: ${text === "" ? `error ${reason}` : text}.${other ? " Install this page's firmware." : ""}`,
  );
}

function view(payload: Uint8Array, least: number): DataView {
  if (payload.length < least) {
    throw new PersonError("The board's answer is too short; install this page's firmware.");
  }
  return new DataView(payload.buffer, payload.byteOffset, payload.length);
}
