// What cloudflare:workers exports.
import * as workers from "cloudflare:workers";
import { print } from "lines";

export default async () => {
  for (const name of ["DurableObject", "WorkerEntrypoint", "RpcTarget", "RpcStub", "RpcPromise", "RpcProperty", "ServiceStub", "WorkflowEntrypoint", "env", "waitUntil", "withEnv", "exports"]) print(name, typeof workers[name]);
};
