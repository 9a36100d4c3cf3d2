import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("src/", import.meta.url));
export const languages = ["en-US", "de"] as const;

/** Folders of src/nodes: the registry of nodes. */
export async function nodeFolders(): Promise<string[]> {
  const entries = await readdir(join(source, "nodes"), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Assembles what Node-RED's editor loads beside each compiled node: `index.html` from editor.html and help.md, and per language
 * the texts (the shared ones below "common") and the help. `dist` is where the compiler put the scripts.
 */
export async function buildNodes(dist: string = fileURLToPath(new URL("dist/", import.meta.url))): Promise<void> {
  for (const name of await nodeFolders()) {
    const from = join(source, "nodes", name);
    const to = join(dist, "nodes", name);
    const editor = await readFile(join(from, "editor.html"), "utf8");
    const type = /data-template-name="([^"]+)"/.exec(editor)?.[1];
    if (!type) throw new Error(`${from}/editor.html has no <script data-template-name="...">`);
    // Every page has the config node, so what all dialogs share travels with it.
    const shared =
      name === "engine"
        ? (await Promise.all(editorScripts.map(script))).map((text) => `<script type="text/javascript">\n${text}</script>\n\n`).join("")
        : "";
    await write(to, "index.html", `${shared}${editor}\n${help(type, await readFile(join(from, "help.md"), "utf8"))}`);
    for (const language of languages) {
      const texts = {
        common: await readJson(join(source, "shared/locales", `${language}.json`)),
        ...(await readJson(join(from, "locales", `${language}.json`))),
      };
      await write(join(to, "locales", language), "index.json", `${JSON.stringify(texts, null, 2)}\n`);
      if (language !== "en-US")
        await write(join(to, "locales", language), "index.html", help(type, await readFile(join(from, `help.${language}.md`), "utf8")));
    }
  }
}

const editorScripts = ["editor.js", "sidebar.js", "routers-tab.js"];
const script = (name: string): Promise<string> => readFile(join(source, "shared", name), "utf8");

const help = (type: string, markdown: string) => `<script type="text/markdown" data-help-name="${type}">\n${markdown}</script>\n`;

const readJson = async (file: string): Promise<object> => JSON.parse(await readFile(file, "utf8"));

async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
}
