/* The part that talks to a board: connecting, what the board says of itself, its text. */

import { advice } from "./advice";
import { Board, type Hello } from "./board";
import { ClassifyView } from "./classify_view";
import { CollectView } from "./collect_view";
import { byId, element } from "./element";
import { count } from "./format";
import { choosePort, PersonError, SerialLine, whyUnsupported } from "./serial_line";
import { LineSpeed } from "./speed";
import type { Story } from "./story";
import { ToolsView } from "./tools_view";

const MOST_TEXT = 20_000; // characters that are kept

/**
 * What the views of one connection need. `run` keeps two commands from overlapping, shows what is being done, then the
 * sentence that the command ends with, or why it failed. `refresh` asks the board anew what it is.
 */
export interface Session {
  readonly board: Board;
  readonly hello: Hello;
  readonly speed: LineSpeed;
  run(doing: string, command: () => Promise<string>): Promise<void>;
  refresh(): Promise<string>;
}

/** The board answers, but nothing except hello. */
class SafeMode extends PersonError {}

export class BoardView {
  private readonly connectButton = byId<HTMLButtonElement>("connect");
  private readonly restartButton = byId<HTMLButtonElement>("restart");
  private readonly statuses = [byId("board-status"), byId("collect-status")];
  private readonly panels = [byId("board-panel"), byId("collect-panel")];
  private readonly text = byId("board-text");
  private readonly classify: ClassifyView;
  private readonly tools = new ToolsView();
  private readonly collect = new CollectView();
  private line: SerialLine | undefined;
  private board: Board | undefined;
  private speed: LineSpeed | undefined;
  private busy = false;

  constructor(private readonly story: Story) {
    this.classify = new ClassifyView(story);
    const why = whyUnsupported();
    this.connectButton.disabled = why !== undefined;
    if (why !== undefined) {
      this.say(why, "bad");
    }
    this.connectButton.addEventListener("click", () => {
      void (this.line === undefined ? this.run("Connecting …", () => this.connect()) : this.disconnect());
    });
    this.restartButton.addEventListener("click", () => void this.run("Restarting …", () => this.restart()));
  }

  /** Let go of the port. */
  async disconnect(): Promise<void> {
    const line = this.line;
    this.line = undefined;
    this.board?.end();
    this.board = undefined;
    this.classify.end();
    this.tools.end();
    this.collect.end();
    this.showConnected(false);
    if (line !== undefined) {
      await line.close();
      this.say("Disconnected.", "");
    }
  }

  private async connect(): Promise<string> {
    const port = await choosePort();
    this.text.textContent = "";
    const { baud } = this.story;
    const board: Board = new Board(
      (bytes) => line.write(bytes),
      baud,
      (text) => this.append(text),
    );
    const line = await SerialLine.open(
      port,
      baud,
      (bytes) => board.receive(bytes),
      () => this.lost(),
    );
    this.line = line;
    this.board = board;
    const reopen = async (speed: number) => {
      await line.reopen(speed);
      board.setBaud(speed);
    };
    this.speed = new LineSpeed(board, reopen, baud);
    try {
      return await this.greet(board, this.speed);
    } catch (error) {
      if (!(error instanceof SafeMode)) {
        await this.disconnect();
      }
      throw error;
    }
  }

  private async greet(board: Board, speed: LineSpeed): Promise<string> {
    const hello = await board.hello();
    this.showHello(hello);
    this.showConnected(true);
    const session: Session = {
      board,
      hello,
      speed,
      run: (doing, command) => this.run(doing, command),
      refresh: () => this.greet(board, speed),
    };
    this.classify.begin(session);
    this.tools.begin(session);
    this.collect.begin(session);
    return greeting(hello);
  }

  private async restart(): Promise<string> {
    if (this.line === undefined || this.board === undefined || this.speed === undefined) {
      throw new PersonError("No board is connected.");
    }
    await this.line.reset();
    return this.greet(this.board, this.speed);
  }

  private lost(): void {
    void this.disconnect().then(() => this.say("The board was unplugged.", "bad"));
  }

  /** One command at a time; what a person can put right is said, not thrown. */
  private async run(doing: string, command: () => Promise<string>): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.panels.forEach((panel) => panel.setAttribute("aria-busy", "true"));
    this.say(doing, "");
    try {
      this.say(await command(), "good");
    } catch (error) {
      if (!(error instanceof PersonError)) {
        throw error;
      }
      this.say(error.message, "bad");
    } finally {
      this.busy = false;
      this.panels.forEach((panel) => panel.removeAttribute("aria-busy"));
    }
  }

  private say(sentence: string, kind: string): void {
    for (const status of this.statuses) {
      status.textContent = sentence;
      status.className = `status ${kind}`;
    }
  }

  private showConnected(connected: boolean): void {
    this.connectButton.textContent = connected ? "Disconnect" : "Connect";
    this.restartButton.disabled = !connected;
    byId("hello-card").hidden = !connected;
  }

  private showHello(hello: Hello): void {
    const told = advice(this.story.advice, hello.fields);
    byId("advice").replaceChildren(...told.map((sentence) => element("p", { class: "status bad" }, sentence)));
    byId("hello").replaceChildren(...digest(hello).map(([name, value]) => row(name, value)));
    byId("hello-all").replaceChildren(...[...hello.fields].map(([key, value]) => row(key, value)));
  }

  private append(text: string): void {
    const all = (this.text.textContent ?? "") + text.replaceAll("\r", "");
    this.text.textContent = all.slice(-MOST_TEXT);
    this.text.scrollTop = this.text.scrollHeight;
  }
}

/** What a person wants to know of it. */
function digest({ fields, classes }: Hello): [string, string][] {
  const told = (key: string) => fields.get(key) ?? "unknown";
  const model: [string, string][] = fields.has("model_bytes")
    ? [
        ["Model", `${count(Number(told("model_bytes")))} bytes, from ${told("source")}`],
        ["Pictures", `${told("width")} × ${told("height")}, ${colours(told("channels"))}`],
        ["Classes", classes.join(", ")],
        ["Self-test", told("golden")],
      ]
    : [["Model", told("model")]];
  const chip: [string, string][] = fields.has("chip")
    ? [
        ["Chip", `${told("chip")}, revision ${told("revision")}`],
        ["Flash", `${told("flash_size")}, ${told("flash_freq")} MHz, timing ${told("flash_timing")}`],
        ["Protection", told("protection")],
        ["Brownout detector", told("brownout")],
      ]
    : []; // an emulator has none of it
  const cores: [string, string][] = fields.has("cores") ? [["Cores at work", told("cores")]] : []; // firmware from before
  return [
    ["Firmware", `${told("name")} ${told("version")}`],
    ["Board", `${told("board")}, ${told("cycles_per_us")} MHz`],
    ...cores,
    ...chip,
    ...model,
    ["Last reset", told("reset")],
    ["Last crash", told("crash")],
  ];
}

function colours(channels: string): string {
  return { "1": "grey", "3": "colour" }[channels] ?? `${channels} channels`;
}

function row(name: string, value: string): HTMLElement {
  return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value));
}

function greeting({ fields }: Hello): string {
  if (fields.get("mode") === "safe") {
    throw new SafeMode(
      `The board crashed and waits in safe mode (${fields.get("crash") ?? "no report"}). Restart it.`,
    );
  }
  const model = fields.get("model") ?? "ok";
  const state = model === "ok" ? "It is ready for a picture." : `It has no usable model (${model}).`;
  return `Connected to ${fields.get("name") ?? "a board"} ${fields.get("version") ?? ""}. ${state}`;
}
