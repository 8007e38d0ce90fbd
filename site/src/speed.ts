/*
 * The line's speed while pictures come over it: raised before, and back to the firmware's own afterwards, at which the
 * next program or page looks for the board. As set_baud() of squeezenet_lib/device/link.py does it.
 */

import type { Board } from "./board";
import { Type } from "./protocol";
import { PersonError } from "./serial_line";

const FASTER = 921_600; // bits in a second
/* Milliseconds. The chip leaves a speed at which it hears nothing after 2000. */
const CONFIRM = { within: 1500, every: 500 };
const FALL_BACK = { within: 8000, every: 3000 };
const ONCE_MORE = { within: 5000, every: 2000 }; // it stayed at the new speed, and its answer was lost

export class LineSpeed {
  private raises: boolean;

  /** `reopen`: makes the port work at a speed. `own`: the firmware's. */
  constructor(
    private readonly board: Board,
    private readonly reopen: (baud: number) => Promise<void>,
    private readonly own: number,
  ) {
    this.raises = own < FASTER;
  }

  /** What `command` returns, which runs at the higher speed if the line bears it. */
  async raised<T>(command: () => Promise<T>): Promise<T> {
    if (!this.raises) {
      return command();
    }
    const settings = await this.board.ask(Type.CAMERA, new Uint8Array());
    this.raises = await this.change(FASTER, this.own, settings);
    if (!this.raises) {
      return command();
    }
    try {
      return await command();
    } finally {
      await this.change(this.own, FASTER, settings);
    }
  }

  /** Whether both sides are at `baud` now; else they are at `before` again. */
  private async change(baud: number, before: number, settings: Uint8Array): Promise<boolean> {
    const request = new DataView(new ArrayBuffer(4));
    request.setUint32(0, baud, true);
    await this.board.ask(Type.BAUD, new Uint8Array(request.buffer));
    for (const [speed, patience] of [
      [baud, CONFIRM],
      [before, FALL_BACK],
      [baud, ONCE_MORE],
    ] as const) {
      await this.reopen(speed);
      if (await this.hears(patience)) {
        await this.keep(settings);
        return speed === baud;
      }
    }
    throw new PersonError("The board was lost between two speeds. Restart it.");
  }

  private async hears(patience: typeof CONFIRM): Promise<boolean> {
    try {
      await this.board.ask(Type.HELLO, new Uint8Array(), undefined, patience);
      return true;
    } catch (error) {
      if (error instanceof PersonError) {
        return false;
      }
      throw error;
    }
  }

  /** A port that opens restarts some boards, and what the camera was set to is forgotten. */
  private async keep(settings: Uint8Array): Promise<void> {
    const now = await this.board.ask(Type.CAMERA, new Uint8Array());
    if (now.join() !== settings.join()) {
      await this.board.ask(Type.CAMERA, settings);
    }
  }
}
