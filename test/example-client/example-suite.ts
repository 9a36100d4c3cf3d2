import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../engine/src/api/index.ts";
import type { EngineService } from "../../engine/src/runtime/port.ts";
import { type Harness, secretOf, serveEngine } from "../api/harness.ts";
import type { MakeEngine } from "../api/suite.ts";

const program = fileURLToPath(new URL("./main.js", import.meta.url));

/** A stranger's program, which knows nothing of our packages, against any engine. */
export function exampleSuite(name: string, make: MakeEngine): void {
  describe(`a stranger's program against ${name}`, () => {
    let harness: Harness<EngineService>;
    let dispose: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      const made = await make();
      dispose = made.dispose;
      harness = await serveEngine(made.service, made.clock);
    });
    afterAll(async () => {
      await harness.close();
      await dispose?.();
    });
    const run = (token: string, ...args: string[]) =>
      promisify(execFile)(process.execPath, [program, harness.server.url, ...args], { env: { NP_TOKEN: token }, timeout: 15_000 });

    it("finds its way by the document alone, speaks, asks and listens", async () => {
      const { token } = await harness.tokens.create({ name: "stranger", scopes: ["read", "signal"] });
      const { stdout } = await run(token, "bob-console", "bob", "gamer");
      const said = JSON.parse(stdout) as Record<string, unknown> & { operations: string[]; probability: number; because: string[] };
      expect(said.operations.sort()).toEqual([...routes.map((r) => r.operationId), "stream"].sort());
      expect(said).toMatchObject({
        home: "Demo home",
        signal: { source: "token:stranger/example-client" },
        evidence: { logOdds: { gamer: 2 } },
        event: { type: "presence", data: { device: "bob-console", present: true } },
      });
      expect(said.probability).toBeGreaterThan(0.2);
      expect(said.because).toContain("the example says so");
    });

    it("is told what is wrong with what it says, and with its rights", async () => {
      const { token } = await harness.tokens.create({ name: "lister", scopes: ["read", "signal"] });
      await expect(run(token, "no-such-device", "bob", "gamer")).rejects.toMatchObject({
        stderr: expect.stringContaining("no-such-device"),
      });
      const { token: reader } = await harness.tokens.create({ name: "reader", scopes: ["read"] });
      const refused = (await run(reader, "bob-console", "bob", "gamer").catch((error: unknown) => error)) as { stderr: string };
      expect(refused.stderr).toContain('forbidden: POST /v1/signals needs the scope "signal"');
      expect(refused.stderr).not.toContain(secretOf(reader));
    });
  });
}
