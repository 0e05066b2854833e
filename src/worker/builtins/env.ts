// env: the bindings of a worker, made from its version's description.
import { kv, objects } from "./groups.ts";
import { Fetcher } from "./service.ts";

export interface BindingDescription {
  type: string;
  name: string;
  value: string;
  className: string;
  script: string;
  entrypoint: string;
}

function makeBinding(binding: BindingDescription, versionId: string): unknown {
  switch (binding.type) {
    case "text":
    case "secret":
      return binding.value;
    case "json":
      return JSON.parse(binding.value);
    case "kv":
      return new (kv.load().KvNamespace)(binding.value);
    case "durable_object":
      return new (objects.load().DurableObjectNamespace)({
        script: binding.script,
        className: binding.className,
      });
    case "service":
      return new Fetcher(binding.script, binding.entrypoint);
    case "version_metadata":
      return { id: versionId, tag: "", timestamp: "" };
    default:
      throw new TypeError(`Binding ${binding.name} has the unknown type ${binding.type}`);
  }
}

export function fillEnv(
  env: Record<string, unknown>,
  bindings: BindingDescription[],
  versionId: string,
): void {
  for (const binding of bindings) env[binding.name] = makeBinding(binding, versionId);
}
