import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { describeIf } from "../../support/require.ts";
import { Newcomer } from "../first-run/newcomer.ts";
import { type Editor, openEditor } from "./support/editor.ts";
import { freePort, type NodeRed, startNodeRed } from "./support/node-red.ts";
import { root } from "./support/package.ts";

// Node-RED that wants a login, an engine in its process and the same one reached by URL and token, and a real browser.

/** NP_SCREENSHOTS=folder keeps pictures to look at. */
const pictures = process.env.NP_SCREENSHOTS;
const owner = { username: "owner", password: "owner-login" };
const guest = { username: "guest", password: "guest-login" };
const adminAuth = {
  type: "credentials",
  users: [
    { username: owner.username, password: "$2b$08$uAopTk9f/dupKu9uXiBL9eRzG43yVR3sGsH7kVO7Iag3D1g5Ki2aK", permissions: "*" },
    { username: guest.username, password: "$2b$08$8iipJo8OraPwgM1X/IAr6ORNeUTmnkvEkhQ3005ia4XUz9jeBzg1.", permissions: "read" },
  ],
};
const here = "6e70000000000001";
const elsewhere = "6e70000000000002";
const fresh = "6e70000000000003";
const pages = (engine: string) => `network-personas/engines/${engine}/pages`;

/** What the tests use of the editor's own API, inside the page. */
interface EditorWindow {
  RED: {
    sidebar: { show(tab: string): void };
    settings: { get(name: string): { access_token: string } };
    nodes: { remove(id: string): void; import(nodes: object[]): void; dirty(is: boolean): void };
  };
}

