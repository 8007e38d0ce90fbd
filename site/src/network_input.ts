/*
 * A picture's pixels made a network input. The definition, step by step, is squeezenet_lib/images.py; this is its twin,
 * the same bytes for the same pixels, which tests/site/test_network_input.py proves.
 *
 * All numbers are integers below 2^53, so a double holds each one. Sums of a picture's samples weighted by overlaps stay
 * below 255 x the crop's pixels; a network input has at most 307,200 samples, the chip's arena, and m Q below 6.2e15. A quotient
 * of two such numbers is rounded by less than what keeps it from the next integer, so Math.floor of it is exact.
 */

/** `samples`: height x width x channels, row by row; channels 1 or 3. */
export interface Pixels {
  readonly samples: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface InputShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly standardise: boolean;
}

/** Steps 2 to 5. */
export function toNetworkInput(pixels: Pixels, shape: InputShape): Uint8Array {
  const coloured = shape.channels === 1 && pixels.channels === 3 ? toGrey(pixels) : pixels;
  const resized = resize(centreCrop(coloured, shape), shape);
  const samples =
    shape.channels === 3 && resized.channels === 1 ? repeatChannel(resized.samples) : resized.samples;
  return shape.standardise ? evenOut(samples) : samples;
}

/** The end of step 1: RGBA as a canvas gives it, laid over white. */
export function overWhite(rgba: Uint8ClampedArray, height: number, width: number): Pixels {
  const samples = new Uint8Array(height * width * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const opacity = rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      samples[to++] = Math.floor((rgba[from + channel]! * opacity + 255 * (255 - opacity) + 127) / 255);
    }
  }
  return { samples, height, width, channels: 3 };
}

/** Step 2. */
function toGrey({ samples, height, width }: Pixels): Pixels {
  const grey = new Uint8Array(height * width);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (77 * samples[3 * i]! + 150 * samples[3 * i + 1]! + 29 * samples[3 * i + 2]! + 128) >> 8;
  }
  return { samples: grey, height, width, channels: 1 };
}

function repeatChannel(grey: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]!);
}

/** Step 3: the largest part of the input's proportions. */
function centreCrop({ samples, height, width, channels }: Pixels, shape: InputShape): Pixels {
  const allRows = width * shape.height >= height * shape.width;
  const rows = allRows ? height : Math.max(1, Math.floor((width * shape.height) / shape.width));
  const columns = allRows ? Math.max(1, Math.floor((height * shape.width) / shape.height)) : width;
  const top = (height - rows) >> 1;
  const left = (width - columns) >> 1;
  const cropped = new Uint8Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    const start = ((top + row) * width + left) * channels;
    cropped.set(samples.subarray(start, start + columns * channels), row * columns * channels);
  }
  return { samples: cropped, height: rows, width: columns, channels };
}

/** Step 4. */
function resize(crop: Pixels, { height, width }: InputShape): Pixels {
  if (height === crop.height && width === crop.width) {
    return crop; // either formula changes nothing
  }
  const shrinks = height <= crop.height && width <= crop.width;
  const samples = shrinks ? shrink(crop, height, width) : enlarge(crop, height, width);
  return { samples, height, width, channels: crop.channels };
}

/** Area averaging: on a common axis an input pixel takes as many units as there are outputs, an output as inputs. */
function shrink(crop: Pixels, height: number, width: number): Uint8Array {
  const { samples, channels } = crop;
  const rowSamples = width * channels;
  const sums = new Float64Array(height * rowSamples);
  const row = new Float64Array(rowSamples);
  for (let y = 0; y < crop.height; y++) {
    row.fill(0);
    for (let x = 0; x < crop.width; x++) {
      const from = (y * crop.width + x) * channels;
      forEachOverlap(x, crop.width, width, (column, overlap) => {
        for (let channel = 0; channel < channels; channel++) {
          row[column * channels + channel]! += samples[from + channel]! * overlap;
        }
      });
    }
    forEachOverlap(y, crop.height, height, (line, overlap) => {
      for (let i = 0; i < rowSamples; i++) {
        sums[line * rowSamples + i]! += row[i]! * overlap;
      }
    });
  }
  const area = crop.height * crop.width;
  const half = Math.floor(area / 2);
  return Uint8Array.from(sums, (sum) => Math.floor((sum + half) / area));
}

/** The outputs, one or two, that input pixel `at` reaches into, and by how much. */
function forEachOverlap(
  at: number,
  side: number,
  size: number,
  use: (output: number, overlap: number) => void,
): void {
  const start = at * size;
  const output = Math.floor(start / side);
  const beyond = start + size - (output + 1) * side;
  use(output, beyond > 0 ? size - beyond : size);
  if (beyond > 0) {
    use(output + 1, beyond);
  }
}

/** Bilinear, pixel centres aligned, 8-bit fractions. */
function enlarge(crop: Pixels, height: number, width: number): Uint8Array {
  const { samples, channels } = crop;
  const down = neighbours(crop.height, height);
  const across = neighbours(crop.width, width);
  const enlarged = new Uint8Array(height * width * channels);
  let to = 0;
  for (const { near: upper, far: lower, fraction: below } of down) {
    for (const { near: left, far: right, fraction: beside } of across) {
      for (let channel = 0; channel < channels; channel++) {
        const column = (line: number, pixel: number) =>
          samples[(line * crop.width + pixel) * channels + channel]!;
        const blend = (pixel: number) => column(upper, pixel) * (256 - below) + column(lower, pixel) * below;
        enlarged[to++] = (blend(left) * (256 - beside) + blend(right) * beside + 32768) >> 16;
      }
    }
  }
  return enlarged;
}

/** Of `size` outputs along an axis of `side` pixels: the two pixels of each, and the second's 256ths. */
function neighbours(side: number, size: number): { near: number; far: number; fraction: number }[] {
  return Array.from({ length: size }, (_, i) => {
    const position = Math.floor((Math.max(0, (2 * i + 1) * side - size) * 128) / size);
    const near = position >> 8;
    return { near, far: Math.min(near + 1, side - 1), fraction: position & 255 };
  });
}

/** Step 5. */
function evenOut(samples: Uint8Array): Uint8Array {
  const histogram = new Float64Array(256);
  samples.forEach((value) => histogram[value]!++);
  const count = samples.length;
  let total = 0;
  let squares = 0;
  histogram.forEach((times, value) => {
    total += times * value;
    squares += times * value * value;
  });
  const deviation = integerRoot(count * squares - total * total);
  const divisor = 20 * deviation + 51 * count;
  const table = Uint8Array.from({ length: 256 }, (_, value) => {
    const evened = 128 + Math.floor((2048 * (count * value - total) + divisor) / (2 * divisor));
    return Math.max(0, Math.min(255, evened));
  });
  return samples.map((value) => table[value]!);
}

/** floor(sqrt(square)); a double's root may be rounded up to the next integer. */
function integerRoot(square: number): number {
  const root = Math.floor(Math.sqrt(square));
  return root * root > square ? root - 1 : root;
}
