/* Pictures as files: PNG, which keeps every pixel as it is, and a zip of them in folders. */

import type { Pixels } from "./network_input";
import { crc32 } from "./protocol";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GREY = 0;
const COLOUR = 2;
const UTF8_NAMES = 0x0800; // a zip's flag
const ZIP_VERSION = 20;
const FIRST_DAY = 0x0021; // 1980-01-01, the earliest that a zip can carry: the same pictures give the same file

export interface PictureFile {
  readonly name: string; // with its folder, "cat/0001.png"
  readonly bytes: Uint8Array;
}

/** `note`: ASCII, as the text chunk `squeezenet-esp32`. */
export async function encodePng({ samples, width, height, channels }: Pixels, note: string): Promise<Uint8Array> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits of a sample
  header.setUint8(9, channels === 1 ? GREY : COLOUR);
  const row = width * channels;
  const lines = new Uint8Array(height * (row + 1)); // before each row a 0: no filter
  for (let y = 0; y < height; y++) {
    lines.set(samples.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  }
  const text = new TextEncoder().encode(`squeezenet-esp32\0${note}`);
  return joined(
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("tEXt", text),
    chunk("IDAT", await deflated(lines)),
    chunk("IEND", new Uint8Array()),
  );
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const made = new Uint8Array(12 + content.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, content.length);
  made.set(new TextEncoder().encode(name), 4);
  made.set(content, 8);
  view.setUint32(8 + content.length, crc32(made.subarray(4, 8 + content.length)));
  return made;
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The files one behind the other, not compressed: PNG is. APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. */
export function zip(files: readonly PictureFile[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const file of files) {
    const name = new TextEncoder().encode(file.name);
    const about = [ZIP_VERSION, UTF8_NAMES, 0, 0, FIRST_DAY];
    const sizes = [crc32(file.bytes), file.bytes.length, file.bytes.length];
    const local = joined(record(0x04034b50, about, sizes, [name.length, 0]), name);
    parts.push(local, file.bytes);
    const central = record(0x02014b50, [ZIP_VERSION, ...about], sizes, [name.length, 0, 0, 0, 0], [0, offset]);
    directory.push(joined(central, name));
    offset += local.length + file.bytes.length;
  }
  const entries = joined(...directory);
  const end = record(0x06054b50, [0, 0, files.length, files.length], [entries.length, offset], [0]);
  return joined(...parts, entries, end);
}

/** A signature, then numbers of 16 bits, of 32, of 16, of 32 bits, as they follow each other in a zip's records. */
function record(signature: number, a: number[], b: number[], c: number[], d: number[] = []): Uint8Array {
  const made = new DataView(new ArrayBuffer(4 + 2 * (a.length + c.length) + 4 * (b.length + d.length)));
  made.setUint32(0, signature, true);
  let at = 4;
  for (const [numbers, bytes] of [[a, 2], [b, 4], [c, 2], [d, 4]] as const) {
    for (const number of numbers) {
      if (bytes === 2) {
        made.setUint16(at, number, true);
      } else {
        made.setUint32(at, number, true);
      }
      at += bytes;
    }
  }
  return new Uint8Array(made.buffer);
}
