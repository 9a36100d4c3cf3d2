import { describe, expect, it } from "vitest";
import { permissionFor } from "./pages-mount.ts";

describe("what the editor's login must allow", () => {
  it("is reading for what the pages look at", () => {
    for (const path of ["state", "stream", "history", "calendar/upcoming", "personas"])
      expect(permissionFor("GET", `/v1/${path}`), path).toBe("persona-engine.read");
  });
  it("is writing for what changes something, logs in to routers, or shows the whole home", () => {
    for (const [method, path] of [
      ["POST", "overrides"],
      ["DELETE", "overrides/bob"],
      ["POST", "release"],
      ["GET", "doctor"],
      ["GET", "home"],
      ["PUT", "home"],
    ] as const)
      expect(permissionFor(method, `/v1/${path}`), path).toBe("persona-engine.write");
  });
  it("never covers the engine's tokens, however they are written", () => {
    for (const path of ["tokens", "tokens/abc", "state/../tokens", "state/%2e%2e/tokens", "%74okens"])
      expect(permissionFor("POST", `/v1/${path}`), path).toBeUndefined();
  });
});
