/** The text of a home that nobody has described yet. What its owner says goes into it, and it becomes home.yaml with the first save. */
export const starterHome = (
  timeZone: string,
): string => `# Your home. The pages of the engine write it; you may edit it by hand, too, and your comments stay.
version: 1
home: { name: Home, timeZone: ${timeZone} }
# What your line really carries; err on the low side.
wan: { down: 100 Mbit/s, up: 20 Mbit/s, assumed: true }
`;

/** The zone of this machine; UTC where it does not say. */
export const machineTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
