export * from "unenv/node/constants";
