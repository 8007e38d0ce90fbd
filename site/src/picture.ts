/*
 * Files as pixels, by the browser's decoders; what images.py says of decoding is Pillow's. A PNG gives the same pixels in
 * both: tests/site/test_picture.py holds Chromium against Pillow, palettes, 16 bits, EXIF's orientation, colour
 * profiles (ignored) and transparency included: a canvas keeps colours multiplied by their opacity and rounded, which
 * leaves their sums over white as they are. JPEG and WebP are the same as far as two decoders round alike.
 */

import { overWhite, type InputShape, type Pixels } from "./network_input";
import { PersonError } from "./serial_line";

const MOST_PIXELS = 89_478_485; // as images.py

export async function decodePicture(file: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  }).catch(() => {
    throw new PersonError("This file cannot be read as a picture. PNG, JPEG, WebP, GIF and BMP can.");
  });
  try {
    const { width, height } = bitmap;
    if (width * height > MOST_PIXELS) {
      throw new PersonError(`This picture has more than ${MOST_PIXELS} pixels. Take a smaller one.`);
    }
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (context === null) {
      throw new PersonError("This browser does not let the page read a picture's pixels.");
    }
    context.drawImage(bitmap, 0, 0);
    return overWhite(context.getImageData(0, 0, width, height).data, height, width);
  } finally {
    bitmap.close();
  }
}

/** A finished network input that was kept as a picture. */
export function finishedInput({ samples }: Pixels, channels: number): Uint8Array {
  return channels === 3 ? samples : samples.filter((_, i) => i % 3 === 0);
}

/** Show what the network sees. */
export function drawInput(
  canvas: HTMLCanvasElement,
  input: Uint8Array,
  { height, width, channels }: InputShape,
): void {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * i + channel] = input[channels === 3 ? 3 * i + channel : i]!;
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
