import type { EngineState, RouterClients } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import type { Words } from "../words.ts";
import { type Assignment, type HomeDocument, kindOf, ownerOf } from "./edits.ts";
import { choice, input, onward, problemOf, type StepView, submit } from "./form.ts";
import { namesIn } from "./names.ts";
import type { Setup } from "./state.ts";

type SeenClient = RouterClients["clients"][number];

/** The kinds of device there are, in the order they are offered. */
export const kinds = [
  "laptop",
  "desktop",
  "phone",
  "tablet",
  "console",
  "tv",
  "streamer",
  "speaker",
  "camera",
  "printer",
  "sensor",
  "appliance",
  "server",
  "other",
] as const;

/** Characters that the name of a person or device may have. */
const longestName = 60;

/** Everybody seen, once each: the busiest first among those who are here, so that what matters is on the first screen. */
export function seen({ clients }: Setup): SeenClient[] {
  const byMac = new Map((clients ?? []).flatMap((r) => r.clients).map((c) => [c.mac, c]));
  const carried = ({ carried }: SeenClient) => (carried ? carried.downBytes + carried.upBytes : 0);
  return [...byMac.values()].sort(
    (a, b) => Number(b.connected) - Number(a.connected) || carried(b) - carried(a) || (a.mac < b.mac ? -1 : 1),
  );
}

/** What was said about a client, or what its entry or its own name says where nothing was. */
export function assignmentOf(setup: Setup, client: SeenClient): Assignment {
  const { answers, document, people } = setup;
  const { mac, hostname, maker } = client;
  const entry = document?.devices?.find((d) => d.id === client.device);
  const owner = document?.people?.find((p) => p.devices?.includes(client.device ?? ""))?.id;
  const said = (what: string, otherwise: string) => answers[`device.${mac}.${what}`] ?? otherwise;
  const known = entry?.infrastructure ? "network" : (owner ?? "nobody");
  const guessed = client.thisMachine ? "network" : ownerOf(hostname ?? "", people);
  return {
    mac,
    name: said("name", entry ? (entry.name ?? entry.id) : (hostname ?? maker ?? "")),
    kind: said("kind", entry?.kind ?? kindOf(`${hostname ?? ""} ${maker ?? ""}`)),
    owner: said("owner", entry ? known : guessed),
    ...(entry ? { countsAs: entry.id } : {}),
    ...(said("same", "") ? { same: said("same", "") } : {}),
  };
}

/** What was said about everybody seen, in the home as it is now: somebody else may have assigned devices meanwhile. */
export const assignmentsIn = (setup: Setup, home: HomeDocument): Assignment[] =>
  seen(setup).map((client) => {
    const entry = home.devices?.find(({ macs }) => macs?.some((mac) => mac.toLowerCase() === client.mac));
    return assignmentOf({ ...setup, document: home }, { ...client, device: entry?.id ?? client.device });
  });

