/** Slots for the values of `{ credential: NAME }` in home.yaml: Node-RED wants the names of credentials fixed. */
export const secretSlots = 8;

export type SecretCredentials = Readonly<Record<string, string | undefined>>;

/** Definition of the slots for registerType. */
export const secretCredentials: Record<string, { type: "password" }> = Object.fromEntries(
  Array.from({ length: secretSlots }, (_, slot) => [`secret${slot + 1}`, { type: "password" as const }]),
);

/** Value by name. Slots without a name or a value hold nothing. */
export function secretsOf(names: readonly string[], credentials: SecretCredentials): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name, slot): [string, string][] => {
      const value = credentials[`secret${slot + 1}`];
      return name && value ? [[name.trim(), value]] : [];
    }),
  );
}
