// Everything that `./x bench` can measure, in the order of the tables.
//
// A workload is { name, title, unit, peers, targets, measure(peer, plan), main_figure? }; measure
// returns the figures of one server. `main_figure` is per_second unless it says otherwise.
import { cold_start } from "./cold_start.mjs";
import { deployed_workers } from "./deployed_workers.mjs";
import { neighbour } from "./neighbour.mjs";
import { object_memory } from "./object_memory.mjs";
import { process_start } from "./process_start.mjs";
import { throughput } from "./throughput.mjs";
import { websocket } from "./websocket.mjs";

export const workloads = [...throughput, ...websocket, cold_start, deployed_workers, ...object_memory, ...process_start, neighbour];
