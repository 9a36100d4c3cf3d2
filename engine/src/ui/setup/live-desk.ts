import type { ApplyOutcome, DoctorFinding, EngineState } from "../../model/index.ts";
import { call } from "../connection.ts";
import type { DeskHost } from "./desk.ts";
import { type HomeDocument, withMode } from "./edits.ts";
import { type Actions, Wrong } from "./state.ts";

/** Takes a home from preview to live, and back. */
export class LiveDesk {
  readonly #host: DeskHost;
  constructor(host: DeskHost) {
    this.#host = host;
  }

  readonly actions: Actions = {
    "setup-live": ["live", () => this.#goLive()],
    "setup-back-to-preview": ["live", () => this.#backToPreview()],
  };

  async #goLive(): Promise<void> {
    const { setup, words } = this.#host;
    const { document } = await call<{ document: HomeDocument }>("GET", "v1/home");
    if (document.wan.assumed) throw new Wrong(words().say("lineUnsaid"));
    setup.findings = await call<DoctorFinding[]>("GET", "v1/doctor");
    if (setup.findings.some((f) => f.status === "failed" && f.area.startsWith("router"))) throw new Wrong(words().say("stillWrong"));
    const { at } = await call<EngineState>("GET", "v1/state");
    await this.#host.edit((home) => withMode(home, "live"));
    const { routers } = await call<EngineState>("GET", "v1/state");
    const done = routers.flatMap((r) => (r.lastOutcome && r.lastOutcome.at >= at ? [r.lastOutcome] : []));
    setup.outcomes = done.length === routers.length ? done : await call<ApplyOutcome[]>("POST", "v1/apply");
    const failed = setup.outcomes.find((o) => o.result === "failed" || o.result === "rolled-back");
    if (failed) {
      // Nobody is there to see it tried again and again.
      setup.outcomes = null;
      await this.#host.edit((home) => withMode(home, "preview"));
      throw new Wrong(words().say("liveFailed", { why: words().troubleText(failed.error?.said, failed.error?.message ?? "") }));
    }
    await this.#host.refresh();
    this.#host.focusOn("is-live");
  }

  async #backToPreview(): Promise<void> {
    const { setup, words } = this.#host;
    if (!confirm(words().say("releaseSure"))) return;
    const outcomes = await call<ApplyOutcome[]>("POST", "v1/release");
    const failed = outcomes.find((o) => o.result === "failed");
    if (failed) throw new Wrong(words().say("failed", { why: words().troubleText(failed.error?.said, failed.error?.message ?? "") }));
    await this.#host.edit((home) => withMode(home, "preview"));
    setup.outcomes = null;
    await this.#host.preview();
  }
}
