/* The page's entry: the story from its data, then what talks to a board. */

import { BoardView } from "./board_view";
import { choiceSection } from "./choice";
import { confusionSection } from "./confusion";
import { byId, element } from "./element";
import { count, millions, percent } from "./format";
import { gallerySection } from "./gallery";
import { InstallView } from "./install_view";
import { areShared, layersSection, total } from "./layers";
import { pathSection } from "./path_chart";
import { settingsSection } from "./settings";
import { loadStory, type Story } from "./story";
import { Tabs } from "./tabs";

function tiles(story: Story): HTMLElement[] {
  const first = story.path[0]!;
  const last = story.path[story.path.length - 1]!;
  const figures: [string, string][] = [
    [percent(last.accuracy), `of ${count(story.pictures)} test pictures are classified right`],
    [`${(first.bytes / last.bytes).toFixed(1)} ×`, "smaller than the float32 network"],
    [count(last.bytes), "bytes: the whole model, as it lies in flash"],
    [count(story.arena_bytes), "bytes of RAM to run it in, picture included"],
    [millions(story.instructions), "instructions for a picture, counted in an emulator"],
  ];
  if (areShared(story.layers)) {
    const both = millions(total(story.layers, "instructions_of_two"));
    figures.push([both, "of them on two cores, until both are done"]);
  }
  return figures.map(([figure, meaning]) =>
    element("li", {}, element("strong", {}, figure), " ", element("span", {}, meaning)),
  );
}

function facts(story: Story): HTMLElement {
  const items = story.facts.flatMap(([name, sentence]) => [
    element("dt", {}, name),
    element("dd", {}, sentence),
  ]);
  return element("dl", { class: "pairs facts" }, ...items);
}

function showStory(story: Story): void {
  const { height, width, channels } = story.input;
  const few = story.classes.length <= 12 ? `: ${story.classes.join(", ")}` : "";
  byId("about").textContent =
    `${story.classes.length} classes${few}. ` +
    `Pictures of ${width} × ${height}, ${channels === 1 ? "grey" : "colour"}. Version ${story.version}.`;
  byId("tiles").append(...tiles(story));
  byId("path").append(pathSection(story), facts(story));
  byId("gallery").append(gallerySection(story));
  byId("confusion").append(confusionSection(story));
  byId("choice-block").hidden = story.choice === null;
  if (story.choice !== null) {
    byId("choice").append(choiceSection(story.choice));
  }
  byId("layers").append(layersSection(story));
  byId("settings").append(settingsSection(story));
}

async function start(): Promise<void> {
  new Tabs(byId("tabs"));
  try {
    const story = await loadStory();
    showStory(story);
    const board = new BoardView(story);
    new InstallView(story, () => board.disconnect());
    document.documentElement.dataset.ready = "true";
  } catch (error) {
    byId("about").textContent = error instanceof Error ? error.message : String(error);
  }
}

void start();
