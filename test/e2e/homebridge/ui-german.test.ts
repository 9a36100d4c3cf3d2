import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { describeIf } from "../../support/require.ts";
import { openBrowser, type UiBrowser } from "./support/browser.ts";
import { type HomebridgeUi, startUi } from "./support/ui.ts";

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
    await settings.getByRole("button", { name: "Zuhause hier anlegen" }).click();
    await settings.locator("#result", { hasText: "Zuhause ist angelegt." }).waitFor();
    expect(await settings.getByLabel("Namen in der Home-App").inputValue()).toBe("de");
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
});
