import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { describeIf } from "../../support/require.ts";
import { openBrowser, type UiBrowser } from "./support/browser.ts";
import { type HomebridgeUi, startUi } from "./support/ui.ts";
import { until } from "./support/wait.ts";

// Somebody who speaks German sets the plugin up: a real Homebridge UI, the engine within a real Homebridge, a real browser.

vi.setConfig({ testTimeout: 60_000 });

describeIf("chromium", "a new home in German", () => {
  let ui: HomebridgeUi;
  let browser: UiBrowser;
  let settings: FrameLocator;

  beforeAll(async () => {
    [ui, browser] = await Promise.all([startUi(undefined, { lang: "de" }), openBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await ui?.stop();
  }, 30_000);

  it("is offered German names, and reads of personas in German", async () => {
    settings = await browser.openSettings(ui.url, "Einstellungen", "Wo läuft die Engine von Network Personas?");
    await settings.getByLabel("Hier in Homebridge laufen lassen").check();
    await settings.getByRole("button", { name: "Verbindung testen" }).click();
    await settings.getByLabel("Wer wohnt dort?").fill("Alice");
    await settings.getByLabel("Download in Mbit/s").fill("50");
    await settings.getByLabel("Upload in Mbit/s").fill("10");
    await settings.getByRole("button", { name: "Datei anlegen" }).click();
    await settings.locator("#result", { hasText: "Gefunden: Zuhause" }).waitFor();
    expect(await settings.getByLabel("Namen in der Home-App").inputValue()).toBe("de");
    await settings.getByLabel("Alice Homeoffice Sensor: ist bald wahrscheinlich").check();
    expect(await settings.locator("#home-personas label", { hasText: "Spielen" }).getAttribute("title")).toContain("Online-Spiele");
    await browser.picture("de-settings");
  });

  it("has all settings as a form in German", async () => {
    await settings.getByRole("button", { name: "Alle Einstellungen als Formular" }).click();
    const form = browser.page.locator(".modal-body");
    await form.locator("legend", { hasText: /^Ganzes Zuhause$/ }).waitFor();
    await form.getByText("Kleinbuchstaben, Ziffern und „-“.").first().waitFor();
    const names = form.getByLabel("Namen in der Home-App");
    expect(await names.locator("option").allInnerTexts()).toEqual(["English", "Deutsch"]);
    expect(await names.locator("option:checked").innerText()).toBe("Deutsch");
    await names.scrollIntoViewIfNeeded();
    await browser.picture("de-form");
  });

  it("has accessories with German names once it is saved", async () => {
    await browser.page.locator(".modal-footer").getByText("Speichern").click();
    const saved = () => ui.settings().then((block) => (block?.home === undefined ? undefined : block));
    expect(await until("the settings", saved)).toMatchObject({ language: "de", people: [{ id: "alice", likely: ["remote-worker"] }] });
    await ui.restart();
    await until("the accessories", () => ui.log().includes("added: Automatik, Spielen, ") || undefined, ui.log);
    await browser.page.goto(`${ui.url}/accessories`);
    for (const name of ["Automatik", "Spielen", "Alice Homeoffice"])
      await browser.page.locator(".accessory-box", { hasText: name }).first().waitFor();
    await browser.picture("de-tiles");
    expect(ui.log()).not.toMatch(/HAP-NodeJS WARNING|Unhandled/i);
  });
});
