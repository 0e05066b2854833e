// The door to C++ (see native_interface.d.ts). Present only while the startup snapshot is made.
export const natives: Natives = (globalThis as unknown as { __natives: Natives }).__natives;
