// https://nodejs.org/api/webstreams.html#utility-consumers
import { Buffer } from "node:buffer";

type Source = AsyncIterable<unknown> | Iterable<unknown>;

const encoder = new TextEncoder();

async function bytesOf(source: Source): Promise<any> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    if (typeof chunk === "string") chunks.push(encoder.encode(chunk));
    else if (ArrayBuffer.isView(chunk)) chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    else chunks.push(new Uint8Array(chunk as ArrayBuffer));
  }
  return (Buffer as any).concat(chunks);
}

export async function buffer(source: Source): Promise<unknown> {
  return await bytesOf(source);
}

export async function arrayBuffer(source: Source): Promise<ArrayBuffer> {
  const bytes: Uint8Array = await bytesOf(source);
  return bytes.buffer as ArrayBuffer;
}

export async function bytes(source: Source): Promise<Uint8Array> {
  return new Uint8Array(await arrayBuffer(source));
}

export async function text(source: Source): Promise<string> {
  return new TextDecoder().decode(await bytesOf(source));
}

export async function json(source: Source): Promise<unknown> {
  return JSON.parse(await text(source));
}

export async function blob(source: Source): Promise<Blob> {
  return new Blob([await bytesOf(source)]);
}
