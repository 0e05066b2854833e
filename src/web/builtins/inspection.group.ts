export * from "./inspect.ts";
export * from "./log_message.ts";
