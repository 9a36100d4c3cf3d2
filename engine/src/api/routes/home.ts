import { Home, ImportPreview, ImportResult } from "../../model/index.ts";
import { HomeExport } from "../../runtime/home-export.ts";
import type { HomeText } from "../../runtime/port.ts";
import { route } from "../route.ts";
import { HomeView } from "../schemas.ts";
import { plainContent } from "../yaml-text.ts";

/** Ninety days are some 12 MB for each person and each device that nobody owns. A text can be no longer than half a gigabyte. */
const largestExport = 480 * 1024 * 1024;
const smallestExport = {
  format: "network-personas-export",
  version: 1,
  exportedAt: "2026-11-22T18:00:00Z",
  home: "version: 1\nhome: { id: demo, name: Demo home, timeZone: Europe/Berlin }\nwan: { down: 100 Mbit/s, up: 20 Mbit/s }\n",
  memory: {},
};

const shown = ({ home, text, etag }: HomeText) => ({ home, text, etag, document: plainContent(text) });

export const homeRoutes = [
  route({
    operationId: "getHome",
    method: "GET",
    path: "/v1/home",
    tag: "Home",
    summary: "The file that describes the home",
    description: "Needs `admin`: it holds calendar addresses and user names. It never holds a secret, only where one is kept.",
    scope: "admin",
    reach: "home",
    response: HomeView,
    handle: ({ service }) => shown(service.home()),
  }),
  route({
    operationId: "putHome",
    method: "PUT",
    path: "/v1/home",
    tag: "Home",
    summary: "Replaces the file that describes the home",
    description:
      "YAML text or a JSON document. Validated as a whole; comments and the previous version are kept; takes effect at once. With JSON, comments of what stays are kept.",
    scope: "admin",
    reach: "home",
    body: Home,
    yaml: true,
    ifMatch: true,
    response: HomeView,
    async handle({ service, sent, ifMatch }) {
      const text = "yaml" in sent ? sent.yaml : JSON.stringify(sent.json, null, 2);
      return shown(await service.putHome(text, ifMatch === "*" ? undefined : ifMatch));
    },
  }),
  route({
    operationId: "exportHome",
    method: "GET",
    path: "/v1/export",
    tag: "Home",
    summary: "The whole home with its history, as the command `import` takes it",
    description: "Tokens and secrets stay where they are.",
    scope: "admin",
    reach: "home",
    response: HomeExport,
    handle: ({ service }) => service.export(),
  }),
  route({
    operationId: "previewImport",
    method: "POST",
    path: "/v1/import/preview",
    tag: "Home",
    summary: "What an export contains, what it would replace, and what to know before",
    description: "A query: nothing is changed. An export that is damaged or from a newer version is refused, naming what is wrong.",
    scope: "admin",
    reach: "home",
    body: HomeExport,
    largestBody: largestExport,
    response: ImportPreview,
    example: { body: smallestExport },
    handle: ({ service, body }) => service.previewImport(body),
  }),
  route({
    operationId: "importHome",
    method: "POST",
    path: "/v1/import",
    tag: "Home",
    summary: "Replaces the home and all it remembers by an export",
    description:
      "What was there is kept as an export in the data directory. Tokens, secrets and what the routers hold stay. Refused as a whole when anything of it is damaged.",
    scope: "admin",
    reach: "home",
    body: HomeExport,
    largestBody: largestExport,
    response: ImportResult,
    example: { body: smallestExport },
    handle: ({ service, body }) => service.import(body),
  }),
];
