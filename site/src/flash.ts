/* Writes firmware into a board's flash with Espressif's esptool-js. Loaded when it is needed: it is large. */

import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ESPLoader, Transport } from "esptool-js";

import { openFailure, PersonError, pulseReset } from "./serial_line";

/*
 * One speed from beginning to end: changing it would close and open the port, which restarts some boards. The image
 * takes some 15 seconds.
 */
const BAUD = 115_200;
const CHIP = "ESP32";

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
    await identify(loader);
    report.stage("Writing …");
    await write(loader, parts, report);
    report.stage("Restarting the board …");
    await pulseReset(port);
  } finally {
    await transport.disconnect().catch(() => undefined); // it may be unplugged
  }
}

async function identify(loader: ESPLoader): Promise<void> {
  try {
    await loader.detectChip();
  } catch (error) {
    if (error instanceof DOMException) {
      throw openFailure(error);
    }
    throw new PersonError(
      "The board does not answer. Hold its BOOT button, press Install again, and let go of BOOT when writing " +
        `begins. (${message(error)})`,
    );
  }
  const found = loader.chip.CHIP_NAME;
  if (found !== CHIP) {
    throw new PersonError(
      `This board has an ${found}; the firmware is for the classic ${CHIP} only. Nothing was written.`,
    );
  }
}

async function write(loader: ESPLoader, parts: readonly Part[], report: Report): Promise<void> {
  try {
    await loader.runStub();
    await loader.writeFlash({
      fileArray: [...parts],
      flashMode: "keep",
      flashFreq: "keep",
      flashSize: "keep",
      eraseAll: false,
      compress: true,
      reportProgress: (part, written, total) => report.progress((part + written / total) / parts.length),
      calculateMD5Hash: (image) => bytesToHex(md5(image)),
    });
  } catch (error) {
    throw new PersonError(
      `Writing failed; the board has no whole firmware now. Install again, if need be with another cable or USB ` +
        `port. (${message(error)})`,
    );
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
