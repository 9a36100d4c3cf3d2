import type { HomeContent, ImportPreview, ImportResult } from "../../model/index.ts";
import { call } from "../connection.ts";
import { html, type Markup } from "../html.ts";
import type { Words } from "../words.ts";
import { problemOf, type StepView } from "./form.ts";
import { type Actions, type Setup, Wrong } from "./state.ts";

/** Name of the input that takes a backup. */
export const backupInput = "backup.file";

/** To keep the whole home in a file, and to bring it back from one. */
export function backupCard(view: StepView): Markup {
  const { setup, words } = view;
  const { backup } = setup;
  return html`<details class="card" data-key="backup"><summary>${words.say("backup")}</summary><p>${words.say("backupHow")}</p>
    <p class="actions"><button type="button" data-do="setup-export">${words.say("backupDownload")}</button></p>
    <p class="field"><label for="backup-file">${words.say("backupUpload")}</label><input id="backup-file" type="file" name="${backupInput}" accept=".json,application/json" aria-describedby="backup-problem"></p>
    ${problemOf(view, "backup")}
    <div aria-live="polite">${backup && ("kept" in backup ? html`<p>${words.say("importDone", { kept: backup.kept })}</p>` : previewOf(view, backup.preview))}</div></details>`;
}

function previewOf({ setup, words }: StepView, { exportedAt, contains, replaces, warnings }: ImportPreview): Markup {
  const told = (content: HomeContent) =>
    html`<ul class="list">${linesOf(words, content).map((line) => html`<li dir="auto">${line}</li>`)}</ul>`;
  const warned = { "goes-live": "importGoesLive", "keeps-ours": "importKeepsOurs", "secret-missing": "importSecret" } as const;
  return html`<h3>${words.say("importHolds", { time: words.moment(exportedAt) })}</h3>${told(contains)}
    ${replaces && html`<h3>${words.say("importReplaces")}</h3>${told(replaces)}`}
    ${warnings.length > 0 && html`<ul>${warnings.map(({ kind, what }) => html`<li>${words.say(warned[kind], { what })}</li>`)}</ul>`}
    <p class="hint">${words.say("importStays")}</p>
    <p class="actions"><button type="button" class="danger" data-do="setup-import" aria-disabled="${String(setup.busy)}">${words.say(setup.busy ? "working" : "importNow")}</button><button type="button" data-do="setup-import-not">${words.say("cancel")}</button></p>`;
}

const linesOf = (words: Words, { name, people, devices, calendars, routers, personas, records, since }: HomeContent): string[] => [
  name,
  words.say("importPeople", { names: people.join(", ") || words.say("noneChosen"), devices }),
  words.say("importRouters", {
    names:
      routers.map((r) => `${r.router} (${r.driver}, ${words.say(r.mode === "live" ? "live" : "previewOnly")})`).join(", ") ||
      words.say("noneChosen"),
  }),
  words.say("importCalendars", { names: calendars.join(", ") || words.say("noneChosen") }),
  words.say("importPersonas", { count: personas.length }),
  since ? words.say("importRecords", { count: records, time: words.moment(since, true) }) : words.say("importNoRecords"),
];

/** What the desk needs of the flow it belongs to. */
interface BackupHost {
  setup: Setup;
  words(): Words;
  /** Everything is read anew: it is another home. */
  replaced(): Promise<void>;
}

/** Carries backups in and out. */
export class BackupDesk {
  readonly #host: BackupHost;
  constructor(host: BackupHost) {
    this.#host = host;
  }

  readonly actions: Actions = {
    "setup-export": ["backup", () => this.#download()],
    "setup-import": ["backup", () => this.#import()],
    "setup-import-not": ["backup", () => this.#forget()],
  };

  /** Looks into a file that was chosen. */
  async look(file: File): Promise<void> {
    const { setup } = this.#host;
    setup.backup = null;
    let text: unknown;
    try {
      text = JSON.parse(await file.text());
    } catch {
      throw new Wrong(this.#host.words().say("importUnreadable", { name: file.name }), backupInput);
    }
    setup.backup = { text, preview: await call<ImportPreview>("POST", "v1/import/preview", text) };
  }

  async #download(): Promise<void> {
    const backup = await call<{ exportedAt: string }>("GET", "v1/export");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(backup)], { type: "application/json" }));
    link.download = `network-personas-${backup.exportedAt.slice(0, 10)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async #import(): Promise<void> {
    const { backup } = this.#host.setup;
    if (!backup || !("text" in backup) || !confirm(this.#host.words().say("importSure"))) return;
    const { kept } = await call<ImportResult>("POST", "v1/import", backup.text);
    await this.#host.replaced();
    this.#host.setup.backup = { kept };
    clearInput();
  }
  #forget(): void {
    this.#host.setup.backup = null;
    clearInput();
  }
}

const clearInput = () => {
  const input = document.querySelector<HTMLInputElement>(`[name="${backupInput}"]`);
  if (input) input.value = "";
};
