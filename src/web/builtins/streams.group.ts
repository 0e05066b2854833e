export * from "./compression_streams.ts";
export * from "./encoding_streams.ts";
export * from "./identity_stream.ts";
export * from "./streams.ts";
