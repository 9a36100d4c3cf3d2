import { expect, it } from "vitest";
import type { DriverWelcome } from "../../driver/index.ts";
import { findRouters, placeOf } from "./find-routers.ts";

const welcome = (usualHosts: string[], answers: Record<string, string>): DriverWelcome => ({
  name: "Some",
  usualHosts,
  questions: [],
  prepare: { en: "", de: "" },
  detect: async ({ host }) => answers[host] ?? null,
});

it("takes an address, a name or a URL, as people write them", () => {
  expect(placeOf(" 192.168.1.1 ")).toEqual({ host: "192.168.1.1", url: null });
  expect(placeOf("fritz.box")).toEqual({ host: "fritz.box", url: null });
  expect(placeOf("https://router.lan:8443/admin/")).toMatchObject({ host: "router.lan", url: { href: "https://router.lan:8443/" } });
  expect(placeOf("192.168.1.1:8080").url?.href).toBe("http://192.168.1.1:8080/");
});

it.each([
  ["my router", /such as "192\.168\.1\.1"/],
  ["http://", /such as "192\.168\.1\.1"/],
  ["ssh://192.168.1.1", /begins with "http:\/\/"/],
  ["http://admin:secret-1@192.168.1.1", /must not hold a user name or password/],
])("refuses %s with a sentence that does not repeat it", (text, message) => {
  expect(() => placeOf(text)).toThrow(message);
  expect(() => placeOf(text)).not.toThrow(/secret-1/);
});

it("asks nobody beyond the home, whoever answers to a usual name there", async () => {
  const asked: string[] = [];
  const everywhere = (usualHosts: string[]): DriverWelcome => ({
    ...welcome(usualHosts, {}),
    detect: async ({ host }) => {
      asked.push(host);
      return null;
    },
  });
  await findRouters([{ driver: "a", welcome: everywhere(["192.0.2.1", "localhost"]) }], null, async () => ["192.168.1.1"]);
  expect(asked.sort()).toEqual(["192.168.1.1", "localhost"]);
});

it("finds one router once, by its name and by its address, and each family on its own", async () => {
  const families = [
    { driver: "named", welcome: welcome(["localhost"], { localhost: "http://localhost", "127.0.0.1": "http://127.0.0.1" }) },
    { driver: "other", welcome: welcome([], { "127.0.0.1": "https://127.0.0.1" }) },
    { driver: "absent", welcome: welcome(["localhost"], {}) },
  ];
  const gateways = async () => ["127.0.0.1"];
  expect(await findRouters(families, null, gateways)).toEqual([
    { driver: "named", url: "http://localhost" },
    { driver: "other", url: "https://127.0.0.1" },
  ]);
  expect(await findRouters(families, [placeOf("127.0.0.1")], gateways)).toEqual([
    { driver: "named", url: "http://127.0.0.1" },
    { driver: "other", url: "https://127.0.0.1" },
  ]);
});
