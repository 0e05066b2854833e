// What this isolate runs: filled in when the worker's modules have been evaluated.

type ObjectClass = new (
  state: unknown,
  env: unknown,
) => { fetch?: (request: Request) => unknown };

export const worker = {
  /** Set by object_state.ts, which no worker without objects loads. */
  isObjectState: (_value: unknown): boolean => false,
  name: "",
  versionId: "",
  env: {} as Record<string, unknown>,
  /** Whether events and calls may be part of a trace. */
  traced: false,
  /** Compatibility flag delete_all_deletes_alarm. */
  deleteAllDeletesAlarm: true,
  /** ctx.exports: the worker's own entrypoints and objects, to be called as others call them. */
  exports: {} as Record<string, unknown>,
  /** Names of its classes that it binds as Durable Objects. */
  boundClasses: new Set<string>(),
  /** Exported classes, by name. */
  objectClasses: new Map<string, ObjectClass>(),
  /** Ids of the namespaces that objects are stored in, by "<worker>/<class>". */
  objectNamespaces: new Map<string, string>(),
};

/** The id of the namespace of a class. It stays when the class is renamed. */
export function namespaceId(script: string, className: string): string {
  return worker.objectNamespaces.get(`${script}/${className}`) ?? `${script}-${className}`;
}
