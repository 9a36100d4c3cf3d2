/* global homebridge */
// Runs in the Homebridge UI as it is; the page keeps everything in the config that it does not know.

const id = (name) => document.getElementById(name);
const platform = "NetworkPersonas";
/** Our block of config.json. */
let config;
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
  id("remote").hidden = where !== "remote";
  id("here").hidden = where !== "here";
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
}

function say(text, kind = "") {
  id("result").textContent = text;
  id("result").className = kind;
}

async function test() {
  id("test").disabled = true;
  say("Connecting…");
  id("starter").hidden = true;
  try {
    found = await homebridge.request("/look", config);
    const { home, running, people, personas } = found;
    const what = `${home}: ${people.length} people, ${personas.length} personas.`;
    const problems = found.problems.map((problem) => `\nTo look at: ${problem}`).join("");
    if (running) say(`Connected to ${what}${problems}`, problems ? "text-warning" : "text-success");
    else
      say(
        `Found ${what} Choose below and save; its engine starts when you restart Homebridge.${problems}`,
        problems ? "text-warning" : "text-success",
      );
    await findPages(running);
  } catch (error) {
    found = undefined;
    showPages({});
    const noFile = error.error?.code === "no-file";
    say(error.message || "There was no answer.", noFile ? "" : "np-danger");
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
    showPages(await homebridge.request("/pages", { settings: config, hostname: location.hostname }));
  } catch (error) {
    showPages({ onlyHere: error.error?.code === "only-here" });
  }
}

async function letIn() {
  try {
    await homebridge.request("/let-in", { settings: config });
    showPages({});
    say("From the next restart of Homebridge on, the devices of your home can open the engine's pages.", "text-success");
  } catch (error) {
    say(error.message, "np-danger");
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
  const told = (text, kind) => {
    id("release-result").textContent = text;
    id("release-result").className = kind;
  };
  told("Removing…", "");
  try {
    const routers = await homebridge.request("/release", { settings: config });
    told(`Nothing of ours is left on: ${routers.join(", ") || "no router"}. You can uninstall the plugin now.`, "text-success");
  } catch (error) {
    told(
      `Not everything could be removed: ${error.message}. Keep the plugin for now: a router that does not answer is cleaned by itself once it does; what else is wrong, mend and press again.`,
      "np-danger",
    );
  }
}

async function create() {
  const people = id("starter-people")
    .value.split("\n")
    .map((name) => name.trim())
    .filter(Boolean);
  const answers = {
    name: id("starter-name").value,
    down: id("starter-down").value,
    up: id("starter-up").value,
    letIn: id("starter-let-in").checked,
    people,
  };
  try {
    await homebridge.request("/create", { settings: config, answers });
    id("starter-problem").textContent = "";
    await test();
  } catch (error) {
    id("starter-problem").textContent = error.message;
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
  card.querySelector(".np-name").textContent = name;
  card.querySelector(".np-now").textContent = active ? `now: ${active}, ${how}` : "";
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
      ["active", "is active"],
      ["likely", "is likely soon"],
    ]) {
      const cell = document.createElement("td");
      const box = checkbox("", (choiceOf(person)[field] ?? []).includes(persona), (on) =>
        changePerson(person, { [field]: toggled(choiceOf(person)[field] ?? [], persona, on, personaIds()) }),
      );
      box.firstElementChild.setAttribute("aria-label", `${name} ${title} ${what}`);
      cell.append(box);
      row.append(cell);
    }
    return row;
  });
  card.querySelector("tbody").replaceChildren(...rows);
  return card;
}

/** Fills the page from the config. */
function fill() {
  for (const field of ["url", "token", "home"]) id(field).value = config[field] ?? "";
  if (config.url || config.home) showWhere(config.url ? "remote" : "here");
  const select = id("forced-for");
  const minutes = config.forcedFor === undefined ? "" : String(config.forcedFor);
  if (![...select.options].some(({ value }) => value === minutes)) select.add(new Option(`${minutes} minutes`, minutes));
  select.value = minutes;
  showChoice();
}

async function start() {
  const blocks = await homebridge.getPluginConfig();
  config = blocks[0] ?? { platform, name: "Network Personas" };
  fill();
  for (const field of ["url", "token", "home"]) id(field).addEventListener("input", () => set(field, id(field).value.trim()));
  for (const where of ["remote", "here"]) id(`where-${where}`).addEventListener("change", () => chooseWhere(where));
  id("test").addEventListener("click", test);
  id("create").addEventListener("click", create);
  id("let-in").addEventListener("click", letIn);
  id("release").addEventListener("click", () => askRelease(true));
  id("release-no").addEventListener("click", () => askRelease(false));
  id("release-yes").addEventListener("click", release);
  id("whole-home").addEventListener("change", () => set("wholeHome", id("whole-home").checked ? undefined : false));
  id("forced-for").addEventListener("change", ({ target }) => set("forcedFor", target.value === "" ? undefined : Number(target.value)));
  id("form").addEventListener("click", () => {
    id("form").disabled = true;
    homebridge.showSchemaForm();
  });
  homebridge.addEventListener("configChanged", ({ data }) => {
    config = data[0] ?? config;
    fill();
  });
  if (config.url || config.home) await test();
}

void start();
