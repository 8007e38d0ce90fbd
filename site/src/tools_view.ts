/* Self-test, timing and another model. */

import type { Session } from "./board_view";
import { byId } from "./element";
import { percent } from "./format";

export class ToolsView {
  private readonly card = byId<HTMLFieldSetElement>("tools");
  private readonly model = byId<HTMLInputElement>("model-file");
  private readonly answer = byId("tools-answer");
  private session: Session | undefined;

  constructor() {
    byId("golden").addEventListener("click", () => {
      this.run("Self-test …", async ({ board }) => this.tell(await board.golden()));
    });
    byId<HTMLFormElement>("bench").addEventListener("submit", (event) => {
      event.preventDefault();
      this.bench();
    });
    this.model.addEventListener("click", () => {
      this.model.value = ""; // the same file may be chosen again
    });
    this.model.addEventListener("change", () => {
      const file = this.model.files?.[0];
      if (file !== undefined) {
        this.load(file);
      }
    });
  }

  begin(session: Session): void {
    this.session = session;
    this.card.disabled = session.hello.fields.get("mode") === "safe";
  }

  end(): void {
    this.session = undefined;
    this.card.disabled = true;
    this.tell("");
  }

  private bench(): void {
    const runs = byId<HTMLInputElement>("bench-runs").valueAsNumber;
    this.run("Measuring …", async ({ board }) => {
      const { least, mean, most, runs: done } = await board.bench(runs);
      const range = `${least.toFixed(2)} to ${most.toFixed(2)} ms`;
      this.tell(`${done} inferences: ${mean.toFixed(2)} ms on average, ${range}.`);
    });
  }

  private load(file: File): void {
    this.run("Loading the model …", async ({ board, refresh }) => {
      const model = new Uint8Array(await file.arrayBuffer());
      await board.load(model, (share) => this.tell(`${percent(share, 0)} of ${file.name} loaded`));
      await refresh();
      this.tell(`${file.name} answers until the board restarts.`);
    });
  }

  private run(doing: string, command: (session: Session) => Promise<void>): void {
    const session = this.session;
    if (session !== undefined) {
      void session.run(doing, async () => {
        await command(session);
        return "Done.";
      });
    }
  }

  private tell(sentence: string): void {
    this.answer.textContent = sentence;
  }
}
