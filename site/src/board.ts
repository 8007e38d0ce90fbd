/* A board at the other end of a serial line: the commands of link.h, asked again where the line fails. */

import { CHUNK, encodeFrame, Reason, Receiver, Type, type Frame } from "./protocol";
import { PersonError } from "./serial_line";

const TRIES = 5;
const LARGEST_SEQUENCE = 0xffff;
const TIMES_BYTES = 8;

/** Milliseconds that a board may take to answer once it has the whole request. */
const PATIENCE = { hello: 2000, inference: 12_000, golden: 60_000, load: 5000, camera: 5000 };

/** What the board says of itself, in its order; `classes` are gathered from the repeated key. */
export interface Hello {
  readonly fields: ReadonlyMap<string, string>;
  readonly classes: readonly string[];
}

export interface Classification {
  readonly best: number;
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

interface Pending {
  readonly type: number;
  readonly sequence: number;
  answered(payload: Uint8Array): void;
  refused(why: PersonError): void;
  again(): void;
}

export class Board {
  private sequence = 0;
  private pending: Pending | undefined;
  private readonly receiver: Receiver;

  constructor(
    private readonly write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
    private readonly baud: number,
    onText: (text: string) => void,
  ) {
    this.receiver = new Receiver({
      frame: (frame) => this.take(frame),
      text: onText,
      damage: () => this.pending?.again(),
    });
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
    const text = new TextDecoder().decode(await this.ask(Type.HELLO, new Uint8Array(), PATIENCE.hello));
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
    return classification(await this.ask(Type.CLASSIFY, input, PATIENCE.inference));
  }

  /** Let the board's camera take a picture. */
  async photograph(): Promise<Photograph> {
    const payload = await this.ask(Type.TAKE, new Uint8Array(), PATIENCE.camera + PATIENCE.inference);
    const times = view(payload, TIMES_BYTES);
    return {
      captureMicroseconds: times.getUint32(0, true),
      prepareMicroseconds: times.getUint32(4, true),
      ...classification(payload.subarray(TIMES_BYTES)),
    };
  }

  /** The sentence that the self-test ends with. */
  async golden(): Promise<string> {
    const payload = await this.ask(Type.GOLDEN, new Uint8Array(), PATIENCE.golden);
    const answer = view(payload, 4);
    const pictures = answer.getUint16(2, true);
    const why = new TextDecoder().decode(payload.subarray(4));
    return answer.getUint8(0) === 1
      ? `Passed: the scores of ${pictures} golden pictures are the reference's, bit for bit.`
      : `Failed: ${why}`;
  }

  async bench(runs: number): Promise<Bench> {
    const request = new DataView(new ArrayBuffer(2));
    request.setUint16(0, runs, true);
    const patience = PATIENCE.inference * runs;
    const answer = view(await this.ask(Type.BENCH, new Uint8Array(request.buffer), patience), 20);
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
      await this.ask(Type.LOAD, request, PATIENCE.load);
      onProgress((offset + chunk.length) / model.length);
    }
  }

  /**
   * Ask until an answer comes, each time with the same number. The chip hears nothing while it works, so a request is
   * repeated only after an answer that came damaged, an error that tells of a damaged request, or silence.
   */
  private async ask(type: number, payload: Uint8Array, patience: number): Promise<Uint8Array> {
    if (this.pending !== undefined) {
      throw new PersonError("The board is busy with another question.");
    }
    this.sequence = this.sequence === LARGEST_SEQUENCE ? 1 : this.sequence + 1; // 0 is the chip's, for damage
    const frame = encodeFrame({ type, sequence: this.sequence, payload });
    const onTheLine = (10 * 1000 * frame.length) / this.baud;
    try {
      for (let tried = 0; tried < TRIES; tried++) {
        const outcome = this.outcome(type, patience + onTheLine);
        await this.write(frame);
        const answer = await outcome;
        if (answer !== undefined) {
          return answer;
        }
      }
    } finally {
      this.pending = undefined;
    }
    throw new PersonError(
      `The board did not answer ${TRIES} times. Restart it; check that it runs this page's firmware and that its ` +
        `serial port works at ${this.baud} baud.`,
    );
  }

  /** The answer's payload; undefined when the question should be put again. */
  private outcome(type: number, milliseconds: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.receiver.silence();
        resolve(undefined);
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
        again: () => settle(() => resolve(undefined)),
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
        pending.again();
      } else {
        pending.refused(refusal(reason, new TextDecoder().decode(frame.payload.subarray(2))));
      }
    }
  }
}

function classification(payload: Uint8Array): Classification {
  const answer = view(payload, 16);
  const classes = answer.getUint16(2, true);
  return {
    best: answer.getUint16(0, true),
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
