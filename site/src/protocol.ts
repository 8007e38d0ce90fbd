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
  BAUD: 0x06,
  TAKE: 0x07,
  FRAME: 0x09,
  CAMERA: 0x0a,
  ANSWER: 0x80, // added to the request's type
  ERROR: 0xff,
} as const;

/** Why the board did not do what it was asked; the others need no treatment of their own. */
export const Reason = {
  DAMAGED: 1, // the line's fault: ask again
  TIMEOUT: 2, // this, too
  FOREIGN: 3,
  TYPE: 4,
} as const;

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

const FIRST_PRINTABLE = 0x20; // a frame's second byte is its version, which is less
const LAST_PRINTABLE = 0x7e;
const TEXT_CONTROLS = [0x09, 0x0a, 0x0d];

/**
 * Takes the board's stream apart: frames, and text in between. Text is handed on as it comes; what follows a 0x00 and
 * does not look like text is held until the next one, or silence, tells what it is.
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
      if (this.framed && this.held.length === 2 && byte >= FIRST_PRINTABLE) {
        this.framed = false;
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
    if (frame === undefined) {
      this.handOnText();
    } else {
      this.held = [];
      this.listener.frame(frame);
    }
    this.framed = true; // behind a frame, too: this 0x00 may be the next one's, the other having been lost
  }

  /** What is held is no frame: text, ASCII as the board prints it, or what is left of a frame. */
  private handOnText(): void {
    const printable = this.held.filter(
      (byte) => (byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE) || TEXT_CONTROLS.includes(byte),
    );
    const damaged = this.framed && this.held.length > 0;
    this.held = [];
    if (damaged) {
      this.listener.damage();
    } else if (printable.length > 0) {
      this.listener.text(String.fromCharCode(...printable));
    }
  }
}
