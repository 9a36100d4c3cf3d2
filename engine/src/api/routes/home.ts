import { Home } from "../../model/index.ts";
import { HomeExport } from "../../runtime/home-export.ts";
import type { HomeText } from "../../runtime/port.ts";
import { route } from "../route.ts";
import { HomeView } from "../schemas.ts";
import { plainContent } from "../yaml-text.ts";

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
];
