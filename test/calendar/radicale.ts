import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A real CalDAV server (Debian's Radicale) on loopback with one account. */
export interface Radicale {
  url: string;
  username: string;
  password: string;
  makeCalendar(name: string, displayName: string): Promise<string>;
  put(calendar: string, object: string, ics: string): Promise<void>;
  remove(calendar: string, object: string): Promise<void>;
  /** Forgets every sync-token it has handed out. */
  forgetTokens(calendar: string): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startRadicale(): Promise<Radicale> {
  const folder = await mkdtemp(join(tmpdir(), "np-radicale-"));
  const port = await freePort();
  const [username, password] = ["alice", "correct horse"];
  const config = join(folder, "config");
  await writeFile(join(folder, "users"), `${username}:${password}\n`);
  await writeFile(
    config,
    [
      "[server]",
      `hosts = 127.0.0.1:${port}`,
      "[auth]",
      "type = htpasswd",
      `htpasswd_filename = ${join(folder, "users")}`,
      "htpasswd_encryption = plain",
      "delay = 0",
      "[rights]",
      "type = owner_only",
      "[storage]",
      `filesystem_folder = ${join(folder, "collections")}`,
      "[logging]",
      "level = warning",
      "",
    ].join("\n"),
  );
  const url = `http://127.0.0.1:${port}/`;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  let server: ChildProcess | undefined;

  const ask = async (method: string, path: string, body?: string, type = "text/calendar; charset=utf-8"): Promise<void> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization, "content-type": type },
      ...(body === undefined ? {} : { body }),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`Radicale answered ${response.status} to ${method} ${path}`);
  };
  const start = async (): Promise<void> => {
    server = spawn("radicale", ["--config", config], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    server.stderr!.on("data", (data) => {
      said += data;
    });
    for (let tries = 0; tries < 200; tries++) {
      if (server.exitCode !== null) throw new Error(`Radicale ended: ${said}`);
      const up = await fetch(url, { redirect: "manual" }).then(
        () => true,
        () => false,
      );
      if (up) return;
      await wait(50);
    }
    throw new Error(`Radicale does not answer: ${said}`);
  };
  const stop = async (): Promise<void> => {
    if (!server || server.exitCode !== null) return;
    const ended = once(server, "exit");
    server.kill();
    await ended;
  };
  await start();
  const path = (calendar: string, object = ""): string => `/${username}/${calendar}/${object}`;
  return {
    url,
    username,
    password,
    start,
    async makeCalendar(name, displayName) {
      const body = `<?xml version="1.0"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop><d:displayname>${displayName}</d:displayname><c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set></d:prop></d:set></c:mkcalendar>`;
      await ask("MKCALENDAR", path(name), body, "text/xml; charset=utf-8");
      return new URL(path(name), url).href;
    },
    put: (calendar, object, ics) => ask("PUT", path(calendar, object), ics),
    remove: (calendar, object) => ask("DELETE", path(calendar, object)),
    forgetTokens: (calendar) =>
      rm(join(folder, "collections", "collection-root", username, calendar, ".Radicale.cache", "sync-token"), { recursive: true }),
    stop: async () => {
      await stop();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
