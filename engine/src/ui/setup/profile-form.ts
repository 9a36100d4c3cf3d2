import type { EngineState, PlanView } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import type { Words } from "../words.ts";
import { choice, input, problemOf, type StepView, submit, tick } from "./form.ts";
import { isRefusedAnew, previewOf, whatIsDone } from "./preview.ts";
import { type Demand, emptyDemand, type Field, inputName, type Profile, type ProfileForm } from "./profile.ts";
import type { Adjusting } from "./state.ts";

type FormView = StepView & { state: EngineState; form: ProfileForm };
const formName = "profile";

/** The profile of one persona, a field for everything its schema has, with what would change beside it. */
export function adjustStep(view: StepView & { state: EngineState }, adjusting: Adjusting): Markup {
  const { setup, words, state } = view;
  const { entry, fields, profile, form, subjects } = adjusting;
  const formView = { ...view, form };
  return html`<section class="card" data-key="adjust"><h3 tabindex="-1" id="adjust">${words.say("adjustTitle", { name: words.persona(entry.persona) })}</h3>
    <p>${words.say("adjustHow")}${entry.origin !== "built-in" && html` ${words.say("isOwn")}`}</p>
    <form data-do="setup-keep-persona">${[...Map.groupBy(fields, ({ section }) => section)].map(
      ([section, inIt]) =>
        html`<details data-key="${section}" ${section === "qos" && html`open`}><summary>${words.say(`section-${section}` as "section-qos")}</summary>${inIt.map((field) => fieldOf(formView, field, profile))}</details>`,
    )}
    ${problemOf(view, formName)}
    <p class="summary" role="status">${subjects.length > 0 && setup.preview && summaryOf(view, setup.preview, adjusting.before)}</p>
    <p class="actions">${submit(view, words.say("keepThis"))}<button type="button" data-do="setup-leave-persona">${words.say("cancel")}</button>${entry.origin !== "built-in" && html`<button type="button" class="danger" data-do="setup-reset-persona">${words.say("backToBuiltIn")}</button>`}</p></form></section>
    <section class="card" data-key="what-if"><h3 tabindex="-1" id="changes">${words.say("whatIf")}</h3>
    ${
      subjects.length === 0
        ? html`<p>${words.say("adjustNobody")}</p>`
        : html`<div class="fields">${choice(
            view,
            { form: "what-if", name: "what-if.who", label: words.say("whatIfWho"), value: subjects[0]! },
            state.subjects.filter((s) => subjects.includes(s.subject)).map((s) => [s.subject, s.name]),
          )}</div>${problemOf(view, "what-if")}<div>${setup.preview ? previewOf(view, setup.preview, adjusting.before) : html`<p>${words.say("loading")}</p>`}</div>`
    }</section>`;
}

/** What comes of it in one line, which stays in sight while the form is filled in. */
function summaryOf(view: StepView, preview: PlanView, before: PlanView | null): Markup {
  const { words } = view;
  const count = whatIsDone(view, preview, before).length;
  const said = [
    ...(count > 0 ? [words.say("adjustChanges", { count })] : []),
    ...(isRefusedAnew(preview, before) ? [words.say("adjustRefused")] : []),
  ];
  if (said.length === 0) return html`${words.say("adjustSame")}`;
  return html`<a href="#/setup/personas" data-do="setup-show-changes">${said.join(". ")}</a>`;
}

/** What a field is called here, for its label and for what is said when it is wrong. */
export function labelOf(words: Words, fields: readonly Field[], path: string): string {
  const field = fields.find((f) => path === f.path || path.startsWith(`${f.path}.`));
  if (!field) return path;
  const [name, part, way] = path.slice(field.path.length + 1).split(".");
  if (field.widget !== "demands" || name === undefined) return words.field(field.path, field.schema).title;
  const keys = { "need.down": "needDown", "need.up": "needUp", "want.down": "wantDown", "want.up": "wantUp" } as const;
  const key = keys[`${part}.${way}` as keyof typeof keys];
  return `${words.trafficClass(name)}${key ? `: ${words.say(key)}` : ""}`;
}

