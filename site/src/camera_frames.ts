/*
 * What a board's camera gives: frames piece by piece, and how it is set. What a pixel of each format is stands in
 * esp32_pio/lib/frame/src/frame.h; squeezenet_lib/frame_pixels.py is the other twin, and tests/site/test_camera_frames.py
 * holds the two together. Nothing here knows of a browser.
 */

import type { Pixels } from "./network_input";
import { crc32 } from "./protocol";

const CHUNK = 4096; // bytes of a frame in one answer
const HEAD_BYTES = 26;
const SETTINGS_BYTES = 5;
const AUTO = 0xffff;
const WHITE_BALANCES = ["auto", "sunny", "cloudy", "office", "home"];
const MIRROR = 1;
const FLIP = 2;
const TURN = 4;

/** frame.h's frame_format by number: its name, and the bytes of a pixel. */
export const FORMATS = [
  { name: "grey", bytes: 1 },
  { name: "yuv422", bytes: 2 },
  { name: "rgb565", bytes: 2 },
  { name: "rgb888", bytes: 3 },
  { name: "bgr888", bytes: 3 },
] as const;

export interface CameraFrame {
  readonly rows: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly format: number;
  readonly orientation: number;
}

/** As pio.camera of params.yaml has them. */
export interface CameraSettings {
  readonly flip: boolean;
  readonly mirror: boolean;
  readonly rotate: number;
  readonly warmup_frames: number;
  readonly exposure: number | "auto";
  readonly white_balance: string;
}

/** FRAME's payload. `picture`: a number, not 0, another for each picture. */
export function frameRequest(picture: number, offset: number): Uint8Array {
  const request = new DataView(new ArrayBuffer(11));
  request.setUint32(0, picture, true);
  request.setUint32(4, offset, true);
  request.setUint16(8, CHUNK, true);
  return new Uint8Array(request.buffer);
}

/**
 * A whole frame by FRAME's answers, which `ask` gets; undefined when the pieces are not of one picture: ask for another.
 * Throws where an answer is none.
 */
export async function takeFrame(
  picture: number,
  ask: (request: Uint8Array) => Promise<Uint8Array>,
): Promise<CameraFrame | undefined> {
  const first = piece(await ask(frameRequest(picture, 0)));
  const rows = new Uint8Array(first.total);
  rows.set(first.bytes);
  for (let held = first.bytes.length; held < first.total; ) {
    const next = piece(await ask(frameRequest(picture, held)));
    if (next.total !== first.total || next.crc !== first.crc || next.offset !== held) {
      return undefined;
    }
    rows.set(next.bytes, held);
    held += next.bytes.length;
  }
  const { width, height, format, orientation } = first;
  const whole = rows.length === width * height * (FORMATS[format]?.bytes ?? 0) && crc32(rows) === first.crc;
  return whole ? { rows, width, height, format, orientation } : undefined;
}

function piece(payload: Uint8Array) {
  if (payload.length <= HEAD_BYTES) {
    throw new Error("no piece of a picture");
  }
  const head = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const bytes = payload.subarray(HEAD_BYTES);
  const offset = head.getUint32(4, true);
  const total = head.getUint32(8, true);
  if (offset + bytes.length > total) {
    throw new Error("a piece behind a picture's end");
  }
  return {
    offset,
    total,
    crc: head.getUint32(12, true),
    width: head.getUint16(20, true),
    height: head.getUint16(22, true),
    format: head.getUint8(24),
    orientation: head.getUint8(25),
    bytes,
  };
}

/** A frame's pixels, upright, for a network input of so many channels. */
export function framePixels(frame: CameraFrame, channels: number): Pixels {
  return upright(asTheyLie(frame, channels), frame.orientation);
}

