// Shared by the edit dialogs of all persona nodes: pickers that are filled from the engine. The build puts it into the page once.
window.NetworkPersonas = (() => {
  const asked = {};

  /** What the engine of a config node offers. Asked at most every few seconds per engine. */
  function choices(engine) {
    if (!engine || engine === "_ADD_") return Promise.resolve({ status: "unknown" });
    const known = asked[engine];
    if (known && Date.now() - known.at < 3000) return known.answer;
    // A relative URL, so that httpAdminRoot is honoured.
    const answer = Promise.resolve($.getJSON(`network-personas/engines/${encodeURIComponent(engine)}/choices`)).catch(() => ({
      status: "unknown",
    }));
    asked[engine] = { at: Date.now(), answer: answer };
    return answer;
  }

  function entries(found, kind) {
    const all = kind === "anyone" ? (found.subjects || []).concat(found.devices || []) : found[kind] || [];
    const seen = {};
    return all
      .map((entry) => (typeof entry === "string" ? { id: entry, name: entry } : entry))
      .filter((entry) => {
        const first = !seen[entry.id];
        seen[entry.id] = true;
        return first;
      });
  }

  /** A menu entry: the name, and the id where it says more. */
  function label(entry) {
    const element = $("<div/>", { style: "display: flex; gap: 12px" });
    $("<span/>", { style: "flex-grow: 1" }).text(entry.name).appendTo(element);
    if (entry.name !== entry.id) $("<span/>", { style: "color: var(--red-ui-secondary-text-color)" }).text(entry.id).appendTo(element);
    return element;
  }

  /** The typedInput type that completes ids of `kind`: "subjects", "anyone" (devices too), "personas" or "calendars". */
  function picker(node, kind) {
    function offer(text, done) {
      choices($("#node-input-engine").val()).then((found) => {
        const wanted = text.trim().toLowerCase();
        const fitting = entries(found, kind).filter((entry) => `${entry.id} ${entry.name}`.toLowerCase().indexOf(wanted) >= 0);
        done(fitting.map((entry) => ({ value: entry.id, label: label(entry) })));
      });
    }
    function expand() {
      offer("", (options) => {
        if (options.length === 0) {
          RED.notify(node._("common.editor.noChoices"), { type: "warning", timeout: 4000 });
          return;
        }
        RED.popover
          .menu({
            options: options.map((option) => ({
              label: option.label,
              onselect: () => {
                this.value(option.value);
              },
            })),
          })
          .show({ target: this.element.parent().find(".red-ui-typedInput-container").last() });
      });
    }
    expand.icon = "fa-chevron-down";
    const icons = { personas: "fa fa-magic", calendars: "fa fa-calendar" };
    return { value: "str", label: node._(`common.editor.${kind}`), icon: icons[kind] || "fa fa-user", autoComplete: offer, expand: expand };
  }

  /** Makes the text input `#node-input-<field>` a picker; `types` are further types, kept in `#node-input-<field>Type`. */
  function pick(node, field, kind, types) {
    const input = $(`#node-input-${field}`);
    input.typedInput({
      default: "str",
      types: [picker(node, kind)].concat(types || []),
      typeField: types ? `#node-input-${field}Type` : undefined,
    });
    return input;
  }

  /** Whether a field holds a number within limits, or nothing; else what is wrong. */
  function within(least, most, value, options) {
    if (value === undefined || value === "") return true;
    if (Number(value) >= least && Number(value) <= most) return true;
    return options ? RED._("@network-personas/node-red/engine:common.editor.range", { least, most }) : false;
  }

  return { choices, pick, within };
})();