export function devicesStep(view: StepView & { state: EngineState }): Markup {
  const { setup, words } = view;
  const all = seen(setup);
  const suggested = namesIn(
    all.flatMap(({ hostname }) => hostname ?? []),
    setup.people,
  );
  const errors = (setup.clients ?? []).flatMap(({ error, errorSaid }) =>
    error === undefined ? [] : [words.troubleText(errorSaid, error)],
  );
  return html`<section class="card" data-key="people"><h3>${words.say("peopleTitle")}</h3>
    <ul class="choices">${setup.people.map(({ id, name = id }) => html`<li data-key="${id}"><span dir="auto">${name}</span> <button type="button" data-do="setup-remove-person" data-person="${id}" aria-label="${words.say("removePerson", { name })}">×</button></li>`)}</ul>
    ${suggested.length > 0 && html`<p>${words.say("suggestedPeople")}</p><p class="actions">${suggested.map((name) => html`<button type="button" data-do="setup-suggested" data-name="${name}" dir="auto">${words.say("addNamed", { name })}</button>`)}</p>`}
    <form data-do="setup-person">${input(view, { form: "person", name: "person.name", label: words.say("personName"), most: longestName })}
    <p class="actions"><button>${words.say("addPerson")}</button></p>${problemOf(view, "person")}</form></section>
    <section class="card" data-key="devices"><h3>${words.say("whoseTitle")}</h3><p>${words.say("whoseHow")}</p>
    ${all.some((c) => c.randomised) && html`<p class="hint">${words.say("privateHow")}</p>`}
    ${all.length > 0 && !all.some((c) => c.carried) && html`<p class="hint">${words.say("notCounted")}</p>`}
    <p class="actions"><button type="button" data-do="setup-clients">${words.say("lookAgain")}</button></p>
    ${errors.map((why) => html`<p class="problem">${words.say("clientsError", { why })}</p>`)}
    ${setup.clients && all.length === 0 && errors.length === 0 && html`<p>${words.say("noClients")}</p>`}
    <form data-do="setup-devices"><ul class="seen">${all.map((client) => device(view, client))}</ul>
    ${problemOf(view, "devices")}<p class="actions">${submit(view, words.say("saveContinue"))}${onward(view)}</p></form></section>`;
}

function device(view: StepView, client: SeenClient): Markup {
  const { setup, words } = view;
  const { mac, hostname, maker } = client;
  const { name, kind, owner } = assignmentOf(setup, client);
  const title = hostname ?? maker ?? mac;
  const owners = [
    ["", words.say("ownerUnsaid")],
    ...setup.people.map((p) => [p.id, p.name ?? p.id] as const),
    ["nobody", words.say("ownerNobody")],
    ["network", words.say("ownerNetwork")],
  ] as const;
  const field = (what: string) => ({ form: "device", name: `device.${mac}.${what}` });
  return html`<li data-key="${mac}"><fieldset><legend dir="auto">${title} ${client.randomised && html`<span class="pill">${words.say("privateAddress")}</span>`}</legend>
    <p class="hint">${factsOf(words, client).join(" · ")}</p>
    ${proposal(view, client)}
    <div class="fields">${choice(view, { ...field("owner"), label: words.say("deviceOwner"), value: owner }, owners)}
    ${choice(
      view,
      { ...field("kind"), label: words.say("deviceKind"), value: kind || "other" },
      kinds.map((k) => [k, words.kind(k)]),
    )}
    ${input(view, { ...field("name"), label: words.say("deviceName"), value: name, most: longestName })}</div></fieldset></li>`;
}

/** Devices of the home it may be with another made-up address; it is none of them until somebody says so. */
function proposal(view: StepView, { mac, maybe = [] }: SeenClient): Markup | false {
  const { setup, words } = view;
  const found = (setup.document?.devices ?? []).filter(({ id }) => maybe.includes(id));
  if (found.length === 0) return false;
  const names = found.map(({ id, name = id }) => name);
  return html`<p class="hint">${words.say(found.length === 1 ? "mayBeOne" : "mayBeSeveral", { names: words.list(names) })}</p>
    ${choice(view, { form: "device", name: `device.${mac}.same`, label: words.say("isItOne") }, [
      ["", words.say("isNone")],
      ...found.map(({ id }, i) => [id, names[i]!] as const),
    ])}`;
}

function factsOf(words: Words, { mac, maker, addresses, connected, thisMachine, firstSeen, carried }: SeenClient): string[] {
  const down = carried && words.bytes(carried.downBytes);
  return [
    ...(maker ? [words.say("madeBy", { maker })] : []),
    mac,
    ...addresses.slice(0, 1),
    ...(thisMachine ? [words.say("thisMachine")] : []),
    ...(connected ? [] : [words.say("notConnected")]),
    ...(firstSeen ? [words.say("seenSince", { time: words.moment(firstSeen) })] : []),
    ...(carried && down ? [words.say("carriedSoFar", { down, up: words.bytes(carried.upBytes) })] : []),
  ];
}
