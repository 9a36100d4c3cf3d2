import type { TokenRecord, TokenRecords } from "../../engine/src/api/contract.ts";

/** Token records that live as long as the process, for tests and throw-away homes. */
export function memoryTokenRecords(): TokenRecords {
  const records = new Map<string, TokenRecord>();
  return {
    list: async () => [...records.values()],
    put: async (record) => void records.set(record.id, record),
    remove: async (id) => records.delete(id),
  };
}
