/*
 * Tabs as the ARIA Authoring Practices describe them: arrows, Home and End move. The address remembers the tab, as a name
 * that is no element's id: the browser would scroll there.
 */

import { byId } from "./element";

export class Tabs {
  private readonly tabs: HTMLElement[];

  constructor(list: HTMLElement) {
    this.tabs = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
    list.addEventListener("click", (event) => {
      const tab = (event.target as HTMLElement).closest<HTMLElement>("[role=tab]");
      if (tab !== null) {
        this.show(tab);
      }
    });
    list.addEventListener("keydown", (event) => this.move(event));
    window.addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  private follow(): void {
    const named = this.tabs.find((tab) => addressOf(tab) === location.hash);
    this.select(named ?? this.tabs[0]!);
  }

  private show(tab: HTMLElement): void {
    history.replaceState(null, "", addressOf(tab));
    this.select(tab);
  }

  private select(chosen: HTMLElement): void {
    for (const tab of this.tabs) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      byId(panelOf(tab)).hidden = !selected;
    }
  }

  private move(event: KeyboardEvent): void {
    const at = this.tabs.indexOf(event.target as HTMLElement);
    const last = this.tabs.length - 1;
    const places: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const place = places[event.key];
    if (at >= 0 && place !== undefined) {
      event.preventDefault();
      this.show(this.tabs[place]!);
      this.tabs[place]!.focus();
    }
  }
}

function addressOf(tab: HTMLElement): string {
  return `#${panelOf(tab).replace("-panel", "")}`;
}

function panelOf(tab: HTMLElement): string {
  return tab.getAttribute("aria-controls") ?? "";
}
