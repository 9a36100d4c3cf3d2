import type { Device } from "./device.ts";
import { specs } from "./menus.ts";

/** A script the router cannot read is not run at all. */
export class ScriptError extends Error {}

type Part = { quoted: boolean; text: string } | { block: string } | { call: string };
type Statement = readonly Part[];

/** Reads statements, which end with `;` or the line, into words, `{blocks}` and `[calls]`. */
function read(source: string): Statement[] {
  const statements: Statement[] = [];
  let words: Part[] = [];
  let word = "";
  const endWord = () => {
    if (word !== "") words.push({ quoted: false, text: word });
    word = "";
  };
  const endStatement = () => {
    endWord();
    if (words.length > 0) statements.push(words);
    words = [];
  };
  for (let at = 0; at < source.length; at++) {
    const sign = source[at]!;
    if (sign === ";" || sign === "\n" || sign === "\r") endStatement();
    else if (sign === " " || sign === "\t") endWord();
    else if (sign === '"') {
      const end = endOfText(source, at);
      word += source.slice(at, end + 1);
      at = end;
    } else if (sign === "{" || sign === "[") {
      const end = endOf(source, at, sign, sign === "{" ? "}" : "]");
      const inner = source.slice(at + 1, end);
      // `do={...}` and `in=[...]` belong to the word before them.
      endWord();
      words.push(sign === "{" ? { block: inner } : { call: inner });
      at = end;
    } else word += sign;
  }
  endStatement();
  return statements;
}

function endOfText(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === '"') return at;
  }
  throw new ScriptError("syntax error: text without an end");
}

function endOf(source: string, from: number, open: string, close: string): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source[at] === '"') at = endOfText(source, at);
    else if (source[at] === open) depth++;
    else if (source[at] === close && --depth === 0) return at;
  }
  throw new ScriptError(`syntax error: missing ${close}`);
}

type Variables = Map<string, string>;

/** The value of a word: quoted text with its escapes and variables, or as it stands. */
function wordValue(word: string, variables: Variables): string {
  if (!word.startsWith('"')) return word.startsWith("$") ? known(word.slice(1), variables) : word;
  let value = "";
  for (let at = 1; at < word.length - 1; at++) {
    if (word[at] === "\\") {
      const sign = word[++at]!;
      if (!'"\\$?nrt_'.includes(sign)) throw new ScriptError(`syntax error: unknown escape \\${sign}`);
      value += { n: "\n", r: "\r", t: "\t", _: " " }[sign] ?? sign;
    } else if (word[at] === "$") {
      const name = /^[A-Za-z0-9]*/.exec(word.slice(at + 1))![0];
      value += name === "" ? "" : known(name, variables);
      at += name.length;
    } else value += word[at];
  }
  return value;
}
function known(name: string, variables: Variables): string {
  const value = variables.get(name);
  if (value === undefined) throw new ScriptError(`syntax error: variable ${name} is not known`);
  return value;
}

/** Runs a script as the router's scheduler does. @throws ScriptError, or what a command refused and nobody caught */
export function runScript(device: Device, source: string, policies: ReadonlySet<string>, variables: Variables = new Map()): void {
  for (const statement of read(source)) run(device, statement, policies, variables);
}

const textOf = (part: Part | undefined): string => (part && "text" in part ? part.text : "");
const blockAfter = (statement: Statement, word: string): string => {
  const at = statement.findIndex((part) => textOf(part) === word);
  const part = statement[at + 1];
  if (at === -1 || !part || !("block" in part)) throw new ScriptError(`syntax error: expected ${word}{...}`);
  return part.block;
};

