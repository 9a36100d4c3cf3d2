import { createHash } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { type FritzBoxEmulator, startFritzBox } from "../emulators/fritzbox/index.ts";

let emulator: FritzBoxEmulator;
afterEach(() => emulator.stop());

const type = "urn:dslforum-org:service:Hosts:1";
const body = (action: string, args = "", of = type) =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${of}">${args}</u:${action}></s:Body></s:Envelope>`;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const uri = "/upnp/control/hosts";

function authorization(challenge: string, nc: string, password = "correct horse battery"): string {
  const nonce = /nonce="(\w+)"/.exec(challenge)![1]!;
  const realm = "F!Box SOAP-Auth";
  const response = md5(`${md5(`personas:${realm}:${password}`)}:${nonce}:${nc}:c0ffee:auth:${md5(`POST:${uri}`)}`);
  return `Digest username="personas", realm="${realm}", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="c0ffee", response="${response}"`;
}
const post = (action: string, options: { auth?: string; soapaction?: string; text?: string; path?: string } = {}) =>
  fetch(`${emulator.url}${options.path ?? uri}`, {
    method: "POST",
    headers: {
      "content-type": 'text/xml; charset="utf-8"',
      soapaction: options.soapaction ?? `"${type}#${action}"`,
      ...(options.auth ? { authorization: options.auth } : {}),
    },
    body: options.text ?? body(action),
  });
const challenged = async () => (await post("X_AVM-DE_GetChangeCounter")).headers.get("www-authenticate")!;
const faultOf = async (response: Response) => Number(/<errorCode>(\d+)</.exec(await response.text())?.[1]);

it("hands out its descriptions to anybody, and everything else after a digest", async () => {
  emulator = await startFritzBox();
  expect(await (await fetch(`${emulator.url}/hostsSCPD.xml`)).text()).toContain("<name>X_AVM-DE_SetPrioritizationByIP</name>");
  const refused = await post("X_AVM-DE_GetChangeCounter");
  expect(refused.status).toBe(401);
  expect(await refused.text()).toMatch(/^<!DOCTYPE html>/);
  const auth = authorization(refused.headers.get("www-authenticate")!, "00000001");
  expect(await (await post("X_AVM-DE_GetChangeCounter", { auth })).text()).toContain("<NewX_AVM-DE_ChangeCounter>17<");
});

it("takes a count once, and a nonce for five minutes", async () => {
  emulator = await startFritzBox();
  const challenge = await challenged();
  const ask = async (nc: string) => (await post("X_AVM-DE_GetChangeCounter", { auth: authorization(challenge, nc) })).status;
  expect(await ask("00000001")).toBe(200);
  expect(await ask("00000001")).toBe(401);
  expect(await ask("00000002")).toBe(200);
  await emulator.time.advance(301_000);
  expect(await ask("00000003")).toBe(401);
  expect(emulator.login.wrong).toBe(0);
});

it("lets nobody in for a while after a wrong password, longer each time", async () => {
  emulator = await startFritzBox();
  const wrong = async () =>
    (await post("X_AVM-DE_GetChangeCounter", { auth: authorization(await challenged(), "00000001", "guess") })).status;
  expect(await wrong()).toBe(401);
  expect(emulator.login.blockedFor).toBe(2);
  expect((await post("X_AVM-DE_GetChangeCounter")).status).toBe(503);
  await emulator.time.advance(3_000);
  expect(await wrong()).toBe(401);
  expect(emulator.login.blockedFor).toBe(4);
});

it("takes many requests without a login for an attack", async () => {
  emulator = await startFritzBox();
  const seen = [];
  for (let i = 0; i < 14; i++) seen.push((await post("X_AVM-DE_GetChangeCounter")).status);
  expect(seen.filter((status) => status === 503)).toHaveLength(2);
});

it("refuses what a FRITZ!Box refuses", async () => {
  emulator = await startFritzBox();
  emulator.seedDevice({ mac: "02:00:00:00:00:11", ipv4: "192.168.178.21" });
  const challenge = await challenged();
  let nc = 0;
  const ask = (action: string, options: Parameters<typeof post>[1] = {}) =>
    post(action, { ...options, auth: authorization(challenge, (++nc).toString(16).padStart(8, "0")) });
  const set = "X_AVM-DE_SetPrioritizationByIP";
  const order = (address: string, value: string) =>
    `<NewIPAddress>${address}</NewIPAddress><NewX_AVM-DE_Priority>${value}</NewX_AVM-DE_Priority>`;
  expect(await faultOf(await ask(set, { soapaction: `${type}#${set}` }))).toBe(401);
  expect(await faultOf(await ask("X_AVM-DE_NoSuchAction"))).toBe(401);
  expect(await faultOf(await ask(set, { text: body(set, order("192.168.178.21", "1"), "urn:other") }))).toBe(401);
  expect(await faultOf(await ask(set))).toBe(402);
  expect(await faultOf(await ask(set, { text: body(set, `${order("192.168.178.21", "1")}<NewMore>1</NewMore>`) }))).toBe(402);
  expect(await faultOf(await ask(set, { text: body(set, order("192.168.178.21", "true")) }))).toBe(600);
  expect(await faultOf(await ask(set, { text: body(set, order("192.168.178.77", "1")) }))).toBe(714);
  expect(emulator.box.writes).toBe(0);
  expect((await ask(set, { text: body(set, order("192.168.178.21", "1")) })).status).toBe(200);
  expect(emulator.box.devices[0]!.priority).toBe(true);
  expect((await fetch(`${emulator.url}/devicehostlist.lua?sid=0000`)).status).toBe(403);
});
