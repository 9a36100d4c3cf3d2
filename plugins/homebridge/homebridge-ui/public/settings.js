import { speaking } from "./words.js";

/* global homebridge */
// Runs in the Homebridge UI as it is; the page keeps everything in the config that it does not know.

const id = (name) => document.getElementById(name);
const platform = "NetworkPersonas";
/** Our block of config.json. */
let config;
/** The home file that Homebridge has been told of already. */
let savedHome;
let { language, say } = speaking("en");
/** What the last successful test found, or what the config alone tells. */
let found;

/** Hands the config to the UI, whose Save button writes it. */
const keep = () => homebridge.updatePluginConfig([config]);

/** Sets a field, or takes out one that says nothing: the UI merges what it is given, and keeps a field that is merely missing. */
function set(field, value) {
  config[field] = value === "" ? undefined : value;
  keep();
}

function showWhere(where) {
  id(`where-${where}`).checked = true;
  for (const element of document.querySelectorAll("[data-where]")) element.hidden = element.dataset.where !== where;
  id("test").hidden = false;
}

/** Only one of the two ways is kept; the other stays in its fields until the page is closed. */
function chooseWhere(where) {
  showWhere(where);
  const here = where === "here";
  if (here && id("home").value === "") id("home").value = id("home").placeholder;
  set("url", here ? "" : id("url").value.trim());
  set("token", here ? "" : id("token").value.trim());
  set("home", here ? id("home").value.trim() : "");
  if (here) void test();
}

function tell(where, text, kind = "") {
  id(where).textContent = text;
  id(where).className = kind;
}

/** Asks our server, which answers in the reader's language. */
const ask = (path, order = {}) => homebridge.request(path, { settings: config, language, ...order });
const whyOf = (error) => error.message || say("noAnswer");

async function test() {
  id("test").disabled = true;
  tell("result", say("connecting"));
  id("starter").hidden = true;
  try {
    found = await ask("/look");
    const { running, problems, people } = found;
    const isNew = people.length === 0;
    const key = running ? (isNew ? "connectedNew" : "connected") : config.home === savedHome ? "foundSaved" : isNew ? "foundNew" : "found";
    const what = say(key, { home: found.home, people: people.length, personas: found.personas.length });
    const lines = [what, ...problems.map((problem) => say("toLookAt", { what: problem }))];
    tell("result", lines.join("\n"), problems.length > 0 || key === "foundSaved" ? "np-look" : "np-good");
    await findPages(running);
  } catch (error) {
    found = undefined;
    showPages({});
    const noFile = error.error?.code === "no-file";
    tell("result", noFile ? "" : whyOf(error), "np-danger");
    id("starter").hidden = !noFile;
  } finally {
    showChoice();
    id("test").disabled = false;
  }
}

function showPages({ url = "", onlyHere = false }) {
  id("pages").hidden = url === "";
  id("pages-link").href = url;
  id("only-here").hidden = !onlyHere;
}

/** The link to the engine's pages, or the offer to let this device open them. */
async function findPages(running) {
  if (!running) return showPages({});
  try {
    showPages(await ask("/pages", { hostname: location.hostname }));
  } catch (error) {
    const onlyHere = error.error?.code === "only-here";
    showPages({ onlyHere });
    if (!onlyHere) tell("result", `${id("result").textContent}\n${whyOf(error)}`, "np-look");
  }
}

async function letIn() {
  try {
    await ask("/let-in");
    showPages({});
    tell("result", say("letInDone"), "np-good");
  } catch (error) {
    tell("result", whyOf(error), "np-danger");
  }
}

/** Asked twice: the UI shows this page without the right to open a dialog. */
function askRelease(asking) {
  id("release").hidden = asking;
  id("release-sure").hidden = !asking;
  id(asking ? "release-no" : "release").focus();
}
async function release() {
  askRelease(false);
  tell("release-result", say("removing"));
  try {
    const routers = await ask("/release");
    tell("release-result", say("released", { routers: routers.join(", ") || say("noRouter") }), "np-good");
  } catch (error) {
    tell("release-result", say("notReleased", { why: whyOf(error).replace(/\.$/, "") }), "np-danger");
  }
}

async function create() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const answers = { name: say("starterHome"), letIn: id("starter-let-in").checked, timeZone };
  try {
    await ask("/create", { answers });
    id("starter-problem").textContent = "";
    await test();
  } catch (error) {
    id("starter-problem").textContent = whyOf(error);
  }
}

function checkbox(label, checked, change, title = "") {
  const element = document.createElement("label");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.className = "form-check-input";
  input.checked = checked;
  input.addEventListener("change", () => change(input.checked));
  if (title) element.title = title;
  element.append(input, ` ${label}`);
  return element;
}

/** A list with or without an entry, in the order of `all`. Entries the engine does not know stay. */
function toggled(list, entry, on, all) {
  const wanted = new Set(on ? [...list, entry] : list.filter((one) => one !== entry));
  return [...all.filter((one) => wanted.has(one)), ...[...wanted].filter((one) => !all.includes(one))];
}

const personaIds = () => found.personas.map((persona) => persona.id);
/** What an empty list of the whole home's personas means. */
const usual = () => found.personas.filter((persona) => persona.usual).map((persona) => persona.id);

