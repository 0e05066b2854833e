// What was logged, for a record of the invocation: a JSON array, as workerd gives it to tails. Objects
// that are more than data (errors, instances of classes) are their text.

function isData(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function asText(value: unknown): string {
  try {
    if (value instanceof Error) return value.stack ?? String(value);
    return String(value);
  } catch {
    return "[object]";
  }
}

function asJson(value: unknown): string {
  if (value === undefined) return '"undefined"';
  try {
    if (typeof value !== "object" || value === null || isData(value)) {
      const text = JSON.stringify(value);
      if (text !== undefined) return text;
    }
  } catch {
    // Circular, a BigInt within, or a toJSON() that throws.
  }
  return JSON.stringify(asText(value));
}

export function logMessage(args: readonly unknown[]): string {
  return `[${args.map(asJson).join(",")}]`;
}
