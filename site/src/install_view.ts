/* The Install part: manifest.json (as esp-web-tools reads it) onto a board. */

import type { Firmware, Part, Report } from "./flash";
import { forEsptool, inWords } from "./chips";
import { byId, element } from "./element";
import { count } from "./format";
import { choosePort, PersonError, whyUnsupported } from "./serial_line";
import type { Story } from "./story";

const MANIFEST = "manifest.json";

interface Build {
  readonly chipFamily: string;
  readonly parts: readonly { readonly path: string; readonly offset: number }[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly builds: readonly Build[];
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
      element("dt", {}, "Version"),
      element("dd", {}, story.version),
      ...story.firmware.flatMap(({ family, file, bytes, sha256 }) => [
        element("dt", {}, inWords(family)),
        element("dd", {}, element("a", { href: file, download: "" }, file), `, ${count(bytes)} bytes`),
        element("dt", {}, "SHA-256"),
        element("dd", {}, sha256),
      ]),
    );
    const why = whyUnsupported();
    this.button.disabled = why !== undefined;
    if (why !== undefined) {
      this.say(`${why} Or use the command below.`, "bad");
    }
    this.button.addEventListener("click", () => void this.install());
    this.tell().catch((error: unknown) => {
      this.say(error instanceof PersonError ? error.message : String(error), "bad");
    });
  }

  /** For which chips the firmware is, and how to write it without this page. */
  private async tell(): Promise<void> {
    const { builds } = await loadManifest();
    byId("firmware-chips").textContent = builds.map(({ chipFamily }) => inWords(chipFamily)).join(" or ");
    byId("firmware-command").textContent = builds.map(byHand).join("\n\n");
  }

  private async install(): Promise<void> {
    this.button.disabled = true;
    this.log.textContent = "";
    this.showProgress(0);
    try {
      const port = await choosePort();
      await this.releasePort();
      this.say("Loading the firmware …", "");
      const firmware = await loadFirmware();
      const { flash } = await import("./flash");
      await flash(port, firmware, this.report());
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

async function loadFirmware(): Promise<Firmware> {
  const { builds } = await loadManifest();
  return new Map(
    await Promise.all(builds.map(async (build) => [build.chipFamily, await loadParts(build)] as const)),
  );
}

async function loadManifest(): Promise<Manifest> {
  return (await (await load(MANIFEST)).json()) as Manifest;
}

async function loadParts(build: Build): Promise<Part[]> {
  return Promise.all(
    build.parts.map(async ({ path, offset }) => ({
      data: new Uint8Array(await (await load(path)).arrayBuffer()),
      address: offset,
    })),
  );
}

/** The command that writes a build by hand, in two lines. */
function byHand({ chipFamily, parts }: Build): string {
  const places = parts.map(({ path, offset }) => `0x${offset.toString(16)} ${path}`).join(" ");
  return `python -m esptool --chip ${forEsptool(chipFamily)} \\\n  --port PORT write-flash ${places}`;
}

async function load(path: string): Promise<Response> {
  const answer = await fetch(path).catch(() => undefined);
  if (answer === undefined || !answer.ok) {
    throw new PersonError(`${path} cannot be loaded from where this page comes from.`);
  }
  return answer;
}