function showChoice() {
  id("nothing").hidden = Boolean(found);
  id("choice").hidden = !found;
  if (!found) return;
  id("language").value = config.language ?? "en";
  id("whole-home").checked = config.wholeHome !== false;
  id("home-personas").replaceChildren(
    ...found.personas.map(({ id: persona, name, description }) => {
      const chosen = () => (config.personas?.length > 0 ? config.personas : usual());
      const change = (on) => {
        const next = toggled(chosen(), persona, on, personaIds());
        // An empty list would mean all of them.
        if (next.length === 0) id("whole-home").click();
        set("personas", next.join() === usual().join() || next.length === 0 ? undefined : next);
        if (next.length === 0) showChoice();
      };
      return checkbox(name, chosen().includes(persona), change, description);
    }),
  );
  id("people").replaceChildren(...found.people.map(personCard));
}

/** What the config says of a person; edits put the person into it, and nothing chosen takes the person out. */
function choiceOf(person) {
  return (config.people ?? []).find((entry) => entry.id === person) ?? { id: person };
}
function changePerson(person, change) {
  const choice = { ...choiceOf(person), ...change };
  for (const [field, value] of Object.entries(choice))
    if (value === false || (Array.isArray(value) && value.length === 0)) delete choice[field];
  const people = config.people ?? [];
  const index = people.findIndex((entry) => entry.id === person);
  const empty = Object.keys(choice).length === 1;
  const next = index < 0 ? [...people, choice] : people.with(index, choice);
  set("people", empty ? next.filter((entry) => entry.id !== person) : next);
}

function personCard({ id: person, name, active, how }) {
  const card = id("person").content.cloneNode(true).firstElementChild;
  fillWords(card);
  card.querySelector(".np-name").textContent = name;
  card.querySelector(".np-now").textContent = active ? say("now", { persona: active, how: say(how.by, { share: how.share }) }) : "";
  for (const input of card.querySelectorAll("[data-flag]")) {
    const { flag } = input.dataset;
    input.checked = choiceOf(person)[flag] === true;
    input.addEventListener("change", () => changePerson(person, { [flag]: input.checked }));
  }
  const rows = found.personas.map(({ id: persona, name: title, description }) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = title;
    head.title = description;
    row.append(head);
    for (const [field, what] of [
      ["personas", "switch"],
      ["active", "isActive"],
      ["likely", "isLikely"],
    ]) {
      const cell = document.createElement("td");
      const box = checkbox("", (choiceOf(person)[field] ?? []).includes(persona), (on) =>
        changePerson(person, { [field]: toggled(choiceOf(person)[field] ?? [], persona, on, personaIds()) }),
      );
      box.firstElementChild.setAttribute("aria-label", `${name} ${title} ${say(what)}`);
      cell.append(box);
      row.append(cell);
    }
    return row;
  });
  card.querySelector("tbody").replaceChildren(...rows);
  return card;
}

/** Puts the words of the reader's language where the page names them. */
function fillWords(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say, { ...element.dataset });
  for (const element of root.querySelectorAll("[data-title]")) element.title = say(element.dataset.title);
}

/** Whether there is nothing in the config yet but what Homebridge needs. */
const isNew = () => Object.keys(config).every((field) => ["platform", "name", "_bridge"].includes(field));

/** Fills the page from the config. */
function fill() {
  for (const field of ["url", "token", "home"]) id(field).value = config[field] ?? "";
  if (config.url || config.home) showWhere(config.url ? "remote" : "here");
  id("release-on-removal").checked = config.releaseOnRemoval !== false;
  const select = id("forced-for");
  const minutes = config.forcedFor === undefined ? "" : String(config.forcedFor);
  if (![...select.options].some(({ value }) => value === minutes)) select.add(new Option(say("minutes", { count: minutes }), minutes));
  select.value = minutes;
  showChoice();
}

async function start() {
  ({ language, say } = speaking(await homebridge.i18nCurrentLang().catch(() => "en")));
  document.documentElement.lang = language;
  fillWords(document);
  const blocks = await homebridge.getPluginConfig();
  config = blocks[0] ?? { platform, name: "Network Personas" };
  savedHome = config.home;
  // Nothing has been set up yet where nothing was saved.
  id("leaving").hidden = !config.url && !config.home;
  // Who begins gets names in the language of this page; whose accessories have names keeps them.
  if (isNew()) config.language = language;
  fill();
  for (const field of ["url", "token", "home"]) id(field).addEventListener("input", () => set(field, id(field).value.trim()));
  id("url").addEventListener("change", () => {
    const address = id("url").value.trim();
    if (!/^$|^\w+:\/\//.test(address)) id("url").value = `http://${address}`;
    set("url", id("url").value.trim());
  });
  for (const where of ["remote", "here"]) id(`where-${where}`).addEventListener("change", () => chooseWhere(where));
  id("test").addEventListener("click", test);
  id("create").addEventListener("click", create);
  id("let-in").addEventListener("click", letIn);
  id("release").addEventListener("click", () => askRelease(true));
  id("release-no").addEventListener("click", () => askRelease(false));
  id("release-yes").addEventListener("click", release);
  id("release-on-removal").addEventListener("change", ({ target }) => set("releaseOnRemoval", target.checked ? undefined : false));
  id("language").addEventListener("change", ({ target }) => set("language", target.value));
  id("whole-home").addEventListener("change", () => set("wholeHome", id("whole-home").checked ? undefined : false));
  id("forced-for").addEventListener("change", ({ target }) => set("forcedFor", target.value === "" ? undefined : Number(target.value)));
  id("form").addEventListener("click", () => {
    id("form").disabled = true;
    // The form shows what the UI has been given. A UI that had nothing when it opened this page looks again only when its spinner turns.
    keep();
    homebridge.showSchemaForm();
    homebridge.showSpinner();
    homebridge.hideSpinner();
  });
  homebridge.addEventListener("configChanged", ({ data }) => {
    config = data[0] ?? config;
    fill();
  });
  if (config.url || config.home) await test();
}

void start();
