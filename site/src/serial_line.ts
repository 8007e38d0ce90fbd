/* A serial port of the browser (WebSerial), its failures told in sentences for the person in front of it. */

/** What went wrong and what to do, to be shown as it is. */
export class PersonError extends Error {}

const RESET_MS = 100;

/** Why no board can be reached from this browser, or undefined where one can. */
export function whyUnsupported(): string | undefined {
  if ("serial" in navigator) {
    return undefined;
  }
  return window.isSecureContext
    ? "This browser has no WebSerial. Open this page in Chrome, Edge or another Chromium browser on a computer."
    : "Browsers offer serial ports to pages from https:// or localhost only. Open this page from there.";
}

/** Let the person choose a port. */
export async function choosePort(): Promise<SerialPort> {
  try {
    return await navigator.serial.requestPort();
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") {
      throw new PersonError(
        "No port was chosen. If the list was empty: use a USB cable that carries data, and install the driver " +
          "of the board's USB chip (CP210x or CH340).",
      );
    }
    throw error;
  }
}

/** The sentence for a port that did not open. */
export function openFailure(error: unknown): PersonError {
  return new PersonError(
    "The port cannot be opened. Close whatever else uses it (a serial monitor, another tab); on Linux you may " +
      `have to join the group dialout. (${error instanceof Error ? error.message : String(error)})`,
  );
}

export class SerialLine {
  private closing = false;
  private closed = false; // for good
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private reading: Promise<void>;

  private constructor(
    private readonly port: SerialPort,
    private readonly onBytes: (bytes: Uint8Array) => void,
    private readonly onLost: () => void,
  ) {
    this.reading = this.listen();
  }

  /** `onLost` is called when the board is unplugged. Neither reset line is left asserted: the board runs. */
  static async open(
    port: SerialPort,
    baud: number,
    onBytes: (bytes: Uint8Array) => void,
    onLost: () => void,
  ): Promise<SerialLine> {
    await openPort(port, baud);
    return new SerialLine(port, onBytes, onLost);
  }

  /** Go on at another speed, for which a browser's port has to be closed. */
  async reopen(baud: number): Promise<void> {
    await this.hangUp();
    try {
      await openPort(this.port, baud);
    } catch (error) {
      this.onLost();
      throw error;
    }
    if (this.closed) {
      await this.port.close();
      throw new PersonError("The board is no longer connected.");
    }
    this.closing = false;
    this.reading = this.listen();
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const writer = this.port.writable?.getWriter();
    if (writer === undefined) {
      throw new PersonError("The board is no longer connected.");
    }
    try {
      await writer.write(bytes);
    } finally {
      writer.releaseLock();
    }
  }

  /** Restart the chip: on most boards RTS pulls its EN pin low. */
  async reset(): Promise<void> {
    await pulseReset(this.port);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.hangUp();
  }

  private async hangUp(): Promise<void> {
    this.closing = true;
    await this.reader?.cancel().catch(() => undefined); // it may have failed already
    await this.reading;
    await this.port.close().catch(() => undefined); // it may be unplugged
  }

  private async listen(): Promise<void> {
    await this.read(this.onBytes);
    if (!this.closing) {
      this.onLost();
    }
  }

  /** Line errors, such as a break, end one stream; the port then offers another, unless it is gone. */
  private async read(onBytes: (bytes: Uint8Array) => void): Promise<void> {
    let ended = false;
    while (!ended && !this.closing && this.port.readable !== null) {
      this.reader = this.port.readable.getReader();
      try {
        for (;;) {
          const { value, done } = await this.reader.read();
          if (done) {
            ended = true;
            break;
          }
          onBytes(value);
        }
      } catch {
        // the loop's condition tells whether the port is still there
      } finally {
        this.reader.releaseLock();
      }
    }
  }
}

async function openPort(port: SerialPort, baud: number): Promise<void> {
  try {
    await port.open({ baudRate: baud, bufferSize: 4096 });
  } catch (error) {
    throw openFailure(error);
  }
  await port.setSignals({ dataTerminalReady: false, requestToSend: false });
}

export async function pulseReset(port: SerialPort): Promise<void> {
  await port.setSignals({ dataTerminalReady: false, requestToSend: true });
  await sleep(RESET_MS);
  await port.setSignals({ dataTerminalReady: false, requestToSend: false });
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
