import { expect, it } from "vitest";
import { inEnglish, reachTrouble, saysAll, sentence } from "./index.ts";

const coded = (code: string, cause?: unknown) => Object.assign(new Error("http://secret", { cause }), { code });

it.each([
  ["fetch whose connection was refused", new TypeError("fetch failed", { cause: coded("ECONNREFUSED") }), "refuses connections"],
  [
    "several addresses, all refused",
    new TypeError("fetch failed", { cause: Object.assign(new AggregateError([]), coded("ECONNREFUSED")) }),
    "refuses",
  ],
  ["a port that fetch never asks", new TypeError("fetch failed", { cause: new Error("bad port") }), "nobody is asked at that port"],
  ["a limit of ours", AbortSignal.abort(new DOMException("", "TimeoutError")).reason, "within 30 s"],
  ["a connection that never came", coded("UND_ERR_CONNECT_TIMEOUT"), "within 30 s"],
  ["plain HTTP where HTTPS was expected", coded("ERR_SSL_WRONG_VERSION_NUMBER"), "does not speak HTTPS"],
  ["a code nobody thought of", new TypeError("fetch failed", { cause: coded("EODD") }), "the connection failed (EODD)"],
  ["nothing that is an error", "http://secret", "the connection failed (?)"],
])("tells %s", (_, error, words) => {
  const said = inEnglish(reachTrouble(error, 30_000));
  expect(said).toContain(words);
  expect(said).not.toMatch(/secret|fetch failed|TypeError/);
});

it("knows which texts tell no more than a sentence, or than what is said in it", () => {
  const what = sentence("reach-late", { seconds: 3 });
  expect(saysAll(what, "main: no complete answer within 3 s (status)")).toBe(true);
  expect(saysAll(sentence("routerTrouble", { router: "main", what }), "router main: no complete answer within 3 s")).toBe(true);
  expect(saysAll(sentence("error-rejected"), "main: expected JSON but got a web page")).toBe(false);
});
