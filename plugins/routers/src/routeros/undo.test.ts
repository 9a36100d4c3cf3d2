import { describe, expect, it } from "vitest";
import { quoted, undoScript } from "./undo.ts";

describe("the script of the way back", () => {
  it("is the same for every change but for its number", () => {
    const none = { queues: [], tunnels: [] };
    const [one, two] = [7, 8].map((generation) => undoScript({ ...none, generation }).replaceAll(`g${generation}\\$`, "gN\\$"));
    expect(one).toBe(two);
    expect(one).toContain(String.raw`/ip firewall filter remove [find comment~"^np:.* gN\$"]`);
    expect(one).toContain('/ipv6 firewall mangle enable [find disabled=yes comment~"^np:"]');
    expect(one).not.toMatch(/[\r\n]/);
  });

  it("sets back what was changed in place", () => {
    const script = undoScript({
      generation: 1,
      queues: [{ name: "np-down.tv", props: { "limit-at": "64000", disabled: "false" } }],
      tunnels: [{ name: "wg0", disabled: true, comment: "np:tunnel" }],
    });
    expect(script).toContain('/queue tree set [find name="np-down.tv"] limit-at="64000" disabled="no"');
    expect(script).toContain('/interface wireguard set [find name="wg0"] disabled=yes comment="np:tunnel"');
  });

  it("cannot be broken out of by a name", () => {
    expect(quoted('x"] ; /system reset-configuration $y \\')).toBe(String.raw`"x\"] ; /system reset-configuration \$y \\"`);
    expect(quoted("two\r\nlines")).toBe('"two  lines"');
  });

  it("stays small when every queue of a large home changed", () => {
    const props = {
      name: "np-down.device-000",
      parent: "np-down",
      "packet-mark": "np-down.device-000",
      "limit-at": "1000000",
      "max-limit": "100000000",
      priority: "5",
      queue: "np-fq-codel-15ms",
      disabled: "false",
    };
    const queues = Array.from({ length: 200 }, (_, i) => ({ name: `np-down.device-${i}`, props }));
    expect(undoScript({ generation: 1, queues, tunnels: [] }).length).toBeLessThan(64_000);
  });
});
