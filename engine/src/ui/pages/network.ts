import type { DevicePlan, PlanView } from "../../model/index.ts";
import { inEnglish, type Sentence } from "../../model/sentence.ts";
import { html, type Markup } from "../html.ts";
import { type Page, subjectName, type View } from "../view.ts";
import type { Words } from "../words.ts";

export const network: Page = (view) => {
  const { state, words } = view;
  const { plan } = state;
  if (!plan) return html`<p>${words.say("noPlan")}</p>`;
  const omissions = plan.routers.flatMap((r) => r.omissions);
  return html`${line(view, plan)}
    <section class="card"><h2>${words.say("devices")}</h2><ul class="devices">${alike(words, plan).map((same) => (same.length < manyAlike ? same.map((d) => device(view, plan, d)) : together(view, plan, same)))}</ul></section>
    <section class="card"><h2>${words.say("refused")}</h2>${plan.refusals.length === 0 ? html`<p>${words.say("nothingRefused")}</p>` : html`<ul>${plan.refusals.map((r) => html`<li>${words.reason(r.said?.what, r.what)}: ${words.reason(r.said?.because, r.because)}</li>`)}</ul>`}</section>
    <section class="card"><h2>${words.say("omitted")}</h2>${
      omissions.length === 0
        ? html`<p>${words.say("nothingOmitted")}</p>`
        : html`<ul>${[...Map.groupBy(omissions, (o) => JSON.stringify([o.wanted, o.why, o.instead])).values()].map((same) => {
            const { wanted, why, instead, said } = same[0]!;
            const names = [...new Set(same.flatMap((o) => (o.device ? [subjectName(view, o.device)] : [])))].join(", ");
            return html`<li><strong>${words.reason(said?.wanted, wanted)}</strong>${names && ` (${names})`}: ${words.reason(said?.why, why)}${instead && html`; ${words.say("instead")} ${words.reason(said?.instead, instead)}`}</li>`;
          })}</ul>`
    }</section>`;
};

function line({ state, words }: View, { plan }: PlanView): Markup {
  const ways = ["down", "up"] as const;
  const { line: seen } = state;
  const stated = ways.flatMap((way) =>
    seen && seen.inForce[way] < seen.stated[way]
      ? [`${words.say(way === "down" ? "lineDown" : "lineUp")} ${words.rate(seen.stated[way])}`]
      : [],
  );
  return html`<section class="card"><h2>${words.say("line")}</h2>${ways.map((way) => {
    const whole = plan.lines.reduce((sum, l) => sum + l.shaper[way], 0);
    const text = seen
      ? words.say("carries", { rate: words.rate(seen.carried[way]), whole: words.rate(whole) })
      : words.say("planned", { rate: words.rate(whole) });
    return html`<p class="meter"><span class="label">${words.say(way === "down" ? "lineDown" : "lineUp")}</span><span class="track"><span class="fill tone-0" data-share="${seen ? Math.min(1, seen.carried[way] / Math.max(1, whole)) : 0}"></span></span><span>${text}</span></p>`;
  })}${stated.length > 0 && html`<p>${words.say("slower", { rate: words.list(stated) })}</p>`}</section>`;
}

function device(view: View, { plan, reasons }: PlanView, d: DevicePlan): Markup {
  const { words } = view;
  const whole = plan.lines.reduce((sum, l) => sum + l.shaper.down, 0);
  const facts = promisesOf(words, d);
  const why = causes(
    words,
    reasons.filter((r) => r.device === d.device),
  );
  return html`<li data-key="${d.device}"><h3 dir="auto">${subjectName(view, d.device)} <span class="pill">${words.trafficClass(d.class)}</span></h3>
    <div class="track" aria-hidden="true"><span class="fill tone-1" data-share="${Math.min(1, d.guarantee.down / whole)}"></span></div>
    <p>${facts.join(" · ")}</p>${why.length > 0 && html`<details><summary>${words.say("why")}</summary><ul>${why.map((text) => html`<li>${text}</li>`)}</ul></details>`}</li>`;
}

/** Each cause once, and after all of them, once, why what was before is kept. */
function causes(words: Words, reasons: PlanView["reasons"]): Markup[] {
  const [said, kept] = [new Map<string, Markup>(), new Map<string, Markup>()];
  for (const { said: whole, because } of reasons) {
    const { because: cause, held } = (whole?.key === "heldBecause" ? whole.with : {}) as Partial<Record<string, Sentence>>;
    if (held) kept.set(held.key, words.reason(held, held.key));
    said.set(cause ? inEnglish(cause) : because, words.reason(cause ?? whole, because));
  }
  return [...said.values(), ...kept.values()];
}

/** From so many on, devices that get the same are shown as one. */
const manyAlike = 5;

/** Devices by what they get, in the order of the first of each. */
const alike = (words: Words, { plan }: PlanView): DevicePlan[][] => [
  ...Map.groupBy(plan.devices, (d) => [d.class, ...promisesOf(words, d)].join("|")).values(),
];

function together(view: View, plan: PlanView, same: readonly DevicePlan[]): Markup {
  const { words } = view;
  const [first] = same;
  if (!first) return html``;
  const promised = promisesOf(words, first).join(" · ");
  return html`<li data-key="alike-${first.class}-${promised}"><h3>${words.say("manyDevices", { count: same.length })} <span class="pill">${words.trafficClass(first.class)}</span></h3>
    <p>${promised}</p><details><summary>${words.say("whichDevices")}</summary><ul class="devices">${same.map((d) => device(view, plan, d))}</ul></details></li>`;
}

function guaranteed(words: Words, { down, up }: DevicePlan["guarantee"]): string {
  if (down > 0 && up > 0) return words.say("sure", { down: words.rate(down), up: words.rate(up) });
  if (down > 0 || up > 0) return words.sentence("optionAtLeast", { rate: Math.max(down, up), way: down > 0 ? "down" : "up" });
  return words.say("shares");
}

/** What a device is promised and denied, in words. */
export const promisesOf = (words: Words, d: DevicePlan): string[] => [
  guaranteed(words, d.guarantee),
  ...(["down", "up"] as const).flatMap((way) => {
    const rate = d.ceiling[way];
    return rate === null ? [] : [words.sentence("optionAtMost", { rate, way })];
  }),
  ...(d.blocked ? [words.sentence("noInternet")] : []),
  ...(d.inboundClosed ? [words.sentence("inboundClosed")] : []),
  ...(d.isolated ? [words.sentence("isolated")] : []),
  ...(d.blockedApplications.length > 0 ? [words.say("apps", { apps: d.blockedApplications.join(", ") })] : []),
];
