import { afterEach, expect, it } from "vitest";
import { type AsusEmulator, type AsusOptions, startAsus } from "../emulators/asuswrt/index.ts";

let emulator: AsusEmulator;
afterEach(() => emulator.stop());

const app = "asusrouter-Android-DUTUtil-1.0.0.245";
const send = (path: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(`${emulator.url}/${path}`, {
    method: body === undefined ? "GET" : "POST",
    redirect: "manual",
    headers: { "user-agent": app, ...headers },
    ...(body === undefined ? {} : { body }),
  });
const login = async (password = "correct horse battery", headers = {}) =>
  (await send("login.cgi", `login_authorization=${encodeURIComponent(btoa(`admin:${password}`))}`, headers)).text();
let cookie: string;
const start = async (options: AsusOptions = {}) => {
  emulator = await startAsus(options);
  cookie = `asus_token=${/"asus_token":"(\w+)"/.exec(await login())![1]!}`;
};
const ask = async (path: string, body?: string) => (await send(path, body, { cookie })).text();
const change = async (values: Record<string, string>, service = "restart_firewall") =>
  ask("applyapp.cgi", JSON.stringify({ action_mode: "apply", rc_service: service, ...values }));

it("lets in one administrator, its app only", async () => {
  await start();
  expect(await ask("appGet.cgi", "hook=nvram_get(qos_enable)")).toContain('"qos_enable":"0"');
  expect(await (await send("appGet.cgi", "hook=nvram_get(qos_enable)")).text()).toMatch(/"error_status":"1"/);
  expect(await (await send("appGet.cgi", "hook=", { cookie, "user-agent": "node" })).text()).toMatch(/Main_Login\.asp\?error_status=1/);
  expect(await login("correct horse battery", { "user-agent": "node" })).not.toContain("asus_token");
  await login();
  expect(await ask("appGet.cgi", "hook=nvram_get(qos_enable)")).toMatch(/"error_status":"2"/);
  emulator.sessions.humanLogin();
  emulator.sessions.second = "is refused";
  expect(await login()).toMatch(/"error_status":"9"/);
});

it("forgets a login after half an hour without use, and when it is ended", async () => {
  await start();
  await emulator.time.advance(29 * 60_000);
  expect(await ask("appGet.cgi", "hook=nvram_get(qos_enable)")).toContain("qos_enable");
  await emulator.time.advance(31 * 60_000);
  expect(await ask("appGet.cgi", "hook=nvram_get(qos_enable)")).toMatch(/"error_status":"2"/);
  await start();
  expect(await ask("Logout.asp")).toMatch(/"error_status":"8"/);
  expect(await ask("appGet.cgi", "hook=nvram_get(qos_enable)")).toMatch(/"error_status":"2"/);
});

it("locks out whoever guesses, and says for how long behind the end of its answer", async () => {
  emulator = await startAsus();
  for (let i = 0; i < 5; i++) expect(await login("guess")).toMatch(/"error_status":"3"/);
  await emulator.time.advance(10_000);
  expect(await login()).toBe('{\n"error_status":"7"\n}\n,"remaining_lock_time":"290"');
  await emulator.time.advance(290_000);
  expect(await login()).toContain("asus_token");
});

it("answers hooks as the firmware does: a comma for what it does not know, HTML without semicolons", async () => {
  await start({ nvram: { qos_rulelist: '<a "b" & ä>1' } });
  expect(await ask("appGet.cgi", "hook=no_such_hook();nvram_get(qos_rulelist);nvram_get(no_such_variable)")).toBe(
    '{\n,\n"qos_rulelist":"&#60a &#34b&#34 &#38 &#195&#164&#621",\n"no_such_variable":""\n}\n',
  );
});

it("sets what it knows and what fits, and ignores the rest without a word", async () => {
  await start();
  const { nvram } = emulator.router;
  expect(await change({ MULTIFILTER_MAC: "02:00:00:00:00:11", http_passwd: "x", dnsfilter_rulelist: "x".repeat(300) })).toMatch(
    /"modify":"1","run_service":"restart_firewall"/,
  );
  expect(nvram.MULTIFILTER_MAC).toBe("02:00:00:00:00:11");
  expect(nvram.http_passwd).toBe("not to be shown");
  expect(nvram.dnsfilter_rulelist).toBe("");
  await emulator.time.advance(10_000);
  expect(await change({ MULTIFILTER_MAC: "02:00:00:00:00:11" })).toMatch(/"modify":"0"/);
  await emulator.time.advance(10_000);
  expect(await ask("applyapp.cgi", "action_mode=apply&MULTIFILTER_ALL=1")).toMatch(/"error_status":"4002"/);
});

it("is away for some seconds after a change, which is in force when its services have restarted", async () => {
  await start();
  const block = { MULTIFILTER_ALL: "1", MULTIFILTER_ENABLE: "2", MULTIFILTER_MAC: "02:00:00:00:00:11", MULTIFILTER_DEVICENAME: "x" };
  await change(block);
  await expect(ask("appGet.cgi", "hook=nvram_get(rc_service)")).rejects.toThrow();
  await emulator.time.advance(4_000);
  expect(await ask("appGet.cgi", "hook=nvram_get(rc_service)")).toContain("restart_firewall");
  expect(emulator.router.effect.blocked).toEqual([]);
  await emulator.time.advance(2_000);
  expect(await ask("appGet.cgi", "hook=nvram_get(rc_service)")).toContain('"rc_service":""');
  expect(emulator.router.effect.blocked).toEqual(["02:00:00:00:00:11"]);
});

it("drops an order to restart while it restarts something else, and says that it carries it out", async () => {
  await start();
  emulator.router.busyWith("restart_wireless", 30);
  expect(await change({ MULTIFILTER_ALL: "1" })).toMatch(/"run_service":"restart_firewall"/);
  await emulator.time.advance(60_000);
  expect(emulator.router.restarted).toEqual(["restart_wireless"]);
  expect(emulator.router.dropped).toBe(1);
});

it("has one kind of QoS at a time, and none without rates", async () => {
  await start();
  const services = "restart_qos;restart_firewall";
  const both = {
    qos_rulelist: "<np x>02:00:00:00:00:11>>any>>0",
    qos_bw_rulelist: "1>02:00:00:00:00:11>2048>1024>0<1>02:00:00:00:00:21>2048>1024>0<1>02:00:00:00:00:31>9>9>25",
  };
  await change({ ...both, qos_enable: "1", qos_type: "0" }, services);
  await emulator.time.advance(10_000);
  expect(emulator.router.effect).toMatchObject({ levels: {}, line: null, limits: {} });
  await change({ qos_ibw: "95000", qos_obw: "19000" }, services);
  await emulator.time.advance(10_000);
  expect(emulator.router.effect).toMatchObject({ levels: { "02:00:00:00:00:11": 0 }, line: { down: 95_000, up: 19_000 }, limits: {} });
  await change({ qos_type: "2" }, services);
  await emulator.time.advance(10_000);
  // A number that is taken, or belongs to guest networks, is not in force.
  expect(emulator.router.effect).toMatchObject({ levels: {}, line: null, limits: { "02:00:00:00:00:11": { down: 2048, up: 1024 } } });
});

it("takes forms only, when it is old", async () => {
  await start({ formsOnly: true });
  expect((await send("applyapp.cgi", "{}", { cookie })).status).toBe(404);
  const form = { current_page: "", action_mode: "apply", action_script: "restart_firewall", action_wait: "7", MULTIFILTER_ALL: "1" };
  const answer = await ask("start_apply.htm", new URLSearchParams(form).toString());
  expect(answer).toMatch(/done_committing\(\).*restart_needed_time\(7\)/s);
  expect(emulator.router.nvram.MULTIFILTER_ALL).toBe("1");
});
