import { sampleApplications } from "@network-personas/engine/testing";
import { describe, expect, it } from "vitest";
import { layoutOf } from "./layout.ts";
import { allNames, runningOf, startScript, stopScript } from "./names.ts";
import { readSettings } from "./settings.ts";

const layoutWith = (more: object = {}) =>
  layoutOf(
    readSettings("main", { id: "main", driver: "linux", lan: "br-lan", wan: "wan0", runDir: "/run/it's ours", ...more }),
    "main",
    sampleApplications,
  );
const tunnels = { work: { device: "wg0", dns: ["10.8.0.1", "fd08::1"] } };
const layout = layoutWith({ tunnels });

describe("what answers names", () => {
  it("asks behind a tunnel through its device only, filtered or not", () => {
    const behind = allNames(layout).filter(({ key }) => key.endsWith("_1"));
    expect(behind.map(({ key }) => key)).toEqual(["plain_1", "family_1", "malware_1"]);
    expect(behind.flatMap(({ servers }) => servers ?? ["anybody"]).filter((server) => !server.endsWith("@wg0"))).toEqual([]);
    expect(new Set(allNames(layout).map(({ port }) => port)).size).toBe(6);
  });
  it("knows domains with all below them, for both families", () => {
    const script = startScript([], runningOf(["plain"], layout), layout).join("\n");
    expect(script).toContain("nftset=/zoom.us/4#inet#network_personas#at4_zoom,6#inet#network_personas#at6_zoom");
    expect(script).not.toContain("*");
    expect(script).toContain("folder='/run/it'\\''s ours/main/names'");
    // Nobody else's settings, and no resolver but the router's own.
    expect(script).not.toMatch(/conf-dir|server=/);
  });
  it("runs on while nothing about it changes, and is set up anew when its resolvers do", () => {
    const held = runningOf(["plain", "family"], layout);
    expect(startScript(held, held, layout)).toEqual([]);
    expect(stopScript(held, held, layout)).toEqual([]);
    const changed = layoutWith({ tunnels, dns: { family: ["192.0.2.53"] } });
    const script = startScript(held, runningOf(["plain", "family"], changed), changed).join("\n");
    expect(script).toContain("stop family");
    expect(script).not.toContain("stop plain");
    expect(stopScript(held, runningOf(["plain"], layout), layout).at(-1)).toBe("stop family");
  });
});
