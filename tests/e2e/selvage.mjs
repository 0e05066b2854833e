export * from "../support/selvage.mjs";
