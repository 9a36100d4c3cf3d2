import type { FrameLocator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { FakeService } from "../../api/fake-service.ts";
import { type Harness, serveFake } from "../../api/harness.ts";
import { describeIf } from "../../support/require.ts";
import { openBrowser, type UiBrowser } from "./support/browser.ts";
import { type HomebridgeUi, startUi } from "./support/ui.ts";
import { until } from "./support/wait.ts";

// The real Homebridge UI with a real Homebridge below, in a real browser; only what the engine decides is stood in for.

vi.setConfig({ testTimeout: 60_000 });

describeIf("chromium", "the Homebridge UI", () => {
  let engine: Harness<FakeService>;
  let token: string;
  let ui: HomebridgeUi;
  let browser: UiBrowser;
  let page: Page;
  let settings: FrameLocator;

  const picture = (name: string) => browser.picture(name);
  const openSettings = async (entry = "Plugin Config", title = "Where is your network's engine?") => {
    settings = await browser.openSettings(ui.url, entry, title);
  };
  /** How far the settings can be moved sideways. Pixels. */
  const sideways = () => settings.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  const cleaning = () => settings.getByLabel("When the plugin is uninstalled, remove what it has set up on the routers");
  const result = (text: string) => settings.locator("#result", { hasText: text }).waitFor();

  beforeAll(async () => {
    engine = await serveFake();
    token = await engine.token(["control"]);
    [ui, browser] = await Promise.all([
      startUi({ url: engine.server.url, token, people: [{ id: "alice", personas: ["gamer"] }] }),
      openBrowser(),
    ]);
    ({ page } = browser);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await ui?.stop();
    await engine?.close();
  }, 30_000);

  it("shows the accessories as tiles, and flips them", async () => {
    await until("the accessories", () => ui.log().includes("added: ") || undefined, ui.log);
    await page.goto(`${ui.url}/accessories`);
    for (const name of ["Automatic", "Gamer", "Remote worker", "Streaming ent", "Video editor"])
      await page.locator(".accessory-box", { hasText: name }).first().waitFor();
    const tile = page.locator(".accessory-box", { hasText: "Alice Gamer" });
    await tile.filter({ hasText: "Off" }).click();
    await until(
      "the order",
      () => engine.service.state().subjects.find(({ subject, active }) => subject === "alice" && active === "gamer"),
      ui.log,
    );
    await tile.filter({ hasText: "On" }).waitFor();
    await picture("tiles");
  });

  it("speaks German where the Homebridge UI does, what is wrong included, and leaves the names in the Home app as they are", async () => {
    await page.route("**/api/auth/settings", async (route) => {
      const answer = await route.fetch();
      const told = (await answer.json()) as { env: object };
      await route.fulfill({ response: answer, json: { ...told, env: { ...told.env, lang: "de" } } });
    });
    await openSettings("Einstellungen", "Wo läuft die Engine von Network Personas?");
    await page.unroute("**/api/auth/settings");
    await result("Verbunden mit Demo home. Personen: 2. Personas: 5.");
    await settings.locator("#people th", { hasText: "Spielen" }).first().waitFor();
    expect(await settings.getByLabel("Namen in der Home-App").inputValue()).toBe("en");
    await settings.getByLabel("Token", { exact: true }).fill("np_wrong");
    await settings.getByRole("button", { name: "Verbindung testen" }).click();
    await result("Das Token gilt dort nicht");
    await picture("de");
  });

  it("tells what is wrong with the connection, and that it is right", async () => {
    await openSettings();
    await result("Connected to Demo home. People: 2. Personas: 5.");
    await settings.getByLabel("Token").fill("np_wrong");
    await settings.getByText("Test connection").click();
    await result("token");
    await picture("wrong-token");
    await settings.getByLabel("Token").fill(token);
    await settings.getByLabel("Address").fill("127.0.0.1:9");
    await settings.getByText("Test connection").click();
    await result("no answer from http://127.0.0.1:9");
    await settings.getByLabel("Run it here, within Homebridge").check();
    await settings.getByText("There is no home in this file yet.").waitFor();
    await cleaning().uncheck();
    await picture("starter");
    await settings.getByRole("button", { name: "Make a home here" }).click();
    await result("Home is made. Press Save, restart Homebridge");
    await picture("found");
    await settings.getByLabel("It runs already: in Node-RED, or by itself").check();
    await settings.getByLabel("Address").fill(engine.server.url);
    await settings.getByText("Test connection").click();
    await result("Connected to Demo home");
  });

  it("leads to the engine's pages, and offers to leave the routers clean before it is uninstalled", async () => {
    expect(await settings.getByRole("link", { name: "Open the pages of your home" }).getAttribute("href")).toBe(engine.server.url);
    await settings.getByText("The engine goes on without the plugin").waitFor();
    expect(await cleaning().isVisible()).toBe(false);
    await settings.getByText("Remove everything of ours from the routers").click();
    expect(await settings.locator("#release-result").innerText()).toBe("");
    await picture("release");
    await settings.getByText("Yes, remove it").click();
    await settings.locator("#release-result", { hasText: "Nothing of ours is left on: main." }).waitFor();
  });

  it("lets one choose what appears, and shows what is active now", async () => {
    expect(await settings.locator("#people .np-person").first().locator("legend").innerText()).toMatch(/Alice\s+now: Gamer, forced/);
    expect(await settings.getByLabel("Alice Gamer Switch").isChecked()).toBe(true);
    await settings.getByLabel("Alice Remote worker Switch").check();
    await settings.getByLabel("Alice Gamer Sensor: is likely soon").check();
    await settings.locator("#people .np-person").nth(1).getByLabel("At home").check();
    await settings.locator("#home-personas").getByLabel("Video editor").uncheck();
    await settings.locator("#forced-for").selectOption("60");
    // What is taken back leaves nothing behind.
    await settings.getByLabel("For everyone at home").uncheck();
    await settings.getByLabel("For everyone at home").check();
    await picture("settings");
    const desktop = page.viewportSize()!;
    await page.setViewportSize({ width: 390, height: 844 });
    await until("a page that fits a phone", async () => ((await sideways()) === 0 ? true : undefined));
    await picture("settings-phone");
    await settings.getByText("How long does a forced persona last?").scrollIntoViewIfNeeded();
    await picture("settings-phone-end");
    await page.setViewportSize(desktop);
  });

  it("shows the same in the plain form", async () => {
    await settings.getByText("All settings as a form").click();
    await page.locator("legend", { hasText: /^Whole home$/ }).waitFor();
    const values = await page
      .locator(".modal-body input")
      .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
    expect(values).toEqual(expect.arrayContaining([engine.server.url, "alice", "bob", "gamer", "remote-worker"]));
    await page.locator(".modal-footer").scrollIntoViewIfNeeded();
    await picture("form");
  });

  it("saves it as Homebridge's config.json holds it", async () => {
    await page.locator(".modal-footer").getByText("Save").click();
    await page.getByText("Restart Homebridge to apply the changes").waitFor();
    const saved = await ui.settings();
    expect(saved).not.toHaveProperty("home");
    expect(saved).toMatchObject({
      wholeHome: true,
      platform: "NetworkPersonas",
      url: engine.server.url,
      token,
      personas: ["gamer", "remote-worker", "streaming-enthusiast"],
      people: [
        { id: "alice", personas: ["gamer", "remote-worker"], likely: ["gamer"] },
        { id: "bob", presence: true },
      ],
      forcedFor: 60,
      releaseOnRemoval: false,
    });
  });

  it("keeps the token out of the log", () => {
    expect(ui.log()).not.toContain(token);
    expect(ui.log()).not.toMatch(/HAP-NodeJS WARNING|Unhandled/i);
  });
});
