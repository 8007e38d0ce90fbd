/* Writes firmware into a board's flash with Espressif's esptool-js. Loaded when it is needed: it is large. */

import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ESPLoader, Transport } from "esptool-js";

import { inWords } from "./chips";
import { openFailure, PersonError, pulseReset, sleep } from "./serial_line";
import { within } from "./within";

/*
 * One speed from beginning to end: changing it would close and open the port, which restarts some boards. The image
 * takes some 15 seconds.
 */
const BAUD = 115_200;

/* Milliseconds: esptool-js tries for 10 s to connect; to erase and to verify take the longest without progress. */
const CONNECT_MS = 20_000;
const PROGRESS_MS = 60_000;
const CLOSE_MS = 2000;

interface Efuse {
  readonly register: number;
  readonly mask: number;
}

/*
 * What is burnt into a chip, as ESP-IDF's hal/CHIP/efuse_ll.h reads it. cryptCount: an odd number of ones: flash
 * encryption is on. secureBoot: any one, of the classic's version 1 and version 2.
 */
const EFUSES: Readonly<Record<string, { readonly cryptCount: Efuse; readonly secureBoot: Efuse }>> = {
  ESP32: {
    cryptCount: { register: 0x3ff5a000, mask: 0x7f << 20 },
    secureBoot: { register: 0x3ff5a018, mask: 3 << 4 },
  },
  "ESP32-C3": {
    cryptCount: { register: 0x60008834, mask: 7 << 18 },
    secureBoot: { register: 0x60008838, mask: 1 << 20 },
  },
  "ESP32-S3": {
    cryptCount: { register: 0x60007034, mask: 7 << 18 },
    secureBoot: { register: 0x60007038, mask: 1 << 20 },
  },
};

/* An ESP32-S3's flash has eight lines, which this firmware does not read: FLASH_TYPE of hal/esp32s3/efuse_ll.h. */
const OCTAL_FLASH: Readonly<Record<string, Efuse>> = {
  "ESP32-S3": { register: 0x6000703c, mask: 1 << 9 },
};

export interface Part {
  readonly data: Uint8Array;
  readonly address: number;
}

export interface Report {
  log(line: string): void;
  /** What happens now. */
  stage(sentence: string): void;
  progress(share: number): void;
}

/** What a chip gets, by its family's name ("ESP32-C3"). */
export type Firmware = ReadonlyMap<string, readonly Part[]>;

/** Write what the board's chip gets, verify each part by its MD5, restart the board. Throws PersonError. */
export async function flash(port: SerialPort, firmware: Firmware, report: Report): Promise<void> {
  const transport = new Transport(port);
  const terminal = {
    clean: () => undefined,
    write: (text: string) => report.log(text),
    writeLine: (text: string) => report.log(text),
  };
  const loader = new ESPLoader({ transport, baudrate: BAUD, romBaudrate: BAUD, terminal });
  try {
    report.stage("Connecting to the board …");
    const parts = await within(
      CONNECT_MS,
      () => noAnswer(`nothing for ${CONNECT_MS / 1000} s`),
      () => partsFor(loader, firmware),
    );
    report.stage("Writing …");
    await within(
      PROGRESS_MS,
      () => unfinished(`no progress for ${PROGRESS_MS / 1000} s`),
      (getOn) => write(loader, parts, report, getOn),
    );
    report.stage("Restarting the board …");
    await pulseReset(port);
  } finally {
    // It may be unplugged, or held by what was given up.
    await Promise.race([transport.disconnect().catch(() => undefined), sleep(CLOSE_MS)]);
  }
}

/** What the chip gets that answers, and would start. */
async function partsFor(loader: ESPLoader, firmware: Firmware): Promise<readonly Part[]> {
  let guard: string | undefined;
  let octal = false;
  try {
    await loader.detectChip();
    guard = await guardOf(loader);
    octal = await hasOctalFlash(loader);
  } catch (error) {
    if (error instanceof DOMException) {
      throw openFailure(error);
    }
    throw noAnswer(message(error));
  }
  const found = loader.chip.CHIP_NAME;
  const parts = firmware.get(found);
  if (parts === undefined) {
    const chips = [...firmware.keys()].map(inWords).join(" or the ");
    throw new PersonError(`This board has an ${found}; the firmware is for the ${chips} only. Nothing was written.`);
  }
  if (guard !== undefined) {
    throw new PersonError(
      `This chip's eFuses turn on ${guard}: it would not start this firmware. Use another board. Nothing was written.`,
    );
  }
  if (octal) {
    throw new PersonError("This board has octal flash, which is not supported. Use another board. Nothing was written.");
  }
  return parts;
}

async function hasOctalFlash(loader: ESPLoader): Promise<boolean> {
  const efuse = OCTAL_FLASH[loader.chip.CHIP_NAME];
  return efuse !== undefined && ((await loader.readReg(efuse.register)) & efuse.mask) !== 0;
}

/** What keeps the chip from starting firmware that is neither signed nor encrypted. */
async function guardOf(loader: ESPLoader): Promise<string | undefined> {
  const efuses = EFUSES[loader.chip.CHIP_NAME];
  if (efuses === undefined) {
    return undefined; // and no firmware is for it
  }
  const burnt = async (efuse: Efuse) => (await loader.readReg(efuse.register)) & efuse.mask;
  if (ones(await burnt(efuses.cryptCount)) % 2 === 1) {
    return "flash encryption";
  }
  return (await burnt(efuses.secureBoot)) === 0 ? undefined : "secure boot";
}

function ones(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}

async function write(
  loader: ESPLoader,
  parts: readonly Part[],
  report: Report,
  getOn: () => void,
): Promise<void> {
  try {
    await loader.runStub();
    await loader.writeFlash({
      fileArray: [...parts],
      flashMode: "keep",
      flashFreq: "keep",
      flashSize: "keep",
      eraseAll: false,
      compress: true,
      reportProgress: (part, written, total) => {
        getOn();
        report.progress((part + written / total) / parts.length);
      },
      calculateMD5Hash: (image) => bytesToHex(md5(image)),
    });
  } catch (error) {
    throw unfinished(message(error));
  }
}

function noAnswer(why: string): PersonError {
  return new PersonError(
    "The board does not answer. Hold its BOOT button, press Install again, and let go of BOOT when writing " +
      `begins. (${why})`,
  );
}

function unfinished(why: string): PersonError {
  return new PersonError(
    `Writing failed; the board has no whole firmware now. Install again, if need be with another cable or USB ` +
      `port. (${why})`,
  );
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
