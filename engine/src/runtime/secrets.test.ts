import { describe, expect, it } from "vitest";
import { Secrets } from "./secrets.ts";

describe("Secrets", () => {
  it("names the place of a missing secret, never a value", async () => {
    const secrets = new Secrets("/nowhere");
    await expect(secrets.resolve({ env: "NP_TEST_NOT_SET" }, "routers.0.password")).rejects.toThrow(
      /routers\.0\.password: the environment variable NP_TEST_NOT_SET is not set/,
    );
    await expect(secrets.resolve({ file: "no-such-file" }, "p")).rejects.toThrow(/secret file no-such-file cannot be read \(ENOENT\)/);
    await expect(secrets.resolve({ credential: "router" }, "p")).rejects.toThrow(/no credential "router"/);
  });
  it("keeps resolved values out of the log, also when they are URL-encoded", async () => {
    const secrets = new Secrets("/nowhere", () => "hunter2 & co");
    expect(await secrets.resolve({ credential: "x" }, "p")).toBe("hunter2 & co");
    const lines: string[] = [];
    const push = (line: string) => void lines.push(line);
    const log = secrets.guard({ debug: push, info: push, warn: push, error: push });
    log.error("login with hunter2 & co failed");
    log.info("GET /x?password=hunter2%20%26%20co");
    expect(lines).toEqual(["login with *** failed", "GET /x?password=***"]);
  });
});
