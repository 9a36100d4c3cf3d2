import type { ApplyOutcome, CalibrationReport, DoctorFinding, EngineState, HistoryEntry, UpcomingEvent } from "../model/index.ts";
import { ApiRefusal, frame as around, call, follow, forgetToken, hasToken, keepToken, takeSetupLink, takeToken } from "./connection.ts";
import { html, type Markup, show } from "./html.ts";
import { dayInput, history } from "./pages/history.ts";
import { network } from "./pages/network.ts";
import { now } from "./pages/now.ts";
import { routers } from "./pages/routers.ts";
import { setup } from "./pages/setup.ts";
import { today } from "./pages/today.ts";
import { type HomeDocument, withRecorded } from "./setup/edits.ts";
import { SetupFlow } from "./setup/flow.ts";
import type { OfferedPersona } from "./setup/state.ts";
import type { Page, View } from "./view.ts";
import { type Key, type Language, Words } from "./words.ts";

const shown = { now, today, network, history, routers } as const satisfies Record<string, Page>;
const pages = { ...shown, setup } as const;
type PageName = keyof typeof pages;
const languageStorage = "network-personas.language";
/** Events come in bursts: what is shown is asked for again at most this often. */
const refreshMs = 400;
const againMs = 2_000;
/** Something that takes longer says that it is under way. */
const patienceMs = 300;
/** Pages that look back, and how often they do at most. */
const pagesWithHistory: Readonly<Partial<Record<string, number>>> = { today: 5_000, history: 60_000 };

const root = document.getElementById("app")!;
const preferred = around?.language ?? localStorage.getItem(languageStorage) ?? navigator.language;
let language: Language = preferred.startsWith("de") ? "de" : "en";
const nothing = { personas: new Map<string, string>(), offered: [] };
let view: Omit<View, "words" | "state"> & { state?: EngineState } = nothing;
let offline = false;
let locked = false;
let notice = "";
let stop = () => {};
let refresh: ReturnType<typeof setTimeout> | undefined;
let loading: Promise<void> = Promise.resolve();
/** When the history of a page was asked for. */
const askedAt = new Map<PageName, number>();

