export * from "./blob.ts";
export * from "./form_data.ts";
export * from "./multipart.ts";
