import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createExpander, type Expander } from "./expander-worker.ts";

const calendar = (events: number, rule = ""): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    ...Array.from(
      { length: events },
      (_, i) => `BEGIN:VEVENT\nUID:e${i}\nSUMMARY:Event ${i}\nDTSTART:20260602T080000Z\nDURATION:PT1H\n${rule}END:VEVENT`,
    ),
    "END:VCALENDAR",
    "",
  ].join("\n");
const window = { from: "2026-06-02T00:00:00Z", to: "2026-06-03T00:00:00Z", timeZone: "Europe/Berlin" };
let expander: Expander;
afterEach(() => expander.close());

describe("the worker", () => {
  it("answers as the pure function does, and again from its index", async () => {
    expander = createExpander();
    const ics = calendar(3);
    const [first, again, other] = await Promise.all([
      expander.expand({ ics, ...window }),
      expander.expand({ ics: `${ics.slice(0, 5)}${ics.slice(5)}`, ...window }),
      expander.expand({ ics, ...window, timeZone: "Asia/Tokyo" }),
    ]);
    expect(first!.occurrences.map((o) => o.summary)).toEqual(["Event 0", "Event 1", "Event 2"]);
    expect(again).toEqual(first);
    expect(other).toEqual(first);
    expander.forget(ics);
    expect(await expander.expand({ ics, ...window })).toEqual(first);
  });
  it("rejects what is no calendar and goes on", async () => {
    expander = createExpander();
    await expect(expander.expand({ ics: "<html>", ...window })).rejects.toMatchObject({
      code: "calendar-not-a-calendar",
      said: { key: "calendar-page" },
      message: expect.stringContaining("web page"),
    });
    await expect(expander.expand({ ics: calendar(1), ...window, from: "?" })).rejects.toMatchObject({ code: "bad-input", field: "from" });
    expect((await expander.expand({ ics: calendar(1), ...window })).occurrences).toHaveLength(1);
  });
  it("is ended when a calendar takes too long, says so, and the next one gets a new worker", async () => {
    const options = { timeLimit: 100 };
    expander = createExpander(options);
    const slow = calendar(40_000, "RRULE:FREQ=DAILY\n");
    await expect(expander.expand({ ics: slow, ...window })).rejects.toMatchObject({
      code: "calendar-too-slow",
      message: expect.stringContaining("longer than 0.1 s"),
    });
    options.timeLimit = 20_000;
    expect((await expander.expand({ ics: slow, ...window })).occurrences).toHaveLength(40_000);
  }, 20_000);
  it("gives the worker's memory back when there is nothing to read, and reads on with another", async () => {
    const workers: Worker[] = [];
    const note = (worker: Worker) => workers.push(worker);
    process.on("worker", note);
    expander = createExpander({ patience: 1 });
    const first = await expander.expand({ ics: calendar(2), ...window });
    await once(workers[0]!, "exit");
    expect(await expander.expand({ ics: calendar(2), ...window })).toEqual(first);
    expect(workers).toHaveLength(2);
    process.off("worker", note);
  });
  it("leaves the main thread free while it reads", async () => {
    expander = createExpander();
    await expander.expand({ ics: calendar(1), ...window });
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await expander.expand({ ics: calendar(20_000, "RRULE:FREQ=DAILY\n"), ...window });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  }, 20_000);
  it("rejects what is still waiting when it is closed", async () => {
    expander = createExpander();
    const waiting = [expander.expand({ ics: calendar(1), ...window }), expander.expand({ ics: calendar(1), ...window })].map((p) =>
      expect(p).rejects.toThrow("closed"),
    );
    await expander.close();
    await Promise.all(waiting);
    await expect(expander.expand({ ics: calendar(1), ...window })).rejects.toThrow("closed");
  });
});
