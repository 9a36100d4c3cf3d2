import type { Finding } from "@network-personas/engine/driver";

export const ok = (check: string, message: string): Finding => ({ check, status: "ok", message, remedy: "" });
export const warning = (check: string, message: string, remedy: string): Finding => ({ check, status: "warning", message, remedy });
export const failed = (check: string, message: string, remedy: string): Finding => ({ check, status: "failed", message, remedy });
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
