// The machine a table was measured on, in the words of its first lines.
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { output } from "../paths.mjs";
import { quantile } from "./statistics.mjs";

/** Median microseconds of appending 4 KiB and fdatasync, where the servers keep their data. */
function sync_microseconds() {
  mkdirSync(output, { recursive: true });
  const path = join(output, "sync.probe");
  const file = openSync(path, "w");
  const page = Buffer.alloc(4096, 1);
  const times = [];
  for (let i = 0; i < 300; ++i) {
    const start = performance.now();
    writeSync(file, page, 0, page.length, i * page.length);
    fdatasyncSync(file);
    times.push((performance.now() - start) * 1000);
  }
  closeSync(file);
  rmSync(path);
  return Math.round(quantile(times, 0.5));
}

function file_system() {
  const names = { 0xef53: "ext4", 0x9123683e: "btrfs", 0x58465342: "xfs", 0x01021994: "tmpfs", 0x794c7630: "overlayfs" };
  const { type } = statfsSync(output);
  return names[type] ?? `type 0x${type.toString(16)}`;
}

const distribution = () => /^PRETTY_NAME="(.*)"/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";

export function describe_machine() {
  return {
    processor: cpus()[0].model,
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: distribution(),
    kernel: release(),
    sync_us: sync_microseconds(),
    file_system: file_system(),
    virtual: virtualisation(),
  };
}

function virtualisation() {
  try {
    return execFileSync("systemd-detect-virt", { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return /\bhypervisor\b/.test(readFileSync("/proc/cpuinfo", "latin1")) ? "a virtual machine" : "";
  }
}
