import { type Scope, scopes } from "../api/contract.ts";
import { Tokens } from "../api/tokens.ts";
import { dataDirOf, openStore } from "../runtime/data-dir.ts";
import { loadHome } from "../runtime/home-file.ts";
import { lockHolder } from "../runtime/lock.ts";
import { systemClock } from "../runtime/system.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import { table } from "./format.ts";

/** Tokens live in the home's database, which several processes may open; a running engine sees changes at once. */
async function withTokens<T>({ home, dataDir }: CommandContext, work: (tokens: Tokens) => Promise<T>): Promise<T> {
  const { home: config } = await loadHome(home);
  const store = openStore(dataDirOf(home, dataDir), config.home.id);
  try {
    return await work(new Tokens(store.tokens, systemClock));
  } finally {
    await store.close();
  }
}

export const tokenCreate: Command = {
  name: "token create",
  summary: "makes a token for the API and prints it once",
  positionals: "NAME",
  options: {
    scope: {
      type: "string",
      multiple: true,
      placeholder: scopes.join("|"),
      describe: "what it may do; repeat for several (default: read)",
    },
    subject: {
      type: "string",
      multiple: true,
      placeholder: "ID",
      describe: "only about this person or device; repeat for several (default: all)",
    },
  },
  async run(context) {
    const { positionals, options, json, terminal } = context;
    const [name] = positionals;
    if (!name || positionals.length > 1) throw new UsageError("give the token one name, such as node-red");
    const wanted = (options.scope as unknown as string[] | undefined) ?? ["read"];
    const subjects = options.subject as unknown as string[] | undefined;
    return withTokens(context, async (tokens) => {
      const { token, record } = await tokens.create({ name, scopes: wanted as Scope[], ...(subjects ? { subjects } : {}) });
      if (json) terminal.print(JSON.stringify({ token, ...record }, null, 2));
      else {
        terminal.print(token);
        terminal.complain(`"${name}" may ${record.scopes.join(", ")}; it is not shown again`);
      }
      return 0;
    });
  },
};

export const tokenList: Command = {
  name: "token list",
  summary: "lists tokens, never their text",
  async run(context) {
    return withTokens(context, async (tokens) => {
      const list = await tokens.list();
      if (context.json) context.terminal.print(JSON.stringify(list, null, 2));
      else
        for (const line of table(
          list.map((t) => [t.id, t.name, t.scopes.join(","), t.subjects?.join(",") ?? "everybody", `since ${t.createdAt}`]),
        ))
          context.terminal.print(line);
      return 0;
    });
  },
};

export const tokenRevoke: Command = {
  name: "token revoke",
  summary: "withdraws a token",
  positionals: "ID|NAME",
  async run(context) {
    const [wanted] = context.positionals;
    if (!wanted) throw new UsageError("name the token to revoke; `token list` shows them");
    return withTokens(context, async (tokens) => {
      const found = (await tokens.list()).find((t) => t.id === wanted || t.name === wanted);
      if (!found) {
        context.terminal.complain(`there is no token "${wanted}"; \`token list\` shows them`);
        return 2;
      }
      // A running engine also ends the streams this token holds open.
      if (lockHolder(dataDirOf(context.home, context.dataDir))?.url) {
        const running = await context.openHome();
        await running.client.request("DELETE", `/v1/tokens/${found.id}`).finally(() => running.close());
      } else await tokens.revoke(found.id);
      context.terminal.complain(`"${found.name}" is withdrawn`);
      return 0;
    });
  },
};
