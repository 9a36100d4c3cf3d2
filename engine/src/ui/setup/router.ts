import type { DoctorFinding, DriverOffer, EngineState, RouterTrial } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { finding, namesOnScreen } from "../view.ts";
import { input, onward, problemOf, type StepView, submit } from "./form.ts";

export function routerStep(view: StepView & { state: EngineState }): Markup {
  const { setup, words } = view;
  const [connected] = setup.document?.routers ?? [];
  const offer = setup.drivers.find(({ driver }) => driver === setup.driver);
  return html`
    <p class="hint">${!connected && !offer ? words.say("welcome") : ""}</p>
    <section class="card" data-key="connected">${connected && !offer ? isConnected(view, connected.id, connected.driver) : ""}</section>
    <section class="card" data-key="find">${!connected || offer ? find(view) : ""}</section>
    <section class="card" data-key="login-${offer?.driver ?? ""}">${offer ? login(view, offer) : ""}</section>
    <section class="card" data-key="trial" aria-live="polite">${setup.trial && offer ? trialOf(view, setup.trial) : ""}</section>`;
}

function isConnected(view: StepView & { state: EngineState }, id: string, driver: string): Markup {
  const { setup, words, state } = view;
  const name = setup.drivers.find((d) => d.driver === driver)?.name ?? driver;
  const { identity } = setup.trial ?? {};
  const what = identity ? nameOf(identity) : `${name} (${id})`;
  const error = state.routers.find(({ router }) => router === id)?.error;
  return html`<h3 tabindex="-1" id="connected">${words.say(error ? "notConnectedYet" : "connected", { what })}</h3>
    ${error && html`<p class="problem">${words.trouble(error.said, error.message)}</p>`}
    ${setup.trial && findings(view, setup.trial.findings)}
    <p class="actions">${onward(view, true)}<button type="button" data-do="setup-change">${words.say("changeLogin")}</button></p>`;
}

/** What came of connecting, shown where it leads. */
export function justConnected(view: StepView): Markup | "" {
  const { identity, findings: found, ready } = view.setup.trial ?? {};
  if (!ready || !identity || !found) return "";
  return html`<section class="card" data-key="just-connected"><h3>${view.words.say("connected", { what: nameOf(identity) })}</h3>${findings(view, found)}</section>`;
}

const nameOf = ({ vendor, model, firmware }: NonNullable<RouterTrial["identity"]>): string => `${vendor} ${model} ${firmware}`;

function find(view: StepView): Markup {
  const { setup, words } = view;
  return html`<h3>${words.say("findRouter")}</h3><p>${words.say("findHow")}</p>
    <p class="actions"><button type="button" data-do="setup-find-near">${words.say("lookForIt")}</button></p>
    <form data-do="setup-find">${input(view, { form: "find", name: "address", label: words.say("address"), placeholder: "192.168.1.1" })}
    <p class="actions">${submit(view, words.say("lookThere"))}</p>${problemOf(view, "find")}</form>
    <div role="status">${setup.looking && html`<p>${words.say("lookingForIt")}</p>`}${
      setup.found &&
      (setup.found.length === 0
        ? html`<p>${words.say("foundNone")}</p>`
        : html`<p>${words.say("found")}:</p><ul class="choices">${setup.found.map(({ driver, url }) => html`<li><button type="button" data-do="setup-choose" data-driver="${driver}" data-url="${url}" aria-pressed="${String(driver === setup.driver && setup.answers["router.url"] === url)}">${words.say("foundAt", { name: setup.drivers.find((d) => d.driver === driver)?.name ?? driver, url })}</button></li>`)}</ul>`)
    }</div>
    <details><summary>${words.say("chooseKind")}</summary><ul class="choices">${setup.drivers.map(({ driver, name }) => html`<li><button type="button" data-do="setup-choose" data-driver="${driver}" aria-pressed="${String(driver === setup.driver)}">${name}</button></li>`)}</ul></details>`;
}

function login(view: StepView, offer: DriverOffer): Markup {
  const { setup, words } = view;
  const { language } = words;
  const keep = setup.trial !== null && !setup.trial.ready;
  return html`<h3 tabindex="-1" id="login">${words.say("logIn", { name: offer.name })}</h3>
    <details><summary>${words.say("prepare")}</summary><p>${offer.prepare[language]}</p>${offer.commands && html`<pre tabindex="0"><code>${offer.commands}</code></pre>`}</details>
    <form data-do="setup-router">${offer.questions.map(({ field, label, required, secret, suggestion }) =>
      input(view, {
        form: "router",
        name: `router.${field}`,
        label: label[language],
        type: secret ? "password" : "text",
        placeholder: suggestion,
        ...(field === "username" && suggestion ? { value: suggestion } : {}),
        ...(required ? {} : { hint: words.say("optional") }),
      }),
    )}
    ${problemOf(view, "router")}
    <p class="actions">${submit(view, words.say("connect"))}${keep && html`<button type="button" data-do="setup-keep-router">${words.say("keepAnyway")}</button>`}</p></form>`;
}

const trialOf = (view: StepView, trial: RouterTrial): Markup =>
  html`${!trial.ready && html`<p class="problem" tabindex="-1" id="not-ready">${view.words.say("notReady")}</p>`}${findings(view, trial.findings)}`;

/** What the check-up found that is worth reading, with what to do. */
export function findings({ setup, words }: StepView, all: readonly DoctorFinding[]): Markup {
  const worth = ["failed", "warning"].flatMap((status) => all.filter((f) => f.status === status));
  if (worth.length === 0) return html`<p>${words.say("allRights")}</p>`;
  const driver = setup.driver ?? setup.document?.routers?.[0]?.driver;
  const called = namesOnScreen(words, setup.drivers.find((d) => d.driver === driver)?.questions);
  const title = (f: DoctorFinding) => words.say(f.status === "failed" ? "doctor-failed" : "warning");
  return html`<ul class="list findings">${worth.map((f) => html`<li class="${f.status}"><strong>${title(f)}</strong> ${finding(words, f, called)}</li>`)}</ul>`;
}