function asTheyLie({ rows, width, height, format }: CameraFrame, channels: number): Pixels {
  const pixels = width * height;
  const of = (count: number, sample: (pixel: number, channel: number) => number): Pixels => {
    const samples = new Uint8Array(pixels * count);
    for (let i = 0; i < samples.length; i++) {
      samples[i] = sample(Math.floor(i / count), i % count);
    }
    return { samples, width, height, channels: count };
  };
  switch (FORMATS[format]?.name) {
    case "grey":
      return of(1, (pixel) => rows[pixel]!);
    case "yuv422":
      return channels === 1 ? of(1, (pixel) => rows[2 * pixel]!) : of(3, (pixel, c) => fromYuv(rows, pixel, c));
    case "rgb565":
      return of(3, (pixel, c) => fromRgb565((rows[2 * pixel]! << 8) | rows[2 * pixel + 1]!, c));
    case "bgr888":
      return of(3, (pixel, c) => rows[3 * pixel + 2 - c]!);
    default:
      return of(3, (pixel, c) => rows[3 * pixel + c]!);
  }
}

/** Rows have an even number of pixels, so a pair is one of the whole frame's, too. */
function fromYuv(rows: Uint8Array, pixel: number, channel: number): number {
  const pair = 4 * (pixel >> 1);
  const u = rows[pair + 1]! - 128;
  const v = rows[pair + 3]! - 128;
  const colours = [
    (91881 * v + 32768) >> 16,
    (-22554 * u - 46802 * v + 32768) >> 16,
    (116130 * u + 32768) >> 16,
  ];
  return Math.max(0, Math.min(255, rows[2 * pixel]! + colours[channel]!));
}

function fromRgb565(word: number, channel: number): number {
  const green = (word >> 5) & 63;
  const five = channel === 0 ? word >> 11 : word & 31;
  return channel === 1 ? (green << 2) | (green >> 4) : (five << 3) | (five >> 2);
}

/** Mirrored, flipped, then turned clockwise by a quarter. */
function upright(pixels: Pixels, orientation: number): Pixels {
  if (orientation === 0) {
    return pixels;
  }
  const turned = (orientation & TURN) !== 0;
  const width = turned ? pixels.height : pixels.width;
  const height = turned ? pixels.width : pixels.height;
  const { channels } = pixels;
  const samples = new Uint8Array(pixels.samples.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = turned ? y : x;
      const line = turned ? pixels.height - 1 - x : y;
      const left = (orientation & MIRROR) !== 0 ? pixels.width - 1 - column : column;
      const top = (orientation & FLIP) !== 0 ? pixels.height - 1 - line : line;
      const from = (top * pixels.width + left) * channels;
      for (let channel = 0; channel < channels; channel++) {
        samples[to++] = pixels.samples[from + channel]!;
      }
    }
  }
  return { samples, width, height, channels };
}

/** CAMERA's answer; a flip and a mirror together are half a turn. */
export function readSettings(payload: Uint8Array): CameraSettings {
  if (payload.length !== SETTINGS_BYTES) {
    throw new Error("no settings of a camera");
  }
  const orientation = payload[0]!;
  const sides = orientation & (MIRROR | FLIP);
  const exposure = payload[2]! | (payload[3]! << 8);
  return {
    flip: sides === FLIP,
    mirror: sides === MIRROR,
    rotate: ((orientation & TURN) !== 0 ? 90 : 0) + (sides === (MIRROR | FLIP) ? 180 : 0),
    warmup_frames: payload[1]!,
    exposure: exposure === AUTO ? "auto" : exposure,
    white_balance: WHITE_BALANCES[payload[4]!] ?? "auto",
  };
}

/** CAMERA's payload. */
export function writeSettings(settings: CameraSettings): Uint8Array {
  const half = settings.rotate >= 180 ? MIRROR | FLIP : 0;
  const sides = ((settings.mirror ? MIRROR : 0) | (settings.flip ? FLIP : 0)) ^ half;
  const exposure = settings.exposure === "auto" ? AUTO : settings.exposure;
  return Uint8Array.of(
    sides | (settings.rotate % 180 === 0 ? 0 : TURN),
    settings.warmup_frames,
    exposure & 0xff,
    exposure >> 8,
    WHITE_BALANCES.indexOf(settings.white_balance),
  );
}

/** The lines of params.yaml that keep them. */
export function paramsLines(settings: CameraSettings): string {
  const lines = Object.entries(settings).map(([key, value]) => `    ${key}: ${String(value)}`);
  return ["pio:", "  camera:", ...lines].join("\n");
}
