// env: the bindings of a worker, made from its version's description.
import { kv, objects, rateLimit } from "./groups.ts";
import { fetcherOf } from "./service.ts";
import { worker } from "./state.ts";

export interface BindingDescription {
  type: string;
  name: string;
  value: string;
  className: string;
  script: string;
  entrypoint: string;
  /** Of a service or a rate limit, as JSON; "" for none. */
  props: string;
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
      if (binding.script === worker.name) worker.boundClasses.add(binding.className);
      return objects.load().objectNamespaceOf({
        script: binding.script,
        className: binding.className,
      });
    case "service":
      return fetcherOf(binding.script, binding.entrypoint, binding.props);
    case "rate_limit": {
      const settings = JSON.parse(binding.props) as { limit: number; period: number };
      return new (rateLimit.load().Ratelimit)({ namespace: binding.value, ...settings });
    }
    case "assets":
      return fetcherOf(worker.name, "#assets", "");
    case "version_metadata":
      return binding.value !== ""
        ? (JSON.parse(binding.value) as object)
        : { id: versionId, tag: "", timestamp: "" };
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
