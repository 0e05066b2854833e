// The door to C++ (see native_interface.d.ts). Each function is made when a module first takes it:
// what only a group uses is not in the startup snapshot.
const { __nativeFunction: nativeFunction } = globalThis as unknown as {
  __nativeFunction: (name: string) => unknown;
};

export const natives = new Proxy(Object.create(null) as Record<string, unknown>, {
  get: (made, name: string) => (made[name] ??= nativeFunction(name)),
}) as unknown as Natives;
