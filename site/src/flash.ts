/* Writes firmware into a board's flash with Espressif's esptool-js. Loaded when it is needed: it is large. */

import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ESPLoader, Transport } from "esptool-js";

import { openFailure, PersonError, pulseReset, sleep } from "./serial_line";
import { within } from "./within";

/*
 * One speed from beginning to end: changing it would close and open the port, which restarts some boards. The image
 * takes some 15 seconds.
 */
const BAUD = 115_200;
const CHIP = "ESP32";

/* Milliseconds: esptool-js tries for 10 s to connect; to erase and to verify take the longest without progress. */
const CONNECT_MS = 20_000;
const PROGRESS_MS = 60_000;
const CLOSE_MS = 2000;

/* What is burnt into the chip, as ESP-IDF's hal/esp32/efuse_ll.h reads it. */
const EFUSES = {
  cryptCount: { register: 0x3ff5a000, mask: 0x7f << 20 }, // an odd number of ones: flash encryption is on
  secureBoot: { register: 0x3ff5a018, mask: 3 << 4 }, // version 1, version 2
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

/** Write `parts`, verify each by its MD5, restart the board. Throws PersonError. */
export async function flash(port: SerialPort, parts: readonly Part[], report: Report): Promise<void> {
  const transport = new Transport(port);
  const terminal = {
    clean: () => undefined,
    write: (text: string) => report.log(text),
    writeLine: (text: string) => report.log(text),
  };
  const loader = new ESPLoader({ transport, baudrate: BAUD, romBaudrate: BAUD, terminal });
  try {
    report.stage("Connecting to the board …");
    await within(CONNECT_MS, () => noAnswer(`nothing for ${CONNECT_MS / 1000} s`), () => identify(loader));
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

async function identify(loader: ESPLoader): Promise<void> {
  let guard: string | undefined;
  try {
    await loader.detectChip();
    guard = loader.chip.CHIP_NAME === CHIP ? await guardOf(loader) : undefined;
  } catch (error) {
    if (error instanceof DOMException) {
      throw openFailure(error);
    }
    throw noAnswer(message(error));
  }
  const found = loader.chip.CHIP_NAME;
  if (found !== CHIP) {
    throw new PersonError(
      `This board has an ${found}; the firmware is for the classic ${CHIP} only. Nothing was written.`,
    );
  }
  if (guard !== undefined) {
    throw new PersonError(
      `This chip's eFuses turn on ${guard}: it would not start this firmware. Use another board. Nothing was written.`,
    );
  }
}

/** What keeps the chip from starting firmware that is neither signed nor encrypted. */
async function guardOf(loader: ESPLoader): Promise<string | undefined> {
  const burnt = async (efuse: { register: number; mask: number }) =>
    (await loader.readReg(efuse.register)) & efuse.mask;
  if (ones(await burnt(EFUSES.cryptCount)) % 2 === 1) {
    return "flash encryption";
  }
  return (await burnt(EFUSES.secureBoot)) === 0 ? undefined : "secure boot";
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
