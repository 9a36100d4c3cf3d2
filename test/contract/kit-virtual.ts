import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSupport, type RouterDriver } from "@network-personas/engine/driver";
import { type DriverFixture, type Fault, type Given, type RouterUnderTest, TestClock } from "@network-personas/engine/testing";
import { VirtualDriver } from "../../plugins/routers/src/virtual/driver.ts";
import type { Link, VirtualRequest } from "../../plugins/routers/src/virtual/link.ts";
import { VirtualRouter } from "../../plugins/routers/src/virtual/router.ts";
import { notOurs, ours } from "../../plugins/routers/src/virtual/state.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const settings = {
  id: "main",
  driver: "virtual",
  tunnels: ["office"],
  shows: "connections" as const,
  clients: [
    { mac: "02:00:00:00:00:11", hostname: "alice-laptop", kind: "laptop" },
    { mac: "02:00:00:00:00:31", hostname: "tv", kind: "tv", connected: false },
  ],
};

/** A link that a test can put trouble on. */
export class BadLink implements Link {
  fault: Fault | null = null;
  writes = 0;
  async there({ write }: VirtualRequest): Promise<void> {
    if (this.fault === "unreachable") throw new Error("connect ECONNREFUSED");
    if (this.fault === "hang") await new Promise(() => {});
    if (write) this.writes++;
  }
  /** The change is made, and the answer gets lost. */
  async back({ name }: VirtualRequest): Promise<void> {
    if (this.fault === "fail-mid-apply" && name === "apply") throw new Error("socket hang up");
  }
}

/** The virtual router as the contract kit wants it. */
export const virtualFixture: Omit<DriverFixture, "create"> & { create(given: Given): Promise<RouterUnderTest & { file: string }> } = {
  support: await loadSupport(new URL("../../plugins/routers/src/virtual/support.yaml", import.meta.url)),
  rollback: "router",
  faults: ["unreachable", "hang", "garbage", "fail-mid-apply"],
  reboots: true,
  tunnel: "office",
  secrets: [],
  async create({ applications, protectedMacs }) {
    const dataDir = await mkdtemp(join(tmpdir(), "np-virtual-"));
    const clock = new TestClock("2026-01-05T10:00:00Z");
    const link = new BadLink();
    const start = (): RouterDriver =>
      new VirtualDriver({ settings, router: "main", home: { id: "home" }, dataDir, clock, log: quiet, applications, protectedMacs }, link);
    const router = new VirtualRouter("main", dataDir, clock);
    let intact = "";
    return {
      file: router.file,
      driver: start(),
      restartDriver: async () => start(),
      async snapshot() {
        const sections = await router.sections();
        return { owned: ours(sections), foreign: notOurs(sections) };
      },
      advance: (ms) => clock.advance(ms),
      writes: () => link.writes,
      async inject(fault) {
        if (fault === "garbage") {
          intact = JSON.stringify({ format: 1, sections: await router.sections(), unconfirmed: null });
          await writeFile(router.file, "<html>502 Bad Gateway</html>");
        } else if (fault === null && link.fault === null && intact) await writeFile(router.file, intact);
        link.fault = fault === "garbage" ? null : fault;
      },
      reboot: () => router.reboot(),
      stop: () => rm(dataDir, { recursive: true }),
    };
  },
};
