// The tab "Routers" of the engine's dialog: what the engine's check-up finds about each router. The build puts it into the page once.
window.NetworkPersonas = (() => {
  const say = (key, values) => RED._(`@network-personas/node-red/engine:routers.${key}`, values);
  const icons = {
    ok: ["fa-check-circle", "var(--red-ui-text-color-success, #2f7d31)"],
    warning: ["fa-exclamation-triangle", "var(--red-ui-text-color-warning, #a15c00)"],
    failed: ["fa-times-circle", "var(--red-ui-text-color-error, #ad1625)"],
  };

  /** Asks the API of a deployed engine with the editor's login. Rejects with what the engine says. */
  function ask(engine, path, body) {
    const init = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
    return window.NetworkPersonas.frame
      .fetch(`network-personas/engines/${encodeURIComponent(engine)}/pages/v1/${path}`, init)
      .then((response) =>
        response.text().then((text) => {
          if (response.status === 401) throw new Error(say("forbidden"));
          const answer = JSON.parse(text);
          if (response.ok) return answer;
          throw new Error(answer.error.message);
        }),
      );
  }

  /** How the engine's pages word things, in the language of the editor. */
  const worded = (engine) => {
    const page = (name) =>
      import(new URL(`network-personas/engines/${encodeURIComponent(engine)}/pages/${name}.js`, document.baseURI).href);
    return Promise.all([page("words"), page("view")]).then(([{ Words }, { namesOnScreen }]) => {
      const language = window.NetworkPersonas.frame.language.startsWith("de") ? "de" : "en";
      const words = new Words(language, Intl.DateTimeFormat().resolvedOptions().timeZone);
      return { words, onScreen: namesOnScreen(words) };
    });
  };

  /** One finding, as the pages word it. */
  function line({ words, onScreen }, finding) {
    const [icon, color] = icons[finding.status];
    const item = $("<li/>", { class: "np-finding", "data-status": finding.status, style: "display: flex; gap: 8px; margin: 6px 0" });
    const status = say(`status.${finding.status}`);
    $("<i/>", {
      class: `fa ${icon}`,
      role: "img",
      title: status,
      "aria-label": status,
      style: `color: ${color}; margin-top: 3px`,
    }).appendTo(item);
    const { check, message, remedy, said = {} } = finding;
    const text = $("<div/>", { style: "overflow-wrap: anywhere; min-width: 0" }).appendTo(item);
    $("<strong/>")
      .text(`${words.looked("check", check)}: `)
      .appendTo(text);
    // Markup of the pages: what is filled in is escaped.
    $("<span/>")
      .html(words.trouble(said.message, message, onScreen).text)
      .appendTo(text);
    if (remedy)
      $("<div/>")
        .html(`→ ${words.reason(said.remedy, remedy, onScreen).text}`)
        .appendTo(text);
    return item;
  }

  /** Fills `content` with the routers of an engine, each with what was found and a button that tests its way back. */
  function routers(engine, content) {
    const lists = {};
    let spoken;
    const head = $("<p/>").appendTo(content.empty());
    const check = $("<button/>", { type: "button", class: "red-ui-button np-check" }).text(say("check")).appendTo(head);
    const told = $("<p/>", { class: "np-told", role: "status" }).appendTo(content);

    /** One thing at a time: what is under way, then what came of it. */
    function run(meanwhile, work) {
      const buttons = content.find("button").prop("disabled", true);
      told.text(meanwhile);
      work()
        .then(() => told.text(""))
        .catch((error) => told.text(error.message))
        .then(() => buttons.prop("disabled", false));
    }
    function show(router, findings) {
      lists[router].empty().append(findings.map((finding) => line(spoken, finding)));
    }
    function section({ router, mode, identity, driver, error }) {
      const part = $("<div/>", { class: "np-router", "data-router": router, style: "margin-bottom: 16px" }).appendTo(content);
      const title = $("<div/>", { style: "display: flex; gap: 8px; align-items: center" }).appendTo(part);
      $("<strong/>").text(router).appendTo(title);
      const what = identity ? `${identity.vendor} ${identity.model} ${identity.firmware}` : driver;
      $("<span/>", { style: "flex-grow: 1" })
        .text(`${what} · ${say(`mode.${mode}`)}`)
        .appendTo(title);
      if (mode === "live")
        $("<button/>", { type: "button", class: "red-ui-button np-test-rollback", title: say("testTip") })
          .text(say("test"))
          .on("click", () =>
            run(say("testing", { router }), () =>
              ask(engine, "doctor/test-rollback", { router }).then((findings) => show(router, findings)),
            ),
          )
          .appendTo(title);
      lists[router] = $("<ul/>", { style: "list-style: none; margin: 4px 0 0" }).appendTo(part);
      if (error)
        show(router, [{ check: "reachable", status: "failed", message: error.message, remedy: "", said: { message: error.said } }]);
    }

    check.on("click", () =>
      run(say("checking"), () =>
        ask(engine, "doctor").then((findings) => {
          for (const router of Object.keys(lists))
            show(
              router,
              findings.filter((finding) => finding.area === `router ${router}`),
            );
        }),
      ),
    );
    run(say("loading"), () =>
      Promise.all([ask(engine, "routers"), worded(engine)]).then(([found, words]) => {
        spoken = words;
        for (const router of found) section(router);
        check.toggle(found.length > 0);
        if (found.length === 0) $("<p/>").text(say("none")).appendTo(content);
      }),
    );
  }

  return { ...window.NetworkPersonas, routers };
})();
