import assert from "node:assert/strict";
import { Instant, inEnglish, lookedAt, saysAll } from "../../model/index.ts";
import { assertSaid, type Suite } from "./harness.ts";

const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** What optional capabilities return, where a driver has them. */
export function observingCases({ test }: Suite): void {
  test("clients are keyed by MAC address, lower case", async ({ driver }) => {
    const clients = (await driver.clients?.()) ?? [];
    for (const client of clients) assert.match(client.mac, mac);
    assert.equal(new Set(clients.map((c) => c.mac)).size, clients.length, "a client is listed twice");
  });

  test("counters exist when the capabilities promise them, and never shrink by themselves", async (router) => {
    const { counters } = await router.driver.capabilities();
    if (counters === null) return;
    assert.ok(router.driver.counters, "the capabilities promise counters");
    const first = await router.driver.counters();
    Instant.parse(first.at);
    await router.advance(counters.everyMs);
    const second = await router.driver.counters();
    for (const [device, bytes] of first.devices) {
      assert.match(device, mac);
      const later = second.devices.get(device);
      assert.ok(Number.isFinite(bytes.downBytes) && bytes.downBytes >= 0 && bytes.upBytes >= 0);
      if (later)
        assert.ok(later.downBytes >= bytes.downBytes && later.upBytes >= bytes.upBytes, `the counters of ${device} went backwards`);
    }
  });

  test("connections are seen when the capabilities promise it, from the devices' side", async (router) => {
    const { flows } = await router.driver.capabilities();
    if (!flows) return;
    assert.ok(router.driver.flows, "the capabilities promise flows");
    await router.driver.flows();
    await router.advance(flows.everyMs);
    const seen = await router.driver.flows();
    assert.equal(new Set(seen.map((flow) => flow.id)).size, seen.length, "two connections have one id");
    for (const flow of seen) {
      assert.match(flow.mac, mac);
      for (const count of [flow.upBytes, flow.downBytes, flow.upPackets, flow.downPackets, flow.ageMs])
        assert.ok(Number.isFinite(count) && count >= 0);
    }
  });

  test("what it says is said in every language: notes, what is not ours, what a check-up finds", async ({ driver }) => {
    const { notes, notesSaid } = await driver.capabilities();
    assert.deepEqual(
      notes,
      notesSaid.map((note) => inEnglish(note)),
      "the notes are not the English of their sentences",
    );
    for (const note of [...notesSaid, ...(await driver.read()).foreign]) assertSaid(note);
    for (const { check, message, remedy, said } of (await driver.doctor?.()) ?? []) {
      const words = lookedAt("check", check);
      assert.ok(words, `"${check}" has no words: add check-${check.replaceAll(" ", "-")} to the sentences`);
      assertSaid(said.message);
      // Of an error the message tells more.
      assert.ok(said.message.key.startsWith("error-") || saysAll(said.message, message), `"${message}" is not ${said.message.key}`);
      assert.equal(remedy, said.remedy ? inEnglish(said.remedy) : "");
      if (said.remedy) assertSaid(said.remedy);
    }
  });

  test("doctor says what to do about everything that is not ok", async ({ driver }) => {
    for (const finding of (await driver.doctor?.()) ?? []) {
      assert.ok(finding.check.length > 0 && finding.message.length > 0);
      if (finding.status !== "ok") assert.ok(finding.remedy.length > 0, `"${finding.check}" is not ok and there is no remedy`);
    }
  });
}