describeIf("chromium", "the sidebar", () => {
  let red: NodeRed;
  let editor: Editor;
  let frame: FrameLocator;
  let engineUrl: string;
  let engineToken: string;
  let home: string;

  const picture = async (name: string) => {
    if (!pictures) return;
    await mkdir(pictures, { recursive: true });
    await editor.page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  const card = (name: string) => frame.locator("section.card", { has: frame.getByRole("heading", { name, exact: true }) });
  const login = async ({ username, password }: typeof owner): Promise<string> => {
    const body = new URLSearchParams({ client_id: "node-red-editor", grant_type: "password", scope: "", username, password });
    const response = await fetch(`${red.url}/auth/token`, { method: "POST", body });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const ask = (path: string, token?: string, init: RequestInit = {}) =>
    fetch(`${red.url}/${pages(here)}/${path}`, {
      ...init,
      headers: { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) },
    });

  beforeAll(async () => {
    const port = await freePort();
    engineUrl = `http://127.0.0.1:${port}`;
    red = await startNodeRed({
      adminRoot: "/red",
      adminAuth,
      async prepare(userDir) {
        await cp(join(root, "examples/sample-home"), join(userDir, "sample-home"), { recursive: true });
        home = join(userDir, "sample-home/home.yaml");
        await writeFile(home, (await readFile(home, "utf8")).replace(/api: .*/, `api: { host: 127.0.0.1, port: ${port} }`));
        const engine = {
          id: here,
          type: "persona-engine",
          name: "Here",
          mode: "home",
          home: "sample-home/home.yaml",
          url: "",
          secretNames: [],
        };
        await writeFile(join(userDir, "flows.json"), JSON.stringify([{ id: "tab", type: "tab", label: "Flow" }, engine]));
      },
    });
    // As `network-personas token create` does it: with the token that the home's own machine has.
    const made = await vi.waitFor(async () => {
      const local = await readFile(join(home, "../.network-personas/local-token"), "utf8");
      return fetch(`${engineUrl}/v1/tokens`, {
        method: "POST",
        headers: { authorization: `Bearer ${local}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "editor", scopes: ["control"] }),
      });
    }, 20_000);
    engineToken = ((await made.json()) as { token: string }).token;
    editor = await openEditor(red.url, "en-US", owner);
    frame = editor.page.frameLocator(".np-sidebar iframe");
  }, 90_000);
  afterAll(async () => {
    await editor?.close();
    await red?.stop();
  }, 30_000);

  it("shows the home of the engine in this process, narrow as it is, and sets an activity by hand", async () => {
    await editor.page.evaluate(() => (window as unknown as EditorWindow).RED.sidebar.show("network-personas"));
    await card("Alice").waitFor();
    const inside = (await (await editor.page.locator(".np-sidebar iframe").elementHandle())!.contentFrame())!;
    expect(await inside.evaluate(() => innerWidth)).toBeLessThan(360);
    for (const name of ["today", "network", "history", "routers", "now"]) {
      await frame.locator(`nav a[href="#/${name}"]`).click();
      await frame.locator(`nav a[href="#/${name}"][aria-current="page"]`).waitFor();
      await frame.getByText("Loading …").waitFor({ state: "detached" });
      await picture(`sidebar-${name}`);
      const wide = await inside.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `${name} is wider than the sidebar`).toBe(0);
    }
    await card("Bob").locator("button.bar").first().click();
    await card("Bob")
      .getByText(/^set by hand/)
      .waitFor();
    await card("Bob").getByRole("button", { name: "Back to automatic: Bob" }).click();
    await card("Bob")
      .getByText(/^set by hand/)
      .waitFor({ state: "hidden" });
    // Neither the editor's login nor a token of the engine is anywhere in what the frame holds or asked for.
    const login = await editor.page.evaluate(() => (window as unknown as EditorWindow).RED.settings.get("auth-tokens").access_token);
    const held = await inside.evaluate(() =>
      JSON.stringify([document.documentElement.outerHTML, location.href, performance.getEntriesByType("resource").map((e) => e.name)]),
    );
    expect(held).not.toContain(login);
    expect(await inside.evaluate(() => localStorage.getItem("network-personas.token"))).toBeNull();
    expect(editor.errors).toEqual([]);
  }, 60_000);

  it("shows an engine elsewhere, once it is deployed", async () => {
    await editor.page.evaluate(
      ([id, url, token]) => {
        const { RED } = window as unknown as EditorWindow;
        RED.nodes.import([
          { id, type: "persona-engine", name: "Elsewhere", mode: "remote", home: "", url, secretNames: [], credentials: { token } },
        ]);
        RED.nodes.dirty(true);
      },
      [elsewhere, engineUrl, engineToken] as const,
    );
    await editor.page.locator(".np-sidebar select").selectOption(elsewhere);
    await editor.page.getByText(/This engine is not deployed yet/).waitFor();
    // Flows that take their time to start.
    let asked = 0;
    await editor.page.route(`**/${elsewhere}/choices`, (route) =>
      asked++ < 3 ? route.fulfill({ json: { status: "unknown" } }) : route.continue(),
    );
    await editor.deploy();
    await card("Alice").waitFor();
    await card("Alice").locator("button.bar").first().click();
    await card("Alice")
      .getByText(/^set by hand/)
      .waitFor();
    await picture("sidebar-elsewhere");
  }, 60_000);

  it("sets up a home that nobody has described yet, with the editor's login", async () => {
    // The machine that tests has routers around it, which are none of our business.
    const nowhere = JSON.stringify({ address: "http://127.0.0.1:9" });
    await editor.page.route("**/v1/setup/find", (route) => route.continue({ postData: nowhere }));
    await editor.page.evaluate((id) => {
      const { RED } = window as unknown as EditorWindow;
      RED.nodes.import([{ id, type: "persona-engine", name: "New", mode: "home", home: "new/home.yaml", url: "", secretNames: [] }]);
      RED.nodes.dirty(true);
    }, fresh);
    await editor.page.locator(".np-sidebar select").selectOption(fresh);
    await editor.deploy();
    await frame.getByRole("heading", { name: "Find your router" }).waitFor();
    await frame.getByText("Choose the kind of router yourself").click();
    await frame.getByRole("button", { name: "Virtual router" }).click();
    await frame.getByRole("button", { name: "Connect" }).click();
    await frame.getByRole("heading", { name: /^Connected:/ }).waitFor();
    await picture("sidebar-set-up");
    expect(await readFile(join(home, "../../new/home.yaml"), "utf8")).toMatch(/driver: virtual/);
    await editor.page.locator(".np-sidebar select").selectOption(here);
  }, 60_000);

  it("lets in whom the editor lets in, shows a guest and does nothing for them, and is framed by nobody else", async () => {
    const page = await ask("");
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'self'");
    expect((await ask("v1/state")).status).toBe(401);
    const [reads, writes] = [await login(guest), await login(owner)];
    const state = (await (await ask("v1/state", reads)).json()) as { home: { id: string } };
    expect(state.home.id).toBe("sample");
    const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    expect((await ask("v1/release", reads, json)).status).toBe(401);
    expect((await ask("v1/doctor", reads)).status).toBe(401);
    // A form of another site would be sent without asking us first.
    expect((await ask("v1/apply", writes, { method: "POST", body: new URLSearchParams() })).status).toBe(415);
    expect((await ask("v1/tokens", writes, json)).status).toBe(403);
    // Larger than what Node-RED itself takes, as a backup of some weeks is; the pages send it so.
    const large = { method: "POST", headers: { "content-type": "application/vnd.network-personas+json" } };
    const backup = await ask("v1/import/preview", writes, { ...large, body: JSON.stringify({ format: "x".repeat(6_000_000) }) });
    expect([backup.status, await backup.text()]).toEqual([400, expect.stringContaining("this is no export of a home")]);
    expect((await ask("v1/import/preview", reads, { ...large, body: "{}" })).status).toBe(401);
    const refused = await ask("v1/overrides", writes, { ...json, body: JSON.stringify({ subject: "zoe", persona: "gamer" }) });
    expect([refused.status, ((await refused.json()) as { error: { field: string } }).error.field]).toEqual([400, "subject"]);
    expect((await ask("../../nobody/pages/v1/state", writes)).status).toBe(503);
  }, 30_000);

  it("offers to clean the routers when the last node or the last engine is removed", async () => {
    await editor.page.reload();
    await editor.loaded(elsewhere);
    const offer = editor.page.getByText(/That was the last engine/);
    const offered = (engine: string) => editor.page.locator(".red-ui-notification", { hasText: `That was the last engine of “${engine}”` });
    const remove = (id: string) => editor.page.evaluate((node) => (window as unknown as EditorWindow).RED.nodes.remove(node), id);
    await remove(elsewhere);
    await editor.page.waitForTimeout(200);
    expect(await offer.isVisible()).toBe(false);
    // The last of its home, though not of all.
    await remove(fresh);
    await editor.page.getByText(/That was the last engine of “New”/).waitFor();
    await editor.page.evaluate((id) => {
      const { RED } = window as unknown as EditorWindow;
      RED.nodes.import([{ id, type: "persona-engine", name: "New", mode: "home", home: "new/home.yaml", url: "", secretNames: [] }]);
    }, fresh);
    await offer.waitFor({ state: "detached" });
    const event = "00000000000000ee";
    await editor.page.evaluate(
      ([id, engine]) =>
        (window as unknown as EditorWindow).RED.nodes.import([
          { id, type: "persona event", z: "tab", engine, x: 100, y: 100, wires: [[]] },
        ]),
      [event, here],
    );
    await remove(event);
    await editor.page.getByText(/That was the last persona node of “Here”/).waitFor();
    await editor.page.getByRole("button", { name: "Leave it there" }).click();
    // It takes a moment to go, with a button of the same name.
    await editor.page.getByText(/That was the last persona node/).waitFor({ state: "detached" });
    await remove(here);
    await offer.waitFor();
    await picture("offer-release");
    // Who deploys first is not too late.
    await remove(fresh);
    await offered("New").getByRole("button", { name: "Leave it there" }).click();
    await editor.page.evaluate(() => (window as unknown as EditorWindow).RED.nodes.dirty(true));
    await editor.deploy();
    await vi.waitFor(async () => expect((await ask("v1/state", await login(guest))).status).toBe(503), 10_000);
    await offered("Here").getByRole("button", { name: "Remove it from the routers" }).click();
    await editor.page.getByText("The routers are as they were without us.").waitFor();
    const local = await readFile(join(home, "../.network-personas/local-token"), "utf8");
    const state = await (await fetch(`${engineUrl}/v1/state`, { headers: { authorization: `Bearer ${local}` } })).json();
    expect((state as { problems: string[] }).problems.join()).toContain("everything of ours was removed");
    // Whoever has no engine needs no node, and no README, to have one.
    const newcomer = new Newcomer(editor.page.locator(".np-sidebar"));
    await newcomer.press("Set my home up here");
    await newcomer.reads(/^This engine is not deployed yet/);
    await picture("sidebar-begun");
    await newcomer.clickKnown(editor.page.locator("#red-ui-header-button-deploy"));
    await frame.getByRole("heading", { name: "Find your router" }).waitFor();
    process.stdout.write(`first run in Node-RED's sidebar: ${newcomer.steps} steps, ${Math.round(newcomer.seconds)} s to its six steps\n`);
    expect(newcomer.seconds).toBeLessThan(60);
  }, 60_000);
});
