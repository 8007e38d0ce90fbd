/*
 * The serial link's frames, version 1. What they are and what the commands mean is said once, in
 * esp32_pio/lib/link/src/link.h; this is its twin. Nothing here knows of a browser.
 */

export const VERSION = 1;
export const CHUNK = 1024; // bytes of a .sqz in one LOAD

export const Type = {
  HELLO: 0x01,
  CLASSIFY: 0x02,
  GOLDEN: 0x03,
  BENCH: 0x04,
  LOAD: 0x05,
  ANSWER: 0x80, // added to the request's type
  ERROR: 0xff,
} as const;

export const Reason = {
  DAMAGED: 1,
  TIMEOUT: 2,
  NO_MODEL: 7,
  SAFE: 12,
} as const;

/** Sentences for the reasons of an error, by their numbers. */
export const REASONS: ReadonlyMap<number, string> = new Map([
  [1, "a frame arrived damaged"],
  [2, "the line fell silent within a frame"],
  [3, "the board speaks another version of the protocol; install this page's firmware"],
  [4, "the board does not know this command; install this page's firmware"],
  [5, "the picture or the model has another length than the board expects"],
  [6, "a value is out of range"],
  [7, "the board refused its own model at boot; install the firmware again"],
  [8, "the board refuses this model"],
  [9, "this model does not fit into the board's memory"],
  [10, "a part of the model is missing; load it again"],
  [11, "the network stopped while it ran"],
  [12, "the board crashed before and waits in safe mode; restart it"],
]);

const HEADER_BYTES = 8;
const CRC_BYTES = 4;
const FULL_BLOCK = 0xff;

export interface Frame {
  readonly type: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return crc;
});

/** zlib's CRC-32. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The frame as it goes on the line. */
export function encodeFrame({ type, sequence, payload }: Frame): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(HEADER_BYTES + payload.length + CRC_BYTES);
  const view = new DataView(body.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, type);
  view.setUint16(2, sequence, true);
  view.setUint32(4, payload.length, true);
  body.set(payload, HEADER_BYTES);
  const end = HEADER_BYTES + payload.length;
  view.setUint32(end, crc32(body.subarray(0, end)), true);
  return Uint8Array.from([0, ...stuff(body), 0]);
}

/** The body between two 0x00 as a frame, or undefined where it is none of this version. */
export function decodeBody(stuffed: Uint8Array): Frame | undefined {
  const body = unstuff(stuffed);
  if (body === undefined || body.length < HEADER_BYTES + CRC_BYTES) {
    return undefined;
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const end = body.length - CRC_BYTES;
  const whole = crc32(body.subarray(0, end)) === view.getUint32(end, true);
  if (!whole || view.getUint8(0) !== VERSION || view.getUint32(4, true) !== end - HEADER_BYTES) {
    return undefined;
  }
  return {
    type: view.getUint8(1),
    sequence: view.getUint16(2, true),
    payload: body.slice(HEADER_BYTES, end),
  };
}

function stuff(body: Uint8Array): number[] {
  const stuffed: number[] = [];
  let block: number[] = [];
  const close = () => {
    stuffed.push(block.length + 1, ...block);
    block = [];
  };
  for (const byte of body) {
    if (block.length + 1 === FULL_BLOCK) {
      close(); // 254 bytes without 0x00: the code 255 stands for no 0x00
    }
    if (byte === 0) {
      close();
    } else {
      block.push(byte);
    }
  }
  close();
  return stuffed;
}

function unstuff(stuffed: Uint8Array): Uint8Array | undefined {
  const body: number[] = [];
  for (let at = 0; at < stuffed.length; ) {
    const code = stuffed[at]!;
    const next = at + code;
    if (next > stuffed.length) {
      return undefined;
    }
    body.push(...stuffed.subarray(at + 1, next));
    if (code !== FULL_BLOCK && next < stuffed.length) {
      body.push(0);
    }
    at = next;
  }
  return Uint8Array.from(body);
}

/** What comes out of the board's stream. */
export interface Listener {
  frame(frame: Frame): void;
  /** Such as the boot report; pieces of any length. */
  text(text: string): void;
  /** A frame came and is damaged. */
  damage(): void;
}

const TEXT_CONTROLS = [0x09, 0x0a, 0x0d];

/**
 * Takes the board's stream apart: frames, and text in between. Before the first 0x00 and after a good frame, text is
 * handed on as it comes; what a 0x00 started is held until the next one, or silence, tells what it is.
 */
export class Receiver {
  private held: number[] = [];
  private framed = false;

  constructor(private readonly listener: Listener) {}

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 0) {
        this.end();
      } else {
        this.held.push(byte);
      }
    }
    if (!this.framed) {
      this.handOnText();
    }
  }

  /** The line has been silent for long: no frame is under way. */
  silence(): void {
    this.handOnText();
    this.framed = false;
  }

  private end(): void {
    const frame = this.framed && this.held.length > 0 ? decodeBody(Uint8Array.from(this.held)) : undefined;
    if (frame !== undefined) {
      this.held = [];
      this.framed = false;
      this.listener.frame(frame);
      return;
    }
    this.handOnText();
    this.framed = true; // this 0x00 may start a frame
  }

  /** What is held is no frame; a damaged one has bytes that the board's text, ASCII, has not. */
  private handOnText(): void {
    const printable = this.held.filter(
      (byte) => (byte >= 0x20 && byte < 0x7f) || TEXT_CONTROLS.includes(byte),
    );
    const damaged = this.framed && printable.length < this.held.length;
    this.held = [];
    if (damaged) {
      this.listener.damage();
    } else if (printable.length > 0) {
      this.listener.text(String.fromCharCode(...printable));
    }
  }
}
