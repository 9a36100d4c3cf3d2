#!/usr/bin/env node
// How a program of your own talks to Network Personas, with nothing but what Node brings.
//
//   NP_TOKEN=np_… node main.js http://127.0.0.1:8787 DEVICE SUBJECT PERSONA
//
// It reads the API's own description, finds operations by their id, says that DEVICE is on the network, gives evidence that SUBJECT
// is about to do PERSONA, reads the prediction, and waits on the stream for the event that this caused.
// The token needs the scope `control`, or both `read` and `signal`.

const [url, device, subject, persona] = process.argv.slice(2);
const token = process.env.NP_TOKEN;
if (!url || !device || !subject || !persona || !token) {
  console.error("usage: NP_TOKEN=np_… node main.js URL DEVICE SUBJECT PERSONA");
  process.exit(2);
}

/** Operations of the API by their id: method, path, and what they say about themselves. */
async function readOperations() {
  const response = await fetch(new URL("/openapi.json", url));
  const document = await response.json();
  if (!String(document.openapi).startsWith("3.1")) throw new Error(`${url} does not speak OpenAPI 3.1`);
  const operations = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item))
      operations.set(operation.operationId, { method: method.toUpperCase(), path, ...operation });
  }
  return operations;
}

/** Calls an operation by its id. */
async function call(operations, operationId, body) {
  const operation = operations.get(operationId);
  if (!operation) throw new Error(`the API has no operation "${operationId}"`);
  const response = await fetch(new URL(operation.path, url), {
    method: operation.method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Error(`${operationId}: ${answer.error.code}: ${answer.error.message}`);
  return answer;
}

/** Connects to the stream; `snapshot` resolves with the home's state, `next(test)` with the first event that passes. */
function openStream(path) {
  const address = new URL(path, url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  // The global WebSocket, like a browser's, cannot set headers: the token goes as a second sub-protocol.
  const socket = new WebSocket(address, ["np.v1", `np.token.${token}`]);
  const waiting = [];
  const wait = (test) => new Promise((resolve, reject) => waiting.push({ test, resolve, reject }));
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    for (const one of waiting.filter(({ test }) => test(message))) {
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve(message);
    }
  });
  const fail = (why) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the stream ended: ${why}`));
  };
  socket.addEventListener("close", ({ code, reason }) => fail(reason || code));
  socket.addEventListener("error", () => fail("no connection"));
  return {
    snapshot: wait((message) => message.type === "snapshot").then((message) => message.state),
    next: wait,
    close: () => socket.close(),
  };
}

const operations = await readOperations();
const stream = openStream(operations.get("stream").path);
const state = await stream.snapshot;
const caused = stream.next((message) => message.type === "presence" && message.data.device === device);
const before = new Set(state.subjects.map((s) => s.subject));
if (!before.has(subject)) throw new Error(`${state.home.name} has no ${subject}; it has ${[...before].join(", ")}`);

const [signal] = await call(operations, "submitSignals", { kind: "presence", subject: device, present: true, source: "example-client" });
const evidence = await call(operations, "submitEvidence", {
  subject,
  source: "example-client",
  logOdds: { [persona]: 2 },
  why: "the example says so",
});
const predictions = await call(operations, "predict", { subject });
const event = await caused;
stream.close();

console.log(
  JSON.stringify({
    home: state.home.name,
    operations: [...operations.keys()],
    signal: { id: signal.id, source: signal.source },
    evidence: { logOdds: evidence.logOdds, expiresAt: evidence.expiresAt },
    probability: predictions[0].distribution[persona],
    because: predictions[0].evidence.filter((e) => e.persona === persona).map((e) => e.why),
    event: { type: event.type, sequence: event.sequence, data: event.data },
  }),
);
