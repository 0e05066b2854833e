export * from "./thrown.ts";
