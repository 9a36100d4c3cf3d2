import { expect, it } from "vitest";
import type { EngineState, RouterClients } from "../../model/index.ts";
import { type Language, Words } from "../words.ts";
import { assignmentOf, assignmentsIn, devicesStep } from "./devices.ts";
import { newSetup, type Setup } from "./state.ts";

const client = {
  mac: "da:a1:19:00:00:01",
  device: null,
  hostname: null,
  addresses: [],
  connected: true,
  randomised: true,
  dhcpFingerprint: "1,3,6 android-dhcp-14",
} satisfies RouterClients["clients"][number];

function setupWith(maybe: string[]): Setup {
  return {
    ...newSetup(),
    document: {
      home: { timeZone: "UTC" },
      wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
      devices: [{ id: "phone", name: "Anna's <phone>" }, { id: "tablet" }, { id: "tv" }],
    },
    clients: [{ router: "main", clients: [{ ...client, maybe }] }],
  };
}
const shown = (setup: Setup, language: Language = "en") =>
  devicesStep({ setup, words: new Words(language, "UTC"), state: {} as EngineState }).text;

/** Devices that are offered as the one from before. */
const offered = (text: string) => {
  const choice = /<select [^>]*name="device\.[^"]*\.same">(.*?)<\/select>/s.exec(text)?.[1];
  return choice && [...choice.matchAll(/<option value="([^"]+)"/g)].map(([, id]) => id);
};

it("keeps what somebody else said about a device meanwhile", () => {
  const setup = { ...setupWith([]), answers: {} };
  const home = {
    ...setup.document!,
    people: [{ id: "ann", devices: ["anns"] }],
    devices: [{ id: "anns", kind: "tablet", macs: [client.mac] }],
  };
  expect(assignmentsIn(setup, home)).toEqual([{ mac: client.mac, name: "anns", kind: "tablet", owner: "ann", countsAs: "anns" }]);
});

it("asks whether a new private address is a device from before, and says why and how sure that is", () => {
  const one = shown(setupWith(["phone"]));
  expect(one).toContain("This may be Anna&#39;s &lt;phone&gt; with a new address");
  expect(one).toContain("Any device of the same model does");
  expect(offered(one)).toEqual(["phone"]);
  const several = shown(setupWith(["phone", "tablet"]));
  expect(several).toContain("&lt;phone&gt; and tablet ask the router for the same things");
  expect(offered(several)).toEqual(["phone", "tablet"]);
  expect(shown(setupWith(["phone"]), "de")).toContain("Das kann Anna&#39;s &lt;phone&gt; mit einer neuen Adresse sein");
  expect(offered(shown(setupWith([])))).toBeUndefined();
});

it("takes it for that device only when somebody says so", () => {
  const setup = setupWith(["phone"]);
  expect(assignmentOf(setup, setup.clients![0]!.clients[0]!)).not.toHaveProperty("same");
  setup.answers[`device.${client.mac}.same`] = "phone";
  expect(assignmentOf(setup, setup.clients![0]!.clients[0]!)).toMatchObject({ same: "phone" });
});
