import type { FoundRouter, RouterTrial } from "../../model/index.ts";
import { call } from "../connection.ts";
import { answered, type DeskHost } from "./desk.ts";
import { type RouterEntry, withRouter } from "./edits.ts";
import { type Actions, Wrong } from "./state.ts";

/** An address as the suggested one begins, where only a name or a number was typed. */
const withScheme = (typed: string, suggestion = ""): string =>
  typed.includes("://") ? typed : `${/^[a-z]+:\/\//.exec(suggestion)?.[0] ?? "http://"}${typed}`;

/** Finds the router, tries its login, and keeps it. */
export class RouterDesk {
  readonly #host: DeskHost;
  constructor(host: DeskHost) {
    this.#host = host;
  }

  readonly actions: Actions = {
    "setup-find": ["find", () => this.#find(answered(this.#host.setup, "address"))],
    "setup-find-near": ["find", () => this.#find(undefined)],
    "setup-choose": ["find", ({ driver, url }) => this.#choose(driver!, url)],
    "setup-change": ["router", () => this.#change()],
    "setup-router": ["router", () => this.#try()],
    "setup-keep-router": ["router", () => this.#keep()],
  };

  /** Looks for the router before anybody asks, and leaves alone what was chosen or typed meanwhile. */
  async lookAround(): Promise<void> {
    const { setup } = this.#host;
    if (setup.looking || setup.found || setup.driver || (setup.document?.routers ?? []).length > 0) return;
    setup.looking = true;
    this.#host.redraw();
    try {
      const found = await call<FoundRouter[]>("POST", "v1/setup/find", {});
      // Nobody asked yet: that nothing was found is no news.
      if (setup.found || setup.driver || found.length === 0) return;
      setup.found = found;
      const [only, another] = found;
      if (only && !another && answered(setup, "address") === "") this.#take(only.driver, only.url);
    } finally {
      setup.looking = false;
    }
  }

  async #find(address: string | undefined): Promise<void> {
    const { setup, words } = this.#host;
    if (address === "") throw new Wrong(words().say("missingAnswer", { label: words().say("address") }), "address");
    setup.found = null;
    setup.found = await call<FoundRouter[]>("POST", "v1/setup/find", address === undefined ? {} : { address });
    const [only, another] = setup.found;
    if (only && !another) this.#choose(only.driver, only.url);
    else if (address !== undefined) setup.answers["router.url"] = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  }

  #choose(driver: string, url?: string): void {
    this.#take(driver, url);
    this.#host.focusOn("login");
  }
  #take(driver: string, url?: string): void {
    const { setup } = this.#host;
    setup.driver = driver;
    setup.trial = null;
    if (url) setup.answers["router.url"] = url;
  }

  /** The login of the router there is, to be changed. */
  #change(): void {
    const { setup } = this.#host;
    const [router] = setup.document?.routers ?? [];
    if (!router) return;
    for (const { field, secret } of this.#questions(router.driver))
      if (!secret && typeof router[field] === "string") setup.answers[`router.${field}`] ??= router[field];
    this.#choose(router.driver);
  }

  #questions = (driver: string) => this.#host.setup.drivers.find((d) => d.driver === driver)?.questions ?? [];

  /** The router's entry from what was answered; what is secret is apart. @throws Wrong for what is missing */
  #entry(): { router: RouterEntry; secrets: Record<string, string> } {
    const { setup, words } = this.#host;
    const driver = setup.driver!;
    const [present] = setup.document?.routers ?? [];
    const same = present?.driver === driver ? present : undefined;
    const router: RouterEntry = { ...same, id: present?.id ?? "main", driver, mode: same?.mode ?? "preview" };
    const secrets: Record<string, string> = {};
    for (const { field, label, required, secret, suggestion } of this.#questions(driver)) {
      const given = setup.answers[`router.${field}`]?.trim() ?? (field === "username" ? suggestion : undefined);
      const typed = field === "url" && given ? withScheme(given, suggestion) : given;
      if (typed) (secret ? secrets : router)[field] = typed;
      else if (!secret) delete router[field];
      if (required && !typed && !(secret && same?.[field]))
        throw new Wrong(words().say("missingAnswer", { label: label[words().language] }), `router.${field}`);
    }
    return { router, secrets };
  }

  async #try(): Promise<void> {
    const { setup } = this.#host;
    const { router, secrets } = this.#entry();
    setup.trial = null;
    this.#host.redraw();
    setup.trial = await call<RouterTrial>("POST", "v1/setup/router", { router, secrets });
    if (setup.trial.ready) await this.#keep();
    else this.#host.focusOn("not-ready");
  }

  async #keep(): Promise<void> {
    const { setup } = this.#host;
    const { router, secrets } = this.#entry();
    const isFirst = (setup.document?.routers ?? []).length === 0;
    for (const [field, value] of Object.entries(secrets)) {
      const name = `router-${router.id}-${field.toLowerCase()}`;
      router[field] = (await call<{ reference: object }>("PUT", `v1/secrets/${name}`, { value })).reference;
    }
    await this.#host.edit((home) => withRouter(home, router));
    setup.driver = null;
    setup.clients = null;
    for (const field of Object.keys(secrets)) delete setup.answers[`router.${field}`];
    // What the check-up said is shown there, too.
    if (isFirst) this.#host.onward();
    else this.#host.focusOn("connected");
  }
}
