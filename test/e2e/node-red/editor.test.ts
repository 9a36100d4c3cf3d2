import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeIf } from "../../support/require.ts";
import { type Editor, openEditor } from "./support/editor.ts";
import { example, type NodeRed, startNodeRed } from "./support/node-red.ts";
import { root } from "./support/package.ts";

// Node-RED with the sample home embedded, its virtual router live, and a real browser: what a user does and sees.

const engine = "6e70000000000001";
/** NP_SCREENSHOTS=folder keeps pictures to look at. */
const pictures = process.env.NP_SCREENSHOTS;

describeIf("chromium", "the editor", () => {
  let red: NodeRed;
  let editor: Editor;
  let ids: Map<string, string>;

  const picture = async (name: string) => {
    if (!pictures) return;
    await mkdir(pictures, { recursive: true });
    await editor.page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  const id = (name: string) => ids.get(name) ?? expect.fail(`the example has no node "${name}"`);

  beforeAll(async () => {
    const nodes = await example("sample-home");
    ids = new Map(nodes.map((node) => [String(node.name || node.type), String(node.id)]));
    red = await startNodeRed({
      adminRoot: "/red",
      async prepare(userDir) {
        await cp(join(root, "examples/sample-home"), join(userDir, "sample-home"), { recursive: true });
        const file = join(userDir, "sample-home/home.yaml");
        await writeFile(file, (await readFile(file, "utf8")).replace(/port: \d+/, "port: 0"));
      },
    });
    editor = await openEditor(red.url);
  }, 90_000);
  afterAll(async () => {
    await editor?.close();
    await red?.stop();
  }, 30_000);

  it("imports the example, deploys it, and reaches the home", async () => {
    await editor.importExample("sample-home");
    await editor.show("Network Personas");
    await picture("imported");
    await editor.deploy();
    const connected = editor.page.locator(".red-ui-flow-node-status-label", { hasText: /^connected$/ });
    await connected
      .first()
      .waitFor()
      .catch(() => expect.fail(`not connected:\n${red.log().slice(-2000)}`));
    expect(editor.errors).toEqual([]);
  }, 60_000);

  it("shows presence, distribution, profile and what was applied in the debug sidebar", async () => {
    await editor.page.evaluate(() => (window as unknown as { RED: { sidebar: { show(tab: string): void } } }).RED.sidebar.show("debug"));
    await editor.press(id("Alice's laptop is here"));
    expect(await editor.debugMessage("presence", "alice-laptop")).toContain("signal");
    await editor.press(id("Alice"));
    expect(await editor.debugMessage("distribution", "everyday")).toContain("alice");
    expect(await editor.debugMessage("profile", "qos")).toContain("bandwidth");
    // What is likely is applied already; a proposal changes something.
    expect(await editor.debugMessage("applied", "result")).toMatch(/confirmed|unchanged/);
    await editor.press(id("propose: Bob plays"));
    expect(await editor.debugMessage("applied", "confirmed")).toContain("bob");
    await editor.press(id("withdraw it"));
    expect(await editor.debugMessage("applied", "withdrawn")).toContain("bob");
    await picture("applied");
    expect(editor.errors).toEqual([]);
  }, 60_000);

  it("forces a persona and tells that it changed", async () => {
    await editor.press(id("Bob plays"));
    await editor.debugMessage("in force", "gamer");
    await editor.debugMessage("persona changed", "gamer");
    await picture("forced");
    await editor.press(id("back to automatic"));
    await editor.debugMessage("in force", "null");
  }, 60_000);

  it("fills its pickers from the engine", async () => {
    await editor.edit(id("persona predict"));
    await editor.page
      .locator("#node-input-subject ~ .red-ui-typedInput-container .red-ui-typedInput-option-expand, .red-ui-typedInput-option-expand")
      .first()
      .click();
    const menu = editor.page.locator(".red-ui-popover-panel, .red-ui-menu-dropdown, .red-ui-menu").filter({ hasText: "Alice" }).last();
    await menu.waitFor();
    await picture("picker");
    await menu.getByText("Alice", { exact: true }).click();
    expect(await editor.page.locator("#node-input-subject").evaluate((input) => (input as HTMLInputElement).value)).toBe("alice");
    await editor.cancel();
  }, 60_000);

  it("shows what the check-up finds about the routers, and tests the way back", async () => {
    await editor.edit(engine);
    const tab = (name: string) => editor.page.locator("#np-tabs .red-ui-tab-label", { hasText: name });
    await tab("Routers").click();
    const router = editor.page.locator('.np-router[data-router="main"]');
    await router.getByText(/plans are written/).waitFor();
    await editor.page.locator(".np-check").click();
    await router.locator(".np-finding", { hasText: "mode: live" }).waitFor();
    const said = (await router.locator(".np-finding").allTextContents()).map((text) => text.trim());
    const findings = await editor.page.evaluate(async (id) => {
      const response = await fetch(`network-personas/engines/${id}/pages/v1/doctor`);
      return (await response.json()) as { area: string; check: string; message: string; remedy: string }[];
    }, engine);
    const about = findings.filter(({ area }) => area === "router main");
    expect(said).toEqual(about.map(({ check, message, remedy }) => `${check}: ${message}${remedy && `→ ${remedy}`}`));
    await router.locator(".np-test-rollback").click();
    await editor.page.locator(".np-told", { hasText: "about half a minute" }).waitFor();
    await picture("routers-testing");
    await router.locator(".np-finding", { hasText: "the router took it back by itself" }).waitFor();
    await router.locator(".np-finding[data-status=ok]", { hasText: "trace of the test: none" }).waitFor();
    await picture("routers-tab");
    await tab("Engine").click();
    expect(await editor.page.locator("#node-config-input-home").isVisible()).toBe(true);
    await editor.cancel();
    expect(editor.errors).toEqual([]);
  }, 60_000);

  it("keeps secrets encrypted on disk and out of the page", async () => {
    const secret = "b0b-and-4lice";
    await editor.edit(engine);
    await editor.page.locator(".red-ui-editableList-addButton").click();
    await editor.page.fill(".np-secret-name", "router");
    await editor.page.fill("#node-config-input-secret1", secret);
    await picture("secret");
    await editor.page.click("#node-config-dialog-ok");
    await editor.page.waitForSelector(".red-ui-tray", { state: "detached" });
    await editor.deploy();
    const flows = await readFile(join(red.userDir, "flows.json"), "utf8");
    const kept = await readFile(join(red.userDir, "flows_cred.json"), "utf8");
    expect(JSON.parse(flows).find((node: { id: string }) => node.id === engine).secretNames).toEqual(["router"]);
    expect(flows + kept + red.log()).not.toContain(secret);
    expect(Object.keys(JSON.parse(kept))).toEqual(["$"]);
    await editor.page.reload();
    await editor.loaded(engine);
    await editor.edit(engine);
    expect(await editor.page.inputValue(".np-secret-name")).toBe("router");
    expect(await editor.page.inputValue("#node-config-input-secret1")).toBe("__PWRD__");
    expect(await editor.page.locator("#np-status").textContent()).toContain("Sample home");
    await editor.cancel();
  }, 60_000);

  it("speaks German throughout to who reads German", async () => {
    const german = await openEditor(red.url, "de");
    try {
      await german.loaded(engine);
      const types = ["presence", "calendar", "predict", "blend", "apply", "override", "event"].map((type) => `persona ${type}`);
      for (const type of [...types, "persona-engine"]) {
        await german.edit(id(type));
        if (type === "persona-engine") {
          await german.page.locator("#np-tabs .red-ui-tab-label", { hasText: "Router" }).click();
          await german.page.getByRole("button", { name: "Rückweg testen" }).waitFor();
          await german.page.locator(".np-check").click();
          await german.page.locator(".np-finding", { hasText: "Modus: live: Pläne werden geschrieben" }).waitFor();
          expect(await german.page.locator('.np-finding [lang="en"]').allInnerTexts()).toEqual([]);
        }
        const form = german.page.locator(".red-ui-tray:last-child .red-ui-tray-body");
        const said = await form.evaluate((element) => {
          const fields = [...element.querySelectorAll<HTMLInputElement>("input[placeholder]")].map((field) => field.placeholder);
          return `${element.textContent}\n${fields.join("\n")}`;
        });
        if (pictures) await german.page.screenshot({ path: join(pictures, `de-${type.replace(" ", "-")}.png`) });
        // An untranslated key shows as itself.
        const keys = said.match(/\b(?:common|label|placeholder|unit|output|mode|tip|type|tab|routers|engineStatus|palette)\.\w+|__\w+__/g);
        expect([type, keys]).toEqual([type, null]);
        await german.cancel();
      }
      const palette = await german.page.locator("[data-palette-type='persona predict']").textContent();
      expect(palette?.replace(/\s+/g, " ").trim()).toBe("Persona vorhersagen");
      await german.show("Network Personas");
      await german.page
        .locator(".red-ui-flow-node-status-label", { hasText: /^verbunden$/i })
        .first()
        .waitFor();
      expect(german.errors).toEqual([]);
    } finally {
      await german.close();
    }
  }, 120_000);
});
