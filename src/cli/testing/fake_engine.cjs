// Stands in for selvage_engine.node in tests of the supervisor: speaks the control protocol of
// deploy/engine_config.h and answers every request with what it was told to run. The names of
// workers make it misbehave.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");

exports.main = () => {
  const control = new net.Socket({ fd: 3, readable: true, writable: true });
  const say = (message) => control.write(JSON.stringify(message) + "\n");
  const servers = [];
  let config = {};
  let workers = [];
  let buffer = "";

  // One line for each event, for tests to read.
  const note = (event) =>
    fs.appendFileSync(`${config.data_directory}/events`, `${event} ${process.pid}\n`);
  const named = (name) => workers.some((worker) => worker.name === name);

  function answer(request, response) {
    if (request.url === "/die") process.kill(process.pid, "SIGKILL");
    if (request.url === "/recycle") say({ type: "recycle", reason: "asked to" });
    if (request.url === "/slow") return setTimeout(() => response.end("slow\n"), 300);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ pid: process.pid, config, workers }) + "\n");
  }

  function listen() {
    let waiting = config.listeners.length;
    const listening = () => {
      note("ready");
      say({ type: "ready" });
      if (named("asks-to-be-replaced") && !fs.existsSync(`${config.data_directory}/replaced`)) {
        fs.writeFileSync(`${config.data_directory}/replaced`, "");
        say({ type: "recycle", reason: "asked to" });
      }
    };
    if (waiting === 0) return listening();
    for (const listener of config.listeners) {
      const server = http.createServer(answer);
      servers.push(server);
      server.listen({ fd: listener.fd }, () => --waiting === 0 && listening());
    }
  }

  function drain() {
    note("drain");
    if (named("never-drains")) return;
    let open = servers.length;
    const finish = () => {
      note("end");
      process.exit(0);
    };
    if (open === 0) return finish();
    for (const server of servers) {
      server.close(() => --open === 0 && finish());
      server.closeIdleConnections();
    }
  }

  function take(message) {
    if (message.type === "start") {
      config = message;
      workers = message.workers;
      note("start");
      if (named("dies-at-start")) process.kill(process.pid, "SIGSEGV");
      if (named("dies-once")) {
        if (!fs.existsSync(`${config.data_directory}/died`)) {
          fs.writeFileSync(`${config.data_directory}/died`, "");
          process.exit(3);
        }
      }
      listen();
    } else if (message.type === "deploy") {
      const names = message.workers.map((worker) => worker.name);
      if (names.includes("kills-the-engine")) process.kill(process.pid, "SIGKILL");
      if (names.includes("cannot-start")) {
        return say({ type: "refused", worker: "cannot-start", message: "ReferenceError: nope" });
      }
      workers = message.workers;
      note("deployed");
      say({ type: "deployed" });
    } else if (message.type === "drain") {
      drain();
    }
  }

  control.on("data", (data) => {
    buffer += data;
    for (let end; (end = buffer.indexOf("\n")) >= 0; ) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 1);
      take(JSON.parse(line));
    }
  });
};
