import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type FrameLocator, type Page } from "playwright-core";
import { chromiumPath } from "../../../support/require.ts";
import { patience } from "./wait.ts";

/** NP_SCREENSHOTS=folder keeps pictures to look at. */
const pictures = process.env.NP_SCREENSHOTS;

/** A browser that looks at a Homebridge UI. */
export interface UiBrowser {
  page: Page;
  /** Our settings page, opened from the plugin's card by what its menu calls it. */
  openSettings(url: string, entry: string, title: string): Promise<FrameLocator>;
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<UiBrowser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const browser = await chromium.launch({ executablePath: chromiumPath()!, args });
  const page = await browser.newPage({ viewport: { width: 1300, height: 1400 } });
  page.setDefaultTimeout(patience);
  return {
    page,
    async openSettings(url, entry, title) {
      await page.goto(`${url}/plugins`);
      const card = page.locator("app-plugin-card", { hasText: "Network Personas" });
      await card.locator(".dropdown-toggle").first().click();
      await page.locator(".dropdown-menu.show").getByText(entry).click();
      const settings = page.frameLocator("iframe");
      await settings.getByText(title).waitFor();
      return settings;
    },
    async picture(name) {
      if (!pictures) return;
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `homebridge-${name}.png`), fullPage: true });
    },
    close: () => browser.close(),
  };
}