function fieldOf(view: FormView, field: Field, profile: Profile): Markup {
  const { words, state } = view;
  const { path, widget, schema } = field;
  const { title, description } = words.field(path, schema);
  const value = profile[field.section]?.[field.name];
  const name = inputName(path);
  const number = (shown: number, unit: string | undefined) =>
    input(view, { form: formName, name, label: unit ? `${title} (${unit})` : title, value: words.plainNumber(shown), hint: description });
  switch (widget) {
    case "demands":
      return demands(view, field, value as Readonly<Record<string, Demand>>);
    case "tick":
      return tick(view, name, html`<strong>${title}</strong> ${description}`, value ? "on" : "");
    case "choice":
      return choice(
        view,
        { form: formName, name, label: title, value: String(value), hint: description },
        schema.enum!.map((one) => [one, words.level(one)]),
      );
    case "percent":
      return number(Number(value) * 100, "%");
    case "number":
      return number(Number(value), schema["x-unit"]);
    case "applications":
      return applications(
        view,
        name,
        value as string[],
        (names) => words.say("chosenAre", { title, names: names || words.say("noneChosen") }),
        description,
      );
    case "tunnel": {
      const known = state.routers.flatMap((r) => r.capabilities?.tunnels ?? []);
      const tunnels = [...new Set([...known, ...(typeof value === "string" ? [value] : [])])];
      return choice(view, { form: formName, name, label: title, value: typeof value === "string" ? value : "", hint: description }, [
        ["", words.say("noTunnel")],
        ...tunnels.map((tunnel) => [tunnel, tunnel] as const),
      ]);
    }
  }
}

/** Ticks for what the catalogue has, folded away. */
function applications(
  view: FormView,
  name: string,
  chosen: readonly string[],
  summary: (names: string) => string,
  description: string,
): Markup {
  const { answers } = view.setup;
  const isChosen = (id: string) => (answers[`${name}.${id}`] ?? (chosen.includes(id) ? "on" : "")) === "on";
  const known = view.form.applications;
  const names = known.filter(({ id }) => isChosen(id)).map((a) => view.words.application(a.name));
  return html`<details data-key="${name}"><summary>${summary(names.join(", "))}</summary><p class="hint">${description}</p>
    <div class="ticks">${known.map((a) => tick(view, `${name}.${a.id}`, view.words.application(a.name), chosen.includes(a.id) ? "on" : ""))}</div></details>`;
}

function demands(view: FormView, { path, schema }: Field, value: Readonly<Record<string, Demand>>): Markup {
  const { words } = view;
  const order = schema.propertyNames?.enum ?? [];
  const free = order.filter((name) => !value[name]);
  return html`${Object.entries(value).map(([name, demand]) => demandOf(view, `${path}.${name}`, name, free, demand))}
    ${
      free.length > 0 &&
      html`<div class="fields">${choice(
        view,
        { form: formName, name: "add-demand", label: words.say("addDemandOf"), value: free[0]! },
        free.map((name) => [name, words.trafficClass(name)]),
      )}<p class="actions"><button type="button" data-do="setup-add-demand">${words.say("addDemand")}</button></p></div>`
    }`;
}

function demandOf(view: FormView, path: string, name: string, free: readonly string[], demand: Demand = emptyDemand()): Markup {
  const { words } = view;
  const shown = (rate: number | string | undefined) => (typeof rate === "number" ? words.rate(rate) : (rate ?? ""));
  const rates = (key: "needDown" | "needUp" | "wantDown" | "wantUp", part: string, text: string, example: string) =>
    input(view, {
      form: formName,
      name: inputName(`${path}.${part}`),
      label: words.say(key),
      value: text,
      placeholder: example,
      hint: words.say(key.startsWith("need") ? "needHint" : "wantHint"),
    });
  const named = words.trafficClass(name);
  return html`<fieldset data-key="${name}"><legend>${words.say("demandOf", { class: named })}</legend>
    <div class="fields">${choice(
      view,
      { form: formName, name: `demand-class.${name}`, label: words.say("demandClass"), value: name },
      [name, ...free].map((one) => [one, words.trafficClass(one)]),
    )}
    ${(["down", "up"] as const).map((way) => rates(way === "down" ? "needDown" : "needUp", `need.${way}`, demand.need[way].map(shown).join("; "), words.say("ratesExample")))}
    ${(["down", "up"] as const).map((way) => rates(way === "down" ? "wantDown" : "wantUp", `want.${way}`, shown(demand.want[way]), words.say("rateExample")))}</div>
    ${applications(view, inputName(`${path}.applications`), demand.applications, (names) => (names ? words.say("aboutApplications", { names }) : words.say("aboutAll")), "")}
    <p class="actions"><button type="button" data-do="setup-remove-demand" data-class="${name}">${words.say("removeDemand", { class: named })}</button></p></fieldset>`;
}