function run(device: Device, statement: Statement, policies: ReadonlySet<string>, variables: Variables): void {
  const command = textOf(statement[0]);
  switch (command) {
    case ":local":
    case ":set":
      if (command === ":set") known(textOf(statement[1]), variables);
      variables.set(textOf(statement[1]), wordValue(textOf(statement[2]), variables));
      return;
    case ":log":
      if (!["info", "warning", "error", "debug"].includes(textOf(statement[1]))) throw new ScriptError("syntax error: :log");
      device.log.push(wordValue(textOf(statement[2]), variables));
      return;
    case ":do": {
      const [, body] = statement;
      if (!body || !("block" in body)) throw new ScriptError("syntax error: expected :do {...}");
      const otherwise = blockAfter(statement, "on-error=");
      try {
        runScript(device, body.block, policies, variables);
      } catch (error) {
        if (error instanceof ScriptError) throw error;
        runScript(device, otherwise, policies, variables);
      }
      return;
    }
    case ":foreach": {
      const call = statement[3];
      if (textOf(statement[2]) !== "in=" || !call || !("call" in call)) throw new ScriptError("syntax error: :foreach");
      for (const id of idsOf(device, call.call, "", variables)) {
        variables.set(textOf(statement[1]), id);
        runScript(device, blockAfter(statement, "do="), policies, variables);
      }
      return;
    }
    case ":if": {
      const condition = statement
        .slice(
          1,
          statement.findIndex((part) => textOf(part) === "do="),
        )
        .map(textOf)
        .join(" ");
      const [, name, value] = /^\(\$(\w+) = (\d+)\)$/.exec(condition) ?? [];
      if (!name) throw new ScriptError(`syntax error: ${condition}`);
      if (known(name, variables) === value) runScript(device, blockAfter(statement, "do="), policies, variables);
      return;
    }
    default:
      runCommand(device, statement, policies, variables);
  }
}

/** "/ip firewall filter" -> "ip/firewall/filter", with the word after it. */
function menuAndCommand(device: Device, statement: Statement): { menu: string; command: string; rest: Statement } {
  const words = statement.map(textOf);
  for (let length = 5; length >= 1; length--) {
    const menu = words.slice(0, length).join("/").replace(/^\//, "");
    if (words[0]?.startsWith("/") && specs[menu] && device.has(menu))
      return { menu, command: words[length] ?? "", rest: statement.slice(length + 1) };
  }
  throw new ScriptError(`bad command name ${words[0]}`);
}

/** What `find` finds in its menu, or in that of the command it stands in, by name=value, name~pattern and name!=value. */
function idsOf(device: Device, source: string, within: string, variables: Variables): string[] {
  const [statement, ...more] = read(source);
  if (!statement || more.length > 0) throw new ScriptError("syntax error: expected one command in [...]");
  const { menu, rest } =
    statement[0] && textOf(statement[0]).startsWith("/") ? menuAndCommand(device, statement) : { menu: "", rest: statement };
  const conditions = (menu === "" ? rest.slice(1) : rest).map((part) => {
    const [, name, operator, value] = /^([\w.-]+)(!=|=|~)(.*)$/s.exec(textOf(part)) ?? [];
    if (!name) throw new ScriptError(`syntax error: ${textOf(part)}`);
    return { name, operator, value: wordValue(value!, variables) };
  });
  return device
    .rows(menu === "" ? within : menu)
    .filter((row) =>
      conditions.every(({ name, operator, value }) => {
        const held = { true: "yes", false: "no" }[row[name] ?? ""] ?? row[name] ?? "";
        if (operator === "~") return new RegExp(value).test(held);
        return (held === value) === (operator === "=");
      }),
    )
    .map((row) => row[".id"]!);
}

function runCommand(device: Device, statement: Statement, policies: ReadonlySet<string>, variables: Variables): void {
  const { menu, command, rest } = menuAndCommand(device, statement);
  const [target, ...args] = rest;
  const ids = target && "call" in target ? idsOf(device, target.call, menu, variables) : [wordValue(textOf(target), variables)];
  const need = (right: string) => {
    if (!policies.has(right)) throw new Error("not enough permissions (9)");
  };
  need("read");
  need("write");
  const body = Object.fromEntries(
    args.map((part) => {
      const [, name, value] = /^([\w.-]+)=(.*)$/s.exec(textOf(part)) ?? [];
      if (!name) throw new ScriptError(`syntax error: ${textOf(part)}`);
      return [name, wordValue(value!, variables)];
    }),
  );
  const actions: Record<string, (id: string) => void> = {
    remove: (id) => device.remove(menu, id),
    enable: (id) => void device.set(menu, id, { disabled: "no" }, policies),
    disable: (id) => void device.set(menu, id, { disabled: "yes" }, policies),
    set: (id) => void device.set(menu, id, body, policies),
  };
  const action = actions[command];
  if (!action) throw new ScriptError(`bad command name ${command}`);
  for (const id of ids) action(id);
}