/** "#/setup/line" is the page setup at its step line. */
const place = (): { page: PageName; step: string | undefined } => {
  const [name = "", step] = location.hash.replace(/^#\/?/, "").split("/");
  return { page: name in pages ? (name as PageName) : "now", step };
};
const pageName = (): PageName => place().page;

const flow = new SetupFlow({
  words: () => new Words(language, view.state?.home.timeZone ?? "UTC"),
  state: () => view.state,
  redraw: () => draw(),
  refresh: () => load(),
  told: (error) => told(error),
});
/** Whether somebody came by a link to set the home up. */
let invited = false;
/** The step that was last entered; asked for again with every connection. */
let entered: string | undefined;
function enterSetup(): void {
  // A home that nobody has described yet begins here, and one whose owner comes by a link to set it up while it has no router.
  const { home, routers = [] } = view.state ?? {};
  if ((home?.isNew || (invited && home && routers.length === 0)) && location.hash === "") window.history.replaceState(null, "", "#/setup");
  const { page, step = "" } = place();
  if (page !== "setup" || locked || !view.state) entered = undefined;
  else if (entered !== step) {
    const moved = entered !== undefined;
    entered = step;
    void flow.enter(step).then(() => moved && document.getElementById("step")?.focus());
  }
}

function draw(): void {
  const { state } = view;
  const words = new Words(language, state?.home.timeZone ?? "UTC", (id) => view.personas.get(id) ?? id);
  const current = pageName();
  document.documentElement.lang = language;
  document.title = `${words.say(current)} · ${state?.home.name ?? "Network Personas"}`;
  show(
    root,
    locked
      ? gate(words)
      : frame(words, current, state ? pages[current]({ ...view, state, words, setup: flow.setup }) : html`<p>${words.say("loading")}</p>`),
  );
}

const frame = (words: Words, current: PageName, body: Markup): Markup => html`
  <a class="skip" href="#main" data-do="skip">${words.say("skip")}</a>
  <header class="top"><h1 dir="auto">${view.state?.home.name ?? "Network Personas"}</h1>${!around && html`<button data-do="language" lang="${language === "de" ? "en" : "de"}">${words.say("language")}</button>`}</header>
  <nav aria-label="${words.say("pages")}">${(Object.keys(shown) as PageName[]).map((name) => html`<a href="#/${name}" ${name === current ? html`aria-current="page"` : ""}>${words.say(name)}</a>`)}</nav>
  <p class="notice ${offline ? "lost" : ""}" role="status">${offline ? words.say("offline", { time: view.state ? words.when(view.state.at, new Date().toISOString()) : "–" }) : notice}</p>
  <main id="main" tabindex="-1" data-key="${current}"><h2 class="hidden">${words.say(current)}</h2>${body}</main>
  <footer><a class="button" href="#/setup" ${current === "setup" && html`aria-current="page"`}>${words.say("setup")}</a>${hasToken() && html`<button data-do="forget">${words.say("signOut")}</button>`}</footer>`;

const gate = (words: Words): Markup => html`<main id="main" class="gate"><h1>${words.say("tokenTitle")}</h1><p>${words.say("tokenHow")}</p>
  <pre><code>network-personas token create browser --scope control</code></pre>
  <form><label for="token">${words.say("tokenLabel")}</label><input id="token" type="password" autocomplete="off" required autofocus><button class="main">${words.say("enter")}</button></form>
  <p role="alert">${notice}</p></main>`;

/** Asks for what the stream only said has changed. */
async function load(): Promise<void> {
  const state = await call<EngineState>("GET", "v1/state");
  view = { ...view, state };
  enterSetup();
  draw();
  // Somebody may have turned to another page meanwhile.
  const name = pageName();
  const every = pagesWithHistory[name];
  if (every === undefined || Date.now() - (askedAt.get(name) ?? 0) < every) return;
  askedAt.set(name, Date.now());
  try {
    const more = name === "history" ? { calibration: await call<CalibrationReport>("GET", "v1/calibration") } : await dayOf(state);
    view = { ...view, ...more };
  } catch (error) {
    askedAt.delete(name);
    throw error;
  }
  draw();
}

/** What was of the day, with the hour before it: a prediction lasts. */
async function dayOf(state: EngineState): Promise<Pick<View, "history" | "events">> {
  const from = encodeURIComponent(new Date(Date.parse(state.today.from) - 3_600_000).toISOString());
  const { subjects, today } = state;
  // A hundred devices that do nothing in particular are predicted, too.
  const shown = subjects.filter(
    ({ subject, appliesTo }) => appliesTo === "person" || today.subjects.some((d) => d.subject === subject && d.known > 0),
  );
  const asked = ["kind=applied", ...shown.map(({ subject }) => `subject=${encodeURIComponent(subject)}`)];
  const [events, ...entries] = await Promise.all([
    call<UpcomingEvent[]>("GET", `v1/calendar/upcoming?hours=26&from=${from}`),
    ...asked.map((what) => call<HistoryEntry[]>("GET", `v1/history?limit=10000&from=${from}&${what}`)),
  ]);
  const when = (e: HistoryEntry) => Date.parse(e.kind === "label" ? e.from : e.at);
  return { history: entries.flat().sort((a, b) => when(a) - when(b)), events };
}

/** One load after the other: over a slow line, answers would pile up and overtake each other. */
function soon(): void {
  if (refresh !== undefined) return;
  refresh = setTimeout(async () => {
    await loading;
    refresh = undefined;
    loading = load().catch((error) => {
      told(error);
      // An answer that got lost is asked for again; with a lost connection, everything is anyway.
      if (!(error instanceof ApiRefusal)) setTimeout(() => !offline && soon(), againMs);
    });
  }, refreshMs);
}

function told(error: unknown): void {
  if (error instanceof ApiRefusal && error.status === 401 && !around) {
    stop();
    const words = new Words(language, "UTC");
    // Several requests may be refused at once; the first one tells.
    if (!locked) notice = hasToken() ? words.say("tokenWrong") : "";
    forgetToken();
    view = nothing;
    locked = true;
  } else if (error instanceof ApiRefusal) {
    const words = new Words(language, view.state?.home.timeZone ?? "UTC");
    notice = words.say("failed", { why: words.troubleText(error.said, error.message) });
  }
  draw();
}

async function begin(): Promise<void> {
  locked = false;
  notice = "";
  stop();
  invited = (await takeSetupLink()) || invited;
  const offered = (await call<OfferedPersona[]>("GET", "v1/personas")).map(({ persona }) => persona);
  view = { ...view, offered, personas: new Map(offered.map(({ id, name }) => [id, name])) };
  stop = follow({
    snapshot(state) {
      offline = false;
      askedAt.clear();
      // What was asked over a connection that died may never be answered.
      clearTimeout(refresh);
      refresh = undefined;
      loading = Promise.resolve();
      view = { ...view, state };
      enterSetup();
      draw();
      soon();
    },
    changed: soon,
    lost() {
      offline = true;
      notice = "";
      draw();
      // A stream that is refused looks like a lost one: only a request tells whether the token still counts.
      call("GET", "v1/state").catch((error) => error instanceof ApiRefusal && told(error));
    },
  });
}

/** The engine may be starting: nobody should have to reload. */
function start(): void {
  begin().catch((error) => {
    told(error);
    if (error instanceof ApiRefusal && !around) return;
    offline = !(error instanceof ApiRefusal);
    draw();
    setTimeout(start, againMs);
  });
}

const sure: Partial<Record<string, Key>> = {
  rollback: "rollBackSure",
  release: "releaseSure",
  forgetDay: "forgetDaySure",
  forgetPerson: "forgetPersonSure",
  forgetADay: "forgetADaySure",
  recordNot: "recordNotSure",
  testRollback: "testRollbackSure",
};
const commands: Readonly<Record<string, (data: DOMStringMap) => Promise<unknown>>> = {
  override: ({ subject, persona }) => call("POST", "v1/overrides", { subject, persona, source: "pages" }),
  automatic: ({ subject }) => call("DELETE", `v1/overrides/${encodeURIComponent(subject!)}`),
  apply: () => onRouters("v1/apply"),
  rollback: () => onRouters("v1/rollback"),
  release: () => onRouters("v1/release"),
  pause: () => call("POST", "v1/pause", { minutes: 60 }),
  forgetDay: ({ from }) => forgotten(`from=${encodeURIComponent(from!)}`),
  forgetADay: () => forgotten(`day=${encodeURIComponent(chosenDay())}`),
  record: ({ subject }) => record(subject!, true),
  recordNot: ({ subject }) => record(subject!, false),
  forgetPerson: ({ subject }) => forgotten(`subject=${encodeURIComponent(subject!)}`),
  doctor: async () => {
    view = { ...view, findings: await call<DoctorFinding[]>("GET", "v1/doctor") };
  },
  testRollback: async ({ router }) => {
    notice = new Words(language, "UTC").say("testingRollback", { name: router! });
    draw();
    view = { ...view, findings: await call<DoctorFinding[]>("POST", "v1/doctor/test-rollback", { router }) };
  },
};

/** Tells what could not be done at the routers, and what it means that nothing was written. */
async function onRouters(path: string): Promise<string | undefined> {
  const outcomes = await call<ApplyOutcome[]>("POST", path);
  const words = new Words(language, view.state?.home.timeZone ?? "UTC");
  const failed = outcomes.flatMap(({ router, error }) => {
    const why = error && words.troubleText(error.said, error.message);
    return why === undefined ? [] : why.startsWith(`${router}: `) ? why : `${router}: ${why}`;
  });
  if (failed.length > 0) return words.say("failed", { why: failed.join("; ") });
  return outcomes.some(({ result }) => result === "previewed") ? words.say("previewed") : undefined;
}

const chosenDay = (): string => document.querySelector<HTMLInputElement>(`[name="${dayInput}"]`)?.value ?? "";

/** Writes into the home whether anything is recorded of a person. */
async function record(subject: string, recorded: boolean, attempts = 3): Promise<void> {
  const { document: home, etag } = await call<{ document: HomeDocument; etag: string }>("GET", "v1/home");
  try {
    await call("PUT", "v1/home", withRecorded(home, subject, recorded), { "if-match": `"${etag}"` });
  } catch (error) {
    // Somebody else edited it in the same moment.
    if (!(error instanceof ApiRefusal && error.status === 409 && attempts > 1)) throw error;
    await record(subject, recorded, attempts - 1);
  }
}

async function forgotten(what: string): Promise<void> {
  await call("DELETE", `v1/history?${what}`);
  askedAt.clear();
}

root.addEventListener("click", (event) => {
  const pressed = (event.target as Element).closest<HTMLElement>("button[data-do], a[data-do]");
  const what = pressed?.dataset.do;
  if (!pressed || !what) return;
  const words = new Words(language, "UTC");
  if (what === "skip") {
    event.preventDefault();
    document.getElementById("main")?.focus();
  } else if (what === "language") {
    language = language === "de" ? "en" : "de";
    localStorage.setItem(languageStorage, language);
    notice = "";
    draw();
  } else if (what === "forget") {
    forgetToken();
    start();
  } else if (!flow.act(what, pressed.dataset)) {
    if (what === "forgetADay" && !chosenDay()) {
      notice = words.say("whichDay");
      return draw();
    }
    const question = sure[what];
    const name = pressed.dataset.name ?? (what === "forgetADay" ? words.moment(`${chosenDay()}T12:00:00Z`, true) : "");
    if (question && !confirm(words.say(question, { name }))) return;
    void carryOut(() => commands[what]!(pressed.dataset));
  }
});

/** Says how something goes that somebody pressed; what is said twice in a row is heard twice as well. */
async function carryOut(command: () => Promise<unknown>): Promise<void> {
  const words = new Words(language, "UTC");
  const say = (text: string) => {
    notice = text;
    draw();
  };
  if (notice) say("");
  const waiting = setTimeout(() => notice === "" && say(words.say("working")), patienceMs);
  try {
    const said = await command();
    say(typeof said === "string" ? said : words.say("done"));
  } catch (error) {
    if (error instanceof ApiRefusal) return told(error);
    // A browser tells a connection that failed by a TypeError; anything else is a fault of this page.
    if (!(error instanceof TypeError)) console.error(error);
    return say(words.say("notAnswered"));
  } finally {
    clearTimeout(waiting);
  }
  await load().catch(told);
}
root.addEventListener("submit", (event) => {
  event.preventDefault();
  if (flow.act((event.target as HTMLElement).dataset.do ?? "", {})) return;
  keepToken((document.getElementById("token") as HTMLInputElement).value.trim());
  start();
});
const heard = (event: Event) => {
  const input = event.target;
  const [file] = (input instanceof HTMLInputElement && input.files) || [];
  if (file) return flow.take(file);
  if (input instanceof HTMLInputElement && input.type === "checkbox") flow.hear(input.name, input.checked ? "on" : "");
  else if (input instanceof HTMLInputElement || input instanceof HTMLSelectElement) flow.hear(input.name, input.value);
};
root.addEventListener("input", heard);
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#setup=")) return start();
  takeToken();
  notice = "";
  view = { ...view, history: undefined, calibration: undefined };
  askedAt.clear();
  enterSetup();
  draw();
  if (!locked) soon();
});

if (around) document.documentElement.style.colorScheme = around.dark ? "dark" : "light";
takeToken();
draw();
start();
