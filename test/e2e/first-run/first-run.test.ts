import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type OpenWrtEmulator, startOpenWrt } from "../../emulators/openwrt/index.ts";
import { chromiumPath, describeIf } from "../../support/require.ts";
import { start } from "../cli/run.ts";
import { barriers } from "../ui/barriers.ts";
import { pale } from "../ui/pale.ts";
import { Newcomer } from "./newcomer.ts";

/** NP_SCREENSHOTS=folder keeps pictures to look at. */
const pictures = process.env.NP_SCREENSHOTS;
const password = "correct horse & battery";
const acl = JSON.parse(
  await readFile(new URL("../../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"),
);

/** In the page: what is pressed and lower than a fingertip; links within a sentence are as high as it is. */
const small = () =>
  [...document.querySelectorAll<HTMLElement>("main button, main a.button, main select, .steps a")]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
    .map((e) => e.innerText);

/** A calendar with a call every day at this hour, and one thing that no word tells. */
function calendarText(): string {
  const stamp = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
  const hour = 3_600_000;
  const next = Math.ceil(Date.now() / hour) * hour + hour;
  const event = (uid: string, at: number, summary: string, extra: string[] = []) =>
    [
      "BEGIN:VEVENT",
      `UID:${uid}@example`,
      "DTSTAMP:20261101T000000Z",
      `DTSTART:${stamp(at)}`,
      `DTEND:${stamp(at + hour)}`,
      `SUMMARY:${summary}`,
      ...extra,
      "END:VEVENT",
    ].join("\r\n");
  return `${["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "X-WR-CALNAME:Work", event("call", next + 24 * hour, "Zoom call with the team", ["RRULE:FREQ=DAILY"]), event("quarter", next, "Quarterly numbers"), "END:VCALENDAR"].join("\r\n")}\r\n`;
}

describeIf("chromium", "a newcomer with an OpenWrt router", () => {
  let folder: string;
  let router: OpenWrtEmulator;
  let calendars: Server;
  let film: NodeJS.Timeout;
  let browser: Browser;
  let engine: ChildProcess;
  let link: string;
  let said = "";
  const home = () => join(folder, "home.yaml");
  const ours = () =>
    ["firewall", "sqm"].flatMap((config) => router.router.store.file(config)?.sections ?? []).filter((s) => s.name.startsWith("np_"));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "first-run-"));
    router = await startOpenWrt({ acl, password, timeScale: 0.05 });
    router.seedDevice({ mac: "02:00:00:00:02:11", ipv4: "192.168.1.111", hostname: "anns-laptop", connected: true });
    router.seedDevice({ mac: "02:00:00:00:02:12", ipv4: "192.168.1.112", hostname: "PS5-livingroom", connected: true });
    router.seedDevice({ mac: "00:1b:63:84:45:e6", ipv4: "192.168.1.113", hostname: "printer", connected: false });
    // Somebody watches films all the time: 40 Mbit/s down and 2 up.
    const { statistics } = router.router.devices.get("eth1")!;
    const began = Date.now();
    film = setInterval(() => {
      statistics.rx_bytes = Math.round((Date.now() - began) * 5_000);
      statistics.tx_bytes = Math.round((Date.now() - began) * 250);
    }, 20);
    calendars = createServer((_, response) => response.writeHead(200, { "content-type": "text/calendar" }).end(calendarText()));
    calendars.listen(0, "127.0.0.1");
    await once(calendars, "listening");
    engine = start(["serve", "--home", home(), "--listen", "127.0.0.1:0", "--verbose"]);
    for (const stream of [engine.stdout!, engine.stderr!]) stream.on("data", (chunk) => (said += chunk));
    while (!/engine: /.test(said)) await once(engine.stdout!, "data");
    link = /http:\S+#setup=\S+/.exec(said)![0];
    browser = await chromium.launch({ executablePath: chromiumPath()!, args: ["--no-sandbox"] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    if (engine && engine.exitCode === null) {
      const ended = once(engine, "close");
      engine.kill("SIGTERM");
      await ended;
    }
    clearInterval(film);
    calendars?.close();
    await router?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 30_000);

  async function open(width: number, colorScheme: "light" | "dark"): Promise<{ page: Page; errors: string[]; asked: string[] }> {
    const context = await browser.newContext({
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      viewport: { width, height: 760 },
      colorScheme,
    });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const [errors, asked]: [string[], string[]] = [[], []];
    page.on("request", (request) => asked.push(`${request.url()} ${request.headers().referer ?? ""}`));
    page.on("pageerror", (error) => errors.push(error.message));
    return { page, errors, asked };
  }
  const picture = async (page: Page, name: string) => {
    if (!pictures) return;
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `first-run-${name}.png`), fullPage: true });
  };

  it("gets from nothing to their router's plan in preview, and live, with what is on the screen alone", async () => {
    const { page, errors, asked } = await open(360, "light");
    const newcomer = new Newcomer(page.locator("body"));
    const step = async (name: string) => {
      await page.getByRole("heading", { level: 2, name }).waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `${name} is wider than the phone`).toBe(0);
      expect(await page.evaluate(pale), `hard to read in ${name}`).toEqual([]);
      expect(await barriers(page), `barriers in ${name}`).toEqual([]);
      expect(await page.evaluate(small), `hard to hit in ${name}`).toEqual([]);
    };
    // In this home the router is where routers are: at the gateway. The machine that tests has another one, which is none of our business.
    await page.route("**/v1/setup/find", (route) =>
      route.continue(route.request().postData() === "{}" ? { postData: JSON.stringify({ address: router.url }) } : {}),
    );
    await page.goto(link);

    await step("Router");
    expect(new URL(page.url()).hash).not.toContain("np_");
    await newcomer.reads(/^OpenWrt at http/);
    await picture(page, "1-router");
    await newcomer.aside(async () => {
      await newcomer.fill("Address of the router", new URL(router.url).host);
      await newcomer.press("Look there");
      await newcomer.reads(/^OpenWrt at http/);
      await newcomer.fill("Password", "wrong-password-1");
      await newcomer.press("Connect");
      await newcomer.reads(/Correct “User name” and “Password”.*: see “What to do at the router first”/);
      // Where the screen is low, what is wrong is in it.
      await page.locator("#not-ready:focus").waitFor();
      // What it points at is there, and complete.
      await page.getByText("What to do at the router first", { exact: true }).click();
      await newcomer.reads(/cat > \/usr\/share\/rpcd\/acl\.d\/network-personas\.json/);
      await picture(page, "1-router-refused");
      await page.getByText("What to do at the router first", { exact: true }).click();
    });
    await newcomer.fill("Password", password);
    await newcomer.press("Connect");

    await step("Line");
    await newcomer.reads(/^Connected: OpenWrt/);
    await newcomer.reads(/the password crosses the network unencrypted/);
    await picture(page, "2-line-connected");
    await newcomer.aside(async () => {
      await newcomer.fill("Download", "fast");
      await newcomer.fill("Upload", "10");
      await newcomer.press("Save and continue");
      await newcomer.reads(/^Download: expected a rate such as/);
      expect(await page.getByLabel("Upload").inputValue()).toBe("10");
      await picture(page, "2-line");
      await page.context().setOffline(true);
      await newcomer.fill("Download", "60");
      await newcomer.press("Save and continue");
      await newcomer.reads(/^The engine does not answer\. What you entered is still here/);
      await page.context().setOffline(false);
      expect(await page.getByLabel("Download").inputValue()).toBe("60");
    });
    await newcomer.fill("Download", "50");
    await newcomer.fill("Upload", "10");
    await newcomer.press("Save and continue");

    await step("People and devices");
    await newcomer.press("Add Ann");
    const laptop = page.getByRole("group", { name: "anns-laptop" });
    const console = page.getByRole("group", { name: "PS5-livingroom" });
    await laptop.getByText("private address").waitFor();
    await newcomer.reads(/the device shows this network an invented address/);
    await page.getByRole("group", { name: "printer" }).getByText("made by Apple").waitFor();
    await newcomer.reads(/^How busy each device is cannot be shown/);
    // What the names tell is filled in already.
    expect([await laptop.getByLabel("Whose").inputValue(), await laptop.getByLabel("What it is").inputValue()]).toEqual(["ann", "laptop"]);
    expect(await console.getByLabel("What it is").inputValue()).toBe("console");
    await newcomer.choose(console.getByLabel("Whose"), "Ann");
    await picture(page, "3-devices");
    await newcomer.press("Save and continue");

    await step("Calendars");
    await newcomer.aside(async () => {
      await newcomer.press("Show the next events");
      await newcomer.reads("Enter the address of the calendar first.");
    });
    const address = `http://127.0.0.1:${(calendars.address() as AddressInfo).port}/private-83ab/work.ics`;
    await newcomer.paste("Address of the calendar", address);
    await newcomer.press("Show the next events");
    await newcomer.reads("Quarterly numbers");
    expect(await page.getByLabel("“Zoom call with the team” means").first().inputValue()).toBe("remote-worker");
    await newcomer.choose(page.getByLabel("“Quarterly numbers” means"), "Remote worker");
    await picture(page, "4-calendar");
    await newcomer.press("That is right: add it and go on");

    await step("Personas");
    // What is expected now depends on the time of day; what would be done for somebody who plays does not.
    await newcomer.reads(/Shape eth1 to/);
    const { steps: untilPreview, words, seconds } = newcomer;
    await newcomer.aside(async () => {
      await newcomer.choose(page.getByLabel("did this"), "Gamer");
      await newcomer.reads(/ps5-livingroom sends as realtime/);
      await newcomer.choose(page.getByLabel("did this"), "Video editor");
      await newcomer.reads("What does not fit");
    });
    await picture(page, "5-personas");
    expect(ours(), "nothing is written in preview").toEqual([]);
    await newcomer.press("Save and continue");

    await step("Start");
    await newcomer.reads(/^So far this is a preview/);
    await newcomer.reads("What can go wrong, and how it undoes itself");
    await picture(page, "6-start");
    expect(ours()).toEqual([]);
    await newcomer.press("I have read this: go live");
    await newcomer.reads(/^Live\. What was changed:/);
    await newcomer.reads("main: applied, read back and confirmed");
    await picture(page, "6-live");
    expect(ours().length).toBeGreaterThan(0);

    process.stdout.write(
      `first run: ${untilPreview} steps from nothing to a plan in preview, ${newcomer.steps} until it is live; ` +
        `whoever reads all ${words} words takes ${Math.round(seconds)} s to the preview, ${Math.round(newcomer.seconds)} s until it is live\n`,
    );
    expect(untilPreview).toBeLessThanOrEqual(12);
    expect(newcomer.steps).toBeLessThanOrEqual(14);
    // Five minutes, of which one is for installing and for what the engine takes.
    expect(seconds).toBeLessThan(240);

    const yaml = await readFile(home(), "utf8");
    expect(yaml).toMatch(/^# Your home\./);
    expect(yaml).toContain("timeZone: Europe/Berlin");
    expect(yaml).toContain("name: Home");
    const kept = await everythingUnder(folder, (name) => !name.includes("secrets"));
    for (const secret of [password, "wrong-password-1", "private-83ab"]) {
      expect(yaml + said, secret).not.toContain(secret);
      expect(kept.includes(secret), `${secret} is kept outside the secrets`).toBe(false);
      expect(asked.join("\n"), secret).not.toContain(encodeURIComponent(secret));
    }
    expect(errors).toEqual([]);
    await page.context().close();
  }, 120_000);

  it("proposes as the line's speed the most that the router counted", async () => {
    const { page } = await open(1280, "light");
    await page.goto(link);
    await page.clock.install();
    await page.goto(`${page.url().split("#")[0]}#/setup/line`);
    // The engine looks at a router's counters every few seconds.
    const carried = () =>
      page.evaluate(async () => {
        const headers = { authorization: `Bearer ${localStorage.getItem("network-personas.token")}` };
        return ((await (await fetch("v1/state", { headers })).json()) as { line?: { carried: { down: number } } }).line?.carried.down ?? 0;
      });
    await vi.waitFor(async () => expect(await carried()).toBeGreaterThan(30_000), { timeout: 20_000, interval: 250 });
    await page.getByRole("button", { name: "Measure it" }).click();
    await page.getByText(/^Watching, 20 s to go/).waitFor();
    for (let second = 1; second <= 20; second++) {
      const answered = second % 2 === 0 ? page.waitForResponse(/v1\/state/) : undefined;
      await page.clock.runFor(1_000);
      await answered;
    }
    await page.getByText(/^The most that went through/).waitFor();
    const proposed = async (label: string) => Number.parseFloat(await page.getByLabel(label).inputValue());
    // 40 and 2 Mbit/s; when exactly the counters were read is told to the second only.
    expect(await proposed("Download")).toBeGreaterThan(20);
    expect(await proposed("Download")).toBeLessThan(100);
    expect(await proposed("Upload")).toBeGreaterThan(1);
    expect(await proposed("Upload")).toBeLessThan(6);
    await page.context().close();
  }, 120_000);

  it("goes back to preview and leaves the router as it was, in German, with the keyboard alone", async () => {
    const { page, errors } = await open(1280, "dark");
    await page.context().addInitScript(() => localStorage.setItem("network-personas.language", "de"));
    await page.goto(`${link.split("#")[0]}#setup=${/#setup=(\S+)/.exec(link)![1]}`);
    await page.getByRole("link", { name: "Einrichten" }).press("Enter");
    await page.getByRole("heading", { level: 2, name: "Router" }).waitFor();
    await picture(page, "de-router");
    await page.getByRole("link", { name: "Personen und Geräte" }).press("Enter");
    await page.getByRole("group", { name: "PS5-livingroom" }).waitFor();
    await picture(page, "de-devices");
    await page.getByRole("link", { name: "Start" }).press("Enter");
    page.once("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Alles von uns entfernen und zurück zur Vorschau" }).press("Enter");
    await page.getByText(/^Bis hierher war es eine Vorschau/).waitFor({ timeout: 30_000 });
    await picture(page, "de-start");
    expect(ours()).toEqual([]);
    expect(errors).toEqual([]);
    expect(existsSync(home())).toBe(true);
    await page.context().close();
  }, 120_000);
});

/** All text below a folder. */
async function everythingUnder(folder: string, wanted: (name: string) => boolean): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((f) => f.isFile());
  const paths = files.map((f) => join(f.parentPath, f.name)).filter(wanted);
  return (await Promise.all(paths.map((path) => readFile(path, "latin1")))).join();
}
