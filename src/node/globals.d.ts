// Of the platform, beside src/web/builtins/globals.d.ts.
declare var console: typeof import("../web/builtins/console.ts").console;
declare var crypto: typeof import("../web/builtins/crypto.ts").crypto;
declare function atob(text: string): string;
declare function btoa(text: string): string;
interface Uint8ArrayConstructor {
  fromBase64(text: string, options?: { alphabet?: "base64" | "base64url"; lastChunkHandling?: "loose" }): Uint8Array;
  fromHex(text: string): Uint8Array;
}
interface Uint8Array {
  toBase64(options?: { alphabet?: "base64" | "base64url"; omitPadding?: boolean }): string;
  toHex(): string;
}
