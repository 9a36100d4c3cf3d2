// The engine's pages as a tab of the sidebar, and what is offered when the last engine is removed. The build puts it into the page once.
window.NetworkPersonas = (() => {
  const tab = "network-personas";
  const say = (key, values) => RED._(`@network-personas/node-red/engine:sidebar.${key}`, values);

  /** Relative, so that httpAdminRoot is honoured. */
  const mount = (engine) => `network-personas/engines/${encodeURIComponent(engine)}`;
  const pages = (engine) => `${mount(engine)}/pages/`;

  /** Asks our own server with the login of the editor, which thus never reaches the pages themselves. */
  function ask(url, init) {
    const target = new URL(url, document.baseURI);
    if (target.origin !== location.origin) return Promise.reject(new Error(`${target.origin} is not asked from here`));
    const headers = new Headers(init.headers);
    const login = RED.settings.get("auth-tokens");
    if (login) headers.set("authorization", `Bearer ${login.access_token}`);
    // Node-RED itself takes no more than 5 MB of JSON, and a backup is larger.
    if (typeof init.body === "string" && init.body.length > 1_000_000) headers.set("content-type", "application/vnd.network-personas+json");
    return fetch(target, { ...init, headers });
  }

  /** How the server finds an engine: "unknown" until it is deployed. */
  const standing = (engine) => ask(`${mount(engine)}/choices`, {}).then((response) => response.json());

  /** The editor has themes of its own, whatever the system prefers. */
  function isDark() {
    const [red = 255, green = 255, blue = 255] = (
      getComputedStyle(document.querySelector("#red-ui-sidebar, #red-ui-editor") || document.body).backgroundColor.match(/\d+/g) || []
    ).map(Number);
    return red + green + blue < 382;
  }

  /** What the pages borrow from the editor around them. */
  const frame = {
    fetch: ask,
    get language() {
      return RED.i18n.lang() || "en-US";
    },
    get dark() {
      return isDark();
    },
  };

  function engines() {
    const found = [];
    RED.nodes.eachConfig((node) => {
      if (node.type === "persona-engine") found.push(node);
    });
    return found;
  }

  const content = $("<div/>", { class: "np-sidebar", style: "height: 100%; display: flex; flex-direction: column" });
  const choice = $("<select/>", { style: "margin: 6px; flex: none" }).appendTo(content);
  const hint = $("<p/>", { style: "margin: 12px" }).appendTo(content);
  const begin = $("<button/>", { type: "button", class: "red-ui-button", style: "margin: 0 12px; align-self: start" })
    .on("click", addEngine)
    .appendTo(content);
  const view = $("<iframe/>", { style: "border: 0; flex: 1; width: 100%; min-height: 0" }).appendTo(content);
  let shown = "";
  /** Nothing is loaded before somebody looks. */
  let looked = false;

  /** Brings the tab up to date with the engines there are. */
  function update() {
    const found = engines();
    const before = choice.val();
    choice.attr("aria-label", say("engine")).empty();
    for (const node of found) $("<option/>", { value: node.id }).text(RED.utils.getNodeLabel(node)).appendTo(choice);
    const wanted = found.some((node) => node.id === before) ? before : found[0] ? found[0].id : "";
    choice.val(wanted).toggle(found.length > 1);
    view.attr("title", say("label"));
    const mayBegin = found.length === 0 && RED.user.hasPermission("flows.write");
    begin.text(say("begin")).toggle(mayBegin);
    if (!wanted) return show("", say(mayBegin ? "none" : "noneHere"));
    look();
  }
  /** An engine in this process, for whoever has none: Deploy starts it, and its pages set the home up. */
  function addEngine() {
    RED.nodes.import([{ id: RED.nodes.id(), type: "persona-engine", name: "", mode: "home", home: "home.yaml", url: "", secretNames: [] }]);
    RED.nodes.dirty(true);
    update();
  }
  let asking;
  /** Shows the chosen engine as soon as the server knows it: flows may still be starting when the editor is told of a deploy. */
  function look() {
    clearTimeout(asking);
    const wanted = choice.val();
    if (!looked || !wanted || wanted === shown) return;
    const instead = (hint) => {
      if (choice.val() !== wanted) return;
      show("", hint);
      asking = setTimeout(look, 2_000);
    };
    standing(wanted)
      .then(({ status, why }) => {
        if (status === "unknown") instead(say("notDeployed"));
        else if (status === "offline" && why) instead(say("offline", { why }));
        else if (choice.val() === wanted) show(wanted, "");
      })
      .catch((error) => instead(error.message));
  }
  function show(engine, instead) {
    hint.text(instead).toggle(instead !== "");
    view.toggle(engine !== "");
    if (engine === shown) return;
    shown = engine;
    view.attr("src", engine ? pages(engine) : "about:blank");
  }

  /**
   * What we made on routers stays there without us: whoever removes the last node of an engine, or the last engine of a home, is asked.
   * An engine elsewhere runs on without us, so only who has none any more is asked about it.
   */
  function removed(node) {
    if (node.type === "persona-engine") setTimeout(() => isLast(node) && offerWhileOnline(node, "offerRelease"));
    else if (/^persona /.test(node.type)) setTimeout(() => removedFromFlows(node.engine));
  }
  function isLast(engine) {
    const left = engines();
    return engine.mode === "remote" ? left.length === 0 : !left.some(({ mode, home }) => mode !== "remote" && home === engine.home);
  }
  function removedFromFlows(id) {
    const engine = engines().find((one) => one.id === id);
    let left = 0;
    RED.nodes.eachNode((node) => {
      if (/^persona /.test(node.type) && node.engine === id) left++;
    });
    if (engine && left === 0) offerWhileOnline(engine, "offerReleaseOfNodes");
  }
  function offerWhileOnline(node, question) {
    standing(node.id)
      .then((found) => found.status === "online" && offerRelease(node, question))
      .catch(() => {});
  }
  const offers = {};
  /** What was removed is there again: there is nothing to ask any more. */
  function added(node) {
    const engine = node.type === "persona-engine" ? node.id : /^persona /.test(node.type) ? node.engine : undefined;
    if (offers[engine]) offers[engine]();
  }
  function offerRelease(node, question) {
    if (offers[node.id]) offers[node.id]();
    const close = () => {
      offer.close();
      delete offers[node.id];
    };
    offers[node.id] = close;
    const release = () => {
      close();
      ask(`${pages(node.id)}v1/release`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })
        .then((response) => response.json().then((outcomes) => ({ ok: response.ok, outcomes })))
        .then(({ ok, outcomes }) => {
          const failed = ok ? outcomes.filter((o) => o.error) : [outcomes];
          if (failed.length > 0)
            RED.notify(say("releaseFailed", { why: failed.map((o) => o.error.message).join("; ") }), { type: "error" });
          else RED.notify(say("released"), { type: "success" });
        })
        .catch((error) => RED.notify(say("releaseFailed", { why: error.message }), { type: "error" }));
    };
    const offer = RED.notify(say(question, { engine: RED.utils.getNodeLabel(node) }), {
      type: "warning",
      fixed: true,
      id: `np-offer-release-${node.id}`,
      buttons: [
        { text: say("keep"), click: close },
        { text: say("release"), class: "primary", click: release },
      ],
    });
  }

  function add() {
    RED.sidebar.addTab({
      id: tab,
      label: say("label"),
      name: say("label"),
      content,
      iconClass: "fa fa-home",
      enableOnEdit: true,
      pinned: true,
      onchange: () => {
        looked = true;
        update();
      },
    });
    for (const event of ["nodes:add", "nodes:change", "flows:loaded", "deploy"]) RED.events.on(event, changed);
    RED.events.on("nodes:remove", changed);
    RED.events.on("nodes:remove", removed);
    RED.events.on("nodes:add", added);
    choice.on("change", () => update());
  }
  let pending;
  function changed() {
    clearTimeout(pending);
    pending = setTimeout(() => update(), 100);
  }
  function remove() {
    clearTimeout(asking);
    for (const event of ["nodes:add", "nodes:change", "flows:loaded", "deploy", "nodes:remove"]) RED.events.off(event, changed);
    RED.events.off("nodes:remove", removed);
    RED.events.off("nodes:add", added);
    RED.sidebar.removeTab(tab);
  }

  return { ...window.NetworkPersonas, frame, sidebar: { add, remove } };
})();
