import { type Browser, chromium, type Page } from "playwright-core";
import { vi } from "vitest";
import { chromiumPath } from "../../../support/require.ts";

/** What the tests use of the editor's own API, inside the page. */
interface EditorWindow {
  RED: {
    nodes: { node(id: string): { type: string } | null; dirty(): boolean };
    actions: { invoke(action: string): void };
    editor: { edit(node: unknown): void; editConfig(name: string, type: string, id: string): void };
    sidebar: { show(id: string): void };
  };
}

/** Node-RED's editor in a real browser. */
export interface Editor {
  page: Page;
  /** Errors of scripts and of the console. */
  errors: string[];
  invoke(action: string): Promise<void>;
  /** Waits until the flows are there, told by one of their nodes. */
  loaded(id: string): Promise<void>;
  /** Opens the edit dialog of a node, or of a config node, and waits until it is there. */
  edit(id: string): Promise<void>;
  cancel(): Promise<void>;
  /** Imports an example by clicking through the import dialog. */
  importExample(name: string): Promise<void>;
  /** Brings a flow to the front. */
  show(flow: string): Promise<void>;
  /** Presses the deploy button and waits until it is done. */
  deploy(): Promise<void>;
  /** Presses the button of an inject node in the workspace. */
  press(id: string): Promise<void>;
  /** Text of the next message of a debug node in the sidebar that holds `text`. */
  debugMessage(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

const dialog = ".red-ui-tray:last-child";

export interface Login {
  username: string;
  password: string;
}

export async function openEditor(url: string, language = "en-US", login?: Login): Promise<Editor> {
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1100 }, locale: language });
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${url}/`);
  if (login) {
    await page.fill("#node-dialog-login-username", login.username);
    await page.fill("#node-dialog-login-password", login.password);
    await page.click("#node-dialog-login-submit");
    await page.waitForSelector("#node-dialog-login-username", { state: "detached" });
    // The editor finds out that it must log in by being refused.
    errors.length = 0;
  }
  await page.waitForSelector("#red-ui-palette .red-ui-palette-node[data-palette-type='persona predict']");
  await page.waitForFunction(() => document.querySelector("#red-ui-loading-progress:not([style*='none'])") === null);
  const invoke = (action: string) => page.evaluate((name) => (window as unknown as EditorWindow).RED.actions.invoke(name), action);
  return {
    page,
    errors,
    invoke,
    async loaded(id) {
      await page.waitForFunction((wanted) => (window as unknown as Partial<EditorWindow>).RED?.nodes.node(wanted), id);
    },
    async edit(id) {
      await page.evaluate((wanted) => {
        const { RED } = window as unknown as EditorWindow;
        const node = RED.nodes.node(wanted)!;
        if (node.type === "persona-engine") RED.editor.editConfig("", node.type, wanted);
        else RED.editor.edit(node);
      }, id);
      await page.waitForSelector(`${dialog} .form-row`);
    },
    async cancel() {
      await page.click("#node-dialog-cancel, #node-config-dialog-cancel");
      await page.waitForSelector(".red-ui-tray", { state: "detached" });
    },
    async importExample(name) {
      await invoke("core:show-examples-import-dialog");
      const row = (text: string) => page.locator("#red-ui-clipboard-dialog .red-ui-treeList-label", { hasText: text }).first();
      await row("@network-personas/node-red").click();
      const confirm = page.locator("#red-ui-clipboard-dialog-ok");
      // The dialog looks at its empty clipboard tab 100 ms after it opened and greys the button whatever was chosen
      // by then: who was quicker chooses again.
      await vi.waitFor(async () => {
        await row(name).click();
        await new Promise((resolve) => setTimeout(resolve, 150));
        if (!(await confirm.isEnabled())) throw new Error(`"${name}" was chosen, but Import stays grey`);
      }, 20_000);
      await confirm.click();
      await page.waitForSelector("#red-ui-clipboard-dialog", { state: "hidden" });
    },
    show: (flow) => page.locator(".red-ui-tabs .red-ui-tab-label", { hasText: flow }).first().click(),
    async deploy() {
      const button = page.locator("#red-ui-header-button-deploy");
      await page.waitForSelector("#red-ui-header-button-deploy:not(.disabled)");
      await button.click();
      // The button goes grey at once; the flows are clean when the server has them.
      await page.waitForFunction(() => !(window as unknown as EditorWindow).RED.nodes.dirty());
    },
    press: (id) => page.locator(`[id="${id}"] .red-ui-flow-node-button-button`).click({ force: true }),
    async debugMessage(name, text) {
      const message = page
        .locator(".red-ui-debug-msg", { has: page.locator(".red-ui-debug-msg-name", { hasText: new RegExp(`: ${name}$`) }) })
        .filter({ hasText: text });
      await message.last().waitFor();
      return (await message.last().textContent()) ?? "";
    },
    close: () => browser.close(),
  };
}
