/* The Install part: manifest.json (as esp-web-tools reads it) onto a board. */

import type { Part, Report } from "./flash";
import { byId, element } from "./element";
import { count } from "./format";
import { choosePort, PersonError, whyUnsupported } from "./serial_line";
import type { Story } from "./story";

const MANIFEST = "manifest.json";
const CHIP_FAMILY = "ESP32";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly builds: readonly {
    readonly chipFamily: string;
    readonly parts: readonly { readonly path: string; readonly offset: number }[];
  }[];
}

export class InstallView {
  private readonly button = byId<HTMLButtonElement>("install-button");
  private readonly progress = byId<HTMLProgressElement>("install-progress");
  private readonly status = byId("install-status");
  private readonly log = byId("install-log");

  /** `releasePort`: what else on this page may hold the port lets go of it. */
  constructor(
    story: Story,
    private readonly releasePort: () => Promise<void>,
  ) {
    byId("firmware").append(
      ...Object.entries({
        Version: story.version,
        Image: `${count(story.firmware.bytes)} bytes`,
        "SHA-256": story.firmware.sha256,
      }).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
    );
    const why = whyUnsupported();
    this.button.disabled = why !== undefined;
    if (why !== undefined) {
      this.say(`${why} Or use the command below.`, "bad");
    }
    this.button.addEventListener("click", () => void this.install());
  }

  private async install(): Promise<void> {
    this.button.disabled = true;
    this.log.textContent = "";
    this.showProgress(0);
    try {
      const port = await choosePort();
      await this.releasePort();
      this.say("Loading the firmware …", "");
      const parts = await loadParts();
      const { flash } = await import("./flash");
      await flash(port, parts, this.report());
      this.say("Done: written, verified and restarted. Now talk to the board.", "good");
    } catch (error) {
      if (!(error instanceof PersonError)) {
        throw error;
      }
      this.say(error.message, "bad");
    } finally {
      this.button.disabled = false;
    }
  }

  private report(): Report {
    return {
      log: (line) => {
        if (line.trim() !== "") {
          this.log.textContent += `${line.trim()}\n`;
        }
        this.log.scrollTop = this.log.scrollHeight;
      },
      stage: (sentence) => this.say(sentence, ""),
      progress: (share) => this.showProgress(share),
    };
  }

  private say(sentence: string, kind: string): void {
    this.status.textContent = sentence;
    this.status.className = `status ${kind}`;
  }

  private showProgress(share: number): void {
    this.progress.value = share;
    byId("install-share").textContent = `${Math.round(100 * share)} %`;
  }
}

async function loadParts(): Promise<Part[]> {
  const manifest = (await (await load(MANIFEST)).json()) as Manifest;
  const build = manifest.builds.find(({ chipFamily }) => chipFamily === CHIP_FAMILY);
  if (build === undefined) {
    throw new PersonError(`${MANIFEST} has no firmware for the ${CHIP_FAMILY}; run make site again.`);
  }
  return Promise.all(
    build.parts.map(async ({ path, offset }) => ({
      data: new Uint8Array(await (await load(path)).arrayBuffer()),
      address: offset,
    })),
  );
}

async function load(path: string): Promise<Response> {
  const answer = await fetch(path).catch(() => undefined);
  if (answer === undefined || !answer.ok) {
    throw new PersonError(`${path} cannot be loaded from where this page comes from.`);
  }
  return answer;
}
