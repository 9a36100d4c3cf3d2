import { dirname, join, resolve } from "node:path";
import { SqliteStore, type Store } from "../store/index.ts";

/** Where a home keeps what it remembers. */
export const dataDirOf = (home: string, dataDir?: string): string => resolve(dataDir ?? join(dirname(resolve(home)), ".network-personas"));

/** Opens the store of a home without its engine. */
export const openStore = (dataDir: string, homeId: string): Store => new SqliteStore(join(dataDir, "home.sqlite"), homeId);
