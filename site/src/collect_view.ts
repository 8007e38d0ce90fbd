/* The board's own camera takes pictures to train on, and is put right: shown, kept here, handed out as a zip. */

import type { Session } from "./board_view";
import {
  FORMATS,
  framePixels,
  paramsLines,
  readSettings,
  takeFrame,
  writeSettings,
  type CameraFrame,
  type CameraSettings,
} from "./camera_frames";
import { shapeOf } from "./classify_view";
import { byId, element } from "./element";
import { toNetworkInput } from "./network_input";
import { drawInput } from "./picture";
import { encodePng, zip, type PictureFile } from "./picture_files";
import { Type } from "./protocol";
import { PersonError } from "./serial_line";

const TRIES = 4; // for a picture that was lost while it came
const CAMERA = { usual: 5000, longest: 5000 }; // milliseconds
const NO_NAME = /[/\\:*?"<>|\u0000-\u001f]|^\.|^$/;

export class CollectView {
  private readonly card = byId<HTMLFieldSetElement>("collect-card");
  private readonly name = byId<HTMLInputElement>("collect-class");
  private readonly hold = byId<HTMLButtonElement>("collect-take");
  private readonly download = byId<HTMLButtonElement>("collect-zip");
  private readonly form = byId<HTMLFormElement>("camera-form");
  private readonly files: PictureFile[] = [];
  private session: Session | undefined;
  private holding = false;
  private picture = 1 + Math.floor(Math.random() * 0xfffffffe); // an earlier page's is none of ours

  constructor() {
    byId("collect-connect").addEventListener("click", () => byId("connect").click());
    byId("collect-look").addEventListener("click", () => {
      this.run("Looking …", async (session) => {
        await this.look(session);
        return "This is what the network sees.";
      });
    });
    this.listenToHolding();
    this.download.addEventListener("click", () => this.save());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run("Setting the camera …", (session) => this.set(session));
    });
    this.count();
  }

  begin(session: Session): void {
    this.session = session;
    const { fields } = session.hello;
    const camera = !(fields.get("camera") ?? "none").startsWith("none") && fields.get("mode") !== "safe";
    this.card.disabled = !camera;
    byId("collect-connect").hidden = true;
    byId("collect-none").hidden = camera;
    if (camera) {
      this.showSettings(fields.get("camera_settings") ?? "");
    }
  }

  end(): void {
    this.session = undefined;
    this.holding = false;
    this.card.disabled = true;
    byId("collect-connect").hidden = false;
    byId("collect-none").hidden = true;
    byId("collect-seen").hidden = true;
  }

  /** While the button is held, with a pointer or a key, picture after picture is taken; at least one. */
  private listenToHolding(): void {
    const letGo = () => {
      this.holding = false;
    };
    this.hold.addEventListener("pointerdown", () => this.take());
    this.hold.addEventListener("keydown", (event) => {
      if ((event.key === " " || event.key === "Enter") && !event.repeat) {
        this.take();
      }
    });
    this.hold.addEventListener("keyup", letGo);
    this.hold.addEventListener("blur", letGo);
    window.addEventListener("pointerup", letGo);
    window.addEventListener("pointercancel", letGo);
  }

  private take(): void {
    this.holding = true;
    const folder = this.name.value.trim();
    if (NO_NAME.test(folder)) {
      const why = new PersonError("Name the class first: without / \\ : * ? \" < > | and no dot in front.");
      void this.session?.run("", () => Promise.reject(why));
      return;
    }
    this.run("Taking pictures …", async (session) => {
      let taken = 0;
      do {
        const frame = await this.look(session);
        const pixels = framePixels(frame, shapeOf(session.hello.fields).channels);
        const number = 1 + this.files.filter((file) => file.name.startsWith(`${folder}/`)).length;
        const name = `${folder}/${String(number).padStart(4, "0")}.png`;
        this.files.push({ name, bytes: await encodePng(pixels, about(frame, session)) });
        taken += 1;
        this.count();
      } while (this.holding);
      return `${taken === 1 ? "One picture" : `${taken} pictures`} of ${folder} taken.`;
    });
  }

  /** A frame, shown as the network sees it. */
  private async look({ board, hello }: Session): Promise<CameraFrame> {
    const shape = shapeOf(hello.fields);
    for (let tries = 0; tries < TRIES; tries++) {
      this.picture = (this.picture % 0xffffffff) + 1;
      const frame = await takeFrame(this.picture, (request) => board.ask(Type.FRAME, request, CAMERA));
      if (frame !== undefined) {
        drawInput(
          byId<HTMLCanvasElement>("collect-input"),
          toNetworkInput(framePixels(frame, shape.channels), { ...shape, standardise: false }),
          shape,
        );
        byId("collect-seen").hidden = false;
        return frame;
      }
    }
    throw new PersonError("The board lost the picture while it came: check cable and power supply.");
  }

  private async set(session: Session): Promise<string> {
    const told = await session.board.ask(Type.CAMERA, writeSettings(this.wanted()));
    this.fill(readSettings(told));
    await this.look(session);
    return "The camera is set so until the board's next reset.";
  }

  private wanted(): CameraSettings {
    const value = (name: string) => String(new FormData(this.form).get(name) ?? "");
    return {
      flip: value("flip") === "on",
      mirror: value("mirror") === "on",
      rotate: Number(value("rotate")),
      warmup_frames: Number(value("warmup_frames")),
      exposure: value("exposure") === "" ? "auto" : Number(value("exposure")),
      white_balance: value("white_balance"),
    };
  }

  /** From hello's line, `flip=no mirror=no rotate=0 ...`. */
  private showSettings(line: string): void {
    const told = new Map(line.split(" ").map((pair) => pair.split("=") as [string, string]));
    const exposure = told.get("exposure") ?? "auto";
    this.fill({
      flip: told.get("flip") === "yes",
      mirror: told.get("mirror") === "yes",
      rotate: Number(told.get("rotate") ?? 0),
      warmup_frames: Number(told.get("warmup_frames") ?? 0),
      exposure: exposure === "auto" ? "auto" : Number(exposure),
      white_balance: told.get("white_balance") ?? "auto",
    });
  }

  private fill(settings: CameraSettings): void {
    byId<HTMLInputElement>("camera-flip").checked = settings.flip;
    byId<HTMLInputElement>("camera-mirror").checked = settings.mirror;
    byId<HTMLSelectElement>("camera-rotate").value = String(settings.rotate);
    byId<HTMLInputElement>("camera-warmup").value = String(settings.warmup_frames);
    byId<HTMLInputElement>("camera-exposure").value = settings.exposure === "auto" ? "" : String(settings.exposure);
    byId<HTMLSelectElement>("camera-white").value = settings.white_balance;
    byId("camera-lines").textContent = paramsLines(settings);
  }

  private count(): void {
    const classes = new Map<string, number>();
    for (const { name } of this.files) {
      const folder = name.slice(0, name.lastIndexOf("/"));
      classes.set(folder, (classes.get(folder) ?? 0) + 1);
    }
    byId("collect-counts").replaceChildren(
      ...[...classes].map(([folder, number]) => element("li", {}, `${folder}: ${number}`)),
    );
    this.download.disabled = this.files.length === 0;
  }

  private save(): void {
    const address = URL.createObjectURL(new Blob([zip(this.files)], { type: "application/zip" }));
    element("a", { href: address, download: "pictures.zip" }).click();
    URL.revokeObjectURL(address);
  }

  /** Pictures come over the line: at the speed that it bears. */
  private run(doing: string, command: (session: Session) => Promise<string>): void {
    const session = this.session;
    if (session !== undefined) {
      void session.run(doing, () => session.speed.raised(() => command(session)));
    }
  }
}

/** How a frame came, as `device collect` notes it: ASCII. */
function about(frame: CameraFrame, { hello }: Session): string {
  const told = (key: string) => hello.fields.get(key) ?? "unknown";
  const note = {
    format: FORMATS[frame.format]?.name,
    width: frame.width,
    height: frame.height,
    orientation: frame.orientation,
    camera: told("camera"),
    board: told("board"),
    firmware: told("version"),
  };
  return JSON.stringify(note).replace(/[\u0080-\uffff]/g, "?");
}
