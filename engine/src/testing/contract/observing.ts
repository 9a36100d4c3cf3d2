import assert from "node:assert/strict";
import { Instant } from "../../model/index.ts";
import type { Suite } from "./harness.ts";

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

  test("doctor says what to do about everything that is not ok", async ({ driver }) => {
    for (const finding of (await driver.doctor?.()) ?? []) {
      assert.ok(finding.check.length > 0 && finding.message.length > 0);
      if (finding.status !== "ok") assert.ok(finding.remedy.length > 0, `"${finding.check}" is not ok and there is no remedy`);
    }
  });
}
