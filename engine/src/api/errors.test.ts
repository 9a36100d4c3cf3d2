import { BadFileError } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import * as drivers from "../driver/errors.ts";
import { BadInput, NotFound, PersonasError } from "../model/index.ts";
import { BadRequest, describeError, statusOf } from "./errors.ts";

const lines: string[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (line: string) => void lines.push(line) };
const where = { router: "main" };

describe("the status of an error", () => {
  it.each([
    [new BadInput("subject", "is wrong"), 400],
    [new NotFound("persona", "x"), 404],
    [new PersonasError("conflict", "x"), 409],
    [new PersonasError("unknown-code", "x"), 400],
    [new PersonasError("unknown-code", "x", { responsible: "owner" }), 502],
    [new PersonasError("unknown-code", "x", { responsible: "retry" }), 503],
    [new PersonasError("unknown-code", "x", { responsible: "us" }), 500],
    [new drivers.Unreachable("x", where), 502],
    [new drivers.AuthFailed("x", where), 502],
    [new drivers.LockedOut("x", where), 502],
    [new drivers.PermissionMissing("qos", "x", where), 502],
    [new drivers.Unsupported("qos", "x", where), 502],
    [new drivers.Rejected("x", where), 502],
    [new drivers.ReadBackMismatch(["x"], where), 502],
    [new drivers.UnsafePlan("x", where), 409],
  ])("%s is %i", (error, status) => expect(statusOf(error)).toBe(status));
});

describe("the answer to an error", () => {
  it("holds every problem of a file with its line", () => {
    const error = new BadFileError("home.yaml", [
      { line: 2, column: 3, field: "wan.down", message: "is missing" },
      { line: 9, column: 1, field: "", message: "is odd" },
    ]);
    expect(describeError(error, log)).toEqual({
      status: 400,
      body: {
        error: {
          code: "bad-input",
          field: "wan.down",
          message: "wan.down: is missing; is odd",
          said: { key: "error-bad-input", with: {} },
          problems: error.problems,
        },
      },
    });
  });
  it("says nothing of what is ours, and logs it under the same reference", () => {
    for (const error of [new TypeError("secret"), new PersonasError("x", "secret", { responsible: "us" }), "secret", undefined]) {
      lines.length = 0;
      const { status, body } = describeError(error, log);
      expect(status).toBe(500);
      expect(JSON.stringify(body)).not.toContain("secret");
      expect(lines[0]).toContain(body.error.message.slice(-8));
    }
  });
  it("names the first field of several problems", () => {
    const error = new BadRequest([
      { field: "a", message: "is wrong" },
      { field: "b", message: "is wrong too" },
    ]);
    expect([error.field, error.message]).toEqual(["a", "a: is wrong; b: is wrong too"]);
  });
});
